"""Dividing a region into grids that fill it without gap or overlap."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from mumian.place.dividing import Floats
from mumian.place.grids import divide_polygon

TOWN = shapely.Polygon(
    [(113, 23), (113.06, 23), (113.06, 23.02), (113.03, 23.02), (113.03, 23.05), (113, 23.05)]
)


def homes(outline: shapely.Geometry, *, seed: int, count: int = 600) -> tuple[Floats, Floats]:
    """Points that crowd around a few spots of the outline, and how many people live at each."""
    random = np.random.default_rng(seed)
    west, south, east, north = outline.bounds
    spots = random.uniform([west, south], [east, north], (8, 2))
    points = spots[random.integers(0, 8, count)] + random.normal(0, 0.004, (count, 2))
    inside = points[shapely.contains_xy(outline, *points.T)]
    return inside, random.integers(1, 6, len(inside)).astype(float)


def loads(grids: list[shapely.Geometry], points: Floats, weights: Floats) -> NDArray[np.float64]:
    point, grid = shapely.STRtree(grids).query(shapely.points(points), predicate="intersects")
    _point, first = np.unique(point, return_index=True)
    return np.bincount(grid[first], weights[point[first]], minlength=len(grids)).astype(float)


def fills(grids: list[shapely.Geometry], outline: shapely.Geometry) -> bool:
    gap = shapely.symmetric_difference(shapely.union_all(grids), outline).area / outline.area
    return gap < 1e-9 and abs(sum(grid.area for grid in grids) / outline.area - 1) < 1e-9


def test_grids_fill_the_region_each_in_one_piece_and_of_nearly_equal_weight() -> None:
    points, weights = homes(TOWN, seed=1)
    grids = divide_polygon(TOWN, points, weights, 7)
    assert len(grids) == 7
    assert {grid.geom_type for grid in grids} == {"Polygon"}
    assert all(grid.is_valid for grid in grids)
    assert fills(grids, TOWN)
    load = loads(grids, points, weights)
    assert np.abs(load / load.mean() - 1).max() <= 0.06


def test_grids_are_ordered_from_north_to_south() -> None:
    north = [grid.centroid.y for grid in divide_polygon(TOWN, *homes(TOWN, seed=2), 5)]
    assert north == sorted(north, reverse=True)


def test_without_weights_areas_are_evened_out() -> None:
    grids = divide_polygon(TOWN, [], [], 6)
    areas = np.array([grid.area for grid in grids])
    assert np.abs(areas / areas.mean() - 1).max() <= 0.06


def test_one_grid_is_the_region_itself() -> None:
    (grid,) = divide_polygon(TOWN, [[113.01, 23.01]], [5], 1)
    assert shapely.symmetric_difference(grid, TOWN).area < 1e-12


def test_a_tower_that_outweighs_a_grid_gets_one_to_itself() -> None:
    points, weights = homes(TOWN, seed=3)
    weights[0] = weights.sum()
    load = np.sort(loads(divide_polygon(TOWN, points, weights, 5), points, weights))
    assert load[-1] < 1.05 * weights[0]
    assert load[0] > 0.15 * load[:4].sum()


def test_an_island_belongs_to_a_grid_nearby() -> None:
    region = shapely.union(TOWN, shapely.box(113.07, 23, 113.072, 23.002))
    grids = divide_polygon(region, *homes(region, seed=4), 5)
    assert fills(grids, region)
    assert sorted(grid.geom_type for grid in grids).count("MultiPolygon") == 1


def test_points_outside_count_for_the_nearest_grid() -> None:
    points, weights = homes(TOWN, seed=5)
    outside = np.vstack([points, [113.2, 23.2]])
    assert fills(divide_polygon(TOWN, outside, np.append(weights, 3), 4), TOWN)


@pytest.mark.parametrize("town", ["东城街道", "石龙镇"])
def test_a_real_town_with_islands_is_divided_too(shared: Path, town: str) -> None:
    features = json.loads((shared / "data" / "places" / "dongguan_towns_35.json").read_text())["features"]
    (shape,) = (each["geometry"] for each in features if each["properties"]["name"] == town)
    outline = shapely.from_geojson(json.dumps(shape))
    points, weights = homes(outline, seed=6)
    grids = divide_polygon(outline, points, weights, 12)
    assert len(grids) == 12
    assert fills(grids, outline)
    load = loads(grids, points, weights)
    assert np.abs(load / load.mean() - 1).max() <= 0.1
