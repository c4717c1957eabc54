"""What an act or a clock brings about on other matters as its definition says: children opened, parents answered."""

from mumian.engine.definition import AnswerSpec, OpenSpec
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


def _handed_on(after: Matter, wanted: dict[str, str], values: Data) -> Data:
    dues = {f"$due.{run.name}": run.due_at.isoformat() for run in after.clocks.values() if run.due_at}
    known = {"$number": after.number, "$case": values.get("case") or after.id.hex, **dues, **values}
    return {theirs: known[own] for theirs, own in wanted.items() if known.get(own) not in (None, "")}
