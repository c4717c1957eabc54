"""Reports of one kind, near in place and time and alike in words, are shown as perhaps the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.intake.duplicates import Sighting, Thresholds, candidates, pairs_within

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
METRE = 1 / 111_195
"""Degrees of latitude."""
LAMP = Sighting(
    id="a",
    kind="04.01",
    place="440106001001001",
    at=NOON,
    text="中山大道路灯不亮，晚上很黑",
    lon=113.3,
    lat=23.1,
)
AGAIN = replace(LAMP, id="b", at=NOON + timedelta(hours=3), text="中山大道这里的路灯坏了不亮，太黑了")


def north(sighting: Sighting, metres: float) -> Sighting:
    assert sighting.lat is not None
    return replace(sighting, lat=sighting.lat + metres * METRE)


def test_the_same_lamp_reported_twice_is_found_with_distance_time_and_likeness() -> None:
    (found,) = candidates(north(AGAIN, 40), [LAMP])
    assert found.id == "a"
    assert found.metres == pytest.approx(40, rel=0.01)
    assert found.hours == 3
    assert found.likeness > 0.4
    assert found.reason.same_kind


@pytest.mark.parametrize(
    "other",
    [
        replace(AGAIN, kind="03.02"),
        north(AGAIN, 400),
        replace(AGAIN, at=NOON + timedelta(days=9)),
        replace(AGAIN, text="小区里有人养鸡"),
        replace(AGAIN, text=""),
        replace(AGAIN, lon=None, lat=None, place="440106001001002"),
    ],
    ids=["another kind", "far", "long after", "other words", "no words", "another grid"],
)
def test_what_differs_in_one_respect_is_no_candidate(other: Sighting) -> None:
    assert candidates(other, [LAMP]) == []
    assert pairs_within([other, LAMP]) == []


def test_kinds_under_one_parent_are_compared_but_count_less() -> None:
    (same,), (kin,) = candidates(AGAIN, [LAMP]), candidates(replace(AGAIN, kind="04.02"), [LAMP])
    assert kin.score < same.score
    assert not kin.reason.same_kind
    assert candidates(replace(AGAIN, kind="04"), [LAMP])
    assert candidates(replace(AGAIN, kind=""), [LAMP])


def test_without_a_point_the_same_grid_stands_for_nearness() -> None:
    (found,) = candidates(replace(AGAIN, lon=None, lat=None), [LAMP])
    assert found.metres is None
    assert found.reason.same_place


def test_a_report_is_no_duplicate_of_itself() -> None:
    assert candidates(LAMP, [LAMP]) == []
    assert pairs_within([LAMP], [LAMP]) == []
    assert candidates(LAMP, []) == []
    assert pairs_within([]) == []


def test_two_known_reports_are_not_compared_again() -> None:
    assert pairs_within([], [LAMP, AGAIN]) == []
    assert [(pair.id, pair.other.id) for pair in pairs_within([AGAIN], [LAMP])] == [("b", "a")]


def test_looser_thresholds_find_more() -> None:
    far = north(AGAIN, 400)
    assert candidates(far, [LAMP], Thresholds(metres=500))


sightings = st.builds(
    Sighting,
    id=st.uuids().map(str),
    kind=st.sampled_from(["", "04", "04.01", "04.02", "04.01.01", "05.01"]),
    place=st.sampled_from(["", "440106001001001", "440106001001002"]),
    at=st.integers(0, 200).map(lambda hours: NOON + timedelta(hours=hours)),
    text=st.sampled_from(["路灯不亮", "路灯坏了", "路灯不亮很黑", "有人养鸡", ""]),
    lon=st.just(113.3),
    lat=st.integers(0, 400).map(lambda metres: 23.1 + metres * METRE),
)
rows = st.lists(
    sightings | sightings.map(lambda one: replace(one, lon=None, lat=None)),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(rows)
def test_pairs_are_exactly_those_that_candidates_finds_one_by_one(reports: list[Sighting]) -> None:
    pairs = {
        (frozenset((pair.id, pair.other.id)), round(pair.other.score, 9)) for pair in pairs_within(reports)
    }
    singly = {
        (frozenset((one.id, found.id)), round(found.score, 9))
        for one in reports
        for found in candidates(one, reports, most=100)
    }
    assert pairs == singly


@given(sightings, sightings)
def test_likeness_of_two_reports_does_not_depend_on_which_comes_first(one: Sighting, two: Sighting) -> None:
    there, back = candidates(one, [two]), candidates(two, [one])
    assert [each.id for each in there] == ([two.id] if back else [])
    for forth, other in zip(there, back, strict=True):
        assert forth.score == pytest.approx(other.score)
        assert forth.metres == pytest.approx(other.metres)
        assert forth.likeness == pytest.approx(other.likeness)
    assert all(0 <= each.score <= 1 for each in there)


@given(st.floats(0, 149), st.floats(0, 149))
def test_the_nearer_report_never_scores_less(one: float, two: float) -> None:
    near, far = sorted((one, two))
    assert candidates(north(AGAIN, near), [LAMP])[0].score >= candidates(north(AGAIN, far), [LAMP])[0].score
