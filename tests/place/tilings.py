"""Made-up regions for the tests: squares and crooked tilings whose neighbours share their corners."""

import numpy as np
import shapely
from numpy.typing import NDArray

from mumian.place.region import Region


def square(west: float, south: float, size: float = 1.0) -> shapely.Geometry:
    return shapely.box(west, south, west + size, south + size)


def region(code: str, outline: shapely.Geometry | None = None, name: str = "", **more: object) -> Region:
    wkb = None if outline is None else shapely.to_wkb(outline)
    return Region(code, name or code, outline=wkb, **more)  # type: ignore[arg-type]


def crooked_tiling(side: int, *, seed: int, west: float = 113.0, south: float = 23.0) -> NDArray[np.object_]:
    """side × side quadrangles of about 0.01 degrees, whose inner corners lie anywhere near the lattice."""
    random = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corners[1:-1, 1:-1] += random.uniform(-0.45, 0.45, (side - 1, side - 1, 2))
    corners = corners * 0.01 + [west, south]
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    tiles: NDArray[np.object_] = shapely.polygons(rings.reshape(-1, 4, 2))
    return tiles
