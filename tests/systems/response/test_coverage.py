"""What is covered hour by hour agrees with asking for every unit and point one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.errors import MumianError
from mumian.systems.response.bench import METRE, square_city
from mumian.systems.response.coverage import (
    HOURS,
    Ground,
    Places,
    cover_week,
    gain,
    on_duty,
)
from mumian.systems.response.network import Network, metres_between
from mumian.systems.response.travelling import DETOUR

CITY = square_city(10)
WALKING = 5 / 3.6


def anywhere(count: int, seed: int, side: float = 900.0) -> Places:
    lon, lat = np.random.default_rng(seed).uniform(0, side * METRE, (2, count))
    return Places(lon, lat)


UNITS, POINTS = anywhere(25, 1), anywhere(120, 2)
PEOPLE = np.random.default_rng(3).integers(0, 500, 120)
GROUND = Ground(CITY, POINTS, PEOPLE)
EACH = CITY.seconds(CITY.stand(UNITS.lon, UNITS.lat), CITY.stand(POINTS.lon, POINTS.lat))


def test_an_hour_is_covered_by_the_nearest_of_those_on_duty() -> None:
    hour = GROUND.hour(UNITS[:8])
    nearest = EACH[:8].min(axis=0)
    assert hour.seconds == pytest.approx(np.where(nearest <= 300, nearest, np.inf))
    for row, minutes in enumerate((1, 3, 5)):
        assert hour.share[row] == pytest.approx(PEOPLE[nearest <= minutes * 60].sum() / PEOPLE.sum())
    missed = hour.missed(PEOPLE, 3)
    assert set(missed.tolist()) == set(np.flatnonzero((nearest > 180) & (PEOPLE > 0)).tolist())
    assert (np.diff(PEOPLE[missed]) <= 0).all()


def test_a_week_agrees_with_its_hours() -> None:
    duty = np.random.default_rng(4).random((HOURS, 25)) < 0.3
    duty[100:] = duty[0]
    duty[50] = False
    assert GROUND.reach(UNITS).toarray() == pytest.approx(np.where(EACH <= 300, EACH, 0))
    week = cover_week(GROUND.reach(UNITS), duty, PEOPLE)
    assert week.different == 100
    reached = np.zeros((3, 120))
    for at in range(HOURS):
        hour = GROUND.hour(UNITS[duty[at]])
        assert week.share[at] == pytest.approx(hour.share)
        reached += hour.reached
        twice = PEOPLE[(EACH[duty[at]] <= 180).sum(axis=0) >= 2].sum() / PEOPLE.sum()
        assert week.twice[at, 1] == pytest.approx(twice)
    assert np.array_equal(week.hours, reached)


@pytest.mark.parametrize("network", [None, CITY])
def test_where_no_road_is_near_lines_are_straight(network: Network | None) -> None:
    units, points = Places(*np.array([[0.0], [-3000 * METRE]])), anywhere(60, 5)
    points = Places(points.lon, points.lat - 3300 * METRE)
    metres = metres_between(points.lon, points.lat, units.lon, units.lat)
    expected = metres * DETOUR / WALKING
    hour = Ground(network, points, np.ones(60)).hour(units, minutes=(1, 3, 20))
    assert hour.seconds == pytest.approx(np.where(expected <= 1200, expected, np.inf), rel=1e-6)
    reach = Ground(network, points, np.ones(60)).reach(units, limit=1200.0)
    assert reach.toarray()[0] == pytest.approx(np.where(expected <= 1200, expected, 0), rel=1e-6)


def test_one_more_unit_helps_by_those_it_newly_reaches() -> None:
    hour = GROUND.hour(UNITS[:3])
    more = gain(GROUND.reach(UNITS), hour.reached[1], PEOPLE, minutes=3)
    for site in range(25):
        both = GROUND.hour(UNITS[np.array([0, 1, 2, site])])
        assert more[site] / PEOPLE.sum() == pytest.approx(both.share[1] - hour.share[1])


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 167 * 4), st.integers(1, 168 * 4)), min_size=1, max_size=8
    ),
    st.integers(1, 2),
)
def test_shifts_keep_units_on_duty_at_the_half_of_an_hour(
    shifts: list[tuple[int, int, int]], needed: int
) -> None:
    unit = [who for who, _, _ in shifts]
    begin = [since / 4 for _, since, _ in shifts]
    end = [(since + long) / 4 for _, since, long in shifts]
    duty = on_duty(unit, begin, end, units=4, needed=needed)
    for hour in range(HOURS):
        for who in range(4):
            present = sum(
                one == who and any(since <= moment < until for moment in (hour + 0.5, hour + 168.5))
                for one, since, until in zip(unit, begin, end, strict=True)
            )
            assert duty[hour, who] == (present >= needed)


@pytest.mark.parametrize("shift", [(0, 5, 5), (0, 168, 170), (0, 0, 169), (4, 0, 8), (-1, 0, 8)])
def test_a_shift_that_cannot_be_is_refused(shift: tuple[int, float, float]) -> None:
    with pytest.raises(MumianError, match="shift 1: unit"):
        on_duty([0, shift[0]], [0, shift[1]], [8, shift[2]], units=4)


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MumianError, match="places 1: are nowhere"):
        Places(np.array([113.0, np.nan]), np.array([23.0, 23.0]))
    reach = GROUND.reach(UNITS)
    with pytest.raises(MumianError, match="168 hours"):
        cover_week(reach, np.ones((24, 25), dtype=bool), PEOPLE)
    with pytest.raises(MumianError, match="not 120 numbers"):
        cover_week(reach, np.ones((HOURS, 25), dtype=bool), PEOPLE[:5])
