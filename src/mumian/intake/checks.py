"""What a report cannot be: the checks of a mapping, made into functions of a row and its times."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from mumian.intake.mapping import (
    AnyCheck,
    Mapping,
    OrderCheck,
    PatternCheck,
    RangeCheck,
    TimeSpec,
    WordsCheck,
)
from mumian.intake.problems import Fault, Found, Problem, problem

Values = dict[str, str]
"""A row: column and text."""
Times = tuple[datetime | None, datetime | None, datetime | None]
"""Reported, due and closed."""
Check = Callable[[Values, Times, Found], None]


def make_check(
    spec: AnyCheck, mapping: Mapping, *, absent: frozenset[str], zone: ZoneInfo, now: datetime
) -> Check:
    """The check as a function that adds to what was found. `now` is what a bound of `now` means."""
    match spec:
        case OrderCheck():
            return _order(spec, mapping, zone)
        case RangeCheck():
            return _range(spec, mapping, zone, now)
        case WordsCheck():
            return _words(spec)
        case PatternCheck():
            return _matches(spec, absent)


_AT = {"reported": 0, "due": 1, "closed": 2}
_ZH = {"reported": "报告时间", "due": "应办结时间", "closed": "办结时间"}


def _order(spec: OrderCheck, mapping: Mapping, zone: ZoneInfo) -> Check:
    first, then = _AT[spec.first], _AT[spec.then]
    columns = _time_columns(mapping, spec.then)

    def check(values: Values, times: Times, found: Found) -> None:
        before, after = times[first], times[then]
        if before is not None and after is not None and after < before:
            said = {
                "first": spec.first, "first_zh": _ZH[spec.first],
                "then": spec.then, "then_zh": _ZH[spec.then],
            }  # fmt: skip
            text = " ".join(values[column] for column in columns)
            _tell(
                spec,
                found,
                problem(Fault.OUT_OF_ORDER, ", ".join(columns), text, bound=_shown(before, zone), **said),
            )

    return check


def _range(spec: RangeCheck, mapping: Mapping, zone: ZoneInfo, now: datetime) -> Check:
    place, columns = _AT[spec.time], _time_columns(mapping, spec.time)
    since, until = _moment(spec.since, zone, now), _moment(spec.until, zone, now)

    def check(values: Values, times: Times, found: Found) -> None:
        moment = times[place]
        if moment is None:
            return
        if since is not None and moment < since:
            fault, bound = Fault.TOO_EARLY, since
        elif until is not None and moment > until:
            fault, bound = Fault.TOO_LATE, until
        else:
            return
        text = " ".join(values[column] for column in columns)
        said = {"time": spec.time, "time_zh": _ZH[spec.time], "bound": _shown(bound, zone)}
        _tell(spec, found, problem(fault, ", ".join(columns), text, **said))

    return check


def _words(spec: WordsCheck) -> Check:
    refused, column = frozenset(spec.words), spec.column

    def check(values: Values, times: Times, found: Found) -> None:
        if (text := values[column].strip()) in refused:
            _tell(spec, found, problem(Fault.REFUSED_WORD, column, text))

    return check


def _matches(spec: PatternCheck, absent: frozenset[str]) -> Check:
    pattern, column = re.compile(spec.pattern), spec.column

    def check(values: Values, times: Times, found: Found) -> None:
        if (text := values[column].strip()) not in absent and not pattern.fullmatch(text):
            _tell(spec, found, problem(Fault.NO_MATCH, column, text, pattern=spec.pattern))

    return check


def _tell(spec: AnyCheck, found: Found, what: Problem) -> None:
    """Keeps a problem, in the check's own words where it has any."""
    said = replace(what, reason=spec.reason or what.reason, cure=spec.cure or what.cure)
    (found.notes if spec.note else found.wrong).append(said)


def _time_columns(mapping: Mapping, name: str) -> list[str]:
    spec: TimeSpec | None = getattr(mapping.times, name)
    return spec.columns if spec else []


def _moment(bound: datetime | date | str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    match bound:
        case None:
            return None
        case datetime():
            return bound if bound.tzinfo else bound.replace(tzinfo=zone)
        case date():
            return datetime.combine(bound, time.min, zone)
        case _:
            return now


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
