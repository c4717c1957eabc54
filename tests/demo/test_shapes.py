"""The shapes of the demo city: whatever the seed, they tile it at every level."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from mumian.demo.plan import MIDDLE, PLANS
from mumian.demo.shapes import Shapes, draw, levels

PLAN = PLANS["small"]
POLYGON = 3


def drawn(seed: int) -> Shapes:
    return draw(PLAN, MIDDLE, np.random.default_rng(seed))


@pytest.fixture(scope="module", params=range(6))
def shapes(request) -> Shapes:
    return drawn(request.param)


def test_every_grid_is_one_valid_polygon(shapes):
    assert len(shapes.outlines) == PLAN.grids
    assert shapely.is_valid(shapes.outlines).all()
    assert (shapely.get_type_id(shapes.outlines) == POLYGON).all()


def test_grids_share_their_borders_exactly(shapes):
    assert shapely.coverage_is_valid(shapes.outlines)


def test_the_places_of_each_level_are_made_of_grids_and_make_up_the_city(shapes):
    places = list(levels(shapes))
    whole = places[-1][2]
    for depth in range(1, 4):
        here = [(grids, outline) for numbers, grids, outline in places if len(numbers) == depth]
        assert sorted(grid for grids, _ in here for grid in grids) == list(range(PLAN.grids))
        assert sum(outline.area for _, outline in here) == pytest.approx(whole.area, rel=1e-9)
        assert shapely.coverage_is_valid([outline for _, outline in here])


def test_there_are_as_many_places_as_planned_counted_from_zero_without_gaps(shapes):
    planned = (PLAN.districts, PLAN.towns, PLAN.communities, PLAN.grids)
    for depth, count in enumerate(planned, start=1):
        keys = np.unique(shapes.numbers[:, :depth], axis=0)
        assert len(keys) == count
        for above in np.unique(keys[:, :-1], axis=0):
            inside = keys[(keys[:, :-1] == above).all(axis=1), -1]
            assert inside.tolist() == list(range(len(inside)))


def test_the_same_seed_draws_the_same_city_and_another_one_another():
    once, again, other = drawn(1), drawn(1), drawn(2)
    assert shapely.equals_exact(once.outlines, again.outlines).all()
    assert (once.numbers == again.numbers).all()
    assert not shapely.equals_exact(once.outlines, other.outlines).all()


def test_a_city_of_one_district_can_be_drawn():
    plan = replace(PLAN, districts=1, towns=2, communities=5, grids=60)
    assert len(draw(plan, MIDDLE, np.random.default_rng(0)).outlines) == 60
