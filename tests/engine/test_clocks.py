"""Due times, worked by hand on China's calendar of 2024 to 2026, and what holds of all of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mumian.engine.clocks import BeyondCalendar, Change, Extension, Pause, due, explain
from mumian.engine.limits import Limit, Span
from tests.engine.city import at, china


def due_of(start: str, limit: str, *changes: Change) -> str:
    """The due time on the wall clock."""
    return china().local(due(at(start), Limit.parse(limit), china(), changes)).strftime("%Y-%m-%d %H:%M")


def pause(since: str, until: str) -> Pause:
    return Pause(at(since), at(until), "waiting for parts")


def more(by: str) -> Extension:
    return Extension(Limit.parse(by), "hard case")


# --- the calendar -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2024-02-09", True),  # the eve of the Year of the Dragon was an ordinary Friday
        ("2024-02-10", False),
        ("2024-02-18", True),  # a moved working Sunday
        ("2025-01-26", True),  # a moved working Sunday
        ("2025-01-27", True),
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-08", True),  # a moved working Saturday
        ("2025-10-06", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-05-09", True),
        ("2026-05-10", False),
    ],
)
def test_the_calendar_follows_the_notices_of_the_state_council(day, working):
    assert china().is_working(date.fromisoformat(day)) is working


def test_the_calendar_names_holidays_and_moved_days():
    assert china().why(date(2025, 1, 29)) == "春节 / Spring Festival"
    assert china().why(date(2025, 2, 8)) == "春节 / Spring Festival"
    assert china().why(date(2025, 3, 8)) == ""


# --- working hours ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2025-03-04 09:30", "2 working hours", "2025-03-04 11:30"),
        ("2025-03-04 11:00", "2 working hours", "2025-03-04 15:00"),  # over lunch
        ("2025-03-04 12:30", "1 working hour", "2025-03-04 15:00"),  # from within lunch
        ("2025-03-04 17:00", "4 working hours", "2025-03-05 12:00"),  # over night
        ("2025-03-04 20:00", "1 working hour", "2025-03-05 10:00"),  # from the evening
        ("2025-03-04 05:00", "1 working hour", "2025-03-04 10:00"),  # from before work begins
        (
            "2025-03-04 09:00",
            "7 working hours",
            "2025-03-04 18:00",
        ),  # a whole day ends on it, not on the next
        ("2025-03-07 17:30", "4 working hours", "2025-03-10 14:30"),  # over a weekend
        ("2025-03-08 10:00", "30 working minutes", "2025-03-10 09:30"),  # from within a weekend
        ("2025-01-24 16:00", "9 working hours", "2025-01-26 18:00"),  # Sunday 26 January was worked
        ("2025-01-27 17:00", "4 working hours", "2025-02-05 12:00"),  # over the Spring Festival
        ("2025-02-07 17:00", "2 working hours", "2025-02-08 10:00"),  # onto a moved working Saturday
        ("2026-02-14 16:00", "3 working hours", "2026-02-24 10:00"),  # the festival of 2026 has nine days
        ("2025-03-04 23:30", "2 hours", "2025-03-05 01:30"),  # natural hours run by night
        ("2025-03-07 17:00", "90 minutes", "2025-03-07 18:30"),
    ],
)
def test_hours_worked_by_hand(start, limit, end):
    assert due_of(start, limit) == end


# --- working days -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2025-03-05 09:00", "1 working day", "2025-03-06 18:00"),  # the day it began is not counted
        ("2025-03-05 23:00", "1 working day", "2025-03-06 18:00"),
        ("2025-03-07 10:00", "5 working days", "2025-03-14 18:00"),
        ("2025-03-08 10:00", "1 working day", "2025-03-10 18:00"),  # from a Saturday
        ("2024-02-09 10:00", "2 working days", "2024-02-19 18:00"),  # 18 (Sunday, moved), 19
        ("2025-01-24 10:00", "3 working days", "2025-02-05 18:00"),  # 26 (Sunday, moved), 27, 5
        ("2025-09-30 10:00", "3 working days", "2025-10-11 18:00"),  # 9, 10, 11 (Saturday, moved)
        ("2025-12-31 10:00", "2 working days", "2026-01-05 18:00"),  # 4 (Sunday, moved), 5
        ("2026-02-13 10:00", "3 working days", "2026-02-25 18:00"),  # 14 (Saturday, moved), 24, 25
    ],
)
def test_working_days_worked_by_hand(start, limit, end):
    assert due_of(start, limit) == end


# --- natural days and months ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2025-03-03 10:00", "10 days", "2025-03-13 23:59"),
        ("2025-03-03 10:00", "5 days", "2025-03-10 23:59"),  # Saturday 8 → Monday (民法典 203)
        ("2025-01-20 10:00", "10 days", "2025-02-05 23:59"),  # 30 January is a holiday
        ("2025-01-15 10:00", "10 days", "2025-01-26 23:59"),  # Saturday 25 → the moved working Sunday
        ("2025-01-16 10:00", "10 days", "2025-01-26 23:59"),  # ends on the moved working Sunday itself
        ("2026-09-25 10:00", "10 days", "2026-10-08 23:59"),
    ],
)
def test_natural_days_end_on_a_working_day(start, limit, end):
    assert due_of(start, limit) == end


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2025-03-15 10:00", "1 month", "2025-04-15 23:59"),
        ("2025-01-30 10:00", "1 month", "2025-02-28 23:59"),  # there is no 30 February
        ("2025-01-31 10:00", "1 month", "2025-02-28 23:59"),
        ("2024-01-31 10:00", "1 month", "2024-02-29 23:59"),  # a leap year
        ("2024-02-29 10:00", "12 months", "2025-02-28 23:59"),
        ("2025-02-28 10:00", "1 month", "2025-03-31 23:59"),  # last day to last day (刑诉法解释 202)
        ("2024-11-30 10:00", "3 months", "2025-02-28 23:59"),
        ("2025-12-31 10:00", "2 months", "2026-02-28 23:59"),  # a Saturday that was worked
        ("2025-09-01 10:00", "1 month", "2025-10-09 23:59"),  # 1 October → after the holiday
    ],
)
def test_months_worked_by_hand(start, limit, end):
    assert due_of(start, limit) == end


# --- pauses and extensions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "since", "until", "end"),
    [
        # without the pause: Monday 10 March
        ("2025-03-03 10:00", "5 working days", "2025-03-04 10:00", "2025-03-06 10:00", "2025-03-12 18:00"),
        ("2025-03-03 10:00", "5 working days", "2025-03-04 10:00", "2025-03-04 17:00", "2025-03-10 18:00"),
        ("2025-03-03 10:00", "5 working days", "2025-03-07 10:00", "2025-03-10 10:00", "2025-03-11 18:00"),
        ("2025-03-03 10:00", "5 working days", "2025-03-08 10:00", "2025-03-09 10:00", "2025-03-10 18:00"),
        # without the pause: Tuesday 15:00
        ("2025-03-04 09:00", "4 working hours", "2025-03-04 10:00", "2025-03-04 11:00", "2025-03-04 16:00"),
        ("2025-03-04 09:00", "4 working hours", "2025-03-04 11:00", "2025-03-05 11:00", "2025-03-05 15:00"),
        ("2025-03-04 09:00", "4 working hours", "2025-03-04 12:00", "2025-03-04 14:00", "2025-03-04 15:00"),
        # without the pause: Monday 11:00
        ("2025-03-07 16:00", "4 working hours", "2025-03-07 17:00", "2025-03-10 10:00", "2025-03-10 15:00"),
        ("2025-03-07 16:00", "4 working hours", "2025-03-07 20:00", "2025-03-09 20:00", "2025-03-10 11:00"),
        # without the pause: Monday 10 March; 24 hours: Wednesday 10:00
        ("2025-03-03 10:00", "7 days", "2025-03-04 10:00", "2025-03-07 10:00", "2025-03-13 23:59"),
        ("2025-03-04 10:00", "24 hours", "2025-03-04 20:00", "2025-03-04 23:00", "2025-03-05 13:00"),
    ],
)
def test_a_pause_is_not_counted(start, limit, since, until, end):
    assert due_of(start, limit, pause(since, until)) == end


@pytest.mark.parametrize(
    "limit", ["4 working hours", "3 hours", "1 working day", "1 day", "3 days", "1 month"]
)
def test_a_term_that_has_run_out_is_not_revived_by_a_pause(limit):
    late = pause("2025-06-10 09:00", "2025-06-17 09:00")
    assert due_of("2025-03-04 09:00", limit, late) == due_of("2025-03-04 09:00", limit)


def test_a_pause_on_the_working_day_a_term_was_moved_to_counts():
    """Saturday 8 March moved to Monday 10; on that Monday the term still runs."""
    assert due_of("2025-03-03 10:00", "5 days") == "2025-03-10 23:59"
    assert (
        due_of("2025-03-03 10:00", "5 days", pause("2025-03-10 09:00", "2025-03-13 09:00"))
        > "2025-03-10 23:59"
    )


@pytest.mark.parametrize(
    ("start", "limit", "by", "end"),
    [
        ("2025-03-03 10:00", "5 working days", "5 working days", "2025-03-17 18:00"),
        ("2025-03-03 10:00", "5 days", "3 days", "2025-03-11 23:59"),  # from Saturday 8, not from Monday 10
        ("2025-03-03 10:00", "4 working days", "1 day", "2025-03-10 18:00"),  # Saturday 8 → Monday
        ("2025-01-31 10:00", "1 month", "1 month", "2025-03-31 23:59"),
        ("2025-03-04 09:00", "4 working hours", "2 working hours", "2025-03-04 17:00"),
        ("2025-03-04 09:00", "4 working hours", "1 working day", "2025-03-05 18:00"),
        ("2025-03-04 09:00", "1 working day", "2 working hours", "2025-03-06 18:00"),
    ],
)
def test_an_extension_runs_from_the_end_of_the_term_before_it(start, limit, by, end):
    assert due_of(start, limit, more(by)) == end


def test_pauses_and_extensions_follow_one_another():
    changes: list[Change] = [pause("2025-03-04 10:00", "2025-03-06 10:00"), more("2 working days")]
    assert due_of("2025-03-03 10:00", "5 working days", *changes) == "2025-03-14 18:00"


# --- nothing, and too much --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2025-03-04 20:15", "0 hours", "2025-03-04 20:15"),
        ("2025-03-04 20:15", "0 working hours", "2025-03-04 20:15"),
        ("2025-03-04 20:15", "0 days", "2025-03-04 23:59"),
        ("2025-03-08 20:15", "0 days", "2025-03-10 23:59"),
        ("2025-03-04 10:15", "0 working days", "2025-03-04 18:00"),
        ("2025-03-08 10:15", "0 working days", "2025-03-10 18:00"),
        ("2025-03-04 20:15", "0 working days", "2025-03-05 18:00"),  # work has ended already
    ],
)
def test_no_time_at_all(start, limit, end):
    assert due_of(start, limit) == end


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        ("1999-12-31 10:00", "1 working day"),
        ("1999-12-31 10:00", "1 working hour"),
        ("1999-12-31 10:00", "1 day"),
        ("2046-01-01 10:00", "1 day"),
        ("2046-01-01 10:00", "1 working hour"),
        ("2025-03-04 10:00", "99999 working days"),
        ("2025-03-04 10:00", "99999 working hours"),
        ("2025-03-04 10:00", "99999 days"),
        ("2025-03-04 10:00", "99999 months"),
    ],
)
def test_what_the_calendar_does_not_reach_is_said_and_not_guessed(start, limit):
    with pytest.raises(BeyondCalendar, match="the calendar runs from 2000-01-01 to 2045-12-31"):
        due(at(start), Limit.parse(limit), china())


# --- what always holds ------------------------------------------------------------------------------

starts = st.timedeltas(timedelta(0), timedelta(days=3 * 365)).map(lambda since: at("2024-01-01") + since)
limits = st.one_of(
    st.builds(Limit, st.integers(0, 400), st.sampled_from([s for s in Span if s is not Span.MONTH])),
    st.builds(Limit, st.integers(0, 24), st.just(Span.MONTH)),
)


@given(starts, limits)
def test_nothing_is_due_before_it_begins(start, limit):
    assert due(start, limit, china()) >= start


@given(starts, limits, st.integers(0, 50))
def test_more_time_is_never_due_earlier(start, limit, extra):
    longer = Limit(limit.amount + extra, limit.span)
    assert due(start, longer, china()) >= due(start, limit, china())


@given(starts, st.timedeltas(timedelta(0), timedelta(days=40)), limits)
def test_what_begins_later_is_never_due_earlier(start, later, limit):
    assert due(start + later, limit, china()) >= due(start, limit, china())


hours_of_a_year = st.floats(0, 24 * 366)


@given(starts, limits, hours_of_a_year, hours_of_a_year)
def test_a_pause_never_makes_it_earlier(start, limit, wait, length):
    since = start + timedelta(hours=wait)
    paused = Pause(since, since + timedelta(hours=length))
    assert due(start, limit, china(), [paused]) >= due(start, limit, china())


@given(starts, limits, limits)
def test_an_extension_never_makes_it_earlier(start, limit, by):
    assert due(start, limit, china(), [Extension(by)]) >= due(start, limit, china())


@given(starts, st.timedeltas(timedelta(0), timedelta(days=400)), st.floats(0, 1))
def test_working_time_adds_up(start, length, share):
    middle, end = start + length * share, start + length
    count = china().working_seconds_between
    assert count(start, middle) + count(middle, end) == pytest.approx(count(start, end), abs=1e-3)


@given(starts, st.integers(0, 7 * 3600 * 300))
def test_counting_working_time_is_the_inverse_of_adding_it(start, seconds):
    end = china().after_working_seconds(start, seconds)
    assert china().working_seconds_between(start, end) == pytest.approx(seconds, abs=1e-3)


@given(starts, st.integers(1, 300))
def test_counting_working_days_is_the_inverse_of_adding_them(start, count):
    day = start.date()
    assert china().working_days_between(day, china().working_day_after(day, count)) == count


@given(starts, limits)
def test_terms_of_days_end_on_a_working_day(start, limit):
    assume(limit.span in (Span.DAY, Span.WORKING_DAY, Span.MONTH))
    assert china().is_working(china().local(due(start, limit, china())).date())


@given(starts, limits, st.lists(st.one_of(limits.map(Extension), st.just("pause")), max_size=3))
def test_every_due_time_is_explained_in_both_languages(start, limit, turns):
    changes = [
        Pause(start + timedelta(days=n), start + timedelta(days=n, hours=5), f"why {n}")
        if t == "pause"
        else t
        for n, t in enumerate(turns)
    ]
    steps = explain(start, limit, china(), changes)
    assert all(step.zh.strip() and step.en.strip() for step in steps)
    assert sum("暂停" in s.zh and "Paused" in s.en for s in steps) == sum(
        isinstance(c, Pause) for c in changes
    )
    assert sum("延长" in s.zh and "Extended" in s.en for s in steps) == sum(
        isinstance(c, Extension) for c in changes
    )
    end = china().local(due(start, limit, china(), changes))
    (last,) = [step for step in steps if step.zh.startswith("因此")]
    assert f"{end.year}年{end.month}月{end.day}日 {end:%H:%M}" in last.zh
    assert f"{end.day} {end:%b} {end.year}, {end:%H:%M}" in last.en


# --- explaining -------------------------------------------------------------------------------------


def said(start: str, limit: str, *changes: Change, basis: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(step.zh, step.en) for step in explain(at(start), Limit.parse(limit), china(), changes, basis)]


def test_an_explanation_tells_what_was_not_counted():
    assert said("2025-01-24 10:00", "3 working days", basis=("条例 12",)) == [
        ("自 2025年1月24日 10:00 起算，3 个工作日", "3 working days from 24 Jan 2025, 10:00"),
        ("开始当日不计入", "The day it began is not counted"),
        ("周末 1 天不计", "1 weekend day is not counted"),
        ("春节 8 天不计", "Spring Festival: 8 days are not counted"),
        ("1月26日调休上班，计入", "26 Jan is a moved working day and counts"),
        ("因此于 2025年2月5日 18:00 到期", "So it is due on 5 Feb 2025, 18:00"),
        ("依据：条例 12", "By: 条例 12"),
    ]


def test_an_explanation_tells_pauses_and_extensions_with_their_reasons():
    lines = said(
        "2025-03-03 10:00",
        "5 working days",
        pause("2025-03-04 10:00", "2025-03-06 10:00"),
        more("2 working days"),
    )
    assert (
        "2025年3月4日 10:00 至 2025年3月6日 10:00 暂停，不计（waiting for parts）",
        "Paused from 4 Mar 2025, 10:00 to 6 Mar 2025, 10:00 (waiting for parts); not counted",
    ) in lines
    assert (
        "延长 2 个工作日，至 2025年3月14日 18:00（hard case）",
        "Extended by 2 working days, to 14 Mar 2025, 18:00 (hard case)",
    ) in lines
    assert lines[-1] == ("因此于 2025年3月14日 18:00 到期", "So it is due on 14 Mar 2025, 18:00")


def test_an_explanation_cites_the_rule_by_which_an_end_moves():
    lines = said("2025-01-20 10:00", "10 days")
    assert any("《民法典》第二百零三条" in zh and "30 Jan" in en for zh, en in lines)
    assert not any("第二百零三条" in zh for zh, _ in said("2025-03-03 10:00", "10 days"))


def test_an_explanation_says_where_holidays_are_not_announced_yet():
    assert any("2026" in en and "not announced" in en for _, en in said("2026-12-28 10:00", "9 working days"))
    assert not any("not announced" in en for _, en in said("2026-12-01 10:00", "9 working days"))


def test_an_explanation_of_hours_names_the_working_hours():
    assert (
        "只计工作时间 09:00–12:00、14:00–18:00",
        "Only working hours count: 09:00–12:00, 14:00–18:00",
    ) in said("2025-03-04 09:00", "4 working hours")


def test_instants_are_given_in_utc():
    assert due(at("2025-03-04 09:00"), Limit.parse("1 working hour"), china()) == datetime(
        2025, 3, 4, 2, tzinfo=UTC
    )
