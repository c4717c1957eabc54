"""Mediation in real browsers: two sides and a mediator settle a dispute, each with its own view; and pages for everyone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mumian.engine.models import Clock, Matter
from mumian.engine.numbers import link_secret
from mumian.engine.world import city
from mumian.systems.mediation.talks import TOGETHER, talk
from tests.browser.conftest import no_wider_than_a_phone
from tests.systems.mediation import dispute
from tests.systems.mediation.dispute import Mediating, do, drawn

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def mediating(_site: Any) -> Mediating:
    """The site with a committee, an organiser, a court and two sides."""
    return dispute.found(_site.city)


@pytest.fixture(scope="module")
def numbers(mediating: Mediating) -> dict[str, str]:
    """Disputes in every state a page shows."""
    here = mediating
    made = {"asked": here.asked(), "choosing": here.choosing(), "waiting": here.choosing(leave_requester=True),
            "signing": here.signing()}  # fmt: skip
    Clock.objects.filter(matter=made["waiting"], name="choose").update(
        due_at=timezone.now() - timedelta(days=1)
    )
    common = talk(here.actor("resident"), made["signing"], TOGETHER)
    assert common is not None
    do("say", here.actor("resident"), common.matter.id, words="房子交还时是干净的")
    do("propose", here.actor("mediator"), common.matter.id, offer="退四千元")
    do(
        "note-facts",
        here.actor("mediator"),
        here.mediating(),
        facts_number=1,
        agreed_facts="押金五千元",
        uncontested="无",
    )
    here.agreed()
    found = {name: Matter.objects.get(pk=key).number for name, key in made.items()}
    found["secret"] = link_secret(made["asked"], "respondent", city().key)
    return found


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_two_sides_and_a_mediator_come_to_an_agreement(
    site: Any, mediating: Mediating, open_page: Any, locale: str
) -> None:
    here = mediating
    matter = here.mediating()
    at = f"{site.url}/mediation/{Matter.objects.get(pk=matter).number}"
    resident = site.sign_in(open_page(locale=locale, width=360, height=740), "resident")
    landlord = site.sign_in(open_page(locale=locale), "landlord")
    mediator = site.sign_in(open_page(locale=locale), "mediator")
    for page in (resident, landlord, mediator):
        page.goto(at)

    resident.locator(".talk.alone").click()
    resident.locator("#words").fill("其实三千也行")
    resident.locator("[name=say]").click()
    expect(resident.locator(".said")).to_contain_text("其实三千也行")
    expect(landlord.locator(".talk.alone")).to_have_count(1)
    landlord.locator(".talk.alone").click()
    expect(landlord.locator(".said")).not_to_contain_text("三千")
    mediator.locator(".talk.alone").first.click()
    expect(mediator.locator(".said")).to_contain_text("其实三千也行")

    mediator.goto(f"{at}/do/draft")
    mediator.locator("[name=clauses]").fill("孙房东退还押金四千元")
    mediator.locator("[name=amount]").fill("4000")
    mediator.locator("[name=perform_by]").fill("2044-12-30")
    mediator.locator("main form .acts button").click()
    for page, side in ((resident, "requester"), (landlord, "respondent"), (mediator, "mediator")):
        page.goto(at)
        expect(page.locator(".agreement")).to_contain_text("四千元")
        page.locator(f"a[href$='do/sign-{side}']").click()
        picture = {"name": "signature.png", "mimeType": "image/png", "buffer": drawn().read()}
        page.locator("input[name=signature]").set_input_files([picture])
        page.locator("main form .acts button").click()
    expect(mediator.locator(".head .tags")).to_contain_text(re.compile("已达成协议|达成调解协议|Agreed"))
    landlord.goto(at)
    expect(landlord.locator("body")).not_to_contain_text("三千")


Go = Callable[[Page, str, dict[str, str]], object]


def _at(path: str) -> Go:
    return lambda page, url, n: page.goto(url + path.format(**n))


def _first(path: str, link: str) -> Go:
    """The page that the first such link of another leads to."""

    def go(page: Page, url: str, numbers: dict[str, str]) -> None:
        page.goto(url + path)
        page.locator(link).first.click()

    return go


PAGES: dict[str, tuple[str | None, Go]] = {
    "find": (None, _at("/mediation")),
    "bodies": (None, _at("/mediation?what=bodies&lon=113.25&lat=23.1")),
    "ask": ("resident", _at("/mediation/ask")),
    "mine": ("resident", _at("/mediation/mine")),
    "choose": ("resident", _at("/mediation/{choosing}")),
    "sign": ("landlord", _at("/mediation/{signing}")),
    "mediator's view": ("mediator", _at("/mediation/{signing}")),
    "talk": ("mediator", _at("/mediation/{signing}/talk/together")),
    "session": ("mediator", _at("/mediation/{signing}/session")),
    "desk": ("mediator", _at("/mediation/desk")),
    "organise": ("organiser", _at("/mediation/organise")),
    "numbers": ("organiser", _at("/mediation/numbers")),
    "roster": ("organiser", _at("/mediation/roster")),
    "rooms": ("mediator", _at("/mediation/rooms")),
    "a mediator's form": ("organiser", _first("/mediation/roster", "a[href$='/mediators/new']")),
    "invited": (None, _at("/mediation/invited/{asked}/{secret}")),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_mediation_is_for_everyone(
    site: Any, numbers: dict[str, str], reader: Page, axe: Any, name: str
) -> None:
    who, go = PAGES[name]
    if who:
        site.sign_in(reader, who)
    go(reader, site.url, numbers)
    axe(reader)
    no_wider_than_a_phone(reader)
    if reader.locator("html").get_attribute("lang") != "en":
        reader.evaluate(
            "for (const each of document.querySelectorAll('[translate=no], input')) each.remove()"
        )
        words = re.findall(r"(?<![\w/:.-])[A-Za-z]{3,}(?![\w/:.-])", reader.locator("main").inner_text())
        assert not [word for word in words if word not in {"https", "Jitsi", "PDF"}]
