"""A small city with agencies that work on criminal cases, each with a key; and a file from one to another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from mumian.engine import world
from mumian.engine.looking import Look
from mumian.people.actor import Actor
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.packages import keys, sending, uploading
from mumian.systems.justice.packages.models import Paper, Parcel
from tests.web import city as small

CASE = "越公刑〔2026〕318号"
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
AGENCIES = {
    "police": ("越秀区公安分局", "police-officer", "investigator"),
    "procuratorate": ("越秀区人民检察院", "prosecutor", "prosecutor"),
    "court": ("越秀区人民法院", "judge", "judge"),
    "prison": ("石溪监狱", "executing-officer", "warden"),
    "police-2": ("天河区公安分局", "police-officer", "other-investigator"),
    "procuratorate-2": ("天河区人民检察院", "prosecutor", "other-prosecutor"),
}
PAPERS = (("起诉意见书", b"opinion: he took the telephone"), ("讯问笔录", b"minutes: he admits it"))


@dataclass(frozen=True)
class Agencies:
    """The city, its agencies, and who works there."""

    city: small.City
    units: dict[str, Organisation] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return self.city.posts[name].as_actor()

    def seen(self, name: str, matter: UUID) -> Look:
        seen = sending.seen_by(self.actor(name), matter)
        assert seen is not None, name
        return seen

    def prepared(
        self, to: str = "procuratorate", purpose: str = "prosecution", by: str = "investigator"
    ) -> UUID:
        """A hand-over with two papers and an exhibit."""
        done = sending.prepare(self.actor(by), receiver=self.units[to].pk, case=CASE, purpose=purpose)
        for title, content in PAPERS:
            self.put(by, done.matter, title, content)
        uploading.list_exhibit(self.seen(by, done.matter), title="手机", amount="1 部", kept="物证室")
        return done.matter

    def put(self, by: str, matter: UUID, title: str, content: bytes, pieces: Sequence[int] = ()) -> Paper:
        """A document, in pieces that end at these places."""
        paper = uploading.announce(
            self.seen(by, matter), title=title, kind="statement", media="text/plain", size=len(content)
        )
        ends = [*pieces, len(content)]
        for begins, end in zip([0, *ends], ends, strict=False):
            uploading.append(paper, begins, [content[begins:end]])
        return paper

    def sent(
        self, to: str = "procuratorate", purpose: str = "prosecution", by: str = "investigator"
    ) -> Parcel:
        return sending.send(self.seen(by, self.prepared(to, purpose, by)))

    def opened(self, by: str = "prosecutor", **to: str) -> Parcel:
        parcel = self.sent(**to)
        assert parcel.received is not None
        sending.open_it(self.seen(by, parcel.received))
        return parcel

    def accepted(self, by: str = "prosecutor", **to: str) -> Parcel:
        parcel = self.opened(by, **to)
        assert parcel.received is not None
        sending.accept(self.seen(by, parcel.received))
        return parcel


def found(city: small.City) -> Agencies:
    """Gives a city its agencies, with an officer and a key each."""
    units = {}
    for code, (name, role, who) in AGENCIES.items():
        unit = Organisation.objects.create(
            code=code, name=name, name_en=code.title(), kind="justice", place="440103"
        )
        unit.lineage = [unit.pk]
        unit.save()
        units[code] = unit
        city.people[who] = Person.objects.create_person(who, small.PASSWORD, name=f"{name[:2]}{role[0]}")
        city.posts[who] = Post.objects.create(
            person=city.people[who], role_id=role, organisation=unit, place="440103"
        )
        keys.make(unit, begins=BEGINS, ends=datetime(2100, 1, 1, tzinfo=UTC))
    set_lineages()
    for _name, _role, name in AGENCIES.values():
        city.posts[name] = Post.objects.select_related("organisation", "role").get(pk=city.posts[name].pk)
    world.changed()
    return Agencies(city, units)


def of(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)
