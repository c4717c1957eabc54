"""Talks of a mediation: all together in writing, or one side alone with the mediator, unknown to everybody else.

Each is a matter of its own that only those named in it ever see. It points to its dispute; nothing in the dispute
points to it.
"""

from datetime import datetime
from uuid import UUID

from mumian.engine.looking import Look, look
from mumian.engine.matter import Matter
from mumian.engine.perform import Act, Result, keyed_id, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.storing import load
from mumian.people.actor import SYSTEM, Actor
from mumian.systems.mediation.appointing import on_behalf_of
from mumian.systems.mediation.rules import TALK, side_of

TOGETHER, REQUESTER, RESPONDENT = SORTS = ("together", "requester", "respondent")
INTERPRETER = "interpreter"
OPEN_IN = ("mediating", "appraising", "signing")


def sorts_for(mediation: Matter, actor: Actor) -> tuple[str, ...]:
    """The talks somebody may have in a mediation: the mediator all, a side the common one and its own.

    Of an interpreter they are those that might be: one side's alone is only shown once that side has admitted it.
    """
    if actor.person is None:
        return ()
    if mediation.data.get("mediator") == actor.person.hex:
        return SORTS
    side = _side(mediation, actor)
    return SORTS if side == INTERPRETER else (TOGETHER, side) if side in (REQUESTER, RESPONDENT) else ()


def begins(mediation: Matter, actor: Actor, sort: str) -> bool:
    """Whether somebody's coming begins the talk: an interpreter's does not begin what a side says alone."""
    return mediation.state in OPEN_IN and (sort == TOGETHER or _side(mediation, actor) != INTERPRETER)


def talk(actor: Actor, mediation: UUID, sort: str, *, now: datetime | None = None) -> Look | None:
    """A talk as the actor sees it, begun if it had not been; nothing where it is none of the actor's."""
    seen = look(actor, mediation)
    return None if seen is None else talk_in(seen, sort, now=now)


def talk_in(seen: Look, sort: str, *, now: datetime | None = None) -> Look | None:
    """The same for one who looks at the mediation already."""
    if sort not in sorts_for(seen.matter, seen.actor):
        return None
    key = key_of(seen.matter, sort)
    found = look(seen.actor, key)
    if begins(seen.matter, seen.actor, sort):
        there = found.matter if found else load([key]).get(key)
        if acts := _seating(seen.matter, sort, key, there):
            perform(acts, now=now)
            found = look(seen.actor, key)
    return found


def key_of(mediation: Matter, sort: str) -> UUID:
    """The id of a talk: one of each sort for each mediator."""
    return keyed_id(TALK, mediation.id.hex, sort, str(mediation.data.get("mediator", "")))


def interpret(seen: Look, sort: str, *, admitted: bool) -> Result | None:
    """One side lets the interpreter into its talk with the mediator, or out of it; nothing where it may not."""
    if _side(seen.matter, seen.actor) != sort:
        return None
    who = _there(seen.matter).get(INTERPRETER)
    if who is None and admitted:
        return None
    action, data = ("admit", {"interpreter": who}) if admitted else ("dismiss", {})
    [result] = perform([Act(action, on_behalf_of(seen.actor), data, key_of(seen.matter, sort))])
    return result


def interpreter_of(mediation: Matter) -> UUID | None:
    """Who interprets in a mediation, if anybody."""
    return _there(mediation).get(INTERPRETER)


def _seating(mediation: Matter, sort: str, key: UUID, talk: Matter | None) -> list[Act]:
    """What begins a talk, or brings it up to date with who takes part in the mediation by now.

    An interpreter sits where all talk; what one side says alone is interpreted only if that side admits it.
    """
    wanted = _seats(mediation, sort)
    acts = list[Act]()
    if talk is None:
        if not _enough(wanted, sort):
            return acts
        begin = {"sort": sort, "mediator": mediation.data["mediator"], **wanted}
        acts.append(Act("begin", SYSTEM, begin, key, opens=TALK, channel=FOLLOWING, parent=mediation.id))
    elif talk.closed_at is not None:
        return acts
    elif changed := {name: who for name, who in wanted.items() if talk.data.get(name) != who}:
        acts.append(Act("seat", SYSTEM, changed, key))
    who = _there(mediation).get(INTERPRETER)
    if sort == TOGETHER and who and (talk is None or talk.data.get(INTERPRETER) != who.hex):
        acts.append(Act("admit", SYSTEM, {INTERPRETER: who}, key))
    return acts


def _seats(mediation: Matter, sort: str) -> dict[str, str]:
    """Who sits where in a talk: each side with its representative, or the one side alone."""
    there = _there(mediation)
    places = (
        {"first": REQUESTER, "first_agent": f"{REQUESTER}-agent", "second": RESPONDENT, "second_agent": f"{RESPONDENT}-agent"}
        if sort == TOGETHER
        else {"first": sort, "first_agent": f"{sort}-agent"}
    )  # fmt: skip
    return {place: there[party].hex for place, party in places.items() if party in there}


def _enough(seats: dict[str, str], sort: str) -> bool:
    """Whether somebody of every side that talks is there."""
    sides = ("first", "second") if sort == TOGETHER else ("first",)
    return all(side in seats or f"{side}_agent" in seats for side in sides)


def _side(mediation: Matter, actor: Actor) -> str:
    return side_of(mediation, actor.person).removesuffix("-agent") if actor.person else ""


def _there(mediation: Matter) -> dict[str, UUID]:
    """Who takes part by name, by party; the last who came where there were several."""
    return {holder.party: holder.person for holder in mediation.holders if holder.person}
