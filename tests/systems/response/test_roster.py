"""The roster: no two shifts of one responder overlap, one on offer is taken over, and all of it is on the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from mumian.engine.perform import keyed_id
from mumian.people.models import Post
from mumian.record.models import Entry
from mumian.systems.response import rosters
from mumian.systems.response.desk import readiness
from mumian.systems.response.models import Duty, Responder, Shift
from mumian.systems.response.nearest import Spot, nearest
from mumian.systems.response.rosters import NoShift
from tests.systems.response.emergency import NOW, SPOT, Emergency, found, later
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city, {"school": 40, "mall": 90})


@pytest.fixture
def own(here: Emergency) -> Responder:
    """A responder who goes by the roster."""
    Responder.objects.update(duty=Duty.ROSTER)
    return Responder.objects.get(unit=here.units["school"])


def reached(at: float) -> list[int]:
    return [each.unit for each in nearest(Spot(*SPOT, "05"), later(at), {300: 5})]


def test_one_is_called_while_a_shift_lasts_and_not_at_its_end(here: Emergency, own: Responder) -> None:
    rosters.add(own, later(0), later(8 * HOUR), here.actor("school"))
    assert reached(0) == [own.unit_id]
    assert reached(8 * HOUR - 1) == [own.unit_id]
    assert reached(8 * HOUR) == []
    assert reached(-1) == []


def test_off_duty_by_phone_comes_before_the_roster(here: Emergency, own: Responder) -> None:
    rosters.add(own, later(0), later(8 * HOUR), here.actor("school"))
    Responder.objects.filter(pk=own.pk).update(duty=Duty.OFF)
    assert reached(10) == []


@pytest.mark.parametrize(("begins", "ends"), [(4, 12), (-4, 1), (1, 2), (-1, 9), (0, 8)])
def test_a_shift_that_overlaps_is_refused(here: Emergency, own: Responder, begins: int, ends: int) -> None:
    rosters.add(own, later(0), later(8 * HOUR), here.actor("school"))
    with pytest.raises(NoShift):
        rosters.add(own, later(begins * HOUR), later(ends * HOUR), here.actor("school"))
    assert Shift.objects.count() == 1


def test_one_shift_may_follow_on_another(here: Emergency, own: Responder) -> None:
    rosters.add(own, later(0), later(8 * HOUR), here.actor("school"))
    rosters.add(own, later(8 * HOUR), later(12 * HOUR), here.actor("school"))
    assert Shift.objects.count() == 2


@pytest.mark.parametrize("hours", [0, -1, 25])
def test_a_shift_ends_after_it_begins_and_within_a_day(here: Emergency, own: Responder, hours: int) -> None:
    with pytest.raises(NoShift):
        rosters.add(own, NOW, NOW + timedelta(hours=hours), here.actor("school"))


def test_a_shift_on_offer_is_taken_over_once_by_one_of_the_same_unit(here: Emergency, own: Responder) -> None:
    by = here.actor("school")
    shift = rosters.add(own, later(0), later(8 * HOUR), by)
    mate = Responder.objects.create(unit=here.units["school"], name="同事", phone="1")
    other = Responder.objects.get(unit=here.units["mall"])
    with pytest.raises(NoShift):
        rosters.take(shift, mate, by)
    rosters.offer(shift, by)
    with pytest.raises(NoShift):
        rosters.take(shift, other, here.actor("mall"))
    rosters.take(shift, mate, by)
    assert Shift.objects.get().responder == mate
    with pytest.raises(NoShift):
        rosters.take(shift, mate, by)
    entries = Entry.objects.filter(subject=keyed_id("shift", str(shift.pk))).order_by("seq")
    assert [each.action for each in entries] == ["sign-up", "offer", "take"]


@pytest.fixture
def two(here: Emergency, own: Responder) -> tuple[Shift, Shift]:
    """A shift on offer, and one of a colleague that follows on it."""
    by = here.actor("school")
    mate = Responder.objects.create(unit=here.units["school"], name="同事", phone="1")
    wanted = rosters.add(own, later(0), later(8 * HOUR), by)
    given = rosters.add(mate, later(8 * HOUR), later(16 * HOUR), by)
    rosters.offer(wanted, by)
    return wanted, given


def test_two_shifts_change_hands_at_once_when_a_proposal_is_accepted(
    here: Emergency, two: tuple[Shift, Shift]
) -> None:
    (wanted, given), by = two, here.actor("school")
    before = {each.pk: each.responder_id for each in two}
    rosters.propose(given, wanted, by)
    given.refresh_from_db()
    rosters.swap(given, by)
    after = dict(Shift.objects.values_list("pk", "responder"))
    assert after == {wanted.pk: before[given.pk], given.pk: before[wanted.pk]}
    assert not Shift.objects.filter(offered=True).exists()
    with pytest.raises(NoShift):
        rosters.swap(given, by)
    assert Entry.objects.filter(action="swap").count() == 2


def test_a_swap_that_would_overlap_is_refused_and_one_taken_over_meanwhile_is_gone(
    here: Emergency, two: tuple[Shift, Shift]
) -> None:
    (wanted, given), by = two, here.actor("school")
    third = Responder.objects.create(unit=here.units["school"], name="另一同事", phone="2")
    long = rosters.add(third, later(4 * HOUR), later(12 * HOUR), by)
    own = rosters.add(wanted.responder, later(10 * HOUR), later(11 * HOUR), by)
    with pytest.raises(NoShift):  # whoever offers it is on duty at ten already
        rosters.propose(long, wanted, by)
    rosters.give_up(own, by)
    rosters.propose(long, wanted, by)  # each gives what would overlap
    rosters.take(wanted, given.responder, by)
    long.refresh_from_db()
    with pytest.raises(NoShift):
        rosters.swap(long, by)


def test_one_proposes_on_the_page_and_the_other_accepts(
    here: Emergency, own: Responder, visit: Visit
) -> None:
    by = here.actor("school")
    mate = Responder.objects.create(
        unit=here.units["school"], name="同事", phone="1", person=here.city.people["at-mall"]
    )
    Post.objects.filter(person=mate.person).update(organisation=here.units["school"].organisation)
    now = timezone.now()
    wanted = rosters.add(own, now + timedelta(hours=1), now + timedelta(hours=3), by)
    given = rosters.add(mate, now + timedelta(hours=5), now + timedelta(hours=7), by)
    rosters.offer(wanted, by)
    shifts = "/response/roster/shifts"
    assert visit("at-school").post(f"{shifts}/{given.pk}/swap").status_code == 404
    assert visit("at-mall").post(f"{shifts}/{wanted.pk}/propose", {"mine": wanted.pk}).status_code == 404
    visit("at-mall").post(f"{shifts}/{wanted.pk}/propose", {"mine": given.pk})
    assert "同事" in visit("at-school").get("/response/roster").content.decode()
    assert visit("at-mall").post(f"{shifts}/{given.pk}/swap").status_code == 404
    visit("at-school").post(f"{shifts}/{given.pk}/swap")
    given.refresh_from_db()
    assert given.responder == own


def test_a_desk_sees_how_many_are_ready(here: Emergency, own: Responder) -> None:
    assert readiness(small.TOWN) == (2, 0)
    rosters.add(
        own, timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1), here.actor("school")
    )
    assert readiness(small.TOWN) == (2, 1)
    assert readiness("440103002") == (0, 0)


def test_the_desk_finds_the_units_without_anybody(here: Emergency, visit: Visit) -> None:
    Responder.objects.filter(unit=here.units["mall"]).update(duty=Duty.OFF)
    page = visit("duty").get("/response/roster?gaps=1").content.decode()
    assert "mall单元" in page
    assert "school单元" not in page


def test_one_signs_up_offers_and_gives_up_on_the_page(here: Emergency, own: Responder, visit: Visit) -> None:
    visitor = visit("at-school")
    day = timezone.localdate().isoformat()
    visitor.post("/response/roster/sign-up", {"day": day, "begins": "22:00", "ends": "06:00"})
    shift = Shift.objects.get()
    assert shift.during.upper - shift.during.lower == timedelta(hours=8)
    again = visitor.post(
        "/response/roster/sign-up", {"day": day, "begins": "23:00", "ends": "23:30"}, follow=True
    )
    assert "重叠" in again.content.decode()
    assert visitor.post("/response/roster/sign-up", {"day": "x"}).status_code == 302
    visitor.post(f"/response/roster/shifts/{shift.pk}/offer")
    assert "待接班" in visitor.get("/response/roster").content.decode()
    assert visit("at-mall").post(f"/response/roster/shifts/{shift.pk}/take").status_code == 404
    visitor.post(f"/response/roster/shifts/{shift.pk}/give-up")
    assert not Shift.objects.exists()
