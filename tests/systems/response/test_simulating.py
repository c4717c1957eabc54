"""The simulation agrees with theory where theory is exact, and is the same again for the same seed."""

from math import factorial

import numpy as np
import pytest
from scipy.sparse import csr_array

from mumian.errors import MumianError
from mumian.systems.response.coverage import HOURS
from mumian.systems.response.simulating import Calls, Run, compare, draw, erlang_b, run

AT_ONCE = 1e-3


def one_place(units: int) -> csr_array:
    return csr_array(np.full((units, 1), AT_ONCE))


def always(units: int) -> np.ndarray:
    return np.ones((HOURS, units), dtype=bool)


def calls_at(*events: tuple[float, int, float], weeks: int = 1) -> Calls:
    """(second, point, seconds on the scene) each."""
    at, point, stay = (np.array(column) for column in zip(*events, strict=True))
    same = np.zeros(len(at), dtype=np.int64)
    return Calls(at.astype(float), point.astype(np.int64), same, stay.astype(float), same + 1, weeks)


@pytest.mark.parametrize(("units", "load"), [(1, 0.5), (3, 2.0), (10, 8.0), (20, 25.0)])
def test_erlang_b_is_the_truncated_poisson(units: int, load: float) -> None:
    terms = [load**n / factorial(n) for n in range(units + 1)]
    assert erlang_b(units, load) == pytest.approx(terms[-1] / sum(terms))


@pytest.mark.parametrize("spread", [0.3, 1.2])
@pytest.mark.parametrize(("units", "load"), [(2, 1.0), (5, 4.0), (12, 8.0)])
def test_calls_are_lost_as_erlang_says_whatever_the_time_on_scene(
    units: int, load: float, spread: float
) -> None:
    calls = draw(np.full(HOURS, 60.0), [1], seed=7, weeks=8, on_scene=load * 60, spread=spread)
    found = run(calls, one_place(units), always(units), warm_up=86_400)
    expected = erlang_b(units, load)
    days, number = np.unique(found.day, return_inverse=True)
    lost_by_day = np.bincount(number, found.unit < 0) / np.bincount(number)
    error = lost_by_day.std() / len(days) ** 0.5
    assert error < 0.05 * expected
    assert found.lost / len(found.unit) == pytest.approx(expected, abs=3 * error)
    assert found.busy.mean() == pytest.approx(load * (1 - expected) / units, rel=0.05)


def test_calls_that_wait_do_so_as_often_as_erlang_c_says() -> None:
    units, load = 4, 3.0
    calls = draw(np.full(HOURS, 60.0), [1], seed=3, weeks=12)
    stay = np.random.default_rng(9).exponential(load * 60, len(calls))
    calls = Calls(calls.at, calls.point, calls.kind, stay, calls.wanted, calls.weeks)
    found = run(calls, one_place(units), always(units), patience=1e9, warm_up=86_400)
    lost = erlang_b(units, load)
    wait = lost / (1 - load / units * (1 - lost))  # Erlang C
    assert found.lost == 0
    assert found.queued / len(found.unit) == pytest.approx(wait, rel=0.05)
    assert found.waited.mean() == pytest.approx(wait * load * 60 / (units - load), rel=0.1)


def test_the_same_seed_is_the_same_week_and_another_is_not() -> None:
    rates = 5 + 4 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)
    first, again, other = (draw(rates, [1, 2, 3], seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.at, again.at)
    assert np.array_equal(first.on_scene, again.on_scene)
    assert not np.array_equal(first.at, other.at)
    longer = draw(rates, [1, 2, 3], seed=1, on_scene=3000.0)
    assert np.array_equal(first.at, longer.at)  # only what was changed changes
    assert np.array_equal(first.point, longer.point)


def test_calls_come_by_the_hour_of_the_week_and_by_people() -> None:
    rates = np.where(np.arange(HOURS) % 24 < 12, 20.0, 2.0)
    calls = draw(rates, [3, 1, 0], seed=5, weeks=20, kinds=(0.5, 0.5), wanted=(0.0, 1.0))
    hour = (calls.at // 3600).astype(int) % HOURS
    assert np.bincount(hour, minlength=HOURS).reshape(7, 2, 12).sum(axis=(0, 2)) == pytest.approx(
        [20 * 84 * 20, 2 * 84 * 20], rel=0.02
    )
    assert np.bincount(calls.point, minlength=3) / len(calls) == pytest.approx([0.75, 0.25, 0], abs=0.01)
    assert calls.on_scene.mean() == pytest.approx(1200, rel=0.02)
    assert set(calls.wanted.tolist()) == {2}


def test_the_nearest_free_goes_then_the_next_then_nobody() -> None:
    reach = csr_array(np.array([[60.0, 0.0], [120.0, 30.0]]))
    found = run(calls_at((0, 0, 600), (10, 0, 600), (20, 0, 600), (670, 0, 600)), reach, always(2))
    assert found.unit.tolist() == [0, 1, -1, 0]
    assert found.seconds[[0, 1, 3]].tolist() == [60, 120, 60]
    assert (found.lost, found.queued) == (1, 0)
    assert found.busy == pytest.approx(np.array([1320, 720]) / (168 * 3600))
    assert found.within(1) == pytest.approx(0.5)


def test_who_waits_is_served_in_turn_until_patience_ends() -> None:
    calls = calls_at((0, 0, 600), (10, 0, 600), (20, 0, 600))
    found = run(calls, csr_array([[60.0]]), always(1), patience=700)
    assert found.unit.tolist() == [0, 0, -1]
    assert found.waited.tolist() == [0, 650, 700]
    assert found.seconds[1] == 710


def test_only_those_on_duty_go_and_they_finish_what_they_began() -> None:
    duty = np.zeros((HOURS, 1), dtype=bool)
    duty[1] = True
    calls = calls_at((0, 0, 60), (3700, 0, 7200), (7300, 0, 60), (7 * 86_400 + 3700, 0, 60), weeks=2)
    found = run(calls, csr_array([[60.0]]), duty)
    assert found.unit.tolist() == [-1, 0, -1, 0]
    assert found.busy[0] == pytest.approx((7260 + 120) / 7200)
    waits = run(calls_at((0, 0, 60)), csr_array([[60.0]]), duty, patience=7200)
    assert waits.seconds.tolist() == [3660]  # the shift begins at one


def test_only_the_fit_go_and_as_many_as_are_wanted() -> None:
    calls = calls_at((0, 0, 60), (1000, 0, 60))
    calls = Calls(calls.at, calls.point, np.array([0, 1]), calls.on_scene, np.array([2, 2]), 1)
    found = run(calls, csr_array([[10.0], [20.0], [30.0]]), always(3), fit=[[0, 1, 1], [1, 0, 0]])
    assert found.unit.tolist() == [1, 0]
    assert found.sent.tolist() == [2, 1]


def test_rosters_are_compared_on_the_same_calls() -> None:
    calls = draw(np.full(HOURS, 10.0), [1, 1], seed=11, weeks=2)
    reach = csr_array(np.array([[50.0, 400.0], [400.0, 50.0], [100.0, 100.0]]))
    few = run(calls, reach, always(3) & [True, False, True])
    many = run(calls, reach, always(3))
    change = compare(few, many, minutes=1)
    assert 0 < change.low < change.mean < change.high
    assert change.mean == pytest.approx(many.within(1) - few.within(1))
    assert compare(few, few, minutes=1).mean == 0
    shorter = Run(*(getattr(few, name)[:5] for name in Run.__slots__))
    with pytest.raises(MumianError, match="same calls"):
        compare(few, shorter, minutes=1)


def test_what_does_not_fit_is_refused() -> None:
    calls = calls_at((0, 1, 60))
    with pytest.raises(MumianError, match="unknown points"):
        run(calls, one_place(2), always(2))
    with pytest.raises(MumianError, match="do not fit 2 units"):
        run(calls_at((0, 0, 60)), one_place(2), always(3))
    with pytest.raises(MumianError, match="nobody waits that long"):
        run(calls_at((0, 0, 60)), one_place(2), always(2), patience=np.inf)
    with pytest.raises(MumianError, match="168 numbers"):
        draw([1.0] * 24, [1], seed=1)
    with pytest.raises(MumianError, match="none anywhere"):
        draw(np.ones(HOURS), [0, 0], seed=1)


def test_nothing_happens_in_a_quiet_week() -> None:
    found = run(draw(np.zeros(HOURS), [1], seed=1), one_place(1), always(1))
    assert (len(found.seconds), found.lost, found.within(3)) == (0, 0, 0.0)
    assert np.isnan(found.quantiles()).all()
