"""Whom to send: the nearest units that are ready and fit, none to two incidents, each with its reason.

A `Board` holds all units of a city in memory as columns and is told of every change. Choosing is exact: who may
go is known before times are asked for, the search for times ends at a limit within which every unit's time is
known, and the limit grows until enough were found. So no unit that was free and nearer is ever left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mumian.errors import MumianError
from mumian.systems.response.network import Floats
from mumian.systems.response.travelling import Numbers, Travel

Key: TypeAlias = Hashable
"""What names a unit, a responder or an incident: a number or a text."""
Bits: TypeAlias = NDArray[np.bool_]

RINGS = (1, 3, 5, 10, 20)
"""Minutes: self-rescue, mutual aid, reinforcement, and wider help."""


class Why(StrEnum):
    """Why a unit that was nearer was not sent."""

    BUSY = "busy"
    OFF_DUTY = "off_duty"
    UNFIT = "unfit"
    EQUIPMENT = "equipment"
    SKILL = "skill"
    TOO_FEW = "too_few"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as choosing sees it."""

    key: Key
    lon: float
    lat: float
    kinds: frozenset[str]
    """The kinds of incident that it may answer."""
    equipment: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Responder:
    """A person of a unit."""

    key: Key
    unit: Key
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What has happened and what is needed."""

    key: Key
    lon: float
    lat: float
    kind: str
    wanted: int = 1
    """How many units."""
    gravity: int = 0
    """The graver is served first when several are chosen for together."""
    equipment: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    """Each must be had by somebody on duty."""
    responders: int = 1
    """How many must be on duty in a unit."""
    within: float | None = None
    """Seconds in which they must be there, if that is less than the last ring."""
    drill: bool = False
    """Only to practise: a unit at a drill can be called to what is real, not the reverse."""
    asked: frozenset[Key] = frozenset()
    """Units that were alerted for it before."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A unit to be alerted: the `rank`-th nearest that could go."""

    unit: Key
    seconds: float
    ring: int
    """Minutes of the ring in which it stands."""
    rank: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A unit as near as the farthest chosen, or nearer, that could not go."""

    unit: Key
    seconds: float
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom to alert for one incident, nearest first."""

    incident: Key
    chosen: tuple[Chosen, ...]
    passed_over: tuple[PassedOver, ...]
    """The nearest of those passed over."""
    passed: int
    """How many there were in all."""
    short: int
    """How many of the units wanted could not be found in time."""


@dataclass(slots=True)
class Board:
    """All units and responders, who is on duty and who is busy. Safe to share between threads.

    Raises MumianError for a key that is twice or unknown. A unit none of whose responders is on duty is off duty,
    so a unit without responders is never sent; `empty` names those.
    """

    units: Sequence[Unit]
    travel: Travel
    """Times from the units, in the same order."""
    responders: Iterable[Responder] = ()
    rings: tuple[int, ...] = RINGS
    explained: int = 20
    """How many of those passed over are named."""

    _number: dict[Key, int] = field(init=False)
    _person: dict[Key, tuple[int, frozenset[str]]] = field(init=False, default_factory=dict)
    _here: set[Key] = field(init=False, default_factory=set)
    _present: NDArray[np.int32] = field(init=False)
    _members: NDArray[np.int32] = field(init=False)
    _busy: Bits = field(init=False)
    _practising: Bits = field(init=False)
    _kinds: dict[str, Bits] = field(init=False)
    _equipment: dict[str, Bits] = field(init=False)
    _skilled: dict[str, NDArray[np.int32]] = field(init=False, default_factory=dict)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        size = len(self.units)
        self._number = {unit.key: number for number, unit in enumerate(self.units)}
        if len(self._number) < size:
            raise MumianError("units", reason="two have the same key", cure="Give each unit a key of its own")
        self._present, self._members = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
        self._busy, self._practising = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        self._kinds = _columns([unit.kinds for unit in self.units])
        self._equipment = _columns([unit.equipment for unit in self.units])
        for one in self.responders:
            if one.key in self._person:
                raise MumianError(
                    f"responder {one.key}", reason="is there twice", cure="Keep a person in one unit"
                )
            unit = self._at(one.unit)
            self._person[one.key] = unit, one.skills
            self._members[unit] += 1
        self.responders = ()

    @property
    def empty(self) -> list[Key]:
        """Units that have no responders at all."""
        return [self.units[number].key for number in np.flatnonzero(self._members == 0).tolist()]

    def on_duty(self, responder: Key) -> None:
        """A responder is there from now on; saying it again changes nothing."""
        self._come(responder, 1)

    def off_duty(self, responder: Key) -> None:
        """A responder is no longer there."""
        self._come(responder, -1)

    def take(self, unit: Key, *, drill: bool = False) -> bool:
        """Marks a unit busy, or at a drill; False if it was already."""
        number, taken = self._at(unit), self._practising if drill else self._busy
        with self._lock:
            free = not taken[number]
            taken[number] = True
            return free

    def release(self, unit: Key) -> None:
        """A unit is free again: stood down, declined, or its alert was withdrawn; or its drill has ended."""
        number = self._at(unit)
        with self._lock:
            self._busy[number] = self._practising[number] = False

    def equip(self, unit: Key, equipment: frozenset[str]) -> None:
        """What a unit has from now on, in place of what it had."""
        number = self._at(unit)
        with self._lock:
            for name in equipment - self._equipment.keys():
                self._equipment[name] = np.zeros(len(self.units), dtype=bool)
            for name, have in self._equipment.items():
                have[number] = name in equipment

    def choose(self, incidents: Sequence[Incident]) -> list[Answer]:
        """Whom to alert for each, in the order given; those chosen are busy from then on.

        The gravest is served first, then the first. Equally near units are taken in the order of `units`. If one
        of the incidents is at fault (no place on earth, an unknown unit asked), nobody is chosen for any.
        """
        for incident in incidents:
            self._check(incident)
        order = sorted(range(len(incidents)), key=lambda at: -incidents[at].gravity)
        answers: dict[int, Answer] = {}
        for at in order:
            with self._lock:
                answers[at] = self._answer(incidents[at])
        return [answers[at] for at in range(len(incidents))]

    def _check(self, incident: Incident) -> None:
        if not (-180 <= incident.lon <= 180 and -90 <= incident.lat <= 90):
            raise MumianError(
                f"incident {incident.key}",
                reason="has no place",
                cure="Give longitude and latitude in degrees",
            )
        for unit in incident.asked:
            self._at(unit)

    def _answer(self, incident: Incident) -> Answer:
        against = self._against(incident)
        free = ~np.logical_or.reduce(list(against.values()))
        numbers, seconds = self._search(incident, free)
        order = np.argsort(seconds, kind="stable")
        numbers, seconds = numbers[order], seconds[order]
        able = np.flatnonzero(free[numbers])[: incident.wanted]
        (self._practising if incident.drill else self._busy)[numbers[able]] = True
        short = max(0, incident.wanted - len(able))
        farthest = np.inf if short else seconds[able].max(initial=0.0)
        passed = np.flatnonzero(~free[numbers] & (seconds <= farthest))
        return Answer(
            incident.key,
            tuple(
                Chosen(self.units[numbers[at]].key, float(seconds[at]), self._ring(seconds[at]), rank)
                for rank, at in enumerate(able.tolist(), start=1)
            ),
            tuple(
                PassedOver(
                    self.units[numbers[at]].key,
                    float(seconds[at]),
                    tuple(why for why, those in against.items() if those[numbers[at]]),
                )
                for at in passed[: self.explained].tolist()
            ),
            len(passed),
            short,
        )

    def _search(self, incident: Incident, free: Bits) -> tuple[Numbers, Floats]:
        """All units within a limit within which enough free ones are, or as far as units may come from.

        The first limit is a guess; a wrong guess costs a second search, never a wrong answer.
        """
        last = min(self.rings[-1] * 60.0, np.inf if incident.within is None else incident.within)
        about = self.travel.about(incident.lon, incident.lat)[free]
        wanted = min(incident.wanted, len(about)) - 1
        limit = float(np.partition(about, wanted)[wanted]) * 1.5 + 30.0 if wanted >= 0 else last
        while True:
            limit = min(limit, last)
            numbers, seconds = self.travel.near(incident.lon, incident.lat, limit=limit)
            if limit >= last or np.count_nonzero(free[numbers]) >= incident.wanted:
                return numbers, seconds
            limit *= 2

    def _against(self, incident: Incident) -> dict[Why, Bits]:
        """For each reason, which units it keeps from this incident."""
        size = len(self.units)
        nobody, no_one = np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int32)
        asked = np.zeros(size, dtype=bool)
        asked[[self._at(unit) for unit in incident.asked]] = True
        lacks = [~self._equipment.get(name, nobody) for name in sorted(incident.equipment)]
        unskilled = [self._skilled.get(name, no_one) == 0 for name in sorted(incident.skills)]
        off = self._present == 0
        return {
            Why.BUSY: self._busy | (self._practising & incident.drill),
            Why.OFF_DUTY: off,
            Why.UNFIT: ~self._kinds.get(incident.kind, nobody),
            Why.EQUIPMENT: np.logical_or.reduce([nobody, *lacks]),
            Why.SKILL: np.logical_or.reduce([nobody, *unskilled]) & ~off,
            Why.TOO_FEW: (self._present < incident.responders) & ~off,
            Why.ASKED: asked,
        }

    def _ring(self, seconds: float) -> int:
        return next(ring for ring in self.rings if seconds <= ring * 60)

    def _come(self, responder: Key, step: int) -> None:
        if responder not in self._person:
            raise MumianError(
                f"responder {responder}",
                reason="is not on the board",
                cure="Enter the responder in a unit first",
            )
        unit, skills = self._person[responder]
        with self._lock:
            if (responder in self._here) == (step > 0):
                return
            (self._here.add if step > 0 else self._here.discard)(responder)
            self._present[unit] += step
            for skill in skills:
                column = self._skilled.setdefault(skill, np.zeros(len(self.units), dtype=np.int32))
                column[unit] += step

    def _at(self, unit: Key) -> int:
        if unit not in self._number:
            raise MumianError(f"unit {unit}", reason="is not on the board", cure="Enter the unit first")
        return self._number[unit]


def _columns(sets: Sequence[frozenset[str]]) -> dict[str, Bits]:
    """One column a word: which rows have it."""
    columns: dict[str, Bits] = {}
    for row, words in enumerate(sets):
        for word in words:
            columns.setdefault(word, np.zeros(len(sets), dtype=bool))[row] = True
    return columns
