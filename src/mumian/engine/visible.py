"""The one door by which matters are read: what somebody may see, as a query."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from mumian.engine.models import Holder, Matter
from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.place.codes import range_of


def visible(actor: Actor) -> "QuerySet[Matter]":
    """The matters the actor may see, in the post he or she acts in.

    In office one sees what the office does; what one takes part in by name beside it, one sees as oneself. So a
    list is one scan of one index. What is not in it is to be answered like what does not exist. `decide.may_see`
    is the same rule for one matter in hand; the tests hold them against each other.
    """
    matters = Matter.objects.all()
    if actor.system:
        return matters
    if sealed := _sealed_to(actor):
        matters = matters.exclude(sealed)
    if actor.bearer is not None:
        return matters.filter(pk=actor.bearer[0])
    if actor.scope is Scope.ALL:
        seen = Q()
    elif actor.scope is Scope.PLACE and actor.place:
        low, high = range_of(actor.place)
        seen = Q(place__gte=low, place__lt=high)
    elif actor.scope is Scope.UNIT and actor.organisation is not None:
        seen = Q(unit_id__in=actor.lineage)
    elif actor.person is not None:
        return matters.filter(_own(actor.person))
    else:
        return matters.none()
    return matters.filter(seen & ~Q(procedure__in=_closed_to(actor)))


def listed() -> Q:
    """The matters that their procedures let anybody know of: see `definition.PublicSpec`.

    What is told of them is only kind, place, state and dates. Those that have yet to be given a kind are not listed.
    """
    here = city()
    found = Q(pk=None)
    for name in sorted(here.current):
        compiled = here.procedure(name)
        public = compiled.definition.public
        if public is not None:
            hidden = Q(category="") if compiled.kind_field else Q(pk=None)
            for kind in public.except_:
                hidden |= Q(category=kind) | Q(category__startswith=f"{kind}.")
            found |= Q(procedure=name) & ~hidden
    return found


def _own(person: UUID) -> Q:
    """Those one takes part in by name; where a field names the party, only while it names this person."""
    held = Holder.objects.filter(matter_id=OuterRef("pk"), person=person)
    own, here = Q(Exists(held)), city()
    for name in here.current:
        if named := here.procedure(name).definition.named:
            still = Q(Exists(held.exclude(party__in=named)))
            for party, field in named.items():
                still |= Q(Exists(held.filter(party=party))) & Q(data__contains={field: person.hex})
            own &= ~Q(procedure=name) | still
    return own


def _sealed_to(actor: Actor) -> Q:
    """Matters in states that are sealed to the actor's role, in whatever version they are."""
    here, closed = city(), dict[str, list[str]]()
    for name in here.current:
        for state, roles in here.procedure(name).sealed.items():
            if actor.role not in roles:
                closed.setdefault(state, []).append(name)
    sealed = Q()
    for state, names in closed.items():
        sealed |= Q(state=state, procedure__in=names)
    return sealed


def _closed_to(actor: Actor) -> list[str]:
    """Confidential procedures in which the actor's role takes no part, and those open to persons alone."""
    here, sees_all = city(), actor.scope is Scope.ALL
    return [
        name
        for name in here.current
        if here.procedure(name).definition.closed_to(actor.role, sees_all=sees_all)
    ]
