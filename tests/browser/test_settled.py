"""A dispute from the first question to the court's confirmation: two people at two browsers, and the paper they sign."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from mumian import papers
from mumian.engine.models import Matter
from mumian.engine.numbers import link_secret
from mumian.engine.world import city
from mumian.systems.mediation import agreement
from mumian.systems.mediation.appointing import choose
from tests.systems.mediation import dispute
from tests.systems.mediation.dispute import Mediating, allowed, do, signature
from tests.web import city as small

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def mediating(_site: Any) -> Mediating:
    return dispute.found(_site.city)


@pytest.fixture(autouse=True)
def own_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUMIAN_DATA", str(tmp_path))
    monkeypatch.delenv("MUMIAN_SEAL", raising=False)


def asked_and_carried_over(page: Page, url: str) -> None:
    """From the questions on a deposit to the form of a request, ready to send."""
    page.goto(f"{url}/guidance/tenancy")
    page.get_by_role("link", name="开始").click()
    for choice in ("租客", "押金", "是"):
        page.get_by_role("button", name=choice, exact=True).click()
    for said in ("5000", "1000"):
        page.get_by_role("textbox").fill(said)
        page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="不确定").click()
    page.get_by_role("button", name="不写").click()
    for said in ("孙房东", "石溪街道"):
        page.get_by_role("textbox").fill(said)
        page.locator("main form .go button").first.click()
    page.get_by_role("button", name="带着这些答案申请调解").click()


def drawn_and_signed(page: Page, at: str, side: str) -> None:
    page.goto(f"{at}/do/sign-{side}")
    board = page.locator("canvas.signature")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 30 + 12 * step, box["y"] + 40 + 30 * (step % 2))
    page.mouse.up()
    expect(page.get_by_role("button", name="重新签")).to_be_visible()
    while page.evaluate("document.querySelector('input[name=signature]').files.length") != 1:
        page.wait_for_timeout(50)
    page.locator("main form .acts button").click()
    page.wait_for_url(at)


def test_from_the_first_question_to_the_confirmation(site: Any, mediating: Mediating, open_page: Any) -> None:
    here = mediating
    resident = site.sign_in(open_page(width=360, height=740), "resident")
    landlord = site.sign_in(open_page(), "landlord")

    asked_and_carried_over(resident, site.url)
    expect(resident.locator("[name=what]")).not_to_have_value("")
    expect(resident.locator("[name=respondent_name]")).to_have_value("孙房东")
    resident.get_by_role("button", name="提交申请").click()
    expect(resident.locator("main")).to_contain_text("孙房东")
    matter = Matter.objects.get(procedure="people-mediation", number=resident.url.rpartition("/")[2])
    assert matter.place == small.TOWN
    at = f"{site.url}/mediation/{matter.number}"

    do("ask-other", here.actor("organiser"), matter.pk, way="people")
    landlord.goto(
        f"{site.url}/mediation/invited/{matter.number}/{link_secret(matter.pk, 'respondent', city().key)}"
    )
    landlord.locator("main form button").first.click()
    landlord.goto(f"{at}/do/consent")
    landlord.locator("main form .acts button").click()
    for side in ("resident", "landlord"):
        allowed(choose(here.actor(side), matter.pk, here.mediators["mediator"].pk))
    do("accept", here.actor("mediator"), matter.pk, sworn=True)
    do("draft", here.actor("mediator"), matter.pk, draft_number=1, clauses="孙房东退还押金四千元\n双方再无争议",
       amount="4000", perform_by="2044-12-30")  # fmt: skip

    drawn_and_signed(resident, at, "requester")
    drawn_and_signed(landlord, at, "respondent")
    do("sign-mediator", here.actor("mediator"), matter.pk, signed_mediator=1, signature=signature())
    agreement.make_final(matter.pk)

    pdf = landlord.request.get(f"{at}/agreement.pdf").body()
    read = PdfReader(BytesIO(pdf))
    said = "".join(page.extract_text() for page in read.pages).replace("\n", "")
    for words in ("调解协议书", matter.number, "孙房东退还押金四千元", "双方再无争议", "手写签名"):
        assert words in said
    assert sum(len(page.images) for page in read.pages) == 3
    assert all("/FontFile3" in font for font in fonts(read))
    [seal] = papers.signatures(pdf)
    assert (seal.intact, seal.whole, seal.ours) == (True, True, True)

    for page, side in ((resident, "requester"), (landlord, "respondent")):
        page.goto(f"{at}/do/confirm-{side}")
        page.locator("[name=about]").first.check() if page.locator(
            "[name=about][type=radio]"
        ).count() else page.locator("[name=about]").select_option("money")
        page.locator("main form .acts button").click()
        page.wait_for_url(at)
    request = Matter.objects.get(parent=matter.pk, procedure="judicial-confirmation")
    assert request.data["papers"] == Matter.objects.get(pk=matter.pk).data["paper"]
    do("accept", here.actor("clerk"), request.pk)
    do("confirm", here.actor("clerk"), request.pk, ruling="（2026）粤民特 1 号")
    resident.goto(at)
    expect(resident.locator("main")).to_contain_text("裁定确认有效")


def fonts(read: PdfReader) -> list[Any]:
    found: list[Any] = []
    for page in read.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            [inner] = font.get_object()["/DescendantFonts"]
            found.append(inner.get_object()["/FontDescriptor"])
    return found
