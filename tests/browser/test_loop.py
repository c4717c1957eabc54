"""The whole loop in a real browser: reported, assigned, begun, finished, checked, by those whose turn it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mumian.engine.models import Matter
from tests.web import city as small
from tests.web.city import DRAINS, SPOT

pytestmark = pytest.mark.django_db

WORDS = {
    "zh-CN": {
        "send": "提交", "assign": "派遣", "start": "开始办理", "finish": "办理完毕", "accept": "核查通过",
        "result": "办理结果", "done": "已解决", "find": "查看进度", "what": "什么事", "where": "在哪里",
    },
    "en-GB": {
        "send": "Send", "assign": "Assign", "start": "Start", "finish": "Finish", "accept": "Accept",
        "result": "Result", "done": "Fixed", "find": "See how it stands", "what": "What is it", "where": "Where",
    },
}  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "现场.jpg"
    file.write_bytes(small.picture())
    return file


def report(page: Page, url: str, said: dict[str, str], what: str) -> str:
    """Fills in the form as somebody at the spot would, and returns the number."""
    page.goto(f"{url}/report")
    page.get_by_label(said["where"], exact=True).fill("001网格")
    page.get_by_role("radio", name=re.compile("001|Grid 001")).first.check()
    page.get_by_label(said["what"]).fill(what)
    page.get_by_role("button", name=said["send"]).click()
    return page.locator(".number").inner_text()


@pytest.mark.parametrize("locale", WORDS)
def test_a_report_is_seen_through_by_four_people(site: Any, open_page: Any, locale: str) -> None:
    said = WORDS[locale]
    resident = open_page(locale=locale, width=390)
    number = report(resident, site.url, said, "路口下水道堵塞，污水外溢")
    dispatcher, officer, worker = (
        site.sign_in(open_page(locale=locale), who) for who in ("dispatcher", "officer", "worker")
    )
    dispatcher.goto(f"{site.url}/board")
    dispatcher.get_by_role("row").filter(has_text=number).get_by_role("link").click()
    dispatcher.get_by_role("link", name=said["assign"]).click()
    dispatcher.get_by_role("button", name=said["assign"]).click()
    expect(dispatcher.get_by_role("status").first).to_contain_text(said["assign"])

    officer.goto(f"{site.url}/board")
    officer.get_by_role("row").filter(has_text=number).get_by_role("link").click()
    officer.get_by_role("button", name=said["start"]).click()
    officer.get_by_role("link", name=said["finish"]).click()
    officer.get_by_label(said["result"]).fill("已疏通")
    officer.get_by_role("button", name=said["finish"]).click()
    expect(officer.get_by_role("status").first).to_contain_text(said["finish"])

    worker.goto(f"{site.url}/board")
    worker.get_by_role("row").filter(has_text=number).get_by_role("link").click()
    worker.get_by_role("link", name=said["accept"]).click()
    worker.get_by_role("button", name=said["accept"]).click()
    expect(worker.locator(".head")).to_contain_text(said["done"])

    resident.goto(f"{site.url}/track")
    resident.get_by_role("textbox").fill(number.lower())
    resident.get_by_role("button", name=said["find"]).click()
    expect(resident.locator("main")).to_contain_text(said["done"])
    expect(resident.locator("main")).not_to_contain_text("下水道")


def test_of_two_who_click_at_once_one_sees_what_the_other_did(site: Any, open_page: Any) -> None:
    number = small.assigned(site.city).number
    first, second = (site.sign_in(open_page(), who) for who in ("officer", "colleague"))
    for page in (first, second):
        page.goto(f"{site.url}/matters/{number}")
    first.get_by_role("button", name="开始办理").click()
    second.get_by_role("button", name="开始办理").click()
    expect(second.get_by_role("alert")).to_contain_text("此事项刚被他人办理")
    expect(second.get_by_role("alert")).to_contain_text("何志强")
    expect(second.get_by_role("link", name="办理完毕")).to_be_visible()


def test_without_javascript_one_reports_tracks_and_acts(site: Any, open_page: Any, photo: Path) -> None:
    resident = open_page(java_script_enabled=False)
    resident.goto(f"{site.url}/report")
    resident.get_by_label("照片").set_input_files(photo)
    resident.get_by_label("在哪里", exact=True).fill("平安社区")
    resident.get_by_label("什么事").fill("路灯不亮")
    resident.get_by_role("button", name="提交").click()
    expect(resident.locator("main")).to_contain_text("可能是以下几处")
    expect(resident.get_by_label("现场.jpg")).to_be_checked()
    resident.get_by_label(re.compile("石溪街道 › 平安社区")).check()
    resident.get_by_role("button", name="提交").click()
    number = resident.locator(".number").inner_text()
    resident.get_by_role("link", name="查看进度").click()
    expect(resident.locator("main")).to_contain_text("路灯不亮")
    assert resident.locator(".files img").count() == 1

    dispatcher = site.sign_in(open_page(java_script_enabled=False), "dispatcher")
    dispatcher.goto(f"{site.url}/matters/{number}")
    dispatcher.get_by_role("link", name="派遣").click()
    dispatcher.locator(f"input[name=category][value='{DRAINS}']").check(force=True)
    dispatcher.get_by_label("石溪水务所").check()
    dispatcher.get_by_role("button", name="派遣").click()
    expect(dispatcher.locator(".head")).to_contain_text("待受理")


def test_the_report_form_is_filled_in_with_the_keyboard_alone(site: Any, page: Page) -> None:
    page.goto(f"{site.url}/report")
    page.get_by_label("在哪里", exact=True).focus()
    page.keyboard.type("石溪社区")
    expect(page.get_by_role("radio", name=re.compile("石溪社区"))).to_be_checked()

    def tab_to(name: str) -> None:
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name || document.activeElement.innerText") == name:
                return
        pytest.fail(f"Tab does not lead to {name}")

    tab_to("what")
    page.keyboard.type("井盖松动")
    tab_to("contact")
    tab_to("提交")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，谢谢您。")


def test_a_wrong_file_is_named_and_the_summary_leads_to_its_field(
    site: Any, page: Page, photo: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "说明.txt"
    wrong.write_text("no picture")
    page.goto(f"{site.url}/report")
    page.get_by_label("照片").set_input_files([photo, wrong])
    expect(page.locator(".previews img")).to_have_count(1)
    page.get_by_label("在哪里", exact=True).fill("001网格")
    page.get_by_label("什么事").fill("墙面渗水")
    page.get_by_role("button", name="提交").click()
    summary = page.locator("ds-error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("说明.txt：既不是能读取的照片")
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_photos")).to_be_focused()
    expect(page.get_by_label("什么事")).to_have_value("墙面渗水")


def test_the_place_is_known_by_position_and_the_kind_by_what_is_written(site: Any, open_page: Any) -> None:
    here = {"longitude": SPOT[0], "latitude": SPOT[1]}
    page = open_page(width=390, geolocation=here, permissions=["geolocation"])
    small.reported(site.city, "下水道堵了，污水漫到路上")
    page.goto(f"{site.url}/report")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.get_by_role("radio", name=re.compile("001网格"))).to_be_checked()
    page.get_by_label("什么事").fill("下水道堵了，污水漫到人行道")
    expect(page.get_by_role("radio", name=re.compile("排水"))).to_be_checked()
    near = page.locator(".near")
    expect(near).to_contain_text("附近")
    near.get_by_role("button", name="我也遇到").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，并入同一件事一起办。")


def test_what_is_typed_survives_a_change_of_language(site: Any, page: Page) -> None:
    page.goto(f"{site.url}/report")
    page.get_by_label("什么事").fill("公园长椅损坏")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("What is it")).to_have_value("公园长椅损坏")


def test_a_page_of_the_board_is_ticked_and_done_at_once(site: Any, open_page: Any) -> None:
    chosen = {small.assigned(site.city).matter for _ in range(2)}
    page = site.sign_in(open_page(), "officer")
    page.goto(f"{site.url}/board?state=assigned")
    expect(page.get_by_role("button", name="开始办理")).to_be_disabled()
    page.get_by_role("checkbox", name="本页全选").check()
    page.get_by_role("button", name="开始办理").click()
    expect(page.get_by_role("status").first).to_contain_text("开始办理：已办")
    assert set(Matter.objects.filter(pk__in=chosen).values_list("state", flat=True)) == {"working"}


def test_one_signs_in_and_changes_posts(site: Any, page: Page) -> None:
    page.goto(f"{site.url}/board")
    page.get_by_label("用户名").fill("both")
    page.get_by_label("密码").fill(small.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{site.url}/board")
    page.locator(".who summary").click()
    page.get_by_role("button", name=re.compile("网格员")).click()
    expect(page.locator(".who summary")).to_contain_text("002网格")
    page.locator(".who summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("link", name="登录").first).to_be_visible()
