"""The three coordinate systems: published values, exact ways back, and nothing done outside China."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mumian.place.coordinates import CoordinateSystem, from_wgs84, outline_to_wgs84, to_wgs84

GCJ02, BD09, WGS84 = CoordinateSystem.GCJ02, CoordinateSystem.BD09, CoordinateSystem.WGS84
SYSTEMS = st.sampled_from(list(CoordinateSystem))


@pytest.mark.parametrize(
    ("lon", "lat", "gcj_lon", "gcj_lat"),
    [
        (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),  # Shanghai
        (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),  # Shenzhen
        (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),  # Beijing
    ],
)
def test_gcj02_has_its_published_values(lon: float, lat: float, gcj_lon: float, gcj_lat: float) -> None:
    assert np.allclose(from_wgs84(lon, lat, GCJ02), (gcj_lon, gcj_lat), rtol=0, atol=1e-9)


def test_bd09_has_its_published_value() -> None:
    wgs84 = to_wgs84(116.404, 39.915, GCJ02)
    assert np.allclose(from_wgs84(*wgs84, BD09), (116.41036949371029, 39.92133699351021), rtol=0, atol=1e-9)


@given(st.floats(73, 135), st.floats(4, 54), SYSTEMS)
def test_the_way_there_and_back_is_exact_in_china(lon: float, lat: float, system: CoordinateSystem) -> None:
    back = to_wgs84(*from_wgs84(lon, lat, system), system)
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-9)


@given(st.floats(-180, 71) | st.floats(139, 180), st.floats(-90, 90), SYSTEMS)
def test_outside_china_nothing_is_shifted(lon: float, lat: float, system: CoordinateSystem) -> None:
    assert np.array_equal(from_wgs84(lon, lat, system), (lon, lat))
    assert np.array_equal(to_wgs84(lon, lat, system), (lon, lat))


def test_points_that_are_not_numbers_stay_so_and_disturb_no_other() -> None:
    lon, _lat = to_wgs84([np.nan, 121.531541859215], [23.0, 31.17530398364597], GCJ02)
    assert np.isnan(lon[0])
    assert lon[1] == pytest.approx(121.5272106, abs=1e-9)


def test_outlines_that_share_a_corner_still_share_it_when_converted() -> None:
    west, east = shapely.box(113, 23, 113.1, 23.1), shapely.box(113.1, 23, 113.2, 23.1)
    west, east = outline_to_wgs84(west, BD09), outline_to_wgs84(east, BD09)
    assert set(west.exterior.coords) & set(east.exterior.coords)
    assert west.intersection(east).area == 0
