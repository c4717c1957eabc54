"""What a calculator gives: lines, each with its amount, how it came about, and the article it rests on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from mumian.engine.definition import LANGUAGES, Words
from mumian.errors import MumianError
from mumian.systems.guidance.parameters import Found

CENT = Decimal("0.01")
STATED: Words = {"zh": "您填写的数", "en": "as you stated"}
YEAR = 365
"""Days of a year in interest."""


class Unit(StrEnum):
    """What the amount of a line is in."""

    YUAN = "yuan"
    MONTHLY = "monthly"
    """Yuan a month; not part of a total."""
    VOTES = "votes"
    AREA = "area"
    DAY = "day"
    """A date, as its ordinal."""


class Unfit(MumianError):
    """Inputs that cannot be so: an end before its beginning, a sum of zero."""

    def __init__(self, field: str, reason: object, cure: object) -> None:
        self.field = field
        super().__init__(field, reason=reason, cure=cure)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a result. `inputs` are what it was reckoned from, in words."""

    title: Words
    amount: Decimal
    formula: Words
    cites: tuple[str, ...]
    inputs: tuple[tuple[Words, Words], ...] = ()
    unit: Unit = Unit.YUAN

    @property
    def day(self) -> date:
        """The date, where the unit is a day."""
        return date.fromordinal(int(self.amount))


Lines = tuple[Line, ...]
Calculator = Callable[..., Lines]


def total(lines: Iterable[Line]) -> Decimal:
    """The sum of the lines that are sums of money."""
    return sum((line.amount for line in lines if line.unit is Unit.YUAN), Decimal(0))


def line(
    zh: str,
    en: str,
    amount: Decimal,
    how: tuple[str, str],
    cites: Iterable[str],
    *used: Found,
    unit: Unit = Unit.YUAN,
    **values: object,
) -> Line:
    """A line whose formula is filled with its values; figures that were looked up are listed with their source."""
    shown = {name: plain(value) for name, value in values.items()}
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    formula = {"zh": how[0].format(**shown), "en": how[1].format(**shown)}
    inputs = tuple(_input(found) for found in used)
    cited = dict.fromkeys([*cites, *(each for found in used for each in found.cites)])
    return Line({"zh": zh, "en": en}, amount, formula, tuple(cited), inputs, unit)


def left_to_pay(
    zh: str,
    en: str,
    *,
    each: Decimal,
    count: Decimal,
    paid: Decimal,
    how: tuple[str, str],
    cites: Iterable[str],
) -> Lines:
    """So much for each, less what was paid; the formula names them `each`, `count` and `paid`."""
    left = max(each * count - paid, Decimal(0))
    return (line(zh, en, left, how, cites, each=each, count=count, paid=paid),)


def times(zh: str, en: str, count: Decimal, found: Found, cites: Iterable[str], how: tuple[str, str]) -> Line:
    """A figure that was looked up so many times; the formula names them `n` and `f`."""
    return line(zh, en, count * found.value, how, cites, found, n=count, f=found.value)


def _input(found: Found) -> tuple[Words, Words]:
    source = STATED if found.stated else found.source
    value = plain(found.value)
    return found.title, {each: " · ".join(filter(None, (value, source.get(each)))) for each in LANGUAGES}


def plain(value: object) -> str:
    """A figure without zeros that say nothing; others as they are."""
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text or "0"


def per_cent(value: Decimal) -> str:
    """A share in per cent."""
    return f"{plain(value * 100)}%"


def above_zero(**values: Decimal) -> None:
    """Raises `Unfit` for the first that is not above zero."""
    for name, value in values.items():
        if value <= 0:
            raise Unfit(
                name,
                _("it must be above zero"),
                _("Enter a figure above zero"),
            )


def not_below_zero(**values: Decimal) -> None:
    """Raises `Unfit` for the first that is below zero."""
    for name, value in values.items():
        if value < 0:
            raise Unfit(
                name,
                _("it cannot be below zero"),
                _("Enter 0 where there is none"),
            )


def in_order(first: str, start: date, second: str, end: date) -> None:
    """Raises `Unfit` where the second date lies before the first."""
    if end < start:
        raise Unfit(
            second,
            _("%(end)s lies before %(start)s") % {"end": end, "start": start},
            _("Look at both dates again"),
        )


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last where it has none."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)


def months_worked(start: date, end: date) -> tuple[int, int]:
    """Whole months from the first day to the last, both worked, and the days left over."""
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if add_months(start, months) > after:
        months -= 1
    return months, (after - add_months(start, months)).days


def bracketed(rows: Iterable[Mapping[str, Decimal]], value: Decimal) -> tuple[Decimal, Decimal]:
    """Rate and addend of the bracket a value lies in."""
    for row in rows:
        if "until" not in row or value <= row["until"]:
            return row["rate"], row["plus"]
    raise AssertionError("the last bracket has no end")
