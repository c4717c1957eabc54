"""Time limits on a working calendar: when they are due, how pauses and extensions move them, and why.

Counting follows 民法典 200–203: the day of the event is not counted, a month runs to the same day of a
later month or to its last day, and a term of days or months whose last day is a holiday ends on the next
working day, unless the term is firm. Terms of working days end when work ends on the last of them.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from mumian.engine.limits import Limit, Span
from mumian.errors import MumianError

Interval = tuple[time, time]

OFFICE_HOURS: tuple[Interval, ...] = ((time(9), time(12)), (time(14), time(18)))
END_OF_DAY = time(23, 59, 59)
COUNTING: Mapping[str, str] = {"zh": "《民法典》第二百零三条", "en": "Civil Code 203"}
"""The rule by which days are counted where a definition names no other."""


class BeyondCalendar(MumianError):
    """A date for which the calendar cannot say what is a working day."""


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """When work is done: hours by weekday, and the days that differ (holidays, moved working days).

    `days` maps a date to `(is a working day, name of the holiday or reason)`. `first` and `last` bound
    what can be reckoned; `known` is the last day for which moved days have been announced.
    """

    name: str
    zone: ZoneInfo
    hours: tuple[Interval, ...] = OFFICE_HOURS
    weekdays: frozenset[int] = frozenset(range(5))
    days: Mapping[date, tuple[bool, str]] = field(default_factory=dict)
    first: date = date(2000, 1, 1)
    last: date = date(2045, 12, 31)
    known: date | None = None

    def is_working(self, day: date) -> bool:
        """Whether work is done on a day."""
        said = self.days.get(day)
        return said[0] if said else day.weekday() in self.weekdays

    def why(self, day: date) -> str:
        """The name of the holiday or of the moved day, or nothing for an ordinary day or weekend."""
        said = self.days.get(day)
        return said[1] if said else ""

    def local(self, at: datetime) -> datetime:
        """An instant on the calendar's wall clock."""
        return at.astimezone(self.zone)

    def at(self, day: date, when: time) -> datetime:
        """An instant in UTC, given on the calendar's wall clock."""
        return datetime.combine(day, when, self.zone).astimezone(UTC)

    def closing(self, day: date) -> datetime:
        """When work ends on a day."""
        return self.at(day, self.hours[-1][1])

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; for 0, `day` itself or the next working day."""
        days = self._working_days
        self.within(day)
        index = (
            bisect_left(days, day.toordinal())
            if count == 0
            else bisect_right(days, day.toordinal()) + count - 1
        )
        if index >= len(days):
            raise self.beyond(day)
        return date.fromordinal(days[index])

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after one day, up to and with another."""
        days = self._working_days
        return max(0, bisect_right(days, until.toordinal()) - bisect_right(days, after.toordinal()))

    def working_seconds_between(self, start: datetime, end: datetime) -> float:
        """Seconds of working time between two instants."""
        return max(0.0, self._worked(end.timestamp()) - self._worked(start.timestamp()))

    def after_working_seconds(self, start: datetime, seconds: float) -> datetime:
        """The instant at which so much working time has passed since `start`."""
        starts, sums = self._opening
        began = start.timestamp()
        if not starts[0] <= began < starts[-1]:
            raise self.beyond(self.local(start).date())
        if seconds <= 0:
            return start
        target = self._worked(began) + seconds
        index = max(bisect_left(sums, target) - 1, 0)
        if index + 1 >= len(sums):
            raise self.beyond(self.local(start).date())
        return datetime.fromtimestamp(starts[index] + target - sums[index], UTC)

    def _worked(self, instant: float) -> float:
        starts, sums = self._opening
        index = bisect_right(starts, instant) - 1
        if index < 0:
            return 0.0
        return sums[index] + min(instant - starts[index], sums[index + 1] - sums[index])

    @cached_property
    def _working_days(self) -> list[int]:
        ordinals = range(self.first.toordinal(), self.last.toordinal() + 1)
        return [ordinal for ordinal in ordinals if self.is_working(date.fromordinal(ordinal))]

    @cached_property
    def _opening(self) -> tuple[list[float], list[float]]:
        """Starts of all working intervals, and the working seconds before each (one more at the end)."""
        starts: list[float] = []
        sums = [0.0]
        for ordinal in self._working_days:
            day = date.fromordinal(ordinal)
            for opens, closes in self.hours:
                start = datetime.combine(day, opens, self.zone).timestamp()
                starts.append(start)
                sums.append(sums[-1] + datetime.combine(day, closes, self.zone).timestamp() - start)
        return starts, sums

    def within(self, day: date) -> None:
        """Raises `BeyondCalendar` for a day that cannot be reckoned with."""
        if not self.first <= day <= self.last:
            raise self.beyond(day)

    def beyond(self, day: date) -> BeyondCalendar:
        """The error for reckoning from `day`."""
        return BeyondCalendar(
            f"{day} in calendar {self.name}",
            reason=f"the calendar runs from {self.first} to {self.last}",
            cure="Give a date within it, or lengthen the calendar",
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count, from one instant to another, with its reason."""

    since: datetime
    until: datetime
    reason: str = ""
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, running from the end of the term before it (检察规则 309)."""

    by: Limit
    reason: str = ""
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Anew:
    """That the term began once more, and what had been added to it before is over: moves nothing by itself."""

    at: datetime
    reason: str = ""
    basis: tuple[str, ...] = ()


Change = Pause | Extension | Anew


def due(start: datetime, limit: Limit, calendar: WorkingCalendar, changes: Iterable[Change] = ()) -> datetime:
    """When a limit that began at `start` ends; an instant in UTC.

    Only the final end moves off a holiday. A term that has run out is not revived by a pause, and is never
    over before it began. Raises `BeyondCalendar` outside the calendar.
    """
    span = limit.span
    if span in (Span.DAY, Span.WORKING_DAY, Span.MONTH):
        end = _last_day(calendar.local(start).date(), limit, calendar, changes)
        over = _over(end, limit, calendar)
        return over if over >= start else _over(calendar.working_day_after(end, 1), limit, calendar)
    instant = _instant_after(start, limit, calendar)
    for change in changes:
        instant = _move_instant(instant, span, change, calendar)
    return instant


def _last_day(day: date, limit: Limit, calendar: WorkingCalendar, changes: Iterable[Change]) -> date:
    """The last day of a term, before it moves off a holiday.

    Months added to months end on the day of the month the term began on, and where the end of the term before
    leads elsewhere (from 30 December over 28 February to 31 March), on the earlier day: never later than either.
    """
    end, months = _day_after(day, limit, calendar), limit.amount
    of_months = limit.span is Span.MONTH and not limit.days
    for change in changes:
        end = _move_day(end, limit, change, calendar)
        if (
            isinstance(change, Extension)
            and of_months
            and change.by.span is Span.MONTH
            and not change.by.days
        ):
            months += change.by.amount
            end = min(end, _months_after(day, months))
        elif not isinstance(change, Anew):
            of_months = False
    return end


@lru_cache(maxsize=8192)
def due_simply(start: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """`due` without changes, remembered: a batch starts many clocks at one moment."""
    return due(start, limit, calendar)


@lru_cache(maxsize=8192)
def _over(day: date, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """When a term of days is over whose last day is `day`: on that day, or on the next working day unless firm."""
    calendar.within(day)
    last = day if limit.firm else calendar.working_day_after(day, 0)
    return calendar.closing(last) if limit.span is Span.WORKING_DAY else calendar.at(last, END_OF_DAY)


def _day_after(day: date, limit: Limit, calendar: WorkingCalendar) -> date:
    calendar.within(day)
    if limit.span is Span.WORKING_DAY:
        return calendar.working_day_after(day, limit.amount)
    if limit.span is Span.DAY:
        return day + timedelta(days=limit.amount)
    if day.year + limit.amount // 12 > calendar.last.year:
        raise calendar.beyond(day)
    return _months_after(day, limit.amount) + timedelta(days=limit.days)


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day; from a month's last day to a last day (刑诉法解释 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    began_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if began_last else min(day.day, last))


def _move_day(end: date, limit: Limit, change: Change, calendar: WorkingCalendar) -> date:
    if isinstance(change, Anew):
        return end
    if isinstance(change, Extension):
        if change.by.span in (Span.DAY, Span.WORKING_DAY, Span.MONTH):
            return _day_after(end, change.by, calendar)
        return calendar.local(_instant_after(calendar.at(end, END_OF_DAY), change.by, calendar)).date()
    if change.since > _over(end, limit, calendar):
        return end
    since, until = calendar.local(change.since).date(), calendar.local(change.until).date()
    if limit.span is Span.WORKING_DAY:
        return calendar.working_day_after(end, calendar.working_days_between(since, until))
    return end + (until - since)


def _instant_after(start: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    match limit.span:
        case Span.MINUTE:
            return start + timedelta(minutes=limit.amount)
        case Span.HOUR:
            return start + timedelta(hours=limit.amount)
        case Span.FULL_HOUR:
            return _next_hour(start) + timedelta(hours=limit.amount)
        case Span.WORKING_MINUTE:
            return calendar.after_working_seconds(start, limit.amount * 60)
        case Span.WORKING_HOUR:
            return calendar.after_working_seconds(start, limit.amount * 3600)
        case _:
            return due(start, limit, calendar)


def _next_hour(at: datetime) -> datetime:
    """The full hour after an instant; zones lie a whole number of minutes apart, and China's of hours."""
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _move_instant(end: datetime, span: Span, change: Change, calendar: WorkingCalendar) -> datetime:
    if isinstance(change, Anew):
        return end
    if isinstance(change, Extension):
        by = change.by if change.by.span is not Span.FULL_HOUR else Limit(change.by.amount, Span.HOUR)
        return _instant_after(end, by, calendar)
    if change.since >= end:
        return end
    if span in (Span.WORKING_MINUTE, Span.WORKING_HOUR):
        left = calendar.working_seconds_between(change.since, end)
        return calendar.after_working_seconds(change.until, left)
    return end + (change.until - change.since)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation, in each language."""

    zh: str
    en: str


def explain(
    start: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    changes: Iterable[Change] = (),
    basis: Iterable[str] = (),
    counting: Mapping[str, str] = COUNTING,
) -> list[Step]:
    """How a due time came about: where it began, what was not counted, what moved it, by which rule.

    `counting` names the rule by which days are counted, in each language.
    """
    changes = list(changes)
    words = limit.words()
    began, ends = calendar.local(start), calendar.local(due(start, limit, calendar, changes))
    steps = [Step(f"自 {_zh(began)} 起算，{words['zh']}", f"{words['en']} from {_en(began)}")]
    if limit.span in (Span.DAY, Span.WORKING_DAY, Span.MONTH):
        steps.append(Step("开始当日不计入", "The day it began is not counted"))
    if limit.span is Span.FULL_HOUR:
        first = calendar.local(_next_hour(start))
        steps.append(
            Step(
                f"开始的小时不计入，自 {_zh(first)} 起计时，夜间和节假日照计",
                f"The hour it began in is not counted: hours run from {_en(first)}, through nights and holidays",
            )
        )
    if limit.span in (Span.WORKING_DAY, Span.WORKING_HOUR, Span.WORKING_MINUTE):
        steps.extend(_days_off(began.date(), ends.date(), calendar))
    if limit.span in (Span.WORKING_HOUR, Span.WORKING_MINUTE):
        spans = "、".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in calendar.hours)
        steps.append(Step(f"只计工作时间 {spans}", f"Only working hours count: {spans.replace('、', ', ')}"))
    for position, change in enumerate(changes):
        steps.append(_changed(change, calendar, due(start, limit, calendar, changes[: position + 1])))
    if limit.span in (Span.DAY, Span.WORKING_DAY, Span.MONTH):
        steps.extend(_rolled(start, limit, calendar, changes, counting))
    steps.append(Step(f"因此于 {_zh(ends)} 到期", f"So it is due on {_en(ends)}"))
    if calendar.known and ends.date() > calendar.known:
        steps.append(
            Step(
                f"{calendar.known.year} 年之后的节假日安排尚未公布，暂按周末计算",
                f"Holidays after {calendar.known.year} are not announced yet; weekends alone are counted",
            )
        )
    if basis := list(basis):
        steps.append(Step("依据：" + "；".join(basis), "By: " + "; ".join(basis)))
    return steps


def _days_off(first: date, last: date, calendar: WorkingCalendar) -> Iterable[Step]:
    weekends, named, moved = 0, dict[str, int](), list[date]()
    for ordinal in range(first.toordinal() + 1, min(last.toordinal(), first.toordinal() + 800) + 1):
        day = date.fromordinal(ordinal)
        if calendar.is_working(day):
            if day.weekday() not in calendar.weekdays:
                moved.append(day)
        elif name := calendar.why(day):
            named[name] = named.get(name, 0) + 1
        else:
            weekends += 1
    if weekends:
        yield Step(f"周末 {weekends} 天不计", f"{weekends} {_are('weekend day', weekends)} not counted")
    for name, count in named.items():
        zh, _, en = name.partition(" / ")
        yield Step(f"{zh} {count} 天不计", f"{en or zh}: {count} {_are('day', count)} not counted")
    for day in moved:
        yield Step(
            f"{day.month}月{day.day}日调休上班，计入", f"{day.day} {day:%b} is a moved working day and counts"
        )


def _are(thing: str, count: int) -> str:
    return f"{thing} is" if count == 1 else f"{thing}s are"


def _changed(change: Change, calendar: WorkingCalendar, now_due: datetime) -> Step:
    ends = calendar.local(now_due)
    because = "；".join(filter(None, [change.reason, *change.basis]))
    zh, en = (f"（{because}）", f" ({because})") if because else ("", "")
    if isinstance(change, Anew):
        at = calendar.local(change.at)
        return Step(
            f"{_zh(at)} 重新计算期限，此前的延长不再适用{zh}",
            f"Began anew on {_en(at)}; what was added before is over{en}",
        )
    if isinstance(change, Extension):
        words = change.by.words()
        return Step(
            f"延长 {words['zh']}，至 {_zh(ends)}{zh}", f"Extended by {words['en']}, to {_en(ends)}{en}"
        )
    since, until = calendar.local(change.since), calendar.local(change.until)
    return Step(
        f"{_zh(since)} 至 {_zh(until)} 暂停，不计{zh}",
        f"Paused from {_en(since)} to {_en(until)}{en}; not counted",
    )


def _rolled(
    start: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    changes: list[Change],
    counting: Mapping[str, str],
) -> Iterable[Step]:
    end = _last_day(calendar.local(start).date(), limit, calendar, changes)
    if calendar.is_working(end):
        return
    day_zh, day_en = (
        f"最后一日 {end.month}月{end.day}日为休息日",
        f"The last day, {end.day} {end:%b}, is a day off",
    )
    if limit.firm:
        yield Step(
            f"{day_zh}，但在押期间的期限不顺延（{counting['zh']}）",
            f"{day_en}, but a term in custody does not move ({counting['en']})",
        )
    else:
        yield Step(
            f"{day_zh}，顺延至下一工作日（{counting['zh']}）",
            f"{day_en}, so it moves to the next working day ({counting['en']})",
        )


def _zh(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _en(at: datetime) -> str:
    return f"{at.day} {at:%b} {at.year}, {at:%H:%M}"
