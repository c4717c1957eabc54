"""Who is reached in time, by which rosters: for one hour at once, for all hours of a week together.

Points are places weighted by people, such as the cells of a grid. Hours of the week are numbered from Monday
0:00 = 0 to Sunday 23:00 = 167.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from mumian.errors import MumianError
from mumian.systems.response.network import EARTH, Floats, Footing, Mode, Network
from mumian.systems.response.travelling import DETOUR, SPEED

Bits = NDArray[np.bool_]
HOURS = 168
MINUTES = (1, 3, 5)
"""Within which a point is called reached."""


@dataclass(frozen=True, slots=True)
class Places:
    """n places: `lon`, `lat` float64[n] in degrees. Raises MumianError if one is not on earth."""

    lon: Floats
    lat: Floats

    def __post_init__(self) -> None:
        lost = np.flatnonzero(~((np.abs(self.lon) <= 180) & (np.abs(self.lat) <= 90)))
        if len(lost):
            named = ", ".join(map(str, lost[:5].tolist())) + (" …" if len(lost) > 5 else "")
            raise MumianError(
                f"places {named}",
                reason="are nowhere on earth",
                cure="Give longitude and latitude in degrees",
            )

    def __len__(self) -> int:
        return len(self.lon)

    def __getitem__(self, chosen: NDArray[np.int64] | Bits | slice) -> Places:
        return Places(self.lon[chosen], self.lat[chosen])


@dataclass(frozen=True, slots=True)
class Hour:
    """How an hour is covered: `seconds` float64[points] from the nearest ready unit, infinite beyond the longest
    time asked for; `reached` bool[minutes, points]; `share` float64[minutes] of the people."""

    minutes: tuple[int, ...]
    seconds: Floats
    reached: Bits
    share: Floats

    def missed(self, people: ArrayLike, minutes: int) -> NDArray[np.int64]:
        """The points with people that are not reached within so many minutes, those with most people first."""
        weight = np.asarray(people, dtype=float)
        out = np.flatnonzero(~self.reached[self.minutes.index(minutes)] & (weight > 0))
        return out[np.argsort(-weight[out], kind="stable")]


@dataclass(frozen=True, slots=True)
class Week:
    """How a week is covered: `share` float64[168, minutes] of the people reached at each hour; `hours`
    uint8[minutes, points], at how many hours each point is reached; `twice` float64[168, minutes], the share
    reached by two units or more; `different`, how many duty sets there were to reckon."""

    minutes: tuple[int, ...]
    share: Floats
    hours: NDArray[np.uint8]
    twice: Floats
    different: int


class Ground:
    """The points of an area, made ready to be asked again and again how they are covered.

    Without a network, and for whoever is far from any road, times are those of straight lines.
    """

    def __init__(
        self, network: Network | None, points: Places, people: ArrayLike, *, mode: Mode = Mode.WALK
    ) -> None:
        """`mode` counts only where there is no network, which has its own. Raises MumianError if `people` does
        not fit the points."""
        self.points, self.people = points, _people(people, len(points))
        self._network = network
        self._pace = DETOUR / SPEED[network.mode if network else mode]
        self._ends = _stand(network, points)
        self._tree = cKDTree(_on_sphere(points))

    def hour(self, units: Places, *, minutes: tuple[int, ...] = MINUTES) -> Hour:
        """Coverage by the units given, those on duty; one search over the network serves them all."""
        limit = max(minutes) * 60.0
        starts = _stand(self._network, units)
        seconds = np.full(len(self.points), np.inf)
        if self._network:
            seconds = self._network.seconds_from_any(starts, self._ends, limit=limit)
        off = np.flatnonzero(~self._ends.standing)
        seconds[off] = np.minimum(seconds[off], self._straight(units, self.points[off], limit))
        seconds = np.minimum(seconds, self._straight(units[~starts.standing], self.points, limit))
        reached = seconds[None, :] <= np.array(minutes)[:, None] * 60.0
        return Hour(minutes, seconds, reached, reached @ self.people / (self.people.sum() or 1.0))

    def reach(self, units: Places, *, limit: float = 60.0 * max(MINUTES)) -> csr_array:
        """The seconds from each unit to each point it reaches within `limit`, as a sparse float32[units, points].

        Costs a search a unit; keep it while units and roads stay the same. A time of nothing is stored as a
        millisecond, so that it is not taken for no way.
        """
        starts = _stand(self._network, units)
        radius = limit / self._pace
        near = cKDTree(_on_sphere(units)).sparse_distance_matrix(self._tree, radius, output_type="ndarray")
        unit, point, seconds = near["i"], near["j"], near["v"] * self._pace
        if self._network:
            off = ~(starts.standing[unit] & self._ends.standing[point])
            by_road = self._network.pairs(starts, self._ends, limit=limit)
            straight = unit[off], point[off], seconds[off]
            unit, point, seconds = (np.concatenate(both) for both in zip(by_road, straight, strict=True))
        entries = np.maximum(seconds, 1e-3).astype(np.float32)
        return csr_array((entries, (unit, point)), shape=(len(units), len(self.points)))

    def _straight(self, units: Places, points: Places, limit: float) -> Floats:
        """float64[points]: seconds from the nearest unit in a straight line."""
        if not len(units) or not len(points):
            return np.full(len(points), np.inf)
        tree = cKDTree(_on_sphere(units))
        metres, _ = tree.query(_on_sphere(points), distance_upper_bound=limit / self._pace)
        return np.asarray(metres, dtype=np.float64) * self._pace


def cover_week(
    reach: csr_array, duty: Bits, people: ArrayLike, *, minutes: tuple[int, ...] = MINUTES
) -> Week:
    """Coverage at every hour by who is on duty: `reach` from `Ground.reach`, `duty` bool[168, units].

    Hours with the same units on duty are reckoned once; the rest is a product of sparse matrices.
    """
    weight = _people(people, reach.shape[1])
    if duty.shape != (HOURS, reach.shape[0]):
        raise MumianError(
            "duty",
            reason=f"its shape is {duty.shape}, not {(HOURS, reach.shape[0])}",
            cure="Give 168 hours × units",
        )
    sets, set_of = np.unique(duty, axis=0, return_inverse=True)
    how_many = np.bincount(set_of.ravel(), minlength=len(sets))
    ready = csr_array(sets.astype(np.int32))
    shares, twice, hours = [], [], []
    for limit in minutes:
        near = reach.copy()
        near.data = (near.data <= limit * 60.0).astype(np.int32)
        near.eliminate_zeros()
        count = csr_array(ready @ near)
        covered = csr_array((np.ones(count.nnz), count.indices, count.indptr), shape=count.shape)
        shares.append(covered @ weight)
        hours.append(covered.T @ how_many)
        covered.data = (count.data >= 2).astype(float)
        twice.append(covered @ weight)
    total = weight.sum() or 1.0
    return Week(
        minutes,
        share=np.column_stack(shares)[set_of.ravel()] / total,
        hours=np.stack(hours).astype(np.uint8),
        twice=np.column_stack(twice)[set_of.ravel()] / total,
        different=len(sets),
    )


def gain(reach: csr_array, reached: Bits, people: ArrayLike, *, minutes: int) -> Floats:
    """float64[sites]: how many more people one more unit at each site would reach, where `reach` is that of the
    sites and `reached` bool[points] what is reached already."""
    left = np.where(reached, 0.0, _people(people, reach.shape[1]))
    near = reach.copy()
    near.data = (near.data <= minutes * 60.0).astype(float)
    more: Floats = near @ left
    return more


def on_duty(unit: ArrayLike, begin: ArrayLike, end: ArrayLike, *, units: int, needed: int = 1) -> Bits:
    """bool[168, units] from shifts: shift i keeps one person of `unit[i]` on duty from hour `begin[i]` to `end[i]`
    of the week, which may run past Sunday into Monday (end over 168).

    An hour counts for whoever is on duty at its half; a unit is on duty with `needed` persons. Raises MumianError
    for an end before its beginning, a shift longer than a week, or a unit that is not there.
    """
    who, since, until = np.asarray(unit, dtype=np.int64), np.asarray(begin, float), np.asarray(end, float)
    wrong = ~((since >= 0) & (since < HOURS) & (until > since) & (until - since <= HOURS))
    wrong |= (who < 0) | (who >= units)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise MumianError(
            f"shift {at}",
            reason=f"unit {who[at]} from hour {since[at]:g} to {until[at]:g} cannot be",
            cure="Let it begin within the week and end after that, at most a week later",
        )
    change = np.zeros((2 * HOURS + 1, units), dtype=np.int32)
    np.add.at(change, (np.ceil(since - 0.5).astype(np.int64), who), 1)
    np.add.at(change, (np.ceil(until - 0.5).astype(np.int64), who), -1)
    present = np.cumsum(change, axis=0)
    duty: Bits = np.greater_equal(present[:HOURS] + present[HOURS : 2 * HOURS], needed)
    return duty


def _stand(network: Network | None, places: Places) -> Footing:
    if network:
        return network.stand(places.lon, places.lat)
    nothing = np.zeros(len(places))
    return Footing(np.full(len(places), -1, dtype=np.int32), nothing, nothing)


def _on_sphere(places: Places) -> Floats:
    """Points in space, in metres: a chord differs from the arc by less than a millimetre in 10 km."""
    lon, lat = np.radians(places.lon), np.radians(places.lat)
    return EARTH * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _people(people: ArrayLike, points: int) -> Floats:
    weight = np.asarray(people, dtype=float)
    if weight.shape != (points,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise MumianError(
            "people", reason=f"they are not {points} numbers of at least 0", cure="Give each point its people"
        )
    return weight
