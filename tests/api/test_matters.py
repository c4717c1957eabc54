"""Reading matters over HTTP: lists, one by one, by number, and their record."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.conftest import COMMUNITY, GRID, OTHER_GRID, OTHER_SPOT


def ids(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [each["id"] for each in answer.json()["matters"]]


@pytest.fixture
def matters(call):
    """Five matters, oldest first; the last two in the other grid."""
    made = [call().report() for _ in range(3)]
    made += [call().report({"lon": OTHER_SPOT[0], "lat": OTHER_SPOT[1]}) for _ in range(2)]
    return [each.json() for each in made]


def test_a_list_shows_the_newest_first_and_pages_on_without_gaps_or_repeats(call, matters):
    expected = [each["id"] for each in reversed(matters)]
    assert ids(call("dispatcher").get("matters")) == expected
    seen, after = [], None
    while True:
        page = call("dispatcher").get("matters", limit=2, **({"after": after} if after else {}))
        seen += ids(page)
        after = page.json()["next"]
        if after is None:
            break
    assert seen == expected


def test_a_list_holds_only_what_the_post_sees(call, matters):
    assert len(ids(call("worker").get("matters"))) == 3
    assert ids(call("stranger").get("matters")) == []
    assert ids(call("officer").get("matters")) == []


def test_a_list_needs_one_who_is_known(call):
    assert call().get("matters").status_code == 401


def test_a_list_is_narrowed_by_what_is_asked(call, city, matters):
    dispatcher = call("dispatcher")
    first = matters[0]["id"]
    dispatcher.act(first, "assign", {"category": "01.01", "unit": city.water.pk})
    second = matters[1]["id"]
    dispatcher.act(second, "reject", {"reason": "不属实"})

    def found(**query):
        return set(ids(dispatcher.get("matters", **query)))

    everything = {each["id"] for each in matters}
    assert found(procedure="grid-event") == everything
    assert found(procedure="joint-task") == set()
    assert found(state="assigned") == {first}
    assert found(unit=city.water.pk) == {first}
    assert found(category="01") == found(category="01.01") == {first}
    assert found(category="1") == set()
    assert found(closed="true") == {second}
    assert found(closed="false") == everything - {second}
    assert found(place=COMMUNITY) == everything
    assert found(place=OTHER_GRID) == {each["id"] for each in matters[3:]}
    assert found(late="true") == set()
    assert found(late="false") == everything
    assert found(number=matters[2]["number"].lower().replace("-", " ")) == {matters[2]["id"]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"number": "ABCD"}, "number"),
        ({"after": "AAAA"}, "after"),
        ({"limit": 201}, "limit"),
        ({"place": "abc"}, "place"),
        ({"unit": 2**70}, "unit"),
    ],
)
def test_what_cannot_be_asked_is_named(call, query, field):
    answer = call("dispatcher").get("matters", **query)
    assert answer.status_code == 422
    assert [reason["field"] for reason in answer.json()["reasons"]] == [field]


def test_a_matter_shows_its_clocks_with_how_they_came_about_in_both_languages(call, matters):
    [clock] = call("dispatcher").get(f"matters/{matters[0]['id']}").json()["clocks"]
    assert clock["name"] == "dispatch"
    assert clock["due_at"]
    assert clock["why"][0]["en"].startswith("2 working hours from")
    assert "工作小时" in clock["why"][0]["zh"]


def test_a_matter_says_what_the_caller_may_do_next(call, matters):
    path = f"matters/{matters[0]['id']}"
    assert "assign" in [each["action"] for each in call("dispatcher").get(path).json()["may"]]
    assert [each["action"] for each in call("worker").get(path).json()["may"]] == ["settle"]
    by_link = call().get(path, headers={"X-Link": matters[0]["link"]}).json()
    assert [each["action"] for each in by_link["may"]] == ["withdraw"]


def test_a_matter_names_the_parties_in_office(call, city, matters):
    matter = matters[0]["id"]
    call("dispatcher").act(matter, "assign", {"category": "01.01", "unit": city.water.pk})
    [party] = call("officer").get(f"matters/{matter}").json()["parties"]
    assert (party["party"], party["unit"]["code"]) == ("dispatcher", "centre")
    assert party["name"]
    [shown] = call().get(f"matters/{matter}", headers={"X-Link": matters[0]["link"]}).json()["parties"]
    assert shown["name"] is None
    assert shown["unit"]["code"] == "centre"


def test_personal_values_are_shown_to_those_involved_alone(call):
    matter = call().report(data={"contact": "13800000000"}).json()["id"]
    involved = call("dispatcher").get(f"matters/{matter}").json()
    onlooker = call("administrator").get(f"matters/{matter}").json()
    assert involved["data"]["contact"] == "13800000000"
    assert set(onlooker["data"]) == {"where"}
    [entry] = call("administrator").get(f"matters/{matter}/entries").json()["entries"]
    assert entry["personal"] == {"what": None, "contact": None}
    [entry] = call("dispatcher").get(f"matters/{matter}/entries").json()["entries"]
    assert entry["personal"]["contact"] == "13800000000"


def test_a_resident_sees_his_own_words_and_not_what_officials_say_among_themselves(call, matters):
    matter, link = matters[0]["id"], matters[0]["link"]
    call("dispatcher").act(matter, "comment", {"text": "内部意见"})
    call().act(matter, "comment", {"text": "请快一点"}, headers={"X-Link": link})
    rows = call().get(f"matters/{matter}/entries", headers={"X-Link": link}).json()["entries"]
    assert [row["personal"].get("text") for row in rows] == [None, None, "请快一点"]
    rows = call("dispatcher").get(f"matters/{matter}/entries").json()["entries"]
    assert [row["personal"].get("text") for row in rows] == [None, "内部意见", "请快一点"]


def test_entries_come_in_order_and_page_on(call, matters):
    matter = matters[0]["id"]
    for _ in range(2):
        call("dispatcher").act(matter, "comment", {"text": "看过"})
    first = call("dispatcher").get(f"matters/{matter}/entries", limit=2).json()
    rest = call("dispatcher").get(f"matters/{matter}/entries", after=first["next"]).json()
    assert [row["seq"] for row in first["entries"] + rest["entries"]] == [1, 2, 3]
    assert rest["next"] is None


def test_a_matter_is_found_by_its_number_and_its_link(call, matters):
    number, link = matters[0]["number"], matters[0]["link"]
    found = call().get(f"matters/by-number/{number.lower()}", headers={"X-Link": link})
    assert found.json()["id"] == matters[0]["id"]
    assert call("dispatcher").get(f"matters/by-number/{number}").json()["id"] == matters[0]["id"]


def test_what_is_missing_and_what_is_forbidden_are_answered_alike(call, matters):
    asked = [
        call().get(f"matters/by-number/{matters[0]['number']}"),
        call().get("matters/by-number/nonsense"),
        call().get(f"matters/{matters[0]['id']}"),
        call("stranger").get(f"matters/{matters[0]['id']}"),
        call("stranger").get(f"matters/{uuid4()}"),
        call("stranger").get(f"matters/{matters[0]['id']}/entries"),
        call().get(f"matters/{matters[1]['id']}", headers={"X-Link": matters[0]["link"]}),
        call().get("nowhere/at/all"),
    ]
    assert {answer.status_code for answer in asked} == {404}
    assert len({answer.content for answer in asked}) == 1
    assert asked[0]["Content-Type"] == "application/problem+json"


def test_reading_costs_few_statements_however_many_rows(call, city, matters, query_budget):
    dispatcher = call("dispatcher")
    matter = matters[0]["id"]
    for _ in range(3):
        dispatcher.act(matter, "comment", {"text": "看过"})
    dispatcher.get("matters")
    with query_budget("api: GET /matters"):
        dispatcher.get("matters")
    with query_budget("api: GET /matters filtered"):
        dispatcher.get("matters", place=GRID, state="reported", closed="false", late="false", category="01")
    with query_budget("api: GET /matters/{id}"):
        dispatcher.get(f"matters/{matter}")
    with query_budget("api: GET /matters/{id}/entries"):
        dispatcher.get(f"matters/{matter}/entries")
    with query_budget("api: GET /matters/by-number/{number}"):
        call().get(f"matters/by-number/{matters[0]['number']}", headers={"X-Link": matters[0]["link"]})
