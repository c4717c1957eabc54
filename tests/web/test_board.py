"""The board: what waits at a desk, counted, found, paged and done, for the post one acts in and no other."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.web import listing
from tests.web import city as small
from tests.web.city import COMMUNITY, DRAINS, NEXT_SPOT, TOWN, City


def numbers(page: str) -> list[str]:
    """The numbers of the matters listed, in their order."""
    return re.findall(r'<span translate="no">([0-9A-Z]{4}-[0-9A-Z]{4})</span>', page)


def figure(page: str, title: str) -> int:
    """A count on top of the page."""
    found = re.search(rf"<span>{title}</span> <b[^>]*>([\d,]+)</b>", page)
    assert found, f"no figure is called {title}"
    return int(found[1].replace(",", ""))


def ticked(page: str, *chosen: str) -> dict[str, Any]:
    """What the board's form sends with these matters ticked."""
    boxes = re.findall(
        r'name="matter" value="([0-9a-f]{32})" aria-label="[^"]*"><input[^>]*value="([^"]+)"', page
    )
    keys = [key for key, _ in boxes if not chosen or key in chosen]
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key
    return {"matter": keys, "seen": [seen for _, seen in boxes], "key": key[1], "back": "/board"}


def test_each_begins_with_what_waits_for_them(city: City, visit: Any) -> None:
    told = small.reported(city, "路灯不亮").number
    given = small.assigned(city).number
    done = small.checking(city).number
    assert numbers(visit("dispatcher").get("/board").content.decode()) == [told]
    assert numbers(visit("officer").get("/board").content.decode()) == [given]
    assert numbers(visit("worker").get("/board").content.decode()) == [done]
    assert numbers(visit("stranger").get("/board?group=open").content.decode()) == []


@pytest.mark.usefixtures("city")
def test_the_board_is_for_those_who_hold_a_post(visit: Any) -> None:
    assert visit().get("/board")["Location"] == "/sign-in?next=/board"
    answer = visit("resident").get("/board")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "您今天没有任职岗位" in answer.content.decode()


def test_figures_count_what_is_open_late_and_settled_today(city: City, visit: Any) -> None:
    small.reported(city)
    late = small.reported(city).matter
    small.assigned(city)
    small.act(city, "worker", "settle", small.reported(city).matter, category="04.01", result="已清理")
    Matter.objects.filter(pk=late).update(due_at=timezone.now() - timedelta(hours=2))
    page = visit("dispatcher").get("/board").content.decode()
    names = ("待我办理", "待处理", "办理中", "待核查", "全部在办", "逾期", "今日办结")
    assert [figure(page, name) for name in names] == [2, 2, 1, 0, 3, 1, 1]
    for group, count in {
        "yours": 2,
        "todo": 2,
        "doing": 1,
        "check": 0,
        "open": 3,
        "late": 1,
        "closed": 1,
    }.items():
        assert len(numbers(visit("dispatcher").get(f"/board?group={group}").content.decode())) == count, group


def test_what_is_due_first_stands_first(city: City, visit: Any) -> None:
    first, second, third = (small.reported(city, f"第 {n} 件") for n in range(3))
    Matter.objects.filter(pk=third.matter).update(due_at=timezone.now() - timedelta(hours=3))
    Matter.objects.filter(pk=first.matter).update(due_at=None)
    page = visit("dispatcher").get("/board").content.decode()
    assert numbers(page) == [third.number, second.number, first.number]


def test_the_list_is_narrowed_by_kind_place_words_and_part(city: City, visit: Any) -> None:
    lamp = small.reported(city, "路灯不亮", NEXT_SPOT, category="03.01").number
    drain = small.assigned(city).number
    client = visit("dispatcher")

    def listed(**asked: str) -> list[str]:
        return numbers(client.get("/board", {"group": "open", **asked}).content.decode())

    assert set(listed()) == {lamp, drain}
    assert listed(kind="03.01") == [lamp]
    assert set(listed(kind="03")) == {lamp, drain}
    assert listed(place=small.GRID) == [drain]
    assert listed(text="路灯") == [lamp]
    assert listed(mine="1") == [drain]
    assert listed(unit=str(city.water.pk)) == [drain]
    assert listed(state="assigned") == [drain]
    assert client.get("/board", {"text": lamp.lower()})["Location"] == f"/matters/{lamp}"


@pytest.mark.usefixtures("city")
def test_an_address_that_makes_no_sense_is_a_board_all_the_same(visit: Any) -> None:
    odd = {
        "group": "x",
        "state": "'",
        "place": "9" * 40,
        "unit": "-1",
        "after": "%%%",
        "text": "\0",
        "kind": "ü",
    }
    answer = visit("dispatcher").get("/board", odd)
    assert answer.status_code == HTTPStatus.OK


def test_pages_follow_one_another_without_gap_or_repetition(
    city: City, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS", 3)
    matters = [small.reported(city, f"第 {n} 件").matter for n in range(8)]
    same = timezone.now() + timedelta(hours=1)
    Matter.objects.filter(pk__in=matters[:4]).update(due_at=same)
    Matter.objects.filter(pk__in=matters[4:7]).update(due_at=None)
    client, address, seen = visit("dispatcher"), "/board", []
    for _ in range(3):
        page = client.get(address).content.decode()
        seen += numbers(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == ""
    assert len(seen) == len(set(seen)) == 8


def test_those_settled_today_are_paged_the_last_first(
    city: City, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS", 2)
    done = []
    for n in range(3):
        matter = small.reported(city, f"第 {n} 件").matter
        done.append(small.act(city, "worker", "settle", matter, category="04.01", result="好").number)
    page = visit("dispatcher").get("/board?group=closed").content.decode()
    assert numbers(page) == [done[2], done[1]]
    address = re.search(r'href="([^"]+)" rel="next"', page)
    assert address
    page = visit("dispatcher").get(address[1].replace("&amp;", "&")).content.decode()
    assert numbers(page) == [done[0]]


def test_several_are_begun_at_once(city: City, visit: Any) -> None:
    for _ in range(3):
        small.assigned(city)
    client = visit("officer")
    page = client.get("/board").content.decode()
    answer = client.post("/board/act", {"action": "start", **ticked(page)}, follow=True)
    assert "开始办理：已办 3 件" in answer.content.decode()
    assert set(Matter.objects.values_list("state", flat=True)) == {"working"}


def test_several_are_assigned_each_to_the_unit_suggested(city: City, visit: Any) -> None:
    drain = small.reported(city, "下水道堵塞，污水外溢").matter
    stall = small.reported(city, "路边摊占道经营").matter
    client = visit("dispatcher")
    page = client.get("/board").content.decode()
    form = client.post("/board/act", {"action": "assign", **ticked(page)}).content.decode()
    assert form.count("各按建议") == 2
    sent = {"action": "assign", "filled": "1", "category": "each", "unit": "each", **ticked(page)}
    answer = client.post("/board/act", sent, follow=True)
    assert "派遣：已办 2 件" in answer.content.decode()
    units = dict(Matter.objects.values_list("pk", "unit"))
    assert units == {drain: city.water.pk, stall: city.streets.pk}


def test_a_form_for_several_comes_back_where_it_is_not_filled_in(city: City, visit: Any) -> None:
    for _ in range(2):
        small.reported(city, "说不清的一件事")
    client = visit("dispatcher")
    page = client.get("/board").content.decode()
    sent = {"action": "assign", "filled": "1", "category": DRAINS, **ticked(page)}
    answer = client.post("/board/act", sent)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "承办单位：请填写此项" in answer.content.decode()


def test_one_that_was_taken_by_another_is_named_and_the_rest_is_done(city: City, visit: Any) -> None:
    first, second = small.assigned(city), small.assigned(city)
    client = visit("officer")
    page = client.get("/board").content.decode()
    small.act(city, "colleague", "start", first.matter)
    answer = client.post("/board/act", {"action": "start", **ticked(page)}, follow=True).content.decode()
    assert "已办 1 件" in answer
    assert f"{first.number}：此事项刚被他人办理" in answer
    assert Matter.objects.get(pk=second.matter).state == "working"


def test_what_one_does_not_see_cannot_be_ticked(city: City, visit: Any) -> None:
    key = small.assigned(city).matter.hex
    sent = {"action": "start", "matter": [key, "no id"], "key": "k" * 32}
    answer = visit("stranger").post("/board/act", sent, follow=True)
    assert "没有选中可以这样办理的事项" in answer.content.decode()
    assert Matter.objects.get().state == "assigned"


def test_one_acts_in_one_post_at_a_time(city: City, visit: Any) -> None:
    here = small.reported(city).number
    client = visit("both")
    assert numbers(client.get("/board?group=open").content.decode()) == [here]
    answer = client.post(f"/post/{city.posts['both-worker'].pk}", follow=True)
    assert answer.redirect_chain[-1][0] == "/board"
    page = client.get("/board?group=open").content.decode()
    assert numbers(page) == []
    assert "网格员 · 002网格" in page
    assert client.post(f"/post/{city.posts['officer'].pk}").status_code == HTTPStatus.NOT_FOUND


def test_the_map_shows_the_places_below_and_leads_into_them(city: City, visit: Any) -> None:
    small.reported(city)
    small.reported(city, "路灯不亮", NEXT_SPOT)
    client = visit("dispatcher", language="en")
    page = client.get("/board?group=open").content.decode()
    assert f"place={COMMUNITY}" in page
    assert "Shixi Community" in page
    assert page.count('<circle r="13"/>') + page.count('href="#dot-leaf"') >= 2
    inside = client.get(f"/board?group=open&place={COMMUNITY}").content.decode()
    assert "Grid 001" in inside
    assert "Without: Shixi Community" in inside


def test_a_desk_that_counts_everything_below_counts_a_town_alone_where_asked(city: City, visit: Any) -> None:
    small.reported(city)
    small.reported(city, "路灯不亮", NEXT_SPOT)
    page = visit("dispatcher").get(f"/board?group=open&place={small.GRID}").content.decode()
    assert figure(page, "全部在办") == 1
    assert numbers(page) == [Matter.objects.get(place=small.GRID).number]
    assert f"group=late&amp;place={small.GRID}" in page
    assert city.posts["dispatcher"].place == TOWN


def test_signing_in_leads_staff_to_their_board_and_others_home(city: City, visit: Any) -> None:
    for who, there in (("dispatcher", "/board"), ("resident", "/")):
        client = visit()
        sent = {"username": who, "password": small.PASSWORD, "next": ""}
        answer = client.post("/sign-in", sent, follow=True)
        assert answer.redirect_chain[-1][0] == there
    wrong = visit().post("/sign-in", {"username": "dispatcher", "password": "no"})
    assert "没有登录成功" in wrong.content.decode()
