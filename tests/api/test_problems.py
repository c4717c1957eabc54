"""What a caller is told when something does not work."""

from __future__ import annotations

import json

import pytest
from django.db import DataError, OperationalError

from mumian.engine.models import Matter


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"procedure": "\\ud800"}', b"\xff", '{"a": NaN}', "[" * 3000]
)
def test_what_is_not_the_json_asked_for_is_answered_with_a_problem(call, body):
    answer = call().post("matters", body)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"status", "thing", "reason", "cure", "reasons"}


def test_a_wrong_part_is_named_by_its_path(call):
    answer = call("officer").post("actions", {"acts": [{"action": "start", "matter": "no"}]})
    assert [reason["field"] for reason in answer.json()["reasons"]] == ["acts.0.matter"]


def test_words_come_in_the_language_asked_for_and_reasons_in_both(call):
    def told(language):
        return call(**{"Accept-Language": language}).post("matters", {}).json()

    assert told("zh-CN")["reason"] == "有不符合要求之处"
    assert told("en")["reason"] == "It does not fit what is asked for"
    assert all(reason["zh"] and reason["en"] for reason in told("en")["reasons"])


def test_a_body_that_is_too_large_is_refused(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert call().report(data={"what": "x" * 2000}).status_code == 413


def test_a_lost_database_is_told_and_nothing_is_half_done(call, monkeypatch):
    def lost(*_, **__):
        raise OperationalError("server closed the connection at /var/run/postgres")

    monkeypatch.setattr("mumian.engine.storing.store", lost)
    answer = call().report()
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "/var/run" not in answer.content.decode()
    assert not Matter.objects.exists()


def test_a_value_the_database_cannot_hold_is_refused(call, monkeypatch):
    def unfit(*_, **__):
        raise DataError("invalid byte sequence")

    monkeypatch.setattr("mumian.engine.storing.store", unfit)
    assert call().report().status_code == 422


def test_a_fault_of_ours_is_told_without_a_trace(call, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("mumian.api.acts.perform", broken)
    caller = call()
    caller.client.raise_request_exception = False
    answer = caller.report()
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert json.loads(answer.content)["cure"]


@pytest.mark.parametrize(
    "where",
    [
        {"lon": "x", "lat": "y"},
        {"lon": 1e308, "lat": -1e308},
        {"place": "440103001", "address": "a\u0000b"},
        {"place": ["440103001"]},
        {"lon": 113.251, "lat": 23.101, "system": "mars"},
        {"lon": 113.251, "lat": 23.101, "system": ["gcj02"]},
        "石\u0000溪",
        [1, 2],
        True,
    ],
)
def test_odd_places_are_refused_and_never_break(call, where):
    assert call().report(where).status_code in (201, 422)
