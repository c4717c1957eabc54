"""The field app in a real browser: work without a network, an outbox nothing is lost from, conflicts in words."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from mumian.engine.models import Attachment, Matter
from mumian.record.models import Entry
from tests.browser.conftest import no_wider_than_a_phone
from tests.web import city as small

pytestmark = pytest.mark.django_db

MOST_BYTES = 300_000
"""What the first load may weigh on the wire, without the library of maps."""
WORDS = {
    "zh-CN": {
        "start": "开始办理", "finish": "办理完毕", "result": "办理结果", "accept": "核查通过", "waiting": "件待发送",
        "none": "没有待发送的内容", "offline": "没有网络", "photo": "办后照片", "checked": "照片", "closed": "已办结",
    },
    "en-GB": {
        "start": "Start", "finish": "Finish", "result": "Result", "accept": "Accept", "waiting": "waiting to be sent",
        "none": "Nothing is waiting", "offline": "No network", "photo": "Photos after", "checked": "Photos",
        "closed": "Closed",
    },
}  # fmt: skip
ZH = WORDS["zh-CN"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "现场.jpg"
    file.write_bytes(small.picture())
    return file


@pytest.fixture
def field(site: Any, open_page: Any) -> Callable[..., Page]:
    """`field("worker")` is that person's phone, with the app on it and all that is to be taken along."""

    def opened(who: str, locale: str = "zh-CN", **more: Any) -> Page:
        page = site.sign_in(open_page(locale=locale, width=360, height=740, **more), who)
        page.goto(f"{site.url}/field")
        ready(page)
        return page

    return opened


def ready(page: Page) -> None:
    """The app is on the phone, and nothing is being sent or fetched."""
    page.evaluate(
        "async () => { await navigator.serviceWorker.ready; if (!navigator.serviceWorker.controller)"
        " await new Promise((kept) => navigator.serviceWorker.addEventListener('controllerchange', kept)) }"
    )
    expect(page.locator("#tabs")).to_be_visible()
    expect(page.locator("#status[data-net=online]")).to_be_visible()


def offline(page: Page, yes: bool = True) -> None:
    page.context.set_offline(yes)
    if yes:
        expect(page.locator("#status[data-net=offline]")).to_be_visible()


def to(page: Page, number: str) -> None:
    """Opens a matter from the list, as a thumb would."""
    matter = Matter.objects.get(number=number).pk.hex
    page.locator("#tabs a[href='#/grid']").click()
    page.locator(f"a.card[href='#/matter/{matter}']").click()
    expect(page.locator(".head")).to_contain_text(number)


def entries(matter: Any) -> list[str]:
    return list(Entry.objects.filter(subject=matter).order_by("seq").values_list("action", flat=True))


def accept(page: Page, number: str, photo: Path | None = None, remark: str = "已看过，没有积水") -> None:
    to(page, number)
    page.get_by_role("link", name="核查通过").click()
    page.get_by_label("说明").fill(remark)
    if photo:
        page.locator("input[type=file]").set_input_files(photo)
        expect(page.locator(".previews img")).to_have_count(1)
    page.get_by_role("button", name="核查通过").click()
    expect(page).to_have_url(re.compile("#/matter/"))


@pytest.mark.parametrize("locale", WORDS)
def test_a_report_is_taken_without_a_network_sent_checked_and_closed(
    site: Any, open_page: Any, field: Any, photo: Path, locale: str
) -> None:
    said = WORDS[locale]
    number = small.assigned(site.city).number
    matter = Matter.objects.get(number=number).pk
    officer = field("officer", locale)
    offline(officer)
    officer.reload()
    expect(officer.locator("#status")).to_contain_text(said["offline"])
    to(officer, number)
    officer.get_by_role("button", name=said["start"], exact=True).click()
    expect(officer.locator("#status")).to_contain_text("1")
    officer.get_by_role("link", name=said["finish"], exact=True).click()
    officer.get_by_label(said["result"]).fill("已疏通，冲洗了路面")
    officer.locator("input[type=file]").first.set_input_files(photo)
    expect(officer.locator(".previews img")).to_have_count(1)
    officer.get_by_role("button", name=said["finish"], exact=True).click()
    expect(officer.locator("#status")).to_contain_text(f"2 {said['waiting']}")
    assert entries(matter) == ["report", "assign"]
    offline(officer, False)
    expect(officer.locator("#status")).to_contain_text(said["none"])
    assert entries(matter) == ["report", "assign", "start", "finish"]
    assert Attachment.objects.filter(matter_id=matter, field="photos_after").count() == 1

    worker = field("worker", locale)
    offline(worker)
    to(worker, number)
    worker.get_by_role("link", name=said["accept"]).click()
    worker.get_by_role("button", name=said["accept"]).click()
    expect(worker.locator("#status")).to_contain_text(f"1 {said['waiting']}")
    offline(worker, False)
    expect(worker.locator("#status")).to_contain_text(said["none"])
    assert Matter.objects.get(pk=matter).state == "closed"


def test_the_app_starts_cold_without_a_network(site: Any, field: Any) -> None:
    number = small.checking(site.city).number
    page = field("worker")
    offline(page)
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(f"{site.url}/field")
    to(again, number)
    expect(again.locator(".next")).to_contain_text("核查通过")


def test_what_waits_survives_a_reload_with_its_photos(site: Any, field: Any, photo: Path) -> None:
    number = small.checking(site.city).number
    page = field("worker")
    offline(page)
    accept(page, number, photo)
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    page.reload()
    page.locator("#tabs a[href='#/outbox']").click()
    expect(page.locator(".entry")).to_contain_text("核查通过")
    expect(page.locator(".entry")).to_contain_text("没有积水")
    expect(page.locator(".entry .previews img")).to_have_count(1)
    offline(page, False)
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    assert Matter.objects.get(number=number).state == "closed"


def test_what_is_being_written_survives_a_crash(site: Any, field: Any, photo: Path) -> None:
    number = small.checking(site.city).number
    page = field("worker")
    to(page, number)
    page.get_by_role("link", name="未解决，退回重办").click()
    page.get_by_label("原因").fill("井盖仍然松动")
    page.wait_for_timeout(300)
    context, address = page.context, page.url
    page.close()
    again = context.new_page()
    again.goto(address)
    expect(again.get_by_label("原因")).to_have_value("井盖仍然松动")


def test_a_crash_while_it_is_sent_does_it_once(site: Any, field: Any, photo: Path) -> None:
    number = small.checking(site.city).number
    matter = Matter.objects.get(number=number).pk
    page = field("worker")
    context, arrived = page.context, []

    def cut(route: Route) -> None:
        with suppress(Error):  # the page may be closed while it is on its way
            arrived.append(route.fetch().status)
            route.abort()

    context.route("**/api/v1/actions", cut)
    accept(page, number, photo)
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    expect(page.locator("#status[data-net=unreachable]")).to_be_visible()
    assert set(arrived) == {200}
    page.locator("#tabs a[href='#/outbox']").click()
    expect(page.locator(".entry")).to_contain_text("可能已经送达")
    expect(page.locator(".entry button")).to_have_count(0)
    page.close()
    context.unroute("**/api/v1/actions")
    again = context.new_page()
    again.goto(f"{site.url}/field")
    expect(again.locator("#status")).to_contain_text(ZH["none"])
    assert entries(matter) == ["report", "assign", "start", "finish", "accept"]
    again.locator("#tabs a[href='#/outbox']").click()
    expect(again.locator(".sent")).to_contain_text(number)


def test_a_conflict_is_told_in_words_and_what_was_done_can_be_put_on_top(site: Any, field: Any) -> None:
    number = small.assigned(site.city).number
    matter = Matter.objects.get(number=number).pk
    small.act(site.city, "officer", "start", matter)
    page = field("officer")
    offline(page)
    to(page, number)
    page.get_by_role("link", name="办理完毕").click()
    page.get_by_label("办理结果").fill("已清淤")
    page.get_by_role("button", name="办理完毕").click()
    small.act(site.city, "supervisor", "extend", matter, reason="雨后再办")
    offline(page, False)
    expect(page.locator("#status")).to_contain_text("1 件需要您决定")
    page.locator("#tabs a[href='#/outbox']").click()
    entry = page.locator(".entry")
    expect(entry).to_contain_text("其间已有他人办理")
    expect(entry).to_contain_text("准予延期")
    expect(entry).to_contain_text("黄庆")
    expect(entry).to_contain_text("雨后再办")
    expect(entry).to_contain_text("已清淤")
    assert Matter.objects.get(pk=matter).state == "working"
    entry.get_by_role("button", name="仍按我的办理").click()
    expect(page.locator(".sent")).to_contain_text("办理完毕")
    assert entries(matter)[-2:] == ["extend", "finish"]


def test_what_is_no_longer_possible_says_so_and_keeps_what_was_written(site: Any, field: Any) -> None:
    number = small.assigned(site.city).number
    matter = Matter.objects.get(number=number).pk
    page = field("officer")
    offline(page)
    to(page, number)
    page.get_by_role("button", name="开始办理").click()
    small.act(site.city, "colleague", "start", matter)
    offline(page, False)
    expect(page.locator("#status")).to_contain_text("1 件需要您决定")
    page.locator("#tabs a[href='#/outbox']").click()
    expect(page.locator(".entry")).to_contain_text("张杰")
    expect(page.locator(".entry")).to_contain_text("现在的状态下已不能这样办")
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("dialog").get_by_role("button", name="放弃").click()
    expect(page.locator(".entry")).to_have_count(0)


def test_what_others_only_said_holds_nothing_up(site: Any, field: Any) -> None:
    done = small.checking(site.city)
    page = field("worker")
    offline(page)
    accept(page, done.number)
    small.act(site.city, "officer", "comment", done.matter, text="井盖已换新")
    offline(page, False)
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    assert entries(done.matter)[-2:] == ["comment", "accept"]


def test_what_is_refused_is_told_why_and_mended_with_its_photo(site: Any, field: Any, photo: Path) -> None:
    outside = {"longitude": small.OUTSIDE[0], "latitude": small.OUTSIDE[1]}
    page = field("worker", geolocation=outside, permissions=["geolocation"])
    offline(page)
    page.locator("#tabs a[href='#/report']").click()
    page.get_by_role("link", name="网格事件").click()
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.locator(".previews img")).to_have_count(1)
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator(".place [role=status]")).to_contain_text("不在本机所带的地点之内")
    page.get_by_label("什么事").fill("栏杆缺了一截")
    page.get_by_role("button", name="上报").click()
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    offline(page, False)
    expect(page.locator("#status")).to_contain_text("1 件需要您决定")
    entry = page.locator(".entry")
    expect(entry).to_contain_text("没有办成")
    expect(entry).to_contain_text("不在本市")
    entry.get_by_role("link", name="修改后重新发送").click()
    expect(page.get_by_role("alert")).to_contain_text("请再看一下")
    expect(page.locator(".previews img")).to_have_count(1)
    page.get_by_role("button", name="不用位置").click()
    page.get_by_label("在哪个网格").select_option(label="001网格")
    page.get_by_role("button", name="上报").click()
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    reported = Matter.objects.get(title="栏杆缺了一截")
    assert (reported.place, reported.channel) == (small.GRID, "field")
    assert Attachment.objects.filter(matter_id=reported.pk).count() == 1


def test_signing_out_keeps_the_outbox_and_nobody_else_sees_or_sends_it(site: Any, field: Any) -> None:
    done = small.checking(site.city)
    page = field("worker")
    offline(page)
    accept(page, done.number)
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    page.locator("#menu summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.locator("main")).to_contain_text("本机保存着 1 件内容")
    expect(page.locator("main")).not_to_contain_text("没有积水")
    page.reload()
    expect(page.locator("main")).to_contain_text("本机保存着 1 件内容")

    page.context.clear_cookies()
    site.sign_in(page, "officer")
    page.context.set_offline(False)
    page.goto(f"{site.url}/field")
    ready(page)
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    page.locator("#tabs a[href='#/outbox']").click()
    expect(page.locator(".entry")).to_have_count(0)
    assert entries(done.matter)[-1] == "finish"

    page.context.clear_cookies()
    site.sign_in(page, "worker")
    page.goto(f"{site.url}/field#/outbox")
    page.reload()
    expect(page.locator(".sent")).to_contain_text("核查通过")
    assert entries(done.matter)[-1] == "accept"


def test_an_expired_session_asks_to_sign_in_and_sends_afterwards(site: Any, field: Any) -> None:
    done = small.checking(site.city)
    page = field("worker")
    page.context.clear_cookies(name="sessionid")
    accept(page, done.number)
    expect(page.locator("#status")).to_contain_text("登录已过期")
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    page.locator("#status").get_by_role("link", name="登录").click()
    page.get_by_label("用户名").fill("worker")
    page.get_by_label("密码").fill(small.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    assert entries(done.matter)[-1] == "accept"


def test_a_patrol_is_walked_with_its_checklist(site: Any, field: Any) -> None:
    from mumian.engine.perform import Act, perform
    from mumian.people.actor import SYSTEM

    data = {
        "name": "小场所消防安全 2026-11",
        "where": {"place": small.GRID},
        "checklist": "small-premises-fire",
    }
    [planned] = perform([Act("plan", SYSTEM, data, opens="patrol")])
    page = field("worker")
    offline(page)
    page.locator("#tabs a[href='#/']").click()
    page.get_by_role("link", name=re.compile("小场所消防安全")).click()
    page.get_by_role("link", name="完成巡查").click()
    page.get_by_role("button", name="完成巡查").click()
    expect(page.locator(".checklist")).to_contain_text("还有 11 项没有查看")
    second = page.get_by_role("group", name=re.compile("^2. 安全出口"))
    second.get_by_label("不合格").check()
    page.get_by_role("button", name="其余各项都合格").click()
    page.get_by_role("button", name="完成巡查").click()
    expect(page.locator("#status")).to_contain_text("1 件待发送")
    offline(page, False)
    expect(page.locator("#status")).to_contain_text(ZH["none"])
    assert planned.matter is not None
    assert Matter.objects.get(pk=planned.matter).state == "walked"
    found = Matter.objects.get(parent=planned.matter)
    assert (found.procedure, found.category) == ("grid-event", "02.01")


def test_all_that_is_needed_lies_on_the_phone_in_both_languages(site: Any, field: Any, axe: Any) -> None:
    number = small.checking(site.city).number
    page = field("worker")
    offline(page)
    to(page, number)
    page.locator("#menu summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator(".next")).to_contain_text("Accept")
    assert page.locator("html").get_attribute("lang") == "en"
    axe(page)


SCREENS = ["#/", "#/grid", "#/report", "#/outbox", "matter", "act"]


@pytest.mark.parametrize("look", ["zh-CN light", "en-GB dark"])
def test_every_screen_is_for_everyone(site: Any, field: Any, axe: Any, look: str) -> None:
    locale, scheme = look.split()
    done = small.checking(site.city)
    page = field("worker", locale, color_scheme=scheme)
    matter = done.matter.hex
    for screen in SCREENS:
        page.goto(
            f"{site.url}/field{ {'matter': f'#/matter/{matter}', 'act': f'#/do/{matter}/redo'}.get(screen, screen) }"
        )
        expect(page.locator("main h1")).to_have_count(1)
        axe(page)
        no_wider_than_a_phone(page)
        if locale == "zh-CN":
            left = re.findall(r"(?<![\w/:.-])[A-Za-z]{3,}(?![\w/:.-])", page.locator("body").inner_text())
            assert set(left) <= {"English"}, left


def test_the_first_load_is_light(site: Any, open_page: Any) -> None:
    small.checking(site.city)
    page = site.sign_in(open_page(width=360), "worker")
    sizes: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if response.status == 200 and not re.search(r"vendor/(map|maplibre)", response.url):
            sizes[response.url] = len(gzip.compress(response.body()))

    page.context.on("response", weigh)
    page.goto(f"{site.url}/field")
    ready(page)
    page.wait_for_timeout(500)
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert not any("vendor/map" in url for url in sizes)
