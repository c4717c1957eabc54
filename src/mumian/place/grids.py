"""Dividing a region into grids: from its outline and the points in it that weigh, such as homes, to outlines.

The region is cut into small cells, finer where points are dense, and `dividing` joins cells to districts.
Cells share their corners exactly, and so do the grids: they fill the region without gap or overlap.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from mumian.place.dividing import Adjacency, Floats, Labels, divide


def divide_polygon(
    outline: shapely.Geometry,
    points: ArrayLike,
    weights: ArrayLike,
    parts: int,
    *,
    tolerance: float = 0.05,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> list[shapely.Geometry]:
    """Divides an outline (degrees) into grids of nearly equal weight, from north to south.

    `points` are longitudes and latitudes (points × 2) and `weights` what lies there; points outside count for
    the nearest cell, and without any weight areas are evened out. Each grid is one polygon, unless the region
    itself has islands: these go with what is near. Raises `DividingError`; see `divide` for the rest.
    """
    stretch = np.array([np.cos(np.radians(outline.centroid.y)), 1.0])  # to make both axes equally long
    where = np.asarray(points, np.float64).reshape(-1, 2)
    heavy = np.asarray(weights, np.float64)
    cells = _cells(outline, _sites(outline, where, heavy, parts, stretch), stretch)
    load = _load(cells, where, heavy)
    adjacency, borders = _neighbours(cells, stretch)
    centres = shapely.get_coordinates(shapely.centroid(cells)) * stretch
    labels = divide(
        adjacency,
        load if load.sum() > 0 else shapely.area(cells),
        parts,
        borders=borders,
        positions=centres,
        tolerance=tolerance,
        seed=seed,
        progress=progress,
    )
    grids = [shapely.coverage_union_all(cells[labels == part]) for part in range(parts)]
    return sorted(grids, key=lambda grid: (-grid.centroid.y, grid.centroid.x))


_CELLS_PER_GRID = 60
_SMALL_SHARE = 1 / 16  # of a grid's weight: where a brick holds more, finer ones take its place
_FINEST = 6  # times that bricks are halved
_Cells = NDArray[np.object_]


def _sites(outline: shapely.Geometry, points: Floats, weights: Floats, parts: int, stretch: Floats) -> Floats:
    """The points, stretched, around which cells lie: centres of empty bricks and of what lies in others."""
    size = float(np.sqrt(outline.area * stretch[0] / (parts * _CELLS_PER_GRID)))
    places, limit = points * stretch, weights.sum() / parts * _SMALL_SHARE
    sites = [_empty_bricks(outline, places, size, stretch)]
    for depth in range(_FINEST + 1):
        _keys, brick = np.unique(_bricks(places, size), return_inverse=True)
        heavy = (np.bincount(brick, weights) > limit) & (depth < _FINEST)
        sites.append(_centres(brick, places, weights)[~heavy])
        places, weights, size = places[heavy[brick]], weights[heavy[brick]], size / 2
        if not len(places):
            break
    return np.unique(np.vstack(sites), axis=0)


def _bricks(places: Floats, size: float) -> Labels:
    """In which brick each place lies. Every second row is shifted by half a brick: the cells are hexagons."""
    row = np.floor(places[:, 1] / size).astype(np.int64)
    column = np.floor(places[:, 0] / size - row % 2 / 2).astype(np.int64)
    bricks: Labels = row * _ROW + column
    return bricks


def _empty_bricks(outline: shapely.Geometry, places: Floats, size: float, stretch: Floats) -> Floats:
    """The centres of the bricks in the outline that hold no place; one point within it at the least."""
    west, south, east, north = outline.bounds * np.tile(stretch, 2)
    rows, columns = np.mgrid[south // size : north // size + 1, west // size - 1 : east // size + 1]
    centres = np.column_stack(
        [((columns + rows % 2 / 2 + 0.5) * size).ravel(), ((rows + 0.5) * size).ravel()]
    )
    inside = shapely.contains_xy(outline, *(centres / stretch).T)
    free: Floats = centres[inside & ~np.isin(_bricks(centres, size), _bricks(places, size))]
    if not len(free) and not len(places):
        free = shapely.get_coordinates(outline.representative_point()) * stretch
    return free


def _centres(brick: Labels, places: Floats, weights: Floats) -> Floats:
    """The centre of weight of what lies in each brick."""
    mass = (
        weights + max(float(weights.max(initial=0.0)), 1.0) * 1e-9
    )  # what weighs nothing lies somewhere too
    sums = [np.bincount(brick, mass * axis) for axis in places.T]
    return np.column_stack(sums) / np.bincount(brick, mass)[:, None]


def _cells(outline: shapely.Geometry, sites: Floats, stretch: Floats) -> _Cells:
    """The parts of the outline nearest to each site, made from one set of lines that meet in nodes."""
    around = shapely.box(*(outline.bounds * np.tile(stretch, 2)))
    edges = shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=around, only_edges=True)
    lines = shapely.union_all([shapely.transform(edges, lambda points: points / stretch), outline.boundary])
    faces: _Cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    shapely.prepare(outline)
    inside: _Cells = faces[shapely.contains(outline, shapely.point_on_surface(faces))]
    return inside


def _load(cells: _Cells, points: Floats, weights: Floats) -> Floats:
    """What lies in each cell; a point on a border counts once, and one outside for the nearest cell."""
    tree, places = shapely.STRtree(cells), shapely.points(points)
    point, cell = tree.query(places, predicate="intersects")
    nearest: Labels = tree.nearest(places)
    nearest[point[::-1]] = cell[::-1]
    return np.bincount(nearest, weights, minlength=len(cells)).astype(np.float64)


def _neighbours(cells: _Cells, stretch: Floats) -> tuple[Adjacency, list[list[float]]]:
    """For each cell those with which it shares a border, and how long it is."""
    rings, cell_of = shapely.get_rings(cells, return_index=True)
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    sides = np.hstack([corners[start], corners[start + 1]])
    backward = (sides[:, 0] > sides[:, 2]) | ((sides[:, 0] == sides[:, 2]) & (sides[:, 1] > sides[:, 3]))
    sides[backward] = sides[backward][:, [2, 3, 0, 1]]
    order = np.lexsort(sides.T)
    same = np.flatnonzero((sides[order][1:] == sides[order][:-1]).all(axis=1))
    one, other = (cell_of[ring_of[start[order[same + step]]]] for step in (0, 1))
    side = sides[order[same]]
    length = np.hypot(*((side[:, :2] - side[:, 2:]) * stretch).T)
    shared = coo_array(
        (np.tile(length, 2), (np.append(one, other), np.append(other, one))), shape=(len(cells), len(cells))
    ).tocsr()
    ends = [slice(*pair) for pair in pairwise(shared.indptr.tolist())]
    return [shared.indices[each].tolist() for each in ends], [shared.data[each].tolist() for each in ends]


_ROW = 1 << 32
