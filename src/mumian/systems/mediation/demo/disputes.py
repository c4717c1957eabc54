"""Disputes of the demo city's last weeks, each lived through act by act: settled, failed, declined, and going on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mumian.demo import DemoCity, naming
from mumian.demo.accounts import HOME_TOWN, RESIDENT
from mumian.engine.perform import Act, Refused, keyed_id, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor, Scope
from mumian.people.models import Person, Post
from mumian.systems.mediation.cases import keep_all
from mumian.systems.mediation.demo.roster import MEDIATOR, NEIGHBOUR, ORGANISER
from mumian.systems.mediation.demo.signing import signature
from mumian.systems.mediation.models import Mediator, MeetingRoom, Session
from mumian.systems.mediation.rules import CONFIRMATION, PERFORMANCE
from mumian.systems.mediation.talks import TOGETHER, talk

WHAT: tuple[tuple[str, str, int, str], ...] = (
    ("06.01", "退租后房东不退押金", 4800, "租客与房东确认房屋已交还。"),
    ("06.03", "楼上漏水泡坏天花板", 6200, "漏水来自楼上卫生间。"),
    ("06.02", "小区停车费涨价没有征求意见", 1200, "涨价通知于上月张贴。"),
    ("06.04", "装修队中途停工不退款", 18000, "已付款一万八千元。"),
    ("06.05", "加装电梯挡住低层采光", 30000, "方案尚未施工。"),
    ("01.03", "餐馆拖欠两个月工资", 9600, "双方确认工作到上月底。"),
    ("01.01", "工厂搬迁不给补偿", 36000, "入职时间双方没有争议。"),
    ("01.02", "加班半年没有加班费", 7400, "考勤记录双方认可。"),
    ("02.01", "朋友借钱两年未还", 20000, "借条真实，双方认可。"),
    ("05.03", "健身房关门预付卡不退", 2600, "卡内余额双方认可。"),
    ("05.04", "直播间买到假茶叶", 880, "订单与付款记录双方认可。"),
    ("03.02", "电动车剐蹭小汽车", 3200, "事故责任已认定。"),
    ("04.02", "三兄妹为母亲赡养费争执", 12000, "母亲现住大女儿家。"),
    ("05.02", "订婚宴取消不退定金", 5000, "定金五千元双方认可。"),
    ("08.01", "拔牙后感染要求赔偿", 15000, "就诊记录双方认可。"),
    ("13.01", "孩子课间摔伤医药费谁出", 8300, "受伤时间地点双方认可。"),
)
"""Kind, what it is about, amount, what both agree on."""

ENDS = (
    ("agreed", 60), ("too-far-apart", 12), ("unwilling", 9), ("unreachable", 6), ("reconciled", 6), ("refused-to-sign", 3),
    ("expired", 3), ("impossible", 1),
)  # fmt: skip
COUNT = 130


def live_through(city: DemoCity) -> None:
    """Lives through the disputes, once."""
    rng, people = Random("disputes"), _People.there()
    if visible(SYSTEM).filter(pk=keyed_id("demo mediation", "0")).exists():
        return
    grids = [each for each in city.grids if each.startswith(HOME_TOWN)] or list(city.grids)
    days = max(10, min(city.plan.days - 2, 85))
    acts: list[Act] = []
    for number in range(COUNT):
        place = rng.choice(grids if number % 2 == 0 else list(city.grids))
        begins = city.today - timedelta(days=rng.uniform(9, days), hours=rng.uniform(0, 8))
        [end] = rng.choices([name for name, _ in ENDS], [share for _, share in ENDS])
        dispute = _Dispute(
            number, begins, place, city.point_in(place, rng), people, rng, people.a_mediator(place, rng)
        )
        acts += dispute.ended(end, city.today)
    acts += _going_on(city, people, rng, grids)
    for result in perform(acts, now=city.today, quiet=True):
        if isinstance(result, Refused):
            raise RuntimeError(f"a dispute of the demo was refused: {result.reasons}")
    _talk_and_meet(city, people)
    _afterwards(city, rng)
    keep_all()


@dataclass(frozen=True, slots=True)
class _People:
    """Those who take part in the demo's disputes."""

    organiser: Actor
    resident: Actor
    neighbour: Actor
    own: Mediator
    mediators: list[Mediator] = field(default_factory=list)

    @classmethod
    def there(cls) -> "_People":
        post = Post.objects.select_related("role", "organisation").get(person__username=ORGANISER)
        by_name = {each.username: each for each in Person.objects.filter(username__in=[RESIDENT, NEIGHBOUR])}
        rows = list(Mediator.objects.select_related("person", "body__organisation").order_by("code"))
        own = next(each for each in rows if each.person.username == MEDIATOR)
        resident, neighbour = [
            Actor(person=by_name[name].pk, name=by_name[name].name, scope=Scope.PARTY)
            for name in (RESIDENT, NEIGHBOUR)
        ]
        return cls(post.as_actor(), resident, neighbour, own, rows)

    def a_mediator(self, place: str, rng: Random) -> Mediator:
        """One of the place where there is one, else anybody."""
        near = [each for each in self.mediators if place.startswith(each.body.organisation.place)]
        return rng.choice(near or self.mediators)


@dataclass
class _Dispute:
    """One dispute as it goes on, act by act, in the time it took."""

    number: int
    at: datetime
    place: str
    point: tuple[float, float]
    people: _People
    rng: Random
    mediator: Mediator
    requester: Actor | None = None
    respondent: Actor | None = None
    acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = keyed_id("demo mediation", str(self.number))
        self.kind, self.what, self.claim, self.fact = WHAT[self.number % len(WHAT)]
        self.names = naming.person(self.rng), naming.person(self.rng)
        own = self.requester or Actor(person=keyed_id("demo side", f"{self.number}/a"), scope=Scope.PARTY)
        theirs = self.respondent or Actor(person=keyed_id("demo side", f"{self.number}/b"), scope=Scope.PARTY)
        self.requester, self.respondent = own, replace(theirs, bearer=(self.id, "respondent"))
        if own.name and theirs.name:
            self.names = own.name, theirs.name

    def do(self, action: str, actor: Actor, hours: float, **data: Any) -> "_Dispute":
        self.at += timedelta(hours=hours)
        opens = "people-mediation" if action == "request" else None
        self.acts.append(Act(action, actor, data, self.id, opens=opens, at=self.at, channel="web"))
        return self

    def requested(self) -> "_Dispute":
        assert self.requester
        lon, lat = self.point
        return self.do(
            "request", self.requester, 0, kind=self.kind, what=self.what, claim=str(self.claim), facts="沟通多次没有结果。",
            where={"place": self.place, "lon": lon, "lat": lat}, requester_name=self.names[0],
            respondent_name=self.names[1], contact="13800000000", respondent_contact="13900000000", leave_requester=True,
        )  # fmt: skip

    def asked(self) -> "_Dispute":
        organiser = replace(self.people.organiser, system=True, name="mediation")  # in every town
        return self.requested().do("ask-other", organiser, self.rng.uniform(1, 20), way="people")

    def choosing(self) -> "_Dispute":
        assert self.respondent
        return self.asked().do(
            "consent",
            self.respondent,
            self.rng.uniform(2, 40),
            answer="事情不全是这样。",
            leave_respondent=True,
        )

    def appointed(self) -> "_Dispute":
        organiser = replace(self.people.organiser, system=True, name="mediation")
        return self.choosing().do(
            "appoint", organiser, self.rng.uniform(0.2, 8), mediator=self.mediator.person_id.hex,
            body=self.mediator.body_id, how="appointed", why="地点、领域、在办数量最合适",
        )  # fmt: skip

    def mediating(self) -> "_Dispute":
        return self.appointed().do("accept", self.actor, self.rng.uniform(1, 30), sworn=True)

    def signing(self) -> "_Dispute":
        amount = str(round(self.claim * self.rng.choice([1, 0.9, 0.8, 0.7, 0.5]), -1))
        due = (self.at + timedelta(days=30)).date().isoformat()
        self.mediating().do(
            "note-facts",
            self.actor,
            self.rng.uniform(10, 60),
            facts_number=1,
            agreed_facts=self.fact,
            uncontested="无",
        )
        return self.do(
            "draft", self.actor, self.rng.uniform(1, 50), draft_number=1, amount=amount, perform_by=due,
            clauses=f"一、{self.names[1]}向{self.names[0]}支付{amount}元。\n二、双方就此事再无其他争议。",
        )  # fmt: skip

    @property
    def actor(self) -> Actor:
        return Actor(person=self.mediator.person_id, name=str(self.mediator), scope=Scope.PARTY)

    def ended(self, how: str, today: datetime) -> list[Act]:
        """The whole way to one end; what would lie in the future is left out."""
        assert self.requester
        assert self.respondent
        last = self.rng.uniform(2, 40)
        match how:
            case "agreed":
                self.signing().do(
                    "sign-requester",
                    self.requester,
                    last,
                    signed_requester=1,
                    signature=signature(self.names[0]),
                )
                self.do(
                    "sign-respondent",
                    self.respondent,
                    2,
                    signed_respondent=1,
                    signature=signature(self.names[1]),
                )
                self.do(
                    "sign-mediator", self.actor, 1, signed_mediator=1, signature=signature(str(self.mediator))
                )
                if self.rng.random() < 0.25:
                    self.do("confirm-requester", self.requester, 20, confirm_requester=True, about="money")
                    self.do("confirm-respondent", self.respondent, 9, confirm_respondent=True, about="money")
            case "too-far-apart" | "impossible":
                self.mediating().do(
                    "fail" if how == "too-far-apart" else "impossible",
                    self.actor,
                    last * 3,
                    reason="各执一词",
                )
                if self.rng.random() < 0.5:
                    self.do("hand-to-filing", self.requester, 30, filed=True)
            case "expired":
                self.mediating().do("expire", SYSTEM, last * 4)
            case "unwilling":
                self.asked().do("decline", self.respondent, last)
            case "unreachable":
                self.asked().do(
                    "unreachable",
                    replace(self.people.organiser, system=True, name="mediation"),
                    last,
                    reason="电话无人接听",
                )
            case "reconciled":
                self.choosing().do("reconcile", self.requester, last, reason="已自行和解")
            case "refused-to-sign":
                self.signing().do("refuse-to-sign", self.respondent, last)
        return [act for act in self.acts if act.at is None or act.at < today]


def _going_on(city: DemoCity, people: _People, rng: Random, grids: list[str]) -> Iterator[Act]:
    """Disputes of the home town that wait for each of the demo's accounts."""
    stages = ["requested", "requested", "asked", "choosing", "choosing", "choosing", "choosing", "appointed", "mediating",
              "mediating", "mediating", "signing"]  # fmt: skip
    for nth, stage in enumerate(stages):
        ours = stage in ("mediating", "signing", "appointed")
        begins = city.today - timedelta(
            hours=rng.uniform(1, 6) + {"signing": 190, "mediating": 160}.get(stage, 90)
        )
        place = rng.choice(grids)
        mediator = people.own if ours else people.a_mediator(place, rng)
        both = nth in (4, 8, 11)  # those of the visitor's own accounts
        dispute = _Dispute(
            1000 + nth, begins, place, city.point_in(place, rng), people, rng, mediator,
            people.resident if both else None, people.neighbour if both else None,
        )  # fmt: skip
        getattr(dispute, stage)()
        yield from (act for act in dispute.acts if act.at is None or act.at < city.today)


def _afterwards(city: DemoCity, rng: Random) -> None:
    """Agreements performed, most of them; those asked for confirmed by the court."""
    acts: list[Act] = []
    for key, procedure, opened in (
        visible(SYSTEM)
        .filter(procedure__in=(PERFORMANCE, CONFIRMATION), closed_at=None)
        .order_by("pk")
        .values_list("pk", "procedure", "opened_at")
    ):
        at = opened + timedelta(days=rng.uniform(4, 14))
        if at > city.today or rng.random() < 0.15:
            continue
        if procedure == CONFIRMATION:
            acts.append(Act("accept", SYSTEM, {}, key, at=opened + timedelta(days=1)))
            acts.append(
                Act("confirm", SYSTEM, {"ruling": f"（2026）木0001民特{rng.randint(1, 999)}号"}, key, at=at)
            )
        elif rng.random() < 0.88:
            acts.append(Act("perform", SYSTEM, {}, key, at=at))
        else:
            acts.append(Act("not-done", SYSTEM, {"said": "逾期未付"}, key, at=at))
    perform(acts, now=city.today, quiet=True)


def _talk_and_meet(city: DemoCity, people: _People) -> None:
    """A talk of all three, one of a side alone, and sessions of this week."""
    own = people.own
    mediator = Actor(person=own.person_id, name=str(own), scope=Scope.PARTY)
    rooms = list(MeetingRoom.objects.filter(body=own.body).order_by("pk"))
    going = visible(mediator).filter(
        procedure="people-mediation", state__in=("mediating", "signing"), closed_at=None
    )
    first = keyed_id("demo mediation", "1008")
    for nth, key in enumerate(going.order_by("opened_at", "pk").values_list("pk", flat=True)[:5]):
        begins = city.calendar.local(city.today + timedelta(days=nth)).replace(
            hour=9 + nth, minute=30, second=0, microsecond=0
        )
        mode = ("on-site", "video", "on-site", "written", "video")[nth]
        ends = begins + (timedelta(days=3) if mode == "written" else timedelta(minutes=90))
        Session.objects.create(
            matter=key, number=1, mediator=own, room=rooms[nth % 2] if mode == "on-site" else None, mode=mode,
            link="https://meet.jit.si/mumian-demo" if mode == "video" else "", during=DateTimeTZRange(begins, ends),
        )  # fmt: skip
    _say(people.resident, first, TOGETHER, "谢谢您来调解。押金五千，我搬走时房子是干净的。", city.today)
    _say(people.neighbour, first, TOGETHER, "墙面有两处破损，要扣一部分。", city.today)
    _say(mediator, first, TOGETHER, "先把破损的照片和修补报价都放上来，我们按实际费用谈。", city.today)
    _say(people.resident, first, "requester", "其实扣五百我也能接受，但不想先说。", city.today)


def _say(actor: Actor, mediation: UUID, sort: str, words: str, at: datetime) -> None:
    seen = talk(actor, mediation, sort, now=at)
    if seen is not None:
        perform([Act("say", actor, {"words": words}, seen.matter.id)], now=at, quiet=True)
