"""Who is nearest, ready, fit and free now, chosen by `choosing`, with the reasons.

Where units stand, and the ways from them, are kept in memory until reference data change. Who is on duty, fit and
free is asked of the database each time, of those nearest alone.
"""

import logging
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import connection

from mumian.engine.world import City, city
from mumian.errors import MumianError
from mumian.systems.response.choosing import Board, Incident, Responder, Unit, Why
from mumian.systems.response.models import EmergencyUnit
from mumian.systems.response.network import Floats, Mode, Network
from mumian.systems.response.travelling import (
    DETOUR,
    SPEED,
    ByRoad,
    Hurried,
    Numbers,
    Straight,
    Travel,
    unhurried,
)

log = logging.getLogger(__name__)
METRES_A_DEGREE = 111_320.0
FIRST, LEAST = 4, 8
"""How many of those nearest are asked about at first, for each that is wanted, and at the least; twice as many each
time that they do not suffice."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A unit that can come, and how soon."""

    unit: int
    seconds: int
    limit: int
    """The limit for which it was chosen, one of those wanted."""
    because: str
    """Why it and no nearer one, for the record: `1` is the nearest that could go; `2; busy 1` that one was busy."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is, what kind, and whether only to practise."""

    lon: float
    lat: float
    kind: str
    drill: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """How a unit stands now."""

    unit: int
    kinds: Sequence[str]
    on_duty: bool
    busy: bool
    practising: bool


def nearest(
    spot: Spot,
    now: datetime,
    wanted: Mapping[int, int],
    *,
    without: Collection[int] = (),
    only: Collection[int] = (),
) -> list[Chosen]:
    """The nearest units that can be there: within each limit in seconds so many as are `wanted`, none twice.

    Only those that are active, may answer this kind, have somebody on duty and are called nowhere else; none of
    `without`; where `only` names any, no others. A unit at a drill can be called to what is real, not the reverse.
    One statement, unless many of those nearest cannot go.
    """
    units = _placed()
    numbers, seconds = units.within(spot, max(wanted, default=0), only)
    states: dict[int, _State] = {}
    asked = 0
    while True:
        start, asked = asked, min(asked * 2 or max(LEAST, FIRST * sum(wanted.values())), len(numbers))
        keys = units.keys[numbers[:asked]].tolist()
        states |= {each.unit: each for each in _states(keys[start:], now)}
        ways = [each for each in zip(keys, seconds[:asked].tolist(), strict=True) if each[0] in states]
        chosen = _choose(spot, wanted, ways, states, without)
        if asked == len(numbers) or not _wanting(wanted, chosen, beyond=float(seconds[asked - 1])):
            return chosen


def array(plain: Iterable[int | UUID]) -> str:
    """Numbers or ids as an array in PostgreSQL's words: written at once, where psycopg would ask of each its type."""
    return f"{{{','.join(map(str, plain))}}}"


def reach(seconds: int) -> float:
    """How far one gets, in metres in a straight line."""
    return unhurried(seconds) * SPEED[Mode.WALK] / DETOUR


def _wanting(wanted: Mapping[int, int], chosen: Sequence[Chosen], *, beyond: float) -> bool:
    """Whether units still wanted may be found beyond so many seconds."""
    found = Counter(each.limit for each in chosen)
    return any(found[limit] < count for limit, count in wanted.items() if limit > beyond)


def _choose(
    spot: Spot,
    wanted: Mapping[int, int],
    ways: Sequence[tuple[int, float]],
    states: Mapping[int, _State],
    without: Collection[int],
) -> list[Chosen]:
    """Chooses among units of which all is known, given with their seconds, for each limit, the nearest first."""
    kind = spot.kind[:2]
    travel = _Known(np.array([seconds for _unit, seconds in ways]))
    near = [states[unit] for unit, _seconds in ways]
    board = Board(
        [Unit(each.unit, 0.0, 0.0, _kinds(each, kind)) for each in near],
        travel,
        [Responder(each.unit, each.unit) for each in near],
    )
    for each in near:
        if each.on_duty:
            board.on_duty(each.unit)
        if each.busy:
            board.take(each.unit)
        if each.practising:
            board.take(each.unit, drill=True)
    asked, chosen = {unit for unit in without if unit in states}, list[Chosen]()
    for limit in sorted(wanted):
        incident = Incident(
            key=limit, lon=spot.lon, lat=spot.lat, kind=kind, wanted=wanted[limit], within=float(limit),
            drill=spot.drill, asked=frozenset(asked),
        )  # fmt: skip
        [answer] = board.choose([incident])
        before = len(chosen)
        for one in answer.chosen:
            passed = [over.why for over in answer.passed_over if over.seconds <= one.seconds]
            because = _because(before + one.rank, passed)
            chosen.append(Chosen(int(str(one.unit)), math.ceil(one.seconds), limit, because))
        asked |= {each.unit for each in chosen}
    return chosen


def _because(rank: int, passed: Sequence[tuple[Why, ...]]) -> str:
    reasons = Counter(str(why) for each in passed if Why.ASKED not in each for why in each)
    return "; ".join([str(rank), *(f"{why} {count}" for why, count in sorted(reasons.items()))])


def _kinds(each: _State, kind: str) -> frozenset[str]:
    """What it may answer: one that names no kinds all, and what is not known yet anybody."""
    return frozenset(each.kinds) if each.kinds and kind else frozenset([kind])


@dataclass(frozen=True, slots=True)
class _Known:
    """Ways that are reckoned already, as choosing asks for them."""

    seconds: Floats

    def near(self, lon: float, lat: float, *, limit: float) -> tuple[Numbers, Floats]:
        found = np.flatnonzero(self.seconds <= limit)
        return found, self.seconds[found]

    def about(self, lon: float, lat: float) -> Floats:
        return self.seconds


# Where units stand


@dataclass(frozen=True, slots=True)
class _Placed:
    """All active units with the ways from them, as long as reference data and roads stay what they are."""

    city: City
    roads: float
    keys: Numbers
    lon: Floats
    lat: Floats
    travel: Travel
    lock: Lock = field(default_factory=Lock)

    def within(self, spot: Spot, limit: float, only: Collection[int]) -> tuple[Numbers, Floats]:
        """Numbers and seconds of all that can be there within a limit, the nearest first."""
        with self.lock:
            numbers, seconds = self.travel.near(spot.lon, spot.lat, limit=limit)
        if only:
            chosen = np.isin(self.keys[numbers], list(only))
            numbers, seconds = numbers[chosen], seconds[chosen]
        order = np.argsort(seconds, kind="stable")
        return numbers[order], seconds[order]


_kept: _Placed | None = None
_loading = Lock()


def _placed() -> _Placed:
    """The units as they stand, read again where reference data or roads have changed."""
    global _kept
    here, changed = city(), _changed(roads_file())
    kept = _kept
    if kept is not None and kept.city is here and kept.roads == changed:
        return kept
    with _loading:
        if _kept is None or _kept.city is not here or _kept.roads != changed:
            _kept = _load(here, changed, _kept)
        return _kept


def _load(here: City, roads: float, before: _Placed | None) -> _Placed:
    rows = EmergencyUnit.objects.filter(active=True).order_by("pk").values_list("pk", "lon", "lat")
    keys, lon, lat = np.array(list(rows), dtype=np.float64).reshape(-1, 3).T.copy()
    same = (
        before is not None
        and before.roads == roads
        and np.array_equal(before.lon, lon)
        and np.array_equal(before.lat, lat)
    )
    travel = before.travel if before and same else _travel(lon, lat, roads)
    return _Placed(here, roads, keys.astype(np.int64), lon, lat, travel)


def _travel(lon: Floats, lat: Floats, roads: float) -> Travel:
    """By road on foot, where a network was imported; else by a straight line. Hurried, as responders are.

    Where the network cannot be read, help is called all the same.
    """
    try:
        if roads:
            return Hurried(ByRoad(_network(roads_file(), roads), lon, lat))
    except MumianError as error:
        log.error("ways are straight lines, for the roads cannot be read: %s", error)
    return Hurried(Straight(lon, lat, Mode.WALK))


def roads_file() -> Path:
    """Where the network for those on foot is kept once it was imported."""
    return Path(settings.DATA) / "roads" / "walk.npz"


def _changed(file: Path) -> float:
    """When a file was last written; 0 where there is none."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


@lru_cache(maxsize=1)
def _network(path: Path, changed: float) -> Network:
    return Network.load(path)


# How they stand


def _states(units: Sequence[int], now: datetime) -> list[_State]:
    if not units:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STATES, {"units": array(units), "now": now})
        return [_State(*row) for row in cursor.fetchall()]


_ON_DUTY = """
    (EXISTS (SELECT FROM response_responder r WHERE r.unit_id = u.organisation_id AND r.duty = 'on' {alone})
     OR EXISTS (SELECT FROM response_shift s JOIN response_responder r ON r.id = s.responder_id
                WHERE s.unit_id = u.organisation_id AND upper(s.during) > %(now)s AND s.during @> %(now)s::timestamptz
                  AND r.duty <> 'off' {alone}))
"""
ON_DUTY = _ON_DUTY.format(alone="")
"""Whether somebody of unit `u` is on duty at `now`: by phone, or by the roster and not off by phone."""
_CALLED = """
    EXISTS (SELECT FROM response_alert a
            WHERE a.unit_id = u.organisation_id AND a.ended_at IS NULL AND {drill} a.drill OFFSET 0)
"""
_STATES = f"""
    SELECT u.organisation_id, u.kinds, {_ON_DUTY.format(alone="OFFSET 0")},
           {_CALLED.format(drill="NOT")}, {_CALLED.format(drill="")}
    FROM response_emergencyunit u WHERE u.active AND u.organisation_id = ANY(%(units)s::bigint[])
"""  # noqa: S608  (only constants of this file)
"""Of a few units each is looked up by itself: `OFFSET 0` spares the planner, which takes longer than the look, the
thought of doing it for all at once."""
