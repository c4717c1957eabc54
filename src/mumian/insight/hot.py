"""The hot topics of the city: found among what was reported lately, stored, and read as far as one may see them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from mumian.engine.visible import visible
from mumian.insight.models import HotTopic, Reckoning
from mumian.insight.standing import counted
from mumian.insight.topics import LETTERS, Nearness, Report, Topic, topics
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level

DAYS = 28
"""Reports of so many days are looked at."""
WINDOW = timedelta(days=7)
"""Growth is what the last window brought against the one before."""
NEAR = Nearness(days=14.0)
MOST_REPORTS = 100_000
"""So many are looked at; of more, the latest."""
MOST_TOPICS = 60
TOPICS = "topics"
"""Under this name `Reckoning` keeps when topics were looked for."""


@dataclass(frozen=True, slots=True)
class Hot:
    """A topic as far as it lies in a place."""

    key: int
    name: tuple[str, ...]
    members: tuple[UUID, ...]
    """Oldest first."""
    places: tuple[str, ...]
    since: datetime
    lately: int
    before: int
    days: tuple[int, ...]
    """How many came on each of the last `DAYS` days, today last."""

    @property
    def size(self) -> int:
        return len(self.members)

    @property
    def growth(self) -> int:
        return self.lately - self.before


def find_topics(now: datetime) -> int:
    """Looks for the topics of the last days and stores them in place of the former; returns how many there are."""
    stored: list[HotTopic] = []
    for rows in _by_district(_reported(now)):
        reports = [report for _, report in rows]
        found = topics(reports, now=timezone.localtime(now), window=WINDOW, days=DAYS, near=NEAR)
        stored += [_stored(topic, rows) for topic in found[:MOST_TOPICS]]
    stored = sorted(stored, key=lambda topic: (-len(topic.members), topic.times[0]))[:MOST_TOPICS]
    with transaction.atomic():
        HotTopic.objects.all().delete()
        HotTopic.objects.bulk_create(stored)
        Reckoning.objects.update_or_create(pk=TOPICS, defaults={"at": now})
    return len(stored)


def _by_district(rows: list[tuple[UUID, Report]]) -> Iterator[list[tuple[UUID, Report]]]:
    """The reports of one district after another: those of different towns are not compared, so memory stays small."""
    rows.sort(key=lambda row: row[1].place)
    for _, group in groupby(rows, key=lambda row: row[1].place[: Level.DISTRICT]):
        yield list(group)


def _stored(topic: Topic, rows: Sequence[tuple[UUID, Report]]) -> HotTopic:
    members = [rows[n] for n in topic.members]
    return HotTopic(
        name=[phrase[:40] for phrase in topic.name],
        place=topic.place,
        members=[key for key, _ in members],
        places=[report.place for _, report in members],
        times=[report.at for _, report in members],
    )


def _reported(now: datetime) -> list[tuple[UUID, Report]]:
    """What was reported in the last days, in the reporters' own words, without what was withdrawn."""
    found = []
    for name, compiled in counted().items():
        naming = compiled.naming
        void = [state for state, spec in compiled.states.items() if spec.tone == "void"]
        rows = (
            visible(SYSTEM)
            .filter(procedure=name, opened_at__gt=now - timedelta(days=DAYS), opened_at__lte=now)
            .exclude(state__in=void)
            .order_by("-opened_at")
            .values_list("id", f"data__{naming}" if naming else "title", "opened_at", "place", "lon", "lat")
        )
        for key, text, at, place, lon, lat in rows[:MOST_REPORTS].iterator(chunk_size=5000):
            found.append((key, Report(text=str(text or "")[:LETTERS], at=at, place=place, lon=lon, lat=lat)))
    return found[:MOST_REPORTS]


def hot_topics(place: str, now: datetime, *, least: int = NEAR.least) -> list[Hot]:
    """The topics of which at least so many reports lie in the place, the fastest growing first: one statement."""
    found = [_within(row, place, now) for row in HotTopic.objects.all()]
    there = [topic for topic in found if topic and topic.size >= least]
    return sorted(there, key=lambda topic: (-topic.growth, -topic.lately, -topic.size, topic.key))


def hot_topic(key: int, place: str, now: datetime) -> Hot | None:
    """One topic as far as it lies in the place; nothing where nothing of it does."""
    row = HotTopic.objects.filter(pk=key).first()
    return _within(row, place, now) if row else None


def found_at() -> datetime | None:
    """When topics were looked for last."""
    return Reckoning.objects.filter(pk=TOPICS).values_list("at", flat=True).first()


def shared_out(found: Sequence[Hot], parts: Sequence[str]) -> dict[str, int]:
    """How many reports of the topics lie in each part of a place."""
    counts: Counter[str] = Counter()
    for topic in found:
        for place in topic.places:
            counts.update(part for part in parts if place.startswith(part))
    return dict(counts)


def _within(row: HotTopic, place: str, now: datetime) -> Hot | None:
    inside: list[Any] = [
        (member, where, at)
        for member, where, at in zip(row.members, row.places, row.times, strict=True)
        if where.startswith(place)
    ]
    if not inside:
        return None
    members, places, times = zip(*inside, strict=True)
    today = timezone.localtime(now).date()
    ages = Counter((today - timezone.localtime(at).date()).days for at in times)
    return Hot(
        key=row.pk,
        name=tuple(row.name),
        members=members,
        places=places,
        since=times[0],
        lately=sum(now - WINDOW < at <= now for at in times),
        before=sum(now - 2 * WINDOW < at <= now - WINDOW for at in times),
        days=tuple(ages[age] for age in range(DAYS - 1, -1, -1)),
    )
