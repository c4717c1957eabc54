"""Figures that are not known here for the day, all of them at once, and reading those that the reader states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from mumian.engine.definition import Words
from mumian.systems.guidance.asking import Answers, normal
from mumian.systems.guidance.kinds import Kind
from mumian.systems.guidance.parameters import Figures, published
from mumian.systems.guidance.reckoning import Reckoned, reckon

MOST = 10**9
FEW = 16
"""Figures that are asked for at once, at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure the reader may state: what it is, for which day, and who publishes it."""

    name: str
    title: Words
    on: date
    published: Words
    value: str = ""
    wrong: str = ""


def missing(
    kind: Kind,
    answers: Answers,
    figures: Figures,
    today: date,
    reckoned: Reckoned,
    sent: Mapping[str, str] | None = None,
) -> list[Asked]:
    """Every figure without which something is not reckoned; with what was typed and why it cannot be, if anything."""
    found: dict[str, Asked] = {}
    unknown = reckoned.unknown
    while unknown is not None and unknown.name not in found and len(found) < FEW:
        typed = (sent or {}).get(field(unknown.name), "")
        wrong = _wrong(unknown.name, typed) if typed else ""
        found[unknown.name] = Asked(
            unknown.name, unknown.title, unknown.on, published(unknown.name), typed, wrong
        )
        figures = figures.stating({**figures.stated, unknown.name: Decimal(1)})
        unknown = reckon(kind, answers, figures, today).unknown
    return list(found.values())


def stated(figures: Figures, sent: Mapping[str, str]) -> tuple[dict[str, Decimal], bool]:
    """The figures that were sent and can be, and whether all can."""
    given = {name: text for name in figures.titles if (text := sent.get(field(name), "").strip())}
    read = {name: _read(name, text) for name, text in given.items()}
    return {name: value for name, value in read.items() if value is not None}, None not in read.values()


def field(name: str) -> str:
    """What a figure is called in a form."""
    return f"figure-{name}"


def _wrong(name: str, typed: str) -> str:
    if _read(name, typed) is not None:
        return ""
    if _is_share(name):
        return _("Enter a share, such as 0.2 or 20%.")
    return _("Enter a figure above zero, such as 12694 or 3.1%.")


def _read(name: str, typed: str) -> Decimal | None:
    text = normal(typed).replace(",", "")
    try:
        value = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value <= (1 if _is_share(name) else MOST) else None


def _is_share(name: str) -> bool:
    return name.startswith("disability-share")
