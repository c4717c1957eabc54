"""From a row as it stands in a file to a report in our terms: a mapping compiled once into a fast function.

It looks nothing up: places, kinds and units are as the file names them, points in the system of the file.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mumian.intake.checks import Times, Values, make_check
from mumian.intake.mapping import (
    ALWAYS,
    EndSpec,
    ExtraSpec,
    Mapping,
    PathSpec,
    PointSpec,
    TimeSpec,
    ValueSpec,
)
from mumian.intake.problems import Fault, Found, Problem, Rejection, problem
from mumian.intake.reading import RawRow
from mumian.intake.times import time_parser

Extra = str | int | Decimal | bool | datetime


@dataclass(frozen=True, slots=True)
class End:
    """How far a matter came: a path through its procedure, and its outcome if it was closed."""

    scenario: str | None
    """A scenario of the procedure; else `actions` says the path."""
    actions: tuple[str, ...]
    outcome: str | None
    on_time: bool | None
    """What the file says. Without a close time, it was closed just within the due time, or just after it."""


class Report(NamedTuple):
    """A report as a row tells it. Times are in UTC; what the row does not say is `None` or empty.

    A tuple because one is made for every row: a frozen dataclass of so many fields takes four times as long.
    """

    line: int
    key: str
    """Knows the row again within its source: the text of its key column; of several, a JSON list."""
    what: str
    lon: float | None
    lat: float | None
    """Degrees, in the coordinate system that the mapping names."""
    place_code: str | None
    place_names: tuple[str, ...]
    """From the highest level named down; one that the row leaves out is empty text."""
    place_ids: tuple[str, ...]
    """The city's own ids of those places, in the same order."""
    kind: str | None
    """The code of the kind; `None` leaves it to the text."""
    kind_titles: tuple[str, ...]
    """The titles of the kind's levels, so that a city's own catalogue can be made from its rows."""
    unit_code: str | None
    unit_name: str | None
    channel: str | None
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    end: End | None
    """`None`: it was reported, and that is all that is known."""
    extra: dict[str, Extra]
    notes: tuple[Problem, ...]
    """What is odd about the row without keeping it out."""


def compile_mapping(
    mapping: Mapping, *, now: datetime | None = None
) -> Callable[[RawRow], Report | Rejection]:
    """The function that reads a row by this mapping; rows must have its columns (`require_columns`).

    A rejection names every problem of its row. `now` bounds what counts as the future.
    """
    absent = frozenset({"", *mapping.absent})
    zone = ZoneInfo(mapping.zone)
    now = now or datetime.now(UTC)

    key = _key(mapping.key, absent)
    what = _text(mapping.what, absent, "what", required=True)
    channel = _text(mapping.channel, absent, "channel")
    place_code = _text(mapping.place.code, absent, "place.code")
    names, ids = _all_of(mapping.place.names, absent), _all_of(mapping.place.ids, absent)
    point = _point(mapping.place.point, absent)
    kind = _text(mapping.kind.code if mapping.kind else None, absent, "kind.code")
    titles = _all_of(mapping.kind.titles if mapping.kind else [], absent)
    unit_code = _text(mapping.unit.code, absent, "unit.code")
    unit_name = _text(mapping.unit.name, absent, "unit.name")
    reported = _time(mapping.times.reported, absent, "times.reported", zone, required=True)
    due = _time(mapping.times.due, absent, "times.due", zone)
    closed = _time(mapping.times.closed, absent, "times.closed", zone)
    end = _end(mapping, absent)
    extras = [(name, _extra(spec, absent, f"extra.{name}", zone)) for name, spec in mapping.extra.items()]
    checks = [
        make_check(spec, mapping, absent=absent, zone=zone, now=now) for spec in (*ALWAYS, *mapping.checks)
    ]
    place_columns = ", ".join(column for key, column in mapping.columns() if key.startswith("place."))
    place_required = mapping.place.required

    def read(row: RawRow) -> Report | Rejection:
        line, values = row
        found = Found()
        times = reported(values, found), due(values, found), closed(values, found)
        lon, lat = point(values, found)
        code, named = place_code(values, found), names(values)
        if lon is None and not code and not named:
            (found.wrong if place_required else found.notes).append(
                problem(Fault.NO_PLACE, place_columns, "")
            )
        for check in checks:
            check(values, times, found)
        report = Report(
            line,
            key(values, found),
            what(values, found) or "",
            lon,
            lat,
            code,
            named,
            ids(values) if named else (),
            kind(values, found),
            titles(values),
            unit_code(values, found),
            unit_name(values, found),
            channel(values, found),
            times[0] or now,
            times[1],
            times[2],
            end(values, times, found),
            {name: value for name, get in extras if (value := get(values, found)) is not None},
            tuple(found.notes),
        )
        return Rejection(line, tuple(found.wrong)) if found.wrong else report

    return read


_Text = Callable[[Values, Found], str | None]


# ── texts ─────────────────────────────────────────────────────────────────────────────────────────────────


def _source(spec: ValueSpec, absent: frozenset[str]) -> _Text:
    """The text a value is made from, stripped; `None` where it is absent."""
    columns = spec.columns
    if spec.constant is not None:
        constant = spec.constant
        return lambda values, found: constant
    if spec.column is not None:
        column = spec.column

        def from_column(values: Values, found: Found) -> str | None:
            text = values[column].strip()
            return None if text in absent else text

        return from_column
    template = re.sub(r"\{[^{}]+\}", "{}", spec.join) if spec.join is not None else None

    def from_several(values: Values, found: Found) -> str | None:
        texts = [values[column].strip() for column in columns]
        if not absent.isdisjoint(texts):
            if template is not None:
                return None
            texts = [text for text in texts if text not in absent]
            if not texts:
                return None
        if template is not None:
            return template.format(*texts)
        return texts[0] if spec.first is not None else spec.between.join(texts)

    return from_several


def _text(spec: ValueSpec | None, absent: frozenset[str], key: str, *, required: bool = False) -> _Text:
    if spec is None:
        return lambda values, found: None
    source, columns = _source(spec, absent), ", ".join(spec.columns)
    table, otherwise, longest = spec.table, spec.otherwise, spec.max
    needed = required or spec.required
    if table is None and longest is None and not needed:
        return source

    def get(values: Values, found: Found) -> str | None:
        text = source(values, found)
        if text is None:
            if needed:
                found.wrong.append(problem(Fault.EMPTY, columns, ""))
            return None
        if table is not None:
            if text in table:
                text = table[text]
            elif otherwise is not None:
                text = otherwise
            else:
                found.wrong.append(_unknown(columns, text, table, f"{key}.table"))
        if longest is not None and len(text) > longest:
            found.notes.append(problem(Fault.CUT, columns, text, max=longest))
            text = text[:longest]
        return text

    return get


def _unknown(column: str, text: str, known: Iterable[str], key: str) -> Problem:
    some = list(islice(known, 12))
    listed = ", ".join(some) + (", …" if len(some) == 12 else "")
    return problem(Fault.UNKNOWN_WORD, column, text, known=listed, key=key)


def _all_of(columns: list[str], absent: frozenset[str]) -> Callable[[Values], tuple[str, ...]]:
    """The texts of all columns, absent ones empty; nothing if all are."""
    if not columns:
        return lambda values: ()

    def get(values: Values) -> tuple[str, ...]:
        texts = [values[column].strip() for column in columns]
        if absent.isdisjoint(texts):
            return tuple(texts)
        texts = ["" if text in absent else text for text in texts]
        return tuple(texts) if any(texts) else ()

    return get


def _key(columns: list[str], absent: frozenset[str]) -> Callable[[Values, Found], str]:
    def get(values: Values, found: Found) -> str:
        texts = [values[column].strip() for column in columns]
        for column, text in zip(columns, texts, strict=True):
            if text in absent:
                found.wrong.append(problem(Fault.EMPTY, column, text))
        return texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)

    return get


# ── times, numbers, points ────────────────────────────────────────────────────────────────────────────────


def _time(
    spec: TimeSpec | None, absent: frozenset[str], key: str, zone: ZoneInfo, *, required: bool = False
) -> Callable[[Values, Found], datetime | None]:
    if spec is None:
        return lambda values, found: None
    text_of = _text(spec, absent, key, required=required)
    parse = time_parser(spec.formats, ZoneInfo(spec.zone) if spec.zone else zone, spec.at)
    columns, formats = ", ".join(spec.columns), ", ".join([*spec.formats, "ISO 8601"])

    def get(values: Values, found: Found) -> datetime | None:
        text = text_of(values, found)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError):
            found.wrong.append(problem(Fault.BAD_TIME, columns, text, formats=formats, key=f"{key}.formats"))
            return None

    return get


def _extra(
    spec: ExtraSpec, absent: frozenset[str], key: str, zone: ZoneInfo
) -> Callable[[Values, Found], Extra | None]:
    if spec.type == "text":
        return _text(spec, absent, key)
    if spec.type == "time":
        return _time(spec, absent, key, zone)
    text_of, columns = _text(spec, absent, key), ", ".join(spec.columns)
    words: dict[str, bool] = {word.lower(): word in spec.true for word in (*spec.false, *spec.true)}

    def get(values: Values, found: Found) -> Extra | None:
        text = text_of(values, found)
        if text is None:
            return None
        if spec.type == "boolean":
            if text.lower() not in words:
                found.wrong.append(_unknown(columns, text, [*spec.true, *spec.false], f"{key}.true"))
            return words.get(text.lower())
        try:
            return _number(text, whole=spec.type == "integer")
        except ValueError:
            found.wrong.append(problem(Fault.BAD_NUMBER, columns, text))
            return None

    return get


_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


def _number(text: str, *, whole: bool) -> int | Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    number = Decimal(text.replace(",", ""))
    if not whole:
        return number
    if number != int(number):
        raise ValueError(text)
    return int(number)


_Point = tuple[float, float] | tuple[None, None]
_NOWHERE: _Point = None, None


def _point(spec: PointSpec | None, absent: frozenset[str]) -> Callable[[Values, Found], _Point]:
    if spec is None:
        return lambda values, found: _NOWHERE
    lon_column, lat_column, columns = spec.lon, spec.lat, f"{spec.lon}, {spec.lat}"
    west, south, east, north = spec.bounds or (-180.0, -90.0, 180.0, 90.0)

    def get(values: Values, found: Found) -> _Point:
        texts = values[lon_column].strip(), values[lat_column].strip()
        if texts[0] in absent or texts[1] in absent:
            if texts[0] not in absent or texts[1] not in absent:
                found.wrong.append(problem(Fault.HALF_A_POINT, columns, ", ".join(texts)))
            return _NOWHERE
        try:
            lon, lat = float(texts[0]), float(texts[1])
        except ValueError:
            found.wrong.append(problem(Fault.BAD_NUMBER, columns, ", ".join(texts)))
            return _NOWHERE
        if west <= lon <= east and south <= lat <= north:
            return (lon, lat) if lon or lat else _NOWHERE
        if lon == lat == 0:
            return _NOWHERE
        if -180 <= lon <= 180 and -90 <= lat <= 90:
            bounds = f"{west}…{east}, {south}…{north}"
            found.wrong.append(problem(Fault.OUTSIDE, columns, ", ".join(texts), bounds=bounds))
        else:
            found.wrong.append(problem(Fault.BAD_DEGREES, columns, ", ".join(texts)))
        return _NOWHERE

    return get


# ── the end ───────────────────────────────────────────────────────────────────────────────────────


def _end(mapping: Mapping, absent: frozenset[str]) -> Callable[[Values, Times, Found], End | None]:
    spec = mapping.end
    if spec is None:
        return lambda values, times, found: None
    column, words = spec.column, {word: _ends(path) for word, path in spec.words.items()}
    by_time = {True: _ends(spec.closed), False: _ends(spec.open)}
    closed_column = ", ".join(mapping.times.closed.columns) if mapping.times.closed else ""
    on_time_of = _on_time(spec, absent)

    def get(values: Values, times: Times, found: Found) -> End | None:
        _, due_at, closed_at = times
        status = values[column].strip() if column is not None else ""
        if status not in absent:
            if status not in words:
                found.wrong.append(_unknown(column or "", status, words, "end.words"))
                return None
            ends = words[status]
        else:
            ends = by_time[closed_at is not None]
        on_time = on_time_of(values, found)
        end = ends[on_time] if ends else None
        if end is None or end.outcome is None:
            if closed_at is not None:
                found.wrong.append(problem(Fault.OPEN_WITH_TIME, column or closed_column, status))
        elif closed_at is None:
            if on_time is None and not any(each.fault is Fault.BAD_TIME for each in found.wrong):
                found.wrong.append(problem(Fault.CLOSED_WITHOUT_TIME, closed_column or column or "", status))
        elif on_time is not None and due_at is not None and on_time is not (closed_at <= due_at):
            on_time_column = spec.on_time.column if spec.on_time else ""
            found.notes.append(problem(Fault.ON_TIME_DIFFERS, on_time_column, values[on_time_column]))
        return end

    return get


def _ends(path: PathSpec | None) -> dict[bool | None, End] | None:
    """The three ends of a path: in time, late, not said. They are made once and shared by all rows."""
    if path is None:
        return None
    return {
        on_time: End(path.scenario, tuple(path.actions), path.outcome, on_time)
        for on_time in (None, True, False)
    }


def _on_time(spec: EndSpec, absent: frozenset[str]) -> Callable[[Values, Found], bool | None]:
    if spec.on_time is None:
        return lambda values, found: None
    column = spec.on_time.column
    words = dict.fromkeys(spec.on_time.true, True) | dict.fromkeys(spec.on_time.false, False)

    def get(values: Values, found: Found) -> bool | None:
        word = values[column].strip()
        if word in words:
            return words[word]
        if word not in absent:
            found.wrong.append(_unknown(column, word, words, "end.on_time"))
        return None

    return get
