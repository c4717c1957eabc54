"""Mediators and rooms on pages: an organiser keeps those of the own place, and what is wrong loses nothing typed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from mumian.engine.storing import load
from mumian.people.models import Organisation, Person, Post
from mumian.record.models import Entry
from mumian.systems.mediation.appointing import candidates, why_not
from mumian.systems.mediation.models import Body, Mediator, MeetingRoom, Session, Tie
from tests.conftest import QueryBudget
from tests.systems.mediation.dispute import Mediating, do, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db

FRESH: dict[str, Any] = {
    "name": "新调解", "username": "fresh", "phone": "139", "code": "M-new", "sort": "part-time", "fields_": ["06", "01"],
    "languages": ["zh", "sign"], "place": small.COMMUNITY, "reach": small.TOWN, "capacity": "6", "hours": "周三下午",
    "relation": "孙房东\n\n孙房东\n李四", "client": "某公司",
}  # fmt: skip


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


@pytest.fixture
def at(here: Mediating) -> str:
    return f"/mediation/roster/{here.room.body_id}"


def test_an_organiser_sees_who_mediates_and_where(
    here: Mediating, visit: Visit, query_budget: QueryBudget
) -> None:
    organiser = visit("organiser")
    organiser.get("/mediation/roster")
    with query_budget("mediation roster"):
        page = organiser.get("/mediation/roster").content.decode()
    for name in ("石溪人民调解委员会", "王调解", "赵调解", "一号调解室"):
        assert name in page


def test_a_mediator_is_added_and_may_be_chosen_but_never_by_those_he_or_she_is_tied_to(
    here: Mediating, at: str, visit: Visit
) -> None:
    organiser = visit("organiser")
    done = organiser.post(f"{at}/mediators/new", FRESH, follow=True)
    assert done.status_code == 200
    made = Mediator.objects.get(code="M-new")
    assert (made.fields, made.languages, made.capacity, made.reach) == (
        ["06", "01"], ["zh", "sign"], 6, small.TOWN,
    )  # fmt: skip
    assert set(Tie.objects.filter(mediator=made).values_list("sort", "name")) == {
        ("relation", "孙房东"), ("relation", "李四"), ("client", "某公司"),
    }  # fmt: skip
    assert Post.objects.get(person=made.person).role_id == "mediator"
    assert "/welcome/" in done.content.decode()  # where the password is chosen
    assert Entry.objects.filter(action="add", person=here.city.people["organiser"].pk).exists()
    against_landlord, against_another = here.choosing(), here.choosing(respondent_name="别人")
    assert made not in [each.mediator for each in candidates(load([against_landlord])[against_landlord])]
    assert made in [each.mediator for each in candidates(load([against_another])[against_another])]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "name"),
        ({"code": "M-mediator"}, "code"),
        ({"languages": []}, "languages"),
        ({"place": "9999"}, "place"),
        ({"capacity": "很多"}, "capacity"),
        ({"since": "2999"}, "since"),
        ({"username": "resident"}, "username"),  # somebody else's account
        ({"username": "second", "name": "赵调解"}, "username"),  # a mediator already
        ({"fields_": ["99"]}, "fields_"),
        ({"client": "长" * 201}, "client"),
    ],
)
def test_what_is_wrong_with_a_mediator_is_said_at_its_field_and_all_that_was_typed_stays(
    here: Mediating, at: str, visit: Visit, wrong: dict[str, Any], said: str
) -> None:
    before = Person.objects.count()
    answer = visit("organiser").post(f"{at}/mediators/new", FRESH | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert set(re.findall(r'href="#id_(\w+)"', page)) == {said}
    assert "周三下午" in page
    assert Person.objects.count() == before
    assert not Mediator.objects.filter(code="M-new").exists()


def test_an_account_that_is_there_becomes_a_mediators_and_keeps_its_password(
    here: Mediating, at: str, visit: Visit
) -> None:
    account = here.city.people["resident"]
    again = {**FRESH, "username": account.username, "name": account.name, "phone": "1"}
    page = visit("organiser").post(f"{at}/mediators/new", again, follow=True).content.decode()
    assert Mediator.objects.get(code="M-new").person_id == account.pk
    assert "/welcome/" not in page
    assert Person.objects.get(pk=account.pk).phone == account.phone


def test_a_mediator_is_changed_retired_and_comes_back(here: Mediating, at: str, visit: Visit) -> None:
    organiser, kept = visit("organiser"), here.mediators["second"]
    page = f"{at}/mediators/{kept.pk}"
    assert 'value="M-second"' in organiser.get(page).content.decode()
    organiser.post(page, FRESH | {"code": "M-second", "capacity": "3"})
    kept.refresh_from_db()
    assert (kept.capacity, str(kept)) == (3, "赵调解")  # the name is an administrator's to change
    changed = Entry.objects.filter(action="change").latest("at").body["fields"]
    assert "capacity" in changed
    assert "languages" in changed
    matter = here.choosing(respondent_name="别人")
    assert why_not(load([matter])[matter], kept) is None
    organiser.post(f"{page}/retire")
    kept.refresh_from_db()
    assert [why_not(load([matter])[matter], kept).code] == ["full"]  # type: ignore[union-attr]
    assert kept not in [each.mediator for each in candidates(load([matter])[matter])]
    assert not Post.objects.get(person=kept.person).held_on(timezone.localdate() + timedelta(days=1))
    assert "赵调解" not in visit().get("/mediation").content.decode()
    organiser.post(f"{page}/retire")
    assert Post.objects.get(person=kept.person).held_on(timezone.localdate() + timedelta(days=1))
    assert "赵调解" in visit().get("/mediation").content.decode()


def test_a_mediator_who_retires_keeps_the_cases_in_hand(here: Mediating, at: str, visit: Visit) -> None:
    matter = here.mediating()
    page = visit("organiser").post(f"{at}/mediators/{here.mediators['mediator'].pk}/retire", follow=True)
    assert "1" in page.content.decode()
    do("fail", here.actor("mediator"), matter, reason="差距过大")


def test_a_room_is_added_changed_and_given_up_but_not_while_somebody_is_to_meet_there(
    here: Mediating, at: str, visit: Visit
) -> None:
    organiser = visit("organiser")
    assert organiser.post(f"{at}/rooms/new", {"name": "二号调解室", "seats": "4"}).status_code == 302
    assert organiser.post(f"{at}/rooms/new", {"name": "二号调解室", "seats": "4"}).status_code == 422
    wrong = organiser.post(f"{at}/rooms/new", {"name": "三号调解室", "seats": "0"})
    assert wrong.status_code == 422
    assert "三号调解室" in wrong.content.decode()
    made = MeetingRoom.objects.get(name="二号调解室")
    organiser.post(f"{at}/rooms/{made.pk}", {"name": "二号房", "seats": "5"})
    made.refresh_from_db()
    assert (made.name, made.seats) == ("二号房", 5)
    soon = datetime.now(UTC) + timedelta(days=2)
    session = Session.objects.create(
        matter=here.city.people["resident"].pk, number=1, mediator=here.mediators["mediator"], room=made, mode="on-site",
        during=DateTimeTZRange(soon, soon + timedelta(hours=1)),
    )  # fmt: skip
    organiser.post(f"{at}/rooms/{made.pk}/close")
    assert MeetingRoom.objects.get(pk=made.pk).active
    session.delete()
    organiser.post(f"{at}/rooms/{made.pk}/close")
    assert not MeetingRoom.objects.get(pk=made.pk).active


def test_what_the_public_is_told_of_an_organisation_is_changed(
    here: Mediating, at: str, visit: Visit
) -> None:
    told = {"address": "石溪大街 9 号", "phone": "020-9", "hours": "周末", "fee": "", "fields_": ["06"]}
    assert visit("organiser").post(at, told).status_code == 302
    assert Body.objects.get(pk=here.room.body_id).fields == ["06"]
    assert "石溪大街 9 号" in visit().get("/mediation?what=bodies").content.decode()


def test_nobody_else_and_no_organiser_of_another_place_changes_it(
    here: Mediating, at: str, visit: Visit
) -> None:
    elsewhere = Body.objects.create(
        organisation=Organisation.objects.create(code="far", name="远处调委会", kind="x", place="440104001")
    )
    pages = [
        at,
        f"{at}/mediators/new",
        f"{at}/mediators/{here.mediators['second'].pk}/retire",
        f"{at}/rooms/new",
    ]
    for name in ("mediator", "resident", "clerk", "administrator"):
        for page in pages:
            assert visit(name).post(page, FRESH).status_code == 403, (name, page)
    for page in pages:
        far = page.replace(at, f"/mediation/roster/{elsewhere.pk}")
        assert visit("organiser").post(far, FRESH).status_code == 404, page
    assert "远处调委会" not in visit("organiser").get("/mediation/roster").content.decode()
    assert Mediator.objects.get(pk=here.mediators["second"].pk).active
