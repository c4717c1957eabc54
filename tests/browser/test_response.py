"""Response in real browsers: called at the desk, answered on a phone, seen at the desk without a reload; for everyone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import ANYONE
from mumian.systems.response.alerting import go_on, open_incidents
from mumian.systems.response.models import Alert, Beat, BeatPoint, Duty, Position, Responder
from mumian.systems.response.rosters import add
from mumian.systems.response.rounds import beats, round_of
from tests.systems.response import emergency
from tests.systems.response.emergency import Emergency
from tests.web import city as small

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _units(_site: Any) -> Emergency:
    """The site with emergency units, each with one responder."""
    return emergency.found(_site.city)


@pytest.fixture
def here(_units: Emergency, site: Any) -> Iterator[Emergency]:
    """Nothing is happening when a test begins, and everybody is on duty."""
    Responder.objects.update(duty=Duty.ON, shares=False)
    yield _units
    for incident in open_incidents():
        perform([Act("false-alarm", _units.duty, {"reason": "测试结束"}, incident)])
        go_on(incident, timezone.now())


SAID = {
    "zh-CN": {
        "come": "收到，我来", "way": "出发了", "there": "到现场了", "police": "公安", "free": "收队，可再出动",
        "attended": "已有人到场", "calm": "目前平安", "over": "解除警报，全部收队", "result": "处置结果", "ended": "已结束",
    },
    "en-GB": {
        "come": "I have it, I come", "way": "On my way", "there": "I am there", "police": "Police",
        "free": "Stand down, free again", "attended": "Help is there", "calm": "Nothing is happening",
        "over": "Stand everybody down", "result": "How it ended", "ended": "Over",
    },
}  # fmt: skip


@pytest.mark.parametrize("locale", SAID)
def test_help_is_called_answered_and_seen_to_arrive(
    site: Any, here: Emergency, open_page: Any, locale: str
) -> None:
    said = SAID[locale]
    phone = site.sign_in(open_page(locale=locale, width=360, height=740), "at-school")
    phone.goto(f"{site.url}/response/me")
    expect(phone.get_by_role("heading", level=1)).to_contain_text(said["calm"])
    desk = site.sign_in(open_page(locale=locale), "duty")
    desk.goto(f"{site.url}/response")
    expect(desk.locator("[data-live=incidents]")).to_contain_text(said["calm"])

    raise_on_the_spot(open_page(locale=locale, **standing(0)), site.url)

    row = desk.locator(".called li", has_text=re.compile("school"))
    expect(row).to_be_visible()  # without a reload
    desk.locator("article h2 a").first.click()
    state = desk.locator("[data-live=head] .tags")
    main = phone.locator(".alarm .huge")
    for button in ("come", "way", "there"):
        expect(main).to_have_text(
            said[button]
        )  # the call came without a reload, and each step leads to the next
        assert phone.evaluate("document.scrollingElement.scrollWidth") <= 360
        assert main.bounding_box()["x"] + main.bounding_box()["width"] <= 344
        main.click()
    expect(state).to_contain_text(said["attended"])  # without a reload
    phone.get_by_role("button", name=said["police"]).click()
    expect(main).to_have_text(said["free"])
    main.click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text(said["calm"])

    desk.get_by_text(said["over"], exact=True).first.click()
    desk.get_by_label(said["result"]).fill("已送医")
    desk.get_by_role("button", name=said["over"]).click()
    expect(desk.locator("[data-live=head] .tags")).to_contain_text(said["ended"])
    assert not Alert.objects.filter(ended_at=None).exists()


def raise_on_the_spot(page: Page, url: str) -> None:
    """Somebody without a name calls for help from where he or she stands."""
    page.goto(f"{url}/response/raise")
    page.locator("[name=category][value='05']").check()
    page.locator("[name=gravity][value='grave']").check()
    page.locator("[name=what]").fill("有人倒下没有呼吸")
    page.locator("[data-locate]").click()
    expect(page.locator("[data-said]").first).not_to_be_empty()
    page.locator("main form > .ds-button").click()
    page.wait_for_url(re.compile("/report/"))


def standing(metres: int) -> dict[str, Any]:
    """A device so many metres north of the spot that gives its position."""
    lon, lat = emergency.SPOT
    return {
        "geolocation": {"longitude": lon, "latitude": lat + metres * emergency.NORTH, "accuracy": 5},
        "permissions": ["geolocation"],
    }


def raised(here: Emergency, **more: Any) -> str:
    """An incident with units called to it; its number."""
    data = {
        "what": "商场有人持刀", "category": "01.01", "gravity": "ordinary",
        "where": {"place": small.GRID, "lon": emergency.SPOT[0], "lat": emergency.SPOT[1]}, **more,
    }  # fmt: skip
    [done] = perform([Act("raise", ANYONE, data, opens="incident")])
    assert isinstance(done, Done), done
    go_on(done.matter, timezone.now())
    return done.number


def test_a_position_goes_to_the_desk_only_once_it_is_agreed_to(
    site: Any, here: Emergency, open_page: Any
) -> None:
    raised(here)
    phone = site.sign_in(open_page(width=360, height=740, **standing(35)), "at-school")
    phone.goto(f"{site.url}/response/me")
    phone.get_by_role("button", name="出发了").click()
    phone.wait_for_timeout(2500)
    assert not Position.objects.exists()

    phone.get_by_role("button", name="出动途中共享位置").click()
    with phone.expect_response(re.compile("/position$")) as sent:
        pass
    assert sent.value.status == 204
    assert Position.objects.count() == 1


def test_all_of_it_works_without_scripts(site: Any, here: Emergency, open_page: Any) -> None:
    number = raised(here)
    desk = site.sign_in(open_page(java_script_enabled=False), "duty")
    desk.goto(f"{site.url}/response")
    desk.get_by_role("link", name="商场有人持刀").first.click()
    expect(desk.locator(".card")).to_contain_text("不要靠近")
    phone = site.sign_in(open_page(java_script_enabled=False), "at-school")
    phone.goto(f"{site.url}/response/me")
    phone.locator(".huge").click()
    desk.goto(f"{site.url}/response/incidents/{number}")
    expect(desk.locator("[data-live=called]")).to_contain_text("已应答")


def test_the_map_shows_rings_and_units(site: Any, here: Emergency, open_page: Any) -> None:
    raised(here)
    desk = site.sign_in(open_page(), "duty")
    desk.goto(f"{site.url}/response")
    expect(desk.locator("[data-response-map][data-drawn='10']")).to_be_visible()


def practised(here: Emergency) -> str:
    """A drill that is over, with a finding; its number."""
    where = {"place": small.GRID, "lon": emergency.SPOT[0], "lat": emergency.SPOT[1]}
    plan = {
        "what": "商场三楼着火", "where": where, "category": "04.01", "gravity": "serious",
        "day": timezone.now().isoformat(), "taking_part": [here.units["market"].pk, here.units["village"].pk],
    }  # fmt: skip
    drill = emergency.do("plan", here.duty, opens="drill", data=plan, at=timezone.now())
    emergency.do("begin", here.duty, drill.matter, at=timezone.now())
    incident = Matter.objects.get(parent=drill.matter).pk
    since = timezone.now()
    go_on(incident, since)
    market = emergency.alert_of(incident, "market")
    emergency.do("acknowledge", here.actor("market"), market, at=since + timedelta(seconds=20))
    emergency.do("arrive", here.actor("market"), market, at=since + timedelta(seconds=400))
    emergency.do(
        "stand-down", here.duty, incident, at=since + timedelta(seconds=500), data={"result": "结束"}
    )
    go_on(incident, since + timedelta(seconds=500))
    found = {
        "finding": "灭火器压力不足",
        "unit": here.units["market"].pk,
        "due": (since + timedelta(days=7)).isoformat(),
    }
    emergency.do("find", here.duty, drill.matter, at=since + timedelta(seconds=600), data=found)
    return drill.number


def walked_in_part(here: Emergency) -> str:
    """A round of the school with its first point behind it; its number."""
    beat, _ = Beat.objects.get_or_create(
        code="b1", unit=here.units["school"],
        defaults={"name": "校园周边", "weekdays": [1], "starts": [time(8)], "minutes": 60},
    )  # fmt: skip
    for number, name in enumerate(("东门", "后巷", "车站"), 1):
        BeatPoint.objects.get_or_create(
            beat=beat, number=number, defaults={"name": name, "lon": 113.25, "lat": 23.1, "look": "有无异常"}
        )
    act = round_of(beats().get(), timezone.now())
    planned = emergency.do(
        "plan", act.actor, act.matter, opens="round", data=dict(act.data), at=timezone.now()
    )
    seen = {"point": 1, "seen": "matter", "note": "路灯不亮"}
    emergency.do("reach", here.actor("school"), planned.matter, at=timezone.now(), data=seen)
    return planned.number


PAGES = {
    "desk": ("duty", "/response"),
    "incident": ("duty", "/response/incidents/{number}"),
    "raise": (None, "/response/raise"),
    "drill": ("duty", "/response/raise?drill=1"),
    "phone": ("at-school", "/response/me"),
    "calm phone": ("at-port", "/response/me"),
    "roster": ("duty", "/response/roster"),
    "roster of a unit": ("at-school", "/response/roster"),
    "review": ("duty", "/response/review"),
    "unit": ("duty", "/response/units/{unit}"),
    "drills": ("duty", "/response/drills"),
    "measured drill": ("duty", "/response/drills/{drill}"),
    "rounds": ("duty", "/response/rounds"),
    "round": ("at-school", "/response/rounds/{round}"),
}


@pytest.mark.parametrize("name", PAGES)
def test_response_is_for_everyone(
    site: Any, here: Emergency, reader: Page, for_everyone: Any, name: str
) -> None:
    number = raised(here)
    own = Responder.objects.get(unit=here.units["school"])
    if not own.shifts.exists():
        add(own, timezone.now(), timezone.now() + timedelta(hours=8), here.actor("school"))
    who, address = PAGES[name]
    numbers = {
        "number": number, "unit": here.units["school"].pk,
        "drill": practised(here) if "{drill}" in address or name == "drills" else "",
        "round": walked_in_part(here) if "{round}" in address or name == "rounds" else "",
    }  # fmt: skip
    if who:
        site.sign_in(reader, who)
    reader.goto(site.url + address.format(**numbers))
    for_everyone(reader, words={"CSV", "PDF", *here.units}, once=True)
