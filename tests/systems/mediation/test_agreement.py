"""The agreement as a paper: what it holds, who has signed it and how, its seal; and what is no signature."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from mumian import papers
from mumian.engine.files import path_of
from mumian.engine.looking import look
from mumian.engine.models import Attachment, Matter
from mumian.people.actor import SYSTEM
from mumian.systems.mediation import agreement
from mumian.systems.mediation.clauses import clauses_for
from tests.systems.mediation.dispute import Mediating, do, drawn, found, signature

pytestmark = pytest.mark.database


@pytest.fixture
def here(city: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mediating:
    monkeypatch.setenv("MUMIAN_DATA", str(tmp_path))
    monkeypatch.delenv("MUMIAN_SEAL", raising=False)
    return found(city)


def text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\n", "")


def send(visit: Any, here: Mediating, who: str, matter: UUID, action: str, **fields: Any) -> Any:
    client = visit()
    person = here.city.people.get(who) or here.city.posts[who].person
    client.force_login(person)
    number = Matter.objects.get(pk=matter).number
    return client.post(f"/mediation/{number}/do/{action}", {"key": f"{who}{action}{len(fields)}", **fields})


def draft_of(matter: UUID) -> bytes:
    seen = look(SYSTEM, matter)
    assert seen
    return agreement.draft(seen)


def test_what_all_have_signed_is_sealed_and_kept_with_the_mediation(here: Mediating, visit: Any) -> None:
    matter = here.signing()
    assert send(visit, here, "resident", matter, "sign-requester", signature=drawn()).status_code == 302
    do("sign-respondent", here.actor("landlord"), matter, signed_respondent=1, signature=signature())
    do("sign-mediator", here.actor("mediator"), matter, signed_mediator=1, signature=signature())
    agreement.make_final(matter)
    agreement.make_final(matter)
    row = Matter.objects.get(pk=matter)
    [sha256] = row.data["paper"]
    pdf = path_of(sha256).read_bytes()
    said = text(pdf).replace(" ", "")
    for words in ("调解协议书", row.number, "陈小燕", "孙房东", "房东不退押金", "孙房东退还押金四千元", "4,000.00",
                  "2044年12月30日", "手写签名", "实名账户签署", "第三十三条", "石溪人民调解委员会"):  # fmt: skip
        assert words in said, words
    assert "我保留了付款记录" not in said
    assert "墙面有损坏" not in said
    [seal] = papers.signatures(pdf)
    assert (seal.intact, seal.whole, seal.ours) == (True, True, True)
    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 1
    client = visit()
    client.force_login(here.city.people["landlord"])
    answer = client.get(f"/mediation/{row.number}/agreement.pdf", follow=True)
    assert b"".join(answer.streaming_content) == pdf


def test_until_all_have_signed_there_is_a_draft_and_no_seal(here: Mediating, visit: Any) -> None:
    matter = here.signing()
    do("sign-requester", here.actor("resident"), matter, signed_requester=1, signature=signature())
    agreement.make_final(matter)
    row = Matter.objects.get(pk=matter)
    assert "paper" not in row.data
    client = visit()
    client.force_login(here.city.people["resident"])
    pdf = client.get(f"/mediation/{row.number}/agreement.pdf").content
    assert "未签" in text(pdf)
    assert papers.signatures(pdf) == []
    client.force_login(here.city.people["clerk"])
    assert client.get(f"/mediation/{row.number}/agreement.pdf").status_code == 404


def test_the_draft_may_be_signed_with_ones_own_certificate(here: Mediating, visit: Any) -> None:
    matter = here.signing()
    pdf = draft_of(matter)
    assert pdf == draft_of(matter)
    signed = SimpleUploadedFile(
        "signed.pdf", papers.seal(pdf, reason="同意", owner="孙房东"), "application/pdf"
    )
    assert send(visit, here, "landlord", matter, "sign-respondent", signature=signed).status_code == 302
    seen = look(SYSTEM, matter)
    assert seen
    assert agreement.signatures(seen)["respondent"].pdf


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (lambda pdf: b"%PDF-1.7 and nothing more", "PDF"),
        (lambda pdf: pdf, "没有有效的电子签名"),
        (
            lambda pdf: papers.seal(pdf.replace(b"%PDF-1.7", b"%PDF-1.6"), reason="", owner="x"),
            "不是当前这一稿",
        ),
    ],
)
def test_what_is_no_signed_draft_gets_a_clear_word_and_nothing_is_signed(
    here: Mediating, visit: Any, made: Any, word: str
) -> None:
    matter = here.signing()
    sent = SimpleUploadedFile("signed.pdf", made(draft_of(matter)), "application/pdf")
    answer = send(visit, here, "landlord", matter, "sign-respondent", signature=sent)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert "signed_respondent" not in Matter.objects.get(pk=matter).data


def test_a_signature_that_is_missing_is_asked_for_and_nothing_is_signed(here: Mediating, visit: Any) -> None:
    matter = here.signing()
    answer = send(visit, here, "landlord", matter, "sign-respondent")
    assert answer.status_code == 422
    assert "还没有签名" in answer.content.decode()
    assert "signed_respondent" not in Matter.objects.get(pk=matter).data


def test_a_draft_begins_with_what_is_usual_for_its_kind_and_goes_on_from_the_last(
    here: Mediating, visit: Any
) -> None:
    matter = here.mediating()
    page = f"/mediation/{Matter.objects.get(pk=matter).number}/do/draft"
    begun = visit("mediator").get(page).content.decode()
    assert "交还钥匙" in begun
    assert "孙房东于" in begun
    do("draft", here.actor("mediator"), matter, draft_number=1, clauses="退还四千元", amount="4000",
       perform_by="2044-12-30")  # fmt: skip
    again = visit("mediator").get(page).content.decode()
    assert "退还四千元" in again
    assert 'value="2044-12-30"' in again


def test_every_kind_has_clauses_with_both_sides_by_name() -> None:
    sides = {"requester": "陈小燕", "respondent": "孙房东"}
    for kind in kinds_of_disputes():
        said = clauses_for(kind, sides)
        assert "{" not in said
        assert len(said.splitlines()) >= 3, kind
        assert said.endswith("再无其他争议。")


def kinds_of_disputes() -> list[str]:
    file = Path(agreement.__file__).with_name("catalogue.yaml")
    return re.findall(r'code: "(\d\d\.\d\d)"', file.read_text(encoding="utf-8"))


def test_numbers_somebody_wrote_before_clauses_are_not_doubled() -> None:
    stripped = [
        agreement._NUMBERED.sub("", each)
        for each in ("一、付款", "2. 交还", "第三条 保密", "十日内付清", "3000 元")
    ]
    assert stripped == ["付款", "交还", "保密", "十日内付清", "3000 元"]


def test_a_new_draft_has_none_of_the_old_ones_signatures(here: Mediating) -> None:
    matter = here.signing()
    do("sign-requester", here.actor("resident"), matter, signed_requester=1, signature=signature())
    do(
        "draft",
        here.actor("mediator"),
        matter,
        draft_number=2,
        clauses="退还三千元",
        amount="3000",
        perform_by="2044-12-30",
    )
    seen = look(SYSTEM, matter)
    assert seen
    assert agreement.signatures(seen) == {}


def test_the_court_is_handed_the_sealed_agreement_with_the_request(here: Mediating) -> None:
    matter = here.agreed()
    agreement.make_final(matter)
    for side, who in (("requester", "resident"), ("respondent", "landlord")):
        asked: dict[str, Any] = {f"confirm_{side}": True, "about": "money"}
        do(f"confirm-{side}", here.actor(who), matter, **asked)
    request = Matter.objects.get(parent=matter, procedure="judicial-confirmation")
    assert request.data["papers"] == Matter.objects.get(pk=matter).data["paper"]
    assert Attachment.objects.filter(matter=request, field="papers").exists()
