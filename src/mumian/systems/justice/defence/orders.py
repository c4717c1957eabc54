"""Investigation orders: issued with a code by which anyone can see that one is genuine, and nothing of the case."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from mumian.engine.compiled import Reason
from mumian.engine.looking import Look, look
from mumian.engine.parties import is_party
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation
from mumian.systems.justice.defence import counsel
from mumian.systems.justice.defence.models import Order
from mumian.systems.justice.defence.rules import ORDER, order_rules
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages.sending import on_behalf_of

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LETTERS = 16
"""80 bits: at any rate of asking nobody comes upon one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What anyone who has the code sees."""

    court: str
    lawyer: str
    licence: str
    firm: str
    addressee: str
    issued_at: datetime
    ends_at: datetime
    state: str
    """valid, used, answered, expired or withdrawn."""


def apply(
    actor: Actor,
    mandate: UUID,
    court: int,
    *,
    addressee: str,
    what: str,
    why: str,
    now: datetime | None = None,
) -> Result:
    """A lawyer applies for an order, under the rules of the court's province."""
    unit = Organisation.objects.filter(pk=court).first()
    data = {"addressee": addressee, "what": what, "why": why, "province": unit.place[:2] if unit else ""}
    return counsel.begin(actor, mandate, ORDER, data, unit=court, now=now)


def issue(seen: Look, days: int | None = None, *, now: datetime | None = None) -> Result:
    """The court issues an order: valid for as many days as it says, within what its province allows."""
    now, matter = now or timezone.now(), seen.matter
    rules = order_rules(str(matter.data.get("province", "")))
    days = rules.valid if days is None else days
    if matter.procedure != ORDER or not is_party(seen.compiled, matter, "judge", seen.actor):
        return _refused(matter.id, "not-yours", "只能由法官签发", "Only a judge issues it")
    if not 1 <= days <= rules.most:
        return _refused(
            matter.id, "days", f"有效期最长 {rules.most} 天", f"It is valid for {rules.most} days at most"
        )
    last = timezone.localdate(now) + timedelta(days=days)
    ends = timezone.make_aware(datetime.combine(last, time(23, 59, 59)))
    code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    act = Act("issue", on_behalf_of(seen.actor), {"days": days, "valid_until": ends, "code": code}, matter.id)
    try:
        with transaction.atomic():
            [result] = perform([act], now=now)
            if isinstance(result, Refused):
                raise _Undo(result)
            lawyer = Counsel.objects.get(person=UUID(matter.data["lawyer"]))
            Order.objects.create(
                matter=matter.id, code=code, court_id=matter.unit or 0, counsel=lawyer,
                addressee=matter.data["addressee"], issued_at=now, ends_at=ends, state="issued",
            )  # fmt: skip
    except _Undo as undone:
        return undone.refused
    return result


def keep_in_step(matter: UUID) -> None:
    """What anyone is shown of an order follows what has become of it."""
    seen = look(SYSTEM, matter)
    if seen is not None and seen.matter.state in ("used", "answered", "expired", "withdrawn"):
        Order.objects.filter(matter=matter).update(state=seen.matter.state)


def verify(code: str, *, now: datetime | None = None) -> Shown | None:
    """The order with a code, typed with or without spaces and dashes; nothing if there is none. One statement."""
    letters = "".join(each for each in code.upper() if each in ALPHABET)
    if len(letters) != LETTERS:
        return None
    order = Order.objects.filter(code=letters).select_related("court", "counsel__person").first()
    if order is None:
        return None
    now = now or timezone.now()
    state = order.state
    if state == "issued":
        state = "valid" if now <= order.ends_at else "expired"
    return Shown(
        str(order.court), str(order.counsel.person), order.counsel.code, order.counsel.firm, order.addressee,
        order.issued_at, order.ends_at, state,
    )  # fmt: skip


def written(code: str) -> str:
    """A code as people read it: in fours."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


class _Undo(Exception):
    def __init__(self, refused: Refused) -> None:
        self.refused = refused


def _refused(matter: UUID, code: str, zh: str, en: str) -> Refused:
    return Refused(matter, (Reason(code, zh, en),))
