"""The places of a table: one a row with its code and name, or one a level in each row."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError
from mumian.place.codes import Level, normalise, within
from mumian.place.gathering import Gathering, RowError
from mumian.place.region import Region
from mumian.place.storing import Progress
from mumian.place.wording import worded
from mumian.rows import Rejection, Row, Table


def regions_of(table: Table, gathering: Gathering, progress: Progress | None) -> Iterator[Region]:
    """Each place at its first mention. What cannot be used is reported to `gathering`, with its line."""
    levels = [level for level in Level if level.word in table.columns]
    for row in table.rows():
        if isinstance(row, Rejection):
            gathering.pass_on(row)
        else:
            yield from _regions_of_row(row, levels, table, gathering)
        if progress:
            progress(row.line)


_BLANK = {"", "-", "--", "—", "——", "/", "无", "null", "none", "n/a", "na"}


def _regions_of_row(row: Row, levels: list[Level], table: Table, gathering: Gathering) -> Iterator[Region]:
    """The places of the row that are new, level by level as far as they can be used, and then its own."""
    parent = gathering.scope
    for level in levels:
        key = f"{level.word}_code" if _value(row, f"{level.word}_code") else level.word
        try:
            region = _region_at(level, row, parent, gathering)
            if region and gathering.is_new(region):
                yield region
        except MumianError as error:
            gathering.refuse(row.line, table.columns[key], row.values[key], error)
            return
        parent = region.code if region else parent
    if "code" in table.columns:
        try:
            region = _own_region(row)
            if gathering.is_new(region):
                yield region
        except MumianError as error:
            key = "population" if isinstance(error, _PopulationError) else "code"
            gathering.refuse(row.line, table.columns[key], row.values[key], error)


def _value(row: Row, key: str) -> str:
    value = row.values.get(key, "")
    return "" if value.casefold() in _BLANK else value


def _region_at(level: Level, row: Row, parent: str, gathering: Gathering) -> Region | None:
    name, digits = _value(row, level.word), _value(row, f"{level.word}_code")
    if not digits:
        return gathering.by_name(name, parent=parent, level=level) if name else None
    code = normalise(digits)
    if code == parent or not name:  # a city without districts has itself for its district: 441900 辖区
        return None
    if Level.of(code) != level or not within(code, parent):
        raise RowError(
            code,
            reason=worded(
                _("it is not the code of a %(level)s in %(parent)s"),
                level=level.word,
                parent=gathering.atlas.name(parent),
            ),
            cure=_("Compare it with the codes beside it"),
        )
    return Region(code, name)


def _own_region(row: Row) -> Region:
    """The place of the columns code and name."""
    return Region(
        normalise(_value(row, "code")),
        _value(row, "name"),
        _value(row, "name_en"),
        tuple(alias.strip() for alias in _value(row, "aliases").split(";") if alias.strip()),
        population=_whole_number(_value(row, "population")),
    )


class _PopulationError(RowError):
    """A population that is no number."""


def _whole_number(text: str) -> int | None:
    digits = text.replace(",", "")
    if digits and not digits.isdecimal():
        raise _PopulationError(
            text, reason=_("it is not a number of people"), cure=_("Give a whole number, or leave it empty")
        )
    return int(digits) if digits else None
