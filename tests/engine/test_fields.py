"""What a form may be answered with, and the one form in which each answer is kept."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st

from mumian.engine.definition import FieldSpec, FieldType
from mumian.engine.fields import Known, Unfit, fit
from mumian.record.canonical import canonical

GRID = "440103001001001"
KNOWN = Known(
    place={"4401", GRID}.__contains__,
    unit={7, 8}.__contains__,
    kind=lambda catalogue, code: (catalogue, code) in {("grid", "01.01"), ("own", "x")},
)
FILE, OTHER_FILE = "a" * 64, "0123456789abcdef" * 4
CHOICES = [{"value": "a", "title": {}}, {"value": "b", "title": {}}]


def field(sort, **more):
    return FieldSpec.model_validate(
        {"type": sort, **({"choices": CHOICES} if "choice" in sort else {}), **more}
    )


def fitted(sort, value, **more):
    return fit(field(sort, **more), value, KNOWN, "grid")


GOOD = [
    ("text", "  污水外溢\r\n第二行\r第三行 ", "污水外溢\n第二行\n第三行"),
    ("text", "下水道　堵塞", "下水道　堵塞"),  # a full-width blank is a character like another
    (
        "text",
        "a\u00a0b 👨‍👩‍👧 \U0002ebf0\U00032000",
        "a\u00a0b 👨‍👩‍👧 \U0002ebf0\U00032000",
    ),  # rare and yet unknown ones
    ("text", "a\x00b\x07c\td", "abc\td"),
    ("text", "a\ud800b", "ab"),
    ("integer", "5", 5),
    ("integer", 5.0, 5),
    ("integer", " -7 ", -7),
    ("integer", 2**53 - 1, 2**53 - 1),
    ("decimal", "1,234.50", "1234.50"),
    ("decimal", 0.1, "0.1"),
    ("decimal", "1e3", "1000"),
    ("decimal", "-0", "0"),
    ("decimal", Decimal("1E-7"), "0.0000001"),
    ("money", "12", "12.00"),
    ("money", "12.50", "12.50"),
    ("money", "-0.00", "0.00"),
    ("money", 1234567890123456, "1234567890123456.00"),
    ("date", "2026-11-27", "2026-11-27"),
    ("date", date(2026, 11, 27), "2026-11-27"),
    ("datetime", "2026-11-27T18:00+08:00", "2026-11-27T18:00:00+08:00"),
    ("datetime", datetime(2026, 11, 27, 10, tzinfo=UTC), "2026-11-27T10:00:00+00:00"),
    ("yesno", True, True),
    ("yesno", "是", True),
    ("yesno", "off", False),
    ("yesno", 0, False),
    ("choice", "b", "b"),
    ("choices", "a", ["a"]),
    ("choices", ["b", "a", "b"], ["b", "a"]),
    ("place", GRID, {"place": GRID}),
    (
        "place",
        {"place": GRID, "lon": 113.26, "lat": "23.1"},
        {"place": GRID, "lon": 1132600000, "lat": 231000000},
    ),
    (
        "place",
        {"place": GRID, "lon": 1132600000, "lat": 231000000},
        {"place": GRID, "lon": 1132600000, "lat": 231000000},
    ),
    ("place", {"place": GRID, "lon": 113, "lat": 23}, {"place": GRID, "lon": 1130000000, "lat": 230000000}),
    ("place", {"place": GRID, "lon": "", "lat": ""}, {"place": GRID}),
    ("place", {"place": GRID, "address": " 中山路\x00\n1号 "}, {"place": GRID, "address": "中山路\n1号"}),
    ("kind", "01.01", "01.01"),
    ("unit", "7", 7),
    ("units", [8, "7", 8], [8, 7]),
    ("units", 7, [7]),
    ("person", str(UUID(int=5)), UUID(int=5).hex),
    ("matter", UUID(int=5), UUID(int=5).hex),
    ("files", FILE, [FILE]),
    ("files", [FILE, OTHER_FILE, FILE], [FILE, OTHER_FILE]),
]


@pytest.mark.parametrize(("sort", "value", "kept"), GOOD)
def test_a_good_answer_is_kept_in_one_form(sort, value, kept):
    found = fitted(sort, value)
    assert found == kept
    assert found.__class__ is kept.__class__


def test_every_type_of_field_is_tried_here():
    assert (
        {sort for sort, _, _ in GOOD} == set(get_args(FieldType)) == {sort for sort, _, _ in BAD} | {"text"}
    )


BAD = [
    ("text", 5, "should be text"),
    ("text", ["a"], "should be text"),
    ("integer", "five", "should be a whole number"),
    ("integer", 1.5, "should be a whole number"),
    ("integer", True, "should be a whole number"),
    ("integer", float("inf"), "should be a whole number"),
    ("integer", "9" * 5000, "should be a whole number"),
    ("integer", 2**53, "the number is too large"),
    ("decimal", "abc", "should be a number"),
    ("decimal", "NaN", "should be a number"),
    ("decimal", "sNaN", "should be a number"),
    ("decimal", float("inf"), "should be a number"),
    ("decimal", True, "should be a number"),
    ("decimal", "1e999999999", "the number is too large"),
    ("decimal", "0e-999999999", "the number has too many decimals"),
    ("money", "1.005", "an amount has at most two decimals"),
    ("money", "9" * 30, "the number is too large"),
    ("date", "27.11.2026", "should be a date such as 2026-11-27"),
    ("date", "2026-02-29", "should be a date such as 2026-11-27"),
    ("datetime", "2026-11-27T18:00", "should be a time with its zone"),
    ("datetime", "tomorrow", "should be a time with its zone"),
    ("datetime", "0001-01-01T00:00+08:00", "should be a time with its zone"),
    ("datetime", "9999-12-31T23:59-08:00", "should be a time with its zone"),
    ("yesno", "perhaps", "should be yes or no"),
    ("choice", "c", "choose one of: a, b"),
    ("choices", ["a", "c"], "choose one of: a, b"),
    ("place", "999999", "there is no place with code 999999"),
    ("place", 5, "should be a place code or a point"),
    ("place", {"lon": 113.26, "lat": 23.1}, "this spot lies in no place of the city"),
    ("place", {"place": GRID, "lon": 113.26}, "a point has both a longitude and a latitude"),
    ("place", {"place": GRID, "lon": 181.5, "lat": 0}, "the coordinate is out of range"),
    ("place", {"place": GRID, "lon": 0, "lat": -90.1}, "the coordinate is out of range"),
    ("place", {"place": GRID, "lon": 10**30, "lat": 0}, "the coordinate is out of range"),
    ("place", {"place": GRID, "lon": float("nan"), "lat": 0}, "a coordinate should be a number"),
    ("place", {"place": GRID, "lon": float("inf"), "lat": 0}, "a coordinate should be a number"),
    ("place", {"place": GRID, "lon": "east", "lat": 0}, "a coordinate should be a number"),
    ("kind", "99.99", "the catalogue has no kind 99.99"),
    ("unit", 9, "there is no such unit, or it is no longer active"),
    ("unit", "water", "choose a unit"),
    ("unit", float("inf"), "choose a unit"),
    ("unit", 7.5, "choose a unit"),
    ("unit", True, "choose a unit"),
    ("units", [7, 9], "there is no such unit"),
    ("person", "me", "should be the id of a matter or person"),
    ("matter", 5, "should be the id of a matter or person"),
    ("files", "photo.jpg", "files are uploaded first"),
    ("files", FILE + "\n", "files are uploaded first"),
    ("files", [f"{n:064x}" for n in range(10)], "at most 9 files"),
]


@pytest.mark.parametrize(("sort", "value", "words"), BAD)
def test_a_bad_answer_is_refused_in_both_languages(sort, value, words):
    with pytest.raises(Unfit) as refused:
        fitted(sort, value)
    assert words in refused.value.en
    assert any("一" <= letter <= "鿿" for letter in refused.value.zh)


@pytest.mark.parametrize("sort", get_args(FieldType))
@pytest.mark.parametrize("nothing", [None, "", "  \t\n", "　", [], {}])
def test_nothing_is_no_answer(sort, nothing):
    assert fitted(sort, nothing) is None


@pytest.mark.parametrize(
    ("sort", "value"), [("text", "\x00\x01"), ("text", "\ud800"), ("files", [""]), ("place", {"lon": ""})]
)
def test_what_has_nothing_in_it_is_no_answer(sort, value):
    assert fitted(sort, value) is None


@pytest.mark.parametrize(
    ("sort", "value", "bound", "words"),
    [
        ("text", "四个文字", {"max": 3}, "at most 3 characters; it has 4"),
        ("integer", 6, {"min": 1, "max": 5}, "cannot be more than 5"),
        ("integer", 0, {"min": 1, "max": 5}, "cannot be less than 1"),
        ("decimal", "5.01", {"max": 5}, "cannot be more than 5"),
        ("money", "-1", {"min": 0}, "cannot be less than 0"),
        ("files", [FILE, OTHER_FILE], {"max": 1}, "at most 1 files"),
    ],
)
def test_bounds_are_kept(sort, value, bound, words):
    with pytest.raises(Unfit, match=words):
        fitted(sort, value, **bound)


def test_a_kind_is_looked_up_in_the_catalogue_of_its_field():
    assert fitted("kind", "x", catalogue="own") == "x"
    with pytest.raises(Unfit):
        fitted("kind", "01.01", catalogue="own")


# --- what always holds ------------------------------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())  # lone surrogates and NUL too
    | st.decimals(allow_nan=True)
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.dates()
    | st.uuids()
    | st.sampled_from([value for _, value, _ in GOOD + BAD if isinstance(value, str)]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["place", "lon", "lat", "address"]), inner, max_size=5
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(get_args(FieldType)), anything)
def test_whatever_is_answered_is_refused_or_kept_in_a_form_that_entries_may_hold(sort, value):
    try:
        kept = fitted(sort, value)
    except Unfit:
        return
    assert canonical(kept) == rfc8785.dumps(kept)
    assert b"\\u0000" not in canonical(kept)  # which PostgreSQL cannot hold
    assert not _holds_a_fraction(kept)


@given(st.sampled_from(get_args(FieldType)), anything)
def test_what_is_kept_fits_again_and_stays_the_same(sort, value):
    try:
        kept = fitted(sort, value)
    except Unfit:
        return
    if isinstance(kept, dict) and "lon" in kept:  # a whole number of degrees is still taken for degrees
        assume(abs(kept["lon"]) > 180 and abs(kept["lat"]) > 90)
    assert fitted(sort, kept) == kept


def _holds_a_fraction(value):
    if isinstance(value, dict):
        return any(map(_holds_a_fraction, value.values()))
    if isinstance(value, list):
        return any(map(_holds_a_fraction, value))
    return isinstance(value, float)
