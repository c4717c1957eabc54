"""Dated figures of law and of the city: `law.yaml`, and a file of the city's own or the example of the demo city.

A figure is found by name and day. A day for which none is known is an error that names figure, day and cure;
there are no defaults. What somebody states himself is taken where nothing is known, and said to be stated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mumian.engine.definition import Words
from mumian.errors import MumianError
from mumian.systems.guidance.citing import HERE, article
from mumian.yaml import NotYaml, load

Table = Mapping[str, Decimal]
Brackets = tuple[Table, ...]


class UnknownFigure(MumianError):
    """There is no figure for a day."""

    def __init__(self, name: str, title: Words, on: date) -> None:
        self.name, self.title, self.on = name, title, on
        super().__init__(
            f"{name} {on.isoformat()}",
            reason=_("no figure is known here for this day"),
            cure=_(
                "State the figure yourself, or enter it with its dates in a file in `guidance/` of the data folder"
            ),
        )


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure and the days it is valid on, both included; `until` nothing while it still is."""

    value: Any
    since: date
    until: date | None
    cites: tuple[str, ...]
    source: Words

    def holds(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Found:
    """A figure as it was found: its value, the articles or the publication it stands in."""

    value: Decimal
    title: Words
    cites: tuple[str, ...] = ()
    source: Words = field(default_factory=dict)
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures for one place; `stated` are those somebody named himself, by name."""

    titles: Mapping[str, Words]
    values: Mapping[str, tuple[Dated, ...]]
    unchecked: frozenset[str] = frozenset()
    """Names of figures that nobody of the city has looked at yet."""
    stated: Mapping[str, Decimal] = field(default_factory=dict)

    def on(self, name: str, on: date) -> Found:
        """A single figure. Raises `UnknownFigure` where none is known for the day."""
        dated = self._dated(name, on)
        if dated is not None:
            return Found(_decimal(dated.value), self.titles[name], dated.cites, dated.source)
        if name in self.stated:
            return Found(self.stated[name], self.titles[name], stated=True)
        raise UnknownFigure(name, self.titles.get(name, {}), on)

    def table(self, name: str, on: date) -> tuple[Table, tuple[str, ...]]:
        """A rule of several figures, and its articles."""
        dated = self._known(name, on)
        return {key: _decimal(value) for key, value in dated.value.items()}, dated.cites

    def brackets(self, name: str, on: date) -> tuple[Brackets, tuple[str, ...]]:
        """A rule in brackets, each with `rate`, `plus` and, but for the last, `until`; and its articles."""
        dated = self._known(name, on)
        return tuple({key: _decimal(value) for key, value in row.items()} for row in dated.value), dated.cites

    def spans(self, name: str, since: date, until: date) -> Iterator[tuple[date, date, Decimal]]:
        """The figure over a time, as first day, last day and value. Raises `UnknownFigure` at the first gap."""
        day = since
        while day <= until:
            dated = self._known(name, day)
            last = min(until, dated.until or until)
            yield day, last, _decimal(dated.value)
            day = date.fromordinal(last.toordinal() + 1)

    def _known(self, name: str, on: date) -> Dated:
        dated = self._dated(name, on)
        if dated is None and name in self.stated:
            return Dated(self.stated[name], on, None, (), {})
        if dated is None:
            raise UnknownFigure(name, self.titles.get(name, {}), on)
        return dated

    def _dated(self, name: str, on: date) -> Dated | None:
        return next((each for each in self.values.get(name, ()) if each.holds(on)), None)

    def stating(self, stated: Mapping[str, Decimal]) -> "Figures":
        """The same with what somebody states himself."""
        return Figures(self.titles, self.values, self.unchecked, stated)


# --- reading ----------------------------------------------------------------------------------------


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Any
    from_: date = Field(alias="from")
    until: date | None = None
    cites: tuple[str, ...] = ()
    source: Words | str = Field("", description="Who published it and when; in both languages, or as it is.")

    @property
    def said(self) -> Words:
        """The source in each language."""
        return {"zh": self.source, "en": self.source} if isinstance(self.source, str) else self.source


class _Parameter(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Words = Field(default_factory=dict)
    checked: bool = True
    values: tuple[_Value, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    area: str = Field("", pattern=r"^\d*$", description="The digits of the place the figures are of.")
    checked: bool = True
    parameters: dict[str, _Parameter]


def figures() -> Figures:
    """The figures of law and of this city, read again when a file of the city's has changed."""
    files = city_files()
    return _figures(tuple((file, file.stat().st_mtime_ns) for file in files))


def city_files() -> list[Path]:
    """The city's own files, else the examples of the demo city."""
    own = sorted((Path(settings.DATA) / "guidance").glob("*.yaml"))
    return own or [HERE / "local" / "guangzhou.yaml"]


@cache
def _names() -> dict[str, dict[str, Words]]:
    read: dict[str, dict[str, Words]] = load(HERE / "local" / "names.yaml")
    return read


def city_names() -> Mapping[str, Words]:
    """What a city may set, and what it is called."""
    return _names()["names"]


def published(name: str) -> Words:
    """Who publishes a figure, and when; nothing where that is not said."""
    there = [each for each in _names()["published"] if name.startswith(each)]
    return _names()["published"][max(there, key=len)] if there else {}


@cache
def _figures(files: tuple[tuple[Path, int], ...]) -> Figures:
    law = _File.model_validate(load(HERE / "law.yaml"))
    titles = {name: each.title for name, each in law.parameters.items()} | dict(city_names())
    values = {name: _dated(each.values) for name, each in law.parameters.items()}
    unchecked = {name for name, each in law.parameters.items() if not each.checked}
    for file, _changed in files:
        if faults := check(file):
            raise faults[0]
        read = _File.model_validate(load(file))
        for name, each in read.parameters.items():  # the city's first, so that they take precedence
            values[name] = _dated(each.values) + values.get(name, ())
        unchecked -= set(read.parameters)
        unchecked |= {name for name, each in read.parameters.items() if not (read.checked and each.checked)}
    return Figures(titles, values, frozenset(unchecked))


def _dated(values: Iterable[_Value]) -> tuple[Dated, ...]:
    return tuple(Dated(each.value, each.from_, each.until, each.cites, each.said) for each in values)


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


# --- checking ---------------------------------------------------------------------------------------


def check(file: Path) -> list[MumianError]:
    """Everything wrong with a file of figures: what cannot be read, unknown names, no source, overlapping dates."""
    try:
        read = _File.model_validate(load(file))
    except (NotYaml, UnicodeDecodeError) as error:
        cure = _("Look at indentation, colons and brackets")
        return [MumianError(file.name, reason=_("is not YAML: %(what)s") % {"what": error}, cure=cure)]
    except ValidationError as error:
        cure = _("Write it as `mumian guidance parameters template` shows")
        return [
            MumianError(f"{file.name}: {'.'.join(map(str, fault['loc']))}", reason=fault["msg"], cure=cure)
            for fault in error.errors(include_url=False)
        ]
    ours = city_names() if file.name != "law.yaml" else read.parameters
    return [fault for name, each in read.parameters.items() for fault in _faults(file.name, name, each, ours)]


def _faults(file: str, name: str, parameter: _Parameter, names: Iterable[str]) -> Iterator[MumianError]:
    where = f"{file}: {name}"
    if name not in (*names, "lpr", "national-income"):
        yield MumianError(
            where,
            reason=_("no calculator asks for this"),
            cure=_("Use one of: %(names)s") % {"names": ", ".join(names)},
        )
    last: _Value | None = None
    for value in sorted(parameter.values, key=lambda each: each.from_):
        at = f"{where} {value.from_}"
        if not value.cites and not "".join(value.said.values()).strip():
            yield MumianError(
                at, reason=_("says no source"), cure=_("Add `source:` with who published it and when")
            )
        if value.until is not None and value.until < value.from_:
            yield MumianError(at, reason=_("ends before it begins"), cure=_("Put the dates right"))
        if last is not None and (last.until is None or last.until >= value.from_):
            yield MumianError(
                at, reason=_("overlaps the value before it"), cure=_("End that one on the day before")
            )
        yield from _uncited(at, value)
        if file != "law.yaml":
            yield from _no_amount(at, value.value)
        last = value


def _uncited(at: str, value: _Value) -> Iterator[MumianError]:
    for citation in value.cites:
        try:
            article(citation)
        except ValueError as error:
            yield MumianError(at, reason=error, cure=_("Use a law of laws.yaml"))


def _no_amount(at: str, value: object) -> Iterator[MumianError]:
    try:
        if _decimal(value).is_finite() and _decimal(value) > 0:
            return
    except InvalidOperation:
        pass
    yield MumianError(at, reason=_("is no amount above zero"), cure=_("Write it in figures, such as 12694"))
