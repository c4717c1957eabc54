"""What was done without a network: sent later with the time it was done, believed within bounds; files first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import SYSTEM
from mumian.record.models import Entry
from tests.web.city import DRAINS, picture


@pytest.fixture
def matter(call, city):
    """A matter that was reported five hours ago and assigned four hours ago."""
    then = timezone.now() - timedelta(hours=5)
    reported = call("dispatcher").report(at=then.isoformat()).json()["id"]
    assigned = {"category": DRAINS, "unit": city.water.pk}
    answer = call("dispatcher").act(reported, "assign", assigned, at=(then + timedelta(hours=1)).isoformat())
    assert answer.status_code == 200
    return reported


def ago(**time):
    return (timezone.now() - timedelta(**time)).isoformat()


def reason(answer):
    return answer.json()["reasons"][0]


def test_what_was_done_earlier_is_recorded_with_the_time_it_was_done(call, matter):
    at = timezone.now() - timedelta(hours=3)
    assert call("officer").act(matter, "start", at=at.isoformat()).status_code == 200
    assert Entry.objects.get(subject=matter, seq=3).at == at


def test_several_acts_of_one_matter_in_one_batch_keep_their_times(call, matter):
    acts = [
        {"matter": matter, "action": "start", "at": ago(hours=3)},
        {"matter": matter, "action": "finish", "data": {"result": "已疏通"}, "at": ago(hours=2)},
        {"matter": matter, "action": "comment", "data": {"text": "早"}, "at": ago(hours=3)},
    ]
    outcomes = call("officer").post("actions", {"acts": acts}).json()["outcomes"]
    assert [each["status"] for each in outcomes] == [200, 200, 409]
    assert "最近一次" in outcomes[2]["reasons"][0]["zh"]


def test_what_lies_ahead_is_refused_in_words_and_a_clock_a_little_fast_is_put_right(call, matter):
    ahead = call("officer").act(matter, "start", at=ago(minutes=-10))
    assert ahead.status_code == 409
    assert "clock" in reason(ahead)["en"]
    before = timezone.now()
    assert call("officer").act(matter, "start", at=ago(minutes=-1)).status_code == 200
    assert before <= Entry.objects.get(subject=matter, seq=3).at <= timezone.now()


def test_what_is_older_than_a_week_is_refused_in_words(call):
    answer = call("worker").report(at=ago(days=8))
    assert answer.status_code == 409
    assert "7 天" in reason(answer)["zh"]


def test_what_was_done_before_the_last_act_of_another_is_refused_in_words(call, matter):
    answer = call("officer").act(matter, "start", at=ago(hours=4, minutes=30))
    assert answer.status_code == 409
    assert reason(answer)["code"] == "untimely"


def test_a_deadline_that_passed_meanwhile_does_not_make_untrue_what_was_done_before_it(call, matter):
    ring = Act("ring", SYSTEM, {"clock": "resolve"}, UUID(matter))
    [rung] = perform([ring], now=timezone.now() + timedelta(days=30))
    assert isinstance(rung, Done)
    assert call("officer").act(matter, "start", at=ago(hours=3)).status_code == 200


def test_what_was_stored_is_answered_so_again_however_late_it_is_sent_again(call, matter, key):
    first = call("officer").act(matter, "start", key=key, at=ago(hours=3))
    call("officer").act(matter, "pause", {"reason": "等配件"}, at=ago(hours=2))
    again = call("officer").act(matter, "start", key=key, at=ago(days=9))
    assert again.json() == {**first.json(), "repeated": True, "state": "paused"}


def test_a_time_without_a_zone_is_no_time(call, matter):
    assert call("officer").act(matter, "start", at="2026-01-01T10:00").status_code == 422


# --- files ------------------------------------------------------------------------------------------


def send(caller, name="现场.jpg", content=None):
    file = SimpleUploadedFile(name, picture() if content is None else content)
    return caller.client.post("/api/v1/files", {"file": file}, headers=caller.headers)


def test_a_photograph_is_sent_once_and_named_by_its_hash(call, settings, tmp_path):
    settings.DATA = tmp_path
    first, again = send(call("worker")), send(call("worker"))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    answer = call("worker").report(data={"photos": [first.json()["sha256"]]})
    assert answer.status_code == 201


def test_a_bad_file_is_told_in_words_and_one_who_is_not_known_sends_none(call, settings, tmp_path):
    settings.DATA = tmp_path
    bad = send(call("worker"), "说明.txt", b"no picture")
    assert bad.status_code == 422
    assert bad.json()["thing"] == "说明.txt"
    assert send(call()).status_code == 401
