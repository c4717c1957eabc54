"""The board without a reload: what others do is seen at once, and what one is about to do is kept."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_loop import WORDS, report

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("locale", WORDS)
def test_the_board_shows_a_new_report_by_itself(site: Any, open_page: Any, locale: str) -> None:
    said = WORDS[locale]
    dispatcher = site.sign_in(open_page(locale=locale), "dispatcher")
    for what in ("先有的一件：井盖松动", "先有的另一件：树枝折断"):
        report(open_page(locale=locale), site.url, said, what)
    dispatcher.goto(f"{site.url}/board")
    expect(dispatcher.locator("[data-live-said][data-on]")).to_be_visible()
    ticked = dispatcher.locator("tbody input[name=matter]").first.get_attribute("value")
    box = dispatcher.locator(f"tbody input[name=matter][value='{ticked}']")
    box.check()
    number = report(open_page(locale=locale), site.url, said, "刚报的一件：路灯不亮")
    row = dispatcher.get_by_role("row").filter(has_text=number)
    expect(row).to_be_visible()
    expect(box).to_be_checked()


def test_the_arrows_go_from_matter_to_matter(site: Any, open_page: Any) -> None:
    for what in ("第一件：井盖松动", "第二件：树枝折断"):
        report(open_page(), site.url, WORDS["zh-CN"], what)
    dispatcher = site.sign_in(open_page(), "dispatcher")
    dispatcher.goto(f"{site.url}/board")
    links = dispatcher.locator("tbody .what a")
    links.first.focus()
    dispatcher.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    dispatcher.keyboard.press("Space")
    expect(dispatcher.locator("tbody input[name=matter]").nth(1)).to_be_checked()
    dispatcher.keyboard.press("Home")
    expect(links.first).to_be_focused()
