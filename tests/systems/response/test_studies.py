"""Coverage, siting and simulation on their pages: asked, answered, shown; who may look, and what cannot be answered."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.people.models import Post
from mumian.place.models import Place
from mumian.systems.response.models import EmergencyUnit, Responder, Shift, Study
from mumian.systems.response.studies import asking
from mumian.systems.response.studies.ground import monday
from tests.conftest import QueryBudget
from tests.systems.response.emergency import Emergency, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db

WEEK = "2026-11-16"


@pytest.fixture
def here(city: small.City) -> Emergency:
    """Two grids of 300 and 100 people; the school stands in the first and has a shift on Monday from 8 to 16."""
    there = found(city, {"school": 40})
    Place.objects.filter(code=small.GRID).update(population=300)
    Place.objects.filter(code=small.NEXT_GRID).update(population=100)
    on_duty(there.units["school"], 8, 16)
    return there


def on_duty(unit: EmergencyUnit, begins: float, ends: float) -> None:
    """A shift of the unit in the week, in hours from Monday."""
    first = monday(date(2026, 11, 18))
    responder = Responder.objects.get(unit=unit)
    span = (first + timedelta(hours=begins), first + timedelta(hours=ends))
    Shift.objects.create(unit=unit, responder=responder, during=span)


def answered(visitor: Any, address: str) -> str:
    """The page of a study after it was answered."""
    first = visitor.get(address, follow=True)
    assert first["Refresh"] == "2"
    for study in Study.objects.filter(ended_at=None):
        asking.answer(study.pk)
    page: str = visitor.get(address, follow=True).content.decode()
    return page


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


ASKED = f"/response/coverage?week={WEEK}&pace=walk&minutes=1"


def test_coverage_is_reckoned_once_and_shown_for_every_hour(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    page = answered(visitor, f"{ASKED}&hour=9")
    assert ProcrastinateJob.objects.filter(task_name="response.study").count() == 1
    assert "75%" in page  # the school's own grid: 300 of 400
    assert page.count('aria-current="true"') >= 1
    with query_budget("response coverage"):
        page = visitor.get(f"{ASKED}&hour=17").content.decode()
    assert "0%" in page
    assert "school" in page  # a shift of it would help
    assert Study.objects.count() == 1
    # all are reached within five minutes, of which the table of what is missing says so
    assert "100%" in visitor.get(f"{ASKED}&hour=9&minutes=5").content.decode()


def test_the_table_has_every_grid_with_its_seconds(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    answered(visitor, f"{ASKED}&hour=9")
    near, far = rows(visitor.get(f"{ASKED}&hour=9&format=csv"))
    assert (near["code"], near["within_1"], near["people"]) == (small.GRID, "1", "300.0")
    assert (far["within_1"], far["within_5"], far["hours_of_week_reached"]) == ("0", "1", "0")
    assert 0 < int(near["seconds"]) < 60 < int(far["seconds"])
    assert near["nearest_unit_code"] == "unit-school"
    [night, _] = rows(visitor.get(f"{ASKED}&hour=3&format=csv"))
    assert (night["seconds"], night["hours_of_week_reached"]) == ("", "8")


def test_units_are_on_the_map_by_whether_they_are_on_duty(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    answered(visitor, f"{ASKED}&hour=9")
    address = ASKED.replace("coverage?", "coverage/units.json?")
    with query_budget("response coverage units"):
        [day] = visitor.get(f"{address}&hour=9").json()["features"]
    [night] = visitor.get(f"{address}&hour=17").json()["features"]
    assert (day["properties"]["colour"], night["properties"]["colour"]) == ("leaf", "neutral")


def test_one_sees_the_coverage_of_the_own_place_alone(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    assert visitor.get("/response/coverage?place=4401").status_code == 404
    assert visitor.get("/response/coverage?place=440103009").status_code == 404
    assert visit("at-school").get("/response/coverage")["Location"] == "/response/me"
    assert "/sign-in" in visit().get("/response/coverage")["Location"]
    Post.objects.filter(pk=here.city.posts["duty"].pk).update(place="440103002")
    assert visit("duty").get(f"/response/coverage?place={small.TOWN}").status_code == 404


def test_grids_without_a_number_of_people_count_alike_and_the_page_says_so(
    here: Emergency, visit: Visit
) -> None:
    Place.objects.update(population=None)
    page = answered(visit("duty"), f"{ASKED}&hour=9")
    assert "50%" in page
    assert "没有人口数" in page


def test_an_answer_grows_old_and_is_reckoned_anew_while_it_is_shown(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    answered(visitor, f"{ASKED}&hour=9")
    on_duty(here.units["school"], 16, 20)
    Study.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    assert "75%" in visitor.get(f"{ASKED}&hour=9").content.decode()
    [newest] = Study.objects.filter(ended_at=None)
    asking.answer(newest.pk)
    assert "75%" in visitor.get(f"{ASKED}&hour=17").content.decode()


def test_a_city_without_outlines_is_told_what_is_missing(here: Emergency, visit: Visit) -> None:
    Place.objects.update(outline=None, lon=None, lat=None)
    page = answered(visit("duty"), f"{ASKED}&hour=9")
    assert "先导入" in page
