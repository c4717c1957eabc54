"""From answers to a range of likely results: least and most over all that the answers leave open.

Each result is reckoned at the ends of every range (and where it peaks inside one); choices that were left open
are each tried. Of results that exclude one another only those that can go together are added.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from mumian.errors import MumianError
from mumian.systems.guidance.asking import Answers, day_range, figure_range, kept
from mumian.systems.guidance.calculators import CALCULATORS, PEAKS, TOGETHER, Lines, Unfit, Unit, total
from mumian.systems.guidance.kinds import TODAY, UNSURE, Conditional, Kind, Result
from mumian.systems.guidance.parameters import Figures, UnknownFigure


@dataclass(slots=True)
class Outcome:
    """What came of one calculation: the lines that give least and most, or why there are none."""

    calculator: str
    least: Lines = ()
    most: Lines = ()
    surely: bool = True
    """False where it depends on a choice that was left open."""
    missing: list[str] = field(default_factory=list)
    """Questions one was not sure of, without which it cannot be reckoned."""
    wrong: MumianError | None = None

    @property
    def reckoned(self) -> bool:
        return bool(self.least or self.most)

    @property
    def unit(self) -> Unit:
        lines = self.most or self.least
        return Unit.YUAN if any(line.unit is Unit.YUAN for line in lines) else lines[0].unit

    @property
    def low(self) -> Decimal:
        return weight(self.least)

    @property
    def high(self) -> Decimal:
        return weight(self.most)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """All results of a kind. `low` and `high`: yuan in all, nothing where no sum was reckoned."""

    outcomes: tuple[Outcome, ...]
    low: Decimal | None
    high: Decimal | None
    unknown: UnknownFigure | None
    """The first figure that is not known for a day that was asked about."""
    assumed: tuple[tuple[str, Decimal, Decimal], ...]
    """Questions one was not sure of, and between what they were taken to lie."""


@dataclass(frozen=True, slots=True)
class _Range:
    low: Lines
    high: Lines


def reckon(kind: Kind, answers: Answers, figures: Figures, today: date) -> Reckoned:
    """The results for the answers so far."""
    answers = kept(kind, answers)
    found = {result.calculator: Outcome(result.calculator) for result in kind.results}
    seen: dict[tuple[Any, ...], _Range | Outcome] = {}
    sums: list[tuple[Decimal, Decimal]] = []
    for combination in _combinations(kind, answers):
        low = high = Decimal(0)
        applying = [result for result in kind.results if _holds(result, combination)]
        for outcome in found.values():
            outcome.surely &= any(result.calculator == outcome.calculator for result in applying)
        for result in applying:
            outcome = found[result.calculator]
            ranged = _ranged(kind, result, combination, figures, today, seen)
            if isinstance(ranged, Outcome):
                outcome.missing, outcome.wrong = ranged.missing, ranged.wrong
                continue
            low, high = low + total(ranged.low), high + total(ranged.high)
            _widen(outcome, ranged)
        sums.append((low, high))
    outcomes = tuple(
        outcome for outcome in found.values() if outcome.reckoned or outcome.missing or outcome.wrong
    )
    money = any(outcome.reckoned and outcome.unit is Unit.YUAN for outcome in outcomes)
    unknown = next((each.wrong for each in outcomes if isinstance(each.wrong, UnknownFigure)), None)
    return Reckoned(
        outcomes,
        min(low for low, _high in sums) if money else None,
        max(high for _low, high in sums) if money else None,
        unknown,
        tuple(_assumed(kind, answers)),
    )


def weight(lines: Lines) -> Decimal:
    """What makes one result more than another: its sum of money, else its first amount."""
    if any(line.unit is Unit.YUAN for line in lines):
        return total(lines)
    return lines[0].amount if lines else Decimal(0)


def _combinations(kind: Kind, answers: Answers) -> Iterator[dict[str, str]]:
    """The answers with each choice that was left open made in every way, as far as anything hangs on it."""
    parts: tuple[Conditional, ...] = (*kind.questions.values(), *kind.results)
    used = {name for each in parts for name in each.when}
    used |= {name for result in kind.results for name in result.inputs.values() if isinstance(name, str)}
    known: Mapping[str, list[str]] = {
        name: kind.questions[name].values
        for name, answer in answers.items()
        if answer == UNSURE and name in used and kind.questions[name].values
    }
    tried = set()
    for values in product(*known.values()):
        combination = kept(kind, {**answers, **dict(zip(known, values, strict=True))})
        if (key := tuple(combination.items())) not in tried:
            tried.add(key)
            yield combination


def _holds(result: Result, answers: Answers) -> bool:
    return all(answers.get(name) in values for name, values in result.when.items())


def _ranged(
    kind: Kind,
    result: Result,
    answers: Answers,
    figures: Figures,
    today: date,
    seen: dict[tuple[Any, ...], _Range | Outcome],
) -> _Range | Outcome:
    inputs, missing = bound(kind, result, answers, today)
    key = (result.calculator, tuple(inputs.items()), tuple(missing))
    if key not in seen:
        if missing:
            seen[key] = Outcome(result.calculator, missing=missing)
        else:
            seen[key] = _extremes(result.calculator, inputs, figures)
    return seen[key]


def bound(
    kind: Kind, result: Result, answers: Answers, today: date
) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    """For each input the values at its ends; and the questions without whose answer nothing can be reckoned."""
    calculator = CALCULATORS[result.calculator]
    wanted = inspect.signature(calculator).parameters
    inputs: dict[str, tuple[Any, ...]] = {}
    missing: list[str] = []
    for name, given in result.inputs.items():
        values = _values(kind, given, answers, today)
        if values is not None:
            inputs[name] = tuple(dict.fromkeys(_as(wanted[name].annotation, value) for value in values))
        elif isinstance(given, str) and given in answers and wanted[name].default is inspect.Parameter.empty:
            missing.append(given)
    return inputs, missing


def _values(
    kind: Kind, given: str | tuple[Decimal, Decimal], answers: Answers, today: date
) -> tuple[Any, ...] | None:
    if not isinstance(given, str):
        return given
    if given == TODAY:
        return (today,)
    if given.startswith("="):
        return (given[1:],)
    if given not in answers:
        return None
    question, answer = kind.questions[given], answers[given]
    if question.type == "date":
        return day_range(answer)
    if question.values:
        return (answer,)
    return figure_range(question, answer)


def _as(annotation: Any, value: Any) -> Any:
    if annotation is int:
        return int(Decimal(value))
    if "Decimal" in str(annotation):
        return Decimal(value)
    return value


def _extremes(name: str, inputs: Mapping[str, tuple[Any, ...]], figures: Figures) -> _Range | Outcome:
    """The lines that give least and most over all ends of the inputs."""
    reckoned: list[Lines] = []
    wrong: MumianError | None = None
    for given in _ends(name, inputs):
        try:
            for each in (given, *_peaks(name, inputs, given, figures)):
                reckoned.append(CALCULATORS[name](figures, **each))
        except UnknownFigure as error:
            return Outcome(name, wrong=error)
        except Unfit as error:
            wrong = error
    if not reckoned:
        return Outcome(name, wrong=wrong)
    reckoned.sort(key=weight)
    return _Range(reckoned[0], reckoned[-1])


def _ends(name: str, inputs: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Every way to take an end of each input; those that only add are all at their least or all at their most."""
    together = [each for each in TOGETHER.get(name, ()) if each in inputs]
    apart = [each for each in inputs if each not in together]
    for values in product(*(inputs[each] for each in apart)):
        for end in (0, -1) if any(len(inputs[each]) > 1 for each in together) else (0,):
            given = {each: inputs[each][end] for each in together}
            yield {**given, **dict(zip(apart, values, strict=True))}


def _peaks(
    name: str, inputs: Mapping[str, tuple[Any, ...]], given: dict[str, Any], figures: Figures
) -> Iterator[dict[str, Any]]:
    for (calculator, peaking), peaks in PEAKS.items():
        ends = inputs.get(peaking, ())
        if calculator == name and len(ends) == 2 and given[peaking] == ends[0]:
            for peak in peaks(figures, **given):
                if ends[0] < peak < ends[1]:
                    yield {**given, peaking: peak}


def _widen(outcome: Outcome, ranged: _Range) -> None:
    if not outcome.reckoned:
        outcome.least, outcome.most = ranged.low, ranged.high
        return
    outcome.least = min(outcome.least, ranged.low, key=weight)
    outcome.most = max(outcome.most, ranged.high, key=weight)


def _assumed(kind: Kind, answers: Answers) -> Iterator[tuple[str, Decimal, Decimal]]:
    used = {name for result in kind.results for name in result.inputs.values() if isinstance(name, str)}
    for name, answer in answers.items():
        between = kind.questions[name].unsure
        if answer == UNSURE and name in used and between:
            yield name, *between
