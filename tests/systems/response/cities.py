"""Small made-up networks: extracts written with osmium, and square cities whose times can be told by hand."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import osmium

from mumian.systems.response.network import EARTH, Edges, Mode, Network

METRE = float(np.degrees(1 / EARTH))
"""Degrees of latitude, and of longitude at the equator, that make a metre."""


def write_extract(
    path: Path, nodes: Mapping[int, tuple[float, float]], ways: list[tuple[list[int], dict[str, str]]]
) -> Path:
    """Writes an extract whose nodes are given in metres east and north of (0, 0)."""
    writer = osmium.SimpleWriter(str(path))
    for number, (x, y) in nodes.items():
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(x * METRE, y * METRE)))
    for number, (refs, tags) in enumerate(ways, start=1):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    writer.close()
    return path


def square_city(side: int, block: float = 100.0, *, speed: float = 5 / 3.6) -> Network:
    """`side` × `side` crossings, `block` metres apart, every street walked both ways at `speed` metres a second."""
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    row, column = np.divmod(np.column_stack([start, end]).ravel(), side)
    metres = np.full(len(start), block)
    edges = Edges(
        start=start,
        end=end,
        metres=metres,
        forward=metres / speed,
        backward=metres / speed,
        name=np.zeros(len(start), dtype=np.int32),
        names=np.array([""]),
        shape=2 * np.arange(len(start) + 1, dtype=np.int64),
        lon=column * block * METRE,
        lat=row * block * METRE,
    )
    return Network(Mode.WALK, edges)
