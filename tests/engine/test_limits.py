"""Limits as text and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.engine.limits import Limit, Span

limits = st.builds(Limit, st.integers(0, 99_999), st.sampled_from(Span))


@given(limits)
def test_a_limit_written_and_read_is_the_same(limit):
    assert Limit.parse(str(limit)) == limit


@given(limits)
def test_a_limit_is_said_in_both_languages(limit):
    words = limit.words()
    assert words["zh"].startswith(f"{limit.amount} ")
    assert words["en"] == str(limit)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1 working day", Limit(1, Span.WORKING_DAY)),
        ("5 working days", Limit(5, Span.WORKING_DAY)),
        ("  30   working  minutes ", Limit(30, Span.WORKING_MINUTE)),
        ("4 working hours", Limit(4, Span.WORKING_HOUR)),
        ("1 months", Limit(1, Span.MONTH)),
        ("0 days", Limit(0, Span.DAY)),
    ],
)
def test_one_and_many_and_blanks_are_read_alike(text, limit):
    assert Limit.parse(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "days",
        "-1 days",
        "1.5 days",
        "5 workdays",
        "1 working month",
        "1 year",
        "5 days later",
        "100000 days",
    ],
)
def test_what_is_not_a_limit_is_refused_with_what_can_be_written(text):
    with pytest.raises(ValueError, match="is not a limit; write a number and minutes, hours, days or months"):
        Limit.parse(text)
