"""Who is nearest, ready, fit and free now, chosen by `choosing` with the reasons.

Where units stand, and the ways from them, are kept in memory until reference data change. Who is on duty, fit and
free is asked of the database each time, of those nearest alone.
"""

import logging
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

from mumian.database.rows import prepared_cursor
from mumian.engine.world import City, city
from mumian.errors import MumianError
from mumian.systems.response.choosing import Candidate, Chosen, choose
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
    near: list[Candidate] = []
    asked = 0
    while True:
        start, asked = asked, min(asked * 2 or max(LEAST, FIRST * sum(wanted.values())), len(numbers))
        ways = dict(
            zip(units.keys[numbers[start:asked]].tolist(), seconds[start:asked].tolist(), strict=True)
        )
        states = {each.unit: each for each in _states([*ways], now) if each.unit not in without}
        near += [_candidate(states[unit], way, spot) for unit, way in ways.items() if unit in states]
        chosen = choose(near, wanted)
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


def _candidate(state: _State, seconds: float, spot: Spot) -> Candidate:
    """One that names no kinds answers all, and what is not known yet anybody."""
    kind = spot.kind[:2]
    return Candidate(
        state.unit,
        seconds,
        on_duty=state.on_duty,
        fit=not state.kinds or not kind or kind in state.kinds,
        busy=state.busy or (spot.drill and state.practising),
    )


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
    with prepared_cursor() as cursor:
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
"""Of a few units each is looked up by itself, not all at once, which `OFFSET 0` keeps the planner from."""
