"""Patrols of the demo city: planned where the demo accounts are at home, walked, sometimes missed."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from mumian.demo import DemoCity, Step, Story
from mumian.demo.accounts import HOME_GRID, HOME_TOWN
from mumian.engine.clocks import due
from mumian.place.codes import Level
from mumian.systems.grid.checklists import Checklist, checklists
from mumian.systems.grid.models import PatrolPlan
from mumian.systems.grid.patrols import period_of, round_of

PLANS = (("small-premises-fire", HOME_TOWN), ("public-facilities", HOME_GRID[: Level.COMMUNITY]))
PLANNED_AT = time(5, 10)
"""When, of the first day of a period, its rounds are planned."""


def plan() -> None:
    """Puts the plans into the database; the program goes on with them."""
    PatrolPlan.objects.bulk_create(PatrolPlan(checklist=checklist, place=place) for checklist, place in PLANS)


def rounds(city: DemoCity, rng: Random) -> Iterator[Story]:
    """The rounds of every period that began in the city's past, in the order in which they were planned."""
    stories = [
        _round(city, checklists()[name], day, grid, number, rng)
        for name, place in PLANS
        for day in _periods(city, checklists()[name])
        for number, grid in enumerate(city.atlas.below(place, Level.GRID))
    ]
    return iter(sorted(stories, key=lambda story: story.steps[0].at))


def _periods(city: DemoCity, checklist: Checklist) -> Iterator[date]:
    """The first day of each period since the city's first day."""
    today = city.calendar.local(city.today).date()
    days = [today - timedelta(days=ago) for ago in range(city.plan.days - 1, -1, -1)]
    for before, day in pairwise(days):
        if period_of(checklist, before) != period_of(checklist, day):
            yield day


def _round(city: DemoCity, checklist: Checklist, day: date, grid: str, number: int, rng: Random) -> Story:
    act = round_of(checklist, day, grid)
    assert act.matter is not None
    planned = datetime.combine(day, PLANNED_AT, city.calendar.zone) + timedelta(microseconds=number)
    steps = [Step(planned, act.action, act.actor, act.data)]
    ends, worker = due(planned, checklist.period, city.calendar), city.at_post("grid-worker", grid)
    time_to_walk = city.calendar.working_seconds_between(planned, ends)
    share, way = rng.uniform(0.02, 0.98), rng.random()
    if way < 0.02:
        steps.append(
            Step(ends, "drop", city.at_post("dispatcher", HOME_TOWN), {"reason": "当期网格员集中培训"})
        )
    elif way < 0.97:
        walked = city.calendar.after_working_seconds(
            planned, time_to_walk * share * (1 if way < 0.94 else 1.15)
        )
        steps.append(Step(walked, "walk", worker, {"remark": "逐项查看，未见异常"} if way < 0.2 else {}))
    return Story(act.matter, "patrol", act.channel, tuple(steps), key=act.key)
