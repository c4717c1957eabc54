"""Every page for everyone: by the rules of WCAG 2.2 AA, in both languages, by day at a desk and by night on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.engine.world import city as installed
from mumian.notices.subscribing import Owner, by_mail, token_to_agree
from tests.browser.conftest import no_wider_than_a_phone
from tests.web import city as small

pytestmark = pytest.mark.django_db


def _press(page: Page, url: str) -> None:
    """Opens a form and sends it empty."""
    page.goto(url)
    page.locator("main form .ds-button").last.click() if "report" in url else page.locator(
        "main form .acts button"
    ).click()


def _rights(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/rights?text=何志强")
    page.locator(".related a").first.click()


def _faulty(page: Page, url: str) -> None:
    """Proves a copy with a fault in it, and shows where."""
    page.goto(f"{url}/admin/procedures/hazard-recheck/edit")
    text = page.locator("#text")
    text.fill(text.input_value().replace("final: true", "final: maybe", 1))
    page.locator("form .acts button").first.click()


def _link(number: str) -> str:
    matter = Matter.objects.get(number=number)
    secret = link_after(matter.pk, installed().procedure(matter.procedure), "report")
    return f"{number}/{secret}"


def _asked(number: str) -> str:
    """The end of the link in the letter that asks the owner of an address."""
    matter = Matter.objects.get(number=number)
    return token_to_agree(by_mail(Owner(matter.pk, "reporter"), "a@example.com"))


def _bulk(page: Page, url: str) -> None:
    page.goto(f"{url}/board?group=todo")
    page.locator("[data-all]").check()
    page.locator("[data-bulk]").first.click()


def _guided(page: Page, url: str) -> None:
    """Answers the questions about severance to their result, and opens how it is reckoned."""
    page.goto(f"{url}/guidance/severance/ask/ended")
    page.locator("[value=agreed]").click()
    for year in ("2019", "2023"):
        page.locator("#year").fill(year)
        page.locator(".go button").first.click()
    page.locator("[name=answer]").fill("8000-9000")
    page.locator(".go button").first.click()
    for _ in range(3):  # in one's own words, the other side, the place
        page.locator("main [name=unsure]").click()
    page.locator("details.lines summary").first.click()


def _reckoned(page: Page, url: str) -> None:
    page.goto(f"{url}/guidance/calculators/court-fee")
    page.locator("#id_on_year").fill("2024")
    page.locator("#id_claim").fill("10001")
    page.locator(".go button").click()


@pytest.fixture(scope="module")
def numbers(_site: Any) -> dict[str, str]:
    """A matter in each state worth looking at."""
    city = _site.city
    late = small.assigned(city)
    small.act(city, "officer", "join", late.matter, units=[city.streets.pk], task="清理占道杂物")
    small.act(city, "officer", "comment", late.matter, text="已联系养护队。")
    reported = small.reported(city).number
    return {
        "reported": reported,
        "asked": _asked(reported),
        "assigned": late.number,
        "closed": small.closed(city).number,
        "another": small.reported(city, "路灯不亮").number,
    }


def _administration(where: str) -> Callable[[Page, str, dict[str, str]], object]:
    return lambda page, url, n: page.goto(f"{url}/admin/{where}".rstrip("/"))


PAGES: dict[str, tuple[str | None, Callable[[Page, str, dict[str, str]], object]]] = {
    "home": (None, lambda page, url, n: page.goto(url)),
    "sign in": (None, lambda page, url, n: page.goto(f"{url}/sign-in")),
    "report": (None, lambda page, url, n: page.goto(f"{url}/report")),
    "report with faults": (None, lambda page, url, n: _press(page, f"{url}/report")),
    "received": (None, lambda page, url, n: page.goto(f"{url}/report/{_link(n['reported'])}")),
    "track": (None, lambda page, url, n: page.goto(f"{url}/track")),
    "track by number": (None, lambda page, url, n: page.goto(f"{url}/track?number={n['closed']}")),
    "track by link": (None, lambda page, url, n: page.goto(f"{url}/track/{_link(n['closed'])}")),
    "board": ("dispatcher", lambda page, url, n: page.goto(f"{url}/board?group=open")),
    "empty board": ("worker", lambda page, url, n: page.goto(f"{url}/board?group=open&text=无此事")),
    "matter": ("officer", lambda page, url, n: page.goto(f"{url}/matters/{n['assigned']}")),
    "around": (None, lambda page, url, n: page.goto(f"{url}/around")),
    "side by side": (
        "dispatcher",
        lambda page, url, n: page.goto(f"{url}/matters/{n['reported']}/beside/{n['another']}"),
    ),
    "settled matter": ("worker", lambda page, url, n: page.goto(f"{url}/matters/{n['closed']}")),
    "action": ("dispatcher", lambda page, url, n: page.goto(f"{url}/matters/{n['reported']}/do/assign")),
    "action with faults": (
        "officer",
        lambda page, url, n: _press(page, f"{url}/matters/{n['assigned']}/do/refuse"),
    ),
    "action for several": ("dispatcher", lambda page, url, n: _bulk(page, url)),
    "record": ("worker", lambda page, url, n: page.goto(f"{url}/matters/{n['closed']}/record")),
    "procedures": (None, lambda page, url, n: page.goto(f"{url}/procedures")),
    "procedure": (None, lambda page, url, n: page.goto(f"{url}/procedures/grid-event")),
    **{
        f"administrators: {where or 'home'}": (
            "administrator",
            _administration(where),
        )
        for where in (
            "",
            "procedures",
            "procedures/grid-event",
            "procedures/grid-event/edit",
            "units",
            "units/new",
            "people",
            "people/new",
            "catalogue",
            "catalogue/grid/03.04",
            "responsibilities/new",
            "responsibilities/import",
            "calendar",
            "rights?text=何志强",
        )
    },
    "administrators: rights of one": ("administrator", lambda page, url, n: _rights(page, url)),
    "administrators: faults": ("administrator", lambda page, url, n: _faulty(page, url)),
    "notices": ("officer", lambda page, url, n: page.goto(f"{url}/notices")),
    "notices: a letter": (
        None,
        lambda page, url, n: page.goto(f"{url}/notices/agree/{n['asked']}"),
    ),
    "notices: other systems": ("administrator", lambda page, url, n: page.goto(f"{url}/notices/hooks")),
    "guidance": (None, lambda page, url, n: page.goto(f"{url}/guidance")),
    "guidance: a kind": (None, lambda page, url, n: page.goto(f"{url}/guidance/traffic")),
    "guidance: a choice": (None, lambda page, url, n: page.goto(f"{url}/guidance/divorce/ask/agreed")),
    "guidance: a day": (None, lambda page, url, n: page.goto(f"{url}/guidance/traffic/ask/accident")),
    "guidance: a result": (None, lambda page, url, n: _guided(page, url)),
    "guidance: a calculator": (None, lambda page, url, n: _reckoned(page, url)),
    "nothing here": (None, lambda page, url, n: page.goto(f"{url}/nowhere")),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everyone(
    site: Any, numbers: dict[str, str], reader: Page, axe: Any, name: str
) -> None:
    who, go = PAGES[name]
    if who:
        site.sign_in(reader, who)
    go(reader, site.url, numbers)
    axe(reader)
    no_wider_than_a_phone(reader)
    if reader.locator("html").get_attribute("lang") != "en":
        assert not _english(reader), "English is left over in a Chinese page"


def _english(page: Page) -> list[str]:
    """The English words of a page, apart from codes, names of formats, numbers, hashes and what a link is made of."""
    page.evaluate(
        "for (const code of document.querySelectorAll('[translate=no]')) code.style.display = 'none'"
    )
    words = re.findall(r"(?<![\w/:.-])[A-Za-z]{3,}(?![\w/:.-])", page.locator("body").inner_text())
    return [word for word in words if word not in {"English", "PDF", "SHA", "GB", "CSV", "UTF"}]
