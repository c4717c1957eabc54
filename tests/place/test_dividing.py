"""Dividing graphs: connected, even, compact, and the same for the same seed."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.place.dividing import Adjacency, DividingError, assess, divide


def lattice(rows: int, columns: int) -> Adjacency:
    def beside(row: int, column: int) -> list[int]:
        steps = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        return [r * columns + c for r, c in steps if 0 <= r < rows and 0 <= c < columns]

    return [beside(row, column) for row in range(rows) for column in range(columns)]


def read(path: Path, weight: str) -> tuple[Adjacency, list[float], list[list[float]]]:
    graph = json.loads(path.read_text())
    number = {node["id"]: each for each, node in enumerate(graph["nodes"])}
    adjacency = [[number[link["id"]] for link in links] for links in graph["adjacency"]]
    borders = [[link.get("shared_perim", 1.0) for link in links] for links in graph["adjacency"]]
    return adjacency, [node[weight] for node in graph["nodes"]], borders


@pytest.mark.parametrize("name", ["8x8_with_muni", "gerrymandria"])
@pytest.mark.parametrize(("parts", "shortest"), [(2, 8), (4, 16), (8, 32), (16, 48)])
def test_a_lattice_is_divided_evenly_with_short_borders(
    shared: Path, name: str, parts: int, shortest: int
) -> None:
    adjacency, weights, _borders = read(shared / "data" / "partition" / f"{name}.json", "TOTPOP")
    found = assess(adjacency, weights, divide(adjacency, weights, parts))
    assert found.connected
    assert found.deviation == 0
    assert found.border == shortest


@pytest.mark.parametrize(("parts", "tolerance"), [(4, 0.02), (50, 0.05)])
def test_block_groups_are_divided_into_connected_districts_of_nearly_equal_population(
    shared: Path, parts: int, tolerance: float
) -> None:
    adjacency, people, borders = read(
        shared / "data" / "partition" / "05_bg_census_consolidated.json", "tot_pop_20"
    )
    labels = divide(adjacency, people, parts, borders=borders, tolerance=tolerance)
    found = assess(adjacency, people, labels, borders=borders)
    assert found.connected
    assert len(set(labels)) == parts
    assert found.deviation <= tolerance


@settings(max_examples=50)
@given(st.data())
def test_whatever_the_weights_every_district_is_connected_and_none_is_empty(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 7)), data.draw(st.integers(1, 7))
    areas = rows * columns
    weights = data.draw(st.lists(st.integers(0, 1000), min_size=areas, max_size=areas))
    parts = data.draw(st.integers(1, areas))
    labels = divide(lattice(rows, columns), weights, parts)
    assert sorted(set(labels)) == list(range(parts))
    assert assess(lattice(rows, columns), np.add(weights, 1), labels).connected


def test_the_same_seed_gives_the_same_districts() -> None:
    weights = np.random.default_rng(1).integers(1, 50, 400)
    assert np.array_equal(
        divide(lattice(20, 20), weights, 9, seed=3), divide(lattice(20, 20), weights, 9, seed=3)
    )


def test_districts_are_numbered_in_the_order_of_their_first_area() -> None:
    labels = divide(lattice(6, 6), [1] * 36, 4).tolist()
    assert list(dict.fromkeys(labels)) == [0, 1, 2, 3]


def test_an_island_goes_with_the_nearest_area() -> None:
    adjacency = [[1], [0, 2], [1, 3], [2], []]
    positions = np.array([[0, 0], [1, 0], [2, 0], [3, 0], [3.5, 1]])
    labels = divide(adjacency, [2, 2, 1, 2, 1], 2, positions=positions)
    assert labels[4] == labels[3] != labels[0]


def test_an_island_without_positions_is_refused() -> None:
    with pytest.raises(DividingError, match="2"):
        divide([[1], [0], []], [1, 1, 1], 2)


@pytest.mark.parametrize("parts", [0, 5])
def test_more_districts_than_areas_or_none_are_refused(parts: int) -> None:
    with pytest.raises(DividingError):
        divide(lattice(2, 2), [1] * 4, parts)


def test_the_share_done_is_told() -> None:
    told: list[int] = []
    divide(lattice(4, 4), [1] * 16, 4, progress=told.append)
    assert told[-1] == 100
    assert told == sorted(told)


def test_an_assessment_says_when_a_district_is_in_pieces() -> None:
    found = assess(lattice(1, 4), [1, 1, 1, 1], [0, 1, 0, 1])
    assert not found.connected
    assert (found.deviation, found.border) == (0, 3)
