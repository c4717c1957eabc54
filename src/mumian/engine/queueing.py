"""What follows an act outside of it: queued in its transaction, done after it by whoever has a task of that name."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from mumian.database.rows import Row
from mumian.engine.rules import Job


class Notice(NamedTuple):
    """Parties of a matter are to be told of an entry."""

    matter: UUID
    seq: int
    parties: tuple[str, ...]
    action: str


TOGETHER = 500
"""So many are dealt with by one job."""


def queue(notices: Sequence[Notice]) -> None:
    """Queues notices in the caller's transaction; they are sent after it, by whoever has a task of this name."""
    told = [
        {"matter": n.matter.hex, "seq": n.seq, "parties": list(n.parties), "action": n.action}
        for n in notices
    ]
    _defer("notices.tell", "notices", told)


def publish(entries: Sequence[Row]) -> None:
    """Queues entries for other systems that listen, in the caller's transaction."""
    _defer("notices.publish", "entries", [[row[0].hex, row[1]] for row in entries])


def queue_jobs(jobs: Sequence[Job]) -> None:
    """Queues what effects ask for, in the caller's transaction; the same job once."""
    from procrastinate.contrib.django import app

    for job in {(job.task, orjson.dumps(job.arguments)): job for job in jobs}.values():
        app.configure_task(job.task).defer(**job.arguments)


def _defer(task: str, name: str, values: Sequence[Any]) -> None:
    from procrastinate.contrib.django import app

    parts: list[dict[str, Any]] = [
        {name: list(values[start : start + TOGETHER])} for start in range(0, len(values), TOGETHER)
    ]
    if parts:
        app.configure_task(task).batch_defer(*parts)
