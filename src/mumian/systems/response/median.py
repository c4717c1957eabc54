"""The p-median problem, solved exactly by cuts: a good choice by exchange, a bound by a relaxation, then a proof.

Benders' decomposition in the closed form of Duran-Mateluna, Ales, Elloumi, 'An efficient Benders decomposition
for the p-median problem', European Journal of Operational Research 308 (2023). Whatever the time, there is a
choice and a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from mumian.systems.response.network import Floats

Bits = NDArray[np.bool_]
_EXACT = 1e-9
_TOLERANCE = 2e-6
"""What the solver may leave of a constraint; times up to 10,000 are exact to ten digits then."""


@dataclass(slots=True)
class Median:
    """Which `count` sites more make Σ `people` × time to the nearest site least.

    `times` float[d, s], best up to some 10,000, `people` float[d], `standing` bool[s] sites that stay. After
    `solve`: `chosen` bool[s] with those that stay, its `value`, the `bound` proved, and whether they meet.
    """

    times: Floats
    people: Floats
    standing: Bits
    count: int
    left: Callable[[], float]
    """Seconds that are left."""

    chosen: Bits = field(init=False)
    value: float = field(init=False)
    bound: float = field(init=False)
    optimal: bool = field(init=False, default=False)
    _scale: float = field(init=False, default=1.0)
    _order: NDArray[np.int64] = field(init=False)
    _free: Bits = field(init=False)
    _rows: list[csr_array] = field(init=False, default_factory=list)
    _need: list[Floats] = field(init=False, default_factory=list)

    def solve(self) -> None:
        """From a good choice to the best."""
        self.chosen = self._exchanged()
        self.value = self._value(self.chosen)
        self.bound = float((self.times.min(axis=1) * self.people).sum())
        self._scale = max(self.value, 1e-12) / 1e4  # the solver's tolerances suit sums of this size
        self._order = np.argsort(self.times, axis=1, kind="stable")
        self._free = np.ones(len(self.standing), dtype=bool)
        self._rows.append(csr_array((0, len(self.standing) + len(self.people))))
        self._need.append(np.empty(0))
        self._cut(self.chosen.astype(float), np.full(len(self.people), -np.inf))
        if self._relaxed():
            self._proved()

    def _value(self, chosen: Bits) -> float:
        return float((self.times[:, chosen].min(axis=1) * self.people).sum())

    def _exchanged(self) -> Bits:
        """A choice that no exchange of one site for another betters: Teitz, Bart, 'Heuristic methods for
        estimating the generalized vertex median of a weighted graph', Operations Research 16 (1968)."""
        chosen = self.standing.copy()
        now = self.times[:, chosen].min(axis=1, initial=float(self.times.max()))
        for _ in range(self.count):
            saved = self.people @ np.maximum(now[:, None] - self.times, 0.0)
            best = int(np.argmax(np.where(chosen, -1.0, saved)))
            chosen[best] = True
            now = np.minimum(now, self.times[:, best])
        while self.left() > 0.02 and (swap := self._swap(chosen)):
            out, into = swap
            chosen[out], chosen[into] = False, True
        return chosen

    def _swap(self, chosen: Bits) -> tuple[int, int] | None:
        """The exchange that saves most, if one saves anything."""
        inside = np.flatnonzero(chosen)
        if self.count == 0 or len(inside) == len(chosen):
            return None
        near = self.times[:, inside]
        first = np.argmin(near, axis=1)
        here = near[np.arange(len(near)), first]
        others = near.copy()
        others[np.arange(len(near)), first] = np.inf
        second = np.minimum(others.min(axis=1), self.times.max())
        fixed = np.where(self.standing[inside], np.inf, 0.0)
        found, best = None, -_EXACT * max(1.0, float(here @ self.people))
        for site in np.flatnonzero(~chosen).tolist():
            way = self.times[:, site]
            with_it = np.minimum(way, here)
            more = np.bincount(
                first, (np.minimum(way, second) - with_it) * self.people, minlength=len(inside)
            )
            change = more + fixed + float((with_it - here) @ self.people)
            if change.min() < best:
                found, best = (int(inside[np.argmin(change)]), site), float(change.min())
        return found

    def _cut(self, share: Floats, claimed: Floats) -> bool:
        """Adds, for each point whose time is claimed to be less than shares of sites allow, the cut that says how
        much at least: t + Σ max(0, r − time to site) × share ≥ r, at the radius r where shares add up to one."""
        sums = np.cumsum(share[self._order], axis=1)
        radius_at = np.argmax(sums >= 1 - _EXACT, axis=1)
        radius = self.times[np.arange(len(self.people)), self._order[np.arange(len(self.people)), radius_at]]
        gain = np.maximum(radius[:, None] - self.times, 0.0)
        short = np.flatnonzero((radius - gain @ share > claimed + _TOLERANCE) & (self.people > 0))
        if len(short):
            point = eye_array(len(self.people), format="csr")[short]
            self._rows.append(csr_array(hstack([csr_array(gain[short]), point], format="csr")))
            self._need.append(radius[short])
        return bool(len(short))

    def _relaxed(self) -> bool:
        """Shares of sites instead of sites, cut until nothing is claimed too little; then leaves out sites that
        cannot be part of anything better. False if time ran out."""
        sites = len(self.standing)
        while self.left() > 0.02:
            rows, need = self._cuts()
            result = linprog(
                self._cost(),
                A_ub=-rows,
                b_ub=-need,
                A_eq=self._placed(),
                b_eq=[self._all],
                bounds=np.column_stack(self._limits()),
                options={"time_limit": max(0.02, self.left())},
            )
            if result.status != 0:
                return False
            self.bound = max(self.bound, float(result.fun) * self._scale)
            if not self._cut(result.x[:sites], result.x[sites:]):
                lost = result.fun + result.lower.marginals[:sites]
                self._free = (lost * self._scale <= self.value * (1 + _EXACT)) | self.chosen
                return True
        return False

    def _proved(self) -> None:
        """Whole sites, cut until what is claimed is true."""
        sites = len(self.standing)
        while self.left() > 0.02:
            rows, need = self._cuts()
            lower, upper = self._limits()
            result = milp(
                self._cost(),
                constraints=[
                    LinearConstraint(rows, need, np.inf),
                    LinearConstraint(self._placed(), self._all, self._all),
                ],
                bounds=Bounds(lower, upper),
                integrality=np.concatenate([np.ones(sites), np.zeros(len(self.people))]),
                options={"time_limit": max(0.02, self.left()), "mip_rel_gap": 0.0},
            )
            if result.mip_dual_bound is not None:
                self.bound = max(self.bound, float(result.mip_dual_bound) * self._scale)
            if result.x is None:
                return
            whole = result.x[:sites] > 0.5
            if (value := self._value(whole)) < self.value:
                self.chosen, self.value = whole, value
            if result.status != 0:
                return
            if (
                not self._cut(whole.astype(float), result.x[sites:])
                or self.value - self.bound <= 1e-9 * self.value
            ):
                self.optimal = True
                return

    @property
    def _all(self) -> int:
        return self.count + int(self.standing.sum())

    def _cuts(self) -> tuple[csr_array, Floats]:
        return csr_array(vstack(self._rows, format="csr")), np.concatenate(self._need)

    def _cost(self) -> Floats:
        return np.concatenate([np.zeros(len(self.standing)), self.people / self._scale])

    def _placed(self) -> csr_array:
        return csr_array(np.concatenate([np.ones(len(self.standing)), np.zeros(len(self.people))])[None, :])

    def _limits(self) -> tuple[Floats, Floats]:
        points = len(self.people)
        lower = np.concatenate([self.standing.astype(float), self.times.min(axis=1)])
        return lower, np.concatenate([self._free.astype(float), np.full(points, np.inf)])
