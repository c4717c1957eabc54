"""Agencies' keys, and files of the demo city on their way, one in each state; and what a lawyer does beside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from mumian.demo import DemoCity
from mumian.demo.accounts import PASSWORD
from mumian.demo.plan import CODE
from mumian.engine.looking import look
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, Result, keyed_id, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.cases import matters_of
from mumian.systems.justice.defence import counsel, meeting, orders
from mumian.systems.justice.defence.models import VideoRoom
from mumian.systems.justice.defence.rules import IN_PERSON, MANDATE, READING, REQUEST
from mumian.systems.justice.demo.agencies import people_of_justice
from mumian.systems.justice.demo.cases import told
from mumian.systems.justice.demo.files import Files
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import keys
from mumian.systems.justice.packages.models import Parcel

WARDEN = "detention"
"""The account of the detention centre."""
SENDERS = ("police", "procuratorate", "procuratorate-above", "court", "court-above", "prison")


def found() -> None:
    """A key for each agency, a detention centre with two rooms, and lawyers whose licence was checked."""
    top = Organisation.objects.exclude(kind="emergency-unit").get(parent=None)
    centre = Organisation.objects.create(
        code="detention",
        name="木棉市看守所",
        name_en="Mumian Detention Centre",
        kind="justice",
        place=CODE,
        parent=top,
    )
    set_lineages()
    person = Person.objects.create(
        id=keyed_id("demo person", f"justice/{WARDEN}"),
        username=WARDEN,
        name="韦守正",
        password=make_password(PASSWORD),
    )
    Post.objects.create(person=person, role_id="executing-officer", organisation=centre, place=CODE)
    for name in ("一号视频会见室", "二号视频会见室"):
        VideoRoom.objects.create(centre=centre, name=name)
    begins = timezone.now() - timedelta(days=3 * 365)
    for agency in Organisation.objects.filter(code__in=SENDERS):
        keys.make(agency, begins=begins, ends=begins + timedelta(days=10 * 365))
    Counsel.objects.update(verified_at=begins)


def hand_over(city: DemoCity) -> None:
    """A file in each state on its way between stages, and a defence beside two of them; once."""
    if visible(SYSTEM).filter(procedure=MANDATE).exists():
        return
    with transaction.atomic():
        _Handing(city.today, people_of_justice()).all()


class _Handing:
    """What is handed over, by whom, and when."""

    def __init__(self, today: datetime, people: dict[str, Actor]) -> None:
        self.today, self.people, self.files = today, people, Files(people)
        self.units = dict(
            Organisation.objects.filter(code__in=[*SENDERS, "detention"]).values_list("code", "pk")
        )

    def all(self) -> None:
        """One in each state; the third is sent back and comes again."""
        held, custody, long = told("held"), told("custody"), told("extended")[0]
        self.requested(held[0], 0.8)
        self.files.send("police", self.requested(held[1], 0.5), self.within(held[1], 0.6))
        self.transferred(custody[0], 0.9)
        self.files.send_back(self.transferred(custody[1], 0.6), self.within(custody[1], 0.7))
        again = self.transferred(long, 0.5)
        self.files.send_back(again, self.within(long, 0.6))
        assert again.sent is not None
        self.files.open(self.files.send("police", again.sent, self.within(long, 0.7)), self.within(long, 0.8))
        up = self.files.begin(
            "judge", self.stage(told("appealed")[0], "first-trial").pk, "send-up", {}, self.today
        )
        self.files.send("judge", up, self.today, by_file=True)
        self.defended()

    def requested(self, case: UUID, share: float) -> UUID:
        """Arrest is requested: a file is prepared for it, after such a share of the time until now."""
        said = {"to": [self.units["procuratorate"]], "facts": "有监控录像、证人证言和赃物。"}
        return self.files.begin("police", case, "request-arrest", said, self.within(case, share))

    def transferred(self, case: UUID, share: float) -> Parcel:
        """The file for review is sent, and opened where it has come to."""
        said, at = (
            {"to": [self.units["procuratorate"]], "facts": "事实清楚，证据确实充分。"},
            self.within(case, share),
        )
        parcel = self.files.send("police", self.files.begin("police", case, "transfer", said, at), at)
        self.files.open(parcel, at + timedelta(minutes=10))
        return parcel

    def within(self, matter: UUID, share: float) -> datetime:
        """A moment between when a matter came into its state and now."""
        since = visible(SYSTEM).values_list("entered_at", flat=True).get(pk=matter)
        return since + share * (self.today - since)

    def stage(self, case: UUID, procedure: str) -> Matter:
        return visible(SYSTEM).get(pk__in=matters_of(case), procedure=procedure)

    def defended(self) -> None:
        """A mandate with a reading, requests, meetings; and one at the court with an order."""
        lawyer = self.people["lawyer"]
        review, trial = (
            self.stage(told("review")[0], "prosecution-review"),
            self.stage(told("trial")[0], "first-trial"),
        )
        mandate = self.mandate(lawyer, review, "prosecutor")
        counsel.begin(lawyer, mandate, READING, {}, now=self.within(review.pk, 0.3))
        what = {"sort": "measure", "what": "当事人已退赔并取得谅解，申请变更为取保候审。"}
        first = _done(counsel.begin(lawyer, mandate, REQUEST, what, now=self.within(review.pk, 0.4)))
        answer = {"granted": False, "answer": "同案人尚未到案，暂不变更。"}
        perform(
            [Act("answer", self.people["prosecutor"], answer, first)],
            now=self.within(review.pk, 0.5),
            quiet=True,
        )
        need = {"sort": "necessity", "what": "同案人已到案，请审查继续羁押的必要性。"}
        counsel.begin(lawyer, mandate, REQUEST, need, now=self.within(review.pk, 0.95))
        meets = self.today - timedelta(hours=8)
        counsel.begin(lawyer, mandate, IN_PERSON, {}, unit=self.units["detention"], now=meets)
        soon = (timezone.localtime(self.today) + timedelta(days=1)).date()
        free = [each for each in meeting.slots(self.units["detention"], soon, now=self.today) if each.free]
        meeting.book(lawyer, mandate, room=free[1].room.pk, begins=free[1].begins, now=self.today)
        at_court = self.mandate(lawyer, trial, "judge")
        order = _done(self.order(at_court, "木棉银行股份有限公司", self.within(trial.pk, 0.4)))
        seen = look(self.people["judge"], order)
        assert seen is not None
        orders.issue(seen, now=self.within(trial.pk, 0.6))
        self.order(at_court, "木棉市不动产登记中心", self.within(trial.pk, 0.9))

    def order(self, mandate: Any, addressee: str, at: datetime) -> Result:
        return orders.apply(
            self.people["lawyer"], mandate, self.units["court"], addressee=addressee, what="被告人名下账户与登记信息",
            why="该单位只接受人民法院调取", now=at,
        )  # fmt: skip

    def mandate(self, lawyer: Actor, stage: Matter, by: str) -> Any:
        """One for the person of a case, confirmed by the agency that has it."""
        case = stage.data["filed_as"]
        said = {"unit": stage.unit_id, "client": stage.data["name"], "case": case, "ground": "entrusted"}
        filed = counsel.file_mandate(lawyer, said, now=self.within(stage.pk, 0.1), key=f"demo {case}")
        confirmed = Act("confirm", self.people[by], {"case": case, "stage": stage.pk.hex}, _done(filed))
        perform([confirmed], now=self.within(stage.pk, 0.2), quiet=True)
        return _done(filed)


def _done(result: Result) -> Any:
    assert isinstance(result, Done), result
    return result.matter
