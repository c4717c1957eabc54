"""The whole record in PostgreSQL: the database refuses to change it, and what is done past that is found."""

from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from mumian.record import verifying
from mumian.record.chain import Fault
from mumian.record.models import Entry, Personal
from mumian.record.verifying import verify_all
from mumian.record.writing import append

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
PERSON = UUID(int=100)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _record(monkeypatch):
    """Three subjects with four entries each, and an owner who knows the heads of the first two."""
    for subject in (TWO, ONE, THREE):
        for n in range(1, 5):
            append(subject, "note", {"n": n, "words": "木棉"}, person=PERSON, post=None if n == 1 else 7)
    heads = [(s, 4, bytes(Entry.objects.get(subject=s, seq=4).hash)) for s in (ONE, TWO)]
    monkeypatch.setattr(verifying, "HEAD_SOURCES", [lambda: iter(heads[1:]), lambda: iter(heads[:1])])


@contextmanager
def past_the_guard():
    """As one can who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE record_entry DISABLE TRIGGER record_entry_is_final")
        yield cursor
        cursor.execute("ALTER TABLE record_entry ENABLE TRIGGER record_entry_is_final")


def faults():
    return [(fault.subject.int, fault.seq, fault.what) for fault in verify_all()]


def test_entries_follow_one_another_from_one_without_gaps():
    assert list(Entry.objects.filter(subject=ONE).order_by("seq").values_list("seq", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    assert Entry.objects.get(subject=ONE, seq=1).post is None
    assert Entry.objects.get(subject=ONE, seq=2).person == PERSON


def test_an_untouched_record_has_no_fault_and_progress_counts_its_entries():
    counted: list[int] = []
    assert list(verify_all(counted.append)) == []
    assert sum(counted) == 12


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record_entry SET action = 'x'",
        "DELETE FROM record_entry",
        "UPDATE record_entry SET hash = hash",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_an_entry(statement):
    with (
        pytest.raises(IntegrityError, match="is on the record and cannot be changed"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(subject=ONE).delete()
    assert faults() == []


@pytest.mark.parametrize(
    ("subject", "seq", "change"),
    [
        (ONE, 2, "action = 'x'"),
        (ONE, 4, "at = at + interval '1 microsecond'"),
        (TWO, 1, "person = NULL"),
        (TWO, 3, "post = 8"),
        (TWO, 3, "key = 'k'"),
        (TWO, 3, r"hash = '\x00'"),
        (THREE, 1, """body = body || '{"n": 9}'"""),
        (THREE, 1, "body = '[]'"),
        (THREE, 1, "body = '1e400'"),
    ],
)
def test_an_entry_altered_past_the_guard_is_found(subject, seq, change):
    with past_the_guard() as cursor:
        cursor.execute(f"UPDATE record_entry SET {change} WHERE subject = %s AND seq = %s", [subject, seq])
    assert faults() == [(subject.int, seq, "altered")]


@pytest.mark.parametrize("removed", [[1], [3], [4], [2, 4], [1, 2, 3, 4]])
def test_entries_removed_past_the_guard_are_found(removed):
    with past_the_guard() as cursor:
        cursor.execute("DELETE FROM record_entry WHERE subject = %s AND seq = ANY(%s)", [TWO, removed])
    assert faults() == [(2, seq, "missing") for seq in removed]


def test_entries_put_in_each_others_place_are_found():
    with past_the_guard() as cursor:
        cursor.execute("UPDATE record_entry SET seq = 15 - seq WHERE subject = %s AND seq IN (2, 3)", [ONE])
        cursor.execute("UPDATE record_entry SET seq = seq - 10 WHERE subject = %s AND seq > 10", [ONE])
    assert faults() == [(1, 2, "reordered"), (1, 3, "reordered")]


def test_an_entry_moved_to_another_subject_is_found():
    with past_the_guard() as cursor:
        cursor.execute(
            "UPDATE record_entry SET subject = %s, seq = 5 WHERE subject = %s AND seq = 4", [ONE, THREE]
        )
    assert sorted(faults()) == [(1, 5, "altered"), (1, 5, "surplus")]


def test_an_altered_personal_value_is_found_and_an_erased_one_is_not_missed():
    Personal.objects.create(subject=ONE, seq=2, openings={"phone": ["00" * 16, "13800000000"]})
    assert faults() == [(1, 2, "personal")]
    Personal.objects.all().delete()
    assert faults() == []


def test_the_guard_stands_again_after_the_tests_went_past_it():
    with past_the_guard():
        pass
    with pytest.raises(IntegrityError):
        Entry.objects.filter(subject=ONE, seq=1).update(action="x")


def test_a_subject_its_owner_knows_of_but_the_record_does_not_is_missing(monkeypatch):
    monkeypatch.setattr(verifying, "HEAD_SOURCES", [lambda: iter([(UUID(int=9), 2, bytes(32))])])
    assert list(verify_all()) == [Fault(UUID(int=9), 1, "missing"), Fault(UUID(int=9), 2, "missing")]
