"""A matter as it is between two acts, with its clocks and parties: what deciding looks at and gives back."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from mumian.record.chain import START

Data = dict[str, Any]


@dataclass(slots=True)
class ClockRun:
    """One clock of one matter. It runs if it is due at some time and neither stopped nor paused."""

    name: str
    started_at: datetime
    limit: str
    """As the definition writes it, or empty where the due time itself was promised."""
    origin: str
    """Where the limit came from: `default`, `promised`, `rule`, or the code of the kind."""
    due_at: datetime | None
    stopped_at: datetime | None = None
    paused_at: datetime | None = None
    pause_reason: str = ""
    changes: list[Data] = field(default_factory=list)
    """Pauses and extensions so far, oldest first."""
    ring_at: datetime | None = None
    """When it rings next: the warning, the due time, the escalations after it."""
    rung: int = 0
    """How many of its rings have gone off."""

    @property
    def running(self) -> bool:
        return self.stopped_at is None and self.paused_at is None

    def but(self, **changes: Any) -> "ClockRun":
        """A copy with some values changed."""
        after = ClockRun(*_run(self))
        for name, value in changes.items():
            setattr(after, name, value)
        return after

    def late(self, now: datetime) -> bool:
        """Whether it went, or has gone by `now`, beyond its due time."""
        return self.due_at is not None and (self.stopped_at or self.paused_at or now) > self.due_at


class Holder(NamedTuple):
    """Somebody who has acted as a party of the matter."""

    party: str
    person: UUID | None
    post: int | None
    organisation: int | None


@dataclass(slots=True)
class Matter:
    """One matter at one moment. Deciding never changes one; it gives back another."""

    id: UUID
    procedure: str
    version: int
    state: str = ""
    seq: int = 0
    head: bytes = START
    number: str = ""
    title: str = ""
    place: str = ""
    desk: str = ""
    lon: float | None = None
    lat: float | None = None
    category: str = ""
    unit: int | None = None
    channel: str = ""
    data: Data = field(default_factory=dict)
    opened_at: datetime | None = None
    entered_at: datetime | None = None
    """When it came into the state it is in."""
    closed_at: datetime | None = None
    outcome: str = ""
    due_at: datetime | None = None
    """The nearest due time of its running clocks."""
    late: bool = False
    """Whether a clock of it stopped after its due time."""
    parent: UUID | None = None
    children_open: int = 0
    reports: int = 1
    """How many have reported it: itself and those merged into it."""
    merged_into: UUID | None = None
    mark: int | None = None
    clocks: dict[str, ClockRun] = field(default_factory=dict)
    holders: tuple[Holder, ...] = ()

    def follow(self) -> "Matter":
        """A copy to be changed; clocks are shared until one is changed and then replaced."""
        after = Matter(*_whole(self))
        after.data = dict(self.data)
        after.clocks = dict(self.clocks)
        return after


_run = attrgetter(*(spec.name for spec in fields(ClockRun)))
_whole = attrgetter(*(spec.name for spec in fields(Matter)))
