"""The maximal covering problem made small before it is solved: sites that no best plan uses are left out, proved so.

For any prices u of the points, 0 ≤ u ≤ weight, no plan of k sites brings more than Σ(weight − u) + the k greatest
sums of prices in reach of a site (the Lagrangian bound; Galvão, ReVelle, 'A Lagrangean heuristic for the maximal
covering location problem', European Journal of Operational Research 88 (1996)). A site with which even that bound
stays below a plan already known cannot be part of a better one. Good prices are the duals of the linear relaxation
over few sites, to which those with the greatest sums are added until none is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array, eye_array

from mumian.systems.response.network import Floats

Bits = NDArray[np.bool_]
Numbers = NDArray[np.int64]
_FIRST = 400
"""Sites in the first relaxation."""
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Sifted:
    """`kept` int64[m], sites a best plan may use; a good plan `chosen` int64[count] with its `value`; and the `bound`
    that no plan exceeds."""

    kept: Numbers
    chosen: Numbers
    value: float
    bound: float


def sift(cover: csr_array, weight: Floats, free: Bits, count: int, left: Callable[[], float]) -> Sifted:
    """Which sites of `free` bool[s] need be looked at for `count` of them; `cover` csr[points, sites] of ones."""
    if not count or not cover.nnz:
        return Sifted(np.empty(0, dtype=np.int64), np.flatnonzero(free)[:count], 0.0, 0.0)
    to_sites = csr_array(cover.T)
    chosen, value = _greedy(cover, to_sites, weight, free, count)
    sums = to_sites @ weight
    sums[~free] = -1.0
    looked_at = _greatest(sums, max(_FIRST, 4 * count))
    looked_at = np.union1d(looked_at, chosen)
    bound, best = np.inf, weight
    for _round in range(_ROUNDS):
        prices = _prices(cover, weight, looked_at, count, left)
        if prices is None:
            break
        sums = to_sites @ prices
        sums[~free] = -1.0
        said = float((weight - prices).sum() + sums[_greatest(sums, count)].sum())
        if said < bound:
            bound, best = said, prices
        wanted = _greatest(sums, len(looked_at) // 2 + count)
        more = wanted[sums[wanted] > np.min(sums[_greatest(sums, count)], initial=np.inf) * (1 - 1e-9)]
        if not len(new := np.setdiff1d(more, looked_at)) or said - value < 1e-9 * value:
            break
        looked_at = np.union1d(looked_at, new)
    if not np.isfinite(bound):
        return Sifted(np.flatnonzero(free), chosen, value, float(weight.sum()))
    return Sifted(_worth_it(to_sites, weight, best, free, count, value, chosen), chosen, value, bound)


def _worth_it(
    to_sites: csr_array, weight: Floats, prices: Floats, free: Bits, count: int, value: float, chosen: Numbers
) -> Numbers:
    """Sites with which the bound is not below the plan known, and those of that plan."""
    sums = to_sites @ prices
    sums[~free] = -np.inf
    best = np.sort(sums[free])[::-1][:count]
    others = float((weight - prices).sum() + best[: count - 1].sum())
    with_it = np.where(sums >= best[-1], float((weight - prices).sum() + best.sum()), others + sums)
    return np.union1d(np.flatnonzero(free & (with_it >= value * (1 - 1e-9))), chosen)


def _prices(
    cover: csr_array, weight: Floats, sites: Numbers, count: int, left: Callable[[], float]
) -> Floats | None:
    """The duals of the points in the linear relaxation over some sites; those out of their reach cost their weight."""
    some = cover[:, sites]
    reached = np.flatnonzero(np.diff(some.indptr))
    rows = some[reached]
    points, columns = rows.shape
    found = linprog(
        np.concatenate([np.zeros(columns), -weight[reached]]),
        A_ub=block_array([[-rows, eye_array(points)]], format="csr"),
        b_ub=np.zeros(points),
        A_eq=csr_array(np.concatenate([np.ones(columns), np.zeros(points)])[None, :]),
        b_eq=[count],
        bounds=(0.0, 1.0),
        method="highs",
        options={"time_limit": left()},
    )
    if found.status != 0:
        return None
    prices = weight.copy()
    prices[reached] = np.clip(-found.ineqlin.marginals, 0.0, weight[reached])
    return prices


def _greedy(
    cover: csr_array, to_sites: csr_array, weight: Floats, free: Bits, count: int
) -> tuple[Numbers, float]:
    """One site after another, each time that which adds most; within 1 − 1/e of the best."""
    open_, wanted = weight.copy(), free.copy()
    chosen: list[int] = []
    for _ in range(count):
        more = np.where(wanted, to_sites @ open_, -1.0)
        best = int(np.argmax(more))
        chosen.append(best)
        wanted[best] = False
        open_[to_sites.indices[to_sites.indptr[best] : to_sites.indptr[best + 1]]] = 0.0
    return np.array(chosen, dtype=np.int64), float(weight.sum() - open_.sum())


def _greatest(sums: Floats, count: int) -> Numbers:
    count = min(count, len(sums))
    if not count:
        return np.empty(0, dtype=np.int64)
    return np.argpartition(-sums, count - 1)[:count]
