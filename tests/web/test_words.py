"""Times, spans and figures as they are said in Chinese and in English."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from mumian.web import words

CITY = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=CITY)


@pytest.fixture(autouse=True)
def _in_the_city() -> object:
    with timezone.override(CITY):
        yield


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 11, 21, 16, 20, tzinfo=CITY), "今天 16:20"),
        (datetime(2026, 11, 22, 10, 0, tzinfo=CITY), "明天 10:00"),
        (datetime(2026, 11, 20, 18, 10, tzinfo=CITY), "昨天 18:10"),
        (datetime(2026, 11, 27, 18, 0, tzinfo=CITY), "11月27日 18:00"),
        (datetime(2027, 1, 3, 9, 5, tzinfo=CITY), "2027年1月3日 09:05"),
        (datetime(2026, 11, 21, 16, 30, tzinfo=UTC), "明天 00:30"),
        (date(2026, 11, 25), "11月25日"),
        (date(2026, 11, 21), "今天"),
    ],
)
def test_a_time_is_said_in_chinese_by_the_citys_clock(value: datetime, said: str) -> None:
    assert words.moment(value, now=NOW) == said


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 11, 21, 16, 20, tzinfo=CITY), "Today 16:20"),
        (datetime(2026, 11, 27, 18, 0, tzinfo=CITY), "27 Nov 2026, 18:00"),
        (date(2027, 1, 3), "3 Jan 2027"),
    ],
)
def test_a_time_is_said_in_english_with_its_year(value: datetime, said: str) -> None:
    assert words.moment(value, now=NOW) == said


@pytest.mark.usefixtures("in_chinese")
def test_the_full_form_names_the_year_even_today() -> None:
    assert words.full(NOW) == "2026年11月21日 10:30"


@pytest.mark.parametrize(
    ("length", "chinese", "english"),
    [
        (timedelta(minutes=49, seconds=50), "49 分钟", "49 minutes"),
        (timedelta(hours=1, minutes=59), "1 小时", "1 hour"),
        (timedelta(hours=47), "47 小时", "47 hours"),
        (timedelta(days=9, hours=20), "9 天", "9 days"),
        (-timedelta(hours=2), "2 小时", "2 hours"),
    ],
)
def test_a_span_is_rounded_down(length: timedelta, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert words.span(length) == chinese
    with translation.override("en"):
        assert words.span(length) == english


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9999)))
def test_a_span_never_says_more_than_there_is(length: timedelta) -> None:
    units = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
    with translation.override("en"):
        count, unit = words.span(length).rstrip("s").split(" ")
    said = int(count) * units[unit]
    assert said <= length < said + units[unit]


@given(st.integers(0, 2**31))
def test_a_time_always_shows_its_hour_and_minute(seconds: int) -> None:
    value = datetime.fromtimestamp(seconds, CITY)
    for code in ("zh-hans", "en"):
        with translation.override(code):
            assert words.moment(value, now=NOW).endswith(f"{value:%H:%M}")


@pytest.mark.usefixtures("in_chinese")
def test_how_long_ago_looks_both_ways() -> None:
    assert words.ago(NOW - timedelta(hours=3), now=NOW) == "3 小时前"
    assert words.ago(NOW + timedelta(days=4), now=NOW) == "4 天后"
    assert words.ago(NOW - timedelta(seconds=20), now=NOW) == "刚刚"


@pytest.mark.usefixtures("language")
def test_figures_have_their_thousands_apart() -> None:
    assert words.number(18204) == "18,204"
    assert words.share(0.92) == "92%"
    assert words.share(Decimal("0.907"), 1) == "90.7%"
    assert re.search(r"¥1,234\.50$", words.money(Decimal("1234.5")))


def test_a_text_is_taken_in_the_active_language_else_in_any(language: str) -> None:
    own = "Grid" if language == "en" else "网格"
    assert words.in_words({"zh": "网格", "en": "Grid"}) == own
    assert words.in_words({"zh": "网格"}) == "网格"
    assert words.in_words("GZ-26") == "GZ-26"
    assert words.in_words(None) == ""
