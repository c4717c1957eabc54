"""A unit's page: what it can do and who is ready; corrected by the desk of its place, which choosing heeds at once."""

from __future__ import annotations

import pytest

from mumian.people.models import Post
from mumian.record.models import Entry
from mumian.systems.response.models import Duty, EmergencyUnit, Responder
from mumian.systems.response.nearest import Spot, nearest
from mumian.systems.response.rosters import unit_subject
from tests.conftest import QueryBudget
from tests.systems.response.emergency import NOW, SPOT, Emergency, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city, {"school": 40, "mall": 90})


def test_the_page_shows_what_a_unit_has_and_who_is_ready(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    unit = here.units["school"]
    EmergencyUnit.objects.filter(pk=unit.pk).update(
        premises="school", equipment=["defibrillator"], leader="王主任"
    )
    Responder.objects.filter(unit=unit).update(skills=["first-aid"])
    Responder.objects.create(unit=unit, name="休班的人", phone="2", duty=Duty.OFF)
    desk = visit("duty")
    desk.get(f"/response/units/{unit.pk}")
    with query_budget("response unit"):
        page = desk.get(f"/response/units/{unit.pk}").content.decode()
    for said in ("学校", "除颤器", "王主任", "急救", "休班的人", "不在岗"):
        assert said in page


def test_what_the_desk_corrects_is_heeded_by_the_next_choice_and_on_record(
    here: Emergency, visit: Visit
) -> None:
    unit, spot = here.units["school"], Spot(*SPOT, "05")
    assert [each.unit for each in nearest(spot, NOW, {300: 1})] == [unit.pk]
    sent = {"kinds": ["01", "02"], "equipment": ["fire"], "leader": "李", "phone": "1", "active": "yes"}
    assert visit("duty").post(f"/response/units/{unit.pk}", sent).status_code == 302
    assert [each.unit for each in nearest(spot, NOW, {300: 1})] == [here.units["mall"].pk]
    visit("duty").post(f"/response/units/{unit.pk}", {**sent, "kinds": [], "active": ""})
    assert [each.unit for each in nearest(Spot(*SPOT, "01"), NOW, {300: 1})] == [here.units["mall"].pk]
    actions = Entry.objects.filter(subject=unit_subject(unit.pk)).values_list("action", flat=True)
    assert list(actions) == ["correct-unit", "correct-unit"]


def test_a_desk_elsewhere_and_a_responder_do_not_come_in(here: Emergency, visit: Visit) -> None:
    page = f"/response/units/{here.units['school'].pk}"
    assert visit("at-school").post(page)["Location"] == "/response/me"
    Post.objects.filter(pk=here.city.posts["duty"].pk).update(place="440103002")
    assert visit("duty").get(page).status_code == 404
    assert visit("duty").post(page, {"active": ""}).status_code == 404
    assert EmergencyUnit.objects.get(pk=here.units["school"].pk).active


def test_its_map_shows_it_with_its_rings_among_the_others_to_those_of_its_place_alone(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    unit = here.units["school"]
    desk = visit("duty")
    page = f"/response/units/{unit.pk}/map.json"
    desk.get(page)
    with query_budget("response unit's map"):
        drawn = desk.get(page).json()["features"]
    [own] = [each for each in drawn if each["properties"].get("state") == "own"]
    stored = EmergencyUnit.objects.get(pk=unit.pk)
    assert own["geometry"]["coordinates"] == [stored.lon, stored.lat]
    rings = [each for each in drawn if each["properties"]["what"] == "ring"]
    assert [each["properties"]["title"] for each in rings] == ["1", "3", "5"]
    east = [max(lon for lon, _ in each["geometry"]["coordinates"]) for each in rings]
    assert stored.lon < east[0] < east[1] < east[2]
    assert sum(each["properties"]["what"] == "unit" for each in drawn) == len(here.units) + 1
    Post.objects.filter(pk=here.city.posts["duty"].pk).update(place="440103002")
    assert visit("duty").get(page).status_code == 404
