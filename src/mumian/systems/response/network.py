"""A network of roads for one way of travelling: kept in arrays, stored in one file, asked for travel times.

Nodes are junctions and ends of roads; an edge is the piece of road between two of them, with its shape. A
place stands on the nearest edge, not on a node, so times are right to the metre along the road. Turn
restrictions, gates and traffic lights are not considered.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from mumian.errors import MumianError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

EARTH = 6_371_008.8
"""Mean radius of the earth in metres (IUGG)."""
ON_FOOT = 5 / 3.6
"""Metres a second from a place to the nearest road."""
_FORMAT = 1
_CELLS_AT_ONCE = 16_000_000
"""Travel times held in memory at once, so that many places on a large network are worked off in parts."""


class Mode(StrEnum):
    """How one travels."""

    WALK = "walk"
    DRIVE = "drive"


@dataclass(frozen=True, slots=True)
class Edges:
    """The roads of a network as columns.

    `start`, `end`: node numbers int32[e]. `metres`: float64[e]. `forward`, `backward`: seconds float64[e] from
    start to end and back, infinite where one may not. `name`: int32[e] into `names` (0 is nameless). `shape`:
    int64[e + 1], where each edge's points begin in `lon`, `lat` (degrees WGS-84).
    """

    start: Ints
    end: Ints
    metres: Floats
    forward: Floats
    backward: Floats
    name: Ints
    names: NDArray[np.str_]
    shape: NDArray[np.int64]
    lon: Floats
    lat: Floats


@dataclass(frozen=True, slots=True)
class Footing:
    """Where places stand on a network: n places, each somewhere along one edge.

    `edge`: int32[n], -1 where no road is near. `along`: float64[n], the share of the edge behind the place.
    `metres`: float64[n] from the place to the road.
    """

    edge: Ints
    along: Floats
    metres: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.int64] | slice) -> Footing:
        return Footing(self.edge[chosen], self.along[chosen], self.metres[chosen])

    @property
    def standing(self) -> NDArray[np.bool_]:
        """bool[n]: whether a road is near enough to stand on."""
        return np.greater_equal(self.edge, 0)


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of the edges that n places stand on: `node` int32[2, n], and the `seconds` float64[2, n] from the
    place to them, or from them to the place; infinite where one may not go or where no road is near."""

    node: Ints
    seconds: Floats

    def least(self, spread: Floats) -> Floats:
        """float64[..., n]: the least over both ends, given the times float64[..., nodes] at all nodes."""
        ways = spread[..., self.node[0]] + self.seconds[0], spread[..., self.node[1]] + self.seconds[1]
        least: Floats = np.minimum(*ways)
        return least


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the network that cannot be reached from the rest and back."""

    name: str
    """Its longest named road, '' if none has a name."""
    nodes: int
    metres: float
    lon: float
    lat: float


class Network:
    """The roads of one mode. Immutable; safe to share between threads."""

    def __init__(self, mode: Mode, edges: Edges, *, missing: int = 0) -> None:
        """`missing` counts points of roads that the file named but did not hold."""
        self.mode = mode
        self.edges = edges
        self.missing = missing
        self.nodes = int(max(edges.start.max(), edges.end.max())) + 1 if len(edges.start) else 0
        self._mid = float(edges.lat.mean()) if len(edges.lat) else 0.0

    def save(self, path: Path) -> None:
        """Writes the network to one `.npz` file, whole or not at all."""
        beside = path.with_name(path.name + ".part")
        columns = {field.name: getattr(self.edges, field.name) for field in fields(Edges)}
        with beside.open("wb") as file:
            np.savez_compressed(
                file, _format=_FORMAT, _mode=self.mode.value, _missing=self.missing, **columns
            )
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Network:
        """Reads what `save` wrote; raises MumianError if it is not that."""
        try:
            with np.load(path, allow_pickle=False) as file:
                if int(file["_format"]) != _FORMAT:
                    raise ValueError("another format")
                edges = Edges(**{field.name: file[field.name] for field in fields(Edges)})
                return cls(Mode(str(file["_mode"])), edges, missing=int(file["_missing"]))
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise MumianError(
                path, reason=f"is not a stored road network: {error}", cure="Import the roads again"
            ) from error

    @cached_property
    def component(self) -> Ints:
        """int32[nodes]: which part a node belongs to; within a part one gets from anywhere to anywhere. 0 is the
        largest."""
        _, found = connected_components(self.graph, directed=True, connection="strong")
        order = np.argsort(-np.bincount(found), kind="stable")
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        component: Ints = rank[found]
        return component

    def cut_off(self) -> list[Part]:
        """The parts beside the largest that have roads of their own, longest first."""
        edges, component = self.edges, self.component
        part = component[edges.start]
        inside = np.flatnonzero((part == component[edges.end]) & (part > 0))
        metres = np.bincount(part[inside], edges.metres[inside], minlength=int(component.max(initial=0)) + 1)
        nodes = np.bincount(component)
        inside = inside[np.lexsort((-edges.metres[inside], edges.name[inside] == 0, part[inside]))]
        numbers, first = np.unique(part[inside], return_index=True)
        parts = []
        for number, edge in zip(numbers, inside[first], strict=True):
            at = edges.shape[edge]
            where = float(edges.lon[at]), float(edges.lat[at])
            name = str(edges.names[edges.name[edge]])
            parts.append(Part(name, int(nodes[number]), float(metres[number]), *where))
        return sorted(parts, key=lambda found: -found.metres)

    def stand(self, lon: ArrayLike, lat: ArrayLike, *, within: float = 500.0) -> Footing:
        """The nearest road of the largest part for n places (degrees), if one is nearer than `within` metres.

        A place that is not a number stands nowhere.
        """
        points = shapely.points(*self._plane(np.atleast_1d(lon), np.atleast_1d(lat)))
        points[~np.isfinite(shapely.get_coordinates(points).sum(axis=1))] = None
        edge = np.full(len(points), -1, dtype=np.int32)
        along, metres = np.zeros(len(points)), np.full(len(points), np.inf)
        tree, numbers = self._tree
        place, found = tree.query_nearest(points, max_distance=within, all_matches=False)
        lines = tree.geometries[found]
        edge[place] = numbers[found]
        along[place] = shapely.line_locate_point(lines, points[place], normalized=True)
        metres[place] = shapely.distance(lines, points[place])
        return Footing(edge, along, metres)

    def seconds(self, starts: Footing, ends: Footing, *, limit: float = np.inf) -> Floats:
        """Travel times float64[starts, ends] in seconds; infinite beyond `limit` or where there is no way.

        The least of the direct way along a shared edge and the ways by Dijkstra's algorithm over either end of
        both edges, with the walk from and to the road added.
        """
        return np.vstack([np.empty((0, len(ends))), *self._in_parts(starts, ends, limit)])

    def seconds_from_any(self, starts: Footing, ends: Footing, *, limit: float = np.inf) -> Floats:
        """float64[ends]: the time from whichever of `starts` is nearest, in one search for all of them."""
        starts = starts[starts.standing]
        if not len(starts):
            return np.full(len(ends), np.inf)
        spread = self._spread(starts, limit, nearest=True)
        return self._within(
            np.minimum(self.arrive(ends).least(spread), self._direct_from_any(starts, ends)), limit
        )

    def pairs(
        self, starts: Footing, ends: Footing, *, limit: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Every start and end that are within `limit` seconds, with the seconds: the same as `seconds`, as three
        columns sorted by start and end, for many places of which each reaches few."""
        order, first, count = self._ends_at_nodes(ends)
        cost = self.arrive(ends).seconds.ravel()
        start, end = self._on_one_edge(starts, ends)
        found = [(start, end, self.direct(starts[start], ends[end]))]
        size = max(1, _CELLS_AT_ONCE // max(self.nodes, 1))
        for begin in range(0, len(starts), size):
            spread = self._spread(starts[begin : begin + size], limit, nearest=False)
            row, node = np.nonzero(np.isfinite(spread))
            entry, step = _repeated(count[node])
            at = order[first[node][entry] + step]
            found.append((begin + row[entry], at % len(ends), spread[row, node][entry] + cost[at]))
        start, end, seconds = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.flatnonzero(seconds <= limit)
        order = order[np.lexsort((seconds[order], end[order], start[order]))]
        least = np.ones(len(order), dtype=bool)
        least[1:] = (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)
        order = order[least]
        return start[order], end[order], seconds[order]

    def leave(self, places: Footing) -> Ends:
        """The ends of each place's edge and the seconds from the place to them."""
        edges, at = self.edges, np.maximum(places.edge, 0)
        with np.errstate(invalid="ignore"):
            back = np.where(places.along > 0, places.along * edges.backward[at], 0.0)
            on = np.where(places.along < 1, (1 - places.along) * edges.forward[at], 0.0)
        return self._ends(at, back, on, places)

    def arrive(self, places: Footing) -> Ends:
        """The same from the ends of the edge to the place."""
        edges, at = self.edges, np.maximum(places.edge, 0)
        with np.errstate(invalid="ignore"):
            on = np.where(places.along > 0, places.along * edges.forward[at], 0.0)
            back = np.where(places.along < 1, (1 - places.along) * edges.backward[at], 0.0)
        return self._ends(at, on, back, places)

    def direct(self, starts: Footing, ends: Footing) -> Floats:
        """Seconds along a shared edge without leaving it, infinite where it is not shared; the two broadcast."""
        ahead = ends.along - starts.along
        shared = (starts.edge == ends.edge) & starts.standing
        at = np.maximum(starts.edge, 0)
        with np.errstate(invalid="ignore"):
            along = np.where(ahead >= 0, ahead * self.edges.forward[at], -ahead * self.edges.backward[at])
        along = np.where(ahead == 0, 0.0, along)
        return np.where(shared, along + self._walk(starts) + self._walk(ends), np.inf)

    @cached_property
    def graph(self) -> csr_array:
        """The travel times in seconds as a sparse matrix [nodes, nodes], the quickest where edges are parallel."""
        edges = self.edges
        tail = np.concatenate([edges.start, edges.end])
        head = np.concatenate([edges.end, edges.start])
        cost = np.concatenate([edges.forward, edges.backward])
        kept = np.flatnonzero(np.isfinite(cost) & (tail != head))
        kept = kept[np.lexsort((cost[kept], head[kept], tail[kept]))]
        first = np.ones(len(kept), dtype=bool)
        first[1:] = (np.diff(tail[kept]) != 0) | (np.diff(head[kept]) != 0)
        kept = kept[first]
        size = (self.nodes, self.nodes)
        return csr_array((np.maximum(cost[kept], 1e-3), (tail[kept], head[kept])), shape=size)

    @cached_property
    def fastest(self) -> float:
        """Metres a second on the fastest road: no straight line is covered in less."""
        edges = self.edges
        quickest = np.maximum(np.minimum(edges.forward, edges.backward), 1e-3)
        return float(max(np.max(edges.metres / quickest, initial=0.0), ON_FOOT))

    @cached_property
    def _tree(self) -> tuple[shapely.STRtree, NDArray[np.int64]]:
        """The edges of the largest part as lines in metres, and their numbers."""
        edges, main = self.edges, self.component == 0
        numbers = np.flatnonzero(main[edges.start] & main[edges.end])
        x, y = self._plane(edges.lon, edges.lat)
        owner = np.repeat(np.arange(len(edges.start)), np.diff(edges.shape))
        lines = shapely.linestrings(np.column_stack([x, y]), indices=owner)
        return shapely.STRtree(lines[numbers]), numbers

    def _plane(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north on a plane that touches the middle of the network."""
        x = np.radians(np.asarray(lon, dtype=float)) * np.cos(np.radians(self._mid)) * EARTH
        return x, np.radians(np.asarray(lat, dtype=float)) * EARTH

    def _ends(self, at: Ints, first: Floats, second: Floats, places: Footing) -> Ends:
        node = np.stack([self.edges.start[at], self.edges.end[at]])
        return Ends(node, np.stack([first, second]) + self._walk(places))

    @staticmethod
    def _walk(places: Footing) -> Floats:
        return np.where(places.standing, places.metres / ON_FOOT, np.inf)

    def _direct_from_any(self, starts: Footing, ends: Footing) -> Floats:
        """The least `direct` for each end."""
        start, end = self._on_one_edge(starts, ends)
        least = np.full(len(ends), np.inf)
        np.minimum.at(least, end, self.direct(starts[start], ends[end]))
        return least

    @staticmethod
    def _on_one_edge(starts: Footing, ends: Footing) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every start and end that stand on the same edge."""
        order = np.argsort(starts.edge, kind="stable")
        first = np.searchsorted(starts.edge[order], ends.edge, "left")
        end, step = _repeated(np.searchsorted(starts.edge[order], ends.edge, "right") - first)
        return order[first[end] + step], end

    def _ends_at_nodes(self, ends: Footing) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The ends node by node, each at both nodes of its edge (numbered anew from n for the second): which, and
        for each node where they begin and how many they are."""
        node = self.arrive(ends).node.ravel()
        order = np.argsort(node, kind="stable")
        count = np.bincount(node, minlength=self.nodes)
        return order, np.cumsum(count) - count, count

    def _in_parts(self, starts: Footing, ends: Footing, limit: float) -> Iterator[Floats]:
        size = max(1, _CELLS_AT_ONCE // max(self.nodes, 4 * len(ends), 1))
        arriving = self.arrive(ends)
        for begin in range(0, len(starts), size):
            some = starts[begin : begin + size]
            spread = self._spread(some, limit, nearest=False)
            column = Footing(some.edge[:, None], some.along[:, None], some.metres[:, None])
            yield self._within(np.minimum(arriving.least(spread), self.direct(column, ends)), limit)

    def _spread(self, places: Footing, limit: float, *, nearest: bool) -> Floats:
        """Seconds to every node, from each place or from the nearest."""
        ends = self.leave(places)
        sources = np.arange(self.nodes, self.nodes + len(places))
        found: Floats = dijkstra(grown(self.graph, ends), indices=sources, limit=limit, min_only=nearest)
        return found[..., : self.nodes]

    @staticmethod
    def _within(seconds: Floats, limit: float) -> Floats:
        return np.where(seconds <= limit, seconds, np.inf)


def grown(graph: csr_array, ends: Ends) -> csr_array:
    """The graph with a node more for each place, and an arc from it to either end of its edge."""
    places = ends.node.shape[1]
    size = graph.shape[0] + places
    pointer = graph.indptr[-1] + 2 * np.arange(1, places + 1, dtype=graph.indptr.dtype)
    arrays = (
        np.concatenate([graph.data, ends.seconds.T.ravel()]),
        np.concatenate([graph.indices, ends.node.T.ravel()]),
        np.concatenate([graph.indptr, pointer]),
    )
    return csr_array(arrays, shape=(size, size))


def _repeated(count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each number i `count[i]` times, and 0, 1, … within each."""
    number = np.repeat(np.arange(len(count)), count)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count)


def metres_between(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Floats:
    """Metres in a straight line over the globe between points in degrees, which broadcast (haversine)."""
    x, y, u, v = (np.radians(np.asarray(value, dtype=float)) for value in (lon, lat, other_lon, other_lat))
    chord = np.sin((v - y) / 2) ** 2 + np.cos(y) * np.cos(v) * np.sin((u - x) / 2) ** 2
    metres: Floats = 2 * EARTH * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return metres
