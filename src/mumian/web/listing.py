"""Which matters a board shows: read from the address, counted from the indexes of open matters, paged by key."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from mumian.engine.matter import Matter
from mumian.engine.models import Holder
from mumian.engine.models import Matter as Row
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.place.codes import Level, range_of
from mumian.place.loading import current_atlas
from mumian.web import presenting

ROWS = 50
GROUPS = ("yours", "todo", "doing", "check", "open", "late", "closed")
"""What matters are counted and listed by: whether they wait for one's own role, the tone of their state, all that are
open, those of them beyond their due time, and those closed since midnight."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a board is to show, as it stands in its address."""

    group: str = ""
    state: str = ""
    kind: str = ""
    place: str = ""
    unit: int | None = None
    text: str = ""
    mine: bool = False
    after: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Reads an address; what makes no sense in it is left out."""
        given = request.GET
        group, unit, place = given.get("group", ""), given.get("unit", ""), given.get("place", "")
        return cls(
            group=group if group in GROUPS else "",
            state=given.get("state", "")[:64],
            kind=given.get("kind", "")[:64],
            place=place if place in current_atlas() else "",
            unit=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 19 else None,
            text=given.get("text", "").replace("\0", "").strip()[:100],
            mine=given.get("mine") == "1",
            after=given.get("after", "")[:100],
        )

    def address(self, **changes: Any) -> str:
        """The address of the board with some of it changed, from the first page."""
        pairs = replace(self, **{"after": "", **changes}).pairs()
        return f"{reverse('web:board')}?{urlencode(pairs)}"

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of the address, without what is empty."""
        said = {
            "group": self.group,
            "state": self.state,
            "kind": self.kind,
            "place": self.place,
            "unit": str(self.unit or ""),
            "text": self.text,
            "mine": "1" if self.mine else "",
            "after": self.after,
        }
        return [(name, value) for name, value in said.items() if value]


def first_group(actor: Actor) -> str:
    """Where one begins: with what waits for one's own role, or with all there is."""
    return "yours" if _your_states(actor) else "open"


def _your_states(actor: Actor) -> list[str]:
    """The states in which it is the turn of the actor's role."""
    here = city()
    found = []
    for name in sorted(here.current):
        compiled = here.procedure(name)
        for state in compiled.states:
            spec = compiled.definition.parties.get(presenting.turn(compiled, state)[1])
            if spec and spec.post == actor.role:
                found.append(state)
    return found


def counts(actor: Actor, asked: Asked, now: datetime) -> dict[str, int]:
    """How many matters each group has, at the place and unit asked for: two statements, each on one index."""
    matters = _at(visible(actor), asked)
    tones, yours, found = _tones(), _your_states(actor), dict.fromkeys(GROUPS, 0)
    by_state = matters.filter(closed_at=None).order_by().values("state")
    for row in by_state.annotate(count=Count("*"), late=Count("state", filter=Q(due_at__lt=now))):
        found[tones.get(row["state"], "doing")] += row["count"]
        found["yours"] += row["count"] if row["state"] in yours else 0
        found["open"] += row["count"]
        found["late"] += row["late"]
    found["closed"] = matters.filter(closed_at__gte=_midnight(now)).count()
    if not yours:
        del found["yours"]
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """The matters of one page in their order, and the mark after which the next one begins."""

    matters: list[Matter]
    next: str


def page(actor: Actor, asked: Asked, now: datetime) -> Page:
    """Open matters by due time, those closed today by when they were, the last first: four statements."""
    matters = _narrowed(actor, asked, now)
    by = "closed_at" if asked.group == "closed" else "due_at"
    if mark := read_mark(asked.after):
        matters = after_closed(matters, *mark) if asked.group == "closed" else after_due(matters, *mark)
    rows = list(matters.order_by(*_order(actor, asked)).values_list("pk", by)[: ROWS + 1])
    shown = rows[:ROWS]
    loaded = load([key for key, _ in shown])
    return Page(
        [loaded[key] for key, _ in shown if key in loaded],
        mark_of(shown[-1][1], shown[-1][0]) if len(rows) > ROWS else "",
    )


def _order(actor: Actor, asked: Asked) -> list[Any]:
    """Of a wide area the index of due times gives the first ones at once.

    Of a town or a unit it does not: few of all that are open belong to it. There the due time is wrapped, so that
    the database looks into the index of the place or unit and puts in order what it finds.
    """
    if asked.group == "closed":
        return ["-closed_at", "-pk"]
    of_unit = actor.scope is Scope.UNIT or asked.unit is not None
    if of_unit or len(asked.place or actor.place) >= Level.TOWN:
        return [F("due_at") + Value(timedelta(0)), "pk"]
    return ["due_at", "pk"]


def _narrowed(actor: Actor, asked: Asked, now: datetime) -> QuerySet[Row]:
    when = Q(closed_at__gte=_midnight(now)) if asked.group == "closed" else Q(closed_at=None)
    matters = _at(visible(actor), asked).filter(when)
    if asked.group == "late":
        matters = matters.filter(due_at__lt=now)
    elif asked.group == "yours":
        matters = matters.filter(state__in=_your_states(actor))
    elif asked.group in ("todo", "check"):
        matters = matters.filter(state__in=_states(asked.group))
    elif asked.group == "doing":
        matters = matters.exclude(state__in=[*_states("todo"), *_states("check")])
    if asked.state:
        matters = matters.filter(state=asked.state)
    if asked.kind:
        matters = matters.filter(Q(category=asked.kind) | Q(category__startswith=f"{asked.kind}."))
    if asked.text:
        matters = matters.filter(title__icontains=asked.text)
    if asked.mine:
        mine = Holder.objects.filter(matter_id=OuterRef("pk"), person=actor.person)
        matters = matters.filter(Exists(mine))
    return matters


def _at(matters: QuerySet[Row], asked: Asked) -> QuerySet[Row]:
    if asked.place:
        low, high = range_of(asked.place)
        matters = matters.filter(place__gte=low, place__lt=high)
    return matters if asked.unit is None else matters.filter(unit=asked.unit)


def _tones() -> Mapping[str, str]:
    """By state that is not final: under which group its matters are counted."""
    here = city()
    tones: dict[str, str] = {}
    for name in sorted(here.current):
        compiled = here.procedure(name)
        for state, spec in compiled.states.items():
            if not spec.final:
                tone = presenting.state(compiled, state).tone
                tones.setdefault(state, tone if tone in ("todo", "check") else "doing")
    return tones


def _states(group: str) -> list[str]:
    return [state for state, tone in _tones().items() if tone == group]


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


# --- by key, so that a page costs the same at any depth --------------------------------------------------


def after_due(matters: QuerySet[Row], due: datetime | None, last: UUID) -> QuerySet[Row]:
    """Those that come after: due later, or at no time, which stand last."""
    if due is None:
        return matters.filter(due_at=None, pk__gt=last)
    return matters.filter(Q(due_at__gte=due) | Q(due_at=None)).exclude(due_at=due, pk__lte=last)


def after_closed(matters: QuerySet[Row], closed: datetime | None, last: UUID) -> QuerySet[Row]:
    return matters.filter(closed_at__lte=closed).exclude(closed_at=closed, pk__gte=last)


def mark_of(at: datetime | None, last: UUID) -> str:
    text = f"{at.isoformat() if at else ''}|{last.hex}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_mark(text: str) -> tuple[datetime | None, UUID] | None:
    """Time and id of the last row of the page before; nothing for what is no mark of ours."""
    try:
        at, _, last = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        moment = datetime.fromisoformat(at) if at else None
        return (moment, UUID(last)) if moment is None or moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
