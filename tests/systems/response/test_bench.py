"""The measurements run, and what they measured was right; how fast is for `mumian bench` to say."""

from types import SimpleNamespace
from typing import Any

import pytest

from mumian.systems.response.bench import (
    measure_calling,
    measure_coverage,
    measure_siting,
    measurements,
)
from tests.web import city as small


def test_coverage_and_siting_are_measured() -> None:
    figures = measure_coverage(units=30, nodes=900) + measure_siting(points=60, sites=40)
    assert [figure.name for figure in figures] == [
        "response_cover_hour",
        "response_cover_week",
        "response_siting",
    ]
    assert all(figure.value > 0 for figure in figures)


def test_what_response_measures_is_found_by_the_bench_and_named_apart() -> None:
    ground: Any = SimpleNamespace(here=[small.GRID])
    paths = measurements(ground, quick=True)
    assert list(paths) == ["response_call", "response_cover", "response_siting"]
    figures = [*paths["response_cover"](), *paths["response_siting"]()]
    assert all(figure.ratio is None and figure.met for figure in figures)
    assert str(figures[0]).startswith("response_cover_hour: 0.")


@pytest.mark.django_db(transaction=True)
def test_calling_through_the_database_is_measured_and_nobody_is_lost_or_sent_twice() -> None:
    small.found()
    figures = measure_calling(
        small.GRID, units=400, responders=1200, nodes=900, alone=5, incidents=40, rate=1000
    )
    found = {figure.name: figure.value for figure in figures}
    assert found["response_call_lost_or_double"] == 0
    assert 0 < found["response_call_median"] <= found["response_call_p99"]
