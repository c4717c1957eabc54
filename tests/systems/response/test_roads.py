"""Extracts become networks, and the travel times are those that a plain Dijkstra finds."""

import heapq
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest

from mumian.errors import MumianError
from mumian.systems.response.bench import METRE, square_city
from mumian.systems.response.network import Footing, Mode, Network, metres_between
from mumian.systems.response.roads import import_networks, speeds
from tests.systems.response.cities import write_extract

MODES = list(Mode)
RESIDENTIAL = 25 / 3.6
WALKING = 5 / 3.6


@pytest.fixture
def town(tmp_path: Path) -> dict[Mode, Network]:
    """A 100 m square with a one-way side and stairs across; an island off the coast; a private drive."""
    return import_networks(
        write_extract(
            tmp_path / "town.osm.pbf",
            {
                1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (50, 0),
                6: (2000, 0), 7: (2000, 80), 8: (-50, 0),
            },
            [
                ([1, 5, 2], {"highway": "residential", "name": "南街"}),
                ([2, 3], {"highway": "residential", "oneway": "yes"}),
                ([3, 4, 1], {"highway": "residential"}),
                ([1, 3], {"highway": "steps"}),
                ([6, 7], {"highway": "footway", "name": "岛路"}),
                ([1, 8], {"highway": "residential", "access": "private"}),
                ([8, 99], {"highway": "residential"}),
            ],
        )
    )  # fmt: skip


def at(network: Network, *places: tuple[float, float]) -> Footing:
    x, y = np.array(places, dtype=float).T * METRE
    return network.stand(x, y)


def test_what_lies_between_junctions_is_left_out_and_its_shape_kept(town: dict[Mode, Network]) -> None:
    drive = town[Mode.DRIVE]
    assert drive.nodes == 3  # the corner 4 and the bend 5 are no junctions
    assert sorted(drive.edges.metres.round(3)) == pytest.approx([100, 100, 200], abs=0.1)
    assert np.diff(drive.edges.shape).tolist() == [3, 2, 3]


def test_a_one_way_road_is_driven_one_way_and_walked_both(town: dict[Mode, Network]) -> None:
    drive, walk = town[Mode.DRIVE], town[Mode.WALK]
    there = drive.seconds(at(drive, (100, 25)), at(drive, (100, 75)))[0, 0]
    back = drive.seconds(at(drive, (100, 75)), at(drive, (100, 25)))[0, 0]
    assert there == pytest.approx(50 / RESIDENTIAL, abs=0.05)
    assert back == pytest.approx(350 / RESIDENTIAL, abs=0.05)
    assert walk.seconds(at(walk, (100, 75)), at(walk, (100, 25)))[0, 0] == pytest.approx(
        50 / WALKING, abs=0.05
    )


def test_the_walk_from_the_door_to_the_road_is_counted(town: dict[Mode, Network]) -> None:
    walk = town[Mode.WALK]
    found = walk.seconds(at(walk, (25, -30)), at(walk, (75, -20)))[0, 0]
    assert found == pytest.approx((30 + 50 + 20) / WALKING, abs=0.05)


def test_parts_that_are_cut_off_are_named_and_not_stood_upon(town: dict[Mode, Network]) -> None:
    walk = town[Mode.WALK]
    (island,) = walk.cut_off()
    assert (island.name, island.nodes, round(island.metres)) == ("岛路", 2, 80)
    assert not at(walk, (2000, 40)).standing[0]
    assert np.isinf(walk.seconds(at(walk, (0, 0)), at(walk, (2000, 40)))[0, 0])


def test_points_that_the_file_lacks_end_the_road_and_are_counted(town: dict[Mode, Network]) -> None:
    assert town[Mode.WALK].missing == 1


def test_a_network_is_the_same_after_it_was_stored(town: dict[Mode, Network], tmp_path: Path) -> None:
    town[Mode.DRIVE].save(tmp_path / "drive.npz")
    again = Network.load(tmp_path / "drive.npz")
    assert again.mode is Mode.DRIVE
    assert (again.graph != town[Mode.DRIVE].graph).nnz == 0


@pytest.mark.parametrize(
    ("tags", "mode", "expected"),
    [
        ({"highway": "residential", "maxspeed": "10 mph"}, Mode.DRIVE, (16.09344, 16.09344)),
        ({"highway": "residential", "maxspeed": "signals"}, Mode.DRIVE, (25, 25)),
        ({"highway": "motorway"}, Mode.DRIVE, (90, 0)),
        ({"highway": "motorway"}, Mode.WALK, (0, 0)),
        ({"highway": "trunk", "foot": "yes"}, Mode.WALK, (5, 5)),
        ({"highway": "primary", "oneway": "-1"}, Mode.DRIVE, (0, 65)),
        ({"highway": "tertiary", "junction": "roundabout"}, Mode.DRIVE, (40, 0)),
        ({"highway": "service", "access": "no", "foot": "yes"}, Mode.WALK, (5, 5)),
        ({"highway": "service", "access": "no", "foot": "yes"}, Mode.DRIVE, (0, 0)),
        ({"highway": "steps"}, Mode.WALK, (2.5, 2.5)),
        ({"highway": "footway", "motor_vehicle": "yes"}, Mode.DRIVE, (0, 0)),
        ({"highway": "proposed"}, Mode.WALK, (0, 0)),
    ],
)
def test_tags_say_who_may_go_how_fast(
    tags: dict[str, str], mode: Mode, expected: tuple[float, float]
) -> None:
    assert speeds(tags, mode) == pytest.approx(expected)


def test_a_broken_extract_is_refused_with_its_cure(tmp_path: Path, shared: Path) -> None:
    whole = (shared / "data" / "roads" / "harrisburg.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: len(whole) // 2])
    rubbish = tmp_path / "rubbish.osm.pbf"
    rubbish.write_bytes(b"hello" * 100)
    for path in (cut, rubbish, tmp_path / "absent.osm.pbf"):
        with pytest.raises(MumianError, match=r"Download it again"):
            import_networks(path)


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    path = write_extract(tmp_path / "sea.osm.pbf", {1: (0, 0)}, [])
    with pytest.raises(MumianError, match="has no roads"):
        import_networks(path)


def test_a_mode_without_roads_is_left_out(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0)}
    path = write_extract(tmp_path / "park.osm.pbf", nodes, [([1, 2], {"highway": "footway"})])
    assert list(import_networks(path)) == [Mode.WALK]


def test_a_place_that_is_no_number_stands_nowhere(town: dict[Mode, Network]) -> None:
    walk = town[Mode.WALK]
    footing = walk.stand([0.0, float("nan")], [0.0, 0.0])
    assert footing.standing.tolist() == [True, False]
    assert np.isinf(walk.seconds(footing, footing)[1]).all()


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    path.write_bytes(b"no")
    with pytest.raises(MumianError, match="Import the roads again"):
        Network.load(path)


def test_the_nearest_of_many_is_the_least_of_each() -> None:
    city = square_city(12)
    random = np.random.default_rng(5)
    lon, lat = random.uniform(0, 1100 * METRE, (2, 60))
    places = city.stand(lon, lat)
    each = city.seconds(places[:20], places)
    assert city.seconds_from_any(places[:20], places) == pytest.approx(each.min(axis=0))
    near = city.seconds(places[:20], places, limit=300)
    assert np.array_equal(near, np.where(each <= 300, each, np.inf))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["harrisburg", "liechtenstein"])
def test_travel_times_agree_with_a_plain_dijkstra(shared: Path, name: str, mode: Mode) -> None:
    path = shared / "data" / "roads" / f"{name}.osm.pbf"
    network = import_networks(path)[mode]
    arcs, where = _every_point(path, mode)
    number = {place: point for point, place in where.items()}
    places, points = _junctions(network, number, 12)
    found = network.seconds(places, places)
    for row, point in enumerate(points):
        plain = _plain_dijkstra(arcs, point)
        expected = [plain.get(other, np.inf) for other in points]
        assert found[row] == pytest.approx(expected, rel=1e-6, abs=0.05)


def _junctions(
    network: Network, number: dict[tuple[float, float], int], count: int
) -> tuple[Footing, list[int]]:
    """Random beginnings of edges, as places and as numbers of the extract."""
    edges = np.random.default_rng(7).choice(len(network.edges.start), count, replace=False).astype(np.int32)
    first = network.edges.shape[edges]
    lon, lat = network.edges.lon[first], network.edges.lat[first]
    points = [number[place] for place in zip(lon.tolist(), lat.tolist(), strict=True)]
    return Footing(edges, np.zeros(count), np.zeros(count)), points


def _every_point(
    path: Path, mode: Mode
) -> tuple[dict[int, list[tuple[int, float]]], dict[int, tuple[float, float]]]:
    """The roads with every point of their shape, read and joined the slow way."""
    where = {
        node.id: (node.location.lon, node.location.lat)
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if isinstance(node, osmium.osm.Node)
    }
    arcs: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        assert isinstance(way, osmium.osm.Way)
        on, back = speeds(way.tags, mode)
        refs = [node.ref for node in way.nodes]
        for one, two in pairwise(refs):
            if one in where and two in where:
                metres = float(metres_between(*where[one], *where[two]))
                if on:
                    arcs[one].append((two, metres / on * 3.6))
                if back:
                    arcs[two].append((one, metres / back * 3.6))
    return arcs, where


def _plain_dijkstra(arcs: dict[int, list[tuple[int, float]]], source: int) -> dict[int, float]:
    settled: dict[int, float] = {}
    queue = [(0.0, source)]
    while queue:
        seconds, point = heapq.heappop(queue)
        if point in settled:
            continue
        settled[point] = seconds
        for other, more in arcs[point]:
            if other not in settled:
                heapq.heappush(queue, (seconds + more, other))
    return settled
