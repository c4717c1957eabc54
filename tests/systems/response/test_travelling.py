"""Times from many places to one point agree with the network's own, and with straight lines where there is none."""

from pathlib import Path

import numpy as np
import pytest

from mumian.errors import MumianError
from mumian.systems.response import assumed
from mumian.systems.response.network import EARTH, Mode, metres_between
from mumian.systems.response.roads import import_networks
from mumian.systems.response.travelling import DETOUR, SPEED, ByRoad, Hurried, Straight


@pytest.mark.parametrize("mode", list(Mode))
def test_searching_backwards_finds_what_searching_forwards_finds(shared: Path, mode: Mode) -> None:
    network = import_networks(shared / "data" / "roads" / "harrisburg.osm.pbf")[mode]
    random = np.random.default_rng(3)
    lon = random.uniform(network.edges.lon.min(), network.edges.lon.max(), 300)
    lat = random.uniform(network.edges.lat.min(), network.edges.lat.max(), 300)
    footing = network.stand(lon, lat)
    travel = ByRoad(network, lon, lat)
    for point in range(8):
        straight = metres_between(lon, lat, lon[point], lat[point]) * DETOUR / SPEED[mode]
        expected = network.seconds(footing, footing[point : point + 1])[:, 0]
        expected = np.where(footing.standing & footing.standing[point], expected, straight)
        for limit in (180.0, 1200.0):
            numbers, seconds = travel.near(lon[point], lat[point], limit=limit)
            assert seconds == pytest.approx(expected[numbers], rel=2e-3)
            clearly = np.flatnonzero(expected < limit * 0.998)
            assert set(clearly.tolist()) <= set(numbers.tolist())


def test_straight_lines_are_those_over_the_globe() -> None:
    random = np.random.default_rng(2)
    lon, lat = random.uniform(112.9, 114.0, 200), random.uniform(22.5, 23.9, 200)
    numbers, seconds = Straight(lon, lat, Mode.DRIVE).near(113.3, 23.1, limit=1e9)
    assert seconds == pytest.approx(
        metres_between(lon, lat, 113.3, 23.1) * DETOUR / SPEED[Mode.DRIVE], rel=1e-3
    )
    assert len(numbers) == 200


@pytest.mark.parametrize("limit", [0.0, 60.0, 900.0])
def test_looking_in_a_belt_alone_misses_nobody(limit: float) -> None:
    random = np.random.default_rng(4)
    lon, lat = random.uniform(113.2, 113.4, 500), random.uniform(23.0, 23.2, 500)
    travel = Straight(lon, lat, Mode.DRIVE)
    _all, seconds = travel.near(lon[7], lat[7], limit=np.inf)
    numbers, within = travel.near(lon[7], lat[7], limit=limit)
    assert numbers.tolist() == np.flatnonzero(seconds <= limit).tolist()
    assert within.tolist() == seconds[numbers].tolist()
    assert 7 in numbers


@pytest.mark.parametrize("mode", list(Mode))
def test_pairs_within_a_limit_are_those_of_the_whole_table(shared: Path, mode: Mode) -> None:
    network = import_networks(shared / "data" / "roads" / "harrisburg.osm.pbf")[mode]
    random = np.random.default_rng(8)
    lon = random.uniform(network.edges.lon.min(), network.edges.lon.max(), 400)
    lat = random.uniform(network.edges.lat.min(), network.edges.lat.max(), 400)
    starts, ends = network.stand(lon[:100], lat[:100]), network.stand(lon[80:], lat[80:])
    start, end, seconds = network.pairs(starts, ends, limit=1500)
    table = np.full((100, 320), np.inf)
    table[start, end] = seconds
    assert len(start) == np.isfinite(table).sum() > 100
    assert np.allclose(table, network.seconds(starts, ends, limit=1500))


@pytest.mark.parametrize("limit", [30.0, 80.0, 300.0])
def test_who_hurries_runs_a_short_way_and_rides_a_long_one(limit: float) -> None:
    metres = np.arange(0, 3000, 7.0)
    lon = np.degrees(metres / EARTH)
    numbers, seconds = Hurried(Straight(lon, 0 * lon, Mode.WALK)).near(0.0, 0.0, limit=limit)
    expected = np.minimum(metres * DETOUR / 1.6, 45 + metres * DETOUR / 4.5)
    assert numbers.tolist() == np.flatnonzero(expected <= limit).tolist()
    assert seconds == pytest.approx(expected[numbers])


@pytest.mark.parametrize(("said", "right"), [("1.2", True), ("0.9", False), ("far", False), ("9", False)])
def test_the_detour_of_a_city_can_be_said(said: str, right: bool) -> None:
    if right:
        assert assumed._detour(said) == float(said)
    else:
        with pytest.raises(MumianError, match="no detour factor"):
            assumed._detour(said)
