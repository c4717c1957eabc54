"""Defence: who is a lawyer, what may be read and from when, answers in time, meetings, and orders anyone can verify."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from mumian.engine.looking import look
from mumian.engine.models import Clock
from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.record.models import Entry
from mumian.systems.justice.defence import counsel, meeting, orders, reading
from mumian.systems.justice.defence.models import Booking, Order, VideoRoom
from mumian.systems.justice.defence.rules import IN_PERSON, ORDER, READING, REQUEST
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import sending
from tests.systems.justice.agencies import CASE, Agencies
from tests.systems.justice.bar import (
    LICENCE,
    act,
    did,
    join,
    mandate,
    person,
    refused,
    seen_by,
    verified,
    with_papers,
)

# --- who is a lawyer --------------------------------------------------------------------------------


def test_a_lawyer_is_one_whose_licence_was_checked_until_it_is_withdrawn(bar: Agencies) -> None:
    nobody = person(bar, "lin")
    said = {"unit": bar.units["procuratorate"].pk, "client": "王某", "case": CASE, "ground": "entrusted"}
    assert refused(counsel.file_mandate(nobody, said)) == ["not-verified"]
    matter = did(
        counsel.ask_to_be_verified(
            nobody, bar.units["aid"].pk, {"name": "林", "licence": LICENCE, "firm": "木棉"}
        )
    )
    assert refused(counsel.file_mandate(nobody, said)) == ["not-verified"]  # to ask is not enough
    [unsure] = perform([Act("verify", bar.actor("aid-officer"), {"sure": False}, matter)])
    assert refused(unsure) == ["is-sure"]
    [self_made] = perform([Act("verify", nobody, {"sure": True}, matter)])
    assert refused(self_made) == ["not-yours"]
    act(bar.actor("aid-officer"), matter, "verify", sure=True)
    counsel.enter(matter)
    counsel.enter(matter)
    lawyer = person(bar, "lin")
    assert (lawyer.role, Counsel.objects.get().code) == ("lawyer", LICENCE)
    same = {"name": "周", "licence": f" {LICENCE}", "firm": "木棉"}
    assert refused(counsel.ask_to_be_verified(person(bar, "zhou"), bar.units["aid"].pk, same)) == ["licence"]
    filed = did(counsel.file_mandate(lawyer, said))
    act(bar.actor("prosecutor"), filed, "confirm", case=CASE)
    act(bar.actor("aid-officer"), matter, "withdraw", reason="停止执业")
    counsel.strike(matter)
    assert person(bar, "lin").role == ""
    assert refused(counsel.begin(lawyer, filed, REQUEST, {"sort": "other", "what": "x"})) == ["not-verified"]


def test_nothing_begins_on_a_mandate_that_is_not_confirmed_or_anothers(bar: Agencies) -> None:
    lin, zhou = verified(bar), verified(bar, "zhou", "14401202010999999")
    said = {"unit": bar.units["procuratorate"].pk, "client": "王某", "case": CASE, "ground": "entrusted"}
    filed = did(counsel.file_mandate(lin, said))
    asked: dict[str, Any] = {"sort": "measure", "what": "取保候审"}
    assert refused(counsel.begin(lin, filed, REQUEST, asked)) == ["mandate"]
    act(bar.actor("prosecutor"), filed, "confirm", case=CASE)
    assert refused(counsel.begin(zhou, filed, REQUEST, asked)) == ["mandate"]
    assert look(zhou, filed) is None
    did(counsel.begin(lin, filed, REQUEST, asked))
    act(lin, filed, "end", reason="解除委托")
    assert refused(counsel.begin(lin, filed, REQUEST, asked)) == ["mandate"]


# --- reading ----------------------------------------------------------------------------------------


def test_a_lawyer_cannot_read_before_review_for_prosecution(bar: Agencies) -> None:
    lin = verified(bar)
    at_police = mandate(bar, lin, "police", "investigator")
    at_procuratorate = mandate(bar, lin)
    assert refused(counsel.begin(lin, at_police, READING, {})) == ["not-yet"]
    arrest = bar.accepted(purpose="arrest")  # the procuratorate has the file, but only to decide on arrest
    join(bar, at_procuratorate, arrest)
    assert refused(counsel.begin(lin, at_procuratorate, READING, {})) == ["not-yet"]
    opened = bar.opened(purpose="prosecution")
    join(bar, at_procuratorate, opened)
    assert refused(counsel.begin(lin, at_procuratorate, READING, {})) == ["not-yet"]  # not accepted yet
    assert opened.received is not None
    sending.accept(bar.seen("prosecutor", opened.received))
    matter = did(counsel.begin(lin, at_procuratorate, READING, {}))
    assert [each.purpose for each in reading.files_of(seen_by(lin, matter))] == ["prosecution"]
    other = mandate(bar, lin, case="别的案件")
    assert refused(counsel.begin(lin, other, READING, {})) == ["not-yet"]


def test_each_page_says_who_reads_it_and_the_record_says_that_it_was_read(bar: Agencies) -> None:
    lin, parcel = verified(bar), with_papers(bar)
    matter = did(counsel.begin(lin, mandate(bar, lin), READING, {}))
    found = reading.read(seen_by(lin, matter), parcel.digest, 1)
    assert found is not None
    pages = PdfReader(BytesIO(found[0])).pages
    assert len(pages) == 2
    for page in pages:
        assert LICENCE in page.extract_text()
        assert "林律师" in page.extract_text()
    picture = reading.read(seen_by(lin, matter), parcel.digest, 2)
    assert picture is not None
    with Image.open(BytesIO(picture[0])) as shown:
        assert shown.size == (600, 800)
        assert shown.convert("L").getextrema() != (255, 255)  # no longer white
    assert reading.read(seen_by(lin, matter), parcel.digest, 3) is None  # what cannot carry a mark
    log = Entry.objects.filter(subject=matter, action="read").order_by("seq")
    assert [(each.body["data"]["document"], each.person) for each in log] == [
        (1, lin.person),
        (2, lin.person),
    ]


def test_reading_ends_with_the_mandate_and_with_the_licence(bar: Agencies) -> None:
    lin, parcel = verified(bar), with_papers(bar)
    zhou = verified(bar, "zhou", "14401202010999999")
    own = mandate(bar, lin)
    matter = did(counsel.begin(lin, own, READING, {}))
    assert look(zhou, matter) is None
    for name in ("investigator", "judge", "other-prosecutor"):
        assert look(bar.actor(name), matter) is None, name
    assert reading.read(seen_by(bar.actor("prosecutor"), matter), parcel.digest, 1) is None  # is no lawyer
    Counsel.objects.filter(person=lin.person).update(active=False)
    assert reading.read(seen_by(lin, matter), parcel.digest, 1) is None
    Counsel.objects.filter(person=lin.person).update(active=True)
    assert reading.read(seen_by(lin, matter), parcel.digest, 1) is not None
    act(lin, own, "end", reason="解除委托")
    assert reading.read(seen_by(lin, matter), parcel.digest, 1) is None


def test_a_sealed_file_is_read_by_nobody(bar: Agencies) -> None:
    lin, parcel = verified(bar), with_papers(bar)
    matter = did(counsel.begin(lin, mandate(bar, lin), READING, {}))
    perform([Act("seal", SYSTEM, {}, parcel.received), Act("seal", SYSTEM, {}, parcel.sent)])
    assert reading.read(seen_by(lin, matter), parcel.digest, 1) is None
    assert parcel.received is not None
    assert parcel.sent is not None
    assert look(bar.actor("prosecutor"), parcel.received) is None
    assert look(bar.actor("investigator"), parcel.sent) is None


# --- requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sort", "days"), [("measure", 3), ("necessity", 10)])
def test_a_request_is_answered_within_the_term_of_the_law(bar: Agencies, sort: str, days: int) -> None:
    lin = verified(bar)
    own = mandate(bar, lin)
    at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    matter = did(counsel.begin(lin, own, REQUEST, {"sort": sort, "what": "取保候审"}, now=at))
    due = Clock.objects.get(matter=matter, name="answer").due_at
    assert due is not None
    assert timezone.localdate(due) == timezone.localdate(at) + timedelta(days=days)
    [not_lawyers] = perform([Act("answer", lin, {"granted": True, "answer": "同意"}, matter)])
    assert refused(not_lawyers) == ["not-yours"]
    act(bar.actor("prosecutor"), matter, "answer", granted=False, answer="有社会危险性")
    assert seen_by(lin, matter).data["answer"] == "有社会危险性"


# --- meetings ---------------------------------------------------------------------------------------

MORNING = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
"""Nine o'clock in the city."""
BEFORE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_no_room_no_lawyer_and_no_client_is_in_two_meetings_at_once(bar: Agencies) -> None:
    lin, zhou = verified(bar), verified(bar, "zhou", "14401202010999999")
    first, second = VideoRoom.objects.order_by("pk")
    own, other = mandate(bar, lin), mandate(bar, zhou, case="另一案件")
    same_client = mandate(bar, zhou)
    booked = did(meeting.book(lin, own, room=first.pk, begins=MORNING, now=BEFORE))
    assert refused(meeting.book(zhou, other, room=first.pk, begins=MORNING, now=BEFORE)) == ["taken"]
    assert refused(meeting.book(lin, own, room=second.pk, begins=MORNING, now=BEFORE)) == ["taken"]
    assert refused(meeting.book(zhou, same_client, room=second.pk, begins=MORNING, now=BEFORE)) == ["taken"]
    did(meeting.book(zhou, other, room=second.pk, begins=MORNING, now=BEFORE))
    assert Booking.objects.count() == visible(SYSTEM).filter(procedure="meeting-remote").count() == 2
    free = [
        each for each in meeting.slots(bar.units["detention"].pk, MORNING.date(), now=BEFORE) if each.free
    ]
    assert len(free) == 2 * 8 - 2
    act(lin, booked, "cancel", reason="改期")
    meeting.free(booked)
    did(meeting.book(zhou, other, room=first.pk, begins=MORNING + timedelta(hours=1), now=BEFORE))
    did(meeting.book(lin, own, room=first.pk, begins=MORNING, now=BEFORE))


@pytest.mark.parametrize(
    "begins",
    [
        MORNING + timedelta(minutes=7),
        MORNING - timedelta(hours=3),
        MORNING + timedelta(days=30),
        BEFORE - timedelta(days=1),
    ],
)
def test_only_slots_to_come_are_booked(bar: Agencies, begins: datetime) -> None:
    lin = verified(bar)
    room = VideoRoom.objects.all()[0].pk
    assert refused(meeting.book(lin, mandate(bar, lin), room=room, begins=begins, now=BEFORE)) == ["slot"]


def test_a_meeting_by_video_touches_no_right_to_meet_in_person(bar: Agencies) -> None:
    lin = verified(bar)
    own = mandate(bar, lin)
    in_person = did(counsel.begin(lin, own, IN_PERSON, {}, unit=bar.units["detention"].pk, now=BEFORE))
    clock = Clock.objects.get(matter=in_person)
    assert clock.due_at is not None
    assert BEFORE + timedelta(hours=48) <= clock.due_at <= BEFORE + timedelta(hours=49)
    room = VideoRoom.objects.all()[0].pk
    booked = did(meeting.book(lin, own, room=room, begins=MORNING, now=BEFORE))
    act(lin, booked, "hold")
    after = Clock.objects.get(matter=in_person)
    assert (after.due_at, after.stopped_at, after.paused_at) == (clock.due_at, None, None)
    act(bar.actor("centre-officer"), in_person, "arrange", begins=MORNING, spot="3 号会见室")
    assert Clock.objects.get(matter=in_person).stopped_at is None  # nor does a mere date end it
    act(lin, in_person, "hold")
    assert Clock.objects.get(matter=in_person).stopped_at is not None


def test_nothing_of_a_meeting_is_kept_but_who_when_and_the_link(bar: Agencies) -> None:
    lin = verified(bar)
    booked = did(
        meeting.book(lin, mandate(bar, lin), room=VideoRoom.objects.all()[0].pk, begins=MORNING, now=BEFORE)
    )
    seen = seen_by(lin, booked)
    assert set(seen.compiled.definition.form) == {
        "unit", "lawyer", "client", "mandate", "begins", "ends", "spot", "link", "reason",
    }  # fmt: skip
    assert seen.data["link"].startswith("https://")
    assert look(bar.actor("prosecutor"), booked) is None  # the agency that prosecutes learns nothing of it


# --- orders -----------------------------------------------------------------------------------------


def applied(bar: Agencies, lawyer: Actor, now: datetime) -> UUID:
    own = mandate(bar, lawyer, "court", "judge")
    asked = {"addressee": "木棉银行", "what": "被害人转账流水", "why": "银行不向个人提供"}
    return did(orders.apply(lawyer, own, bar.units["court"].pk, now=now, **asked))


def test_an_order_is_issued_shown_answered_and_anyone_can_verify_it(bar: Agencies) -> None:
    lin, now = verified(bar), timezone.now()
    matter = applied(bar, lin, now)
    decide = Clock.objects.get(matter=matter, name="decide")
    assert decide.due_at is not None
    assert timezone.localdate(decide.due_at) >= timezone.localdate(now) + timedelta(days=5)
    assert refused(orders.issue(seen_by(lin, matter))) == ["not-yours"]
    judge = seen_by(bar.actor("judge"), matter)
    assert refused(orders.issue(judge, 31)) == ["days"]
    did(orders.issue(judge, now=now))
    code = Order.objects.get().code
    shown = orders.verify(orders.written(code).lower())
    assert shown is not None
    assert (shown.state, shown.lawyer, shown.licence, shown.addressee) == (
        "valid",
        "林律师",
        LICENCE,
        "木棉银行",
    )
    assert timezone.localdate(shown.ends_at) == timezone.localdate(now) + timedelta(days=15)
    for secret in (CASE, "王某", "转账"):
        assert secret not in str(shown)
    act(lin, matter, "use", used_on=timezone.localdate().isoformat())
    act(lin, matter, "answer", given=True, answer="已提供 12 页")
    orders.keep_in_step(matter)
    again = orders.verify(code)
    assert again is not None
    assert again.state == "answered"


def test_an_order_that_is_over_is_no_order(bar: Agencies) -> None:
    lin, long_ago = verified(bar), timezone.now() - timedelta(days=20)
    matter = applied(bar, lin, long_ago)
    did(orders.issue(seen_by(bar.actor("judge"), matter), 15, now=long_ago))
    shown = orders.verify(Order.objects.get().code)
    assert shown is not None
    assert shown.state == "expired"
    [late] = perform([Act("use", lin, {"used_on": "2026-03-03"}, matter)])
    assert refused(late) == ["still-valid"]
    act(SYSTEM, matter, "ring", clock="valid")
    act(SYSTEM, matter, "ring", clock="valid")
    assert seen_by(lin, matter).matter.state == "expired"


@pytest.mark.parametrize("code", ["", "????", "2222-2222-2222-2222", "A" * 200, "2222-2222-2222-222"])
def test_a_code_that_is_none_shows_nothing(db: None, code: str) -> None:
    assert orders.verify(code) is None


def test_a_withdrawn_order_says_so(bar: Agencies) -> None:
    lin = verified(bar)
    matter = applied(bar, lin, timezone.now())
    did(orders.issue(seen_by(bar.actor("judge"), matter)))
    act(bar.actor("judge"), matter, "withdraw", reason="签发有误")
    orders.keep_in_step(matter)
    shown = orders.verify(Order.objects.get().code)
    assert shown is not None
    assert shown.state == "withdrawn"
    assert visible(lin).filter(pk=matter, procedure=ORDER).exists()
