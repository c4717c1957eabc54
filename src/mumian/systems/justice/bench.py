"""How long a round of warnings takes in a city with very many running terms, and whether it misses one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from mumian.bench.result import Figure, timed
from mumian.engine.jobs import ring_all
from mumian.engine.models import Clock
from mumian.engine.world import city
from mumian.systems.justice.packages.measuring import measure_checking

if TYPE_CHECKING:
    from mumian.bench.ground import Ground

CASES, DAYS, SECONDS = 100_000, 60, 5.0
PROCEDURE = "investigation"
CLOCKS = ("request", "receipt", "reconsider", "custody")
"""Four running terms a case."""


def measurements(ground: Ground, *, quick: bool) -> Mapping[str, Callable[[], list[Figure]]]:
    """What `mumian bench` measures of justice, by name."""
    cases = 2_000 if quick else CASES
    return {
        "justice_warnings": lambda: measure_warnings(ground.here[0], cases=cases),
        "justice_package": lambda: (
            measure_checking(documents=40, size=64 * 1024) if quick else measure_checking()
        ),
    }


def measure_warnings(place: str, *, cases: int = CASES) -> list[Figure]:
    """One round after a day without any: what became due for warning in 24 hours, of terms that end over 60 days."""
    now = timezone.now()
    with transaction.atomic():  # and nothing of it stays
        fill(place, cases, now)
        waiting = Clock.objects.filter(ring_at__lte=now, matter__channel=CHANNEL).count()
        with timed() as watch:
            ring_all(now)
        missed = Clock.objects.filter(ring_at__lte=now, matter__channel=CHANNEL).count()
        told = Clock.objects.filter(matter__channel=CHANNEL, rung__gt=0).count()
        transaction.set_rollback(True)
    size = f"{cases:,} running cases, {cases * len(CLOCKS):,} running terms, {waiting:,} to be warned of"
    lost = missed + abs(waiting - told)
    return [
        Figure(
            "justice_warning_round",
            watch.seconds,
            "s",
            SECONDS,
            size,
            None,
            "≤ 5 s",
            watch.seconds <= SECONDS,
        ),
        Figure("justice_warnings_missed", lost, f"of {waiting:,}", None, size, None, "0", lost == 0),
    ]


CHANNEL = "bench"
"""How the cases made up here are told from others."""


def fill(place: str, cases: int, now: datetime) -> None:
    """Makes up cases whose terms are warned of evenly over so many days from yesterday on."""
    spread = timedelta(days=DAYS).total_seconds() / cases
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO engine_matter (id, number, procedure, version, state, seq, head, title, place, desk, category,
                   channel, data, opened_at, entered_at, outcome, due_at, late, children_open, reports)
               SELECT md5('justice' || n)::uuid, 'J' || lpad(n::text, 8, '0'), %s, %s, 'arrested', 1,
                   sha256(n::text::bytea), '', %s, %s, '', %s, '{}', %s, %s, '', %s + n * make_interval(secs => %s), false, 0, 1
               FROM generate_series(1, %s) AS n""",
            [PROCEDURE, city().current[PROCEDURE], place, place, CHANNEL, now, now, now, spread, cases],
        )
        cursor.execute(
            """INSERT INTO engine_clock (matter_id, name, started_at, "limit", origin, due_at, pause_reason, changes, ring_at, rung)
               SELECT md5('justice' || n)::uuid, name, %s, '2 months', 'default', %s + n * make_interval(secs => %s), '', '[]',
                   %s + n * make_interval(secs => %s), 0
               FROM generate_series(1, %s) AS n, unnest(%s::text[]) AS name""",
            [
                now - timedelta(days=30), now + timedelta(days=7), spread, now - timedelta(days=1), spread, cases,
                list(CLOCKS),
            ],
        )  # fmt: skip
        cursor.execute("ANALYZE engine_matter, engine_clock")
