"""Guidance in a browser: on a phone, by keyboard alone, without scripts, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db


def test_a_phone_without_scripts_goes_from_words_to_a_letter(site: Any, open_page: Any) -> None:
    page: Page = open_page(width=360, height=740, java_script_enabled=False)
    page.goto(site.url)
    page.get_by_role("link", name="有纠纷？先看看能得到什么").click()
    page.get_by_role("searchbox").fill("房东不退押金")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="租房纠纷").click()
    page.get_by_role("link", name="开始").click()
    for choice in ("租客", "押金", "是"):
        page.get_by_role("button", name=choice, exact=True).click()
    page.get_by_role("textbox").fill("三千")
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("alert")).to_contain_text("请填一个数")
    expect(page.get_by_role("textbox")).to_have_value("三千")
    page.get_by_role("textbox").fill("3000")
    page.get_by_role("button", name="继续").click()
    page.get_by_role("textbox").fill("0-500")
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="不确定").click()
    for _ in range(3):
        page.get_by_role("button", name="不写").click()
    expect(page.locator(".sum")).to_contain_text("2,500 – 3,000")
    expect(page.locator("main")).to_contain_text("这是参考意见，不是决定")
    page.get_by_role("link", name="查看和打印：催告函").click()
    expect(page.locator("article")).to_contain_text("应退还的款项：2,500 – 3,000 元")


def test_going_back_and_changing_an_answer_by_keyboard(site: Any, page: Page) -> None:
    page.goto(f"{site.url}/guidance/deposit/ask/word")
    page.get_by_role("button", name="定金", exact=True).press("Enter")
    page.get_by_role("button", name="收钱的一方").press("Enter")
    page.get_by_role("textbox").fill("3万")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("总价")
    page.go_back()
    expect(page.get_by_role("textbox")).to_have_value("30000")
    page.get_by_role("textbox").fill("20000")
    page.keyboard.press("Enter")
    page.get_by_role("textbox").fill("100000")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="不确定").press("Enter")
    for _ in range(3):
        page.get_by_role("button", name="不写").press("Enter")
    expect(page.locator(".sum")).to_contain_text("40,000")
    page.get_by_role("link", name="修改：违约方").press("Enter")
    page.get_by_role("button", name="付钱的一方").press("Enter")
    expect(page.locator(".sum")).to_contain_text("0")
