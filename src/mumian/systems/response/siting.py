"""Where units help most: the classic location models, solved exactly on HiGHS, with the bound that was proved.

Demand points (d) are places weighted by people; candidate sites (s) are where a unit could stand. `reach` is
bool[d, s], an array or sparse: whether a site reaches a point in time; `times` is float[d, s] in seconds (or metres). `standing` is
bool[s]: sites that have a unit already and keep it; `count` says how many more are placed. A shift can be sited
like a unit: let a site be a place at an hour, and a point be people at an hour.

Every function returns a `Plan` and raises MumianError where no plan exists, where the arrays do not fit, or
where none was found within `limit` seconds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, csr_array, eye_array, issparse, sparray

from mumian.errors import MumianError
from mumian.systems.response.median import Median
from mumian.systems.response.network import Floats
from mumian.systems.response.sifting import sift

Bits = NDArray[np.bool_]
Reach: TypeAlias = ArrayLike | sparray
_SAME = 1e-9
"""Of a sum of people: what adding up in another order may change."""
LIMIT = 60.0
"""Seconds that a search may take if nothing else is said."""


class Status(StrEnum):
    """How far a plan is proved."""

    OPTIMAL = "optimal"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to put units, and how good that is.

    `units`: int64[s], new units at each site. `objective` is reckoned from the sites by plain arithmetic, not
    taken from the solver; no plan is better than `bound`; `gap` is |objective - bound| / |objective|. `seconds`
    is how long it took. `nearest`: int64[d], the site that serves each point, -1 where none does in time.
    """

    units: NDArray[np.int64]
    objective: float
    bound: float
    gap: float
    status: Status
    seconds: float
    nearest: NDArray[np.int64]

    @property
    def sites(self) -> tuple[int, ...]:
        """The sites that get a unit."""
        return tuple(np.flatnonzero(self.units).tolist())


def cover_all(reach: Reach, *, standing: ArrayLike | None = None, limit: float = LIMIT) -> Plan:
    """The fewest new units with which every point is reached in time (LSCP). The objective counts them.

    Toregas, Swain, ReVelle, Bergman, 'The location of emergency service facilities', Operations Research 19
    (1971).
    """
    search = _Search(limit)
    cover, there = _cover(reach, standing)
    _all_reachable(cover)
    rows, _ = _alike(cover, np.ones(cover.shape[0]))
    found = search.solve(
        np.where(there, 0.0, 1.0), [LinearConstraint(rows, 1, np.inf)], lower=there.astype(float), upper=1.0
    )
    units = (found.x > 0.5) & ~there
    return search.plan(
        units,
        float(units.sum()),
        np.ceil(found.bound - 1e-6),
        _any_in_reach(cover, units | there),
        optimal=found.optimal,
    )


def cover_most(
    reach: Reach,
    weights: ArrayLike,
    count: int,
    *,
    standing: ArrayLike | None = None,
    limit: float = LIMIT,
) -> Plan:
    """`count` more units that bring the most people within reach (MCLP). The objective counts all in reach.

    Church, ReVelle, 'The maximal covering location problem', Papers of the Regional Science Association 32 (1974).
    """
    search = _Search(limit)
    cover, there = _cover(reach, standing)
    people = _weights(weights, cover.shape[0])
    served = cover @ there > 0
    rows, weight = _alike(cover[np.flatnonzero(~served)], people[~served])
    sites = rows.shape[1]
    room = _room(count, sites - int(there.sum()))
    sifted = sift(rows, weight, ~there, room, lambda: search.left)
    units = np.zeros(sites, dtype=bool)
    units[sifted.chosen] = True
    bound, optimal = sifted.bound, sifted.bound - sifted.value <= _SAME * sifted.value
    if not optimal and (found := _most(search, rows[:, sifted.kept], weight, room)):
        if -found.bound < bound:
            bound = max(-found.bound, sifted.value)
        better = np.zeros(sites, dtype=bool)
        better[sifted.kept[found.x[: len(sifted.kept)] > 0.5]] = True
        if weight[rows @ better > 0].sum() >= sifted.value:
            units, optimal = better, found.optimal
    value = float(people[cover @ (units | there) > 0].sum())
    return search.plan(
        units,
        value,
        max(value, float(people[served].sum()) + bound),
        _any_in_reach(cover, units | there),
        optimal=optimal,
    )


def cover_twice(
    reach: Reach,
    weights: ArrayLike,
    count: int,
    *,
    first: float = 0.5,
    standing: ArrayLike | None = None,
    limit: float = LIMIT,
) -> Plan:
    """`count` more units for the people reached once and those reached twice, so that help comes though one unit
    is busy (BACOP2). The objective is `first` × people in reach + (1 − `first`) × people in reach of two sites.

    Hogan, ReVelle, 'Concepts and applications of backup coverage', Management Science 32 (1986).
    """
    search = _Search(limit)
    cover, there = _cover(reach, standing)
    people = _weights(weights, cover.shape[0])
    rows, weight = _alike(cover, people)
    points, sites = rows.shape
    same = eye_array(points, format="csr")
    found = search.solve(
        np.concatenate([np.zeros(sites), -first * weight, -(1 - first) * weight]),
        [
            LinearConstraint(block_array([[rows, -same, -same]], format="csr"), 0, np.inf),
            LinearConstraint(
                block_array([[csr_array((points, sites)), same, -same]], format="csr"), 0, np.inf
            ),
            _placed(sites, 2 * points, _room(count, sites - int(there.sum())) + int(there.sum())),
        ],
        lower=np.concatenate([there.astype(float), np.zeros(2 * points)]),
        upper=1.0,
        whole=sites,
    )
    chosen = found.x[:sites] > 0.5
    times = cover @ chosen
    value = first * people[times >= 1].sum() + (1 - first) * people[times >= 2].sum()
    return search.plan(
        chosen & ~there, float(value), -found.bound, _any_in_reach(cover, chosen), optimal=found.optimal
    )


def cover_expected(
    reach: Reach,
    weights: ArrayLike,
    count: int,
    *,
    busy: float,
    at_most: ArrayLike = 1,
    standing: ArrayLike | None = None,
    limit: float = LIMIT,
) -> Plan:
    """`count` more units, at most `at_most` (int or int[s]) new ones a site, for the most people expected to be reached when each
    unit is busy a share `busy` of the time, independently of the others (MEXCLP).

    `standing` may count units (int[s]). The objective is Σ people × (1 − busy^units in reach). Daskin, 'A maximum
    expected covering location model', Transportation Science 17 (1983).
    """
    if not 0 <= busy < 1:
        raise MumianError(
            f"busy share {busy}", reason="is not in [0, 1)", cure="Give the share of time as 0 to 1"
        )
    search = _Search(limit)
    cover, _ = _cover(reach, None)
    there = np.zeros(cover.shape[1]) if standing is None else np.asarray(standing, dtype=float)
    people = _weights(weights, cover.shape[0])
    rows, weight = _alike(cover, people)
    points, sites = rows.shape
    before = rows @ there
    most = np.broadcast_to(np.asarray(at_most, dtype=float), there.shape)
    layers = int(min(count, np.max(rows @ most, initial=0)))
    gain = [-weight * (1 - busy) * busy ** (before + layer) for layer in range(layers)]
    blocks = [rows, *[-eye_array(points)] * layers]
    constraints = [_placed(sites, points * layers, _room(count, int(most.sum())))]
    if layers:
        constraints.append(LinearConstraint(block_array([blocks], format="csr"), 0, np.inf))
    found = search.solve(
        np.concatenate([np.zeros(sites), *gain]),
        constraints,
        lower=0.0,
        upper=np.concatenate([most, np.ones(points * layers)]),
        whole=sites,
    )
    units = np.rint(found.x[:sites])
    value = float((people * (1 - busy ** (cover @ (there + units)))).sum())
    bound = float((weight * (1 - busy**before)).sum()) - found.bound
    return search.plan(units, value, bound, _any_in_reach(cover, there + units > 0), optimal=found.optimal)


def least_mean(
    times: ArrayLike,
    weights: ArrayLike,
    count: int,
    *,
    standing: ArrayLike | None = None,
    limit: float = LIMIT,
) -> Plan:
    """`count` more units so that people wait least in all (p-median). The objective is Σ people × time.

    Hakimi, 'Optimum locations of switching centers', Operations Research 12 (1964); solved as `median` says.
    """
    search = _Search(limit)
    far, there = _times(times, standing)
    people = _weights(weights, len(far))
    room = _room(count, far.shape[1] - int(there.sum()))
    _somewhere(there, room)
    unit = float(far.max()) / 1e4 or 1.0
    found = Median(far / unit, people, there, room, lambda: search.left)
    found.solve()
    value = float((far[:, found.chosen].min(axis=1) * people).sum())
    nearest = _nearest(far, found.chosen)
    return search.plan(found.chosen & ~there, value, found.bound * unit, nearest, optimal=found.optimal)


def least_worst(
    times: ArrayLike, count: int, *, standing: ArrayLike | None = None, limit: float = LIMIT
) -> Plan:
    """`count` more units so that whoever waits longest waits least (p-centre). The objective is that time.

    Halves the list of possible times, asking each time how few sites cover all within it: Minieka, 'The m-center
    problem', SIAM Review 12 (1970).
    """
    search = _Search(limit)
    far, there = _times(times, standing)
    room = _room(count, far.shape[1] - int(there.sum()))
    _somewhere(there, room)
    steps = np.unique(far[far >= far.min(axis=1).max()])
    best = there.copy()
    best[np.flatnonzero(~there)[:room]] = True
    low, high = 0, int(np.searchsorted(steps, far[:, best].min(axis=1).max()))
    while low < high:  # the answer is one of steps[low:high + 1], and `best` attains the last
        middle = (low + high) // 2
        try:
            plan = cover_all(far <= steps[middle], standing=there, limit=search.left)
        except MumianError:
            break
        if plan.objective <= room:
            best = there | (plan.units > 0)
            high = int(np.searchsorted(steps, far[:, best].min(axis=1).max()))
        elif plan.bound > room:
            low = middle + 1
        else:
            break
    value = float(far[:, best].min(axis=1).max())
    return search.plan(best & ~there, value, float(steps[low]), _nearest(far, best), optimal=low == high)


@dataclass(frozen=True, slots=True)
class _Found:
    x: Floats
    bound: float
    optimal: bool


class _Search:
    """One question to the solver with its time, and what came of it."""

    def __init__(self, limit: float) -> None:
        self._limit, self._begun = limit, time.monotonic()

    @property
    def left(self) -> float:
        """Seconds that are left; never quite none, so that the solver says itself that time is up."""
        return max(0.01, self._limit - (time.monotonic() - self._begun))

    def solve(
        self,
        cost: Floats,
        constraints: list[LinearConstraint],
        *,
        lower: Floats | float,
        upper: Floats | float,
        whole: int | None = None,
    ) -> _Found:
        """Minimises; the first `whole` variables (all, if not said) are whole numbers."""
        integral = np.zeros(len(cost))
        integral[:whole] = 1
        result = milp(
            cost,
            constraints=constraints,
            bounds=Bounds(np.broadcast_to(lower, cost.shape), np.broadcast_to(upper, cost.shape)),
            integrality=integral,
            options={"time_limit": self.left, "mip_rel_gap": 0.0},
        )
        if result.status == 2:
            raise MumianError("siting", reason="no plan exists", cure="Allow more units or more sites")
        if result.x is None:
            raise MumianError(
                "siting",
                reason="no plan was found in time",
                cure="Allow more time or take fewer points and sites",
            )
        return _Found(result.x, float(result.mip_dual_bound), result.status == 0)

    def plan(
        self,
        units: NDArray[np.generic],
        value: float,
        bound: float,
        nearest: NDArray[np.int64],
        *,
        optimal: bool,
    ) -> Plan:
        """Where the solver proved the plan optimal, value and bound differ by rounding alone and are made one."""
        gap = abs(value - bound) / max(abs(value), 1e-12)
        proved = optimal and gap < 1e-6
        return Plan(
            units=np.asarray(units, dtype=np.int64),
            objective=value,
            bound=value if proved else float(bound),
            gap=0.0 if proved else gap,
            status=Status.OPTIMAL if proved else Status.TIME_LIMIT,
            seconds=time.monotonic() - self._begun,
            nearest=nearest,
        )


def _most(search: _Search, rows: csr_array, weight: Floats, count: int) -> _Found | None:
    """`count` of all sites that bring the most weight within reach; none where time is up before there is any."""
    used = np.flatnonzero(np.diff(rows.indptr))
    points, sites = len(used), rows.shape[1]
    try:
        return search.solve(
            np.concatenate([np.zeros(sites), -weight[used]]),
            [
                LinearConstraint(block_array([[rows[used], -eye_array(points)]], format="csr"), 0, np.inf),
                _placed(sites, points, count),
            ],
            lower=0.0,
            upper=1.0,
            whole=sites,
        )
    except MumianError:
        return None


def _cover(reach: Reach, standing: ArrayLike | None) -> tuple[csr_array, Bits]:
    """Ones where a site reaches a point, sites ascending in each row."""
    cover = csr_array(reach if issparse(reach) else np.asarray(reach, dtype=bool), copy=True)
    there = _standing(cover, standing)
    cover.eliminate_zeros()
    cover.sort_indices()
    cover.data = np.ones(cover.nnz)
    return cover, there


def _times(times: ArrayLike, standing: ArrayLike | None) -> tuple[Floats, Bits]:
    far = np.asarray(times, dtype=float)
    there = _standing(far, standing)
    if not np.isfinite(far).all():
        raise MumianError(
            "travel times", reason="some sites cannot be reached from some points", cure="Leave out points "
            "that are cut off, or put a long time where there is no way",
        )  # fmt: skip
    return far, there


def _standing(matrix: NDArray[np.generic] | csr_array, standing: ArrayLike | None) -> Bits:
    if matrix.ndim != 2 or not all(matrix.shape):
        raise MumianError(
            "siting", reason="there are no points or no sites", cure="Give at least one of each"
        )
    there = np.zeros(matrix.shape[1], dtype=bool) if standing is None else np.asarray(standing, dtype=bool)
    if there.shape != matrix.shape[1:]:
        raise MumianError(
            "standing units", reason=f"{len(there)} given for {matrix.shape[1]} sites", cure="Give one a site"
        )
    return there


def _weights(weights: ArrayLike, points: int) -> Floats:
    people = np.asarray(weights, dtype=float)
    if people.shape != (points,) or not np.isfinite(people).all() or (people < 0).any():
        raise MumianError(
            "weights",
            reason=f"they are not {points} numbers of at least 0",
            cure="Give each point its people",
        )
    return people


def _room(count: int, most: int) -> int:
    if not 0 <= count <= most:
        raise MumianError(
            f"{count} more units", reason=f"there is room for 0 to {most}", cure="Ask for fewer, or add sites"
        )
    return count


def _somewhere(there: Bits, room: int) -> None:
    if not there.any() and not room:
        raise MumianError("0 more units", reason="there would be none at all", cure="Ask for one at least")


def _all_reachable(cover: csr_array) -> None:
    if len(lost := np.flatnonzero(np.diff(cover.indptr) == 0)):
        named = ", ".join(map(str, lost[:5].tolist())) + (" …" if len(lost) > 5 else "")
        raise MumianError(
            f"points {named}",
            reason=f"no site reaches these {len(lost)} in time",
            cure="Add sites near them, allow more time, or leave them out",
        )


def _alike(cover: csr_array, weights: Floats) -> tuple[csr_array, Floats]:
    """Points that the same sites reach are one point with their weights summed; those out of reach are none."""
    first: dict[bytes, int] = {}
    ends = cover.indptr.tolist()
    sites = [cover.indices[begin:end].tobytes() for begin, end in pairwise(ends)]
    member = np.array([first.setdefault(each, len(first)) for each in sites], dtype=np.int64)
    weight = np.bincount(member, weights, minlength=len(first)).astype(np.float64)
    row = np.unique(member, return_index=True)[1]
    used = np.diff(cover.indptr)[row] > 0
    return cover[row[used]], weight[used]


def _placed(sites: int, more: int, count: int) -> LinearConstraint:
    """Exactly `count` units stand at the sites, which are the first variables."""
    row = csr_array(np.concatenate([np.ones(sites), np.zeros(more)])[None, :])
    return LinearConstraint(row, count, count)


def _nearest(far: Floats, chosen: Bits) -> NDArray[np.int64]:
    which = np.flatnonzero(chosen)
    nearest: NDArray[np.int64] = which[np.argmin(far[:, which], axis=1)]
    return nearest


def _any_in_reach(cover: csr_array, chosen: Bits) -> NDArray[np.int64]:
    found = np.full(cover.shape[0], -1)
    within = chosen[cover.indices]
    rows = np.repeat(np.arange(cover.shape[0]), np.diff(cover.indptr))[within]
    reached, first = np.unique(rows, return_index=True)
    found[reached] = cover.indices[within][first]
    return found
