"""A file handed from one agency to another: its states, receipts and versions; what was not handed over is not seen."""

from __future__ import annotations

import hashlib
import io
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from mumian.engine.looking import look
from mumian.engine.visible import visible
from mumian.people.actor import ANYONE, Actor, Scope
from mumian.record.models import Entry
from mumian.systems.justice.packages import bag, keys, sending, signing, store, uploading
from mumian.systems.justice.packages.faults import Faulty, Sort
from mumian.systems.justice.packages.models import AgencyKey, Answer, Paper, Parcel, Receipt
from mumian.systems.justice.packages.sending import Back, NotDone
from tests.systems.justice.agencies import CASE, PAPERS, Agencies

OTHERS = ("judge", "warden", "other-investigator", "other-prosecutor", "dispatcher", "officer", "supervisor")


def entries(matter: UUID) -> list[str]:
    return list(Entry.objects.filter(subject=matter).order_by("seq").values_list("action", flat=True))


def state(matter: UUID) -> str:
    from mumian.people.actor import SYSTEM

    return visible(SYSTEM).get(pk=matter).state


def file_of(parcel: Parcel) -> bytes:
    return b"".join(bag.written(sending.package_of(parcel), sending.where))


def test_a_file_goes_over_and_both_have_the_receipts(here: Agencies) -> None:
    parcel = here.sent()
    assert parcel.sent is not None
    assert parcel.received is not None
    assert (state(parcel.sent), state(parcel.received)) == ("delivered", "delivered")
    sending.open_it(here.seen("prosecutor", parcel.received))
    assert (state(parcel.sent), state(parcel.received)) == ("opened", "opened")
    sending.accept(here.seen("prosecutor", parcel.received))
    assert (state(parcel.sent), state(parcel.received)) == ("accepted", "accepted")
    assert entries(parcel.sent) == ["prepare", "send", "note-opened", "note-accepted"]
    assert entries(parcel.received) == ["deliver", "open", "accept"]
    said = Entry.objects.get(subject=parcel.sent, action="send")
    assert said.body["data"]["digest"] == parcel.digest
    assert said.person == here.actor("investigator").person
    receipts = Receipt.objects.filter(parcel=parcel)
    assert {each.state for each in receipts} == {"opened", "accepted"}
    for each in receipts:  # the receiver's key signed it, and both records hold its hash
        signature = signing.read(bytes(each.signature))
        key = keys.find(signature.key)
        assert key is not None
        assert key.agency == "procuratorate"
        assert signing.SCHEMES[key.algorithm](key.public, bytes(each.text), bytes.fromhex(signature.value))
        digest = hashlib.sha256(bytes(each.text)).hexdigest()
        for matter in (parcel.sent, parcel.received):
            assert Entry.objects.filter(subject=matter, body__data__receipt=digest).count() == 1


def test_what_is_sent_back_says_why_for_each_document_and_sending_again_adds_a_version(
    here: Agencies,
) -> None:
    first = here.opened()
    assert first.sent is not None
    assert first.received is not None
    receiver = here.seen("prosecutor", first.received)
    with pytest.raises(NotDone):
        sending.send_back(receiver, [])
    with pytest.raises(NotDone):
        sending.send_back(receiver, [Back(3, "missing-page")])
    sending.send_back(receiver, [Back(2, "missing-page", "缺第 3 页")])
    assert (state(first.sent), state(first.received)) == ("returned", "returned")
    [answer] = Answer.objects.filter(parcel=first)
    assert (answer.number, answer.why, answer.words) == (2, "missing-page", "缺第 3 页")
    assert json.loads(bytes(Receipt.objects.get(parcel=first, state="returned").text))["documents"] == [
        {"number": 2, "why": "missing-page", "words": "缺第 3 页"}
    ]

    sender = here.seen("investigator", first.sent)
    old = Paper.objects.get(matter=first.sent, title="讯问笔录")
    assert uploading.remove(sender, old.pk)
    here.put("investigator", first.sent, "讯问笔录", b"minutes: all three pages")
    second = sending.send(here.seen("investigator", first.sent))
    assert (second.version, second.received) == (2, first.received)
    made, before = sending.package_of(second).manifest, sending.package_of(first).manifest
    assert made.before == first.digest
    assert (
        store.path_of(before.documents[1].sha256).read_bytes() == PAPERS[1][1]
    )  # the first is there as it was
    assert [each.version for each in sending.parcels_of(here.seen("prosecutor", first.received))] == [2, 1]
    sending.open_it(here.seen("prosecutor", first.received))
    sending.accept(here.seen("prosecutor", first.received))
    assert state(first.sent) == "accepted"
    assert entries(first.received) == ["deliver", "open", "return", "deliver-again", "open", "accept"]


def test_nothing_goes_over_before_all_of_it_has_come(here: Agencies) -> None:
    matter = here.prepared()
    uploading.announce(
        here.seen("investigator", matter), title="录像", kind="recording", media="video/mp4", size=9
    )
    with pytest.raises(Faulty) as refused:
        sending.send(here.seen("investigator", matter))
    assert [(each.sort, each.thing) for each in refused.value.faults] == [(Sort.MISSING, "录像")]
    assert not Parcel.objects.exists()
    assert state(matter) == "prepared"


def test_a_document_altered_in_the_store_is_found_before_it_is_signed(here: Agencies) -> None:
    matter = here.prepared()
    paper = Paper.objects.filter(matter=matter)[0]
    file = store.path_of(paper.sha256)
    file.write_bytes(b"O" + file.read_bytes()[1:])
    with pytest.raises(Faulty) as refused:
        sending.send(here.seen("investigator", matter))
    assert refused.value.faults[0].sort is Sort.ALTERED
    assert state(matter) == "prepared"


def test_an_agency_without_a_key_signs_nothing(here: Agencies) -> None:
    matter = here.prepared()
    AgencyKey.objects.filter(organisation=here.units["police"]).update(ends=timezone.now())
    with pytest.raises(keys.NoKey, match="mumian justice key make police"):
        sending.send(here.seen("investigator", matter))
    assert (state(matter), Parcel.objects.count()) == ("prepared", 0)


def test_keys_lie_in_files_for_their_owner_alone_and_follow_one_another(here: Agencies) -> None:
    now, police = timezone.now(), here.units["police"]
    old = AgencyKey.objects.get(organisation=police)
    new = keys.make(police, begins=now)
    old.refresh_from_db()
    assert old.ends == now
    assert new.ends == now + keys.VALID
    files = list((Path(django_settings.DATA) / "secrets" / "agencies").iterdir())
    assert len(files) == 7
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert signing.key_id(keys.signer_of(police, at=now).public) == new.key
    assert signing.key_id(keys.signer_of(police, at=now - timedelta(days=1)).public) == old.key
    with pytest.raises(keys.NoKey):  # nobody else's key
        keys.add(here.units["court"], bytes(new.public), begins=now)


# --- by file ----------------------------------------------------------------------------------------


def exported(here: Agencies) -> tuple[Parcel, bytes]:
    """A package as a file; then the sender's own city forgets it, as if it were another's."""
    parcel = sending.send(here.seen("investigator", here.prepared()), by_file=True)
    content = file_of(parcel)
    Parcel.objects.filter(pk=parcel.pk).delete()
    return parcel, content


def test_a_package_comes_in_as_a_file_once(here: Agencies) -> None:
    sent, content = exported(here)
    came = sending.take_in(io.BytesIO(content), here.actor("prosecutor"))
    assert came.digest == sent.digest
    assert came.received is not None
    assert state(came.received) == "delivered"
    assert sending.take_in(io.BytesIO(content), here.actor("prosecutor")) == came
    sending.open_it(here.seen("prosecutor", came.received))
    sending.accept(here.seen("prosecutor", came.received))
    assert entries(came.received) == ["deliver", "open", "accept"]


def test_the_receipt_comes_back_as_a_file_and_counts_if_the_receiver_signed_it(here: Agencies) -> None:
    matter = here.prepared()
    sent = sending.send(here.seen("investigator", matter), by_file=True)
    content, kept = file_of(sent), Parcel.objects.get(pk=sent.pk)
    assert state(matter) == "sent"
    sent.delete()  # the receiver's own city, which knows nothing of the sender's
    came = sending.take_in(io.BytesIO(content), here.actor("prosecutor"))
    assert came.received is not None
    sending.open_it(here.seen("prosecutor", came.received))
    sending.send_back(here.seen("prosecutor", came.received), [Back(1, "unsigned", "未盖章")], "请补正")
    files = [sending.receipt_file(each) for each in Receipt.objects.order_by("pk")]
    came.delete()
    kept.save(force_insert=True)
    sender = here.seen("investigator", matter)
    for wrong in (
        b"",
        b"{}",
        b"[1]",
        files[0].replace(b"opened", b"accepted"),
        files[0].replace(kept.digest[:8].encode(), b"00000000"),
    ):
        with pytest.raises(Faulty):
            sending.take_receipt(sender, wrong)
    for file in (*files, *files):  # twice is once
        sending.take_receipt(here.seen("investigator", matter), file)
    assert state(matter) == "returned"
    assert entries(matter) == ["prepare", "export", "note-opened", "note-returned"]
    assert [(each.number, each.words) for each in Answer.objects.all()] == [(1, "未盖章")]
    AgencyKey.objects.filter(organisation=here.units["procuratorate"]).update(
        organisation=here.units["court"]
    )
    Receipt.objects.all().delete()
    with pytest.raises(Faulty) as refused:
        sending.take_receipt(here.seen("investigator", matter), files[0])
    assert refused.value.faults[0].sort is Sort.STRANGER


def test_a_file_of_the_wrong_agency_or_for_another_one_is_not_taken_in(here: Agencies) -> None:
    _sent, content = exported(here)
    with pytest.raises(Faulty) as refused:
        sending.take_in(io.BytesIO(content), here.actor("judge"))
    assert refused.value.faults[0].sort is Sort.NOT_FOR_US
    AgencyKey.objects.filter(organisation=here.units["police"]).update(organisation=here.units["police-2"])
    with pytest.raises(Faulty) as refused:
        sending.take_in(io.BytesIO(content), here.actor("prosecutor"))
    assert refused.value.faults[0].sort is Sort.STRANGER
    assert not Parcel.objects.exists()


def test_versions_come_one_after_another(here: Agencies) -> None:
    matter = here.prepared()
    first = sending.send(here.seen("investigator", matter), by_file=True)
    made = sending.package_of(first).manifest
    from dataclasses import replace

    second = replace(made, version=2, before=first.digest)
    signer = keys.signer_of(here.units["police"], at=timezone.now())
    later = bag.Package(second, signing.sign(second, signer, at=timezone.now()))
    Parcel.objects.all().delete()
    with pytest.raises(Faulty) as refused:
        sending.take_in(io.BytesIO(b"".join(bag.written(later, sending.where))), here.actor("prosecutor"))
    assert refused.value.faults[0].sort is Sort.VERSION


# --- nobody else ------------------------------------------------------------------------------------


def test_the_receiver_sees_nothing_before_it_is_handed_over(here: Agencies) -> None:
    matter = here.prepared()
    everybody = [
        here.actor(name) for name in here.city.posts if name not in ("investigator", "administrator")
    ]
    for actor in [*everybody, ANYONE, Actor(person=here.city.people["resident"].pk, scope=Scope.PARTY)]:
        assert look(actor, matter) is None, actor
        assert not visible(actor).filter(pk=matter).exists(), actor
    assert not visible(here.actor("prosecutor")).filter(procedure="handover-received").exists()
    parcel = sending.send(here.seen("investigator", matter))
    assert parcel.received is not None
    seen = here.seen("prosecutor", parcel.received)
    here.put("investigator", here.prepared(), "另一份", b"never sent")  # of another hand-over
    assert [each.title for each in sending.package_of(sending.parcels_of(seen)[0]).manifest.documents] == [
        title for title, _ in PAPERS
    ]
    assert look(here.actor("prosecutor"), matter) is None  # nor the sender's own, afterwards
    for name in OTHERS:
        assert look(here.actor(name), parcel.received) is None, name
        assert look(here.actor(name), matter) is None, name


def test_nobody_of_another_agency_acts_on_it(here: Agencies) -> None:
    parcel = here.sent()
    assert parcel.sent is not None
    assert parcel.received is not None
    with pytest.raises(NotDone):
        sending.open_it(here.seen("investigator", parcel.sent))  # the sender does not answer for the receiver
    with pytest.raises(NotDone):
        sending.send(here.seen("prosecutor", parcel.received))
    with pytest.raises(NotDone):
        sending.prepare(here.actor("dispatcher"), receiver=here.units["court"].pk, case=CASE, purpose="trial")
    with pytest.raises(NotDone):
        sending.prepare(here.actor("judge"), receiver=here.units["court"].pk, case=CASE, purpose="trial")
    administrator = look(here.actor("administrator"), parcel.received)
    assert administrator is None or sending.parcels_of(administrator) == []


# --- coming in piece by piece -----------------------------------------------------------------------


def test_a_broken_sending_goes_on_where_it_broke(here: Agencies) -> None:
    matter = here.prepared()
    content = bytes(range(256)) * 4096
    seen = here.seen("investigator", matter)
    announced: dict[str, Any] = {
        "title": "录像", "kind": "recording", "media": "video/mp4", "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    paper = uploading.announce(seen, **announced)

    def broken() -> Any:
        yield content[:1000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploading.append(paper, 0, broken())
    assert uploading.has_come(paper) == 0  # a piece comes whole or not at all
    uploading.append(paper, 0, [content[:300_000]], sha256=hashlib.sha256(content[:300_000]).hexdigest())
    with pytest.raises(uploading.Unfit):
        uploading.append(paper, 300_000, [b"damaged on the way"], sha256="0" * 64)
    again = uploading.announce(seen, **announced)  # the browser was closed meanwhile
    assert (again.pk, uploading.has_come(again)) == (paper.pk, 300_000)
    with pytest.raises(uploading.Elsewhere) as elsewhere:
        uploading.append(again, 0, [content])
    assert elsewhere.value.there == 300_000
    assert uploading.append(again, 300_000, [content[300_000:]]) == len(content)
    again.refresh_from_db()
    assert again.sha256 == announced["sha256"]
    assert store.path_of(again.sha256).read_bytes() == content


def test_what_came_is_held_against_what_was_announced(here: Agencies) -> None:
    matter = here.prepared()
    seen = here.seen("investigator", matter)
    other: dict[str, Any] = {"kind": "written", "media": "text/plain", "size": 5}
    paper = uploading.announce(seen, title="鉴定", sha256="0" * 64, **other)
    with pytest.raises(uploading.Unfit):
        uploading.append(paper, 0, [b"12345"])
    assert uploading.has_come(paper) == 0
    with pytest.raises(uploading.Unfit):
        uploading.append(paper, 0, [b"123456"])
    no_pdf = uploading.announce(seen, title="书证", kind="written", media="application/pdf", size=5)
    with pytest.raises(uploading.Unfit):
        uploading.append(no_pdf, 0, [b"12345"])
    for wrong in ({"media": "text/html"}, {"size": 0}, {"kind": "secret"}, {"title": " "}):
        with pytest.raises(uploading.Unfit):
            uploading.announce(seen, **{"title": "x", **other, **wrong})
    parcel = here.sent()
    assert parcel.sent is not None
    with pytest.raises(uploading.Unfit):  # what is sent is not changed any more
        uploading.announce(here.seen("investigator", parcel.sent), title="x", **other)


def test_documents_are_put_in_order(here: Agencies) -> None:
    matter = here.prepared()
    third = here.put("investigator", matter, "封面", b"cover")
    assert uploading.move(here.seen("investigator", matter), third.pk, volume=1, place=1)
    parcel = sending.send(here.seen("investigator", matter))
    assert [each.title for each in sending.package_of(parcel).manifest.documents] == [
        "封面",
        "起诉意见书",
        "讯问笔录",
    ]
