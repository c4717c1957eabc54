"""What the definitions of hand-overs cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from mumian.engine.rules import RULES, Act, Circumstances, Effect

HANDOVER, RECEIVED = "handover", "handover-received"
Words = Mapping[str, str]


@RULES.condition("to-another-agency")
def to_another_agency(around: Circumstances) -> Words | None:
    """There is one receiver, and it is another."""
    receiver = around.data.get("receiver")
    if receiver is None or (len(receiver) == 1 and receiver != [around.data.get("unit")]):
        return None
    return {"zh": "请选择一个其他机关", "en": "Choose one other agency"}


@RULES.effect("tell-sender-opened")
def tell_sender_opened(around: Circumstances) -> list[Effect]:
    """The sender gets its receipt."""
    return _told(around, "note-opened", "version", "receipt")


@RULES.effect("tell-sender-accepted")
def tell_sender_accepted(around: Circumstances) -> list[Effect]:
    """The sender gets its receipt."""
    return _told(around, "note-accepted", "version", "receipt")


@RULES.effect("tell-sender-returned")
def tell_sender_returned(around: Circumstances) -> list[Effect]:
    """The sender gets its receipt, with how much is sent back and why."""
    return _told(around, "note-returned", "version", "receipt", "sent_back", "reason")


def _told(around: Circumstances, action: str, *names: str) -> list[Effect]:
    sent = around.matter.data.get("sent")
    if sent is None:  # it came as a file: the receipt goes back as one
        return []
    return [Act(UUID(sent), action, {name: around.data[name] for name in names if name in around.data})]
