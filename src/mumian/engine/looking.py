"""Looking at one matter: the rule of `visible` for one in hand, and what may be shown to the one who looks."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid5

from mumian.engine.clocks import COUNTING, Step, explain
from mumian.engine.compiled import Compiled
from mumian.engine.decide import may
from mumian.engine.definition import ActionSpec
from mumian.engine.limits import Limit
from mumian.engine.matter import ClockRun, Data, Matter
from mumian.engine.models import Matter as Row
from mumian.engine.numbers import link_secret
from mumian.engine.parties import is_party, may_see
from mumian.engine.storing import load
from mumian.engine.turning import changes_of
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.record.writing import append

_LOOKS = UUID("6d756d69-616e-8000-8000-6c6f6f6b7300")


@dataclass(frozen=True)
class Look:
    """A matter as one who may see it sees it."""

    actor: Actor
    matter: Matter
    compiled: Compiled

    @cached_property
    def involved(self) -> bool:
        """Whether the actor is a party of it: only such see personal values."""
        parties = self.compiled.definition.parties
        return self.actor.system or any(
            is_party(self.compiled, self.matter, name, self.actor) for name in parties
        )

    @cached_property
    def data(self) -> Data:
        """What was answered so far, personal values only for one involved."""
        form = self.compiled.definition.form
        return {
            name: value
            for name, value in self.matter.data.items()
            if not (name in form and form[name].personal) or (self.involved and self._is_one_of(name))
        }

    def shows(self, field: str, *, person: UUID | None, post: int | None) -> bool:
        """Whether the personal value an entry by this person in this post has for a field may be shown.

        Where the definition says who alone is shown it, those are. Else those in office who are involved see
        it, and a resident only his or her own words.
        """
        spec = self.compiled.definition.form.get(field)
        if spec is not None and spec.only:
            return self._is_one_of(field)
        own = post is None and person == self.actor.person
        return self.involved and (self.actor.system or self.actor.post is not None or own)

    def _is_one_of(self, field: str) -> bool:
        """Whether the actor is one of the parties a field is kept to; true of those that are not."""
        only = self.compiled.definition.form[field].only
        return (
            not only
            or self.actor.system
            or any(is_party(self.compiled, self.matter, party, self.actor) for party in only)
        )

    def possible(self, now: datetime) -> dict[str, ActionSpec]:
        """The actions the actor may do now, as far as can be told before a form is filled in."""
        actions, world = self.compiled.definition.actions, city().world
        return {
            name: spec
            for name, spec in actions.items()
            if may(self.compiled, self.matter, name, actor=self.actor, now=now, world=world) is None
        }

    def why_due(self, run: ClockRun) -> list[Step]:
        """How the due time of one of its clocks came about; nothing for one that was voided."""
        calendar, spec = city().world.calendar, self.compiled.clocks.get(run.name)
        if run.due_at is None:
            return []
        if run.limit:
            basis = spec.basis if spec else ()
            counting = self.compiled.definition.counting or COUNTING
            return explain(run.started_at, Limit.parse(run.limit), calendar, changes_of(run), basis, counting)
        due = calendar.local(run.due_at)
        return [Step(f"承诺于 {due:%Y-%m-%d %H:%M} 前办结", f"It was promised for {due:%Y-%m-%d %H:%M}")]


def look(actor: Actor, matter: UUID) -> Look | None:
    """The matter, or nothing where there is none or the actor may not see it: at most three statements.

    A look at a confidential matter is recorded under `looks_at`.
    """
    found = load([matter]).get(matter)
    if found is None:
        return None
    compiled = city().procedure(found.procedure, found.version)
    if not may_see(compiled, found, actor):
        return None
    if compiled.definition.confidential and not actor.system:
        body = {"matter": matter.hex, "seq": found.seq}
        append(looks_at(matter), "look", body, person=actor.person, post=actor.post)
    return Look(actor, found, compiled)


def looks_at(matter: UUID) -> UUID:
    """The subject under which the record keeps who looked at a confidential matter."""
    return uuid5(_LOOKS, matter.hex)


def link_after(matter: UUID, compiled: Compiled, action: str) -> str | None:
    """The secret with which one without a name who opened the matter comes back to it."""
    spec = compiled.definition.actions.get(action)
    party = next(filter(_anonymous(compiled).__contains__, spec.by if spec else ()), None)
    return link_secret(matter, party, city().key) if party else None


def link_holder(secret: str, *, matter: UUID | None = None, number: str | None = None) -> Actor | None:
    """The one who holds the secret link of a matter, given by id or number; nothing if it opens nothing."""
    rows = Row.objects.filter(pk=matter) if matter else Row.objects.filter(number=number)
    given = secret.strip().upper().encode()
    for found, procedure, version in rows.values_list("id", "procedure", "version"):
        for party in _anonymous(city().procedure(procedure, version)):
            if hmac.compare_digest(link_secret(found, party, city().key).encode(), given):
                return Actor(bearer=(found, party))
    return None


def _anonymous(compiled: Compiled) -> list[str]:
    return [name for name, spec in compiled.definition.parties.items() if spec.anonymous]
