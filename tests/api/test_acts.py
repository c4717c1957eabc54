"""Opening matters and acting on them over HTTP."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest

from mumian.engine import counting
from mumian.engine.models import Matter
from mumian.place.coordinates import CoordinateSystem, from_wgs84
from tests.api.conftest import GRID, OTHER_GRID, OTHER_SPOT, SPOT, TOWN


def codes(answer):
    return [reason["code"] for reason in answer.json()["reasons"]]


def test_anyone_may_report_and_gets_the_number_and_the_secret_link(call):
    answer = call().report()
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["seq"] == 1
    assert receipt["state"] == "reported"
    assert len(receipt["link"]) == 20
    assert Matter.objects.get(number=receipt["number"]).channel == "api"


def test_one_who_is_known_gets_no_link(call):
    assert call("worker").report().json()["link"] is None


def test_a_point_alone_is_led_to_the_deepest_place(call):
    matter = call().report({"lon": OTHER_SPOT[0], "lat": OTHER_SPOT[1]}).json()["id"]
    assert Matter.objects.get(pk=matter).place == OTHER_GRID


def test_a_point_in_no_place_is_refused_with_the_field_named(call):
    answer = call().report({"lon": 120.0, "lat": 30.0})
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["field"] == "where"


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("chosen", [{}, {"place": TOWN}])
def test_a_point_in_a_shifted_system_is_kept_in_wgs84(call, system, chosen):
    lon, lat = (float(part[0]) for part in from_wgs84([SPOT[0]], [SPOT[1]], CoordinateSystem(system)))
    matter = call().report({"lon": lon, "lat": lat, "system": system, **chosen}).json()["id"]
    stored = Matter.objects.get(pk=matter)
    assert (stored.lon, stored.lat) == pytest.approx(SPOT, abs=1e-6)
    assert stored.place == chosen.get("place", GRID)


def test_an_address_that_names_one_place_is_led_there(call):
    matter = call().report({"address": "石溪街道"}).json()["id"]
    assert Matter.objects.get(pk=matter).place == TOWN


def test_an_address_that_may_mean_several_places_is_answered_with_them(call):
    answer = call().report({"address": "平安社区"})
    assert answer.status_code == 422
    assert codes(answer) == ["unlocated"]
    assert "440103001002" in answer.json()["reasons"][0]["zh"]
    assert "440103002001" in answer.json()["reasons"][0]["en"]


def test_the_same_key_twice_is_one_matter(call, key):
    first, second = call().report(key=key), call().report(key=key)
    assert first.json()["id"] == second.json()["id"]
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert first.json()["link"] == second.json()["link"]


def test_one_without_a_name_cannot_use_a_key_that_others_may_guess(call):
    answer = call().report(key="1")
    assert answer.status_code == 422
    assert codes(answer) == ["weak-key"]


def test_every_missing_and_surplus_answer_is_named(call):
    body = {"procedure": "grid-event", "action": "report", "data": {"colour": "red"}}
    answer = call().post("matters", body)
    assert answer.status_code == 422
    named = {(reason["code"], reason["field"]) for reason in answer.json()["reasons"]}
    assert named == {("required", "what"), ("required", "where"), ("not-asked", "colour")}
    assert all(reason["zh"] and reason["en"] for reason in answer.json()["reasons"])


def test_an_unknown_procedure_is_refused(call):
    answer = call().post("matters", {"procedure": "grid-evnt", "action": "report"})
    assert answer.status_code == 422
    assert codes(answer) == ["unknown-procedure"]


def test_a_matter_goes_through_the_whole_loop(call, city):
    matter = call().report().json()["id"]
    steps = [
        ("dispatcher", "assign", {"category": "01.01", "unit": city.water.pk}, "assigned"),
        ("officer", "start", {}, "working"),
        ("officer", "finish", {"result": "已疏通"}, "checking"),
        ("worker", "accept", {}, "closed"),
    ]
    for seq, (who, action, data, state) in enumerate(steps, 2):
        answer = call(who).act(matter, action, data)
        assert answer.status_code == 200, answer.content.decode()
        assert (answer.json()["seq"], answer.json()["state"]) == (seq, state)


def test_what_the_state_forbids_is_a_conflict(call):
    matter = call().report().json()["id"]
    answer = call("worker").act(matter, "accept")
    assert answer.status_code == 409
    assert codes(answer) == ["state"]


def test_what_the_post_may_not_do_is_forbidden(call):
    matter = call().report().json()["id"]
    answer = call("worker").act(matter, "assign", {})
    assert answer.status_code == 403
    assert codes(answer) == ["not-yours"]


def test_one_who_saw_an_older_state_is_told_that_it_has_changed(call):
    matter = call().report().json()["id"]
    call("dispatcher").act(matter, "send-up", {"reason": "跨街道"})
    answer = call("dispatcher").act(matter, "reject", {"reason": "不属实"}, seen=1)
    assert answer.status_code == 409
    assert codes(answer) == ["changed"]


def test_the_same_act_twice_under_one_key_is_done_once(call, key):
    matter = call().report().json()["id"]
    first = call("dispatcher").act(matter, "send-up", {"reason": "跨街道"}, key=key)
    again = call("dispatcher").act(matter, "send-up", {"reason": "跨街道"}, key=key)
    assert (first.json()["seq"], again.json()["seq"]) == (2, 2)
    assert again.json()["repeated"]


def test_acting_on_a_matter_one_may_not_see_is_answered_like_one_that_is_not_there(call, key):
    matter = call().report().json()["id"]
    call("dispatcher").act(matter, "send-up", {"reason": "跨街道"}, key=key)
    hidden = call("stranger").act(matter, "send-up", {"reason": "跨街道"}, key=key)
    absent = call("stranger").act(str(uuid4()), "send-up", {"reason": "跨街道"})
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


def test_the_holder_of_the_link_may_withdraw(call):
    receipt = call().report().json()
    answer = call().act(receipt["id"], "withdraw", headers={"X-Link": receipt["link"]})
    assert answer.status_code == 200
    assert answer.json()["state"] == "withdrawn"


@pytest.mark.parametrize("link", ["", "0" * 20, "wrong"])
def test_without_the_right_link_there_is_no_such_matter(call, link):
    receipt = call().report().json()
    assert call().act(receipt["id"], "withdraw", headers={"X-Link": link}).status_code == 404


def test_a_batch_does_what_it_may_and_says_why_not_for_the_rest(call, city):
    first, second = (call().report().json()["id"] for _ in range(2))
    assign = {"category": "01.01", "unit": city.water.pk}
    acts = [
        {"action": "assign", "matter": first, "data": assign},
        {"action": "assign", "matter": second, "data": {**assign, "unit": 0}},
        {"action": "start", "matter": first},
        {"action": "assign", "matter": str(uuid4()), "data": assign},
        {"action": "report", "procedure": "nonsense"},
        {
            "action": "report",
            "procedure": "grid-event",
            "data": {"what": "x", "where": {"address": "平安社区"}},
        },
        {
            "action": "report",
            "procedure": "grid-event",
            "data": {"what": "x", "where": {"lon": SPOT[0], "lat": SPOT[1]}},
        },
    ]
    answer = call("dispatcher").post("actions", {"acts": acts})
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert [each["status"] for each in outcomes] == [200, 422, 403, 404, 422, 422, 201]
    assert Matter.objects.get(pk=first).state == "assigned"
    assert Matter.objects.get(pk=outcomes[-1]["done"]["id"]).place == GRID


def test_a_batch_needs_one_who_is_known(call):
    assert (
        call().post("actions", {"acts": [{"action": "report", "procedure": "grid-event"}]}).status_code == 401
    )


def test_a_batch_is_of_a_thousand_acts_at_most(call):
    acts = [{"action": "start", "matter": str(uuid4())}] * 1001
    answer = call("dispatcher").post("actions", {"acts": acts})
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["field"] == "acts"


def test_writing_costs_few_statements(call, city, query_budget, key, monkeypatch):
    call().report()
    monkeypatch.setattr(counting, "_numbers", (os.getpid(), iter(range(1000))))
    with query_budget("api: POST /matters"):
        matter = call().report().json()["id"]
    with query_budget("api: POST /matters with a key"):
        call().report(key=key)
    with query_budget("api: POST /matters/{id}/actions/{action}"):
        call("dispatcher").act(matter, "assign", {"category": "01.01", "unit": city.water.pk})
    acts = [
        {"action": "start", "matter": matter},
        {"action": "finish", "matter": matter, "data": {"result": "好"}},
    ]
    with query_budget("api: POST /actions"):
        call("officer").post("actions", {"acts": acts})
