"""Rounds of patrol teams: from tables, planned once, walked point by point, reported from, stopped early or missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine.jobs import ring_all
from mumian.engine.models import Matter
from mumian.people.importing import Imported
from mumian.systems.response.importing import export, import_beats, import_points
from mumian.systems.response.models import Beat, BeatPoint
from mumian.systems.response.rounds import at, plan_rounds, round_of
from tests.conftest import QueryBudget
from tests.systems.response.emergency import Emergency, do, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db
BEATS = "unit_code,code,name,weekdays,starts,minutes\nunit-village,v1,村口夜巡,1-5,20:00;08:00,60\n"
POINTS = "beat_code,number,name,lon,lat,look\nv1,1,村口,113.25,23.10,路灯\n"
POINTS += "v1,2,祠堂,113.251,23.101,\nv1,3,鱼塘,113.252,23.102,护栏\n"


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city)


@pytest.fixture
def beat(here: Emergency, tmp_path: Path) -> Beat:
    assert read(tmp_path, import_beats, BEATS).added == 1
    assert read(tmp_path, import_points, POINTS).added == 3
    return Beat.objects.select_related("unit__organisation").prefetch_related("points").get()


@pytest.fixture
def walk(beat: Beat) -> Matter:
    """A round that has just begun."""
    act = round_of(beat, timezone.now() - timedelta(minutes=1))
    return Matter.objects.get(
        pk=do("plan", act.actor, act.matter, opens="round", data=dict(act.data), at=timezone.now()).matter
    )


def read(folder: Path, how: Any, text: str, rejected: list[Any] | None = None) -> Imported:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8")
    done: Imported = how(file, reject=(rejected if rejected is not None else []).append)
    return done


def test_tables_go_in_and_out_and_in_again_and_change_nothing(beat: Beat, tmp_path: Path) -> None:
    assert beat.weekdays == [1, 2, 3, 4, 5]
    assert [each.name for each in BeatPoint.objects.order_by("number")] == ["村口", "祠堂", "鱼塘"]
    for what, how, count in (("beats", import_beats, 1), ("points", import_points, 3)):
        out = StringIO()
        assert export(what, out) == count
        assert read(tmp_path, how, out.getvalue().lstrip("\ufeff")) == Imported(0, 0, count)


@pytest.mark.parametrize(
    ("how", "row", "column"),
    [
        (import_beats, "nobody,b,x,1,08:00,60", "unit_code"),
        (import_beats, "unit-school,b,x,8,08:00,60", "weekdays"),
        (import_beats, "unit-school,b,x,1,25:00,60", "starts"),
        (import_beats, "unit-school,b,x,1,08:00,0", "minutes"),
        (import_beats, "unit-school,b b,x,1,08:00,10", "code"),
        (import_points, "nobody,1,x,113,23,", "beat_code"),
        (import_points, "v1,x,x,113,23,", "number"),
        (import_points, "v1,1,x,913,23,", "lon"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_are_kept(
    beat: Beat, tmp_path: Path, how: Any, row: str, column: str
) -> None:
    rejected: list[Any] = []
    good = BEATS if how is import_beats else POINTS
    done = read(tmp_path, how, f"{good}{row}\n", rejected)
    assert [each.column for each in rejected] == [column]
    assert done.rejected == 1
    assert done.unchanged == good.count("\n") - 1


def test_rounds_of_the_days_of_a_beat_are_planned_once(beat: Beat) -> None:
    friday = at(datetime(2026, 11, 20), datetime(2026, 11, 20, 4, 30).time())  # noqa: DTZ001
    assert plan_rounds(friday) == 2  # this morning and this evening, none on Saturday
    assert plan_rounds(friday) == 0
    sunday = friday + timedelta(days=2)
    assert plan_rounds(sunday) == 1  # Monday morning
    assert set(Matter.objects.filter(procedure="round").values_list("data__day", flat=True)) == {
        "2026-11-20",
        "2026-11-23",
    }


def test_a_round_is_walked_point_by_point_on_the_phone(
    here: Emergency, walk: Matter, visit: Visit, query_budget: QueryBudget
) -> None:
    phone = visit("at-village")
    assert walk.number in phone.get("/response/me").content.decode()
    page = f"/response/rounds/{walk.number}"
    with query_budget("response round"):
        assert "村口" in phone.get(page).content.decode()
    for point in (1, 2, 3):
        assert phone.post(f"{page}/do/reach", {"point": point, "seen": "well"}).status_code == 302
        again = phone.post(f"{page}/do/reach", {"point": point, "seen": "well"})
        assert again.status_code in (409, 422)  # a point is reached once
    walk.refresh_from_db()
    assert (walk.state, walk.outcome) == ("walked", "walked")
    with query_budget("response rounds"):
        assert "已走完" in visit("duty").get(f"/response/rounds?day={walk.data['day']}").content.decode()


def test_what_is_seen_is_reported_or_calls_for_help_at_the_point(walk: Matter, visit: Visit) -> None:
    phone, page = visit("at-village"), f"/response/rounds/{walk.number}/do/reach"
    assert phone.post(page, {"point": 1, "seen": "matter"}).status_code == 422  # it is to be said what
    assert phone.post(page, {"point": 1, "seen": "matter", "note": "路灯坏了"}).status_code == 302
    assert phone.post(page, {"point": 3, "seen": "urgent", "note": "有人落水"}).status_code == 302
    reported = Matter.objects.get(procedure="grid-event")
    assert (reported.title, reported.lon, reported.parent) == ("路灯坏了", 113.25, walk.pk)
    assert Matter.objects.get(procedure="incident").lat == 23.102


def test_a_round_that_nobody_begins_is_missed_and_one_not_ended_is_walked_in_part(
    beat: Beat, walk: Matter, visit: Visit
) -> None:
    visit("at-village").post(f"/response/rounds/{walk.number}/do/reach", {"point": 1, "seen": "well"})
    act = round_of(beat, timezone.now())
    other = do("plan", act.actor, act.matter, opens="round", data=dict(act.data), at=timezone.now()).matter
    ring_all(timezone.now() + timedelta(minutes=61))
    walk.refresh_from_db()
    assert walk.state == "in-part"
    assert Matter.objects.get(pk=other).state == "missed"
    page = visit("duty").get(f"/response/rounds?day={walk.data['day']}").content.decode()
    assert "漏巡" in page


def test_only_the_own_team_walks_it_and_not_too_early(here: Emergency, beat: Beat, visit: Visit) -> None:
    act = round_of(beat, timezone.now() + timedelta(hours=3))
    number = do("plan", act.actor, act.matter, opens="round", data=dict(act.data), at=timezone.now()).number
    page = f"/response/rounds/{number}/do/reach"
    assert visit("at-school").post(page, {"point": 1, "seen": "well"}).status_code == 404
    assert visit("at-village").post(page, {"point": 1, "seen": "well"}).status_code == 409  # not possible yet


def test_the_desk_plans_one_more_round(here: Emergency, beat: Beat, visit: Visit) -> None:
    soon = timezone.localtime() + timedelta(minutes=20)
    send = partial(visit("duty").post, "/response/rounds")
    sent = {"beat": beat.pk, "day": f"{soon:%Y-%m-%d}", "begins": f"{soon:%H:%M}"}
    assert "?day=" in send(sent)["Location"]
    send(sent)
    assert Matter.objects.filter(procedure="round").count() == 1
    assert "?day=" not in send({**sent, "day": "2020-01-01"})["Location"]
    assert visit("at-village").post("/response/rounds", sent)["Location"] == "/response/me"
