"""Asking for notices in a real browser: by e-mail without scripts, by a message on the device, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.engine.world import city as installed
from mumian.notices.models import Subscription, Way
from tests.notices.test_pushing import Device
from tests.web import city as small

pytestmark = pytest.mark.django_db
LOCALES = ["zh-CN", "en-GB"]

PUSH_SERVICE = """({keys}) => {
  const found = { endpoint: "https://push.example/abc", keys };
  const asked = { ...found, options: {}, toJSON: () => found };
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async (options) => { window.asked = options; return asked; };
}"""
"""The browser of the tests has no push service behind it; what the page asks of one is kept."""


def home(site: Any, done: Any) -> str:
    matter = Matter.objects.get(pk=done.matter)
    return f"{site.url}/track/{done.number}/{link_after(matter.pk, installed().procedure(matter.procedure), 'report')}"


@pytest.mark.parametrize("locale", LOCALES)
def test_by_mail_without_scripts(site: Any, open_page: Any, locale: str) -> None:
    done = small.reported(site.city)
    page: Page = open_page(locale=locale, java_script_enabled=False)
    page.goto(home(site, done))
    page.locator("#tell-address").fill("auntie@example.com")
    page.get_by_role("button", name="用邮件" if locale == "zh-CN" else "By e-mail", exact=True).click()
    expect(page.locator(".tell")).to_contain_text("a…@example.com")
    expect(page.locator(".tell")).to_contain_text("待您确认" if locale == "zh-CN" else "Waiting for you")
    expect(page.locator("[data-push]")).to_be_hidden()
    page.locator(".tell li button").click()
    expect(page.locator(".tell li")).to_have_count(0)


@pytest.mark.parametrize("locale", LOCALES)
def test_by_a_message_on_the_device(site: Any, open_page: Any, axe: Any, settings: Any, locale: str) -> None:
    settings.PRIVATE_RECEIVERS = True
    done, device = small.checking(site.city), Device()
    page: Page = open_page(locale=locale, permissions=["notifications"])
    page.goto(home(site, done))
    page.evaluate(PUSH_SERVICE, {"keys": device.keys})
    page.locator("[data-push] button").click()
    said = "这台设备会收到通知" if locale == "zh-CN" else "This device will be told"
    expect(page.locator("[data-said]")).to_contain_text(said)
    scope = page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistrations()).map(each => new URL(each.scope).pathname)"
    )
    assert scope == ["/notices/"]
    assert page.evaluate("window.asked.userVisibleOnly && window.asked.applicationServerKey.length") == 65
    found = Subscription.objects.get(matter=done.matter)
    assert (found.way, found.keys, found.party) == (Way.PUSH, device.keys, "reporter")
    assert found.language.startswith("zh" if locale == "zh-CN" else "en")
    page.reload()
    expect(page.locator(".tell li")).to_have_count(1)
    axe(page)


def test_one_who_allows_no_messages_is_told_what_to_do(site: Any, open_page: Any) -> None:
    page: Page = open_page()
    page.goto(home(site, small.reported(site.city)))
    page.evaluate("Notification.requestPermission = async () => 'denied'")
    page.locator("[data-push] button").click()
    expect(page.locator("[data-said]")).to_contain_text("不允许")
    expect(page.locator("[data-push] button")).to_be_enabled()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_last_words_by_keyboard_alone(site: Any, open_page: Any, axe: Any, locale: str) -> None:
    done = small.closed(site.city)
    page: Page = open_page(locale=locale, width=360, height=740)
    page.goto(home(site, done))
    axe(page)
    confirm = page.get_by_role("button", name="确认已解决" if locale == "zh-CN" else "Confirm it is settled")
    confirm.focus()
    page.keyboard.press("Enter")
    expect(confirm).to_have_count(0)
    best = page.get_by_role("button", name=re.compile("^很满意$" if locale == "zh-CN" else "^Very good$"))
    best.focus()
    page.keyboard.press("Enter")
    expect(best).to_have_attribute("aria-pressed", "true")
    axe(page)
    assert Matter.objects.get(pk=done.matter).mark == 5
