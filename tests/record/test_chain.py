"""The chain of one subject: whatever is done to it is found, and named by its number."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.record.canonical import seal
from mumian.record.chain import START, Entry, instant, link, verify

SUBJECT, OTHER = UUID(int=1), UUID(int=2)
BEGAN = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)


def chain(length=6, subject=SUBJECT):
    """Entries with their hashes and openings, as they are stored, and the head their owner knows."""
    stored, before = [], START
    for seq in range(1, length + 1):
        promised, openings = (
            seal({"what": f"said {seq}", "phone": f"1380000000{seq}"}) if seq % 2 else ({}, None)
        )
        body = {"state": "working", "data": {"n": seq}, **({"personal": promised} if openings else {})}
        at = BEGAN + timedelta(hours=seq)
        entry = Entry(subject, seq, at, "finish", UUID(int=100 + seq), 7, body, f"key-{seq}")
        before = link(entry, before)
        stored.append((entry, before, openings))
    return stored, (length, before)


def faults(stored, head):
    return [(fault.seq, fault.what) for fault in verify(SUBJECT, stored, head=head)]


def test_an_untouched_chain_has_no_fault():
    stored, head = chain()
    assert faults(stored, head) == []
    assert faults(stored, None) == []
    assert faults([], None) == []


CHANGES = {
    "subject": OTHER,
    "seq": None,  # taken as a removal, below
    "at": BEGAN,
    "action": "accept",
    "person": None,
    "post": 8,
    "body": {"state": "closed"},
    "key": None,
}


def test_every_part_of_an_entry_is_tried_here():
    assert CHANGES.keys() == set(Entry._fields)


@pytest.mark.parametrize("part", [part for part in CHANGES if part != "seq"])
@pytest.mark.parametrize("seq", [1, 2, 6])
def test_an_altered_entry_is_found_whatever_was_altered(part, seq):
    stored, head = chain()
    entry, hash_, openings = stored[seq - 1]
    stored[seq - 1] = (entry._replace(**{part: CHANGES[part]}), hash_, None if part == "body" else openings)
    assert faults(stored, head) == [(seq, "altered")]


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_an_altered_hash_is_found_at_its_entry(seq):
    stored, head = chain()
    entry, _, openings = stored[seq - 1]
    stored[seq - 1] = (entry, bytes(32), openings)
    assert faults(stored, head) == [(seq, "altered")]


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_an_entry_rewritten_with_its_hash_breaks_the_chain_after_it(seq):
    """Whether it or the one after it was altered cannot be told from the chain; that one was, is."""
    stored, head = chain()
    entry, _, openings = stored[seq - 1]
    forged = entry._replace(action="accept")
    stored[seq - 1] = (forged, link(forged, stored[seq - 2][1] if seq > 1 else START), openings)
    assert faults(stored, head) == [(seq + 1, "altered")]


def test_the_last_entry_rewritten_with_its_hash_is_found_by_the_head():
    stored, head = chain()
    entry, _, openings = stored[5]
    forged = entry._replace(action="accept")
    stored[5] = (forged, link(forged, stored[4][1]), openings)
    assert faults(stored, head) == [(6, "altered")]


@pytest.mark.parametrize(
    ("removed", "found"),
    [
        ([3], [3]),
        ([1], [1]),
        ([1, 2], [1, 2]),
        ([6], [6]),
        ([5, 6], [5, 6]),
        ([2, 5], [2, 5]),
        (range(1, 7), range(1, 7)),
    ],
)
def test_a_removed_entry_is_found(removed, found):
    stored, head = chain()
    left = [row for row in stored if row[0].seq not in removed]
    assert faults(left, head) == [(seq, "missing") for seq in found]


@pytest.mark.parametrize(("one", "other"), list(combinations(range(1, 7), 2)))
def test_two_entries_in_each_others_place_are_found(one, other):
    stored, head = chain()
    first, second = stored[one - 1], stored[other - 1]
    stored[one - 1] = (second[0]._replace(seq=one), *second[1:])
    stored[other - 1] = (first[0]._replace(seq=other), *first[1:])
    assert faults(stored, head) == [(one, "reordered"), (other, "reordered")]


def test_entries_moved_up_over_a_removed_one_are_found():
    stored, head = chain()
    left = stored[:2] + [(row[0]._replace(seq=row[0].seq - 1), *row[1:]) for row in stored[3:]]
    assert faults(left, head) == [(3, "altered"), (4, "reordered"), (5, "reordered"), (6, "missing")]


def test_a_number_tampered_with_does_not_name_gaps_for_ever():
    stored, head = chain()
    stored[5] = (stored[5][0]._replace(seq=2**31 - 1), *stored[5][1:])
    found = faults(stored, head)
    assert found[0] == (6, "missing")
    assert (2**31 - 1, "surplus") in found
    assert len(found) < 2000


def test_a_chain_broken_throughout_is_called_altered():
    stored, head = chain(100)
    stored = [(entry._replace(action="accept"), hash_, openings) for entry, hash_, openings in stored]
    assert faults(stored, head) == [(seq, "altered") for seq in range(1, 101)]


def test_an_entry_after_the_head_is_surplus():
    stored, _ = chain()
    assert faults(stored, (4, stored[3][1])) == [(5, "surplus"), (6, "surplus")]


def test_a_head_that_says_otherwise_is_found():
    stored, _ = chain()
    assert faults(stored, (6, bytes(32))) == [(6, "altered")]


@pytest.mark.parametrize(
    "tampered",
    [
        {"what": ["00" * 16, "said 3"]},
        {"what": ["not hexadecimal", "said 3"]},
        {"what": "no pair"},
        {"what": [5, "said 3"]},
        {"never promised": ["00" * 16, "x"]},
        ["no object"],
    ],
)
def test_a_personal_value_that_was_not_promised_is_found(tampered):
    stored, head = chain()
    entry, hash_, _ = stored[2]
    stored[2] = (entry, hash_, tampered)
    assert faults(stored, head) == [(3, "personal")]


def test_an_altered_personal_value_is_found_and_an_erased_one_is_not_missed():
    stored, head = chain()
    entry, hash_, openings = stored[2]
    salt, _ = openings["what"]
    stored[2] = (entry, hash_, {**openings, "what": [salt, "never said"]})
    assert faults(stored, head) == [(3, "personal")]
    stored[2] = (entry, hash_, {"phone": openings["phone"]})
    assert faults(stored, head) == []
    stored[2] = (entry, hash_, None)
    assert faults(stored, head) == []


@pytest.mark.parametrize("body", [[], "text", None, 5, {"personal": "text"}, {"personal": ["what"]}])
def test_a_body_of_another_kind_is_found(body):
    stored, head = chain()
    entry, hash_, openings = stored[2]
    stored[2] = (entry._replace(body=body), hash_, openings)
    assert (3, "altered") in faults(stored, head)


def test_a_fault_names_its_subject():
    stored, head = chain()
    (fault,) = verify(SUBJECT, stored[:-1], head=head)
    assert fault.subject == SUBJECT


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_an_instant_is_written_the_same_in_every_zone(at):
    utc = at.astimezone(UTC)
    assert instant(at) == instant(utc) == instant(utc.astimezone(timezone(timedelta(hours=8))))
    assert datetime.fromisoformat(instant(at)) == utc


@given(st.data())
def test_whatever_one_field_of_one_entry_is_changed_to_is_found(data):
    stored, head = chain(4)
    seq = data.draw(st.integers(1, 4))
    entry, hash_, openings = stored[seq - 1]
    part, value = data.draw(
        st.sampled_from(["action", "key"]).flatmap(lambda name: st.tuples(st.just(name), st.text(max_size=5)))
        | st.tuples(st.just("post"), st.none() | st.integers(0, 2**40))
        | st.tuples(st.just("at"), st.datetimes(timezones=st.just(UTC)))
    )
    altered = entry._replace(**{part: value})
    stored[seq - 1] = (altered, hash_, openings)
    assert faults(stored, head) == ([(seq, "altered")] if altered != entry else [])
