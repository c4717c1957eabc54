"""The shapes of a city that never was: grids that tile it exactly, gathered into communities, towns, districts.

Every border is drawn once and shared by both sides, so at each level the shapes tile the city to the last bit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

from mumian.demo.plan import Plan
from mumian.demo.terrain import Floats, Terrain, lay_out

Ints = NDArray[np.int64]

DEGREE_KM = 111.32
SAMPLES_PER_GRID = 16
ROUNDS = 4
TURNS = 1


@dataclass(frozen=True)
class Shapes:
    """The grids, and the numbers (from 0) of district, town, community and grid of each."""

    outlines: NDArray[np.object_]
    """Polygons in WGS-84 degrees, one a grid."""
    numbers: Ints
    """A row of four for each grid; each number counts within the place above, the city's heart first."""
    density: Floats
    """Grids to the square kilometre, about each grid."""


def draw(plan: Plan, middle: tuple[float, float], rng: np.random.Generator) -> Shapes:
    """Draws a city about `middle` (degrees). The same plan and generator always give the same city."""
    terrain = lay_out(plan.radius, plan.river, plan.centres, rng)
    land, water = _seeds(terrain, plan, rng)
    cells = _Cells(land, water)
    groups = _gather(cells, terrain, plan)
    depth = _border_depth(cells, groups)
    outlines = cells.outlines(depth, middle, rng)
    heart = terrain.centres[0, 1:3]
    numbers = _numbered(land, groups, heart)
    away = cKDTree(land).query(land, k=7)[0][:, -1]
    return Shapes(outlines, numbers, 6 / (np.pi * away**2))


# --- where grids lie --------------------------------------------------------------------------------


def _seeds(terrain: Terrain, plan: Plan, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The middles of the grids, and of like cells of water and foreign land around them."""
    points = terrain.sample(2 * SAMPLES_PER_GRID * plan.grids, plan.open_country, rng)
    land = points[terrain.is_land(points)]
    around = points[~terrain.is_land(points, margin=0)]
    banks, streams = _banks(terrain, land)
    away, nearest = cKDTree(banks).query(land)
    inland = land[terrain.is_land(land, margin=2.2) & (away > 0.45 * _spacing(land, banks)[nearest])]
    water = max(250, round(plan.grids * len(around) / len(land)))
    grids = _spread(inland, plan.grids - len(banks), rng)
    drowned = np.flatnonzero(~terrain.is_land(grids, margin=2))
    ashore, one = np.unique(cKDTree(inland).query(grids[drowned])[1], return_index=True)
    grids[drowned[one]] = inland[ashore]
    return np.concatenate([banks, grids]), np.concatenate([streams, _spread(around, water, rng)])


def _banks(terrain: Terrain, land: Floats) -> tuple[Floats, Floats]:
    """Seeds along the rivers: each on the bank has its mirror image in the water, so the shore runs between."""
    banks, streams = [], []
    for river in terrain.rivers:
        step = np.hypot(*np.gradient(river.course, axis=0).T)
        apart = np.clip(_spacing(land, river.course), 0.9 * river.half_width, 5 * river.half_width)
        stations = np.cumsum(step / apart)
        at = np.searchsorted(stations, np.arange(0.5, stations[-1]))
        for side in (-1, 1):
            banks.append(river.beside(side * 1.6)[at])
            streams.append(river.beside(side * 0.4)[at])
    bank, stream = np.concatenate(banks), np.concatenate(streams)
    bank = bank[terrain.is_land(bank, margin=1.3)]
    return bank, stream


def _spacing(land: Floats, points: Floats) -> Floats:
    """About how far apart grids lie around points, in km."""
    spacing: Floats = np.sqrt(np.pi) * cKDTree(land).query(points, k=[SAMPLES_PER_GRID])[0][:, 0]
    return spacing


def _spread(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    """So many of the points, moved to the middles of what is nearest to them (Lloyd's method)."""
    seeds: Floats = points[rng.choice(len(points), count, replace=False)]
    for _ in range(ROUNDS):
        seeds = _centred(points, cKDTree(seeds).query(points)[1], seeds)
    return seeds


def _centred(points: Floats, group: Ints, before: Floats) -> Floats:
    """The middle of each group of points; where a group is empty, what it was before."""
    size = np.bincount(group, minlength=len(before))
    sums = np.column_stack([np.bincount(group, points[:, axis], len(before)) for axis in (0, 1)])
    return np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], before)


# --- what each is shaped like -----------------------------------------------------------------------


class _Cells:
    """The Voronoi cells of grids and of what surrounds them; a side is kept once for both its cells."""

    def __init__(self, land: Floats, water: Floats) -> None:
        diagram = Voronoi(np.concatenate([land, water]))
        self.seeds, self.count = diagram.points, len(land)
        pairs, ends = np.asarray(diagram.ridge_points), np.asarray(diagram.ridge_vertices)
        ours = (pairs < self.count).any(axis=1)
        self.pairs, ends = pairs[ours].astype(np.int64), ends[ours]
        if (ends < 0).any():
            raise ValueError("a grid lies at the rim of the map; put more water around the land")
        self.corners: Floats = diagram.vertices
        self.ends: Ints = ends.astype(np.int64)
        self.between_grids = (self.pairs < self.count).all(axis=1)

    @property
    def neighbours(self) -> Ints:
        """Pairs of grids that share a side."""
        return self.pairs[self.between_grids]

    def outlines(
        self, depth: Ints, middle: tuple[float, float], rng: np.random.Generator
    ) -> NDArray[np.object_]:
        """The polygons of the grids in degrees, their sides bent `depth` times over."""
        points, start = self._bent_sides(depth, rng)
        points = _degrees(points, middle)
        cell, side, forward = self._rings()
        length = 2 ** depth[side]  # the last point of a side is the first of the next
        at = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        at = np.where(np.repeat(forward, length), at, np.repeat(length, length) - at)
        coordinates = points[np.repeat(start[side], length) + at]
        rings = shapely.linearrings(coordinates, indices=np.repeat(cell, length))
        polygons: NDArray[np.object_] = shapely.polygons(rings)
        return polygons

    def _rings(self) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """For each grid its sides in turn, and whether a side runs from its first end to its second."""
        cell = self.pairs.T.ravel()
        side = np.tile(np.arange(len(self.pairs)), 2)
        ours = cell < self.count
        cell, side = cell[ours], side[ours]
        first, second = (self.corners[self.ends[side, end]] - self.seeds[cell] for end in (0, 1))
        forward = first[:, 0] * second[:, 1] > first[:, 1] * second[:, 0]
        between = (first + second) / 2
        order = np.lexsort((np.arctan2(between[:, 1], between[:, 0]), cell))
        return cell[order], side[order], forward[order]

    def _bent_sides(self, depth: Ints, rng: np.random.Generator) -> tuple[Floats, Ints]:
        """Points along all sides, 2**depth + 1 for each, and where each side begins.

        A side may bend only within the two triangles it spans with its seeds; no others reach into them, so
        sides never cross.
        """
        first, second = self.corners[self.ends[:, 0]], self.corners[self.ends[:, 1]]
        along = second - first
        length = np.maximum(np.hypot(*along.T), 1e-9)
        across = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
        to_seed = self.seeds[self.pairs[:, 0]] - first
        height = np.abs((to_seed * across).sum(axis=1))
        foot = (to_seed * along).sum(axis=1) / length**2

        count = 2**depth + 1
        start = np.cumsum(count) - count
        side = np.repeat(np.arange(len(depth)), count)
        t = (np.arange(count.sum()) - start[side]) / (count[side] - 1)
        swing = _swings(depth, start, t, side, rng) * np.minimum(length, 1.6 * height)[side]
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = np.where(foot[side] > 0, t / foot[side], np.inf)
            falling = np.where(foot[side] < 1, (1 - t) / (1 - foot[side]), np.inf)
        room = 0.85 * height[side] * np.minimum(rising, falling)
        room[(t == 0) | (t == 1)] = 0
        points = first[side] + t[:, None] * along[side] + np.clip(swing, -room, room)[:, None] * across[side]
        return points, start


def _swings(depth: Ints, start: Ints, t: Floats, side: Ints, rng: np.random.Generator) -> Floats:
    """How far each point of a side lies off the straight line, in its length: halves bent again and again."""
    swing = np.zeros(len(t))
    for turn in range(int(depth.max())):
        step = 2.0 ** -(turn + 1)
        bent = np.flatnonzero(depth > turn)
        for middle in np.arange(step, 1, 2 * step):
            at = start[bent] + np.rint(middle * 2 ** depth[bent]).astype(np.int64)
            reach = np.rint(step * 2 ** depth[bent]).astype(np.int64)
            swing[at] = (swing[at - reach] + swing[at + reach]) / 2 + rng.normal(0, 0.22, len(bent)) * step
    return swing


def _degrees(points: Floats, middle: tuple[float, float]) -> Floats:
    """Kilometres as degrees about the middle, rounded to a centimetre, as coordinates are kept."""
    scale = np.array([DEGREE_KM * np.cos(np.radians(middle[1])), DEGREE_KM])
    degrees: Floats = np.round(points / scale + middle, 7)
    return degrees


# --- who belongs together ---------------------------------------------------------------------------


def _gather(cells: _Cells, terrain: Terrain, plan: Plan) -> list[Ints]:
    """District, town, community and grid of each cell, as numbers that are each unique in the city."""
    points = terrain.warped(cells.seeds[: cells.count])
    neighbours = _with_ferries(cells.neighbours, cells.seeds[: cells.count])
    groups = [np.zeros(cells.count, np.int64)]
    for count in (plan.districts, plan.towns, plan.communities):
        groups.append(_divided(points, groups[-1], count, neighbours))
    return [*groups[1:], np.arange(cells.count)]


def _divided(points: Floats, above: Ints, count: int, neighbours: Ints) -> Ints:
    """Divides what lies in each group above into parts, `count` in all, each in one piece where it can be."""
    parts = np.empty(len(points), np.int64)
    first = 0
    for group, share in enumerate(_shares(np.bincount(above), count)):
        inside = np.flatnonzero(above == group)
        parts[inside] = first + _clustered(points[inside], share)
        first += share
    return _in_one_piece(parts, above, neighbours)


def _shares(sizes: Ints, count: int) -> Ints:
    """`count` shared out by size, at least one to each."""
    exact = sizes * (count / sizes.sum())
    shares: Ints = np.maximum(1, np.floor(exact).astype(np.int64))
    while (left := count - int(shares.sum())) != 0:
        want = exact / shares if left > 0 else np.where(shares > 1, -exact / shares, -np.inf)
        shares[np.argmax(want)] += np.sign(left)
    return shares


def _clustered(points: Floats, count: int) -> Ints:
    """Points in `count` groups of like size, each by nearness to its middle."""
    group = _halved(points, count)
    for _ in range(TURNS):
        nearest = cKDTree(_centred(points, group, points[:count])).query(points)[1]
        if (np.bincount(nearest, minlength=count) == 0).any():
            return group
        group = np.asarray(nearest, np.int64)
    return group


def _halved(points: Floats, count: int) -> Ints:
    """Points in `count` groups of equal size, cut across the longer way again and again."""
    group = np.zeros(len(points), np.int64)
    if count == 1:
        return group
    from_middle = points - points.mean(axis=0)
    longer_way = np.linalg.eigh(from_middle.T @ from_middle)[1][:, 1]
    longer_way *= np.sign(longer_way[np.argmax(np.abs(longer_way))])  # either way round is an eigenvector
    order = np.argsort(from_middle @ longer_way, kind="stable")
    near, far = np.split(order, [len(points) * (count // 2) // count])
    group[near] = _halved(points[near], count // 2)
    group[far] = count // 2 + _halved(points[far], count - count // 2)
    return group


def _in_one_piece(parts: Ints, above: Ints, neighbours: Ints) -> Ints:
    """Gives what is cut off from its part to a part beside it."""
    same_above = neighbours[above[neighbours[:, 0]] == above[neighbours[:, 1]]]
    for _ in range(20):
        piece = _pieces(len(parts), same_above[parts[same_above[:, 0]] == parts[same_above[:, 1]]])
        size = np.bincount(piece)[piece]
        cut_off = ~_in_largest_piece(parts, piece, size)
        edge = np.concatenate([same_above, same_above[:, ::-1]])
        edge = edge[cut_off[edge[:, 0]] & (parts[edge[:, 0]] != parts[edge[:, 1]])]
        edge = edge[size[edge[:, 0]] <= size[edge[:, 1]]]
        if not len(edge):
            return parts
        moved, one = np.unique(piece[edge[:, 0]], return_index=True)
        host = np.full(len(parts), -1)
        host[moved] = parts[edge[one, 1]]
        parts = np.where(host[piece] >= 0, host[piece], parts)
    return parts


def _with_ferries(neighbours: Ints, seeds: Floats) -> Ints:
    """Neighbours, and across water those that join each piece of land to the one nearest to it."""
    while (piece := _pieces(len(seeds), neighbours)).any():
        main = np.argmax(np.bincount(piece))
        ferries = []
        for each in np.flatnonzero(np.arange(piece.max() + 1) != main):
            here, there = np.flatnonzero(piece == each), np.flatnonzero(piece != each)
            away, nearest = cKDTree(seeds[there]).query(seeds[here])
            ferries.append((here[np.argmin(away)], there[nearest[np.argmin(away)]]))
        neighbours = np.concatenate([neighbours, np.array(ferries)])
    return neighbours


def _pieces(count: int, joined: Ints) -> Ints:
    """The number of the piece in which each lies, where those joined are of one piece."""
    graph = coo_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _in_largest_piece(parts: Ints, piece: Ints, size: Ints) -> NDArray[np.bool_]:
    """Whether each lies in the largest piece of its part."""
    order = np.lexsort((-piece, size))
    best = np.empty(parts.max() + 1, np.int64)
    best[parts[order]] = piece[order]
    found: NDArray[np.bool_] = best[parts] == piece
    return found


def _border_depth(cells: _Cells, groups: Sequence[Ints]) -> Ints:
    """How often each side is bent: a street between grids once, a shore or the city's border more."""
    depth = np.ones(len(cells.pairs), np.int64)
    a, b = np.minimum(cells.pairs, cells.count - 1).T
    for group, bends in ((groups[1], 2), (groups[0], 2)):
        depth[group[a] != group[b]] = bends
    depth[~cells.between_grids] = 3
    return depth


def _numbered(land: Floats, groups: Sequence[Ints], heart: Floats) -> Ints:
    """Counts at each level from the heart of the place above outwards."""
    above, middle = np.zeros(len(land), np.int64), np.broadcast_to(heart, land.shape)
    columns = []
    for group in groups:
        size = np.bincount(group)
        centre = np.column_stack([np.bincount(group, land[:, axis]) / size for axis in (0, 1)])
        _, one = np.unique(group, return_index=True)
        away = np.hypot(*(centre - middle[one]).T)
        order = np.lexsort((away, above[one]))
        columns.append(_rank_within(order, above[one])[group])
        above, middle = group, centre[group]
    return np.column_stack(columns)


def _rank_within(order: Ints, above: Ints) -> Ints:
    """The place of each in `order`, counted anew for each group above."""
    rank = np.empty(len(order), np.int64)
    sorted_above = above[order]
    begins = np.flatnonzero(np.r_[True, sorted_above[1:] != sorted_above[:-1]])
    lengths = np.diff(np.r_[begins, len(order)])
    rank[order] = np.arange(len(order)) - np.repeat(begins, lengths)
    return rank


def levels(shapes: Shapes) -> Iterator[tuple[tuple[int, ...], Ints, shapely.Geometry]]:
    """Every place above the grids, the city `()` last: its numbers, which grids are in it, and its outline."""
    for depth in (3, 2, 1, 0):
        keys = shapes.numbers[:, :depth]
        order = np.lexsort(keys.T[::-1]) if depth else np.arange(len(keys))
        ordered = keys[order]
        begins = np.flatnonzero(np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)])
        for grids in np.split(order, begins[1:]):
            yield tuple(keys[grids[0]].tolist()), grids, shapely.coverage_union_all(shapes.outlines[grids])
