"""Patrols and hazards: rounds planned once a period, what fails becomes an event, hazards are seen again."""

from datetime import UTC, datetime, timedelta

import pytest

from mumian.engine import world
from mumian.engine.definition import read
from mumian.engine.installing import install
from mumian.engine.models import Clock, Kind, Matter
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.people.actor import ANYONE, Actor
from mumian.systems.grid.checklists import FILE, checklists
from mumian.systems.grid.models import PatrolPlan
from mumian.systems.grid.patrols import plan_patrols
from tests.engine import city as small

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def founded(db: None) -> None:
    small.found()


def test_the_checklists_are_those_the_procedure_offers() -> None:
    text = (FILE.parent / "procedures" / "patrol.yaml").read_text(encoding="utf-8")
    offered = {choice.value: choice.title for choice in read(text).procedure.form["checklist"].choices}

    assert set(offered) == set(checklists())


def test_every_grid_of_the_place_gets_one_round_a_period_however_often_it_is_planned() -> None:
    PatrolPlan.objects.create(checklist="construction-site", place=small.TOWN)

    first, again = plan_patrols(NOW), plan_patrols(NOW + timedelta(days=1))
    next_week = plan_patrols(NOW + timedelta(days=7))

    assert (first, again, next_week) == (2, 0, 2)
    places = set(Matter.objects.filter(procedure="patrol").values_list("place", flat=True))
    assert places == {small.GRID, small.NEXT_GRID}


def test_a_weekly_round_has_a_week_and_a_monthly_one_a_month() -> None:
    for checklist in ("construction-site", "rental-housing"):
        PatrolPlan.objects.create(checklist=checklist, place=small.GRID)

    plan_patrols(NOW)

    limits = set(Clock.objects.filter(name="walk").values_list("limit", flat=True))
    assert limits == {"7 days", "1 month"}


def test_what_fails_on_a_round_becomes_a_grid_event_of_its_kind_in_the_same_grid() -> None:
    PatrolPlan.objects.create(checklist="construction-site", place=small.GRID)
    plan_patrols(NOW)
    patrol = Matter.objects.get(procedure="patrol")

    [done] = perform([Act("walk", small.WORKER, {"failed": "1、5"}, patrol.pk)])

    assert isinstance(done, Done)
    assert done.state == "walked"
    items = checklists()["construction-site"].items
    events = Matter.objects.filter(procedure="grid-event")
    assert {event.category for event in events} == {items[0].kind, items[4].kind}
    assert {event.place for event in events} == {small.GRID}
    assert {event.parent for event in events} == {patrol.pk}


def test_a_number_the_checklist_does_not_have_is_refused_and_named() -> None:
    PatrolPlan.objects.create(checklist="construction-site", place=small.GRID)
    plan_patrols(NOW)

    [refused] = perform(
        [Act("walk", small.WORKER, {"failed": "99"}, Matter.objects.get(procedure="patrol").pk)]
    )

    assert isinstance(refused, Refused)
    assert "99" in refused.reasons[0].en
    assert not Matter.objects.filter(procedure="grid-event").exists()


def _through(category: str) -> Matter:
    """A grid event of a kind, carried to its end."""
    [opened] = perform([Act("report", ANYONE, {"what": "隐患", "where": small.GRID}, opens="grid-event")])
    assert isinstance(opened, Done)
    steps: list[tuple[str, Actor, dict[str, object]]] = [
        ("assign", small.DISPATCHER, {"category": category, "unit": small.WATER}),
        ("start", small.OFFICER, {}),
        ("finish", small.OFFICER, {"result": "已整改"}),
        ("accept", small.WORKER, {}),
    ]
    results = perform([Act(action, actor, data, opened.matter) for action, actor, data in steps])
    assert all(isinstance(result, Done) for result in results), results
    return Matter.objects.get(pk=opened.matter)


def _kind(*, hazard: bool) -> str:
    world.changed()
    return Kind.objects.filter(catalogue="grid", hazard=hazard, code__contains=".").order_by("code")[0].code


def test_a_hazard_put_right_is_checked_again_and_another_kind_is_not() -> None:
    install()
    hazard = _through(_kind(hazard=True))
    _through(_kind(hazard=False))

    recheck = Matter.objects.get(procedure="hazard-recheck")

    assert recheck.parent == hazard.pk
    assert recheck.place == small.GRID
    assert Clock.objects.get(matter=recheck, name="check").limit == "30 days"


def test_a_hazard_that_is_back_is_opened_as_a_new_event() -> None:
    install()
    _through(_kind(hazard=True))
    recheck = Matter.objects.get(procedure="hazard-recheck")

    [done] = perform([Act("unsafe", small.WORKER, {"remark": "又堆满了"}, recheck.pk)])

    assert isinstance(done, Done)
    assert Matter.objects.get(parent=recheck.pk).state == "reported"
