"""What is the same for all: procedures, forms, catalogues, places, units."""

from __future__ import annotations

import re

import jsonschema_rs
import pytest

from mumian.engine.definition import json_schema
from tests.api.conftest import COMMUNITY, GRID, OTHER_GRID, SPOT, TOWN


def test_procedures_say_what_the_caller_may_open(call):
    def opens(who=None):
        listed = call(who).get("procedures").json()["procedures"]
        return {each["name"]: [act["action"] for act in each["may"]] for each in listed}

    assert opens()["grid-event"] == ["report"]
    assert opens()["joint-task"] == []
    assert opens("worker")["grid-event"] == ["report"]


def test_a_procedure_is_given_as_its_definition_with_its_versions(call):
    answer = call().get("procedures/grid-event").json()
    assert answer["versions"][0]["status"] == "published"
    definition = answer["definition"]
    assert definition["actions"]["reopen"]["within"] == "10 days"
    assert definition["actions"]["assign"]["from"] == ["reported"]
    jsonschema_rs.validate(json_schema(), definition)


def test_a_form_is_a_json_schema_that_tells_good_answers_from_bad(call):
    schema = call().get("procedures/grid-event/form/report").json()
    assert jsonschema_rs.meta.is_valid(schema)
    good = {"what": "污水", "where": {"lon": SPOT[0], "lat": SPOT[1]}}
    assert jsonschema_rs.is_valid(schema, good)
    for bad in ({}, {**good, "colour": "red"}, {**good, "what": "x" * 4001}, {**good, "where": {}}):
        assert not jsonschema_rs.is_valid(schema, bad)


@pytest.mark.parametrize(
    "path",
    [
        "procedures/nonsense",
        "procedures/grid-event?version=99",
        "procedures/grid-event/form/nonsense",
        "catalogues/nonsense",
        "places/4499",
    ],
)
def test_what_is_not_there_is_not_found(call, path):
    assert call().get(path).status_code == 404


def test_a_catalogue_lists_its_kinds_with_their_limits(call):
    kinds = call().get("catalogues/grid").json()["kinds"]
    assert len([kind for kind in kinds if "." in kind["code"]]) == 47
    assert [kind["code"] for kind in kinds] == sorted(kind["code"] for kind in kinds)
    assert all(kind["title"]["zh"] and kind["title"]["en"] for kind in kinds)


def test_a_place_is_found_by_point_in_each_coordinate_system(call):
    found = call().get("places", lon=SPOT[0], lat=SPOT[1]).json()["places"]
    assert [place["code"] for place in found] == [GRID]
    assert found[0]["chain"]["en"] == "Yuexiu › Shixi › Shixi Community › Grid 001"
    shifted = (
        call().get("places", lon=SPOT[0] + 0.0054, lat=SPOT[1] - 0.0026, system="gcj02").json()["places"]
    )
    assert [place["code"] for place in shifted] == [GRID]
    assert call().get("places", lon=0, lat=0).json()["places"] == []


def test_a_place_is_found_by_name_with_candidates(call):
    found = call().get("places", q="平安社区").json()["places"]
    assert {place["code"] for place in found} == {"440103001002", "440103002001"}
    assert found[0]["score"] == found[1]["score"]
    within = call().get("places", q="平安社区", within="440103002").json()["places"]
    assert [place["code"] for place in within] == ["440103002001"]


def test_half_a_point_is_refused(call):
    answer = call().get("places", lon=113)
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["field"] == "lat"


def test_a_place_shows_those_above_and_below(call):
    place = call().get(f"places/{COMMUNITY}").json()
    assert [above["code"] for above in place["above"]] == ["4401", "440103", TOWN]
    assert [below["code"] for below in place["below"]] == [GRID, OTHER_GRID]
    assert call().get("places").json()["places"][0]["code"] == "4401"


def test_units_are_listed_and_paged(call, city):
    everything = call().get("units").json()["units"]
    assert {unit["code"] for unit in everything} == {"water", "centre"}
    assert [unit["code"] for unit in call().get("units", kind="water").json()["units"]] == ["water"]
    assert call().get("units", place="440103002").json()["units"] == []
    first = call().get("units", limit=1).json()
    rest = call().get("units", after=first["next"]).json()
    assert [unit["id"] for unit in first["units"] + rest["units"]] == [unit["id"] for unit in everything]


def test_reference_data_come_from_memory(call, query_budget):
    anyone = call()
    for path in (
        "procedures",
        "procedures/grid-event",
        "catalogues/grid",
        f"places/{GRID}",
        "places?q=石溪",
        "units",
    ):
        anyone.get(path)
        with query_budget(f"api: GET /{path}"):
            anyone.get(path)


def test_the_description_is_open_to_all_and_its_page_brings_no_inline_script(call):
    description = call().get("openapi.json").json()
    assert description["openapi"].startswith("3.1")
    assert set(description["components"]["securitySchemes"]) == {"token", "session", "link"}
    page = call().get("docs")
    assert page.status_code == 200
    scripts = re.findall(r"<script([^>]*)>", page.content.decode())
    assert all("src=" in script or "application/json" in script for script in scripts)
