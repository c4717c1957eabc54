"""Codes: the significant prefix, what lies above and within, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.place.codes import CodeError, Level, cut, normalise, parents, range_of, within

DIGITS = st.text("0123456789", min_size=18, max_size=18)
CODES = st.builds(
    lambda province, rest, level: normalise((f"{province}{rest}")[:level]),
    st.integers(11, 82),
    st.text("0012", min_size=16, max_size=16),
    st.sampled_from(list(Level)),
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("440000", "44"),
        ("440100", "4401"),
        ("440103", "440103"),
        (440103, "440103"),
        ("440103000", "440103"),
        ("440103001000", "440103001"),
        ("440103001101", "440103001101"),
        ("440103001101012", "440103001101012"),
        ("440103001101012000", "440103001101012"),
        ("441900", "4419"),
        ("441900003", "441900003"),
        ("441900003000", "441900003"),
        ("440103001000001", "440103001000001"),
        (" 4401 03 ", "440103"),
        ("４４０１０３", "440103"),
    ],
)
def test_what_is_kept_of_a_code_is_its_significant_prefix(written: str | int, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize("written", ["", "4", "44010", "4401031", "越秀区", "44-01", "440103.0", "000000"])
def test_what_is_no_code_is_refused_with_a_cure(written: str) -> None:
    with pytest.raises(CodeError) as refused:
        normalise(written)
    assert written in str(refused.value.thing)
    assert str(refused.value.cure)


def test_a_town_of_a_city_without_districts_lies_in_the_city() -> None:
    assert list(parents("441900003001")) == ["441900003", "4419", "44"]
    assert cut("441900003001", Level.DISTRICT) == "4419"


def test_the_code_is_cut_at_a_level_and_left_alone_above_it() -> None:
    assert cut("440103001101012", Level.TOWN) == "440103001"
    assert cut("4401", Level.TOWN) == "4401"


def test_levels_have_a_word_and_a_name_in_both_languages() -> None:
    assert Level.of("440103001101012001").word == "micro-grid"
    assert Level.GRID.above is Level.COMMUNITY
    assert Level.PROVINCE.above is None
    assert all(level.titles["zh"] and level.titles["en"] for level in Level)


@given(CODES)
def test_a_normal_code_stays_as_it_is_however_many_zeros_follow(code: str) -> None:
    assert normalise(code) == code
    for level in Level:
        if level > len(code):
            assert normalise(code.ljust(level, "0")) == code


@given(CODES)
def test_every_place_above_is_a_normal_code_and_holds_the_place(code: str) -> None:
    above = list(parents(code))
    assert above == sorted(above, reverse=True)
    for each in above:
        assert normalise(each) == each != code
        assert within(code, each)
    assert {cut(code, level) for level in Level} <= {code, *above}


@given(CODES, CODES)
def test_to_lie_within_is_to_lie_in_the_range_of_bytes(code: str, other: str) -> None:
    low, high = range_of(other)
    assert within(code, other) == (low.encode() <= code.encode() < high.encode())
    assert within(code, "")
