"""The result as the page shows it: the range as a picture, the ways side by side, what can be asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils.translation import gettext as _

from mumian.engine.clocks import WorkingCalendar
from mumian.errors import MumianError
from mumian.systems.guidance import saying
from mumian.systems.guidance.asking import Answers, day_range, figure_range, possible
from mumian.systems.guidance.calculators import CALCULATORS, Lines, Unit, total
from mumian.systems.guidance.citing import Article, articles
from mumian.systems.guidance.kinds import UNSURE, Fee, Kind, Way, common
from mumian.systems.guidance.parameters import Figures
from mumian.systems.guidance.reckoning import Outcome, Reckoned

LONGEST = 180
"""Days that the bars of the ways reach to."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a range lies on a line of a hundred."""

    at: float
    long: float

    @classmethod
    def of(cls, low: Decimal, high: Decimal, most: Decimal) -> "Bar":
        scale = Decimal(100) / most if most else Decimal(0)
        long = max((high - low) * scale, Decimal(1))
        return cls(float(min(low * scale, 100 - long)), float(long))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a calculation."""

    title: Mapping[str, str]
    amount: str
    formula: Mapping[str, str]
    articles: Sequence[Article]
    inputs: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One result: its range in words and as a bar, and the lines that lead to least and most."""

    title: str
    said: str
    parts: Sequence[tuple[Mapping[str, str], str]]
    """Its lines where there are several, each with its own range."""
    bar: Bar | None
    surely: bool
    least: Sequence[Row]
    most: Sequence[Row]

    @property
    def one(self) -> bool:
        """Whether least and most come from the same lines."""
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class Open:
    """A way to settle it, with what it costs here."""

    way: Way
    bar: Bar
    fee: str
    articles: Sequence[Article]


def results(reckoned: Reckoned) -> list[Shown]:
    """What was reckoned, on one scale."""
    return [_shown(each, _scale(reckoned)) for each in reckoned.outcomes if each.reckoned]


def whole(reckoned: Reckoned) -> dict[str, Any]:
    """The sum of all as a bar, and where its scale ends."""
    if reckoned.low is None or reckoned.high is None:
        return {}
    most = _scale(reckoned)
    return {"whole": Bar.of(reckoned.low, reckoned.high, most), "most": saying.amount(most)}


def _scale(reckoned: Reckoned) -> Decimal:
    """A round figure that no result goes beyond."""
    sums = [each.high for each in reckoned.outcomes if each.reckoned and each.unit is Unit.YUAN]
    most = max([reckoned.high or Decimal(0), *sums])
    step = Decimal(10) ** max(most.adjusted(), 0)
    return (most / step).to_integral_value(ROUND_CEILING) * step


def _shown(outcome: Outcome, most: Decimal) -> Shown:
    money = outcome.unit is Unit.YUAN
    parts = list(_parts(outcome))
    said = _("%(amount)s yuan") % {"amount": saying.between(outcome.low, outcome.high)} if money else ""
    if not money and len(parts) == 1:
        said = parts[0][1]
    return Shown(
        saying.outcome_title(outcome),
        said,
        parts if len(parts) > 1 else (),
        Bar.of(outcome.low, outcome.high, most) if money else None,
        outcome.surely,
        rows(outcome.least),
        rows(outcome.most),
    )


def _parts(outcome: Outcome) -> Iterator[tuple[Mapping[str, str], str]]:
    """Each line of a result, from its least to its most; a line that one of the two has not is nothing there."""
    least, most = ({line.title["en"]: line for line in lines} for lines in (outcome.least, outcome.most))
    for title, line in {**least, **most}.items():
        ends = sorted(lines[title].amount if title in lines else Decimal(0) for lines in (least, most))
        yield line.title, saying.sized(line, *ends)


def rows(lines: Lines) -> list[Row]:
    """The lines of a calculation, with their articles."""
    return [
        Row(
            line.title,
            saying.sized(line),
            line.formula,
            articles(line.cites),
            line.inputs,
        )
        for line in lines
    ]


def problems(kind: Kind, reckoned: Reckoned) -> Iterator[dict[str, Any]]:
    """Why something was not reckoned, and the question to answer otherwise."""
    for outcome in reckoned.outcomes:
        for name in outcome.missing:
            yield {"question": name, "title": kind.questions[name].label, "missing": True}
        if outcome.wrong is not None and outcome.wrong is not reckoned.unknown:
            yield {
                "question": _asks_for(kind, outcome.wrong),
                "wrong": outcome.wrong,
                "title": _named(kind, outcome.wrong),
            }


def _asks_for(kind: Kind, wrong: MumianError) -> str | None:
    field = getattr(wrong, "field", None)
    given = (result.inputs.get(field) for result in kind.results) if field else ()
    return next((name for name in given if isinstance(name, str) and name in kind.questions), None)


def _named(kind: Kind, wrong: MumianError) -> Any:
    question = _asks_for(kind, wrong)
    return kind.questions[question].label if question else getattr(wrong, "title", wrong.thing)


def deadlines(
    kind: Kind, answers: Answers, figures: Figures, today: date, calendar: WorkingCalendar
) -> Iterator[dict[str, Any]]:
    """Until when claims are to be pressed, by the earliest day each term may run from."""
    for limit in kind.limits:
        days = day_range(answers.get(limit.known, UNSURE))
        if days is None or not possible(limit.when, answers):
            continue
        try:
            [line] = CALCULATORS["limitation"](figures, rule=limit.rule, known=days[0], calendar=calendar)
        except MumianError:
            continue
        yield {
            "day": line.day,
            "past": line.day < today,
            "anew": limit.rule != "works",
            "row": rows((line,))[0],
        }


def ways(kind: Kind, answers: Answers, reckoned: Reckoned, figures: Figures, today: date) -> list[Open]:
    """The ways that are open, with their time on one scale."""
    there = common().ways
    return [
        Open(
            there[name],
            Bar.of(Decimal(there[name].days[0]), Decimal(there[name].days[1]), Decimal(LONGEST)),
            _fee(kind, answers, reckoned, figures, today) if name == "court" else "",
            articles(there[name].cites),
        )
        for name in open_to(kind, answers)
    ]


def open_to(kind: Kind, answers: Answers) -> list[str]:
    """The ways that may be open for these answers."""
    return [each.way for each in kind.ways if possible(each.when, answers)]


def _fee(kind: Kind, answers: Answers, reckoned: Reckoned, figures: Figures, today: date) -> str:
    """What a suit costs for the sums in question."""
    fee = next((each for each in kind.fee if possible(each.when, answers)), Fee(by="property"))
    claim = None
    if fee.sum_of:
        asked = answers.get(fee.sum_of)
        claim = figure_range(kind.questions[fee.sum_of], asked) if asked else None
    elif reckoned.low is not None and reckoned.high is not None:
        claim = reckoned.low, reckoned.high
    if claim is None and fee.by not in ("labour", "other"):
        return ""
    low, high = claim or (Decimal(0), Decimal(0))
    least = total(CALCULATORS["court-fee"](figures, on=today, claim=low, kind=fee.by))
    most = total(CALCULATORS["court-fee-most"](figures, on=today, claim=high, kind=fee.by))
    return _("Here about %(amount)s yuan; half if settled or in summary procedure") % {
        "amount": saying.between(least, most)
    }
