"""Road networks from OpenStreetMap extracts (`.osm.pbf`), read as a stream: roads first, then only their nodes.

What may be used is read from the tags `highway`, `oneway`, `junction`, `access`, `foot`, `vehicle`,
`motor_vehicle`, `motorcar` and `maxspeed`, as the OpenStreetMap wiki explains them (pages 'OSM tags for
routing' and 'Key:access').
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import osmium
from numpy.typing import NDArray

from mumian.errors import MumianError
from mumian.systems.response.network import Edges, Floats, Mode, Network, metres_between

WALKING = 5.0
"""km/h; the usual planning figure, also OSRM's for pedestrians."""
DRIVING: Mapping[str, float] = {
    "motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40, "primary": 65, "primary_link": 30,
    "secondary": 55, "secondary_link": 25, "tertiary": 40, "tertiary_link": 20, "unclassified": 25,
    "residential": 25, "living_street": 10, "service": 15,
}  # fmt: skip
"""km/h by class of road: the averages that routing engines such as OSRM assume, below the legal limits."""
ON_FOOT: frozenset[str] = frozenset(DRIVING) - {"motorway", "motorway_link", "trunk", "trunk_link"} | {
    "footway", "path", "pedestrian", "steps", "track", "cycleway", "bridleway", "corridor",
}  # fmt: skip
STEPS = 2.5
"""km/h on stairs, along the slope."""

_SHUT = {"no", "private", "agricultural", "forestry", "delivery", "customers", "military"}
_OPEN = {"yes", "designated", "permissive", "destination", "official"}
_ACCESS = {
    Mode.WALK: ("foot", "access"),
    Mode.DRIVE: ("motorcar", "motor_vehicle", "vehicle", "access"),
}
"""The more particular key speaks first."""


def import_networks(path: Path) -> dict[Mode, Network]:
    """The walking and the driving network of an extract; a mode without any road is left out.

    Memory grows with the roads and their points, not with the file. Raises MumianError if the file is absent,
    broken or without roads. Points that roads name but the file lacks (an extract cut at a border) end the
    road there and are counted in `Network.missing`.
    """
    ways = _Ways()
    try:
        _read_ways(path, ways)
        nodes = _read_nodes(path, np.unique(np.asarray(ways.points, dtype=np.int64)))
    except (RuntimeError, OSError, ValueError) as error:  # what osmium raises
        raise MumianError(
            path,
            reason=f"cannot be read as an OpenStreetMap extract: {error}",
            cure="Download it again, compare its checksum, and see that it ends in .osm.pbf",
        ) from error
    networks = {mode: network for mode in Mode if (network := _network(mode, ways, nodes)).nodes}
    if not networks:
        raise MumianError(
            path, reason="has no roads", cure="Take an extract that was not filtered, of the right area"
        )
    return networks


class Tags(Protocol):
    """A way's tags: a dict, or those of osmium."""

    def get(self, key: str, default: None = None, /) -> str | None:
        """The value of a key, if it is there."""


def speeds(tags: Tags, mode: Mode) -> tuple[float, float]:
    """km/h along a way and against it, 0 where one may not go."""
    kind = tags.get("highway") or ""
    allowed = next((value for key in _ACCESS[mode] if (value := tags.get(key))), "")
    if allowed in _SHUT:
        return 0.0, 0.0
    if mode is Mode.WALK:
        known = kind in ON_FOOT or (kind in DRIVING and tags.get("foot") in _OPEN)
        speed = STEPS if kind == "steps" else WALKING if known else 0.0
        return speed, speed
    speed = DRIVING.get(kind, 0.0)
    if limit := _limit(tags.get("maxspeed") or ""):
        speed = min(speed, limit)
    return _directed(tags, kind, speed)


def _directed(tags: Tags, kind: str, speed: float) -> tuple[float, float]:
    """Motorways and roundabouts run one way unless told otherwise."""
    oneway = tags.get("oneway") or ""
    implied = kind == "motorway" or tags.get("junction") in ("roundabout", "circular")
    if oneway in ("-1", "reverse"):
        return 0.0, speed
    if oneway in ("yes", "true", "1") or (implied and oneway not in ("no", "false", "0")):
        return speed, 0.0
    return speed, speed


def _limit(text: str) -> float:
    """`50`, `50 km/h` or `30 mph` in km/h; 0 for anything else, such as `signals`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|mph)?", text.strip())
    return float(found[1]) * (1.609344 if found[2] == "mph" else 1.0) if found else 0.0


@dataclass(slots=True)
class _Ways:
    """Roads as flat columns: way w has the points `points[first[w]:first[w + 1]]`."""

    points: array[int] = field(default_factory=lambda: array("q"))
    first: array[int] = field(default_factory=lambda: array("q", [0]))
    name: array[int] = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=lambda: {"": 0})
    speed: dict[Mode, array[float]] = field(default_factory=lambda: {mode: array("d") for mode in Mode})


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Points by ascending number; `found` tells those that the file has."""

    numbers: NDArray[np.int64]
    lon: Floats
    lat: Floats
    found: NDArray[np.bool_]


def _read_ways(path: Path, ways: _Ways) -> None:
    roads = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
    for way in roads:
        assert isinstance(way, osmium.osm.Way)
        tags = way.tags
        found = {mode: speeds(tags, mode) for mode in Mode}
        if not any(map(any, found.values())):
            continue
        ways.points.extend([node.ref for node in way.nodes])
        ways.first.append(len(ways.points))
        ways.name.append(ways.names.setdefault(tags.get("name") or "", len(ways.names)))
        for mode, both in found.items():
            ways.speed[mode].extend(both)


def _read_nodes(path: Path, numbers: NDArray[np.int64]) -> _Nodes:
    lon, lat = np.zeros(len(numbers)), np.zeros(len(numbers))
    found = np.zeros(len(numbers), dtype=bool)
    seen, places = array("q"), array("d")
    wanted = osmium.filter.IdFilter(numbers.tolist())
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(wanted):
        if isinstance(node, osmium.osm.Node) and node.location.valid():
            seen.append(node.id)
            places.extend((node.location.lon, node.location.lat))
    at = np.searchsorted(numbers, np.asarray(seen, dtype=np.int64))
    lon[at], lat[at] = np.asarray(places).reshape(-1, 2).T
    found[at] = True
    return _Nodes(numbers, lon, lat, found)


def _network(mode: Mode, ways: _Ways, nodes: _Nodes) -> Network:
    """Cuts the ways of one mode into edges at junctions and leaves out what lies between."""
    speed = np.asarray(ways.speed[mode]).reshape(-1, 2)
    first = np.asarray(ways.first)
    way = np.repeat(np.arange(len(speed)), np.diff(first))
    usable = np.greater(speed.sum(axis=1), 0)[way]
    point = np.searchsorted(nodes.numbers, np.asarray(ways.points, dtype=np.int64))
    there = nodes.found[point]

    from_, to = point[:-1], point[1:]
    real = (way[:-1] == way[1:]) & usable[:-1] & there[:-1] & there[1:] & (from_ != to)
    from_, to, way = from_[real], to[real], way[:-1][real]
    begins = _begins(from_, to, way, len(nodes.numbers))
    first_of = np.flatnonzero(begins)
    last_of = np.append(first_of[1:], len(from_))[: len(first_of)] - 1

    metres = metres_between(nodes.lon[from_], nodes.lat[from_], nodes.lon[to], nodes.lat[to])
    metres = np.bincount(np.cumsum(begins) - 1, metres, minlength=len(first_of)).astype(np.float64)
    of_way = way[first_of]
    with np.errstate(divide="ignore"):
        forward, backward = metres[:, None].T / (speed[of_way].T / 3.6)
    _, ends = np.unique(np.concatenate([from_[first_of], to[last_of]]), return_inverse=True)
    start, end = ends.astype(np.int32).reshape(2, -1)
    shape, corner = _shapes(from_, to, first_of, last_of)
    edges = Edges(
        start=start,
        end=end,
        metres=metres,
        forward=forward,
        backward=backward,
        name=np.asarray(ways.name, dtype=np.int32)[of_way],
        names=np.array(list(ways.names), dtype=np.str_),
        shape=shape,
        lon=nodes.lon[corner],
        lat=nodes.lat[corner],
    )
    return Network(mode, edges, missing=len(np.unique(point[usable & ~there])))


def _begins(
    from_: NDArray[np.int64], to: NDArray[np.int64], way: NDArray[np.int64], points: int
) -> NDArray[np.bool_]:
    """bool[segments]: whether an edge begins with this segment: a new way, a gap, or a junction."""
    degree = np.bincount(from_, minlength=points) + np.bincount(to, minlength=points)
    begins = np.ones(len(from_), dtype=bool)
    begins[1:] = (way[1:] != way[:-1]) | (from_[1:] != to[:-1]) | (degree[from_[1:]] > 2)
    return begins


def _shapes(
    from_: NDArray[np.int64], to: NDArray[np.int64], first_of: NDArray[np.int64], last_of: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """int64[e + 1] and the points of all edges in turn: each segment's beginning, and the last one's end."""
    shape = np.zeros(len(first_of) + 1, dtype=np.int64)
    np.cumsum(last_of - first_of + 2, out=shape[1:])
    corner = np.empty(int(shape[-1]), dtype=np.int64)
    edge = np.repeat(np.arange(len(first_of)), last_of - first_of + 1)
    corner[np.arange(len(from_)) + edge] = from_
    corner[shape[1:] - 1] = to[last_of]
    return shape, corner
