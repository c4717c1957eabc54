"""The places of a table: one a row with its code and name, or one a level in each row."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from mumian.errors import MumianError
from mumian.place.codes import Level, normalise, within
from mumian.place.columns import Columns
from mumian.place.gathering import Gathering, RowError
from mumian.place.reading import Row
from mumian.place.region import Region


def regions_of_rows(rows: Iterable[Row], columns: Columns, gathering: Gathering) -> Iterator[Region]:
    """Each place at its first mention. What cannot be used is noted in `gathering`, with its line."""
    levels = [level for level in Level if level.word in columns]
    for row in rows:
        if row.surplus:
            gathering.reject(row.line, "", _wrong_length(row))
            continue
        parent = gathering.scope
        for level in levels:
            column = columns.get(f"{level.word}_code") or columns[level.word]
            try:
                region = _region_at(level, row, columns, parent, gathering)
                if region and gathering.is_new(region):
                    yield region
            except MumianError as error:
                gathering.reject(row.line, column, error)
                break
            parent = region.code if region else parent
        else:
            yield from _own_region(row, columns, parent, gathering)


_BLANK = {"", "-", "--", "—", "——", "/", "无", "null", "none", "n/a", "na"}


def _value(row: Row, columns: Columns, meaning: str) -> str:
    value = row.values.get(columns.get(meaning, ""), "")
    return "" if value.casefold() in _BLANK else value


def _region_at(level: Level, row: Row, columns: Columns, parent: str, gathering: Gathering) -> Region | None:
    name, digits = _value(row, columns, level.word), _value(row, columns, f"{level.word}_code")
    if not digits:
        return gathering.by_name(name, parent=parent, level=level) if name else None
    code = normalise(digits)
    if code == parent or not name:  # a city without districts has itself for its district: 441900 辖区
        return None
    if Level.of(code) != level or not within(code, parent):
        raise RowError(
            code,
            reason=_("it is not the code of a %(level)s in %(parent)s")
            % {"level": level.word, "parent": parent},
            cure=_("Compare it with the codes beside it"),
        )
    return Region(code, name)


def _own_region(row: Row, columns: Columns, parent: str, gathering: Gathering) -> Iterator[Region]:
    """The place of the columns code and name, where there are such."""
    if "code" not in columns:
        return
    try:
        region = Region(
            normalise(_value(row, columns, "code")),
            _value(row, columns, "name"),
            _value(row, columns, "name_en"),
            tuple(alias.strip() for alias in _value(row, columns, "aliases").split(";") if alias.strip()),
            population=_whole_number(_value(row, columns, "population")),
        )
        if gathering.is_new(region):
            yield region
    except MumianError as error:
        gathering.reject(row.line, columns["code"], error)


def _whole_number(text: str) -> int | None:
    digits = text.replace(",", "")
    if digits and not digits.isdecimal():
        raise RowError(
            text, reason=_("it is not a number of people"), cure=_("Give a whole number, or leave it empty")
        )
    return int(digits) if digits else None


def _wrong_length(row: Row) -> RowError:
    return RowError(
        _("Line %(line)d") % {"line": row.line},
        reason=_("it has %(count)+d values more or fewer than the header has names") % {"count": row.surplus},
        cure=_("Put values that hold commas in quotation marks"),
    )
