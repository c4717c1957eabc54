"""The record of matters against the matters: what is done to either behind the program's back is found and named."""

from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection

from mumian.engine.perform import Act, Done, perform
from mumian.record.models import Personal
from mumian.record.verifying import verify_all
from tests.engine.city import ASSIGN, DISPATCHER, MONDAY, OFFICER, REPORT, RESIDENT, WORKER
from tests.engine.conftest import clear_matters

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("standing")]


@pytest.fixture
def matters():
    """Two matters that have gone through the whole loop, five entries each."""
    made = []
    for _ in range(2):
        (result,) = perform([Act("report", RESIDENT, REPORT, opens="grid-event")], now=MONDAY, quiet=True)
        assert isinstance(result, Done)
        made.append(result.matter)
        rest = [
            ("assign", DISPATCHER, ASSIGN),
            ("start", OFFICER, {}),
            ("finish", OFFICER, {"result": "已疏通"}),
            ("accept", WORKER, {}),
        ]
        perform(
            [Act(action, actor, data, result.matter) for action, actor, data in rest], now=MONDAY, quiet=True
        )
    yield made
    clear_matters()


@contextmanager
def past_the_guard():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE record_entry DISABLE TRIGGER record_entry_is_final")
        yield cursor
        cursor.execute("ALTER TABLE record_entry ENABLE TRIGGER record_entry_is_final")


def faults() -> list[tuple[UUID, int, str]]:
    return [(fault.subject, fault.seq, fault.what) for fault in verify_all()]


def test_what_was_performed_holds(matters):
    assert faults() == []


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_an_entry_altered_is_found(matters, seq):
    with past_the_guard() as cursor:
        cursor.execute(
            "UPDATE record_entry SET person = NULL WHERE subject = %s AND seq = %s", [matters[0], seq]
        )
    assert faults() == [(matters[0], seq, "altered")]


@pytest.mark.parametrize("removed", [[1], [3], [5], [4, 5], [1, 2, 3, 4, 5]])
def test_entries_removed_are_found(matters, removed):
    with past_the_guard() as cursor:
        cursor.execute("DELETE FROM record_entry WHERE subject = %s AND seq = ANY(%s)", [matters[1], removed])
    assert faults() == [(matters[1], seq, "missing") for seq in removed]


def test_entries_swapped_are_found(matters):
    with past_the_guard() as cursor:
        cursor.execute(
            "UPDATE record_entry SET seq = 16 - seq WHERE subject = %s AND seq IN (2, 4)", [matters[0]]
        )
        cursor.execute("UPDATE record_entry SET seq = seq - 10 WHERE subject = %s AND seq > 10", [matters[0]])
    assert faults() == [(matters[0], 2, "reordered"), (matters[0], 4, "reordered")]


def test_a_matter_set_back_behind_its_record_is_found(matters):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE engine_matter SET seq = 4 WHERE id = %s", [matters[0]])
    assert faults() == [(matters[0], 4, "altered"), (matters[0], 5, "surplus")]


def test_personal_values_altered_are_found_and_erased_ones_are_not_missed(matters):
    kept = Personal.objects.get(subject=matters[0], seq=1)
    salt, _ = kept.openings["what"]
    Personal.objects.filter(subject=matters[0]).update(openings={"what": [salt, "没有的事"]})
    assert faults() == [(matters[0], 1, "personal")]
    Personal.objects.filter(subject=matters[0]).delete()
    assert faults() == []


def test_a_matter_removed_with_its_record_leaves_the_others_whole(matters):
    """What is gone with its owner's knowledge of it is for the seal over the whole record to find."""
    with past_the_guard() as cursor:
        cursor.execute("DELETE FROM record_entry WHERE subject = %s", [matters[0]])
        for table, key in (("clock", "matter_id"), ("holder", "matter_id"), ("matter", "id")):
            cursor.execute(f"DELETE FROM engine_{table} WHERE {key} = %s", [matters[0]])
    assert faults() == []
