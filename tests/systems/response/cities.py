"""Small made-up networks written as extracts with osmium."""

from collections.abc import Mapping
from pathlib import Path

import osmium

from mumian.systems.response.bench import METRE


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
