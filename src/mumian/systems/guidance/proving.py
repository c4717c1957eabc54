"""Proving the data of a kind: every question reached, every input asked before it is used, every article dated.

One rule, one function, one message that names file, line and cure.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterator
from string import Formatter

from django.utils.translation import gettext as _
from pydantic import ValidationError

from mumian.engine.definition import Problem
from mumian.systems.guidance.asking import possible
from mumian.systems.guidance.calculators import CALCULATORS
from mumian.systems.guidance.citing import HERE, article
from mumian.systems.guidance.kinds import (
    TODAY,
    BrokenKind,
    Common,
    Conditional,
    Kind,
    Source,
    When,
    all_alone,
    common,
    files,
    read,
    with_common,
)

Rule = Callable[[Kind, Source], Iterator[Problem]]
Path = tuple[frozenset[str], dict[str, str]]
"""The questions asked on one way through them, and the choices made on it."""

BLANKS = {"kind", "facts", "what", "claims", "law", "other"}
"""What a letter can be filled with."""


def check() -> list[Problem]:
    """Everything wrong with the kinds that are shipped, and with what they share."""
    problems = [*_common_is_right(), *_calculators_ask_for_what_they_need()]
    names: dict[str, str] = {}
    for file in files():
        try:
            kind, source = read(file.read_text(encoding="utf-8"), file.name)
        except BrokenKind as broken:
            problems += broken.problems
            continue
        if kind.kind in names:
            what = _("another file has the same name: %(file)s") % {"file": names[kind.kind]}
            problems.append(source.problem(("kind",), what, _("Choose another name")))
        names[kind.kind] = file.name
        problems += prove(kind, source)
    return problems


def prove(kind: Kind, source: Source) -> list[Problem]:
    """Everything wrong with a kind, by line; an empty list proves it."""
    problems = [problem for rule in NAMES for problem in rule(kind, source)]
    if not problems:
        problems = [problem for rule in PATHS for problem in rule(kind, source)]
    return sorted(problems, key=lambda problem: problem.line)


# --- names that must lead somewhere -----------------------------------------------------------------


def _choices_are_given(kind: Kind, source: Source) -> Iterator[Problem]:
    for name, question in kind.questions.items():
        where = ("questions", name)
        if (question.type == "choice") != bool(question.choices):
            yield source.problem(
                where, _("choices and type do not fit"), _("Give `choices:` to a choice alone")
            )
        if len({choice.value for choice in question.choices}) != len(question.choices):
            yield source.problem(where, _("two choices have one value"), _("Give each its own"))
        if question.unsure and question.type not in ("money", "number", "percent"):
            yield source.problem(where, _("`unsure:` is for figures"), _("Remove it"))
        if question.unsure and question.unsure[0] > question.unsure[1]:
            yield source.problem(where, _("the least is above the most"), _("Turn them round"))
        if name in common().questions:
            yield source.problem(where, _("is asked at the end of every kind"), _("Choose another name"))


def _conditions_name_earlier_choices(kind: Kind, source: Source) -> Iterator[Problem]:
    order = list(kind.questions)
    for name, question in kind.questions.items():
        yield from _condition(kind, source, ("questions", name), question.when, order[: order.index(name)])
    for part in ("results", "law", "limits", "ways", "fee"):
        for number, each in enumerate(getattr(kind, part)):
            yield from _condition(kind, source, (part, number), each.when, order)


def _condition(
    kind: Kind, source: Source, where: tuple[str | int, ...], when: When, earlier: list[str]
) -> Iterator[Problem]:
    for name, values in when.items():
        if name not in earlier:
            what = _("`%(name)s` is no earlier question") % {"name": name}
            yield source.problem(where, what, _("Use one of: %(names)s") % {"names": ", ".join(earlier)})
        elif unknown := set(values) - set(kind.questions[name].values):
            what = _("`%(name)s` has no answer %(values)s") % {"name": name, "values": ", ".join(unknown)}
            cure = _("Use one of: %(names)s") % {"names": ", ".join(kind.questions[name].values)}
            yield source.problem(where, what, cure)


def _calculators_are_called_right(kind: Kind, source: Source) -> Iterator[Problem]:
    for number, result in enumerate(kind.results):
        where = ("results", number)
        if result.calculator not in CALCULATORS:
            what = _("there is no calculator `%(name)s`") % {"name": result.calculator}
            yield source.problem(where, what, _("Use one of: %(names)s") % {"names": ", ".join(CALCULATORS)})
            continue
        wanted = inputs_of(result.calculator)
        for name in set(result.inputs) - set(wanted):
            cure = _("Use one of: %(names)s") % {"names": ", ".join(wanted)}
            yield source.problem(where, _("it has no input `%(name)s`") % {"name": name}, cure)
        for name, needed in wanted.items():
            if needed and name not in result.inputs:
                what = _("its input `%(name)s` is not given") % {"name": name}
                yield source.problem(where, what, _("Name the question that asks for it"))
        for given in result.inputs.values():
            if isinstance(given, str) and given not in (TODAY, *kind.questions) and not given.startswith("="):
                what = _("there is no question `%(name)s`") % {"name": given}
                yield source.problem(where, what, _("Add the question, or write a value after `=`"))


def inputs_of(calculator: str) -> dict[str, bool]:
    """The inputs of a calculator, and whether each is needed."""
    parameters = list(inspect.signature(CALCULATORS[calculator]).parameters.values())[1:]
    return {each.name: each.default is inspect.Parameter.empty for each in parameters}


def _articles_have_dates(kind: Kind, source: Source) -> Iterator[Problem]:
    for number, statement in enumerate(kind.law):
        for citation in statement.cites:
            try:
                article(citation)
            except ValueError as error:
                yield source.problem(("law", number), str(error), _("Add the law with its date to laws.yaml"))


def _shared_parts_exist(kind: Kind, source: Source) -> Iterator[Problem]:
    there = common()
    named: list[tuple[str, list[str], Collection[str]]] = [
        ("group", [kind.group], there.groups),
        ("ways", [each.way for each in kind.ways], there.ways),
        ("letters", kind.letters, there.letters),
    ]
    for part, names, known in named:
        for name in names:
            if name not in known:
                what = _("there is no `%(name)s` in common.yaml") % {"name": name}
                yield source.problem((part,), what, _("Use one of: %(names)s") % {"names": ", ".join(known)})
    for number, fee in enumerate(kind.fee):
        if fee.sum_of and fee.sum_of not in kind.questions:
            cure = _("Name a question that asks for a sum")
            yield source.problem(("fee", number), _("there is no such question"), cure)
    for number, limit in enumerate(kind.limits):
        question = kind.questions.get(limit.known)
        if question is None or question.type != "date":
            cure = _("Name a question of type date")
            yield source.problem(("limits", number), _("it runs from no day that is asked for"), cure)


def _words_are_in_their_language(kind: Kind, source: Source) -> Iterator[Problem]:
    yield from _languages(source, (), source.content)


def _languages(source: Source, where: tuple[str | int, ...], node: object) -> Iterator[Problem]:
    if isinstance(node, dict):
        if set(node) == {"zh", "en"} and not re.search(r"[\u4e00-\u9fff]", str(node["zh"])):
            yield source.problem(where, _("its Chinese has no Chinese in it"), _("Write it in Chinese"))
        for name, each in node.items():
            yield from _languages(source, (*where, str(name)), each)
    elif isinstance(node, list):
        for number, each in enumerate(node):
            yield from _languages(source, (*where, number), each)


# --- ways through the questions ---------------------------------------------------------------------


def _every_question_is_reached(kind: Kind, source: Source) -> Iterator[Problem]:
    reached = {name for asked, _choices in paths(kind) for name in asked}
    for name in kind.questions:
        if name not in reached:
            what = _("`%(name)s` is never asked") % {"name": name}
            yield source.problem(
                ("questions", name), what, _("No answers before it fulfil its `when:`; mend it")
            )


def _every_text_of_law_is_reached(kind: Kind, source: Source) -> Iterator[Problem]:
    for part in ("law", "results"):
        for number, each in enumerate(getattr(kind, part)):
            if not any(_holds(each.when, choices) for _asked, choices in paths(kind)):
                what = _("it is never shown")
                yield source.problem((part, number), what, _("No answers fulfil its `when:`; mend it"))


def _inputs_are_asked_before_used(kind: Kind, source: Source) -> Iterator[Problem]:
    for number, result in enumerate(kind.results):
        wanted = inputs_of(result.calculator)
        needed = {
            given for name, given in result.inputs.items() if wanted.get(name) and isinstance(given, str)
        }
        for asked, choices in paths(kind):
            missing = {name for name in needed & set(kind.questions) if name not in asked}
            if missing and _holds(result.when, choices):
                what = _("it needs %(names)s, which is not asked where %(choices)s") % {
                    "names": ", ".join(sorted(missing)),
                    "choices": ", ".join(f"{name}: {value}" for name, value in choices.items()) or "—",
                }
                yield source.problem(("results", number), what, _("Ask it there too, or narrow `when:`"))
                break


def _a_calculator_reckons_once(kind: Kind, source: Source) -> Iterator[Problem]:
    for number, result in enumerate(kind.results):
        others = [each for each in kind.results[:number] if each.calculator == result.calculator]
        if any(
            _holds(result.when, choices) and _holds(other.when, choices)
            for _asked, choices in paths(kind)
            for other in others
        ):
            what = _("the same calculator is used twice for the same answers")
            yield source.problem(("results", number), what, _("Narrow `when:` of one of them"))


def paths(kind: Kind) -> list[Path]:
    """Every way through the questions, by the choices on which anything hangs."""
    kind = with_common(kind)
    parts: tuple[Conditional, ...] = (*kind.questions.values(), *kind.results, *kind.law)
    deciding = {name for part in parts for name in part.when}
    ways: list[Path] = [(frozenset(), {})]
    for name, question in kind.questions.items():
        after: list[Path] = []
        for asked, choices in ways:
            if not possible(question.when, choices):
                after.append((asked, choices))
                continue
            values = question.values if name in deciding else [None]
            for value in values:
                after.append((asked | {name}, choices if value is None else {**choices, name: value}))
        ways = after
    return ways


def _holds(when: When, choices: dict[str, str]) -> bool:
    return all(choices.get(name) in values for name, values in when.items())


# --- what all kinds share ---------------------------------------------------------------------------


def _common_is_right() -> Iterator[Problem]:
    try:
        source = Source((HERE / "common.yaml").read_text(encoding="utf-8"), "common.yaml")
        Common.model_validate(source.content)
    except BrokenKind as broken:
        yield from broken.problems
        return
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            what = f"`{'.'.join(map(str, fault['loc']))}`: {fault['msg']}"
            yield source.problem(fault["loc"], what, _("Write it as the other kinds do"))
        return
    yield from _languages(source, (), source.content)
    for name, way in common().ways.items():
        for citation in way.cites:
            try:
                article(citation)
            except ValueError as error:
                yield source.problem(("ways", name), str(error), _("Add the law with its date to laws.yaml"))
    for name, letter in common().letters.items():
        for body in letter.body.values():
            for blank in {blank for _text, blank, *_rest in Formatter().parse(body) if blank} - BLANKS:
                what = _("nothing fills in `%(name)s`") % {"name": blank}
                yield source.problem(
                    ("letters", name), what, _("Use one of: %(names)s") % {"names": ", ".join(sorted(BLANKS))}
                )


def _calculators_ask_for_what_they_need() -> Iterator[Problem]:
    source = Source((HERE / "calculators.yaml").read_text(encoding="utf-8"), "calculators.yaml")
    for name, one in all_alone().items():
        where = ("calculators", name)
        if name not in CALCULATORS:
            what = _("there is no calculator `%(name)s`") % {"name": name}
            yield source.problem(where, what, _("Use one of: %(names)s") % {"names": ", ".join(CALCULATORS)})
            continue
        wanted = inputs_of(name)
        for each in set(one.inputs) - set(wanted):
            cure = _("Use one of: %(names)s") % {"names": ", ".join(wanted)}
            yield source.problem(where, _("it has no input `%(name)s`") % {"name": each}, cure)
        for each in {each for each, needed in wanted.items() if needed} - set(one.inputs):
            what = _("its input `%(name)s` is not given") % {"name": each}
            yield source.problem(where, what, _("Ask for it"))


NAMES: tuple[Rule, ...] = (
    _choices_are_given,
    _conditions_name_earlier_choices,
    _calculators_are_called_right,
    _articles_have_dates,
    _shared_parts_exist,
    _words_are_in_their_language,
)
PATHS: tuple[Rule, ...] = (
    _every_question_is_reached,
    _every_text_of_law_is_reached,
    _inputs_are_asked_before_used,
    _a_calculator_reckons_once,
)
