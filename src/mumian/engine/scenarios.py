"""Walking a procedure along a path of actions, with people and answers made up to fit: for proofs and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from mumian.engine.clocks import WorkingCalendar
from mumian.engine.compiled import Compiled, Decision, Refusal, World
from mumian.engine.decide import decide
from mumian.engine.definition import FieldSpec
from mumian.engine.matter import Matter
from mumian.engine.parties import LEVELS
from mumian.people.actor import SYSTEM, Actor
from mumian.place.codes import cut

SPOT = "440103001001001"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SAMPLE_WORLD = World(WorkingCalendar("sample", ZoneInfo("Asia/Shanghai")))


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a scenario went: the matter after each action, and where it was refused if it was."""

    matters: tuple[Matter, ...]
    refused: tuple[str, Refusal] | None = None


def walk(compiled: Compiled, path: Sequence[str], world: World = SAMPLE_WORLD) -> Walk:
    """Takes the actions one after another, an hour apart, each by one who may."""
    matter = Matter(UUID(int=1), compiled.definition.procedure, compiled.version)
    now, passed = START, list[Matter]()
    for number, action in enumerate(path):
        now += timedelta(hours=1)
        result = _step(compiled, matter, action, number, now, world)
        if isinstance(result, Refusal):
            return Walk(tuple(passed), (action, result))
        matter = result.matter
        matter.seq += 1
        passed.append(matter)
    return Walk(tuple(passed))


def _step(
    compiled: Compiled, matter: Matter, action: str, number: int, now: datetime, world: World
) -> Decision | Refusal:
    spec = compiled.definition.actions.get(action)
    result: Decision | Refusal | None = None
    for party in spec.by if spec else ["system"]:
        actor = _someone(compiled, matter, party)
        asks = compiled.asks_program if party == "system" else compiled.asks
        data = {name: sample(compiled.definition.form[name]) for name, _ in asks.get(action, [])}
        result = decide(compiled, matter, action, actor=actor, data=data, now=now, world=world)
        if isinstance(result, Decision):
            return result
    assert result is not None
    return result


def sample(spec: FieldSpec) -> Any:
    """An answer that fits a field."""
    match spec.type:
        case "text":
            return "例"
        case "integer" | "decimal" | "money":
            return spec.min if spec.min is not None else min(1, spec.max or 1)
        case "date":
            return "2026-03-09"
        case "datetime":
            return "2026-03-02T08:00:00+08:00" if spec.past else "2026-03-09T18:00:00+08:00"
        case "yesno":
            return True
        case "choice":
            return spec.choices[0].value if spec.choices else None
        case "choices":
            return [choice.value for choice in spec.choices[:1]]
        case "place":
            return {"place": SPOT}
        case "kind":
            return "01.01"
        case "unit":
            return 7
        case "units":
            return [8]
        case "files":
            return ["0" * 64]
        case "person" | "matter":
            return UUID(int=9).hex


def _someone(compiled: Compiled, matter: Matter, party: str) -> Actor:
    if party == "system" or party not in compiled.definition.parties:
        return SYSTEM
    spec = compiled.definition.parties[party]
    held = [holder.person for holder in matter.holders if holder.party == party]
    person = (
        held[0] if spec.person and held else UUID(int=100 + list(compiled.definition.parties).index(party))
    )
    if spec.post is None:
        by_link = spec.anonymous and matter.state and not held
        return Actor(person=person, bearer=(matter.id, party) if by_link else None)
    where = matter.place or SPOT
    place = (matter.desk or where) if spec.at == "desk" else cut(where, LEVELS[spec.at]) if spec.at else where
    unit = (matter.unit if matter.state else 7) if spec.of else 5
    return Actor(
        person=person, post=1, role=spec.post, organisation=unit, lineage=(unit,) if unit else (), place=place
    )
