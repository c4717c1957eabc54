"""Dividing a graph of small areas into districts: each connected, of nearly equal weight, with short borders.

METIS makes the first division; then areas beside a border change sides, one at a time, as long as that makes
weights more equal or borders shorter. What would part a district is never done, so all stay connected.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pymetis
from django.utils.translation import gettext_lazy as _
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from mumian.errors import MumianError

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Adjacency = Sequence[Sequence[int]]
"""For each area the numbers of its neighbours; each pair stands with both."""


class DividingError(MumianError):
    """What cannot be divided as asked."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """How good a division is."""

    deviation: float
    """The largest distance of a district's weight from the mean, as a share of the mean."""
    border: float
    """The length of all borders between districts; their number, where no lengths were given."""
    connected: bool


def divide(
    adjacency: Adjacency,
    weights: ArrayLike,
    parts: int,
    *,
    borders: Sequence[Sequence[float]] | None = None,
    positions: ArrayLike | None = None,
    tolerance: float = 0.05,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Labels:
    """Divides areas into connected districts; returns for each area the number of its district, from 0.

    `weights` are not negative. `borders` are the lengths of the borders with each neighbour, in the order of
    `adjacency`. Weights come first until each district is within `tolerance` of the mean (a share of it),
    then short borders. Areas that no border joins to the others count as neighbours of the nearest by
    `positions` (areas × 2). The same seed gives the same districts. `progress` is told how many per cent are
    done. Raises `DividingError` where it cannot be done.
    """
    graph = _Graph.of(adjacency, weights, borders)
    if not 1 <= parts <= graph.size:
        raise DividingError(
            _("%(parts)d districts") % {"parts": parts},
            reason=_("there are %(areas)d areas to divide") % {"areas": graph.size},
            cure=_("Ask for at least one district and for no more than there are areas"),
        )
    graph = _bridged(graph, positions)
    random = np.random.default_rng(seed)
    found = []
    for number, labels in enumerate(_beginnings(graph, parts, seed), 1):
        found.append(_Division(graph, labels, parts, tolerance).improved(random))
        if progress:
            progress(100 * number // _STARTS)
    _cost, best = min(found, key=lambda each: each[0])
    return _numbered_by_first_area(np.array(best))


def assess(
    adjacency: Adjacency,
    weights: ArrayLike,
    labels: ArrayLike,
    *,
    borders: Sequence[Sequence[float]] | None = None,
) -> Assessment:
    """How even, how compact and whether connected the districts are."""
    graph, districts = _Graph.of(adjacency, weights, borders), np.asarray(labels, np.int64)
    total = np.bincount(districts, graph.weights)
    parted = districts[graph.ends] != districts[graph.starts]
    return Assessment(
        deviation=float(np.abs(total / total.mean() - 1).max()),
        border=float(graph.borders[parted].sum() / 2),
        connected=graph.pieces(districts)[0] == len(total),
    )


@dataclass(frozen=True, slots=True)
class _Graph:
    """Areas with their neighbours in compressed rows: those of area i begin at offsets[i]."""

    weights: Floats
    offsets: Labels
    ends: Labels
    borders: Floats

    @classmethod
    def of(
        cls, adjacency: Adjacency, weights: ArrayLike, borders: Sequence[Sequence[float]] | None
    ) -> "_Graph":
        ends = np.array([end for row in adjacency for end in row], np.int64)
        lengths = (
            np.ones(len(ends)) if borders is None else np.array([each for row in borders for each in row])
        )
        offsets = np.cumsum([0, *map(len, adjacency)])
        return cls(np.asarray(weights, np.float64), offsets, ends, lengths.astype(np.float64))

    @property
    def size(self) -> int:
        return len(self.weights)

    @property
    def starts(self) -> Labels:
        return np.repeat(np.arange(self.size), np.diff(self.offsets))

    def pieces(self, districts: Labels) -> tuple[int, Labels]:
        """How many connected pieces the districts have, and for each area which."""
        same = districts[self.starts] == districts[self.ends]
        links = csr_array(
            (np.ones(same.sum()), (self.starts[same], self.ends[same])), shape=(self.size, self.size)
        )
        count, piece = connected_components(links, directed=False)
        return int(count), piece.astype(np.int64)

    def neighbours(self) -> list[list[tuple[int, float]]]:
        pairs = list(zip(self.ends.tolist(), self.borders.tolist(), strict=True))
        return [pairs[start:end] for start, end in zip(self.offsets, self.offsets[1:], strict=False)]

    def linked(self, one: int, other: int) -> "_Graph":
        """The graph with one more pair of neighbours, at a border without length."""
        ends = np.insert(self.ends, [self.offsets[one + 1], self.offsets[other + 1]], [other, one])
        borders = np.insert(self.borders, [self.offsets[one + 1], self.offsets[other + 1]], 0.0)
        more = np.zeros(self.size + 1, np.int64)
        more[one + 1 :] += 1
        more[other + 1 :] += 1
        return _Graph(self.weights, self.offsets + more, ends, borders)


def _bridged(graph: _Graph, positions: ArrayLike | None) -> _Graph:
    """Joins what is apart, such as islands: each piece, smallest first, to the nearest area outside it."""
    while True:
        count, piece = graph.pieces(np.zeros(graph.size, np.int64))
        if count <= 1:
            return graph
        if positions is None:
            raise DividingError(
                _("The areas"),
                reason=_("they fall into %(count)d pieces that do not touch") % {"count": count},
                cure=_("Give the positions of the areas, so that the nearest can be joined"),
            )
        points = np.asarray(positions, np.float64)
        apart = piece == np.bincount(piece).argmin()
        inside, outside = np.flatnonzero(apart), np.flatnonzero(~apart)
        distance, nearest = KDTree(points[outside]).query(points[inside])
        closest = int(np.argmin(distance))
        graph = graph.linked(int(inside[closest]), int(outside[nearest[closest]]))


def _beginnings(graph: _Graph, parts: int, seed: int) -> Iterator[Labels]:
    """Some divisions by METIS; they may leave districts in pieces, unequal or empty."""
    total = graph.weights.sum()
    weights = graph.weights * (_METIS_TOTAL / total) if total > 0 else np.ones(graph.size)
    lengths = graph.borders * (100 * len(graph.borders) / max(graph.borders.sum(), _TINY))
    for number in range(_STARTS):
        recursive = number % 2 == 0  # shorter borders, but pieces; the other way keeps districts whole
        found = pymetis.part_graph(
            parts,
            pymetis.CSRAdjacency(graph.offsets.tolist(), graph.ends.tolist()),
            vweights=np.rint(weights).astype(np.int64).tolist(),
            eweights=np.maximum(np.rint(lengths), 1).astype(np.int64).tolist(),
            recursive=recursive,
            options=pymetis.Options(seed=seed + number, contig=not recursive, ufactor=50),
        )
        yield np.array(found.vertex_part, np.int64)


_METIS_TOTAL = 2**28  # METIS may count in 32 bits
_TINY = float(np.finfo(np.float64).tiny)


def _main_pieces(graph: _Graph, labels: Labels, parts: int) -> Labels:
    """Each district's heaviest piece; what lies apart from it belongs to nobody yet."""
    count, piece = graph.pieces(labels)
    district = np.zeros(count, np.int64)
    district[piece] = labels
    weight = np.bincount(piece, graph.weights, minlength=count)
    size = np.bincount(piece, minlength=count)
    order = np.lexsort((size, weight, district))  # the heaviest of each district comes last
    main = order[np.append(district[order][1:] != district[order][:-1], True)]
    return np.where(np.isin(piece, main), labels, _NOBODY)


class _Division:
    """A division that is being improved. Once settled, each district is one piece and none is empty."""

    def __init__(self, graph: _Graph, labels: Labels, parts: int, tolerance: float) -> None:
        self._near = graph.neighbours()
        self._weights: list[float] = graph.weights.tolist()
        self._target = max(float(graph.weights.sum()) / parts, _TINY)
        self._tolerance = tolerance
        self._beyond = _BEYOND
        self._labels = [_NOBODY] * graph.size
        self._totals, self._sizes = [0.0] * parts, [0] * parts
        for area, district in enumerate(_main_pieces(graph, labels, parts).tolist()):
            self._move(area, district)
        self._settle()
        self._border_unit = max(float(graph.borders.sum()) / 2, _TINY)

    def improved(self, random: np.random.Generator) -> tuple[float, list[int]]:
        """Moves areas to neighbouring districts as long as that does good; the cost then, and the labels.

        At first unevenness counts less and a move may do a little harm, so that borders are not torn to even
        out weights; both are taken back step by step (simulated annealing).
        """
        areas, before = len(self._labels), (self._cost(), self._labels.copy())
        for left in np.linspace(1, 0, _ROUNDS):
            self._beyond = _BEYOND ** (1 - 0.7 * left)
            harm = random.exponential(_HEAT * left**2 / areas, areas)
            for area, allowed in zip(random.permutation(areas).tolist(), harm.tolist(), strict=True):
                self._improve_at(area, allowed)
        for _round in range(_MOST_ROUNDS):
            if not sum(self._improve_at(area, -_LEAST_GAIN) for area in random.permutation(areas).tolist()):
                break
        return min((self._cost(), self._labels), before)

    def _cost(self) -> float:
        """What is to be made small: uneven weights and long borders."""
        return sum(map(self._uneven, self._totals)) + self._border() / self._border_unit

    def _settle(self) -> None:
        """Gives what belongs to nobody to a district beside it, and each empty district an area."""
        waiting = deque(area for area, district in enumerate(self._labels) if district == _NOBODY)
        while waiting:
            area = waiting.popleft()
            shared = self._shared(area)
            beside = [district for district in shared if district != _NOBODY]
            if beside:
                self._move(area, max(beside, key=lambda district: (shared[district], -district)))
            else:
                waiting.append(area)
        for empty in (district for district, size in enumerate(self._sizes) if not size):
            giver = max(
                (district for district, size in enumerate(self._sizes) if size > 1),
                key=lambda district: (self._totals[district], self._sizes[district]),
            )
            given = next(
                area
                for area, district in enumerate(self._labels)
                if district == giver and self._can_leave(area)
            )
            self._move(given, empty)

    def _improve_at(self, area: int, allowed: float) -> bool:
        """Moves the area to the district beside it where it does most good, or no more harm than allowed."""
        shared, home = self._shared(area), self._labels[area]
        at_home = shared.pop(home, 0.0)
        if not shared:
            return False
        change, district = min(
            (self._change(area, other, at_home - shared[other]), other) for other in shared
        )
        if change >= allowed or not self._can_leave(area):
            return False
        self._move(area, district)
        return True

    def _change(self, area: int, district: int, border: float) -> float:
        """How much worse the division is with the area in another district; `border` is how much longer."""
        weight, home = self._weights[area], self._totals[self._labels[area]]
        there = self._totals[district]
        uneven = self._uneven(home - weight) + self._uneven(there + weight)
        return uneven - self._uneven(home) - self._uneven(there) + border / self._border_unit

    def _uneven(self, total: float) -> float:
        """What a district's weight costs: little within the tolerance, beyond it more than any border."""
        off = abs(total / self._target - 1)
        beyond = max(off - self._tolerance, 0.0)
        return _WITHIN * off * off + self._beyond * beyond * beyond

    def _shared(self, area: int) -> dict[int, float]:
        """The length of the area's border with each district, its own included."""
        shared: dict[int, float] = {}
        for other, length in self._near[area]:
            district = self._labels[other]
            shared[district] = shared.get(district, 0.0) + length
        return shared

    def _can_leave(self, area: int) -> bool:
        """Whether the area's district stays in one piece, and is not empty, without it."""
        home = self._labels[area]
        beside = {other for other, _length in self._near[area] if self._labels[other] == home}
        if len(beside) < 2:
            return self._sizes[home] > 1
        seen = {area, first := beside.pop()}
        frontier = deque([first])
        while frontier and beside:
            for other, _length in self._near[frontier.popleft()]:
                if other not in seen and self._labels[other] == home:
                    seen.add(other)
                    beside.discard(other)
                    frontier.append(other)
        return not beside

    def _move(self, area: int, district: int) -> None:
        home, self._labels[area] = self._labels[area], district
        for each, sign in ((home, -1), (district, 1)):
            if each != _NOBODY:
                self._totals[each] += sign * self._weights[area]
                self._sizes[each] += sign

    def _border(self) -> float:
        return sum(
            length
            for area, near in enumerate(self._near)
            for other, length in near
            if other > area and self._labels[other] != self._labels[area]
        )


_NOBODY = -1
_STARTS, _ROUNDS, _MOST_ROUNDS = 6, 30, 100
_WITHIN, _BEYOND = 0.1, 1e4  # the weights of unevenness; all borders together would weigh 1
_HEAT, _LEAST_GAIN = 0.1, 1e-9


def _numbered_by_first_area(labels: Labels) -> Labels:
    """The same districts, numbered in the order in which they first appear."""
    _districts, first, which = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    numbered: Labels = rank[which]
    return numbered
