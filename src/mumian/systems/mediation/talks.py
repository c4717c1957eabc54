"""Talks of a mediation: all together in writing, or one side alone with the mediator, unknown to everybody else.

Each is a matter of its own that only those named in it ever see. It points to its dispute; nothing in the dispute
points to it.
"""

from datetime import datetime
from uuid import UUID

from mumian.engine.looking import Look, look
from mumian.engine.matter import Matter
from mumian.engine.perform import Act, Refused, Result, keyed_id, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.systems.mediation.rules import TALK, side_of

TOGETHER, REQUESTER, RESPONDENT = SORTS = ("together", "requester", "respondent")
OPEN_IN = ("mediating", "appraising", "signing")


def sorts_for(mediation: Matter, actor: Actor) -> tuple[str, ...]:
    """The talks somebody may have in a mediation: the mediator all, a side the common one and its own."""
    if actor.person is None:
        return ()
    if mediation.data.get("mediator") == actor.person.hex:
        return SORTS
    side = side_of(mediation, actor.person).removesuffix("-agent")
    return (TOGETHER, side) if side in (REQUESTER, RESPONDENT) else ()


def talk(actor: Actor, mediation: UUID, sort: str, *, now: datetime | None = None) -> Look | None:
    """A talk as the actor sees it, begun if it had not been; nothing where it is none of the actor's."""
    seen = look(actor, mediation)
    return None if seen is None else talk_in(seen, sort, now=now)


def talk_in(seen: Look, sort: str, *, now: datetime | None = None) -> Look | None:
    """The same for one who looks at the mediation already."""
    actor = seen.actor
    if sort not in sorts_for(seen.matter, actor):
        return None
    key = key_of(seen.matter, sort)
    if not visible(SYSTEM).filter(pk=key).exists() and isinstance(
        _begin(seen.matter, sort, key, now), Refused | None
    ):
        return None
    return look(actor, key)


def key_of(mediation: Matter, sort: str) -> UUID:
    """The id of a talk: one of each sort for each mediator."""
    return keyed_id(TALK, mediation.id.hex, sort, str(mediation.data.get("mediator", "")))


def _begin(mediation: Matter, sort: str, key: UUID, now: datetime | None) -> Result | None:
    sides = {REQUESTER: _who(mediation, REQUESTER), RESPONDENT: _who(mediation, RESPONDENT)}
    present = [each for side, each in sides.items() if sort in (TOGETHER, side) and each]
    if mediation.state not in OPEN_IN or len(present) < (2 if sort == TOGETHER else 1):
        return None
    data = {"sort": sort, "mediator": mediation.data["mediator"], "first": present[0].hex}
    if sort == TOGETHER:
        data["second"] = present[1].hex
    if helper := _helper(mediation, sort, set(present)):
        data["helper"] = helper.hex
    [result] = perform(
        [Act("begin", SYSTEM, data, key, opens=TALK, channel=FOLLOWING, parent=mediation.id)],
        now=now,
    )
    return result


def _who(mediation: Matter, side: str) -> UUID | None:
    """The person on a side: the side itself, else its representative."""
    named = {holder.party: holder.person for holder in mediation.holders if holder.person}
    return named.get(side) or named.get(f"{side}-agent")


def _helper(mediation: Matter, sort: str, present: set[UUID]) -> UUID | None:
    """A representative of the side that talks, or the interpreter."""
    wanted = ("interpreter",) if sort == TOGETHER else (f"{sort}-agent", "interpreter")
    named = {holder.party: holder.person for holder in mediation.holders if holder.person}
    return next((who for party in wanted if (who := named.get(party)) and who not in present), None)
