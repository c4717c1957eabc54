"""Command: who sees which places, what is counted, tasks sent down and answered, the link of a room."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine import world
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Refused, perform
from mumian.insight.days import reckon_days
from mumian.insight.hot import find_topics
from mumian.people.actor import Actor
from mumian.people.models import Organisation, Person, Post, Room
from mumian.place import loading
from tests.web import city as small
from tests.web.city import COMMUNITY, GRID, NEXT_SPOT, TOWN, City

CITY, DISTRICT = "4401", "440103"


def employ(city: City, name: str, role: str, place: str) -> Post:
    """Somebody more in the small city, in an own unit at the place."""
    unit, _ = Organisation.objects.get_or_create(
        code=f"{role}@{place}",
        defaults={"name": f"{place}中心", "name_en": f"Centre {place}", "place": place},
    )
    unit.lineage = [unit.pk]
    unit.save()
    person = Person.objects.create_person(name, small.PASSWORD, name=name)
    post = Post.objects.create(person=person, role_id=role, organisation=unit, place=place)
    city.people[name] = person
    city.posts[name] = Post.objects.select_related("role", "organisation").get(pk=post.pk)
    return city.posts[name]


@pytest.fixture
def commanders(city: City) -> City:
    """The small city with those who command it."""
    employ(city, "commander", "commander", CITY)
    employ(city, "district commander", "commander", DISTRICT)
    employ(city, "city administrator", "administrator", CITY)
    Post.objects.create(
        person=city.people["colleague"], role_id="officer", organisation=city.streets, place=TOWN
    )
    world.changed()
    return city


def figure(page: str, title: str) -> str:
    """A number on top of the page."""
    found = re.search(rf"<span>{title}</span> <b[^>]*>([^<]*)</b>", page)
    assert found, title
    return found[1]


def seen(client: Any, address: str = "/command") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- who --------------------------------------------------------------------------------------------


def test_posts_of_a_district_and_above_see_command_and_others_do_not(commanders: City, visit: Any) -> None:
    for who in ("commander", "district commander", "city administrator"):
        page = seen(visit(who))
        assert '<a href="/command"' in page
    for who in ("dispatcher", "officer", "worker", "supervisor"):
        assert visit(who).get("/command").status_code == 404
        assert '<a href="/command"' not in visit(who).get("/board").content.decode()
    assert visit().get("/command").status_code == 302


def test_a_place_beyond_ones_own_is_answered_like_one_there_is_not(commanders: City, visit: Any) -> None:
    client = visit("district commander")
    assert client.get(f"/command?place={TOWN}").status_code == 200
    assert client.get(f"/command?place={CITY}").status_code == 404
    assert client.get("/command?place=440199").status_code == 404
    assert client.get("/command?place=x' OR 1=1").status_code == 404


# --- what -------------------------------------------------------------------------------------------


def test_what_happens_is_counted_at_every_level_down_to_the_grid(commanders: City, visit: Any) -> None:
    small.assigned(commanders)
    small.closed(commanders)
    small.reported(commanders, spot=NEXT_SPOT)
    reckon_days(timezone.now())
    client = visit("commander")
    for place, open_, today, settled in [
        (CITY, "2", "3", "1"), (DISTRICT, "2", "3", "1"), (TOWN, "2", "3", "1"),
        (COMMUNITY, "2", "3", "1"), (GRID, "1", "2", "1"), ("440103002", "0", "0", "0"),
    ]:  # fmt: skip
        page = seen(client, f"/command?place={place}")
        assert (figure(page, "未办结"), figure(page, "今日上报"), figure(page, "今日办结")) == (
            open_,
            today,
            settled,
        )


def test_what_was_late_counts_as_late_and_is_listed(commanders: City, visit: Any) -> None:
    done = small.assigned(commanders)
    Matter.objects.filter(pk=done.matter).update(due_at=timezone.now() - timedelta(hours=3))
    page = seen(visit("commander"), "/command?show=late")
    assert figure(page, "逾期") == "1"
    assert done.number in page
    assert "占未办结的 100%" in page


def test_parts_of_a_matter_and_patrols_are_not_counted(commanders: City, visit: Any) -> None:
    matter = small.assigned(commanders).matter
    small.act(commanders, "officer", "join", matter, units=[commanders.streets.pk], task="清理杂物")
    assert figure(seen(visit("commander")), "未办结") == "1"


def test_days_are_reckoned_again_only_where_something_changed(commanders: City) -> None:
    small.closed(commanders)
    now = timezone.now()
    assert reckon_days(now) > 0
    assert reckon_days(now) == 0
    done = small.reported(commanders)
    assert reckon_days(now + timedelta(seconds=1)) > 0
    Matter.objects.filter(pk=done.matter).delete()
    assert reckon_days(now + timedelta(seconds=2)) > 0


def test_past_days_come_from_what_was_reckoned(commanders: City, visit: Any) -> None:
    done = small.closed(commanders)
    before = timezone.now() - timedelta(days=3)
    Matter.objects.filter(pk=done.matter).update(opened_at=before, closed_at=before)
    client = visit("commander")
    assert "正在汇总" in seen(client)
    reckon_days(timezone.now())
    page = seen(client)
    assert figure(page, "按时办结率") == "100.0%"
    assert figure(page, "今日办结") == "0"


# --- hot --------------------------------------------------------------------------------------------


def test_a_hot_topic_is_named_counted_by_place_and_leads_to_its_matters(commanders: City, visit: Any) -> None:
    for words in ["夜里太吵", "粉尘大", "噪音扰民", "一直开到半夜", "请管一管"]:
        small.reported(commanders, f"凤岗搅拌站{words}，孩子睡不着")
    find_topics(timezone.now())
    page = seen(visit("commander"), "/command?show=hot")
    assert "凤岗搅拌站" in page
    address = re.search(r'href="(/command/topics/[^"]*)"', page)
    assert address
    topic = seen(visit("commander"), address[1].replace("&amp;", "&"))
    assert topic.count("/matters/") == 5
    assert "凤岗搅拌站" not in seen(visit("commander"), "/command?place=440103002")
    elsewhere = address[1].partition("?")[0] + "?place=440103002"
    assert visit("commander").get(elsewhere).status_code == 404


# --- tasks ------------------------------------------------------------------------------------------


def send(client: Any, *units: int, place: str = TOWN, **more: str) -> Any:
    data = {
        "place": place,
        "task": "今晚前排查所有地下通道",
        "units": [str(unit) for unit in units],
        "key": "k" * 32,
    }
    return client.post("/command/send", {**data, **more})


def test_a_task_is_sent_answered_and_seen(commanders: City, visit: Any) -> None:
    client = visit("commander")
    due = timezone.localtime(timezone.now() + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M")
    answer = send(client, commanders.water.pk, commanders.streets.pk, due=due)
    assert (answer.status_code, answer.url) == (302, f"/command?place={TOWN}#tasks")
    assert "2 个单位中 0 个已完成" in seen(client)
    [task] = Matter.objects.filter(procedure="joint-task", unit=commanders.water)
    assert (task.state, task.place, task.title) == ("asked", TOWN, "今晚前排查所有地下通道")
    small.act(commanders, "officer", "answer", task.pk, answer="已查 12 处，均正常")
    page = seen(client)
    assert "2 个单位中 1 个已完成" in page
    assert "已查 12 处，均正常" in page
    assert "已查 12 处" not in seen(client, "/command?place=440103002")


def test_a_task_sent_twice_by_one_click_is_one(commanders: City, visit: Any) -> None:
    client = visit("commander")
    for _ in range(2):
        send(client, commanders.water.pk)
    assert Matter.objects.filter(procedure="joint-task").count() == 1


def test_a_centre_below_answers_by_its_dispatcher(commanders: City, visit: Any) -> None:
    centre = commanders.posts["dispatcher"].organisation
    send(visit("commander"), centre.pk, place=DISTRICT)
    [task] = Matter.objects.filter(procedure="joint-task")
    assert task.place == TOWN
    small.act(commanders, "dispatcher", "answer", task.pk, answer="已落实")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"task": ""}, "请填写"), ({"units": []}, "请至少选择一个"), ({"units": ["999999"]}, "没有人可以办理"),
        ({"due": "2020-01-01T10:00"}, "须晚于现在"),
     ({"due": "soon"}, "请填写日期")],
)  # fmt: skip
def test_a_task_that_lacks_something_is_not_sent_and_nothing_typed_is_lost(
    commanders: City, visit: Any, wrong: Any, said: str
) -> None:
    answer = send(visit("commander"), commanders.water.pk, **wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "需要填写" in page or said in page
    assert ("今晚前排查所有地下通道" in page) is ("task" not in wrong)
    assert not Matter.objects.filter(procedure="joint-task").exists()


def test_only_commanders_send_and_only_below(commanders: City, visit: Any) -> None:
    assert send(visit("city administrator"), commanders.water.pk).status_code == 404
    assert send(visit("dispatcher"), commanders.water.pk).status_code == 404
    assert send(visit("district commander"), commanders.water.pk, place=CITY).status_code == 404
    outside = {"task": "查", "unit": commanders.water.pk, "where": {"place": CITY}}
    actor: Actor = commanders.actor("district commander")
    [result] = perform([Act("send", actor, outside, opens="joint-task")])
    assert isinstance(result, Refused)
    assert result.reasons[0].code == "below-ones-post"


def test_only_the_post_that_sent_a_task_calls_it_off(commanders: City, visit: Any) -> None:
    send(visit("commander"), commanders.water.pk)
    [task] = Matter.objects.filter(procedure="joint-task")
    [result] = perform(
        [Act("call-off", commanders.actor("district commander"), {"reason": "不必了"}, task.pk)]
    )
    assert isinstance(result, Refused)
    small.act(commanders, "commander", "call-off", task.pk, reason="雨停了")
    assert "雨停了" in seen(visit("commander"))


# --- rooms ------------------------------------------------------------------------------------------


def test_a_room_is_a_button_that_opens_in_a_tab_of_its_own(commanders: City, visit: Any) -> None:
    client = visit("commander")
    client.post("/command/room", {"place": DISTRICT, "url": "https://meeting.example.cn/j/8421"})
    page = seen(client, f"/command?place={TOWN}")
    assert 'href="https://meeting.example.cn/j/8421" target="_blank" rel="noopener noreferrer"' in page
    assert "meeting.example.cn" not in seen(client, f"/command?place={CITY}")
    client.post("/command/room", {"place": DISTRICT, "url": ""})
    assert not Room.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://meeting.example.cn/1", "javascript:alert(1)", "meeting.example.cn", "https://", "https://a:b@example.cn/",
     "https://example.cn/" + "x" * 600, "data:text/html,x"],
)  # fmt: skip
def test_only_a_whole_https_link_is_taken(commanders: City, visit: Any, url: str) -> None:
    answer = visit("commander").post("/command/room", {"place": CITY, "url": url})
    assert answer.status_code == 422
    assert not Room.objects.exists()


def test_only_those_who_command_there_or_administer_set_a_room(commanders: City, visit: Any) -> None:
    employ(commanders, "district supervisor", "supervisor", DISTRICT)
    link = {"url": "https://meeting.example.cn/1"}
    assert visit("district supervisor").get("/command").status_code == 200
    assert visit("district supervisor").post("/command/room", {**link, "place": DISTRICT}).status_code == 404
    assert visit("district commander").post("/command/room", {**link, "place": CITY}).status_code == 404
    assert visit("city administrator").post("/command/room", {**link, "place": DISTRICT}).status_code == 302


# --- how much it asks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("matters", [1, 12])
def test_command_asks_the_same_however_much_there_is(
    commanders: City, visit: Any, query_budget: Any, monkeypatch: pytest.MonkeyPatch, matters: int
) -> None:
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", 1e9)
    monkeypatch.setattr(loading, "FRESH_FOR", 1e9)
    for number in range(matters):
        done = small.assigned(commanders)
        Matter.objects.filter(pk=done.matter).update(due_at=timezone.now() - timedelta(hours=3))
        send(visit("commander"), commanders.water.pk, key=f"{number:032}")
    reckon_days(timezone.now())
    client = visit("commander")
    seen(client)
    with query_budget("web: GET /command"):
        seen(client, f"/command?place={TOWN}")
