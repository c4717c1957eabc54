"""The picture of a place: figures, its parts in order and on the map, charts, what is hot, what is late."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import F, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mumian.engine.matter import Matter
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.insight.hot import Hot
from mumian.insight.standing import NO_KIND, Standing, Tally, counted, within
from mumian.people.actor import Actor
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.web import maps, presenting, words
from mumian.web.addresses import Addresses
from mumian.web.command.places import address
from mumian.web.listing import Asked
from mumian.web.shown import Clock, Outline
from mumian.web.words import Text

SHADES = 5
MOST_LATE = 8
MOST_TOPICS = 6


class Measure(StrEnum):
    """By what the parts of a place are shaded and put in order."""

    OPEN = "open"
    LATE = "late"
    HOT = "hot"

    @property
    def called(self) -> str:
        return {Measure.OPEN: _("Open"), Measure.LATE: _("Overdue"), Measure.HOT: _("Hot")}[self]

    @classmethod
    def of(cls, text: str) -> "Measure":
        return cls(text) if text in set(cls) else cls.OPEN


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the picture."""

    title: str
    value: str
    url: str = ""
    note: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A place one level below."""

    code: str
    name: Text
    url: str
    open: int
    late: int
    on_time: float | None
    hot: int
    value: float
    said: str
    """What it is shaded by, in words."""
    shade: int
    """From 0 for nothing to `SHADES` for the most there is."""

    @property
    def width(self) -> int:
        """Of its bar, in per cent of the greatest."""
        return round(100 * self.shade / SHADES)


@dataclass(frozen=True, slots=True)
class Shape:
    """A part on the map."""

    outline: Outline
    part: Part | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The map."""

    width: float
    height: float
    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is open of one kind, and what came of it in all the days."""

    title: str
    open: int
    late: int
    opened: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A hot topic as it is listed."""

    name: str
    url: str
    size: int
    said: str
    rising: bool
    where: Text
    line: str
    """Points of its sparkline in a box of 108 by 24."""


@dataclass(frozen=True, slots=True)
class Late:
    """A matter that became late."""

    title: str
    number: str
    url: str
    place: Text
    kind: Text
    clock: Clock | None


def figures(standing: Standing) -> list[Figure]:
    """The five numbers on top."""
    whole, today, place = standing.whole, standing.today, standing.place
    rate = whole.on_time
    return [
        Figure(_("Open"), words.number(whole.open), _board(place, "open")),
        Figure(_("Overdue"), words.number(whole.late), _board(place, "late"), late=whole.late > 0),
        Figure(_("Reported today"), words.number(today.opened)),
        Figure(_("Settled today"), words.number(today.settled), _board(place, "closed")),
        Figure(
            _("Settled in time"),
            words.share(rate, 1) if rate is not None else "–",
            note=_("of %(count)s in 30 days, every time limit kept") % {"count": words.number(whole.settled)},
        ),
    ]


def _board(place: str, group: str) -> str:
    return Asked(place=place).address(group=group)


def about(standing: Standing) -> str:
    """What the numbers count, and as of when."""
    titles = _("; ").join(words.in_words(each.definition.title) for each in counted().values())
    parts = {"what": titles, "past": words.moment(standing.past_at) if standing.past_at else ""}
    if standing.past_at is None:
        return _("Counted: %(what)s. The days before today are still being reckoned.") % parts
    return _("Counted: %(what)s. Earlier days reckoned: %(past)s.") % parts


# --- parts ------------------------------------------------------------------------------------------


def parts(standing: Standing, hot: Mapping[str, int], measure: Measure, show: str) -> list[Part]:
    """The parts of the place, that with the most first."""
    values = {code: _value(code, tally, hot, measure) for code, tally in standing.parts.items()}
    most = max(values.values(), default=0.0)
    found = [
        Part(
            code,
            presenting.place_name(code),
            address(code, show),
            tally.open,
            tally.late,
            tally.on_time,
            hot.get(code, 0),
            values[code],
            _said(values[code], tally, measure, code),
            math.ceil(SHADES * values[code] / most) if most else 0,
        )
        for code, tally in standing.parts.items()
    ]
    return sorted(found, key=lambda part: (-part.value, -part.open, part.code))


def _value(code: str, tally: Tally, hot: Mapping[str, int], measure: Measure) -> float:
    match measure:
        case Measure.OPEN:
            return 1000 * tally.open / people if (people := _people(code)) else 0.0
        case Measure.LATE:
            return tally.late_share
        case Measure.HOT:
            return float(hot.get(code, 0))


def _people(code: str) -> int | None:
    return current_atlas()[code].population


def _said(value: float, tally: Tally, measure: Measure, code: str) -> str:
    match measure:
        case Measure.OPEN:
            if not _people(code):
                return _("population not known")
            return _("%(rate)s per 1,000 people") % {"rate": words.number(round(value, 2))}
        case Measure.LATE:
            return _("%(share)s of what is open") % {"share": words.share(value)}
        case Measure.HOT:
            return ngettext("%(count)d report", "%(count)d reports", int(value)) % {"count": int(value)}


def legend(found: Sequence[Part], measure: Measure) -> str:
    """What the shades mean."""
    most = found[0].said if found and found[0].value else ""
    meaning = {
        Measure.OPEN: _("Shade: open matters per 1,000 people"),
        Measure.LATE: _("Shade: share of open matters that are overdue"),
        Measure.HOT: _("Shade: reports in hot topics of the last 28 days"),
    }[measure]
    return _("%(meaning)s; darkest: %(most)s") % {"meaning": meaning, "most": most} if most else meaning


def sheet(place: str, found: Sequence[Part], show: str) -> Sheet | None:
    """The map of the place, its parts shaded."""
    drawn = maps.draw(place, (), lambda code: address(code, show))
    if drawn is None:
        return None
    by_url = {part.url: part for part in found}
    return Sheet(drawn.width, drawn.height, [Shape(each, by_url.get(each.url)) for each in drawn.outlines])


# --- charts -----------------------------------------------------------------------------------------


def kinds(standing: Standing) -> list[Kind]:
    """What is open by kind, the most first."""
    catalogues = sorted({each.definition.catalogue or "" for each in counted().values()})

    def title(code: str) -> str:
        if code == NO_KIND:
            return _("No kind yet")
        known = (name for name in catalogues if code in city().kinds.get(name, {}))
        return words.in_words(presenting.kind(next(known, ""), code))

    found = [Kind(title(code), each.open, each.late, each.opened) for code, each in standing.kinds.items()]
    return sorted(
        (each for each in found if each.open or each.opened), key=lambda each: (-each.open, each.title)
    )


def days(standing: Standing) -> list[dict[str, Any]]:
    """The days for chart and table."""
    return [
        {"day": day, "short": f"{day.month}/{day.day}", "opened": each.opened, "settled": each.settled}
        for day, each in standing.days.items()
    ]


def chart_data(standing: Standing) -> dict[str, Any]:
    """What the charts are drawn from, with their words."""
    line = days(standing)
    bars = list(reversed(kinds(standing)))
    return {
        "days": {
            "labels": [each["short"] for each in line],
            "series": [
                {"name": _("Reported"), "colour": "river", "values": [each["opened"] for each in line]},
                {"name": _("Settled"), "colour": "leaf", "values": [each["settled"] for each in line]},
            ],
        },
        "kinds": {
            "labels": [each.title for each in bars],
            "series": [
                {"name": _("Overdue"), "colour": "kapok", "values": [each.late for each in bars]},
                {"name": _("In time"), "colour": "leaf", "values": [each.open - each.late for each in bars]},
            ],
        },
    }


# --- what is hot and what is late ---------------------------------------------------------------------


def topics(found: Sequence[Hot], place: str) -> list[Topic]:
    """The hottest topics."""
    return [topic(each, place) for each in found[:MOST_TOPICS]]


def topic(hot: Hot, place: str) -> Topic:
    """A topic as it is listed."""
    parts = {"lately": hot.lately, "before": hot.before}
    where = presenting.common_place([each for each in hot.places if each])
    return Topic(
        " · ".join(hot.name),
        f"{reverse('web:topic', args=[hot.key])}?place={place}",
        hot.size,
        _("%(lately)d in the last 7 days, %(before)d in the 7 before") % parts,
        hot.growth > 0,
        presenting.place(where, below=place) if where and where != place else "",
        _line(hot.days),
    )


def _line(counts: Sequence[int], width: float = 108.0, height: float = 24.0) -> str:
    most, last = max(max(counts, default=0), 1), max(len(counts) - 1, 1)
    return " ".join(
        f"{width * n / last:.1f},{height - 2 - (height - 4) * count / most:.1f}"
        for n, count in enumerate(counts)
    )


def newly_late(actor: Actor, place: str, now: datetime) -> list[UUID]:
    """The open matters that became late last. One statement.

    Of a wide area the index of due times gives them at once; of a town or less the due time is wrapped, so that
    the database looks into the index of the place.
    """
    due = F("due_at") if len(place) < Level.TOWN else F("due_at") + Value(timedelta(0))
    matters = within(visible(actor).filter(closed_at=None, due_at__lt=now), place)
    matters = matters.filter(procedure__in=list(counted()))
    return list(matters.order_by(due.desc(), "-pk").values_list("pk", flat=True)[:MOST_LATE])


def late(matters: Sequence[Matter], place: str, now: datetime) -> list[Late]:
    """Matters as they are listed."""
    return [_late(each, place, now) for each in matters]


def _late(matter: Matter, place: str, now: datetime) -> Late:
    compiled = city().procedure(matter.procedure, matter.version)
    run = presenting.nearest(matter)
    return Late(
        matter.title or words.in_words(compiled.definition.title),
        matter.number,
        Addresses(matter.number).home,
        presenting.place(matter.place, below=place),
        presenting.kind_of(compiled, matter),
        presenting.clock(compiled, run, now) if run else None,
    )
