"""The stages of a criminal case taken act by act, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mumian.engine.compiled import Refusal
from mumian.people.actor import SYSTEM
from tests.engine.city import CENTRE, GRID, WATER, WORLD, Course, at

FACTS: dict[str, Any] = {"name": "张某", "offence": "04.01", "where": {"place": GRID}, "unit": CENTRE}
CUSTODY, FREE = {"in_custody": True}, {"in_custody": False}
TO = [WATER]


class Stage(Course):
    """One stage of a case; whoever the definition names may act, and the program does here."""

    def __init__(self, procedure: str) -> None:
        super().__init__(procedure)
        known = replace(WORLD.known, kind=lambda catalogue, code: catalogue == "offences")
        self.world = replace(WORLD, known=known)

    def do(self, action: str, on: str, **data: Any) -> Stage:
        """An act at a time, with the fields the definition lets the program fill in."""
        self.act(action, SYSTEM, on=on, **data)
        return self

    def reasons(self, action: str, on: str, **data: Any) -> str:
        """Why something is refused, in English."""
        self.now = at(on)
        result = self.decide(action, SYSTEM, **data)
        assert isinstance(result, Refusal), f"{action} was allowed"
        return "; ".join(reason.en for reason in result.reasons)

    def ends(self, clock: str) -> str:
        """The last day and minute of a term, on the wall clock."""
        return self.due(clock)


def opened(procedure: str, action: str, on: str, **data: Any) -> Stage:
    """A stage that was just opened."""
    return Stage(procedure).do(action, on, **{**FACTS, **data})


def held(at: str, on: str | None = None, **more: Any) -> Stage:
    """One who was detained."""
    return opened("investigation", "detain", on or at, detained_at=f"{at}:00+08:00", **more)


def arrested(at: str, **more: Any) -> Stage:
    """One who was arrested, detained three days before."""
    before = (datetime.fromisoformat(at) - timedelta(days=3)).strftime("%Y-%m-%d %H:%M")
    stage = held(before, **more).do("request-arrest", before, to=TO, facts="有监控录像")
    stage.do("arrest-approved", before)
    return stage.do("execute-arrest", at, arrested_at=f"{at}:00+08:00")
