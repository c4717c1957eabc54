"""Every location model finds what trying all possibilities finds, and what was published for San Francisco."""

import csv
from collections.abc import Callable
from itertools import combinations, combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, eye_array
from scipy.spatial import cKDTree

from mumian.errors import MumianError
from mumian.systems.response.siting import (
    Plan,
    Status,
    cover_all,
    cover_expected,
    cover_most,
    cover_twice,
    least_mean,
    least_worst,
)


class SanFrancisco:
    """205 census tracts, 16 candidate stores, distances over the network, and what was published of them."""

    def __init__(self, folder: Path) -> None:
        people = {row["NAME"]: int(row["POP2000"]) for row in _rows(folder, "SF_demand_205*")}
        self.tracts = sorted(people)
        distances = _rows(folder, "SF_network_distance*")
        self.sites = sorted({row["name"] for row in distances})
        self.people = [people[tract] for tract in self.tracts]
        self.metres = np.full((len(self.tracts), len(self.sites)), np.inf)
        tract, site = ({name: n for n, name in enumerate(names)} for names in (self.tracts, self.sites))
        for row in distances:
            self.metres[tract[row["DestinationName"]], site[row["name"]]] = float(row["distance"])
        self.published = {row["model"]: row for row in _rows(folder, "expected*")}

    def expect(self, model: str, plan: Plan) -> None:
        """The published objective to the last digit given, and the published sites."""
        row = self.published[model]
        objective = row["reproduced_by_brute_force"].split(" ")[0]
        assert plan.objective == pytest.approx(float(objective), rel=1e-15)
        assert (plan.status, plan.gap, plan.bound) == (Status.OPTIMAL, 0.0, plan.objective)
        if row["optimal_sites"]:
            assert {self.sites[n] for n in plan.sites} == set(row["optimal_sites"].split(";"))


def _rows(folder: Path, pattern: str) -> list[dict[str, str]]:
    with next(folder.glob(pattern)).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def city(shared: Path) -> SanFrancisco:
    return SanFrancisco(shared / "data" / "siting_sf")


def test_the_published_optima_are_reproduced(city: SanFrancisco) -> None:
    reach = city.metres <= 5000
    city.expect("LSCP", cover_all(reach))
    city.expect("MCLP", cover_most(reach, city.people, 4))
    city.expect("p-median", least_mean(city.metres, city.people, 4))
    city.expect("p-center", least_worst(city.metres, 4))


def test_every_point_is_told_its_site(city: SanFrancisco) -> None:
    plan = least_mean(city.metres, city.people, 4)
    assert city.metres[np.arange(205), plan.nearest] == pytest.approx(city.metres[:, plan.sites].min(axis=1))
    reach = city.metres <= 5000
    plan = cover_most(reach, city.people, 4)
    served = plan.nearest >= 0
    assert reach[np.flatnonzero(served), plan.nearest[served]].all()
    assert not reach[~served][:, plan.sites].any()


def test_a_thousand_points_and_five_hundred_sites_are_proved() -> None:
    random = np.random.default_rng(1)
    points, sites = random.uniform(0, 10, (1000, 2)), random.uniform(0, 10, (500, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    plan = cover_most(metres <= 1.0, random.integers(1, 1000, 1000), 15)
    assert (plan.status, plan.gap, plan.units.sum()) == (Status.OPTIMAL, 0.0, 15)


def test_a_city_of_twenty_thousand_grids_is_proved() -> None:
    random = np.random.default_rng(1)
    where = random.uniform(0, 45, (20_000, 2))
    near = cKDTree(where).sparse_distance_matrix(cKDTree(where), 0.45, output_type="coo_matrix")
    reach = csr_array((np.ones(near.nnz), (near.row, near.col)), shape=near.shape) + eye_array(20_000)
    plan = cover_most(reach, random.integers(1, 1000, 20_000), 20)
    assert (plan.status, plan.gap, plan.units.sum()) == (Status.OPTIMAL, 0.0, 20)


def test_time_that_is_too_short_is_said_with_the_gap() -> None:
    random = np.random.default_rng(0)
    points, sites = random.uniform(0, 10, (1000, 2)), random.uniform(0, 10, (500, 2))
    metres = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
    plan = least_worst(metres, 12, limit=0.3)
    assert plan.status is Status.TIME_LIMIT
    assert plan.bound < plan.objective
    assert plan.gap == pytest.approx((plan.objective - plan.bound) / plan.objective)
    plan = least_mean(metres, np.ones(1000), 12, limit=0.3)
    assert plan.status is Status.TIME_LIMIT
    assert plan.bound < plan.objective
    assert len(plan.sites) == 12


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda: cover_all([[True, True], [False, False]]), "points 1: no site reaches these 1 in time"),
        (lambda: cover_most([[True]], [1], 2), "there is room for 0 to 1"),
        (lambda: cover_most([[True]], [-1], 1), "not 1 numbers"),
        (lambda: cover_most([[True]], [1], 0, standing=[True, False]), "2 given for 1"),
        (lambda: least_mean([[1.0]], [1], 0), "none at all"),
        (lambda: least_mean([[1.0], [np.inf]], [1, 1], 1), "cannot be reached"),
        (lambda: least_worst(np.empty((0, 3)), 1), "no points"),
        (lambda: cover_expected([[True]], [1], 1, busy=1.0), "not in"),
    ],
)
def test_what_cannot_be_solved_is_refused(ask: Callable[[], Plan], reason: str) -> None:
    with pytest.raises(MumianError, match=reason):
        ask()


@st.composite
def cities(draw: Any) -> tuple[Any, ...]:
    points, sites = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    times = random.integers(1, 9, (points, sites)).astype(float)
    standing = random.random(sites) < 0.25
    count = (
        draw(st.integers(0 if standing.any() else 1, sites - int(standing.sum())))
        if not standing.all()
        else 0
    )
    return times, random.integers(0, 50, points), standing, count


@settings(max_examples=60)
@given(cities())
def test_each_model_finds_what_trying_everything_finds(case: tuple[Any, ...]) -> None:
    times, people, standing, count = case
    reach = times <= 4
    old = np.flatnonzero(standing)
    choices = [[*old, *new] for new in combinations(np.flatnonzero(~standing), count)]
    times_reached = [reach[:, sites].sum(axis=1) for sites in choices]

    most = max(people[n >= 1].sum() for n in times_reached)
    twice = max(0.7 * people[n >= 1].sum() + 0.3 * people[n >= 2].sum() for n in times_reached)
    assert cover_most(reach, people, count, standing=standing).objective == most
    assert cover_twice(reach, people, count, first=0.7, standing=standing).objective == pytest.approx(twice)
    mean = min((times[:, sites].min(axis=1) * people).sum() for sites in choices)
    worst = min(times[:, sites].min(axis=1).max() for sites in choices)
    assert least_mean(times, people, count, standing=standing).objective == mean
    assert least_worst(times, count, standing=standing).objective == worst
    crowds = [np.bincount([*old, *old, *new], minlength=len(standing))
              for new in combinations_with_replacement(range(len(standing)), count)]  # fmt: skip
    crowds = [crowd for crowd in crowds if (crowd - 2 * standing <= 2).all()]
    expected = max((people * (1 - 0.4 ** (reach @ crowd))).sum() for crowd in crowds)
    plan = cover_expected(reach, people, count, busy=0.4, at_most=2, standing=2 * standing)
    assert plan.objective == pytest.approx(expected)


@settings(max_examples=60)
@given(cities())
def test_the_fewest_that_reach_all_are_the_fewest(case: tuple[Any, ...]) -> None:
    times, _, standing, _ = case
    reach = times <= 6
    if not reach.any(axis=1).all():
        with pytest.raises(MumianError, match="no site reaches"):
            cover_all(reach, standing=standing)
        return
    new = np.flatnonzero(~standing)
    fewest = next(
        count
        for count in range(len(new) + 1)
        for some in combinations(new, count)
        if reach[:, [*np.flatnonzero(standing), *some]].any(axis=1).all()
    )
    plan = cover_all(reach, standing=standing)
    assert (plan.objective, plan.status) == (fewest, Status.OPTIMAL)
    assert (plan.nearest >= 0).all()
