"""Command in a real browser: down to a grid and back by click and by keyboard, a task sent, answered and seen, for everyone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mumian.engine import world
from mumian.engine.models import Matter
from mumian.insight.days import reckon_days
from mumian.insight.hot import find_topics
from mumian.insight.models import HotTopic
from mumian.people.models import Organisation, Person, Post, Room
from tests.web import city as small

pytestmark = pytest.mark.django_db

WAY = ["440103", "440103001", "440103001001", "440103001001001"]
NAMES = ["木棉市", "越秀区", "石溪街道", "石溪社区", "001网格"]


@pytest.fixture(scope="module")
def _commanded(_site: Any) -> Any:
    """The site with somebody who commands the city, something hot, something late, and a room."""
    city = _site.city
    centre = Organisation.objects.create(
        code="city-centre", name="木棉市指挥中心", name_en="City Centre", place="4401"
    )
    centre.lineage = [centre.pk]
    centre.save()
    person = Person.objects.create_person("city commander", small.PASSWORD, name="陈志明")
    post = Post.objects.create(person=person, role_id="commander", organisation=centre, place="4401")
    city.people["commander"] = person
    city.posts["commander"] = Post.objects.select_related("role", "organisation").get(pk=post.pk)
    world.changed()
    for words in ["夜里太吵", "粉尘大", "噪音扰民", "一直开到半夜", "请管一管"]:
        small.reported(city, f"凤岗搅拌站{words}，孩子睡不着")
    late = small.assigned(city, what="人行道塌陷")
    Matter.objects.filter(pk=late.matter).update(due_at=timezone.now() - timedelta(hours=3))
    Room.objects.create(place="4401", url="https://meeting.example.cn/j/8421")
    find_topics(timezone.now())
    reckon_days(timezone.now())
    return _site


@pytest.fixture
def commanded(_commanded: Any, site: Any) -> Any:
    return _commanded


def at(page: Page, name: str) -> None:
    """The page shows this place, and its address holds it."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_one_goes_down_to_a_grid_and_back_by_click(commanded: Any, open_page: Any) -> None:
    page = commanded.sign_in(open_page(width=1920, height=1080), "commander")
    page.goto(f"{commanded.url}/command")
    at(page, NAMES[0])
    page.locator(".shaded a").first.click()
    at(page, NAMES[1])
    for code, name in zip(WAY[1:], NAMES[2:], strict=True):
        page.locator(".parts").get_by_role("link", name=name).click()
        at(page, name)
        expect(page).to_have_url(re.compile(rf"place={code}(&|$)"))
    expect(page.locator(".parts")).to_contain_text("已是最小一级")
    page.locator(".crumbs").get_by_role("link", name=NAMES[2]).click()
    at(page, NAMES[2])
    page.go_back()
    at(page, NAMES[4])
    page.reload()
    at(page, NAMES[4])


def test_one_goes_down_to_a_grid_and_back_by_keyboard(commanded: Any, open_page: Any) -> None:
    page = commanded.sign_in(open_page(), "commander")
    page.goto(f"{commanded.url}/command?show=late")
    for name in NAMES[1:]:
        tab_to(page, ".shaded a", name)
        page.keyboard.press("Enter")
        at(page, name)
        expect(page.locator(".toggle [aria-current]")).to_have_text("逾期")
    for name in reversed(NAMES[:-1]):
        tab_to(page, ".crumbs a", name)
        page.keyboard.press("Enter")
        at(page, name)


def tab_to(page: Page, among: str, name: str) -> None:
    """Presses Tab until the link to a place has the focus."""
    page.locator("#main").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([among, name]) => document.activeElement.matches(among) && "
            "(document.activeElement.ariaLabel ?? document.activeElement.innerText).startsWith(name)",
            [among, name],
        ):
            return
    pytest.fail(f"Tab does not lead to {name}")


SAID = {
    "zh-CN": {
        "open": "下达任务", "task": "任务", "send": "提交", "done": "完成", "answer": "办理情况",
        "one": "1 个单位中 1 个已完成",
    },
    "en-GB": {
        "open": "Send a task down", "task": "Task", "send": "Send", "done": "Done", "answer": "Answer",
        "one": "1 of 1 answered",
    },
}  # fmt: skip


@pytest.mark.parametrize("locale", SAID)
def test_a_task_sent_down_is_answered_and_seen(commanded: Any, open_page: Any, locale: str) -> None:
    said = SAID[locale]
    page = commanded.sign_in(open_page(locale=locale), "commander")
    page.goto(f"{commanded.url}/command?place=440103001")
    tasks = page.locator("#tasks")
    task = tasks.get_by_label(said["task"], exact=True)
    while not task.is_visible():  # what is drawn anew at the same moment is closed again
        tasks.get_by_text(said["open"], exact=True).click()
        page.wait_for_timeout(200)
    task.fill(f"排查地下通道积水 {locale}")
    tasks.locator(".pick summary").last.click()
    tasks.get_by_label(re.compile("石溪水务所|Shixi Water")).check()
    tasks.get_by_role("button", name=said["send"]).click()
    first = tasks.locator(".sent > li").first
    expect(first).to_contain_text(f"排查地下通道积水 {locale}")

    officer = commanded.sign_in(open_page(locale=locale), "officer")
    officer.goto(f"{commanded.url}/board?group=open")
    officer.get_by_role("link", name=f"排查地下通道积水 {locale}").first.click()
    officer.get_by_role("link", name=re.compile(f"^{said['done']}")).click()
    officer.get_by_label(said["answer"]).fill("已查 12 处，均正常")
    officer.get_by_role("main").get_by_role("button", name=said["done"], exact=True).click()
    expect(officer.get_by_role("status").first).to_contain_text(said["done"])

    expect(first).to_contain_text(said["one"])  # without a reload
    expect(first).to_contain_text("已查 12 处，均正常")


def test_charts_are_drawn_and_can_be_read_as_tables(commanded: Any, open_page: Any) -> None:
    page = commanded.sign_in(open_page(), "commander")
    page.goto(f"{commanded.url}/command")
    for name in ("days", "kinds"):
        chart = page.locator(f"[data-chart={name}]")
        chart.locator("xpath=..").scroll_into_view_if_needed()
        expect(chart.locator("svg path").first).to_be_attached()
    page.locator(".curve summary").click()
    expect(page.locator(".curve tbody tr")).to_have_count(30)


def test_without_scripts_all_of_it_is_there(commanded: Any, open_page: Any) -> None:
    page = commanded.sign_in(open_page(java_script_enabled=False), "commander")
    page.goto(f"{commanded.url}/command")
    page.locator(".shaded a").first.click()
    at(page, NAMES[1])
    expect(page.locator(".hot")).to_contain_text("凤岗搅拌站")
    expect(page.get_by_role("link", name=re.compile("视频会商"))).to_have_attribute(
        "rel", re.compile("noopener")
    )


PAGES = {
    "city": "/command",
    "late": "/command?place=440103001&show=late",
    "grid": "/command?place=440103001001001&show=hot",
    "topic": "/command/topics/{topic}?place=4401",
}


@pytest.mark.parametrize("name", PAGES)
def test_command_is_for_everyone(commanded: Any, reader: Page, for_everyone: Any, name: str) -> None:
    commanded.sign_in(reader, "commander")
    reader.goto(commanded.url + PAGES[name].format(topic=HotTopic.objects.values_list("pk", flat=True)[0]))
    for_everyone(reader, once=True)
