"""What the pages of mediation show of one mediation: who takes part, what is agreed so far, what one may do now."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.engine.looking import Look
from mumian.engine.matter import Data
from mumian.engine.models import Matter as Row
from mumian.engine.numbers import link_secret
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.models import Person
from mumian.record.models import Entry
from mumian.systems.mediation.appointing import ORGANISER
from mumian.systems.mediation.clauses import clauses_for
from mumian.systems.mediation.matching import Cost
from mumian.systems.mediation.models import Mediator, Session
from mumian.systems.mediation.rules import MEDIATIONS, SIDES, TALK, agreed_by_both, side_of
from mumian.systems.mediation.talks import begins, sorts_for
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.history import History
from mumian.web.matters import related
from mumian.web.shown import Act, Colour, State
from mumian.web.words import Text, in_words

NEXT = {"write-minutes": "minutes_number", "note-facts": "facts_number", "draft": "draft_number"}
LATEST = {"agree-minutes": ("minutes", "minutes_number"), "agree-facts": ("facts", "facts_number"),
          "sign": ("signed", "draft_number")}  # fmt: skip
ELSEWHERE = {"join"}
"""Actions that pages of their own lead to."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mediation in a list."""

    number: str
    title: str
    kind: Text
    place: Text
    state: State
    opened: datetime
    due: datetime | None
    url: str

    @property
    def late(self) -> bool:
        return self.due is not None and self.due < timezone.now()


def line(row: Row) -> Line:
    """A mediation as lists show it."""
    compiled = city().procedure(row.procedure, row.version)
    return Line(
        row.number, row.title, short_kind(row.category), presenting.place_name(row.place),
        presenting.state(compiled, row.state, row.outcome), row.opened_at, row.due_at,
        reverse("mediation:one", args=[row.number]),
    )  # fmt: skip


def short_kind(code: str) -> Text:
    """The name of a kind of dispute alone."""
    kind = city().kinds.get("disputes", {}).get(code)
    return {"zh": kind.title, "en": kind.title_en or kind.title} if kind else code


@dataclass(frozen=True, slots=True)
class Tick:
    """Whether somebody has agreed to something, or signed it."""

    who: Text
    done: bool


def ticks(seen: Look, number: str, answers: str, *, mediator: bool = False) -> list[Tick]:
    """Who has agreed to the latest of something that is counted."""
    data, parties = seen.matter.data, seen.compiled.definition.parties
    names = (*SIDES, "mediator") if mediator else SIDES
    return [
        Tick(
            parties[name].title,
            data.get(number) is not None and data.get(f"{answers}_{name}") == data[number],
        )
        for name in names
    ]


@dataclass(frozen=True, slots=True)
class Way:
    """A link by which somebody comes to a mediation."""

    title: Text
    url: str


def role_in(seen: Look) -> str:
    """As what the reader takes part: `requester`, `respondent`, `mediator`, `organiser`, or nothing of these."""
    person = seen.actor.person
    if person is not None and seen.matter.data.get("mediator") == person.hex:
        return "mediator"
    if person is not None and (side := side_of(seen.matter, person).removesuffix("-agent")) in SIDES:
        return side
    return "organiser" if seen.actor.role == ORGANISER else ""


def context_of(seen: Look) -> dict[str, Any]:
    """Everything the page of one mediation shows to the one who looks. About fifteen statements."""
    matter, compiled, now, role = seen.matter, seen.compiled, timezone.now(), role_in(seen)
    history = History.of(seen, Addresses(matter.number).file)
    mediator = mediator_of(seen)
    possible = {
        name: spec
        for name, spec in seen.possible(now).items()
        if name not in ELSEWHERE and not _spent(seen, name)
    }
    acts = [_act(seen, name) for name in presenting.in_order(possible)]
    if (
        matter.state == "signing" and f"sign-{role}" in possible
    ):  # to sign comes first, to draft anew stands back
        acts = [replace(each, tone="plain") if "/do/draft" in each.url else each for each in acts]
    return {
        "seen": seen, "role": role, "matter": matter, "data": seen.data, "key": matter.id.hex, "seq": matter.seq,
        "title": matter.title, "procedure": compiled.definition.title, "kind": short_kind(matter.category),
        "state": presenting.state_of(compiled, matter), "place": presenting.place(matter.place),
        "steps": presenting.steps(compiled, matter, history.visited),
        "said": presenting.what_next(seen, now, openly=True),
        "main_acts": [each for each in acts if each.tone == "primary"],
        "acts": [each for each in acts if each.tone == "plain"],
        "more_acts": [each for each in acts if each.tone not in ("primary", "plain")],
        "clocks": presenting.clocks(seen, now, openly=True),
        "events": history.events, "files": history.files, "mediator": mediator,
        "facts_ticks": ticks(seen, "facts_number", "facts"),
        "facts_agreed": agreed_by_both(matter.data, "facts_number", "facts"),
        "signed_ticks": ticks(seen, "draft_number", "signed", mediator=True),
        "minutes_ticks": ticks(seen, "minutes_number", "minutes"),
        "sessions": _sessions(matter.id, now), "talks": _talks(seen), "ways": _ways(seen, role),
        "follow_ups": _follow_ups(seen), "names": _names(seen), "longer": longer(seen),
    }  # fmt: skip


def known_answers(seen: Look, action: str) -> Data:
    """What need not be asked: the number of the draft, the one that is agreed to or signed."""
    data = seen.matter.data
    if action in NEXT:
        return {NEXT[action]: int(data.get(NEXT[action], 0)) + 1}
    what, _dash, side = action.rpartition("-")
    if what in LATEST:
        answer, number = LATEST[what]
        return {f"{answer}_{side}": data.get(number)}
    if what == "longer":
        return {f"longer_{side}": int(data.get("extension", 0)) + 1}
    if what == "confirm":
        return {f"confirm_{side}": True}
    return {"filed": True} if action == "hand-to-filing" else {}


@dataclass(frozen=True, slots=True)
class Longer:
    """More time that one side has agreed to and the other has not, or not as much."""

    side: Text
    days: int


def longer(seen: Look) -> list[Longer]:
    """Who has named how many days for the extension that comes next."""
    data, parties = seen.matter.data, seen.compiled.definition.parties
    wanted = int(data.get("extension", 0)) + 1
    return [
        Longer(parties[side].title, data[f"more_{side}"])
        for side in SIDES
        if data.get(f"longer_{side}") == wanted and seen.matter.state == "mediating"
    ]


def proposed_answers(seen: Look, action: str) -> dict[str, object]:
    """What a form begins with: the last draft or what is usual for the kind; days more that somebody has named."""
    if action == "draft":
        data = seen.data
        asked = seen.compiled.asks[action]
        last: dict[str, object] = {name: data[name] for name, _needed in asked if name in data}
        return last or {"clauses": clauses_for(seen.matter.category, _names(seen))}
    named = longer(seen)
    what, _dash, side = action.rpartition("-")
    return {f"more_{side}": str(named[-1].days)} if what == "longer" and named else {}


def _spent(seen: Look, name: str) -> bool:
    """Whether one has done already what an action would do again: agreed to the latest, signed it, asked for it."""
    data = seen.matter.data
    for side in (*SIDES, "mediator"):
        counted = {f"sign-{side}": ("draft_number", "signed"), f"agree-facts-{side}": ("facts_number", "facts"),
                   f"agree-minutes-{side}": ("minutes_number", "minutes")}  # fmt: skip
        if name in counted:
            number, answer = counted[name]
            return number not in data or data.get(f"{answer}_{side}") == data[number]
        if name == f"confirm-{side}":
            return bool(data.get(f"confirm_{side}"))
        if name == f"longer-{side}":  # one may still come to the number of days the other has named
            wanted = int(data.get("extension", 0)) + 1
            other = "respondent" if side == "requester" else "requester"
            return data.get(f"longer_{side}") == wanted != data.get(f"longer_{other}")
    return False


def _act(seen: Look, name: str) -> Act:
    """An action as a button; one that asks nothing but what is known is done at once."""
    url = reverse("mediation:act", args=[seen.matter.number, name])
    known = known_answers(seen, name)
    asks = any(field not in known for field, _needed in seen.compiled.asks[name])
    return replace(presenting.act(seen.compiled, name, url, seen.matter), asks=asks)


def mediator_of(seen: Look) -> Mediator | None:
    """The mediator there is now, if any."""
    person = seen.matter.data.get("mediator")
    rows = Mediator.objects.select_related("person", "body__organisation")
    return rows.filter(person=UUID(person)).first() if person else None


def _sessions(matter: UUID, now: datetime) -> list[dict[str, Any]]:
    rows = Session.objects.filter(matter=matter, cancelled=False).select_related("room").order_by("during")
    return [{"row": row, "begins": row.during.lower, "ends": row.during.upper, "over": row.during.upper < now,
             "mode": mode(row.mode)} for row in rows]  # fmt: skip


MODES: dict[str, Callable[[], str]] = {
    "on-site": lambda: _("On site"), "video": lambda: _("By video"), "written": lambda: _("In writing"),
}  # fmt: skip


def mode(name: str) -> str:
    """How a session is held, in words."""
    return MODES[name]()


def _talks(seen: Look) -> list[dict[str, Any]]:
    """The talks the reader may have or has had; of others nothing is known, not even that there are any."""
    matter = seen.matter
    there = dict(visible(seen.actor).filter(parent=matter.id, procedure=TALK).values_list("data__sort", "pk"))
    spoken = Entry.objects.filter(subject__in=there.values(), action__in=("say", "propose"))
    words = Counter(spoken.values_list("subject", flat=True)) if there else Counter[UUID]()
    names = seen.compiled.definition.parties
    found = []
    for sort in sorts_for(matter, seen.actor):
        if sort in there or begins(matter, seen.actor, sort):
            alone = in_words(names[sort].title) if sort in names else ""
            found.append({"sort": sort, "url": reverse("mediation:talk", args=[matter.number, sort]),
                          "alone": alone, "words": words[there[sort]] if sort in there else 0})  # fmt: skip
    return found


def _ways(seen: Look, role: str) -> list[Way]:
    """Links to hand to those who are to take part: the other side by the organiser, its people by each side."""
    matter, parties = seen.matter, seen.compiled.definition.parties
    if matter.closed_at is not None:
        return []
    wanted = {
        "organiser": ("requester", "respondent", "interpreter"),
        "requester": ("requester-agent",) if "agent_requester" in matter.data else (),
        "respondent": ("respondent-agent",) if "agent_respondent" in matter.data else (),
    }.get(role, ())
    there = {holder.party for holder in matter.holders if holder.person}
    key = city().key
    return [
        Way(
            parties[party].title,
            reverse("mediation:invited", args=[matter.number, link_secret(matter.id, party, key)]),
        )
        for party in wanted
        if party not in there
    ]


def _follow_ups(seen: Look) -> list[Any]:
    rows = visible(seen.actor).filter(Q(parent=seen.matter.id) & ~Q(procedure__in=(TALK, *MEDIATIONS)))
    return [related(row) for row in rows.order_by("opened_at")]


def _names(seen: Look) -> dict[str, str]:
    """The two sides by name, as they were written down."""
    return {side: str(seen.data.get(f"{side}_name", "")) for side in SIDES}


# --- reasons for a mediator -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """A reason in a few words, with its colour."""

    text: str
    colour: Colour


def chips(cost: Cost, load: int, agreed: int, failed: int) -> list[Chip]:
    """Why a mediator suits a dispute: near, of the kind, free, and with what record."""
    near = {0: _("Same community"), 10: _("Same town"), 30: _("Same district")}.get(cost.way, _("Same city"))
    found = [Chip(near, "leaf" if cost.way <= 10 else "neutral")]
    found.append(Chip(_("For all kinds"), "neutral") if cost.general else Chip(_("Knows this kind"), "leaf"))
    found.append(
        Chip(_("%(count)s open") % {"count": load}, "leaf" if load < 4 else "amber" if load < 8 else "kapok")
    )
    if agreed + failed >= 5:
        rate = round(100 * agreed / (agreed + failed))
        found.append(Chip(_("%(rate)s%% agreed") % {"rate": rate}, "leaf" if rate >= 60 else "neutral"))
    return found


def called(persons: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of persons."""
    return {
        key: str(person) for key, person in Person.objects.in_bulk({each for each in persons if each}).items()
    }
