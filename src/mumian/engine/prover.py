"""Proving a definition before it is published: one rule, one function, one message with line and cure."""

from collections.abc import Collection, Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mumian.engine.compiled import Compiled, Reason
from mumian.engine.definition import (
    Problem,
    Source,
)
from mumian.engine.naming import NAMES
from mumian.engine.paths import PATHS, opens_somewhere
from mumian.engine.proving import problem
from mumian.engine.rules import RULES, Rules
from mumian.engine.scenarios import walk


def prove(source: Source, *, rules: Rules = RULES, roles: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with a definition, by line; an empty list proves it.

    `roles` are those there are posts for; unsaid, any role is taken for known. Rules that look along paths
    run only where every name leads somewhere, so that one slip is not reported many times.
    """
    problems = [each for rule in (*NAMES, opens_somewhere) for each in rule(source, rules, roles)]
    if not problems:
        problems = [each for rule in PATHS for each in rule(source, rules, roles)]
    if not problems:
        problems = list(_scenarios_run(source, rules, roles))
    return sorted(problems, key=lambda each: each.line)


def _reason(reason: Reason) -> str:
    return reason.en if (get_language() or "").startswith("en") else reason.zh


def _scenarios_run(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    if not source.procedure.scenarios:
        yield problem(
            source, ("scenarios",), _("no scenario shows how it runs"), _("Add at least one path of actions")
        )
    compiled = Compiled(source.procedure)
    for name, path in source.procedure.scenarios.items():
        result = walk(compiled, path)
        if result.refused:
            action, refusal = result.refused
            what = _("scenario `%(name)s` stops at `%(action)s`: %(reasons)s") % {
                "name": name,
                "action": action,
                "reasons": "; ".join(_reason(reason) for reason in refusal.reasons),
            }
            cure = _("Change the path, or the actions so that it can be walked")
            yield problem(source, ("scenarios", name, len(result.matters)), what, cure)
