"""The measurements run, and what they measured was right; how fast is for `mumian bench` to say."""

from mumian.systems.response.bench import measure_choosing, measure_coverage, measure_siting


def test_choosing_is_measured_and_nobody_is_lost_or_sent_twice() -> None:
    figures = {
        figure.name: figure
        for figure in measure_choosing(units=400, responders=3000, nodes=900, incidents=60, rate=1000)
    }
    assert figures.keys() == {
        "response_choose_median",
        "response_choose_p99",
        "response_choose_lost_or_double",
    }
    assert figures["response_choose_lost_or_double"].value == 0


def test_coverage_and_siting_are_measured() -> None:
    figures = measure_coverage(units=30, nodes=900) + measure_siting(points=60, sites=40)
    assert [figure.name for figure in figures] == [
        "response_cover_hour",
        "response_cover_week",
        "response_siting",
    ]
    assert all(figure.value > 0 for figure in figures)
