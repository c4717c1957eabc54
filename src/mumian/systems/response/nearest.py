"""Who is nearest, ready, fit and free now, as the database has it, chosen by `choosing`, with the reasons."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from mumian.systems.response.choosing import Board, Incident, Responder, Unit, Why
from mumian.systems.response.network import Mode, Network
from mumian.systems.response.travelling import DETOUR, ByRoad, Hurried, Straight, Travel

ON_FOOT, BY_WHEEL = 1.6, 4.5
"""Metres a second: at a run, and on a scooter or in a patrol car in a city."""
GETTING_STARTED = 45
"""Seconds until one sits on it."""
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A unit that can come, and how soon."""

    unit: int
    seconds: int
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
class _Near:
    """A unit that is not too far, and how it stands."""

    unit: int
    lon: float
    lat: float
    kinds: Sequence[str]
    equipment: Sequence[str]
    on_duty: bool
    busy: bool
    practising: bool


def nearest(
    spot: Spot, now: datetime, *, within: int, most: int, without: Collection[int] = ()
) -> list[Chosen]:
    """The nearest units that can be there within so many seconds, soonest first, at most so many.

    Only those that are active, may answer this kind, have somebody on duty and are called nowhere else; none of
    `without`. A unit at a drill can be called to what is real, not the reverse. One statement.
    """
    near = _near(spot, now, within)
    if not near:
        return []
    kind, here = spot.kind[:2], {each.unit for each in near}
    board = Board(
        [_as_unit(each, kind) for each in near],
        _travel(near),
        [Responder(each.unit, each.unit) for each in near],
    )
    for each in near:
        if each.on_duty:
            board.on_duty(each.unit)
        if each.busy:
            board.take(each.unit)
        if each.practising:
            board.take(each.unit, drill=True)
    asked = frozenset(unit for unit in without if unit in here)
    incident = Incident(
        key=0,
        lon=spot.lon,
        lat=spot.lat,
        kind=kind,
        wanted=most,
        within=float(within),
        drill=spot.drill,
        asked=asked,
    )
    [answer] = board.choose([incident])
    return [
        Chosen(
            int(str(each.unit)),
            math.ceil(each.seconds),
            _because(
                each.rank,
                [
                    why
                    for over in answer.passed_over
                    if over.seconds <= each.seconds
                    for why in over.why
                    if why is not Why.ASKED
                ],
            ),
        )
        for each in answer.chosen
    ]


def reach(seconds: int) -> float:
    """How far one gets, in metres in a straight line."""
    return max(seconds * ON_FOOT, (seconds - GETTING_STARTED) * BY_WHEEL) / DETOUR


def _because(rank: int, passed: Sequence[str]) -> str:
    return "; ".join(
        [str(rank), *(f"{why} {count}" for why, count in sorted(Counter(map(str, passed)).items()))]
    )


def _as_unit(each: _Near, kind: str) -> Unit:
    """As choosing sees it: one that names no kinds may answer all, and what is not known yet anybody may answer."""
    fits = not each.kinds or not kind or kind in each.kinds
    kinds = frozenset([kind]) if fits else frozenset(each.kinds)
    return Unit(each.unit, each.lon, each.lat, kinds, frozenset(each.equipment))


def _travel(near: Sequence[_Near]) -> Travel:
    """By road on foot, where a network was imported; else by a straight line. Hurried, as responders are."""
    lon, lat = [each.lon for each in near], [each.lat for each in near]
    network = _roads()
    walking = Straight(lon, lat, Mode.WALK) if network is None else ByRoad(network, lon, lat)
    return Hurried(walking, running=ON_FOOT, riding=BY_WHEEL, getting_started=GETTING_STARTED)


def roads_file() -> Path:
    """Where the network for those on foot is kept once it was imported."""
    return Path(settings.DATA) / "roads" / "walk.npz"


def _roads() -> Network | None:
    path = roads_file()
    try:
        return _loaded(path, path.stat().st_mtime)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _loaded(path: Path, changed: float) -> Network:
    return Network.load(path)


def _near(spot: Spot, now: datetime, within: int) -> list[_Near]:
    far = reach(within)
    tall, broad = far / METRES_A_DEGREE, far / (METRES_A_DEGREE * math.cos(math.radians(spot.lat)))
    box: dict[str, float | datetime] = {
        "south": spot.lat - tall, "north": spot.lat + tall, "west": spot.lon - broad, "east": spot.lon + broad, "now": now,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, box)
        return [_Near(*row) for row in cursor.fetchall()]


ON_DUTY = """
    (EXISTS (SELECT FROM response_responder r WHERE r.unit_id = u.organisation_id AND r.duty = 'on')
     OR EXISTS (SELECT FROM response_shift s JOIN response_responder r ON r.id = s.responder_id
                WHERE s.unit_id = u.organisation_id AND upper(s.during) > %(now)s AND s.during @> %(now)s::timestamptz
                  AND r.duty <> 'off'))
"""
"""Whether somebody of unit `u` is on duty at `now`: by phone, or by the roster and not off by phone."""
_CALLED = """
    EXISTS (SELECT FROM response_alert a WHERE a.unit_id = u.organisation_id AND a.ended_at IS NULL AND {drill} a.drill)
"""
_NEAR = f"""
    SELECT u.organisation_id, u.lon, u.lat, u.kinds, u.equipment, {ON_DUTY},
           {_CALLED.format(drill="NOT")}, {_CALLED.format(drill="")}
    FROM response_emergencyunit u
    WHERE u.active AND u.lat BETWEEN %(south)s AND %(north)s AND u.lon BETWEEN %(west)s AND %(east)s
    ORDER BY u.organisation_id
"""  # noqa: S608  (only constants of this file)
