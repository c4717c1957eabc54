"""Going through the questions: which come next for the answers so far, and reading what was answered.

An answer is kept as text: a choice; `yes` or `no`; a figure or two, `3000` or `3000..5000`; a day, or only its
month or year; `?` for not sure.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from mumian.systems.guidance.calculators.lines import plain
from mumian.systems.guidance.kinds import UNSURE, Kind, Question, When

Answers = Mapping[str, str]
BETWEEN = re.compile(r"\s*(?:\.\.|[-–—~～]|到|至|\bto\b)\s*")
MOST = Decimal(10) ** 12
LONGEST = 300
"""Characters of a text in one's own words."""
YEARS = range(1900, 2101)


class Misread(ValueError):
    """An answer that cannot be read; its text says why and what to do."""


def possible(when: When, answers: Answers) -> bool:
    """Whether a condition holds, or may hold where one was not sure."""
    return all(answers.get(name) == UNSURE or answers.get(name) in values for name, values in when.items())


def path(kind: Kind, answers: Answers) -> list[str]:
    """The questions that are asked for these answers, in their order."""
    asked: list[str] = []
    known: dict[str, str] = {}
    for name, question in kind.questions.items():
        if possible(question.when, known):
            asked.append(name)
            if name in answers:
                known[name] = answers[name]
    return asked


def at_most(kind: Kind, answers: Answers) -> int:
    """How many questions there may be in all: those not answered yet may turn out any way."""
    return len(path(kind, {**dict.fromkeys(kind.questions, UNSURE), **answers}))


def next_question(kind: Kind, answers: Answers) -> str | None:
    """The first question not answered yet; none where all are."""
    return next((name for name in path(kind, answers) if name not in answers), None)


def kept(kind: Kind, answers: Answers) -> dict[str, str]:
    """The answers to questions that are still asked."""
    return {name: answers[name] for name in path(kind, answers) if name in answers}


def read(question: Question, given: Mapping[str, str]) -> str:
    """The answer in a form's fields `answer`, or `year`, `month` and `day`. Raises `Misread` with the cure."""
    if given.get("unsure"):
        return UNSURE
    if question.type == "date":
        return _date(*(normal(given.get(part, "")) for part in ("year", "month", "day")))
    text = given.get("answer", "").strip()
    if question.type in ("choice", "yesno"):
        if text not in question.values:
            raise Misread(_("Choose one of the answers, or say that you are not sure."))
        return text
    if question.type == "text":
        if len(text) > LONGEST:
            raise Misread(_("Please say it in at most %(most)s characters.") % {"most": LONGEST})
        return text or UNSURE
    return _figures(normal(text), question)


def normal(text: str) -> str:
    """Full-width figures as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _figures(text: str, question: Question) -> str:
    parts = [_figure(part) for part in BETWEEN.split(text)] if text else []
    if not 1 <= len(parts) <= 2:
        raise Misread(_("Enter a figure such as 5000, or two such as 4000-6000."))
    for part in parts:
        if part > min(question.max or MOST, MOST):
            raise Misread(
                _("That is more than can be: at most %(most)s.") % {"most": plain(question.max or MOST)}
            )
    low, high = min(parts), max(parts)
    return f"{low:f}" if low == high else f"{low:f}..{high:f}"


def _figure(text: str) -> Decimal:
    text = text.replace(",", "").replace(" ", "").removesuffix("元").removesuffix("%").strip("¥￥")
    times = Decimal(10_000) if text.endswith("万") else Decimal(1)
    try:
        value = Decimal(text.removesuffix("万"))
    except InvalidOperation:
        raise Misread(_("Enter a figure such as 5000, or two such as 4000-6000.")) from None
    if not value.is_finite() or value < 0:
        raise Misread(_("A figure below zero cannot be right here."))
    return (value * times).quantize(Decimal("0.01")).normalize() if value * times <= MOST else MOST + 1


def _date(year: str, month: str, day: str) -> str:
    if not year.isdecimal() or int(year) not in YEARS:
        raise Misread(_("Enter at least the year, such as 2024."))
    if (month and not month.isdecimal()) or (day and not day.isdecimal()) or (day and not month):
        raise Misread(_("Enter month and day in figures, or leave them empty."))
    if not month:
        return f"{int(year):04}"
    if not 1 <= int(month) <= 12:
        raise Misread(_("A year has months 1 to 12."))
    if not day:
        return f"{int(year):04}-{int(month):02}"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Misread(_("This month has no such day.")) from None


def figure_range(question: Question, answer: str) -> tuple[Decimal, Decimal] | None:
    """Between what a figure lies: what was answered, what is taken where one is not sure, or nothing."""
    if answer == UNSURE:
        return question.unsure
    low, _dots, high = answer.partition("..")
    scale = Decimal(100) if question.type == "percent" else Decimal(1)
    return Decimal(low) / scale, Decimal(high or low) / scale


def day_range(answer: str) -> tuple[date, date] | None:
    """Between what a day lies; nothing where one is not sure."""
    if answer == UNSURE:
        return None
    year, month, day = ([int(part) for part in answer.split("-")] + [0, 0])[:3]
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, 1, 1), date(year, 12, 31)
