"""What is learned is measured on what was not shown, and shares mean what they say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mumian.intake.keeping import read, write
from mumian.intake.learning import Calibration, Facts, Past, learn


class Guess:
    """Gives label `a` the share that stands in the text, and is right as often as `truth` says."""

    labels = np.array(["a", "b"])

    def raw_shares(self, facts: Sequence[Facts]) -> np.ndarray:
        share = np.array([float(each.text) for each in facts])
        return np.stack([share, 1 - share], axis=1)


def boasting(n: int = 2000) -> list[Past]:
    """A guess said to be 99 % sure that is right in 80 %, and one of 60 % right in 55 %."""
    chance = np.random.default_rng(1)
    return [
        Past(text=text, label="a" if chance.random() < right else "b")
        for text, right in [("0.99", 0.8), ("0.6", 0.55)]
        for _ in range(n // 2)
    ]


def test_a_boasting_model_is_brought_down_to_what_it_achieves() -> None:
    _, calibration, measured = learn(boasting(), lambda _: Guess(), wanted=0.75, seed=0)
    top = calibration.apply(np.array([[0.99, 0.01]]))[0, 0]
    assert calibration.temperature > 1
    assert top == pytest.approx(0.8, abs=0.05)
    assert measured.calibration_error < 0.06


def test_the_threshold_keeps_the_precision_that_was_asked_for_and_gives_up_coverage() -> None:
    _, calibration, measured = learn(boasting(), lambda _: Guess(), wanted=0.72, seed=0)
    assert measured.precision == pytest.approx(0.8, abs=0.04)
    assert 0.4 < measured.coverage < 0.6
    assert calibration.threshold > 0.6


def test_where_no_precision_can_be_had_nothing_is_ever_chosen() -> None:
    _, calibration, measured = learn(boasting(), lambda _: Guess(), wanted=0.99, seed=0)
    assert calibration.threshold > 1
    assert (measured.coverage, measured.precision) == (0.0, 0.0)


def test_a_model_is_measured_only_on_what_it_was_not_fitted_on() -> None:
    shown: list[set[str]] = []
    pasts = [Past(text=f"0.{n + 1:04d}", label="ab"[n % 2]) for n in range(100)]

    class Watchful(Guess):
        def __init__(self, known: set[str]) -> None:
            self.known = known

        def raw_shares(self, facts: Sequence[Facts]) -> np.ndarray:
            assert not self.known & {each.text for each in facts}
            shown.append({each.text for each in facts})
            return super().raw_shares(facts)

    _, _, measured = learn(pasts, lambda part: Watchful({each.text for each in part}), wanted=0.9, seed=0)
    assert measured.held_out == 100
    assert set.union(*shown) == {each.text for each in pasts}


@given(
    arrays.arrays(float, (4, 3), elements=st.floats(0.01, 1)),
    st.floats(0.1, 10),
)
def test_calibrating_never_changes_the_order_of_suggestions(shares: np.ndarray, temperature: float) -> None:
    shares = shares / shares.sum(axis=1, keepdims=True)
    calibrated = Calibration(temperature).apply(shares)
    assert calibrated.sum(axis=1) == pytest.approx(1)
    assert (
        np.take_along_axis(calibrated, np.argsort(shares, axis=1), 1)[:, :-1]
        <= np.sort(calibrated, axis=1)[:, 1:] + 1e-12
    ).all()


def test_what_is_kept_is_read_by_skops_and_without_it_alike() -> None:
    from skops.io import loads

    kept = write("trial", {"名": [1, 2]}, {"numbers": np.arange(3.0), "words": np.array(["水", "路"])})
    about, found = read(kept, "trial")
    by_skops = loads(kept, trusted=[])
    assert about == {"名": [1, 2]}
    for name in ("numbers", "words"):
        assert (found[name] == by_skops[name]).all()
