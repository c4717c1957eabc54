"""The atlas: which place contains a point, and the ways from code to code."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.place.atlas import Atlas
from mumian.place.codes import Level
from tests.place.tilings import crooked_tiling, region, square

TOWN, WEST, EAST = "440103001", "440103001001", "440103001002"


def test_a_point_lies_in_the_deepest_place_that_contains_it() -> None:
    atlas = Atlas([region(TOWN, square(113, 23)), region(WEST, square(113, 23, 0.5))])
    assert atlas.locate([113.2, 113.7, 114.5], [23.2, 23.2, 23.2]).tolist() == [WEST, TOWN, ""]
    assert atlas.locate_one(113.2, 23.2) == WEST


def test_a_point_on_a_shared_edge_lies_in_exactly_one_place_and_always_the_same() -> None:
    places = [region(WEST, square(113, 23)), region(EAST, square(114, 23))]
    corners_and_edge = [114.0] * 3, [23.0, 23.5, 24.0]
    assert Atlas(places).locate(*corners_and_edge).tolist() == [WEST] * 3
    assert Atlas(reversed(places)).locate(*corners_and_edge).tolist() == [WEST] * 3


def test_the_outermost_corners_belong_to_their_place() -> None:
    atlas = Atlas([region(WEST, square(113.1, 23.3))])
    lon, lat = shapely.get_coordinates(atlas.outline(WEST)).T
    assert set(atlas.locate(lon, lat)) == {WEST}


def test_islands_belong_to_their_place_and_lakes_cut_out_of_it_do_not() -> None:
    ring = square(113, 23).difference(square(113.4, 23.4, 0.2))
    atlas = Atlas([region(TOWN, shapely.union(ring, square(115, 23, 0.1)))])
    assert atlas.locate([113.1, 113.5, 115.05, 114.5], [23.1, 23.5, 23.05, 23.05]).tolist() == [
        TOWN,
        "",
        TOWN,
        "",
    ]


def test_where_two_outlines_overlap_the_lower_code_is_taken() -> None:
    atlas = Atlas([region(EAST, square(113, 23)), region(WEST, square(113.25, 23.25, 0.5))])
    assert atlas.locate([113.5, 113.1], [23.5, 23.1]).tolist() == [WEST, EAST]


def test_what_is_no_number_and_what_is_far_away_lies_nowhere() -> None:
    atlas = Atlas([region(TOWN, square(113, 23))])
    assert atlas.locate([np.nan, np.inf, 1e300, -180], [23.5, 23.5, -1e300, 90]).tolist() == [""] * 4


def test_an_empty_atlas_and_places_without_outline_contain_nothing() -> None:
    assert Atlas([]).locate_one(113, 23) == ""
    assert Atlas([region(TOWN)]).locate_one(113, 23) == ""
    assert Atlas([region(TOWN)]).outline(TOWN) is None


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_the_atlas_agrees_with_asking_every_outline(seed: int, side: int) -> None:
    tiles = crooked_tiling(side, seed=seed)
    outlines = {f"{WEST}{number:03}": tile for number, tile in enumerate(tiles, 1)}
    outlines[TOWN] = shapely.envelope(shapely.multipolygons(tiles)).buffer(0.01)
    atlas = Atlas(region(code, outline) for code, outline in outlines.items())
    random = np.random.default_rng(seed)
    anywhere = random.uniform([112.97, 22.97], [113.03 + side / 100, 23.03 + side / 100], (200, 2))
    corners = shapely.get_coordinates(tiles)
    lon, lat = np.vstack([anywhere, corners, (corners[1:] + corners[:-1]) / 2]).T
    deepest_first = sorted(outlines, key=lambda code: (-len(code), code))
    held = np.array([shapely.intersects_xy(outlines[code], lon, lat) for code in deepest_first])
    expected = np.where(held.any(axis=0), np.array(deepest_first)[held.argmax(axis=0)], "")
    assert atlas.locate(lon, lat).tolist() == expected.tolist()


@pytest.fixture
def atlas() -> Atlas:
    return Atlas(
        [
            region("4401", name="广州市", name_en="Guangzhou"),
            region("440104", name="越秀区", name_en="Yuexiu District"),
            region("440104001", name="石溪街道"),
            region("440104001101", name="石溪社区"),
            region("440104001101012", name="012网格"),
            region("441900003", name="东城街道"),
        ]
    )


def test_the_chain_names_the_places_from_the_district_down(atlas: Atlas) -> None:
    assert atlas.chain("440104001101012") == "越秀区 › 石溪街道 › 石溪社区 › 012网格"
    assert atlas.chain("440104001", "en", top=Level.CITY) == "Guangzhou › Yuexiu District › 石溪街道"
    assert atlas.chain("4401") == "广州市"


def test_levels_that_are_not_known_are_left_out_between(atlas: Atlas) -> None:
    assert atlas.parent("441900003") == ""
    assert atlas.children("") == ("4401", "441900003")
    assert atlas.path("440104001999001") == ("4401", "440104", "440104001", "440104001999001")


def test_places_are_found_below_by_level(atlas: Atlas) -> None:
    assert atlas.children("440104") == ("440104001",)
    assert atlas.below("4401", Level.COMMUNITY) == ["440104001101"]
    assert len(atlas) == 6
    assert "440104" in atlas
    assert atlas["440104"].name_en == "Yuexiu District"


def test_a_code_that_is_not_known_is_shown_as_it_is(atlas: Atlas) -> None:
    assert atlas.name("999999") == "999999"


@pytest.mark.parametrize("seed", range(5))
def test_one_point_gets_the_place_that_it_gets_among_many(seed: int) -> None:
    tiles = crooked_tiling(12, seed=seed)
    atlas = Atlas([region(f"440103001001{n:03}", tile) for n, tile in enumerate(tiles)])
    corners = shapely.get_coordinates(tiles)
    anywhere = np.random.default_rng(seed).uniform([112.98, 22.98], [113.14, 23.14], (1500, 2))
    lon, lat = np.concatenate([corners, anywhere, [[np.nan, 23.0], [np.inf, 23.0], [113.0, -1e300]]]).T
    assert [atlas.locate_one(*point) for point in zip(lon, lat, strict=True)] == atlas.locate(
        lon, lat
    ).tolist()
