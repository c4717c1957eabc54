"""Coordinates of the three systems in use in China, converted to and from WGS-84 in whole arrays.

GCJ-02 (maps published in China) shifts WGS-84 by some 500 m, by a formula made public in 2010; BD-09 (Baidu)
shifts GCJ-02 once more. Neither shifts points outside a box around China. The formulas have no closed
inverse, so the way back is found by iteration.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]


class CoordinateSystem(StrEnum):
    """What the numbers of a point mean."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: ArrayLike, lat: ArrayLike, system: CoordinateSystem) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees, any shape, from `system` to WGS-84.

    Inside China the round trip is exact to 1e-9 degrees (0.1 mm). Within 1 km outside the box of the formula
    a point may be taken for one that was shifted there.
    """
    x, y = _floats(lon), _floats(lat)
    if system is CoordinateSystem.WGS84:
        return x, y
    if system is CoordinateSystem.BD09:
        x, y = _inverse(_gcj02_to_bd09, x, y)
    return _inverse(_wgs84_to_gcj02, x, y)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, system: CoordinateSystem) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in degrees, any shape, from WGS-84 to `system`."""
    x, y = _floats(lon), _floats(lat)
    if system is CoordinateSystem.WGS84:
        return x, y
    x, y = _forward(_wgs84_to_gcj02, x, y)
    return _forward(_gcj02_to_bd09, x, y) if system is CoordinateSystem.BD09 else (x, y)


def outline_to_wgs84(outline: shapely.Geometry, system: CoordinateSystem) -> shapely.Geometry:
    """The outline with every vertex converted; vertices that two outlines share stay shared."""
    if system is CoordinateSystem.WGS84:
        return outline

    def convert(points: Floats) -> Floats:
        lon, lat = to_wgs84(points[:, 0], points[:, 1], system)
        return np.column_stack([lon.round(9), lat.round(9)])

    return shapely.transform(outline, convert)


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the box in which GCJ-02 and BD-09 differ from WGS-84."""
    return _in_box(_floats(lon), _floats(lat), margin=0.0)


_BOX = 72.004, 137.8347, 0.8293, 55.8271
_MARGIN = 0.02  # degrees: no point is shifted farther
_AMID = 105.5, 35.0
_SEMI_MAJOR_AXIS = 6378245.0  # of the Krasovsky ellipsoid, metres
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_MOST_STEPS, _CLOSE = 30, 1e-12


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _in_box(x: Floats, y: Floats, *, margin: float) -> NDArray[np.bool_]:
    west, east, south, north = _BOX
    inside: NDArray[np.bool_] = (
        (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)
    )
    return inside


def _forward(shift: Shift, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    inside = _in_box(x, y, margin=0.0)
    shifted_x, shifted_y = shift(np.where(inside, x, _AMID[0]), np.where(inside, y, _AMID[1]))
    return np.where(inside, shifted_x, x), np.where(inside, shifted_y, y)


def _inverse(shift: Shift, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The point that `shift` takes to (x, y): each step takes off what the guess lands beside it.

    Each point stops by itself when it is close, so that its result does not depend on those beside it.
    """
    near = _in_box(x, y, margin=_MARGIN)
    goal_x, goal_y = np.where(near, x, _AMID[0]), np.where(near, y, _AMID[1])
    guess_x, guess_y = goal_x, goal_y
    for _ in range(_MOST_STEPS):
        landed_x, landed_y = shift(guess_x, guess_y)
        off_x, off_y = landed_x - goal_x, landed_y - goal_y
        far = np.maximum(np.abs(off_x), np.abs(off_y)) > _CLOSE
        if not far.any():
            break
        guess_x, guess_y = guess_x - off_x * far, guess_y - off_y * far
    inside = near & _in_box(guess_x, guess_y, margin=0.0)
    return np.where(inside, guess_x, x), np.where(inside, guess_y, y)


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    waves_x = ripple + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))
    waves_y = ripple + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves_x * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves_y * 2 / 3
    latitude = np.radians(lat)
    flattening = 1 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    across = _SEMI_MAJOR_AXIS / np.sqrt(flattening) * np.cos(latitude)
    along = _SEMI_MAJOR_AXIS * (1 - _ECCENTRICITY_SQUARED) / flattening**1.5
    return lon + np.degrees(east / across), lat + np.degrees(north / along)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    turns = np.pi * 3000 / 180
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turns)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turns)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _waves(at: Floats, *terms: tuple[float, float]) -> Floats:
    return sum(
        (height * np.sin(np.pi * at / length) for height, length in terms),
        np.zeros_like(at),
    )
