"""What the definitions of defence cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from mumian.engine.limits import Limit
from mumian.engine.rules import RULES, Circumstances, Effect, Job
from mumian.yaml import load

LICENCE, MANDATE, READING, REQUEST = "lawyer-licence", "defence-mandate", "file-reading", "defence-request"
IN_PERSON, REMOTE, ORDER = "meeting-in-person", "meeting-remote", "investigation-order"
DEFENCE = (LICENCE, MANDATE, READING, REQUEST, IN_PERSON, REMOTE, ORDER)
ENTER, STRIKE, FREE, NOTE_ORDER, MAKE_ORDER = (
    "justice.enter-lawyer", "justice.strike-lawyer", "justice.free-slot", "justice.note-order", "justice.make-order",
)  # fmt: skip
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What a province says of investigation orders."""

    decide: Limit
    valid: int
    """Days, if the court says nothing."""
    most: int
    basis: Mapping[str, str]


@cache
def order_rules(province: str) -> OrderRules:
    """The rules of a province, by the first two digits of its code."""
    said: dict[str, Any] = load(Path(__file__).with_name("orders.yaml"))
    own = said.get(province, said["else"])
    return OrderRules(Limit.parse(own["decide"]), int(own["valid"]), int(own["most"]), own["basis"])


@RULES.condition("is-sure")
def is_sure(around: Circumstances) -> Words | None:
    """A licence is verified by one who has compared it."""
    if around.data is around.matter.data or around.data.get("sure"):
        return None
    return {"zh": "须先与名册核对", "en": "Compare it with the register first"}


@RULES.condition("still-valid")
def still_valid(around: Circumstances) -> Words | None:
    """An order is shown while it is valid."""
    until = around.matter.data.get("valid_until")
    if until is None or around.now < datetime.fromisoformat(until):
        return None
    return {"zh": "调查令已过有效期", "en": "The order is no longer valid"}


@RULES.limit("order-decision")
def order_decision(around: Circumstances) -> Limit:
    """Within how long the court decides, as its province has it."""
    return order_rules(str(around.matter.data.get("province", ""))).decide


def _job(name: str, task: str) -> None:
    def effect(around: Circumstances) -> list[Effect]:
        return [Job(task, {"matter": around.matter.id.hex})]

    RULES.effect(name)(effect)


_job("enter-lawyer", ENTER)
_job("strike-lawyer", STRIKE)
_job("free-slot", FREE)
_job("note-order", NOTE_ORDER)
_job("make-order", MAKE_ORDER)
