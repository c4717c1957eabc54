"""A whole case in the database: the agencies, those who work there, and acts through the door."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mumian.engine import world
from mumian.engine.looking import Look
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.cases import matters_of
from mumian.systems.justice.packages import keys, sending, uploading
from mumian.systems.justice.packages.models import Parcel
from tests.engine.city import at
from tests.web import city as small

AGENCIES = {
    "police": ("越秀区公安分局", "police-officer"),
    "procuratorate": ("越秀区人民检察院", "prosecutor"),
    "procuratorate-above": ("木棉市人民检察院", "prosecutor"),
    "court": ("越秀区人民法院", "judge"),
    "court-above": ("木棉市中级人民法院", "judge"),
    "prison": ("石溪监狱", "executing-officer"),
    "aid": ("越秀区法律援助中心", "legal-aid-officer"),
    "other-police": ("天河区公安分局", "police-officer"),
}
BEGINS = at("2026-03-02 10:00")
KEEPERS = ("police", "procuratorate", "court", "prison")


@dataclass
class Whole:
    """The city with its agencies; one officer in each is called as the agency is."""

    city: small.City
    units: dict[str, int] = field(default_factory=dict)
    now: datetime = BEGINS

    def do(self, who: str, action: str, matter: Matter | None = None, *, on: str = "", **data: Any) -> Matter:
        """Does what must be allowed, and gives the matter. A file that goes with it arrives and is accepted at once."""
        found = self.begin(who, action, matter, on=on, **data)
        if file := self.file(found, action):
            self.send(who, file)
            self.accept(file)
            found.refresh_from_db()
        return found

    def begin(
        self, who: str, action: str, matter: Matter | None = None, *, on: str = "", **data: Any
    ) -> Matter:
        """Does what must be allowed; a file that goes with it is only prepared."""
        result = self.try_(who, action, matter, on=on, **data)
        assert isinstance(result, Done), [reason.en for reason in result.reasons]
        return Matter.objects.get(pk=result.matter)

    def file(self, matter: Matter, action: str) -> Matter | None:
        """The file by which something is being done."""
        return Matter.objects.filter(
            parent=matter.pk, procedure="handover", data__act=action, closed_at=None
        ).first()

    def send(self, who: str, file: Matter, *, on: str = "", **more: Any) -> Parcel:
        """Puts a paper into a file and sends it."""
        self.now = at(on) if on else self.now
        paper = uploading.announce(
            self.seen(who, file.pk), title="卷宗", kind="opinion", media="text/plain", size=1
        )
        uploading.append(paper, 0, [b"1"])
        return sending.send(self.seen(who, file.pk), now=self.now, **more)

    def accept(self, file: Matter, *, on: str = "") -> Parcel:
        """The one who receives a file opens and accepts it."""
        seen = self.come(file, on=on)
        sending.open_it(seen, now=self.now)
        return sending.accept(self.seen(seen.actor.name, seen.matter.id), now=self.now)

    def come(self, file: Matter, *, on: str = "") -> Look:
        """A file that was sent, as it lies at the one who receives it."""
        self.now = at(on) if on else self.now
        [unit] = file.data["receiver"]
        who = next(code for code, key in self.units.items() if key == unit)
        received = Parcel.objects.filter(sent=file.pk).order_by("-version")[0].received
        assert received is not None
        return self.seen(who, received)

    def seen(self, who: str, matter: UUID) -> Look:
        """A file as somebody of its agency sees it."""
        seen = sending.seen_by(replace(self.city.posts[who].as_actor(), name=who), matter)
        assert seen is not None, who
        return seen

    def try_(
        self, who: str, action: str, matter: Matter | None = None, *, on: str = "", **data: Any
    ) -> Done | Refused:
        self.now = at(on) if on else self.now
        opens = data.pop("opens", None)
        actor = SYSTEM if who == "system" else self.city.posts[who].as_actor()
        [result] = perform(
            [Act(action, actor, data, matter.pk if matter else None, opens=opens)], now=self.now
        )
        return result

    def refusal(
        self, who: str, action: str, matter: Matter | None = None, *, on: str = "", **data: Any
    ) -> str:
        result = self.try_(who, action, matter, on=on, **data)
        assert isinstance(result, Refused), f"{action} was allowed"
        return "; ".join(reason.en for reason in result.reasons)

    def sees(self, who: str) -> set[str]:
        """The procedures of the matters somebody sees."""
        return set(visible(self.city.posts[who].as_actor()).values_list("procedure", flat=True))

    def detained(self, on: str = "2026-03-02 10:00", **more: Any) -> Matter:
        """One who is detained for theft."""
        facts: dict[str, Any] = {
            "name": "张某", "offence": "04.01", "where": {"place": small.GRID}, "unit": self.units["police"],
            "detained_at": f"{on}:00+08:00",
        }  # fmt: skip
        return self.do("police", "detain", on=on, opens="investigation", **{**facts, **more})

    def to(self, agency: str) -> list[int]:
        return [self.units[agency]]


def stage(case: Matter, procedure: str, number: int = -1) -> Matter:
    """A stage of a case, the last of its procedure unless a number says which."""
    found = Matter.objects.filter(pk__in=matters_of(case.pk), procedure=procedure).order_by("opened_at", "pk")
    return list(found)[number]


def rights(case: Matter) -> dict[str, Matter]:
    """The rights that are due in a case, by name."""
    found = Matter.objects.filter(pk__in=matters_of(case.pk), procedure="right")
    return {each.data["right"]: each for each in found}


def child(case: UUID, procedure: str) -> Matter:
    return Matter.objects.get(parent=case, procedure=procedure)


def found(city: small.City) -> Whole:
    """Gives a city its agencies and those who work there."""
    whole = Whole(city)
    posts = [(code, role, code) for code, (_, role) in AGENCIES.items()]
    posts += [(f"{code}-keeper", "record-keeper", code) for code in KEEPERS]
    posts.append(("case-supervisor", "case-supervisor", "procuratorate"))
    posts.append(("lawyer", "lawyer", "aid"))
    for code, (name, _) in AGENCIES.items():
        unit = Organisation.objects.create(
            code=code, name=name, name_en=code.title(), kind="justice", place="440103"
        )
        whole.units[code] = unit.pk
        keys.make(unit, begins=datetime(2025, 1, 1, tzinfo=UTC), ends=datetime(2100, 1, 1, tzinfo=UTC))
    set_lineages()
    for who, role, code in posts:
        city.people[who] = Person.objects.create_person(who, small.PASSWORD, name="承办人")
        post = Post.objects.create(
            person=city.people[who], role_id=role, organisation_id=whole.units[code], place="440103"
        )
        city.posts[who] = Post.objects.select_related("organisation", "role").get(pk=post.pk)
    world.changed()
    return whole
