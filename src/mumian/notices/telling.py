"""Who is told: the persons behind the parties of a matter, those who hold its link, and those whose report was merged into it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from mumian.engine.definition import PartySpec
from mumian.engine.models import Holder, Matter
from mumian.engine.parties import LEVELS
from mumian.engine.world import city
from mumian.notices.models import NoMail, Subscription, Way
from mumian.people.models import Person, Post
from mumian.place.codes import cut
from mumian.record.models import Entry

Entries = dict[UUID, list[int]]
"""Matters, and of each the entries one is told of."""


@dataclass(frozen=True, slots=True)
class Told:
    """One who is told, by one way, of everything that happened at once."""

    of: Entries
    person: UUID | None = None
    subscription: UUID | None = None

    def arguments(self) -> dict[str, Any]:
        """The same for a job; it names people, and holds no address."""
        return {
            "person": self.person and self.person.hex,
            "subscription": self.subscription and self.subscription.hex,
            "of": {matter.hex: seqs for matter, seqs in self.of.items()},
        }


def told(notices: Iterable[Mapping[str, Any]]) -> list[Told]:
    """Those to be told of notices, each once by each way, with all that concerns them. About eight statements."""
    found = _Found()
    wanted = [(UUID(each["matter"]), each["seq"], each["parties"]) for each in notices]
    audience = _Audience.of({matter for matter, _seq, _parties in wanted})
    for matter, seq, parties in wanted:
        by = audience.actors.get((matter, seq))
        for party in parties:
            for person in audience.persons(matter, party):
                if person != by:
                    found.add(found.persons, person, matter, seq)
            for subscription in audience.holders(matter, party):
                found.add(found.subscriptions, subscription, matter, seq)
    return [
        *_by_person(found.persons),
        *(Told(of, subscription=key) for key, of in found.subscriptions.items()),
    ]


@dataclass(slots=True)
class _Found:
    persons: dict[UUID, Entries] = field(default_factory=dict)
    subscriptions: dict[UUID, Entries] = field(default_factory=dict)

    @staticmethod
    def add(those: dict[UUID, Entries], who: UUID, matter: UUID, seq: int) -> None:
        seqs = those.setdefault(who, {}).setdefault(matter, [])
        if seq not in seqs:
            seqs.append(seq)


def _by_person(persons: Mapping[UUID, Entries]) -> Iterator[Told]:
    """The ways by which persons are told: e-mail unless they want none, and each device they asked for."""
    silent = set(NoMail.objects.filter(pk__in=persons).values_list("pk", flat=True))
    mailed = Person.objects.filter(pk__in=persons, is_active=True).exclude(email="")
    for key in mailed.values_list("pk", flat=True):
        if key not in silent:
            yield Told(persons[key], person=key)
    devices = Subscription.objects.filter(person__in=persons, way=Way.PUSH, confirmed_at__isnull=False)
    for key, person in devices.values_list("pk", "person"):
        if person is not None:
            yield Told(persons[person], subscription=key)


@dataclass(slots=True)
class _Audience:
    """What must be known of some matters to say who is told of them."""

    matters: Mapping[UUID, Matter]
    actors: Mapping[tuple[UUID, int], UUID | None]
    """Who did each thing: he or she knows of it."""
    merged: Mapping[UUID, list[UUID]]
    """Matters that were merged into each."""
    acted: Mapping[tuple[UUID, str], list[UUID]]
    subscribed: Mapping[tuple[UUID, str], list[UUID]]
    _held: dict[tuple[str, str, int | None], list[UUID]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: set[UUID]) -> "_Audience":
        merged: dict[UUID, list[UUID]] = {}
        into = Entry.objects.filter(subject__in=keys, action="merged").values_list("subject", "body")
        for subject, body in into:
            merged.setdefault(subject, []).append(UUID(str(body["from"])))
        all_keys = keys | {each for those in merged.values() for each in those}
        entries = Entry.objects.filter(subject__in=keys, person__isnull=False)
        acted: dict[tuple[UUID, str], list[UUID]] = {}
        holders = Holder.objects.filter(matter__in=all_keys, person__isnull=False)
        for matter, party, person in holders.values_list("matter_id", "party", "person"):
            if person is not None:
                acted.setdefault((matter, party), []).append(person)
        subscribed: dict[tuple[UUID, str], list[UUID]] = {}
        those = Subscription.objects.filter(matter__in=all_keys, confirmed_at__isnull=False)
        for key, own, party in those.values_list("pk", "matter", "party"):
            if own is not None:
                subscribed.setdefault((own, party), []).append(key)
        return cls(
            Matter.objects.in_bulk(keys),
            {
                (subject, seq): person
                for subject, seq, person in entries.values_list("subject", "seq", "person")
            },
            merged,
            acted,
            subscribed,
        )

    def persons(self, matter: UUID, party: str) -> list[UUID]:
        """Those who have acted as a party, else those whose post makes them it; and who reported the same."""
        row = self.matters.get(matter)
        spec = _party(row, party) if row else None
        if row is None or spec is None:
            return []
        acted = self.acted.get((matter, party), [])
        if spec.named:  # whoever had the place before is told no more
            acted = [person for person in acted if person.hex == row.data.get(spec.named)]
        own = acted or (self._by_post(row, spec) if spec.post and (spec.at or spec.of) else [])
        same = [self.acted.get((each, party), []) for each in self._same(matter, spec)]
        return [*own, *(person for persons in same for person in persons)]

    def holders(self, matter: UUID, party: str) -> list[UUID]:
        """Subscriptions of those who hold its link as a party, and of those who reported the same."""
        row = self.matters.get(matter)
        spec = _party(row, party) if row else None
        if spec is None:
            return []
        return [
            key
            for each in [matter, *self._same(matter, spec)]
            for key in self.subscribed.get((each, party), [])
        ]

    def _same(self, matter: UUID, spec: PartySpec) -> list[UUID]:
        return self.merged.get(matter, []) if spec.person else []

    def _by_post(self, row: Matter, spec: PartySpec) -> list[UUID]:
        place = ""
        if spec.at:
            place = (row.desk or row.place) if spec.at == "desk" else cut(row.place, LEVELS[spec.at])
        key = spec.post or "", place if spec.at else "*", row.unit_id if spec.of else None
        if key not in self._held:
            where = Q(place=place) if spec.at else Q()
            where &= Q(organisation_id=row.unit_id) if spec.of else Q()
            self._held[key] = _holding(spec.post or "", where)
        return self._held[key]


def _holding(role: str, where: Q) -> list[UUID]:
    today = timezone.localdate()
    held = Post.objects.filter(where, role_id=role, person__is_active=True)
    held = held.filter(Q(begins=None) | Q(begins__lte=today), Q(ends=None) | Q(ends__gte=today))
    return [person for person in held.values_list("person", flat=True) if person]


def _party(row: Matter, name: str) -> PartySpec | None:
    return city().procedure(row.procedure, row.version).definition.parties.get(name)
