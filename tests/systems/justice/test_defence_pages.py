"""Defence in the browser's eyes: a lawyer's way from the licence to an order, and what nobody else is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from mumian.engine.models import Matter
from mumian.papers import signatures
from mumian.systems.justice.defence import counsel, meeting, orders, paper
from mumian.systems.justice.defence.models import Booking, Order, VideoRoom
from mumian.systems.justice.defence.rules import READING
from tests.conftest import QueryBudget
from tests.systems.justice.agencies import CASE, Agencies
from tests.systems.justice.bar import LICENCE, did, mandate, seen_by, verified, with_papers

Visit = Any


def of(procedure: str) -> Matter:
    return Matter.objects.get(procedure=procedure)


def test_a_lawyers_way_by_the_pages(bar: Agencies, visit: Visit) -> None:
    lin, aid, prosecutor = visit("lin"), visit("aid-officer"), visit("prosecutor")
    assert "/justice/defence/licence" in lin.get("/justice/defence").content.decode()
    empty = lin.post("/justice/defence/licence", {"unit": bar.units["aid"].pk, "firm": "木棉律师事务所"})
    assert empty.status_code == 422
    assert "木棉律师事务所" in empty.content.decode()  # what was typed is there still
    said = {"unit": bar.units["aid"].pk, "name": "林律师", "licence": LICENCE, "firm": "木棉律师事务所"}
    assert lin.post("/justice/defence/licence", said).status_code == 302
    asked = of("lawyer-licence")
    assert aid.post(f"/matters/{asked.number}/do/verify", {"sure": "yes"}).status_code == 302
    counsel.enter(asked.pk)
    filing = {"unit": bar.units["procuratorate"].pk, "client": "王某", "case": CASE, "ground": "entrusted"}
    assert lin.post("/justice/defence/new", filing).status_code == 302
    own = of("defence-mandate")
    assert prosecutor.post(f"/matters/{own.number}/do/confirm", {"case": CASE}).status_code == 302
    there = f"/justice/defence/{own.number}"
    assert lin.post(f"{there}/begin/reading").status_code == 409  # the file is not there yet
    parcel = with_papers(bar)
    assert lin.post(f"{there}/begin/reading").status_code == 409  # of which case it is was not said
    file = of("handover-received").number
    assert f'value="{file}"' in prosecutor.get(there).content.decode()
    assert lin.post(f"{there}/join", {"stage": file}).status_code == 404
    assert prosecutor.post(f"{there}/join", {"stage": file}).status_code == 302
    begun = lin.post(f"{there}/begin/reading")
    page = lin.get(begun["Location"]).content.decode()
    assert "起诉意见书" in page
    document = lin.get(f"{begun['Location']}/{parcel.digest}/2")
    assert document["Content-Type"] == "image/jpeg"
    assert lin.post(f"{there}/begin/request", {"sort": "measure", "what": "申请取保候审"}).status_code == 302
    assert lin.post(f"{there}/begin/in-person", {"unit": bar.units["detention"].pk}).status_code == 302
    slots = lin.get(f"{there}/video").content.decode()
    slot = re.search(r'name="slot" value="([^"]+)"', slots)
    assert slot is not None
    assert (
        lin.post(f"{there}/video", {"slot": slot[1], "centre": bar.units["detention"].pk}).status_code == 302
    )
    assert Booking.objects.count() == 1
    assert lin.post(f"{there}/video", {"slot": slot[1]}).status_code == 409
    applied = {
        "unit": bar.units["court"].pk,
        "addressee": "木棉银行",
        "what": "转账流水",
        "why": "银行不提供",
    }
    order = lin.post(f"{there}/begin/order", applied)["Location"]
    judge = visit("judge")
    assert judge.post(f"{order}/issue", {"days": 60}).status_code == 422
    assert judge.post(f"{order}/issue", {"days": 15}).status_code == 302
    assert orders.written(Order.objects.get().code) in lin.get(order).content.decode()
    desk = lin.get("/justice/defence").content.decode()
    assert desk.count("/justice/defence/" + own.number) == 1
    assert order in desk


def test_anyone_verifies_an_order_and_learns_nothing_of_the_case(bar: Agencies, client: Client) -> None:
    lin = verified(bar)
    own = mandate(bar, lin, "court", "judge")
    asked = orders.apply(
        lin, own, bar.units["court"].pk, addressee="木棉银行", what="转账流水", why="不能自行收集"
    )
    matter = did(asked)
    did(orders.issue(seen_by(bar.actor("judge"), matter)))
    page = client.post("/justice/verify", {"code": Order.objects.get().code.lower()}).content.decode()
    assert LICENCE in page
    assert "木棉银行" in page
    for secret in (CASE, "王某", "转账流水", Matter.objects.get(pk=matter).number):
        assert secret not in page
    none = client.post("/justice/verify", {"code": "2222-2222-2222-2222"}).content.decode()
    assert LICENCE not in none


def test_an_order_is_a_paper_whose_code_leads_to_whether_it_is_valid(
    bar: Agencies, client: Client, visit: Visit
) -> None:
    lin = verified(bar)
    own = mandate(bar, lin, "court", "judge")
    asked = orders.apply(
        lin, own, bar.units["court"].pk, addressee="木棉银行", what="被害人转账流水", why="不能自行收集"
    )
    matter = did(asked)
    did(orders.issue(seen_by(bar.actor("judge"), matter)))
    paper.make(matter)
    paper.make(matter)  # once is enough
    number, code = Matter.objects.get(pk=matter).number, Order.objects.get().code
    page = visit("lin").get(f"/justice/orders/{number}").content.decode()
    assert 'class="segno"' in page
    [file] = set(re.findall(rf"/matters/{number}/files/[0-9a-f]{{64}}", page))
    given = b"".join(visit("judge").get(file))
    assert [each.whole for each in signatures(given)] == [True]
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(given)).pages).replace("\n", "")
    for words in ("律师调查令", "木棉银行", "被害人转账流水", LICENCE, orders.written(code)):
        assert words in text, words
    for who in ("zhou", "prosecutor", "resident"):
        assert visit(who).get(file).status_code == 404
    scanned = paper.address(code)
    assert scanned.endswith(f"/justice/verify?code={code}")
    there = scanned.removeprefix(settings.SITE_URL)
    for state, shown in (
        ("issued", "真实有效"),
        ("used", "待反馈"),
        ("withdrawn", "撤销"),
        ("expired", "已过有效期"),
    ):
        Order.objects.update(state=state)
        said_there = client.get(there, headers={"Accept-Language": "zh-CN"}).content.decode()
        assert shown in said_there, (state, shown)
        assert "转账流水" not in said_there


def test_guessing_codes_is_slowed(bar: Agencies, client: Client, settings: Any) -> None:
    settings.PUBLIC_RATE = "3/minute"
    answers = [client.get("/justice/verify?code=2222222222222222").status_code for _ in range(6)]
    assert answers[:3] == [200, 200, 200]
    assert 429 in answers
    assert client.get("/justice/verify").status_code == 200  # the empty form is always there


def test_nobody_else_sees_what_a_lawyer_does(bar: Agencies, visit: Visit) -> None:
    lin = verified(bar)
    verified(bar, "zhou", "14401202010999999")
    parcel, own = with_papers(bar), mandate(bar, lin)
    reading = did(counsel.begin(lin, own, READING, {}))
    room = VideoRoom.objects.all()[0].pk
    tomorrow = timezone.localdate() + timedelta(days=1)
    begins = next(each for each in meeting.slots(bar.units["detention"].pk, tomorrow) if each.free).begins
    met = did(meeting.book(lin, own, room=room, begins=begins))
    numbers = {key: Matter.objects.get(pk=key).number for key in (own, reading, met)}
    paths = [
        f"/justice/defence/{numbers[own]}", f"/justice/defence/{numbers[own]}/video", f"/justice/reading/{numbers[reading]}",
        f"/justice/reading/{numbers[reading]}/{parcel.digest}/1", f"/matters/{numbers[met]}", f"/api/v1/matters/{met}",
    ]  # fmt: skip
    for name in ("zhou", "judge", "investigator", "other-prosecutor", "supervisor", "resident"):
        for path in paths:
            assert visit(name).get(path).status_code in (403, 404), (name, path)
    assert visit("prosecutor").get(paths[3]).status_code == 404  # reads the file itself, not as counsel
    for path in paths[4:]:
        assert visit("prosecutor").get(path).status_code == 404, path
    assert visit("zhou").post(f"/justice/defence/{numbers[own]}/begin/reading").status_code == 404


def test_pages_of_defence_ask_little(bar: Agencies, visit: Visit, query_budget: QueryBudget) -> None:
    lin = verified(bar)
    with_papers(bar)
    own = mandate(bar, lin)
    reading = did(counsel.begin(lin, own, READING, {}))
    client, number = visit("lin"), Matter.objects.get(pk=own).number
    client.get("/justice/defence")
    for name, path in (
        ("justice_defence", "/justice/defence"), ("justice_mandate", f"/justice/defence/{number}"),
        ("justice_video", f"/justice/defence/{number}/video"),
        ("justice_reading", f"/justice/reading/{Matter.objects.get(pk=reading).number}"),
    ):  # fmt: skip
        with query_budget(name):
            assert client.get(path).status_code == 200
    with query_budget("justice_verify"):
        Client().get("/justice/verify?code=2222222222222222")


@pytest.mark.parametrize("path", ["/justice/defence", "/justice/defence/licence", "/justice/defence/new"])
def test_one_signs_in_first(bar: Agencies, path: str) -> None:
    assert Client().get(path).status_code == 302
