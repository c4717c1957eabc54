"""Hand-overs of the demo city, one in each state, and what a lawyer does beside them."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from mumian import papers
from mumian.demo import DemoCity
from mumian.demo.accounts import PASSWORD
from mumian.demo.plan import CODE
from mumian.engine.looking import Look, look
from mumian.engine.perform import Act, Done, Result, keyed_id, perform
from mumian.people.actor import Actor
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.defence import counsel, meeting, orders
from mumian.systems.justice.defence.models import VideoRoom
from mumian.systems.justice.defence.reading import FONT
from mumian.systems.justice.defence.rules import IN_PERSON, READING, REQUEST
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import keys, sending, uploading
from mumian.systems.justice.packages.models import Parcel
from mumian.systems.justice.packages.sending import Back

WARDEN = "detention"
"""The account of the detention centre."""
SENDERS = ("police", "procuratorate", "procuratorate-above", "court", "court-above", "prison")
TEXT = """#set page(paper: "a4", margin: 3cm)
#set text(font: "Noto Sans Hans", lang: "zh", size: 12pt)
#let data = json("data.json")
#for title in data.pages {
  align(center, text(20pt, weight: "bold", title))
  v(1cm)
  par(first-line-indent: 2em, data.text)
  pagebreak(weak: true)
}
"""


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
    """A package in each state, and a defence beside the one under review; once."""
    if Parcel.objects.exists():
        return
    people = {
        str(post.person and post.person.username): post.as_actor()
        for post in Post.objects.filter(organisation__kind__in=("justice", "court"), person__username__isnull=False)
        .select_related("role", "organisation", "person")
    }  # fmt: skip
    _Handing(city.today, people).all()


class _Handing:
    """What is handed over, by whom, and when."""

    def __init__(self, today: datetime, people: dict[str, Actor]) -> None:
        self.today, self.people = today, people
        self.units = dict(
            Organisation.objects.filter(code__in=[*SENDERS, "detention"]).values_list("code", "pk")
        )
        self.pdf = _paper(["起诉意见书", "诉讼证据目录", "换押证"])
        self.scan = _scan("现场照片")

    def all(self) -> None:
        """One in each state; the third is sent back and comes again."""
        day = timedelta(days=1)
        self.prepared("木公刑〔2026〕331号", "arrest", self.today)
        self.sent("木公刑〔2026〕329号", "arrest", self.today - day)
        self.opened("木公刑〔2026〕322号", "prosecution", self.today - 2 * day)
        back = self.opened("木公刑〔2026〕317号", "prosecution", self.today - 6 * day)
        self.returned(back, self.today - 5 * day)
        again = self.opened("木公刑〔2026〕308号", "prosecution", self.today - 12 * day)
        self.returned(again, self.today - 11 * day)
        self.again(again, self.today - 9 * day)
        self.accepted("木公刑〔2026〕318号", "prosecution", self.today - 20 * day)
        self.accepted("木检刑诉〔2026〕205号", "trial", self.today - 15 * day, "prosecutor", "court", "judge")
        self.by_file("木公刑〔2026〕334号", self.today - day)
        self.defended("木公刑〔2026〕318号", self.today - 18 * day)

    def prepared(
        self, case: str, purpose: str, at: datetime, by: str = "police", to: str = "procuratorate"
    ) -> Look:
        done = sending.prepare(
            self.people[by],
            receiver=self.units[to],
            case=case,
            purpose=purpose,
            now=at,
            key=f"demo {case} {at}",
        )
        seen = self.seen(by, done)
        for title, kind, media, content in (
            ("起诉意见书及证据目录", "opinion", "application/pdf", self.pdf),
            ("讯问笔录（第一次）", "statement", "application/pdf", self.pdf),
            ("现场照片", "inspection", "image/jpeg", self.scan),
        ):
            paper = uploading.announce(seen, title=title, kind=kind, media=media, size=len(content))
            uploading.append(paper, 0, [content])
        uploading.list_exhibit(seen, title="手机", amount="1 部", kept="市局物证室 3 号柜")
        return self.seen(by, done)

    def sent(
        self, case: str, purpose: str, at: datetime, by: str = "police", to: str = "procuratorate"
    ) -> Parcel:
        return sending.send(self.prepared(case, purpose, at, by, to), now=at + timedelta(hours=2))

    def opened(
        self,
        case: str,
        purpose: str,
        at: datetime,
        by: str = "police",
        to: str = "procuratorate",
        who: str = "prosecutor",
    ) -> Parcel:
        parcel = self.sent(case, purpose, at, by, to)
        sending.open_it(self.received(parcel, who), now=at + timedelta(hours=5))
        return parcel

    def accepted(
        self,
        case: str,
        purpose: str,
        at: datetime,
        by: str = "police",
        to: str = "procuratorate",
        who: str = "prosecutor",
    ) -> None:
        parcel = self.opened(case, purpose, at, by, to, who)
        sending.accept(self.received(parcel, who), now=at + timedelta(hours=8))

    def returned(self, parcel: Parcel, at: datetime) -> None:
        backs = [Back(2, "unsigned", "最后一页没有被讯问人签名"), Back(3, "unreadable", "")]
        sending.send_back(self.received(parcel, "prosecutor"), backs, now=at)

    def again(self, parcel: Parcel, at: datetime) -> None:
        assert parcel.sent is not None
        second = sending.send(self.look("police", parcel.sent), now=at)
        sending.open_it(self.received(second, "prosecutor"), now=at + timedelta(hours=3))

    def by_file(self, case: str, at: datetime) -> None:
        sending.send(self.prepared(case, "execution", at, "police", "prison"), by_file=True, now=at)

    def defended(self, case: str, at: datetime) -> None:
        """A mandate with a reading, requests, meetings and an order."""
        lawyer, hour = self.people["lawyer"], timedelta(hours=1)
        mandate = self.mandate(lawyer, case, "procuratorate", "prosecutor", at)
        counsel.begin(lawyer, mandate, READING, {}, now=at + 4 * hour)
        what = {"sort": "measure", "what": "当事人已退赔并取得谅解，申请变更为取保候审。"}
        first = _done(counsel.begin(lawyer, mandate, REQUEST, what, now=at + 5 * hour))
        answer = {"granted": False, "answer": "同案人尚未到案，暂不变更。"}
        perform([Act("answer", self.people["prosecutor"], answer, first)], now=at + 60 * hour, quiet=True)
        need = {"sort": "necessity", "what": "同案人已到案，请审查继续羁押的必要性。"}
        counsel.begin(lawyer, mandate, REQUEST, need, now=self.today - 30 * hour)
        counsel.begin(lawyer, mandate, IN_PERSON, {}, unit=self.units["detention"], now=self.today - 8 * hour)
        soon = (timezone.localtime(self.today) + timedelta(days=1)).date()
        free = [each for each in meeting.slots(self.units["detention"], soon, now=self.today) if each.free]
        meeting.book(lawyer, mandate, room=free[1].room.pk, begins=free[1].begins, now=self.today)
        at_court = self.mandate(lawyer, "木检刑诉〔2026〕205号", "court", "judge", at)
        order = _done(self.order(at_court, "木棉银行股份有限公司", self.today - 72 * hour))
        seen = look(self.people["judge"], order)
        assert seen is not None
        orders.issue(seen, now=self.today - 48 * hour)
        self.order(at_court, "木棉市不动产登记中心", self.today - 20 * hour)

    def order(self, mandate: Any, addressee: str, at: datetime) -> Result:
        return orders.apply(
            self.people["lawyer"], mandate, self.units["court"], addressee=addressee, what="被告人名下账户与登记信息",
            why="该单位只接受人民法院调取", now=at,
        )  # fmt: skip

    def mandate(self, lawyer: Actor, case: str, unit: str, by: str, at: datetime) -> Any:
        said = {"unit": self.units[unit], "client": "陈某", "case": case, "ground": "entrusted"}
        key = _done(counsel.file_mandate(lawyer, said, now=at, key=f"demo {case}"))
        perform(
            [Act("confirm", self.people[by], {"case": case}, key)], now=at + timedelta(hours=3), quiet=True
        )
        return key

    def seen(self, who: str, done: Done) -> Look:
        return self.look(who, done.matter)

    def received(self, parcel: Parcel, who: str) -> Look:
        return self.look(who, parcel.received)

    def look(self, who: str, matter: Any) -> Look:
        seen = sending.seen_by(self.people[who], matter)
        assert seen is not None, who
        return seen


def _done(result: Result) -> Any:
    assert isinstance(result, Done), result
    return result.matter


def _paper(titles: list[str]) -> bytes:
    """A document of as many pages as there are titles."""
    text = "本件为演示材料，所涉人员、事实均为虚构。" * 12
    with tempfile.TemporaryDirectory() as room:
        template = Path(room) / "demo.typ"
        template.write_text(TEXT, encoding="utf-8")
        return papers.typeset(template, {"pages": titles, "text": text})


def _scan(title: str) -> bytes:
    """A picture, as a scanner or camera gives one."""
    picture = Image.new("RGB", (1000, 700), (222, 226, 220))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((120, 160, 880, 560), outline=(90, 100, 96), width=6)
    pen.text((150, 60), f"{title}（演示）", fill=(60, 60, 60), font=ImageFont.truetype(str(FONT), 48))
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
