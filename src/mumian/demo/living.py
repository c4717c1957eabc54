"""Living through the city's past: stories done by `perform` in the order of time, while the clocks ring."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import Max

from mumian.demo.city import DemoCity
from mumian.demo.stories import Step, Story
from mumian.engine.jobs import ring_all
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.record.models import Entry

log = logging.getLogger(__name__)

AT_ONCE = 4000
"""Acts in one transaction."""
ROUND = time(18, 10)
"""When, each day, the clocks are let ring: soon after work ends, when most are due."""


def live(
    city: DemoCity, stories: Iterable[Story], *, again: bool = False, progress: Callable[[float], None]
) -> int:
    """Does what the stories tell up to the city's today; returns how many acts there were.

    Acts are done in order of time and stored in whole batches, so where a run was interrupted it is begun
    `again` and goes on after the last entry of the record. `progress` is told which share of the past is
    lived through.
    """
    lived = _lived_until() if again else None
    begins = city.today - timedelta(days=city.plan.days)
    count, telling = 0, _Telling(stories)
    for moment in _moments(city, begins):
        told = (each for each in telling.until(moment) if lived is None or each[1].at > lived)
        while batch := list(islice(told, AT_ONCE)):
            _do(batch)
            count += len(batch)
        if lived is None or moment >= lived:
            ring_all(moment)
        progress((moment - begins) / (city.today - begins))
    return count


@contextmanager
def unhurried() -> Iterator[None]:
    """Commits do not wait for the disk: what a crash would lose of the past is lived through again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")


def _do(told: Sequence[tuple[Story, Step]]) -> None:
    """Does a batch of acts. One that is refused was told wrongly; it is named in the log, the others go on."""
    parts = _parts([story.matter for story, step in told if step.part])
    acts = [_act(story, step, parts) for story, step in told]
    for act, result in zip(acts, perform(acts, now=told[-1][1].at, quiet=True), strict=True):
        if isinstance(result, Refused):
            log.warning("%s at %s: %s", act.action, act.at, "; ".join(reason.en for reason in result.reasons))


def _act(story: Story, step: Step, parts: Mapping[tuple[UUID, int | str], UUID]) -> Act:
    first = step is story.steps[0]
    return Act(
        step.action,
        step.actor,
        step.data,
        parts.get((story.matter, step.part)) if step.part else story.matter,
        opens=story.procedure if first else None,
        key=story.key if first else None,
        at=step.at,
        channel=story.channel if first else "",
    )


def _parts(matters: Sequence[UUID]) -> Mapping[tuple[UUID, int | str], UUID]:
    """What matters have opened, by matter and unit and by matter and procedure."""
    parts: dict[tuple[UUID, int | str], UUID] = {}
    if matters:
        opened = visible(SYSTEM).filter(parent__in=matters)
        for parent, unit, procedure, part in opened.values_list("parent", "unit_id", "procedure", "pk"):
            assert parent is not None
            parts[parent, procedure] = part
            if unit:
                parts[parent, unit] = part
    return parts


def _lived_until() -> datetime | None:
    """When the last thing happened that the record knows of any matter."""
    matters = Matter.objects.values("pk")
    last: datetime | None = Entry.objects.filter(subject__in=matters).aggregate(last=Max("at"))["last"]
    return last


def _moments(city: DemoCity, begins: datetime) -> Iterator[datetime]:
    """The rounds of the clocks from the city's first day to its today."""
    zone = city.calendar.zone
    day = begins.astimezone(zone).date()
    while (moment := datetime.combine(day, ROUND, zone)) < city.today:
        yield moment
        day += timedelta(days=1)
    yield city.today


class _Telling:
    """Stories told side by side: only those that have begun and not ended are in memory."""

    def __init__(self, stories: Iterable[Story]) -> None:
        self._stories = enumerate(stories)
        self._coming = next(self._stories, None)
        self._next: list[tuple[datetime, int, int, Story]] = []
        """The next step of each story that has begun: when, which story, which step of it."""

    def until(self, moment: datetime) -> Iterator[tuple[Story, Step]]:
        """What is done up to a moment, in order of time."""
        while self._coming is not None and (begins := self._coming[1].steps[0].at) <= moment:
            heappush(self._next, (begins, self._coming[0], 0, self._coming[1]))
            self._coming = next(self._stories, None)
        while self._next and self._next[0][0] <= moment:
            _, order, number, story = heappop(self._next)
            yield story, story.steps[number]
            if number + 1 < len(story.steps):
                heappush(self._next, (story.steps[number + 1].at, order, number + 1, story))
