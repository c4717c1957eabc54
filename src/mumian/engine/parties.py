"""Who somebody is to a matter: which party, by name or by post, and whether he or she may see it."""

from uuid import UUID

from mumian.engine.compiled import Compiled
from mumian.engine.definition import ActionSpec, PartySpec
from mumian.engine.matter import Data, Holder, Matter
from mumian.people.actor import Actor, Scope
from mumian.place.codes import Level, cut


def could_open(party: PartySpec, actor: Actor) -> bool:
    if actor.system:
        return True
    if party.person and (party.anonymous or actor.person is not None):
        return True
    return party.post is not None and party.post == actor.role


def party_of(compiled: Compiled, matter: Matter, spec: ActionSpec, actor: Actor, place: str) -> str | None:
    """As which party the actor may do the action. The program may stand for any; the record says it did."""
    if actor.system:
        return spec.by[0]
    for name in spec.by:
        if name != "system" and is_party(compiled, matter, name, actor, place):
            return name
    return None


def is_party(compiled: Compiled, matter: Matter, name: str, actor: Actor, place: str | None = None) -> bool:
    """Whether the actor is this party of the matter."""
    spec = compiled.definition.parties.get(name)
    if spec is None:
        return False
    if spec.not_ and has_acted(matter, actor, spec.not_):
        return False
    if spec.person and _is_person(matter, name, spec, actor):
        return True
    if spec.post is None or spec.post != actor.role or actor.post is None:
        return False
    if spec.at is not None and not _at(spec.at, matter, matter.place if place is None else place, actor):
        return False
    return spec.of is None or matter.unit in actor.lineage


def _is_person(matter: Matter, name: str, spec: PartySpec, actor: Actor) -> bool:
    if not matter.state:
        return spec.anonymous or actor.person is not None
    if actor.bearer == (matter.id, name):
        return True
    return actor.person is not None and any(
        holder.party == name and holder.person == actor.person and _still(spec.named, holder, matter)
        for holder in matter.holders
    )


def _still(named: str | None, holder: Holder, matter: Matter) -> bool:
    """Whether a party known by a field is still the one it names: another may have taken the place."""
    return named is None or holder.person is None or matter.data.get(named) == holder.person.hex


def _at(level: str, matter: Matter, place: str, actor: Actor) -> bool:
    if level == "desk":
        return actor.place == (matter.desk or place)
    whole = LEVELS[level]
    target = cut(place, whole)
    if actor.place == target:
        return True
    # Where the matter is not located so deep, any post of that level inside it may act.
    return len(place) < whole and bool(actor.place) and actor.place.startswith(place)


LEVELS = {level.word: level for level in Level}


def has_acted(matter: Matter, actor: Actor, parties: list[str]) -> bool:
    return any(holder.party in parties and _same(holder, actor) for holder in matter.holders)


def _same(holder: Holder, actor: Actor) -> bool:
    """Whether this one has acted: a person is known by name, a program in a vacant post by the post."""
    if holder.person is None and actor.person is None:
        return actor.post is not None and holder.post == actor.post
    return holder.person == actor.person


def new_holders(compiled: Compiled, after: Matter, party: str, actor: Actor) -> tuple[Holder, ...]:
    """One who acts is remembered as that party, once; a person party also without a name."""
    if actor.system or (actor.person is None and actor.post is None):
        return ()
    if any(holder.party == party and _same(holder, actor) for holder in after.holders):
        return ()
    new = Holder(party, actor.person, actor.post, actor.organisation)
    after.holders = (*after.holders, new)
    return (new,)


def named_holders(compiled: Compiled, after: Matter, answers: Data) -> tuple[Holder, ...]:
    """Those whom the answers name as a party take part from now on, before they have acted."""
    new = tuple(
        holder
        for party, named in compiled.definition.named.items()
        if named in answers
        and (holder := Holder(party, UUID(answers[named]), None, None)) not in after.holders
    )
    after.holders = (*after.holders, *new)
    return new


def may_see(compiled: Compiled, matter: Matter, actor: Actor) -> bool:
    """Whether the actor may look at the matter: the same rule as `visible`, for one matter in hand."""
    if actor.system:
        return True
    if matter.state in compiled.sealed and actor.role not in compiled.sealed[matter.state]:
        return False
    if actor.bearer is not None:
        return actor.bearer[0] == matter.id
    definition = compiled.definition
    closed = definition.closed_to(actor.role, sees_all=actor.scope is Scope.ALL)
    if actor.scope is Scope.ALL:
        return not closed
    if actor.scope is Scope.PLACE and actor.place:
        return matter.place.startswith(actor.place) and not closed
    if actor.scope is Scope.UNIT and actor.organisation is not None:
        return matter.unit in actor.lineage and not closed
    return actor.person is not None and any(
        holder.person == actor.person and _still(definition.named.get(holder.party), holder, matter)
        for holder in matter.holders
    )
