"""The stages of a case in their order, whose each is, and a case drawn along time as far as one sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from mumian.engine.looking import Look
from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.systems.justice.cases import first_of, matters_of
from mumian.systems.justice.packages.pages import purpose
from mumian.systems.justice.packages.rules import HANDOVER, RECEIVED
from mumian.systems.justice.packages.sending import SENDERS
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.shown import Clock, Panel, State
from mumian.web.words import Text

MAIN = ("investigation", "arrest-review", "prosecution-review", "first-trial", "second-instance", "execution")
"""The way of a case from its beginning to its end."""
BESIDE = (
    "refusal-review", "custody-extension", "own-arrest", "coercive-measure", "measure-change", "custody-necessity",
    "further-investigation", "conditional-non-prosecution", "private-prosecution", "retrial", "legal-aid",
    "filing-supervision",
)  # fmt: skip
RIGHT, NOTICE = "right", "supervision-notice"
WITH_TERMS = (*MAIN, *BESIDE, RIGHT, NOTICE)
AGENCY = {
    "investigation": "police", "filing-supervision": "police", "further-investigation": "police", RIGHT: "police",
    "first-trial": "court", "second-instance": "court", "private-prosecution": "court", "retrial": "court",
    "execution": "execution", "legal-aid": "aid",
}  # fmt: skip
"""Who mostly has a stage, for its colour; the procuratorate has the others."""


def agency_of(procedure: str) -> str:
    """Whose colour a stage has."""
    return AGENCY.get(procedure, "procuratorate")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a case on its line of time, in hundredths of the whole."""

    title: Text
    url: str
    state: State
    unit: Text
    agency: str
    x: float
    width: float
    begun: datetime
    ended: datetime | None
    here: bool


@dataclass(frozen=True, slots=True)
class Right:
    """One right on the checklist."""

    title: Text
    url: str
    state: str
    clock: Clock | None
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class File:
    """One file that goes or went from agency to agency, as the reader's agency has it."""

    purpose: Text
    url: str
    state: State
    other: Text
    coming: bool
    at: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn of a case: its stages along time, its files, and its rights."""

    stages: Sequence[Stage]
    files: Sequence[File]
    rights: Sequence[Right]
    begun: datetime
    until: datetime
    hands_on: str = ""
    """Where other papers of this stage are handed over, for one who may."""

    @property
    def missing(self) -> int:
        """How many rights are yet to be given."""
        return sum(right.state == "due" for right in self.rights)


def panels(look: Look) -> list[Panel]:
    """What stands beside a matter of a case on its page: the case as far as the reader sees it, and its rights."""
    if look.compiled.definition.procedure not in WITH_TERMS:
        return []
    case = first_of(look.data, look.matter.id)
    rows = visible(look.actor).filter(
        pk__in=matters_of(case), procedure__in=(*WITH_TERMS, HANDOVER, RECEIVED)
    )
    seen = list(rows.order_by("opened_at", "pk")[:200])
    drawn = _drawn(seen, look.matter.id, timezone.now())
    if drawn and look.actor.role in SENDERS and look.matter.unit == look.actor.organisation:
        drawn = replace(drawn, hands_on=f"{reverse('justice:handover-new')}?about={look.matter.number}")
    return [Panel("justice/part_case.html", drawn, frozenset(row.pk for row in seen))] if drawn else []


def _drawn(rows: Sequence[Row], here: UUID, now: datetime) -> Drawn | None:
    files = [_file(row, here) for row in rows if row.procedure in (HANDOVER, RECEIVED)]
    rows = [row for row in rows if row.procedure not in (HANDOVER, RECEIVED)]
    stages = [row for row in rows if row.procedure != RIGHT]
    rights = load([row.pk for row in rows if row.procedure == RIGHT])
    if not stages and not rights:
        return None
    begun = min(row.opened_at for row in rows)
    until = now if any(row.closed_at is None for row in stages) else max(_ended(row, now) for row in rows)
    return Drawn(
        [_stage(row, here, begun, until, now) for row in stages],
        sorted(files, key=lambda file: file.at),
        [_right(matter, now) for matter in sorted(rights.values(), key=_by_need)],
        begun,
        until,
    )


def _ended(row: Row, now: datetime) -> datetime:
    return row.closed_at or now


def _stage(row: Row, here: UUID, begun: datetime, until: datetime, now: datetime) -> Stage:
    compiled = city().procedure(row.procedure, row.version)
    whole = max((until - begun).total_seconds(), 1.0)
    x = 100 * (row.opened_at - begun).total_seconds() / whole
    width = max(100 * (min(_ended(row, now), until) - row.opened_at).total_seconds() / whole, 1.0)
    return Stage(
        compiled.definition.title, Addresses(row.number).home, presenting.state(compiled, row.state, row.outcome),
        presenting.unit(row.unit_id), agency_of(row.procedure), round(min(x, 99.0), 2), round(width, 2),
        row.opened_at, row.closed_at, row.pk == here,
    )  # fmt: skip


def _file(row: Row, here: UUID) -> File:
    compiled, coming = city().procedure(row.procedure, row.version), row.procedure == RECEIVED
    [other] = row.data["sender" if coming else "receiver"]
    return File(
        purpose(row.data["purpose"]), Addresses(row.number).home, presenting.state(compiled, row.state, row.outcome),
        presenting.unit(other), coming, row.entered_at, row.parent == here,
    )  # fmt: skip


def _right(matter: Matter, now: datetime) -> Right:
    compiled = city().procedure(matter.procedure, matter.version)
    chosen = compiled.definition.form["right"].choices
    title: Any = next((each.title for each in chosen if each.value == matter.data.get("right")), "")
    run = matter.clocks.get("give")
    clock = presenting.clock(compiled, run, now) if run else None
    return Right(title, Addresses(matter.number).home, matter.state, clock, matter.closed_at)


def _by_need(matter: Matter) -> tuple[bool, datetime]:
    assert matter.opened_at is not None
    return matter.closed_at is not None, matter.due_at or matter.opened_at
