"""Rounds of patrol teams and watch posts: planned from their beats day by day, each once however often it is planned."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from mumian.engine.perform import Act, keyed_id
from mumian.engine.planning import open_planned
from mumian.engine.world import city
from mumian.people.actor import SYSTEM, Actor
from mumian.systems.response.models import Beat
from mumian.systems.response.rules import ROUND

AHEAD = timedelta(hours=36)
"""So far ahead rounds are planned, every night."""
BATCH = 1000


def plan_rounds(now: datetime) -> int:
    """Opens the rounds that begin within `AHEAD` and are not open yet; returns how many."""
    return open_planned(_acts(now), now)


def round_of(beat: Beat, begins: datetime, actor: Actor = SYSTEM) -> Act:
    """The act that plans a round of a beat (with its points loaded): one act however often it is done."""
    points = sorted(beat.points.all(), key=lambda each: each.number)
    begins = begins.astimezone(city_zone())
    ends = begins + timedelta(minutes=beat.minutes)
    data = {
        "name": f"{beat.name} {begins:%H:%M}",
        "where": {"place": beat.unit.organisation.place},
        "unit": beat.unit_id,
        "beat": beat.code,
        "day": f"{begins:%Y-%m-%d}",
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "route": json.dumps(
            [[each.number, each.name, each.lon, each.lat, each.look] for each in points],
            ensure_ascii=False, separators=(",", ":"),
        ),
    }  # fmt: skip
    matter = keyed_id(ROUND, beat.code, begins.isoformat())
    return Act("plan", actor, data, matter, opens=ROUND, key="plan", channel="plan")


def beats() -> QuerySet[Beat]:
    """Beats that are walked, with their points."""
    return (
        Beat.objects.filter(active=True, unit__active=True, points__isnull=False)
        .distinct()
        .select_related("unit__organisation")
        .prefetch_related("points")
    )


def city_zone() -> ZoneInfo:
    """The time of the city."""
    return ZoneInfo(str(city().world.calendar.zone))


def at(day: date, clock: time) -> datetime:
    """A time of a day of the city."""
    return datetime.combine(day, clock, city_zone())


def _acts(now: datetime) -> Iterator[Act]:
    for beat in beats().order_by("pk").iterator(chunk_size=BATCH):
        for begins in _begins(beat, now):
            yield round_of(beat, begins)


def _begins(beat: Beat, now: datetime) -> Iterable[datetime]:
    today = now.astimezone(city_zone()).date()
    for day in (today + timedelta(days=ahead) for ahead in range(3)):
        if day.isoweekday() in beat.weekdays:
            yield from (each for clock in beat.starts if now < (each := at(day, clock)) <= now + AHEAD)
