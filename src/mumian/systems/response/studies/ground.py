"""What is asked about, as the database has it: places with their people, units, who is on duty at which hour.

Hours are those of one week, from Monday 0:00 = 0 to Sunday 23:00 = 167, by the clocks of the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import cos, inf, radians

import numpy as np
import shapely
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mumian.errors import MumianError
from mumian.place.codes import Level, range_of
from mumian.place.models import Place
from mumian.systems.response.coverage import HOURS, Bits, Ground, Places, on_duty
from mumian.systems.response.nearest import METRES_A_DEGREE, roads_file
from mumian.systems.response.network import Floats, Mode, Network
from mumian.systems.response.travelling import SPEED, hurried, unhurried

Numbers = NDArray[np.int64]


class Pace(StrEnum):
    """How those called come."""

    HURRIED = "hurried"
    """As responders do, and as an alarm reckons: at a run, or by scooter where that is quicker."""
    WALK = "walk"
    DRIVE = "drive"

    @property
    def mode(self) -> Mode:
        return Mode.DRIVE if self is Pace.DRIVE else Mode.WALK

    def walked(self, seconds: float) -> float:
        """How long one who walks (or drives) takes for the way that is done in so many seconds at this pace."""
        if self is not Pace.HURRIED:
            return seconds
        return unhurried(seconds)

    def hurry(self, walked: Floats) -> Floats:
        """The seconds at this pace for ways that take so long on foot (or by car)."""
        if self is not Pace.HURRIED:
            return walked
        return hurried(walked)


@dataclass(frozen=True, slots=True)
class Area:
    """The smallest places within one, by code: n `codes`, their middles, `people` float64[n]; of `known` of them the
    number of people is on record, the others count as the mean of those, or as one each where none is known."""

    codes: Sequence[str]
    points: Places
    people: Floats
    known: int


@dataclass(frozen=True, slots=True)
class Units:
    """u units: `keys` int64[u], where they stand, and `kinds`, what each may answer (all where empty)."""

    keys: Numbers
    points: Places
    kinds: Sequence[Sequence[str]]

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, chosen: Bits) -> Units:
        kinds = [each for each, kept in zip(self.kinds, chosen.tolist(), strict=True) if kept]
        return Units(self.keys[chosen], self.points[chosen], kinds)

    def fit(self, kind: str) -> Bits:
        """bool[u]: who may answer a kind of incident; everybody where none is said."""
        return np.array([not kind or not each or kind in each for each in self.kinds], dtype=bool)


def area(place: str, *, most: float = inf) -> Area:
    """The grids of a place; where it has none, or more than `most`, its communities, and so on upwards.

    Raises MumianError where no place has an outline or a centre.
    """
    low, high = range_of(place) if place else ("", ":")
    for level in (Level.GRID, Level.COMMUNITY, Level.TOWN, Level.DISTRICT):
        rows = Place.objects.filter(code__gte=low, code__lt=high, level=level).order_by("code")
        found = [
            (code, people, *middle)
            for code, people, lon, lat, outline in rows.values_list(
                "code", "population", "lon", "lat", "outline"
            ).iterator(chunk_size=2000)
            if (middle := _middle(lon, lat, outline))
        ]
        if found and len(found) <= most:
            codes, people, lon, lat = zip(*found, strict=True)
            weights, known = _people(people)
            return Area(codes, Places(np.array(lon), np.array(lat)), weights, known)
    raise MumianError(
        _("The place"),
        reason=_("nothing is known of where its grids lie"),
        cure=_("Import its places with outlines or centres first"),
    )


def units_around(points: Places, *, metres: float) -> Units:
    """The active units not farther than so many metres from the box around the points, in the order of their keys."""
    tall = metres / METRES_A_DEGREE
    broad = tall / cos(radians(min(89.0, float(np.abs(points.lat).max()))))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT organisation_id, lon, lat, kinds FROM response_emergencyunit
            WHERE active AND lat BETWEEN %s AND %s AND lon BETWEEN %s AND %s ORDER BY 1""",
            [
                float(points.lat.min()) - tall,
                float(points.lat.max()) + tall,
                float(points.lon.min()) - broad,
                float(points.lon.max()) + broad,
            ],
        )
        rows = cursor.fetchall()
    keys, lon, lat, kinds = zip(*rows, strict=True) if rows else ((), (), (), ())
    where = Places(np.array(lon, dtype=float), np.array(lat, dtype=float))
    return Units(np.array(keys, dtype=np.int64), where, kinds)


def monday(day: date) -> datetime:
    """When the week of a day begins."""
    first = day - timedelta(days=day.weekday())
    return timezone.make_aware(datetime.combine(first, time.min))


def rostered(units: Units, week: datetime) -> tuple[Numbers, Floats, Floats]:
    """The shifts of the week that begins at `week`: the number of the unit, the hours from and until."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SHIFTS, {"units": units.keys.tolist(), "from": week, "until": week + timedelta(days=7)}
        )
        rows = cursor.fetchall()
    keys, begins, ends = zip(*rows, strict=True) if rows else ((), (), ())
    number = np.searchsorted(units.keys, np.array(keys, dtype=np.int64))
    start = week.timestamp()
    since, until = ((np.array(each, dtype=float) - start) / 3600 for each in (begins, ends))
    return number, np.clip(since, 0, HOURS), np.clip(until, 0, HOURS)


def duty(units: Units, shifts: tuple[Numbers, Floats, Floats]) -> Bits:
    """bool[168, u]: who is on duty at which hour by these shifts."""
    number, since, until = shifts
    real = until > since
    return on_duty(number[real], since[real], until[real], units=len(units))


_SHIFTS = """
    SELECT u.key, extract(epoch FROM lower(s.during))::float8, extract(epoch FROM upper(s.during))::float8
    FROM unnest(%(units)s::bigint[]) AS u (key) CROSS JOIN LATERAL (
        SELECT during FROM response_shift
        WHERE unit_id = u.key AND upper(during) > %(from)s AND lower(during) < %(until)s
    ) s
"""
"""Unit by unit, so that the index of a unit's shifts by their end is enough, however long the rosters are kept."""


def roads(pace: Pace) -> Network | None:
    """The network for a pace, where one was imported."""
    path = roads_file().with_name(f"{pace.mode.value}.npz")
    return Network.load(path) if path.exists() else None


@dataclass(frozen=True, slots=True)
class Ways:
    """How long it takes to points at a pace, by road where there is one."""

    ground: Ground
    pace: Pace
    by_road: bool

    @classmethod
    def to(cls, points: Places, people: Floats, pace: Pace) -> Ways:
        network = roads(pace)
        return cls(Ground(network, points, people, mode=pace.mode), pace, network is not None)

    def within(self, starts: Places, seconds: float) -> csr_array:
        """The seconds from each start to each point it reaches within so many, as `Ground.reach` has them."""
        found = self.ground.reach(starts, limit=self.pace.walked(seconds))
        found.data = np.maximum(self.pace.hurry(found.data), 1e-3).astype(np.float32)
        return found


def metres_within(pace: Pace, seconds: float) -> float:
    """No way is done in so many seconds over more metres than this in a straight line."""
    fastest = 130 / 3.6 if pace is Pace.DRIVE else SPEED[Mode.WALK] * 1.1
    return pace.walked(seconds) * fastest


def soonest(reach: csr_array, duty: Bits) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """For each hour which of the different sets of units is on duty, uint8[168]; for each set the seconds until the
    nearest of it is at each point, uint16[sets, points], `BEYOND` where none is."""
    sets, set_of = np.unique(duty, axis=0, return_inverse=True)
    to_points = reach.tocsc()
    first, filled = to_points.indptr[:-1], np.diff(to_points.indptr) > 0
    seconds = np.full((len(sets), reach.shape[1]), BEYOND, dtype=np.uint16)
    for number, on in enumerate(sets):
        times = np.where(on[to_points.indices], np.ceil(to_points.data), np.inf)
        least = np.minimum.reduceat(times, first[filled]) if filled.any() else times
        seconds[number, filled] = np.minimum(least, BEYOND)
    return set_of.ravel().astype(np.uint8), seconds


BEYOND = 65_535
"""Seconds that stand for a way longer than was asked about."""


def _middle(
    lon: float | None, lat: float | None, outline: bytes | memoryview | None
) -> tuple[float, float] | None:
    if lon is not None and lat is not None:
        return lon, lat
    if outline is None:
        return None
    inside = shapely.point_on_surface(shapely.from_wkb(bytes(outline)))
    return (inside.x, inside.y)


def _people(counted: Iterable[int | None]) -> tuple[Floats, int]:
    people = np.array([np.nan if each is None else each for each in counted], dtype=float)
    known = np.isfinite(people)
    if not known.any() or not people[known].sum():
        return np.ones(len(people)), 0
    return np.where(known, people, people[known].mean()), int(known.sum())
