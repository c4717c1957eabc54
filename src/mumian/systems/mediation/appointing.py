"""Finding the mediator: who may mediate a dispute and why, both sides' choice, and appointment by the organiser.

Everybody who is tied to a side is left out, whoever chooses. The acts are done by the program for the one who asks,
who stands on the record with them: so no other way leads round the conflict of interest.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, QuerySet

from mumian.engine.compiled import Reason
from mumian.engine.looking import look
from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.systems.mediation.cases import keep, open_cases
from mumian.systems.mediation.matching import Asked, Cost, Fit, match, ranked
from mumian.systems.mediation.models import Mediator, Tie, TieSort
from mumian.systems.mediation.rules import MEDIATIONS, side_of

ORGANISER = "mediation-organiser"
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may mediate a dispute, and what speaks for and against it."""

    mediator: Mediator
    cost: Cost
    load: int
    agreed: int
    failed: int


def candidates(matter: Matter, most: int = SHOWN) -> list[Candidate]:
    """Those who may mediate it, the fittest first. A handful of statements."""
    mediators, fits = _fits(_reaching([matter.place]))
    barred = barred_from(matter, mediators)
    order = ranked(_asked(matter), fits, [n for n, each in enumerate(mediators) if each.pk in barred])
    return [
        Candidate(mediators[n], cost, fits[n].load, fits[n].agreed, fits[n].failed)
        for n, cost in order[:most]
    ]


def barred_from(matter: Matter, mediators: Collection[Mediator]) -> dict[int, TieSort]:
    """Of these mediators those who are tied to a side of the matter, with why."""
    return _barred([matter], mediators).get(matter.id, {})


def why_not(matter: Matter, mediator: Mediator) -> Reason | None:
    """Why somebody may not mediate a matter; nothing if he or she may."""
    if tie := barred_from(matter, [mediator]).get(mediator.pk):
        zh, en = _TIED[tie]
        return Reason("conflict", f"{mediator} {zh}，须回避", f"{mediator} {en} and may not mediate")
    _mediators, [fit] = _fits([mediator])
    if not ranked(_asked(matter), [replace(fit, capacity=fit.load + 1)]):
        return Reason(
            "unfit",
            "该调解员不受理这一地区或类型",
            "That mediator does not take this place, kind or language",
        )
    if not fit.free or not mediator.active:
        return Reason("full", "该调解员在办已满", "That mediator can take no more cases now")
    return None


def choose(actor: Actor, matter: UUID, mediator: int) -> Result:
    """One side says whom it wants; where the other has said the same, or leaves it, that one is appointed."""
    seen = look(actor, matter)
    side = (side_of(seen.matter, actor.person) if seen and actor.person else "").removesuffix("-agent")
    if seen is None or side not in ("requester", "respondent"):
        return _refused(matter, "not-yours", "只能由当事人选择", "Only the two sides choose")
    chosen = Mediator.objects.select_related("person", "body").filter(pk=mediator).first()
    if chosen is None:
        return _refused(matter, "missing", "没有这个调解员", "There is no such mediator")
    if reason := why_not(seen.matter, chosen):
        return Refused(matter, (reason,))
    other = "respondent" if side == "requester" else "requester"
    data = seen.matter.data
    acts = [_act(actor, matter, f"choose-{side}", {f"choice_{side}": chosen.person_id.hex})]
    if data.get(f"choice_{other}") == chosen.person_id.hex or data.get(f"leave_{other}"):
        acts.append(_act(actor, matter, "appoint", _appointment(chosen, "chosen")))
    results = perform(acts)
    keep([matter])
    return next((each for each in results if isinstance(each, Refused)), results[-1])


def appoint(actor: Actor, matter: UUID, mediator: int, *, why: str = "") -> Result:
    """The organiser appoints somebody, once both sides leave it or their time is over."""
    [result] = appoint_all(actor, [(matter, mediator, why)])
    return result


def appoint_all(actor: Actor, wanted: Iterable[tuple[UUID, int, str]]) -> list[Result]:
    """Appoints for several matters at once, in one transaction; each is looked at again before."""
    wanted = list(wanted)
    seen = set(waiting(actor).filter(pk__in=[key for key, _m, _w in wanted]).values_list("pk", flat=True))
    matters = load(seen)
    mediators = {
        each.pk: each
        for each in Mediator.objects.select_related("person", "body").filter(pk__in=[m for _, m, _ in wanted])
    }
    acts, results = list[Act](), dict[int, Result]()
    for number, (key, mediator, why) in enumerate(wanted):
        found = mediators.get(mediator)
        if key not in matters or found is None:
            results[number] = _refused(
                key, "missing", "没有这个事项，或您无权办理", "There is no such matter, or it is not yours"
            )
        elif reason := why_not(matters[key], found):
            results[number] = Refused(key, (reason,))
        else:
            acts.append(_act(actor, key, "appoint", _appointment(found, "appointed", why)))
    done = iter(perform(acts))
    keep(act.matter for act in acts if act.matter)
    return [results[number] if number in results else next(done) for number in range(len(wanted))]


def waiting(actor: Actor) -> "QuerySet[Row]":
    """The mediations for which the organiser may find a mediator."""
    if actor.role != ORGANISER:
        return Row.objects.none()
    return visible(actor).filter(procedure__in=MEDIATIONS, state="choosing", closed_at=None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A dispute and whom the matching gives it, if anybody."""

    matter: Matter
    candidate: Candidate | None


def match_waiting(actor: Actor, most: int = 5000) -> list[Proposal]:
    """Whom to appoint for all that wait: one matching for all of them."""
    matters = [*load(waiting(actor).order_by("due_at", "pk").values_list("pk", flat=True)[:most]).values()]
    mediators, fits = _fits(_reaching([each.place for each in matters]))
    number = {each.pk: n for n, each in enumerate(mediators)}
    barred = _barred(matters, mediators)
    ties = [(n, number[key]) for n, each in enumerate(matters) for key in barred.get(each.id, ())]
    found = match([_asked(each) for each in matters], fits, ties)
    return [Proposal(matters[each.dispute], _given(each.mediator, matters[each.dispute], mediators, fits))
            for each in found.given]  # fmt: skip


def _given(
    number: int | None, matter: Matter, mediators: Sequence[Mediator], fits: Sequence[Fit]
) -> Candidate | None:
    if number is None:
        return None
    from mumian.systems.mediation.matching import cost_of

    fit = fits[number]
    return Candidate(mediators[number], cost_of(_asked(matter), fit), fit.load, fit.agreed, fit.failed)


# --- who is tied to whom ----------------------------------------------------------------------------

_TIED: dict[TieSort, tuple[str, str]] = {
    TieSort.RELATION: ("与一方有亲属等关系", "is close to one side"),
    TieSort.CLIENT: ("曾受一方委托", "has worked for one side"),
    TieSort.ROLE: ("此前参与过此事", "had another part in this"),
    TieSort.FIRM: ("与一方或其代理人同属一个单位", "is of the same firm as one side or its representative"),
}
_PARTS = re.compile(r"[,，;；、\s（）()]+")


def _barred(matters: Sequence[Matter], mediators: Collection[Mediator]) -> dict[UUID, dict[int, TieSort]]:
    """By matter the mediators who are tied to it: relatives, clients, an earlier role, the same firm."""
    keys = {each.pk: each for each in mediators}
    persons = {each.person_id: each for each in mediators}
    names = {each.id: _names(each) for each in matters}
    held = {each.id: {holder.person for holder in each.holders if holder.person} for each in matters}
    every = set().union(*names.values()) if names else set()
    everybody = set().union(*held.values()) if held else set()
    ties = Tie.objects.filter(Q(name__in=every) | Q(person__in=everybody), mediator__in=keys)
    firms: dict[str, list[int]] = {}
    for each in mediators:
        if each.firm:
            firms.setdefault(each.firm, []).append(each.pk)
    rows = list(ties.values_list("mediator", "sort", "name", "person"))
    agents = dict(
        Mediator.objects.filter(person__in=everybody).exclude(firm="").values_list("person", "firm")
    )
    found: dict[UUID, dict[int, TieSort]] = {}
    for matter in matters:
        own = found.setdefault(matter.id, {})
        for mediator, sort, name, person in rows:
            if name in names[matter.id] or (person and person in held[matter.id]):
                own[mediator] = TieSort(sort)
        sides = {h.person for h in matter.holders if h.person and h.party != "mediator"}
        for firm in names[matter.id] | {agents[each] for each in sides if each in agents}:
            own.update(dict.fromkeys(firms.get(firm, ()), TieSort.FIRM))
        for person in held[matter.id]:  # whoever had a part before, a mediator who was replaced included
            if person in persons:
                own[persons[person].pk] = TieSort.ROLE
    return found


def _names(matter: Matter) -> set[str]:
    data = matter.data
    whole = {str(data.get(name, "")) for name in ("requester_name", "respondent_name")}
    parts = {
        part for name in ("agent_requester", "agent_respondent") for part in _PARTS.split(data.get(name, ""))
    }
    return (whole | parts) - {""}


# --- for the matching -------------------------------------------------------------------------------


def _reaching(places: Collection[str]) -> list[Mediator]:
    """Active mediators who go to one of these places."""
    within = {place[:digits] for place in places for digits in range(2, len(place) + 1)}
    rows = Mediator.objects.filter(active=True, reach__in=within).select_related(
        "person", "body__organisation"
    )
    return list(rows.order_by("pk"))


def _fits(mediators: Iterable[Mediator]) -> tuple[list[Mediator], list[Fit]]:
    mediators = list(mediators)
    busy = open_cases([each.pk for each in mediators] if len(mediators) < 200 else None)
    return mediators, [
        Fit(
            each.pk, each.place, each.reach, frozenset(each.fields), frozenset(each.languages),
            busy.get(each.pk, 0), each.capacity, each.agreed, each.failed,
        )
        for each in mediators
    ]  # fmt: skip


def _asked(matter: Matter) -> Asked:
    language = matter.data.get("language")
    return Asked(matter.id, matter.place, matter.category, frozenset({language}) if language else frozenset())


def _act(actor: Actor, matter: UUID, action: str, data: dict[str, object]) -> Act:
    return Act(action, on_behalf_of(actor), data, matter, channel="web")


def _appointment(mediator: Mediator, how: str, why: str = "") -> dict[str, object]:
    said = {"why": why} if why else {}
    return {"mediator": mediator.person_id.hex, "body": mediator.body_id, "how": how, **said}


def on_behalf_of(actor: Actor) -> Actor:
    """The program, doing something for somebody, who stands on the record with it."""
    return Actor(
        actor.person, actor.post, actor.role, actor.organisation, actor.lineage, actor.place, actor.scope,
        system=True, name="mediation",
    )  # fmt: skip


def _refused(matter: UUID, code: str, zh: str, en: str) -> Refused:
    return Refused(matter, (Reason(code, zh, en),))
