"""Work done after the act: the round that lets clocks ring, and taking up again what a killed process left undone."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from mumian.engine.models import Clock
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.people.actor import SYSTEM

ROUND = 2000
"""How many clocks ring in one transaction."""


EVERY_MINUTE = "* * * * *"
"""Jobs of this are also done when a worker begins: what fell due while there was none waits no longer."""
TAKEN_UP = 5
"""A job that was under way so often when its process died is left alone: perhaps it was the cause."""


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="engine.take-up", queueing_lock="engine.take-up", pass_context=True)
async def take_up(context: JobContext, timestamp: int = 0) -> None:
    """Every minute: jobs whose process was killed are done again by another."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        if job.attempts < TAKEN_UP:
            await manager.retry_job(job)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="engine.ring", queueing_lock="engine.ring")
def ring(timestamp: int = 0) -> None:
    """Every minute: warnings, due times and escalations that have come."""
    ring_all(timezone.now())


def ring_all(now: datetime) -> int:
    """Lets every clock ring whose time has come by `now`; returns how many did. Safe to run twice at once."""
    count = 0
    while (batch := _ringing(now)) and (rang := _ring(batch, now)):
        count += rang
    return count


def _ring(clocks: list[tuple[UUID, str]], now: datetime) -> int:
    """Lets clocks ring; one whose act is refused rings without it, so that it keeps back no other."""
    results = perform([Act("ring", SYSTEM, {"clock": name}, matter) for matter, name in clocks], now=now)
    refused = [clock for clock, result in zip(clocks, results, strict=True) if isinstance(result, Refused)]
    alone = [Act("ring", SYSTEM, {"clock": name, "alone": True}, matter) for matter, name in refused]
    if alone:
        results += perform(alone, now=now)
    return sum(isinstance(result, Done) for result in results)


def _ringing(now: datetime) -> list[tuple[UUID, str]]:
    rows = Clock.objects.filter(ring_at__lte=now).order_by("ring_at").values_list("matter_id", "name")
    return list(rows[:ROUND])
