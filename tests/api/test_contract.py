"""The API keeps to its own description, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks

from mumian.wsgi import application
from tests.api.conftest import GRID, SPOT

load_all_checks()
BOUNDED = settings(
    max_examples=8,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(autouse=True)
def _connection_kept() -> Iterator[None]:
    """The transaction of the test outlives its requests, as Django's own test client has it."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@schema.parametrize()
@BOUNDED
def test_every_answer_is_as_described(case, city):
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {city.tokens['dispatcher']}"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACE = JSON | st.fixed_dictionaries(
    {},
    optional={
        "place": st.just(GRID) | JSON,
        "lon": st.just(SPOT[0]) | JSON,
        "lat": st.just(SPOT[1]) | JSON,
        "system": st.sampled_from(["gcj02", "bd09"]) | JSON,
        "address": st.just("平安社区") | JSON,
    },
)
TIME = st.datetimes().map(lambda at: f"{at.isoformat()}+14:00") | JSON
FIELDS = (
    "what",
    "photos",
    "contact",
    "category",
    "unit",
    "reason",
    "result",
    "mark",
    "original",
    "units",
    "task",
    "text",
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(FIELDS, JSON), "where": PLACE, "promised": TIME}
)
ACTIONS = (
    "assign",
    "settle",
    "merge",
    "join",
    "rate",
    "send-up",
    "comment",
    "ring",
    "child",
    "merged",
    "migrate",
    "x",
)


@given(data=ANSWERS)
@settings(BOUNDED, max_examples=30)
def test_no_answer_to_a_form_breaks_the_report(call, data):
    assert call("worker").report(data=data).status_code in (201, 400, 422)


@given(action=st.sampled_from(ACTIONS), data=ANSWERS, seen=JSON)
@settings(BOUNDED, max_examples=40)
def test_no_answer_to_a_form_breaks_an_act(call, action, data, seen):
    matter = call().report().json()["id"]
    answer = call("dispatcher").act(matter, action, data, seen=seen)
    assert answer.status_code in (200, 400, 403, 404, 409, 422)
