"""What colour, shape and word follow from a clock, a state and a suggestion."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from mumian.web.shown import NEAR, Clock, Option, Row, Running, State
from tests.web.samples import TODO, soon

pytestmark = pytest.mark.usefixtures("in_chinese")


def draw(source: str, **context: object) -> str:
    return Template("{% load mumian %}" + source).render(Context(context))


@given(st.floats(0, 5), st.sampled_from(Running))
def test_colour_is_never_alone(spent: float, state: Running) -> None:
    due = soon(hours=2) if spent < 1 else soon(hours=-2)
    clock = Clock("办结", due, spent, state)
    assert clock.colour == "leaf" or clock.said


@given(st.floats(-10, 10, allow_nan=False))
def test_the_bar_stays_in_its_frame(spent: float) -> None:
    assert 0 <= Clock("办结", soon(hours=1), spent).width <= 100


def test_a_running_clock_turns_from_leaf_to_amber_to_kapok() -> None:
    colours = [Clock("办结", soon(hours=1), spent).colour for spent in (0.1, NEAR, 1.0)]
    assert colours == ["leaf", "amber", "kapok"]


def test_a_late_clock_says_by_how_much() -> None:
    assert "逾期 2 小时" in draw("{% clockbar clock %}", clock=Clock("办结", soon(hours=-2.5), 1.3))


def test_a_clock_near_its_limit_says_what_is_left() -> None:
    html = draw("{% clockbar clock %}", clock=Clock("办结", soon(minutes=50.5), 0.8))
    assert "还剩 50 分钟" in html
    assert 'width="80"' in html


def test_a_paused_clock_is_neutral_and_says_so() -> None:
    clock = Clock("办结", soon(hours=-2), 1.3, Running.PAUSED)
    assert (clock.colour, clock.said) == ("neutral", "已暂停")


def test_a_time_can_be_read_by_a_machine() -> None:
    value = soon(hours=1)
    assert f'<time datetime="{value.isoformat()}"' in draw("{{ value|when }}", value=value)
    assert draw("{{ value|when }}", value=None) == ""


def test_a_state_has_a_word_and_a_shape() -> None:
    html = draw("{% statetag state %}", state=State({"zh": "待核查", "en": "To check"}, "check"))
    assert "待核查" in html
    assert "#check" in html


def test_only_a_sure_suggestion_is_one_to_act_on() -> None:
    def row(*suggested: Option) -> Row:
        return Row("1", "#", "GZ-1", "路灯不亮", "", "", "", TODO, suggested=suggested)

    sure, unsure = Option("a", "市政所", "", 0.97), Option("b", "消防站", "", 0.51)
    assert row(sure, unsure).likeliest is sure
    assert row(unsure).likeliest is None
    assert row().likeliest is None
