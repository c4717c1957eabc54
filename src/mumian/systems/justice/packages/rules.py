"""What the definitions of hand-overs cannot say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mumian.engine.rules import RULES, Act, Circumstances, Effect

HANDOVER, RECEIVED = "handover", "handover-received"
Words = Mapping[str, str]
RECEIVES = {
    "arrest": ("prosecutor",), "prosecution": ("prosecutor",), "investigation": ("police-officer", "prosecutor"),
    "trial": ("judge",), "appeal": ("judge",), "execution": ("executing-officer",),
}  # fmt: skip
"""Who works where a file can be sent for something; for anything else, whoever works on cases."""


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


@RULES.effect("do-what-was-carried")
def do_what_was_carried(around: Circumstances) -> list[Effect]:
    """What the file was sent for is done on the sender's stage, as of when the version that was accepted had come.

    So the sender's terms run until then and the receiver's from then on, however long it took to check the file.
    """
    data = around.matter.data
    if not data.get("act"):
        return []
    came = data.get("delivered_at")
    at = min(datetime.fromisoformat(came), around.now) if came else None
    return [Act(UUID(data["about"]), data["act"], _answers(data["answers"]), at)]


def _answers(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):  # the made-up words of a scenario
        return {}


def _told(around: Circumstances, action: str, *names: str) -> list[Effect]:
    sent = around.matter.data.get("sent")
    if sent is None:  # it came as a file: the receipt goes back as one
        return []
    return [Act(UUID(sent), action, {name: around.data[name] for name in names if name in around.data})]
