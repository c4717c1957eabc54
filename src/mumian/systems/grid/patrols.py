"""Planning patrols: every plan gives each grid of its place one round a period, however often it is run."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mumian.engine.perform import Act, keyed_id
from mumian.engine.planning import open_planned
from mumian.engine.world import city
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.systems.grid.checklists import Checklist, checklists
from mumian.systems.grid.models import PatrolPlan


def plan_patrols(now: datetime) -> int:
    """Opens the rounds of the period in which `now` lies that are not open yet; returns how many."""
    today = now.astimezone(ZoneInfo(str(city().world.calendar.zone))).date()
    return open_planned(_acts(today), now)


def round_of(checklist: Checklist, day: date, grid: str) -> Act:
    """The act that plans a grid's round of the period in which a day lies: one act however often it is done."""
    period = period_of(checklist, day)
    data = {
        "name": f"{checklist.title['zh']} {period}",
        "where": {"place": grid},
        "checklist": checklist.name,
    }
    matter = keyed_id("patrol", checklist.name, period, grid)
    return Act("plan", SYSTEM, data, matter, opens="patrol", key="plan", channel="plan")


def _acts(today: date) -> Iterator[Act]:
    known, atlas = checklists(), current_atlas()
    for plan in PatrolPlan.objects.filter(active=True, checklist__in=list(known)).order_by("pk"):
        for grid in atlas.below(plan.place, Level.GRID):
            yield round_of(known[plan.checklist], today, grid)


def period_of(checklist: Checklist, day: date) -> str:
    """The period of a checklist in which a day lies: `2026-11`, or the ISO week `2026-W48`."""
    if checklist.frequency == "monthly":
        return f"{day:%Y-%m}"
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
