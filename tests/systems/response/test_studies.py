"""Coverage, siting and simulation on their pages: asked, answered, shown; who may look, and what cannot be answered."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from typer.testing import CliRunner

from mumian.errors import MumianError
from mumian.people.models import Post
from mumian.place.models import Place
from mumian.systems.response import commands
from mumian.systems.response.bench import square_city
from mumian.systems.response.models import EmergencyUnit, Responder, Shift, Study
from mumian.systems.response.network import Mode, Network
from mumian.systems.response.studies import asking, covered
from mumian.systems.response.studies.ground import monday
from tests.conftest import QueryBudget
from tests.systems.response.emergency import Emergency, found, raised
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


def said(study: Study) -> dict[str, Any]:
    assert study.answer is not None, study.fault
    found: dict[str, Any] = study.answer
    return found


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


def test_ways_are_those_of_the_roads_that_were_imported(here: Emergency, visit: Visit, settings: Any) -> None:
    blocks = square_city(12, block=50.0)
    edges = replace(blocks.edges, lon=blocks.edges.lon + 113.2495, lat=blocks.edges.lat + 23.0985)
    (settings.DATA / "roads").mkdir()
    Network(Mode.WALK, edges).save(settings.DATA / "roads" / "walk.npz")
    visitor = visit("duty")
    page = answered(visitor, f"{ASKED}&hour=9")
    assert "按导入的路网" in page
    _near, far = rows(visitor.get(f"{ASKED}&hour=9&format=csv"))
    by_road = int(far["seconds"])
    (settings.DATA / "roads" / "walk.npz").unlink()
    visitor.post(f"{ASKED}&hour=9")
    asking.answer(Study.objects.get(ended_at=None).pk)
    _near, far = rows(visitor.get(f"{ASKED}&hour=9&format=csv"))
    assert int(far["seconds"]) != by_road
    assert "没有导入路网" in visitor.get(f"{ASKED}&hour=9").content.decode()


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


def test_what_nobody_needs_any_more_is_taken_away_with_its_files(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    answered(visitor, f"{ASKED}&hour=9")
    Study.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    [first] = Study.objects.all()
    kept = asking.folder_of(first) / "codes.npy"
    visitor.post(ASKED)
    [second] = Study.objects.filter(ended_at=None)
    assert kept.exists()
    asking.answer(second.pk)
    assert not kept.exists()
    assert list(Study.objects.all()) == [second]


def test_too_many_units_are_not_drawn_and_that_is_said(
    here: Emergency, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covered, "MOST_UNITS", 0)
    visitor = visit("duty")
    answered(visitor, f"{ASKED}&hour=9")
    found = visitor.get(ASKED.replace("coverage?", "coverage/units.json?")).json()
    assert (found["features"], found["many"]) == ([], True)


def test_a_city_without_units_reaches_nobody_and_is_told_where_to_begin(
    here: Emergency, visit: Visit
) -> None:
    EmergencyUnit.objects.all().delete()
    visitor = visit("duty")
    page = answered(visitor, f"{ASKED}&hour=9")
    assert "0%" in page
    assert "附近增设一个单元" in page
    assert all(row["seconds"] == "" for row in rows(visitor.get(f"{ASKED}&hour=9&format=csv")))
    _page, study = found_by(visitor, count="2")
    assert said(study)["after"] == pytest.approx(1)
    _page, study = found_by(visitor, model="mean", count="1", span="hour", day="0", clock="9")
    assert said(study)["figures"][0]["before"] == 1200
    _page, study = played(visitor, change="siting", siting=str(Study.objects.filter(kind="siting")[0].pk))
    assert said(study)["before"]["lost"] == said(study)["calls"]


def test_a_city_without_outlines_is_told_what_is_missing(here: Emergency, visit: Visit) -> None:
    Place.objects.update(outline=None, lon=None, lat=None)
    page = answered(visit("duty"), f"{ASKED}&hour=9")
    assert "先导入" in page


WANTED = {"place": small.TOWN, "week": WEEK, "pace": "walk", "minutes": "1", "count": "1", "span": "week"}


def found_by(visitor: Any, **asked: str) -> tuple[str, Study]:
    """What siting says to a question."""
    page = visitor.post("/response/siting", {**WANTED, **asked})["Location"]
    shown = answered(visitor, page)
    return shown, Study.objects.get(kind=Study.Kind.SITING, pk=int(page.rsplit("/", 1)[1]))


def test_one_more_unit_is_put_where_it_reaches_most_people_over_the_week(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    page, study = found_by(visitor)
    assert said(study)["status"] == "optimal"
    [site] = said(study)["sites"]
    assert site["code"] == small.GRID
    assert site["people"] == pytest.approx(300 * 160 / 168)  # the school is there for 8 of 168 hours
    assert (site["before"], site["after"]) == (pytest.approx(0.75 * 8 / 168), pytest.approx(0.75))
    assert "75.0%" in page
    with query_budget("response siting found"):
        visitor.get(f"/response/siting/{study.pk}")
    [row] = rows(visitor.get(f"/response/siting/{study.pk}?format=csv"))
    assert (row["code"], row["order"], row["until_hour"]) == (small.GRID, "1", "24")
    with query_budget("response siting"):
        assert "3.6%" not in visitor.get("/response/siting").content.decode()


def test_a_shift_more_is_given_to_a_unit_where_it_helps_most(here: Emergency, visit: Visit) -> None:
    page, study = found_by(visit("duty"), what="shifts", count="2")
    assert "school" in page
    assert [(each["from"], each["until"]) for each in said(study)["sites"]] in (
        [(0, 8), (16, 24)],
        [(16, 24), (0, 8)],
    )
    assert said(study)["after"] == pytest.approx(0.75 * (8 + 112) / 168)


@pytest.mark.parametrize("model", ["all", "twice", "expected", "mean", "worst"])
def test_each_question_of_siting_is_answered(here: Emergency, visit: Visit, model: str) -> None:
    _page, study = found_by(visit("duty"), model=model, count="2")
    answer = said(study)
    assert (answer["status"], answer["gap"]) == ("optimal", 0)
    assert {each["code"] for each in answer["sites"]} <= {small.GRID, small.NEXT_GRID}
    assert answer["after"] >= answer["before"]
    for figure in answer["figures"]:
        change = figure["after"] - figure["before"]
        assert change < 0 if model in ("mean", "worst") else change >= 0


def test_what_siting_cannot_answer_is_said_and_nothing_is_shown_elsewhere(
    here: Emergency, visit: Visit
) -> None:
    here.units["school"].delete()
    page, study = found_by(visit("duty"), what="shifts")
    assert "没有应急单元" in page
    Post.objects.filter(pk=here.city.posts["duty"].pk).update(place="440103002")
    assert visit("duty").get(f"/response/siting/{study.pk}").status_code == 404
    assert visit("duty").post("/response/siting", WANTED).status_code == 404


PLAYED = {
    "place": small.TOWN,
    "week": WEEK,
    "pace": "walk",
    "rate": "400",
    "on_scene": "10",
    "wanted": "1",
    "weeks": "2",
}


def played(visitor: Any, **asked: Any) -> tuple[str, Study]:
    """What simulation says to a change."""
    page = visitor.post("/response/simulation", {**PLAYED, **asked})["Location"]
    shown = answered(visitor, page)
    return shown, Study.objects.get(kind=Study.Kind.SIMULATION, pk=int(page.rsplit("/", 1)[1]))


def test_without_shifts_nobody_comes_and_the_same_seed_plays_the_same_weeks(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    _page, study = played(visitor, change="fewer", fewer="100")
    before, after = said(study)["before"], said(study)["after"]
    assert said(study)["duty_before"] == 8
    assert after["lost"] == said(study)["calls"]
    assert 0 < before["within"]["3"] < 0.2  # help is there for 8 of 168 hours
    with query_budget("response simulation found"):
        visitor.get(f"/response/simulation/{study.pk}")
    with query_budget("response simulation"):
        visitor.get("/response/simulation")
    again = visitor.post(f"/response/simulation/{study.pk}")["Location"]
    asking.answer(int(again.rsplit("/", 1)[1]))
    assert Study.objects.get(pk=int(again.rsplit("/", 1)[1])).answer == study.answer


def test_what_siting_found_is_played_with(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    _page, siting = found_by(visitor)
    page, study = played(visitor, change="siting", siting=str(siting.pk))
    before, after = said(study)["before"], said(study)["after"]
    assert after["within"]["5"] > before["within"]["5"]
    assert after["lost"] < before["lost"]
    assert said(study)["duty_after"] == said(study)["duty_before"] + 168
    assert said(study)["differences"][0]["low"] > 0
    assert "增设单元 1" in page
    table = {row["figure"]: row for row in rows(visitor.get(f"/response/simulation/{study.pk}?format=csv"))}
    assert float(table["lost"]["after"]) == after["lost"]


def test_another_roster_is_played_and_a_broken_one_is_refused(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    days = (f"unit-school,2026-11-{day} 00:00,2026-11-{day + 1} 00:00" for day in range(16, 23))
    table = "\n".join(["unit_code,begins,ends", *days])
    broken = table.replace("2026-11-17 00:00", "2026-11-16T24:00", 1)
    answer = visitor.post(
        "/response/simulation",
        {**PLAYED, "change": "roster", "file": SimpleUploadedFile("a.csv", broken.encode())},
    )
    assert answer.status_code == 422
    assert "第 2 行" in answer.content.decode()
    assert not Study.objects.exists()
    _page, study = played(visitor, change="roster", file=SimpleUploadedFile("a.csv", table.encode()))
    assert (said(study)["duty_before"], said(study)["duty_after"]) == (8, 168)
    assert said(study)["after"]["lost"] < said(study)["before"]["lost"]


def test_incidents_are_taken_from_the_record_where_none_are_given(here: Emergency, visit: Visit) -> None:
    page, _study = played(visit("duty"), change="none", rate="", on_scene="")
    assert "每周" in page  # none is on record: how many a week is to be said
    for minute in range(8):
        raised(at=timezone.now() - timedelta(minutes=minute))
    _page, study = played(visit("duty"), change="none", rate="", on_scene="", weeks="12", seed="3")
    assert said(study)["on_record"] == 8
    assert said(study)["calls"] < 20


def test_the_same_is_asked_from_the_command_line(
    here: Emergency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "prepare", lambda: None)
    asked = ["--place", small.TOWN, "--pace", "walk", "--week", WEEK]

    def table(*arguments: str) -> list[dict[str, str]]:
        out = tmp_path / "out.csv"
        done = CliRunner().invoke(commands.app, [*arguments, *asked, "--out", str(out)])
        assert done.exit_code == 0, done.output
        return list(csv.DictReader(out.open(encoding="utf-8-sig")))

    week = table("coverage")
    assert (len(week), week[9]["within_1"], week[17]["within_5"]) == (168, "0.75", "0.0")
    assert [row["within_1"] for row in table("coverage", "--hour", "9")] == ["1", "0"]
    [site] = table("siting", "--count", "1", "--minutes", "1")
    assert site["code"] == small.GRID
    [found] = Study.objects.filter(kind=Study.Kind.SITING)
    figures = {row["figure"]: row for row in table("simulate", "--rate", "400", "--siting", str(found.pk))}
    assert int(figures["lost"]["after"]) < int(figures["lost"]["before"])
    broken = CliRunner().invoke(commands.app, ["coverage", "--place", "12345678901"])
    assert isinstance(broken.exception, MumianError)
