"""What the rules of proving share: their form, a problem by its line, and what an action hands on."""

from collections.abc import Callable, Collection, Iterator

from mumian.engine.definition import AnswerSpec, CarriedSpec, OpenSpec, Problem, Source
from mumian.engine.rules import Rules

Rule = Callable[[Source, Rules, Collection[str] | None], Iterator[Problem]]


def problem(source: Source, path: tuple[str | int, ...], what: str, cure: str) -> Problem:
    return Problem(source.file, source.line(*path), what, cure)


def handed_on(*specs: OpenSpec | AnswerSpec | CarriedSpec | None) -> Iterator[str]:
    """The fields whose answers go to another matter; what the engine itself knows is no field."""
    for spec in specs:
        for said in spec.with_.values() if spec else ():
            for own in said.split("|"):
                if own not in KNOWN and not own.startswith(("$due.", "=")):
                    yield own


KNOWN = ("$number", "$matter", "$case", "$action", "$answers")
