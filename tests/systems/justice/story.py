"""One minor's case with all there is around it, taken step by step; who may know of what is written down by hand here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.models import Matter
from mumian.engine.world import changed
from mumian.people.actor import Actor, Scope
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.cases import all_of
from mumian.systems.justice.defence import counsel, meeting, orders
from mumian.systems.justice.defence.models import VideoRoom
from mumian.systems.justice.defence.rules import IN_PERSON, READING, REQUEST
from mumian.systems.justice.jobs import seal_case
from mumian.systems.justice.packages import sending, uploading
from mumian.systems.justice.packages.models import Parcel
from tests.systems.justice import whole as agencies
from tests.systems.justice.bar import act, did, seen_by
from tests.systems.justice.whole import Whole, rights, stage
from tests.web import city as small

NAME, CASE = "qname", "qcase-318"
SUPERVISED = {
    "investigation", "arrest-review", "prosecution-review", "first-trial", "execution", "right", "legal-aid",
    "supervision-notice",
}  # fmt: skip
"""What the process supervisor of the place sees, besides those whose it is."""
WORDS: dict[str, set[str]] = {
    "qfacts-for-arrest": {"police", "procuratorate", "case-supervisor"},
    "qwhy-arrested": {"procuratorate", "case-supervisor"},
    "qhow-family-was-told": {"police", "case-supervisor"},
    "qdocument": {"police", "procuratorate", "counsel"},
    "qcontent": {"police", "procuratorate", "counsel"},
    "qthing": {"police", "procuratorate", "counsel"},
    "qfacts-for-prosecution": {"police", "procuratorate", "case-supervisor"},
    "qplea": {"procuratorate", "case-supervisor"},
    "qrequest": {"counsel", "procuratorate"},
    "qanswer": {"counsel", "procuratorate"},
    "qroom": {"counsel", "centre"},
    "qevidence-wanted": {"counsel", "court"},
    "qaddressee": {"counsel", "court"},
    "qcharge": {"procuratorate", "court", "case-supervisor"},
}
"""Words that somebody writes, and who may come to read them; the keeper of an agency reads what it has."""


@dataclass
class Story:
    """The case and those around it."""

    whole: Whole
    case: Matter | None = None
    lawyer: Any = None
    numbers: dict[str, UUID] = field(default_factory=dict)
    there: list[Matter] = field(default_factory=list)
    """What there was of the case when it was looked at last."""

    @classmethod
    def begun(cls, city: small.City) -> Story:
        """The agencies with keys, a legal aid centre, a detention centre with a room, two lawyers; no case yet."""
        whole = agencies.found(city)
        centre = Organisation.objects.create(code="detention", name="看守所", kind="justice", place="440103")
        centre.lineage = [centre.pk]
        centre.save()
        whole.units["centre"] = centre.pk
        VideoRoom.objects.create(centre=centre, name="qroom")
        _post(city, "centre", "executing-officer", centre.pk)
        _post(city, "centre-keeper", "record-keeper", centre.pk)
        _post(city, "aid-keeper", "record-keeper", whole.units["aid"])
        for nth, name in enumerate(("counsel", "other-counsel")):
            city.people[name] = Person.objects.create_person(name, small.PASSWORD, name=f"律师{nth}")
        changed()
        story = cls(whole)
        for nth, name in enumerate(("counsel", "other-counsel")):
            story._verified(name, f"1440120201012345{nth}")
        for each in Person.objects.all():
            each.email = f"{each.username}@city.example"
            each.save()
        work()
        return story

    # --- who ----------------------------------------------------------------------------------------

    @property
    def everybody(self) -> list[str]:
        """All who come in by name, and nobody in particular."""
        named = [name for name in self.whole.city.people if name not in ("lawyer", "both", "colleague")]
        return [*named, ""]

    def may_see(self, who: str, matter: Matter) -> bool:
        """The rule by hand: what is one's agency's; sealed, what its keeper keeps; counsel's own; the supervisor's terms."""
        agency = who.removesuffix("-keeper")
        mine = self.whole.units.get(agency) == matter.unit_id and who in self.whole.city.posts
        if matter.state == "sealed":
            return mine and who.endswith("-keeper")
        if who == "case-supervisor":
            return matter.procedure in SUPERVISED
        if who == "counsel":
            return matter.data.get("lawyer") == self.whole.city.people[who].pk.hex
        return mine

    def may_read(self, who: str, word: str) -> bool:
        """Whether somebody may come to read what was written, at the latest at the end."""
        return who.removesuffix("-keeper") in WORDS[word]

    def all(self) -> list[Matter]:
        """Every matter of the case by now."""
        return all_of(self.case.pk) if self.case else []

    # --- what happens -------------------------------------------------------------------------------

    def steps(self) -> Iterator[str]:
        """Each is done when it is asked for; gives what was done."""
        for step in (
            self.detained,
            self.arrested,
            self.prepared,
            self.sent,
            self.reviewed,
            self.defended,
            self.tried,
        ):
            step()
            work()
            yield step.__name__

    def detained(self) -> None:
        do = self.whole.do
        self.case = self.whole.detained(minor=True, name=NAME, filed_as=CASE)
        due = rights(self.case)
        do(
            "police",
            "give",
            due["family"],
            on="2026-03-02 12:30",
            done_at="2026-03-02T12:00+08:00",
            how="qhow-family-was-told",
        )
        do("police", "notify-aid", due["legal-aid"], on="2026-03-02 13:00", to=self.whole.to("aid"))
        aid = stage(self.case, "legal-aid")
        do("aid", "assign", aid, lawyer=self.whole.city.people["counsel"].pk.hex, why="轮到")

    def arrested(self) -> None:
        self._go(
            "police",
            "request-arrest",
            "investigation",
            "procuratorate",
            "2026-03-04 10:00",
            "qfacts-for-arrest",
        )
        review = stage(self.one("investigation"), "arrest-review")
        self.whole.do("procuratorate", "approve", review, on="2026-03-06 10:00", reason="qwhy-arrested")
        self.whole.do(
            "police", "execute-arrest", self.case, on="2026-03-06 12:00", arrested_at="2026-03-06T12:00+08:00"
        )

    def prepared(self) -> None:
        """The file for the prosecution is put together, and has not gone out."""
        assert self.case is not None
        facts = {"to": self.whole.to("procuratorate"), "facts": "qfacts-for-prosecution"}
        self.whole.begin("police", "transfer", self.case, on="2026-03-19 10:00", **facts)
        file = self.whole.file(self.case, "transfer")
        assert file is not None
        self.numbers["handover"] = file.pk
        seen, content = self.whole.seen("police", file.pk), b"qcontent"
        paper = uploading.announce(
            seen, title="qdocument", kind="statement", media="text/plain", size=len(content)
        )
        uploading.append(paper, 0, [content])
        uploading.list_exhibit(seen, title="qthing", amount="1", kept="库")

    def sent(self) -> None:
        """It has come, and nobody has opened it."""
        sending.send(self.whole.seen("police", self.numbers["handover"]), now=_at("2026-03-20"))

    def reviewed(self) -> None:
        self.whole.accept(Matter.objects.get(pk=self.numbers["handover"]), on="2026-03-21 10:00")
        plea = {"counsel_present": True, "present": "qplea", "proposal": "qplea"}
        self.whole.do("procuratorate", "plea", self.one("prosecution-review"), on="2026-03-23 10:00", **plea)

    def defended(self) -> None:
        units, actor = self.whole.units, self.whole.city.actor
        lawyer = self.lawyer = actor("counsel")
        said = {"unit": units["procuratorate"], "client": NAME, "case": CASE, "ground": "entrusted"}
        own = did(counsel.file_mandate(lawyer, said))
        act(actor("procuratorate"), own, "confirm", case=CASE, stage=self.one("prosecution-review").pk.hex)
        reading = did(counsel.begin(lawyer, own, READING, {}))
        asked = did(counsel.begin(lawyer, own, REQUEST, {"sort": "measure", "what": "qrequest"}))
        act(actor("procuratorate"), asked, "answer", granted=False, answer="qanswer")
        did(counsel.begin(lawyer, own, IN_PERSON, {}, unit=units["centre"]))
        slot = next(
            each
            for each in meeting.slots(units["centre"], timezone.localdate() + timedelta(days=1))
            if each.free
        )
        met = did(meeting.book(lawyer, own, room=slot.room.pk, begins=slot.begins))
        wanted = "qevidence-wanted"
        order = did(
            orders.apply(lawyer, own, units["court"], addressee="qaddressee", what=wanted, why=wanted)
        )
        did(orders.issue(seen_by(actor("court"), order)))
        self.numbers |= {"mandate": own, "reading": reading, "request": asked, "video": met, "order": order}

    def tried(self) -> None:
        self._go("procuratorate", "prosecute", "prosecution-review", "court", "2026-04-02 10:00", "qcharge")

    def carried_out(self) -> None:
        """Sentenced to a year, carried out, all that is open closed; then the records are sealed."""
        trial, do = self.one("first-trial"), self.whole.do
        verdict = {"verdict": "convicted", "sentence_months": 12, "served_at": "2026-04-10T10:00+08:00"}
        do("court", "announce", trial, on="2026-04-10 11:00", decision="judgment", **verdict)
        do("system", "take-effect", trial, on="2026-04-22 10:00")
        self._go("court", "hand-over", "first-trial", "prison", "2026-04-23 10:00")
        execution = self.one("execution")
        do("prison", "deliver", execution, on="2026-04-24 10:00", manner="prison")
        do("prison", "finish", self.one("execution"), on="2026-09-24 10:00")
        do("aid", "finish", self.one("legal-aid"), on="2026-09-24 11:00", opinion="办结")
        act(self.lawyer, self.one("meeting-in-person").pk, "withdraw", reason="不再需要")
        act(self.lawyer, self.numbers["order"], "use", used_on=timezone.localdate().isoformat())
        act(self.lawyer, self.numbers["order"], "answer", given=True, answer="已给")

    def sealed(self) -> None:
        """All but a meeting that is still to come; that goes when it is over."""
        assert self.case is not None
        seal_case(case=self.case.pk.hex)
        assert [each.procedure for each in self.all() if each.state != "sealed"] == ["meeting-remote"]
        act(self.lawyer, self.numbers["video"], "hold")
        work()

    @property
    def parcel(self) -> Parcel:
        return Parcel.objects.select_related(None).get(sent=self.numbers["handover"])

    def one(self, procedure: str) -> Matter:
        return next(each for each in self.all() if each.procedure == procedure)

    def _go(self, who: str, action: str, of: str, to: str, on: str, facts: str = "") -> None:
        """On to the next agency, with its file."""
        said = {"facts": facts} if facts else {}
        self.whole.do(who, action, self.one(of), on=on, to=self.whole.to(to), **said)

    def _verified(self, name: str, licence: str) -> None:
        said = {"name": name, "licence": licence, "firm": "木棉律师事务所"}
        self_made = Actor(person=self.whole.city.people[name].pk, scope=Scope.PARTY, name=name)
        asked = counsel.ask_to_be_verified(self_made, self.whole.units["aid"], said)
        act(self.whole.city.actor("aid"), did(asked), "verify", sure=True)
        counsel.enter(did(asked))
        post = Post.objects.select_related("organisation", "role").get(person=self.whole.city.people[name])
        self.whole.city.posts[name] = post


def work() -> None:
    """Does what is queued, and what follows from it."""
    while job := ProcrastinateJob.objects.order_by("pk").first():
        app.tasks[job.task_name](**job.args)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])


def _post(city: small.City, name: str, role: str, unit: int) -> None:
    city.people[name] = Person.objects.create_person(name, small.PASSWORD, name=name)
    post = Post.objects.create(person=city.people[name], role_id=role, organisation_id=unit, place="440103")
    city.posts[name] = Post.objects.select_related("organisation", "role").get(pk=post.pk)


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00+08:00")
