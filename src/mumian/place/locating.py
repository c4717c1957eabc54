"""Which of many outlines contains each of many points, at a million points a second and more.

The area is cut into small cells, and what is certain is worked out beforehand: a cell wholly inside one
outline answers by itself, and a cell crossed by borders names the outlines to ask, in order. Cells crossed by
the same borders share one such list, so twenty thousand grids cost a few megabytes, and shapely is asked only
about the points beside a border.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Outlines = NDArray[np.object_]

NONE = -1


class Locator:
    """Finds for each point the first of `outlines`, in their order, that contains it, borders included.

    So a point on a shared edge gets exactly one, always the same. Outlines are valid (multi)polygons.
    """

    def __init__(self, outlines: Sequence[shapely.Geometry]) -> None:
        self.outlines: Outlines = np.array(outlines, dtype=object)
        shapely.prepare(self.outlines[shapely.get_num_coordinates(self.outlines) > _WORTH_PREPARING])
        self._table = _Table(self.outlines)
        self._answers = _answers(self.outlines, self._table)

    def __call__(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """The position of the outline for each point (one-dimensional, in degrees), or `NONE`."""
        found = np.full(len(lon), NONE, np.int32)
        for start in range(0, len(lon), _AT_A_TIME):
            part = slice(start, start + _AT_A_TIME)
            found[part] = self._locate(lon[part], lat[part])
        return found

    def one(self, lon: float, lat: float) -> int:
        """The same for one point, in a tenth of the time that an array of one takes."""
        answers, count = self._answers, len(self.outlines)
        found = int(answers.of_cell[self._table.cell_of(lon, lat)])
        while found >= count:
            asked = answers.asked[found - count]
            holds = shapely.intersects_xy(self.outlines[asked], lon, lat)
            found = int(asked if holds else answers.otherwise[found - count])
        return found

    def _locate(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        answers, count = self._answers, len(self.outlines)
        found = answers.of_cell[self._table.cells_of(lon, lat)]
        open_ = np.flatnonzero(found >= count)
        while open_.size:
            open_ = open_[np.argsort(found[open_])]  # points of one outline together stay in the cache
            question = found[open_] - count
            asked = answers.asked[question]
            holds = shapely.intersects_xy(self.outlines[asked], lon[open_], lat[open_])
            found[open_] = np.where(holds, asked, answers.otherwise[question])
            open_ = open_[found[open_] >= count]
        return found


_CELLS_PER_OUTLINE = 100
_FEWEST_CELLS, _MOST_CELLS = 1 << 14, 1 << 21
_WORTH_PREPARING = 200  # vertices: below this a plain test is quicker than looking up a prepared one
_AT_A_TIME = 1 << 17  # points: the working arrays stay in the processor's cache
_CELLS_AT_A_TIME = 1 << 18
_SLACK = 1e-6  # of a cell: a border this near to a cell counts as crossing it


class _Table:
    """The cells: rows of equal cells over all outlines, and one more, the last, for all that is outside."""

    def __init__(self, outlines: Outlines) -> None:
        bounds = shapely.total_bounds(outlines) if len(outlines) else (0.0, 0.0, 1.0, 1.0)
        self.west, self.south, east, north = map(float, bounds)
        wanted = min(max(_CELLS_PER_OUTLINE * len(outlines), _FEWEST_CELLS), _MOST_CELLS)
        width, height = max(east - self.west, 1e-9), max(north - self.south, 1e-9)
        self.columns = int(np.clip(np.sqrt(wanted * width / height), 1, wanted))
        self.rows = int(np.clip(wanted // self.columns, 1, wanted))
        self.per_degree = self.columns / width, self.rows / height
        self.outside = self.columns * self.rows

    def measure(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Degrees as distances in cells from the south-western corner."""
        return (lon - self.west) * self.per_degree[0], (lat - self.south) * self.per_degree[1]

    def cells_of(self, lon: Floats, lat: Floats) -> Ints:
        x, y = self.measure(lon, lat)
        inside = (x > -_SLACK) & (x < self.columns + _SLACK) & (y > -_SLACK) & (y < self.rows + _SLACK)
        x, y = np.where(inside, x, 0), np.where(inside, y, 0)
        cells = self.cells(y.astype(np.int64), x.astype(np.int64))
        return np.where(inside, cells, self.outside)

    def cell_of(self, lon: float, lat: float) -> int:
        x, y = (lon - self.west) * self.per_degree[0], (lat - self.south) * self.per_degree[1]
        if not (-_SLACK < x < self.columns + _SLACK and -_SLACK < y < self.rows + _SLACK):
            return self.outside
        row, column = min(max(int(y), 0), self.rows - 1), min(max(int(x), 0), self.columns - 1)
        return row * self.columns + column

    def portions(self, outlines: Outlines) -> Iterator[slice]:
        """Runs of outlines worked out at a time: only so many cells, so that memory stays small."""
        west, south, east, north = shapely.bounds(outlines).T
        cells = (east - west) * (north - south) * self.per_degree[0] * self.per_degree[1]
        run = np.floor(np.cumsum(cells) / _CELLS_AT_A_TIME)
        starts = [0, *(np.flatnonzero(np.diff(run)) + 1), len(outlines)]
        return (slice(int(start), int(end)) for start, end in pairwise(starts) if end > start)

    def cells(self, row: Ints, column: Ints) -> Ints:
        cells: Ints = row.clip(0, self.rows - 1) * self.columns + column.clip(0, self.columns - 1)
        return cells


class _Answers:
    """For each cell an outline, `NONE`, or (from the number of outlines on) a question.

    A question asks whether one outline contains the point; if not, `otherwise` is the answer, which may again
    be a question.
    """

    def __init__(self, of_cell: NDArray[np.int32]) -> None:
        self.of_cell = of_cell
        self.asked = np.empty(0, np.int32)
        self.otherwise = np.empty(0, np.int32)

    def ask(self, cells: Ints, outlines: Ints, *, first: int) -> None:
        """Puts a question about an outline before what each cell answered so far; equal ones are one."""
        span = np.int64(len(self.asked) + first + 1)
        questions = outlines * span + self.of_cell[cells] + 1
        question = _distinct(questions)
        which = np.searchsorted(question, questions)
        self.of_cell[cells] = first + len(self.asked) + which
        self.asked = np.concatenate([self.asked, (question // span).astype(np.int32)])
        self.otherwise = np.concatenate([self.otherwise, (question % span - 1).astype(np.int32)])


def _answers(outlines: Outlines, table: _Table) -> _Answers:
    count, span = len(outlines), table.outside + 1
    of_cell = np.full(span, NONE, np.int32)
    borders = [np.empty(0, np.int64)]
    for part in table.portions(outlines):
        edges = _Edges(outlines[part], part.start, table)
        crossed = _distinct(edges.crossed_cells())
        crossed = crossed[of_cell[crossed % span] == NONE]  # what comes before has answered the others
        filled = edges.filled_cells()
        filled = filled[of_cell[filled % span] == NONE]
        filled = filled[~_among(filled, crossed)][::-1]
        of_cell[filled % span] = filled // span  # the last written stays, so the first outline wins
        borders.append(crossed)
    answers = _Answers(of_cell)
    _ask_borders(answers, np.concatenate(borders), count, span)
    return answers


def _ask_borders(answers: _Answers, borders: Ints, count: int, span: int) -> None:
    """Lists for each cell the outlines whose border crosses it and that come before the one that fills it."""
    outline, cell = borders // span, borders % span
    sure = answers.of_cell[cell]
    asked = (sure == NONE) | (outline < sure)
    outline, cell = outline[asked], cell[asked]
    order = np.lexsort((-outline, cell))
    outline, cell = outline[order], cell[order]
    place = np.arange(len(cell)) - np.searchsorted(cell, cell)
    for nth in range(int(place.max(initial=-1)) + 1):
        answers.ask(cell[place == nth], outline[place == nth], first=count)


class _Edges:
    """The edges of some outlines, measured in cells; a pair (outline, cell) is outline * span + cell."""

    def __init__(self, outlines: Outlines, first: int, table: _Table) -> None:
        parts, part_of = shapely.get_parts(outlines, return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        points, point_of = shapely.get_coordinates(rings, return_index=True)
        x, y = table.measure(points[:, 0], points[:, 1])
        joined = np.flatnonzero(point_of[1:] == point_of[:-1])
        upward = y[joined] <= y[joined + 1]
        low, high = np.where(upward, joined, joined + 1), np.where(upward, joined + 1, joined)
        self.owner: Ints = first + part_of[ring_of[point_of[joined]]]
        self.x0, self.y0, self.x1, self.y1 = x[low], y[low], x[high], y[high]
        self.table, self.span = table, table.outside + 1

    def crossed_cells(self) -> Ints:
        """Every cell that an edge touches, row by row of each edge, a little too many rather than too few."""
        lowest, highest = _floor(self.y0 - _SLACK), _floor(self.y1 + _SLACK)
        edge, row = _spread(lowest, highest - lowest + 1)
        at_foot = self._x_at(edge, np.clip(row - _SLACK, self.y0[edge], self.y1[edge]))
        at_head = self._x_at(edge, np.clip(row + 1 + _SLACK, self.y0[edge], self.y1[edge]))
        flat = self.y1[edge] - self.y0[edge] <= 0
        left = np.where(flat, np.minimum(self.x0, self.x1)[edge], np.minimum(at_foot, at_head))
        right = np.where(flat, np.maximum(self.x0, self.x1)[edge], np.maximum(at_foot, at_head))
        leftmost, rightmost = _floor(left - _SLACK), _floor(right + _SLACK)
        piece, column = _spread(leftmost, rightmost - leftmost + 1)
        return self.owner[edge[piece]] * self.span + self.table.cells(row[piece], column)

    def filled_cells(self) -> Ints:
        """The cells whose centre lies inside, in order: from an odd to an even crossing of a row's middle."""
        lowest, after = _floor(self.y0 + 0.5), _floor(self.y1 + 0.5)
        edge, row = _spread(lowest, after - lowest)
        x, owner = self._x_at(edge, np.add(row, 0.5)), self.owner[edge]
        order = np.lexsort((x, row, owner))
        x, row, owner = x[order], row[order], owner[order]
        start = _floor(x[::2] + 0.5)
        span, column = _spread(start, _floor(x[1::2] + 0.5) - start)
        return owner[::2][span] * self.span + self.table.cells(row[::2][span], column)

    def _x_at(self, edge: Ints, y: Floats) -> Floats:
        rise = np.maximum(self.y1[edge] - self.y0[edge], np.finfo(np.float64).tiny)
        return self.x0[edge] + (self.x1[edge] - self.x0[edge]) * np.clip((y - self.y0[edge]) / rise, 0, 1)


def _floor(values: Floats) -> Ints:
    floors: Ints = np.floor(values).astype(np.int64)
    return floors


def _spread(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """For each i the numbers start[i], start[i] + 1, …, count[i] of them: which i, and which number."""
    which = np.repeat(np.arange(len(start)), count)
    offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, start[which] + offset


def _distinct(values: Ints) -> Ints:
    """The values in order, each once (by sorting, which numpy's own hashing is far slower than here)."""
    ordered: Ints = np.sort(values)
    distinct: Ints = ordered[np.diff(ordered, prepend=NONE) != 0]
    return distinct


def _among(values: Ints, others: Ints) -> NDArray[np.bool_]:
    """Which of the values are among others, which are in order."""
    at = np.searchsorted(others, values)
    found: NDArray[np.bool_] = np.append(others, NONE)[at] == values
    return found
