"""Drawing a graph in layers, as a flow is read from top to bottom: few crossings, straight lines, room for words.

The four steps of Sugiyama, Tagawa and Toda (1981): circles are opened, boxes get layers, layers an order, boxes
their places. A line that passes a layer is there a thin box of its own; its words are a wide one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 26
"""Pixels between boxes side by side."""
ROUNDS = 24
SETTLING = 120
_STRAIGHT = 12.0
"""How much more a line within itself wants to be straight than a box wants to stand in the middle of its lines."""


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one box to another, with room for its words beside it."""

    start: str
    end: str
    words: Size


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything stands: middles of boxes and of words, and the points each line passes, from its start."""

    size: Size
    boxes: Mapping[str, tuple[float, float]]
    words: Sequence[tuple[float, float]]
    paths: Sequence[Sequence[tuple[float, float]]]


def draw(boxes: Mapping[str, Size], lines: Sequence[Line], first: Sequence[str]) -> Drawing:
    """Lays a graph out. `first` names boxes in the order in which they are usually come by: that way leads down."""
    return _Layout(boxes, lines, first).drawing()


@dataclass(slots=True)
class _Spot:
    """What takes room in a layer: a box, or a point of a line, which may hold its words."""

    layer: int
    width: float
    height: float
    thin: bool = False
    x: float = 0.0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


class _Layout:
    def __init__(self, boxes: Mapping[str, Size], lines: Sequence[Line], first: Sequence[str]) -> None:
        self.boxes, self.lines = boxes, lines
        self.order = list(dict.fromkeys([*(name for name in first if name in boxes), *boxes]))
        self.turned = self._turned()
        self.layer = self._layers()
        self.spots: list[_Spot] = []
        self.spot_of: dict[str, int] = {}
        self.chains: list[list[int]] = []
        self.words_at: list[int] = []
        self._place_spots()
        self.rows = self._rows()
        self._cross_less()
        self._stand()

    def _turned(self) -> list[bool]:
        """Lines that lead back up: those to a box from which one came."""
        leads: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, line in enumerate(self.lines):
            leads[line.start].append((line.end, number))
        rank = {name: place for place, name in enumerate(self.order)}
        turned, done, open_now = [False] * len(self.lines), set[str](), set[str]()

        def visit(name: str) -> None:
            done.add(name)
            open_now.add(name)
            for end, number in sorted(leads[name], key=lambda each: rank[each[0]]):
                if end in open_now:
                    turned[number] = True
                elif end not in done:
                    visit(end)
            open_now.remove(name)

        for name in self.order:
            if name not in done:
                visit(name)
        return turned

    def _down(self) -> Iterable[tuple[str, str]]:
        for line, turned in zip(self.lines, self.turned, strict=True):
            yield (line.end, line.start) if turned else (line.start, line.end)

    def _layers(self) -> dict[str, int]:
        """Each box below all that lead to it; words stand in the layers between."""
        layer = dict.fromkeys(self.order, 0)
        for _round in self.order:
            moved = False
            for start, end in self._down():
                if start != end and layer[end] < layer[start] + 2:
                    layer[end], moved = layer[start] + 2, True
            if not moved:
                break
        return layer

    def _place_spots(self) -> None:
        for name, size in self.boxes.items():
            self.spot_of[name] = self._add(_Spot(self.layer[name], size.width, size.height))
        for line, turned in zip(self.lines, self.turned, strict=True):
            upper, lower = (line.end, line.start) if turned else (line.start, line.end)
            top, bottom = self.layer[upper], self.layer[lower]
            words_at = bottom - 1 if turned else top + 1  # near where the line begins
            chain = [self.spot_of[upper]]
            for layer in range(top + 1, bottom):
                here = line.words if layer == words_at else Size(2, 0)
                chain.append(self._add(_Spot(layer, here.width, here.height, thin=True)))
                if layer == words_at:
                    self.words_at.append(chain[-1])
            chain.append(self.spot_of[lower])
            for above, below in pairwise(chain):
                self.spots[above].below.append(below)
                self.spots[below].above.append(above)
            self.chains.append(chain)

    def _add(self, spot: _Spot) -> int:
        self.spots.append(spot)
        return len(self.spots) - 1

    # --- the order in each layer ---

    def _rows(self) -> list[list[int]]:
        rows: list[list[int]] = [[] for _ in range(max((spot.layer for spot in self.spots), default=0) + 1)]
        seen = set[int]()

        def visit(number: int) -> None:
            if number in seen:
                return
            seen.add(number)
            rows[self.spots[number].layer].append(number)
            for below in self.spots[number].below:
                visit(below)

        for name in self.order:
            visit(self.spot_of[name])
        return rows

    def _cross_less(self) -> None:
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for turn in range(ROUNDS):
            down = turn % 2 == 0
            for row in self.rows[1:] if down else reversed(self.rows[:-1]):
                self._sort(row, down=down)
            self._swap()
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    def _sort(self, row: list[int], *, down: bool) -> None:
        """Each spot to the middle of those it is joined with in the layer before."""
        place = self._places()
        middle = {}
        for at, number in enumerate(row):
            near = self.spots[number].above if down else self.spots[number].below
            middle[number] = sum(place[each] for each in near) / len(near) if near else float(at)
        row.sort(key=lambda number: middle[number])

    def _swap(self) -> None:
        """Neighbours change places where that saves a crossing."""
        for row in self.rows:
            for at in range(len(row) - 1):
                before = self._crossings_around(row[at], row[at + 1])
                after = self._crossings_around(row[at + 1], row[at])
                if after < before:
                    row[at], row[at + 1] = row[at + 1], row[at]

    def _crossings_around(self, left: int, right: int) -> int:
        place = self._places()
        pairs = (
            (place[a], place[b])
            for side in ("above", "below")
            for a in getattr(self.spots[left], side)
            for b in getattr(self.spots[right], side)
        )
        return sum(a > b for a, b in pairs)

    def _crossings(self) -> int:
        place, count = self._places(), 0
        for row in self.rows:
            ends = [
                place[below]
                for number in row
                for below in sorted(self.spots[number].below, key=place.__getitem__)
            ]
            count += sum(a > b for at, a in enumerate(ends) for b in ends[at + 1 :])
        return count

    def _places(self) -> dict[int, int]:
        return {number: at for row in self.rows for at, number in enumerate(row)}

    # --- where each stands ---

    def _stand(self) -> None:
        for row in self.rows:
            x = 0.0
            for number in row:
                spot = self.spots[number]
                spot.x = x + spot.width / 2
                x += spot.width + GAP
        for turn in range(SETTLING):
            for row in self.rows if turn % 2 == 0 else reversed(self.rows):
                self._settle(row)
        left = min((spot.x - spot.width / 2 for spot in self.spots), default=0.0)
        for spot in self.spots:
            spot.x -= left

    def _settle(self, row: list[int]) -> None:
        """Each as near as can be to the middle of what it is joined with, none over another (pooled neighbours)."""
        if not row:
            return
        offset, offsets = 0.0, [0.0]
        for before, after in pairwise(row):
            offset += (self.spots[before].width + self.spots[after].width) / 2 + GAP
            offsets.append(offset)
        pools: list[list[float]] = []  # sum of weight × place, weight, how many
        for number, shift in zip(row, offsets, strict=True):
            wish, weight = self._wish(number)
            pools.append([(wish - shift) * weight, weight, 1])
            while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
                last = pools.pop()
                pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
        places = [pool[0] / pool[1] for pool in pools for _ in range(int(pool[2]))]
        for number, place, shift in zip(row, places, offsets, strict=True):
            self.spots[number].x = place + shift

    def _wish(self, number: int) -> tuple[float, float]:
        spot = self.spots[number]
        near = [self.spots[each] for each in (*spot.above, *spot.below)]
        if not near:
            return spot.x, 1.0
        weights = [_STRAIGHT if spot.thin and each.thin else 1.0 for each in near]
        total = sum(weights)
        return sum(each.x * weight for each, weight in zip(near, weights, strict=True)) / total, total

    # --- what comes of it ---

    def drawing(self) -> Drawing:
        heights = [max((self.spots[number].height for number in row), default=0.0) for row in self.rows]
        tops, y = [], 0.0
        for height in heights:
            tops.append(y)
            y += height + GAP
        middle = [top + height / 2 for top, height in zip(tops, heights, strict=True)]

        def at(number: int) -> tuple[float, float]:
            return self.spots[number].x, middle[self.spots[number].layer]

        width = max((spot.x + spot.width / 2 for spot in self.spots), default=0.0)
        return Drawing(
            Size(width, max(y - GAP, 0.0)),
            {name: at(number) for name, number in self.spot_of.items()},
            [at(number) for number in self.words_at],
            [self._path(number, at) for number in range(len(self.lines))],
        )

    def _path(self, number: int, at: Callable[[int], tuple[float, float]]) -> list[tuple[float, float]]:
        chain, turned = self.chains[number], self.turned[number]
        points = [at(each) for each in chain]
        points[0] = self._port(chain[0], chain[1], points[0], below=True)
        points[-1] = self._port(chain[-1], chain[-2], points[-1], below=False)
        return points[::-1] if turned else points

    def _port(self, box: int, other: int, middle: tuple[float, float], *, below: bool) -> tuple[float, float]:
        """Where a line leaves a box: spread along its edge in the order of where the lines lead."""
        spot = self.spots[box]
        near = sorted(spot.below if below else spot.above, key=lambda each: self.spots[each].x)
        share = (near.index(other) + 1) / (len(near) + 1) - 0.5
        spread = min(spot.width * 0.8, 34.0 * (len(near) + 1))
        return middle[0] + share * spread, middle[1] + (spot.height / 2 if below else -spot.height / 2)
