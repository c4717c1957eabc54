"""What an act or a clock brings about on other matters as its definition says: children opened, parents answered."""

from typing import Any

import orjson

from mumian.engine.definition import AnswerSpec, CarriedSpec, OpenSpec
from mumian.engine.matter import Data, Matter
from mumian.engine.rules import Act, Effect, Open


def opened(after: Matter, opens: OpenSpec, values: Data) -> list[Effect]:
    """One matter of another procedure, or one for each unit in a field."""
    data = _handed_on(after, opens.with_, values)
    if opens.for_ is None:
        return [Open(opens.procedure, opens.action, data, part=opens.part)]
    return [
        Open(opens.procedure, opens.action, {**data, "unit": unit}, unit, opens.part)
        for unit in values.get(opens.for_, [])
    ]


def answered(after: Matter, answers: AnswerSpec, values: Data) -> list[Effect]:
    """What is done on the matter this one came from; nothing where it came from none."""
    if after.parent is None:
        return []
    return [Act(after.parent, answers.action, _handed_on(after, answers.with_, values))]


def begun(after: Matter, carried: CarriedSpec, action: str, answers: Data) -> list[Effect]:
    """What carries an action begins, with all that the program needs to do the action once it has arrived."""
    known = {**after.data, **answers, "$action": action, "$answers": orjson.dumps(answers).decode()}
    return [Open(carried.procedure, carried.action, _handed_on(after, carried.with_, known), part=False)]


def _handed_on(after: Matter, wanted: dict[str, str], values: Data) -> Data:
    dues = {f"$due.{run.name}": run.due_at.isoformat() for run in after.clocks.values() if run.due_at}
    case = values.get("case") or after.id.hex
    known = {"$number": after.number, "$matter": after.id.hex, "$case": case, **dues, **values}
    found = {theirs: _first(own, known) for theirs, own in wanted.items()}
    return {theirs: value for theirs, value in found.items() if value is not None}


def _first(said: str, known: Data) -> Any:
    """The first of some alternatives that holds something; `=word` is the word."""
    for own in said.split("|"):
        value = own[1:] if own.startswith("=") else known.get(own)
        if value not in (None, ""):
            return value
    return None
