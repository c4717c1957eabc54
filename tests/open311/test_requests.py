"""Requests made and read: every argument and error, in both published forms."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ElementTree
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine import files
from mumian.engine.looking import look
from mumian.engine.models import Attachment, Matter
from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.record.models import Personal
from tests.api.conftest import COMMUNITY, GRID, SPOT, TOWN
from tests.open311.conftest import DRAINS, body, faults
from tests.open311.test_services import as_json, as_text
from tests.web.city import picture

REQUEST = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip


def stored(number: str) -> Matter:
    return visible(SYSTEM).get(number=number)


def data(number: str) -> dict[str, Any]:
    found = look(SYSTEM, stored(number).pk)
    assert found
    return found.data


def act(city: Any, who: str, action: str, number: str, **answers: Any) -> None:
    [done] = perform([Act(action, city.posts[who].as_actor(), answers, stored(number).pk)])
    assert not hasattr(done, "reasons"), done


def settle(city: Any, number: str) -> None:
    act(city, "dispatcher", "assign", number, category="03.04", unit=city.water.pk)
    act(city, "officer", "start", number)
    act(city, "officer", "finish", number, result="已疏通")
    act(city, "worker", "accept", number)


# --- made -------------------------------------------------------------------------------------------


def test_anyone_may_make_a_request_and_gets_its_number_and_a_link(caller: Any) -> None:
    answer = caller.post()
    assert answer.status_code == 201
    [made] = answer.json()
    assert list(made) == ["service_request_id", "service_notice", "account_id"]
    assert made["account_id"] is None
    matter = stored(made["service_request_id"])
    assert (matter.procedure, matter.category, matter.place, matter.channel) == (
        "grid-event", "03.04", GRID, "open311",
    )  # fmt: skip
    assert "Finish: within" in made["service_notice"]
    link = made["service_notice"].rpartition(" ")[2]
    assert matter.number in caller.client.get(link).content.decode()


def test_the_answer_in_xml_has_the_published_form(caller: Any) -> None:
    answer = caller.post("xml")
    assert answer.status_code == 201
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "service_requests"
    [request] = root
    assert [each.tag for each in request] == ["service_request_id", "service_notice", "account_id"]
    assert stored(request.findtext("service_request_id") or "")


def test_a_program_with_a_key_acts_as_its_post(caller: Any, city: Any) -> None:
    number = caller.opened(api_key=city.tokens["worker"])
    found = look(SYSTEM, stored(number).pk)
    assert found
    assert [holder.person for holder in found.matter.holders] == [city.posts["worker"].person_id]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_wrong_key_is_refused_and_nothing_is_opened(caller: Any, form: str) -> None:
    answer = caller.post(form, api_key="mm_wrong")
    assert answer.status_code == 403
    assert "api_key" in body(answer)
    assert not Matter.objects.exists()


def test_a_key_may_stand_in_the_address(caller: Any) -> None:
    assert caller.client.post("/open311/v2/requests.json?api_key=wrong", {}).status_code == 403


def test_one_without_a_key_is_held_to_the_public_rate(caller: Any, city: Any, settings: Any) -> None:
    settings.PUBLIC_RATE = "1/hour"
    caller.opened()
    answer = caller.post()
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert faults(answer)
    caller.opened(api_key=city.tokens["worker"])


@pytest.mark.parametrize(
    "where", [{"address_string": "石溪街道"}, {"address": "石溪街道"}, {"address_id": TOWN}]
)
def test_a_place_may_be_given_in_words_or_by_its_code(caller: Any, where: dict[str, str]) -> None:
    assert stored(caller.opened(lat=None, long=None, **where)).place == TOWN


def test_words_beside_a_point_are_kept_with_it(caller: Any) -> None:
    where = data(caller.opened(address_string="石溪街道三号"))["where"]
    assert (where["place"], where["address"]) == (GRID, "石溪街道三号")


def test_the_general_service_leaves_the_kind_to_be_said(caller: Any) -> None:
    assert stored(caller.opened(service_code="grid-event")).category == ""


def test_without_a_description_it_is_called_as_the_service_is(caller: Any) -> None:
    assert data(caller.opened(description=""))["what"] == "Drainage and waterlogging"


def test_a_description_may_be_as_long_as_the_standard_says(caller: Any) -> None:
    assert len(data(caller.opened(description="水" * 4000))["what"]) == 4000


def test_how_to_reach_the_reporter_is_kept_as_personal(caller: Any) -> None:
    number = caller.opened(
        first_name="Ada",
        last_name="Li",
        phone="020-1",
        email="ada@example.org",
        device_id="d",
        account_id="a",
    )
    assert data(number)["contact"] == "Ada Li, 020-1, ada@example.org"
    assert "contact" in Personal.objects.get(subject=stored(number).pk).openings


def test_attributes_answer_the_further_fields(caller: Any, trees: str) -> None:
    given = {
        "attribute[tree]": "kapok", "attribute[why][]": ["shade", "sick"], "attribute[girth]": "42",
        "attribute[day]": "2026-11-27T23:30:00Z", "attribute[seen]": "2026-11-27T18:00:00+08:00",
        "attribute[fallen]": "false", "attribute[story]": "一\n二", "attribute[secret]": "",
    }  # fmt: skip
    found = data(caller.opened(service_code=trees, email="ada@example.org", **given))
    assert {name: found[name] for name in ("tree", "why", "girth", "day", "fallen", "story", "secret")} == {
        "tree": "kapok", "why": ["shade", "sick"], "girth": 42, "day": "2026-11-28",
        "fallen": False, "story": "一\n二", "secret": "ada@example.org",
    }  # fmt: skip
    assert found["seen"].startswith("2026-11-27T18:00")


def test_a_picture_sent_along_is_attached_without_its_metadata(caller: Any) -> None:
    photo = io.BytesIO(picture())
    photo.name = "street.jpg"
    number = caller.opened(media=photo)
    [attachment] = Attachment.objects.filter(matter_id=stored(number).pk)
    assert attachment.field == "photos"
    assert files.path_of(attachment.sha256).exists()


def test_a_picture_elsewhere_is_not_fetched_but_its_address_is_kept(caller: Any) -> None:
    answer = caller.post(media_url="http://10.0.0.1/a.jpg")
    [made] = answer.json()
    assert "not fetched" in made["service_notice"]
    assert data(made["service_request_id"])["what"] == "下水道堵塞\nhttp://10.0.0.1/a.jpg"


def test_a_request_that_is_opened_is_its_own_token(caller: Any) -> None:
    number = caller.opened()
    assert caller.json(f"tokens/{number}.json") == [{"service_request_id": number, "token": number}]
    root = caller.xml(f"tokens/{number}.xml")
    assert [each.tag for each in root[0]] == ["service_request_id", "token"]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "nothing"}, 404, "service_code nothing was not found"),
        ({"jurisdiction_id": "sfgov.org"}, 404, "jurisdiction_id"),
        ({"lat": None, "long": None}, 400, "Say where it is"),
        ({"lat": None}, 400, "both lat and long"),
        ({"lat": "north"}, 400, "lat should be degrees"),
        ({"long": "181"}, 400, "long should be degrees"),
        ({"lat": "nan"}, 400, "lat should be degrees"),
        ({"lat": 30, "long": 120}, 400, "no place of the city"),
        ({"lat": None, "long": None, "address_string": "平安社区"}, 400, "440103001002"),
        ({"lat": None, "long": None, "address_string": "不存在的地方"}, 400, "no place has this name"),
        ({"lat": None, "long": None, "address_id": "999999"}, 400, "999999"),
        ({"description": "水" * 4001}, 400, "at most 4000"),
        ({"media_url": "file:///etc/passwd"}, 400, "http"),
        ({"media_url": "javascript:alert(1)"}, 400, "http"),
        ({"attribute[nothing]": "1"}, 400, "attribute nothing"),
        ({"attribute[what]": "1"}, 400, "attribute what"),
        ({"attribute[promised]": "2026-11-27T18:00:00+08:00"}, 400, "attribute promised"),
        ({"attribute[contact]": "x" * 101}, 400, "at most 100"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_cannot_be_taken_is_refused_with_its_reason(
    caller: Any, arguments: dict[str, Any], status: int, told: str, form: str
) -> None:
    answer = caller.post(form, **arguments)
    assert answer.status_code == status
    assert told in body(answer)
    assert not Matter.objects.exists()


def test_every_fault_of_the_attributes_is_told_at_once(caller: Any, trees: str) -> None:
    given = {"attribute[colour]": "green", "attribute[girth]": "thick"}
    told = faults(caller.post(service_code=trees, **given))
    assert len(told) == 2
    assert "colour" in told[0]
    assert "tree is required" in told[1]
    told = faults(caller.post(service_code=trees, **{"attribute[tree]": "oak", "attribute[girth]": "thick"}))
    assert len(told) == 2


def test_a_file_that_is_no_picture_is_refused(caller: Any) -> None:
    virus = io.BytesIO(b"MZ not a picture")
    virus.name = "a.jpg"
    answer = caller.post(media=virus)
    assert answer.status_code == 400
    assert "a.jpg" in faults(answer)[0]


def test_a_service_without_files_refuses_them(caller: Any, trees: str) -> None:
    photo = io.BytesIO(picture())
    photo.name = "street.jpg"
    answer = caller.post(service_code=trees, media=photo, **{"attribute[tree]": "kapok"})
    assert "takes no files" in faults(answer)[0]


def test_a_body_that_is_too_large_is_refused(caller: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = caller.client.post(
        "/open311/v2/requests.json", "a=" + "x" * 200, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    assert faults(answer)


def test_a_body_that_cannot_be_read_is_refused(caller: Any) -> None:
    answer = caller.client.post("/open311/v2/requests.json", b"--", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert faults(answer)


# --- read -------------------------------------------------------------------------------------------


def test_a_request_tells_how_far_it_has_come_but_nobodys_words(caller: Any, city: Any) -> None:
    number = caller.opened(description="王老太家门口", phone="13800000000", address_string="三栋502房")
    act(city, "dispatcher", "assign", number, category="03.04", unit=city.water.pk)
    [line] = caller.json(f"requests/{number}.json")
    assert list(line) == REQUEST
    assert line["service_request_id"] == number
    assert (line["status"], line["status_notes"]) == ("open", "Assigned")
    assert (line["service_code"], line["service_name"]) == (DRAINS, "Drainage and waterlogging")
    assert line["agency_responsible"] == "Shixi Water"
    assert line["address"] == "Shixi Community, Shixi, Yuexiu"
    assert line["address_id"] == COMMUNITY
    assert (line["lat"], line["long"]) == (SPOT[1], SPOT[0])
    assert line["expected_datetime"] > line["requested_datetime"]
    assert line["description"] is None
    for form in ("json", "xml"):
        told = body(caller.get(f"requests/{number}.{form}", extensions="true"))
        assert not any(secret in told for secret in ("王老太", "13800000000", "502"))


def test_words_the_definition_makes_public_are_told(caller: Any, trees: str) -> None:
    given = {"attribute[tree]": "kapok", "attribute[secret]": "13800000000"}
    number = caller.opened(service_code=trees, description="门前种一棵木棉。", **given)
    [line] = caller.json(f"requests/{number}.json", extensions="true")
    assert line["description"] == "门前种一棵木棉。"
    assert line["extended_attributes"]["answers"] == {"tree": "kapok"}


def test_times_have_their_zone_and_places_are_no_finer_than_a_hundred_metres(caller: Any) -> None:
    [line] = caller.json(f"requests/{caller.opened(lat=23.1012345, long=113.2512345)}.json")
    assert line["requested_datetime"].endswith("+08:00")
    assert (line["lat"], line["long"]) == (23.101, 113.251)


@pytest.mark.parametrize("service", ["grid-event", "grid-event.08.02"])
def test_of_what_is_not_listed_a_number_tells_only_state_and_dates(caller: Any, service: str) -> None:
    number = caller.opened(service_code=service)
    assert caller.json("requests.json") == []
    [line] = caller.json("requests.json", service_request_id=number, extensions="true")
    assert (line["status"], line["service_code"]) == ("open", "grid-event")
    assert [
        line[name] for name in ("description", "agency_responsible", "address", "address_id", "lat", "long")
    ] == [None] * 6
    assert line["extended_attributes"]["answers"] == {}


def test_a_closed_request_tells_when_and_how(caller: Any, city: Any) -> None:
    number = caller.opened()
    settle(city, number)
    [line] = caller.json("requests.json")
    assert (line["status"], line["status_notes"]) == ("closed", "Closed: Fixed")
    closed = timezone.localtime(stored(number).closed_at).isoformat(timespec="seconds")
    assert line["updated_datetime"] == closed


def test_numbers_are_forgiven_their_case_and_hyphen(caller: Any) -> None:
    number = caller.opened()
    assert caller.json(f"requests/{number.replace('-', '').lower()}.json")[0]["service_request_id"] == number


@pytest.mark.parametrize("extensions", ["", "true"])
def test_both_forms_say_the_same_and_as_published(
    caller: Any, city: Any, trees: str, extensions: str
) -> None:
    settle(city, caller.opened())
    caller.opened(service_code=trees, description="a < b & c \x0b ]]>", **{"attribute[tree]": "kapok"})
    asked = {"extensions": extensions} if extensions else {}
    root = caller.xml("requests.xml", **asked)
    assert root.tag == "service_requests"
    more = ["notes", "extended_attributes"] if extensions else []
    for request in root:
        assert request.tag == "request"
        assert [each.tag for each in request] == REQUEST + more
    assert [_filled(each) for each in as_json(root)] == [
        _filled(as_text(each)) for each in caller.json("requests.json", **asked)
    ]


def _filled(line: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty, which XML cannot tell from an empty object."""
    return {
        key: _filled(each) if isinstance(each, dict) else each
        for key, each in line.items()
        if each not in (None, {})
    }


def test_extensions_tell_what_was_done_and_when(caller: Any, city: Any) -> None:
    number = caller.opened()
    settle(city, number)
    [line] = caller.json("requests.json", extensions="true")
    assert [each["type"] for each in line["notes"]] == ["report", "assign", "start", "finish", "accept"]
    assert line["notes"][0].keys() == {"datetime", "type", "summary"}
    assert line["extended_attributes"]["outcome"] == "fixed"


def made(caller: Any, days_ago: float) -> str:
    number = caller.opened()
    Matter.objects.filter(number=number).update(opened_at=timezone.now() - timedelta(days=days_ago))
    return str(number)


def numbers(lines: Any) -> list[str]:
    return [each["service_request_id"] for each in lines]


def day(days_ago: float) -> str:
    return (timezone.now() - timedelta(days=days_ago)).isoformat()


def test_the_last_ninety_days_are_listed_newest_first(caller: Any) -> None:
    old, recent, fresh = made(caller, 91), made(caller, 89), made(caller, 0)
    assert numbers(caller.json("requests.json")) == [fresh, recent]
    assert numbers(caller.json("requests.json", end_date=day(10))) == [recent, old]
    assert numbers(caller.json("requests.json", start_date=day(95))) == [recent, old]
    assert numbers(caller.json("requests.json", start=day(95), end=day(90))) == [old]
    assert numbers(caller.json("requests.json", start_date="", end_date="")) == [fresh, recent]


def test_dates_are_read_as_clients_write_them(caller: Any) -> None:
    number = made(caller, 0)
    today = timezone.localdate().isoformat()
    for start in (today, f"{today}T00:00:00", f"{today}T00:00:00 08:00", f"{today}T00:00:00+0800"):
        assert numbers(caller.json("requests.json", start_date=start)) == [number]


def test_requests_are_found_by_state_and_service(caller: Any, city: Any, trees: str) -> None:
    drains, lamps = caller.opened(), caller.opened(service_code="grid-event.03.01")
    tree = caller.opened(service_code=trees, **{"attribute[tree]": "kapok"})
    settle(city, drains)
    assert set(numbers(caller.json("requests.json", status="open"))) == {lamps, tree}
    assert numbers(caller.json("requests.json", status="closed")) == [drains]
    assert len(caller.json("requests.json", status="open,closed")) == 3
    assert set(numbers(caller.json("requests.json", service_code=f"{DRAINS},{trees}"))) == {drains, tree}
    assert set(numbers(caller.json("requests.json", service_code=["grid-event.03.01", DRAINS]))) == {
        drains,
        lamps,
    }


def test_numbers_override_all_other_arguments(caller: Any) -> None:
    old, other = made(caller, 200), made(caller, 0)
    found = caller.json(
        "requests.json", service_request_id=f"{old}, {other},nonsense", status="closed", start_date="x"
    )
    assert set(numbers(found)) == {old, other}


def test_pages_are_counted_or_linked(caller: Any) -> None:
    all_of_them = [made(caller, age) for age in (1, 2, 3, 4, 5)]
    first = caller.get("requests.json", page_size=2)
    assert numbers(caller.json("requests.json", page=2, count=2)) == all_of_them[2:4]
    assert numbers(caller.json("requests.json", page=3, page_size=2)) == all_of_them[4:]
    found = []
    answer = first
    while answer:
        found += numbers(json.loads(body(answer)))
        link = answer.get("Link")
        answer = caller.client.get(link[1:].partition(">")[0]) if link else None
    assert found == all_of_them


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "2026-13-01"}, "end_date"),
        ({"end_date": "0001-01-01T00:00:00Z"}, "end_date"),
        ({"start_date": "2026-01-01", "end_date": "2026-06-01"}, "90 days"),
        ({"start_date": "2026-06-01", "end_date": "2026-01-01"}, "after end_date"),
        ({"status": "pending"}, "open or closed"),
        ({"page": "0"}, "page"),
        ({"page_size": "-1"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"page": "999999999"}, "narrow the dates"),
        ({"after": "nonsense"}, "Link header"),
    ],
)
def test_arguments_that_cannot_be_read_are_named(caller: Any, arguments: dict[str, str], told: str) -> None:
    answer = caller.get("requests.json", **arguments)
    assert answer.status_code == 400
    assert told in faults(answer)[0]


def test_an_unknown_service_is_not_found(caller: Any) -> None:
    assert caller.get("requests.json", service_code="nothing").status_code == 404


def test_what_only_the_city_opens_is_not_told(caller: Any, city: Any) -> None:
    number = caller.opened()
    act(city, "dispatcher", "assign", number, category="03.04", unit=city.water.pk)
    act(city, "dispatcher", "join", number, units=[city.water.pk], task="清理")
    child = Matter.objects.exclude(number=number).get()
    assert numbers(caller.json("requests.json")) == [number]
    assert caller.get(f"requests/{child.number}.json").status_code == 404
    assert caller.get(f"tokens/{child.number}.json").status_code == 404


# --- how much it asks -------------------------------------------------------------------------------


@pytest.mark.parametrize("requests", [1, 12])
def test_calls_ask_the_same_however_much_there_is(caller: Any, query_budget: Any, requests: int) -> None:
    for _ in range(requests):
        number = caller.opened()
    with query_budget("open311: GET /services"):
        caller.get("services.json")
    with query_budget("open311: GET /requests"):
        body(caller.get("requests.json"))
    with query_budget("open311: GET /requests with extensions"):
        body(caller.get("requests.json", extensions="true"))
    with query_budget("open311: GET /requests/{id}"):
        caller.get(f"requests/{number}.json")
    with query_budget("open311: GET /tokens/{token}"):
        caller.get(f"tokens/{number}.json")
    with query_budget("open311: POST /requests"):
        caller.opened()
