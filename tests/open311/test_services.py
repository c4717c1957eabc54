"""What can be reported: discovery, services and their definitions, in both published forms."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from tests.open311.conftest import DRAINS, body, faults

SERVICE = ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
ATTRIBUTE = ["variable", "code", "datatype", "required", "datatype_description", "order", "description"]


def as_json(element: ElementTree.Element) -> Any:
    """What the standard's mapping makes of XML: rows become a list, the rest an object; all values are text."""
    rows = {"services", "attributes", "values", "service_requests", "endpoints", "formats", "notes"}
    if element.tag in rows:
        return [as_json(each) for each in element]
    if len(element) or element.tag in {"extended_attributes"}:
        return {each.tag: as_json(each) for each in element}
    return element.text


def as_text(value: Any) -> Any:
    """Values of JSON as XML writes them."""
    match value:
        case dict():
            return {key: as_text(each) for key, each in value.items()}
        case list():
            return [as_text(each) for each in value]
        case bool():
            return str(value).lower()
        case None:
            return None
        case _:
            return str(value) or None


@pytest.mark.parametrize("path", ["discovery", "services", f"services/{DRAINS}", "services/street-tree"])
def test_xml_and_json_say_the_same(caller: Any, trees: str, path: str) -> None:
    assert as_json(caller.xml(f"{path}.xml")) == as_text(caller.json(f"{path}.json"))


def test_discovery_tells_where_it_is_and_what_it_speaks(caller: Any) -> None:
    found = caller.json("discovery.json")
    assert list(found) == ["changeset", "contact", "key_service", "endpoints"]
    [endpoint] = found["endpoints"]
    assert endpoint == {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": "http://testserver/open311/v2",
        "changeset": found["changeset"],
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    assert caller.client.get("/open311/discovery.json").json() == found


def test_the_kinds_of_the_catalogue_are_services(caller: Any) -> None:
    services = {each["service_code"]: each for each in caller.json("services.json")}
    assert len(services) == 48  # 47 minor kinds, and the procedure for what is of no kind yet
    drains = services[DRAINS]
    assert list(drains) == SERVICE
    assert drains["service_name"] == "Drainage and waterlogging"
    assert drains["group"] == "Public works"
    assert drains["type"] == "realtime"
    assert drains["metadata"] is True
    assert "drain" in drains["keywords"]
    assert "working days" in drains["description"]
    assert all(isinstance(code, str) for code in services)


def test_services_are_told_in_the_language_asked_for(calling: Any) -> None:
    services = {each["service_code"]: each for each in calling("zh-CN").json("services.json")}
    assert services[DRAINS]["service_name"] == "排水与内涝"
    assert services["grid-event"]["service_name"] == "网格事件"
    assert "个工作日内" in services[DRAINS]["description"]


def test_the_list_in_xml_has_the_published_form(caller: Any) -> None:
    root = caller.xml("services.xml")
    assert root.tag == "services"
    for service in root:
        assert service.tag == "service"
        assert [each.tag for each in service] == SERVICE
        assert service.findtext("metadata") in {"true", "false"}


def test_a_definition_asks_what_the_form_asks_beyond_the_standard(caller: Any, trees: str) -> None:
    found = caller.json(f"services/{trees}.json")
    assert found["service_code"] == trees
    asked = {each["code"]: each for each in found["attributes"]}
    assert list(asked) == ["tree", "why", "girth", "day", "seen", "fallen", "story", "secret"]
    assert [each["order"] for each in asked.values()] == [*range(1, 9)]
    assert {code: each["datatype"] for code, each in asked.items()} == {
        "tree": "singlevaluelist", "why": "multivaluelist", "girth": "number", "day": "datetime",
        "seen": "datetime", "fallen": "singlevaluelist", "story": "text", "secret": "text",
    }  # fmt: skip
    assert asked["tree"] == {
        "variable": True,
        "code": "tree",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": "Any of these",
        "order": 1,
        "description": "Which tree",
        "values": [{"key": "kapok", "name": "Kapok"}, {"key": "banyan", "name": "Banyan"}],
    }
    assert asked["fallen"]["values"] == [{"key": "true", "name": "Yes"}, {"key": "false", "name": "No"}]
    assert [code for code, each in asked.items() if each["required"]] == ["tree"]


def test_a_definition_in_xml_has_the_published_form(caller: Any, trees: str) -> None:
    root = caller.xml(f"services/{trees}.xml")
    assert [each.tag for each in root] == ["service_code", "attributes"]
    for attribute in root.iterfind("attributes/attribute"):
        tags = [each.tag for each in attribute]
        assert tags in (ATTRIBUTE, [*ATTRIBUTE, "values"])
    keys = [each.findtext("key") for each in root.iterfind("attributes/attribute/values/value")]
    assert keys == ["kapok", "banyan", "shade", "sick", "true", "false"]


def test_what_a_short_text_asks_is_one_line(caller: Any) -> None:
    [contact] = caller.json(f"services/{DRAINS}.json")["attributes"]
    assert (contact["code"], contact["datatype"]) == ("contact", "string")


# --- what is wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("services/nothing.json", 404, "service_code"),
        ("services/grid-event.99.json", 404, "service_code"),
        ("services/joint-task.json", 404, "service_code"),
        ("services/.json", 400, "service_code was not provided"),
        ("requests/.json", 400, "service_request_id was not provided"),
        ("requests/0000-0000.json", 404, "service_request_id"),
        ("tokens/.json", 400, "token was not provided"),
        ("tokens/0000-0000.json", 404, "token"),
    ],
)
def test_what_is_not_there_or_not_said_is_named(caller: Any, path: str, status: int, told: str) -> None:
    answer = caller.get(path)
    assert answer.status_code == status
    [fault] = faults(answer)
    assert told in fault


def test_an_error_in_xml_has_the_published_form(caller: Any) -> None:
    answer = caller.get("services/no<t>hing\x0b.xml")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(body(answer))
    assert root.tag == "errors"
    [error] = root
    assert [each.tag for each in error] == ["code", "description"]
    assert error.findtext("code") == "404"
    assert "no<t>hing" in (error.findtext("description") or "")


def test_an_error_is_told_in_the_language_asked_for(calling: Any) -> None:
    assert "没有" in faults(calling("zh-CN").get("services/nothing.json"))[0]


CALLS = ["services", f"services/{DRAINS}", "requests", "requests/0000-0000", "tokens/0000-0000"]


@pytest.mark.parametrize("path", CALLS)
def test_another_jurisdiction_is_not_found(caller: Any, path: str) -> None:
    answer = caller.get(f"{path}.json", jurisdiction_id="sfgov.org")
    assert answer.status_code == 404
    assert "jurisdiction_id" in faults(answer)[0]


@pytest.mark.parametrize("jurisdiction", ["", "testserver"])
def test_our_own_jurisdiction_may_be_named_or_left_empty(caller: Any, jurisdiction: str) -> None:
    assert caller.json("services.json", jurisdiction_id=jurisdiction)


@pytest.mark.parametrize(
    "path", ["", "v2/", "v2/services", "v2/services.html", "v2/nothing.json", "v3/services.json"]
)
def test_any_other_address_is_answered_in_xml(caller: Any, path: str) -> None:
    answer = caller.client.get(f"/open311/{path}")
    assert answer.status_code == 404
    assert ElementTree.fromstring(body(answer)).tag == "errors"


def test_a_method_that_is_not_for_it_is_refused(caller: Any) -> None:
    answer = caller.client.post("/open311/v2/services.json")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET"
    assert faults(answer)


def test_a_break_inside_is_told_without_a_trace(caller: Any, monkeypatch: Any) -> None:
    from mumian.open311 import views

    monkeypatch.setattr(views, "services", lambda: 1 / 0)
    caller.client.raise_request_exception = False
    answer = caller.get("services.json")
    assert answer.status_code == 500
    assert "Something broke" in faults(answer)[0]
    assert json.loads(body(answer))


def test_other_sites_pages_may_read_it(caller: Any) -> None:
    assert caller.get("services.json")["Access-Control-Allow-Origin"] == "*"
