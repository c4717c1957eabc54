"""Who is nearest, ready, fit and free: asked here by alerting, with the reasons for each choice."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

DETOUR = 1.3
"""By so much the way is longer than the straight line, where no road network is known."""
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
    metres: int
    equipment: tuple[str, ...]

    def because(self) -> str:
        """Why it was chosen, for the record: distance, way and equipment."""
        kit = f"; {', '.join(self.equipment)}" if self.equipment else ""
        return f"{self.metres} m, {self.seconds} s{kit}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is, what kind, and whether only to practise."""

    lon: float
    lat: float
    kind: str
    drill: bool = False


def nearest(
    spot: Spot, now: datetime, *, within: int, most: int, without: Collection[int] = ()
) -> list[Chosen]:
    """The nearest units that can be there within so many seconds, soonest first, at most so many.

    Only those that are active, may answer this kind, have somebody on duty and are called nowhere else. A unit at a
    drill can be called to what is real, not the reverse.
    """
    far = reach(within)
    tall, broad = far / METRES_A_DEGREE, far / (METRES_A_DEGREE * math.cos(math.radians(spot.lat)))
    with connection.cursor() as cursor:
        cursor.execute(
            _READY,
            {
                "south": spot.lat - tall, "north": spot.lat + tall, "west": spot.lon - broad, "east": spot.lon + broad,
                "kind": spot.kind[:2], "drill": spot.drill, "now": now, "without": list(without),
            },
        )  # fmt: skip
        found = [_chosen(spot, unit, lon, lat, equipment) for unit, lon, lat, equipment in cursor.fetchall()]
    soon = [each for each in found if each.seconds <= within]
    return sorted(soon, key=lambda each: (each.seconds, each.unit))[:most]


def travel_seconds(metres: float) -> int:
    """How long the way takes at the quicker of foot and wheel; metres in a straight line."""
    way = metres * DETOUR
    return math.ceil(min(way / ON_FOOT, GETTING_STARTED + way / BY_WHEEL))


def reach(seconds: int) -> float:
    """How far one gets, in metres in a straight line."""
    return max(seconds * ON_FOOT, (seconds - GETTING_STARTED) * BY_WHEEL) / DETOUR


def _chosen(spot: Spot, unit: int, lon: float, lat: float, equipment: list[str]) -> Chosen:
    across = (lon - spot.lon) * METRES_A_DEGREE * math.cos(math.radians(spot.lat))
    metres = math.hypot(across, (lat - spot.lat) * METRES_A_DEGREE)
    return Chosen(unit, travel_seconds(metres), round(metres), tuple(equipment))


ON_DUTY = """
    (EXISTS (SELECT FROM response_responder r WHERE r.unit_id = u.organisation_id AND r.duty = 'on')
     OR EXISTS (SELECT FROM response_shift s JOIN response_responder r ON r.id = s.responder_id
                WHERE s.unit_id = u.organisation_id AND upper(s.during) > %(now)s AND s.during @> %(now)s::timestamptz
                  AND r.duty <> 'off'))
"""
"""Whether somebody of unit `u` is on duty at `now`: by phone, or by the roster and not off by phone."""
_READY = f"""
    SELECT u.organisation_id, u.lon, u.lat, u.equipment FROM response_emergencyunit u
    WHERE u.active AND u.lat BETWEEN %(south)s AND %(north)s AND u.lon BETWEEN %(west)s AND %(east)s
      AND (u.kinds = '{{}}' OR %(kind)s = '' OR %(kind)s = ANY (u.kinds))
      AND u.organisation_id <> ALL (%(without)s::bigint[])
      AND NOT EXISTS (SELECT FROM response_alert a WHERE a.unit_id = u.organisation_id AND a.ended_at IS NULL
                      AND (NOT a.drill OR %(drill)s))
      AND {ON_DUTY}
"""  # noqa: S608  (only constants of this file)
