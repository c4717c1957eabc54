"""Clocks ring when their time has come, each once, and none keeps another from ringing."""

from datetime import timedelta
from uuid import UUID

import pytest

from mumian.engine import jobs
from mumian.engine.definition import read
from mumian.engine.jobs import ring_all
from mumian.engine.models import Clock, Matter
from mumian.engine.perform import Act, Done, perform
from mumian.engine.publishing import publish
from mumian.record.models import Entry
from tests.engine.city import (
    ASSIGN,
    DISPATCHER,
    DISTRICT,
    MONDAY,
    OFFICER,
    REPORT,
    RESIDENT,
    TOWN,
    WATER,
    at,
    changed,
)

pytestmark = pytest.mark.usefixtures("city")


def do(*acts: Act, now=MONDAY) -> UUID:
    results = perform(acts, now=now, quiet=True)
    for result in results:
        assert isinstance(result, Done), result
    return results[0].matter  # type: ignore[return-value]


def reported() -> UUID:
    return do(Act("report", RESIDENT, REPORT, opens="grid-event"))


def rung(matter: UUID) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(subject=matter, action="ring").order_by("seq")
    return [(row.body["clock"], "warns" if "warns" in row.body else str(row.body["ring"])) for row in rows]


def test_a_clock_rings_when_its_time_has_come_and_once():
    matter = reported()
    assert ring_all(at("2026-03-02 10:59")) == 0
    assert ring_all(at("2026-03-02 11:00")) == 1
    assert ring_all(at("2026-03-02 11:00")) == 0
    assert rung(matter) == [("dispatch", "0")]
    entry = Entry.objects.get(subject=matter, action="ring")
    assert (entry.at, entry.person, entry.body["overdue"]) == (
        at("2026-03-02 11:00"),
        None,
        "2026-03-02T03:00:00.000000Z",
    )


def test_rings_that_were_missed_are_made_up_in_their_order():
    matter = reported()
    do(Act("assign", DISPATCHER, ASSIGN, matter), Act("start", OFFICER, {}, matter))
    assert ring_all(at("2026-04-01 09:00")) == 3
    assert rung(matter) == [("resolve", "warns"), ("resolve", "0"), ("resolve", "1")]
    row = Matter.objects.get(pk=matter)
    assert (row.state, row.desk) == ("working", DISTRICT)
    assert not Clock.objects.filter(ring_at__isnull=False).exists()


def test_more_clocks_than_ring_at_once_all_ring(monkeypatch):
    monkeypatch.setattr(jobs, "ROUND", 2)
    matters = [reported() for _ in range(5)]
    assert ring_all(at("2026-03-02 11:00")) == 5
    assert all(rung(matter) == [("dispatch", "0")] for matter in matters)


def test_a_stopped_or_paused_clock_does_not_ring():
    matter = reported()
    do(
        Act("assign", DISPATCHER, ASSIGN, matter),
        Act("start", OFFICER, {}, matter),
        Act("pause", OFFICER, {"reason": "等料"}, matter),
    )
    assert ring_all(at("2026-12-01 09:00")) == 0
    do(Act("resume", OFFICER, {}, matter), now=at("2026-03-03 09:00"))
    assert ring_all(at("2026-03-03 09:00")) == 0
    assert Matter.objects.get(pk=matter).desk == TOWN


ACTING = changed(
    ("limit: 5 working days}", "limit: 1 hour, rings: [{act: do}, {after: 1 hour, tell: asker}]}"),
    ("outcome: done}", "outcome: done, when: children-done}"),
)


def test_a_clock_that_acts_does_so_by_the_program():
    publish(read(ACTING))
    matter = do(Act("ask", RESIDENT, {"what": "树", "unit": WATER}, opens="small"))
    assert ring_all(MONDAY + timedelta(hours=1)) == 1
    row = Matter.objects.get(pk=matter)
    assert (row.state, row.outcome, row.late) == ("closed", "done", False)
    assert [entry.action for entry in Entry.objects.filter(subject=matter).order_by("seq")] == [
        "ask",
        "ring",
        "do",
    ]


def test_a_clock_whose_act_is_refused_still_rings_and_keeps_no_other_from_ringing(monkeypatch):
    monkeypatch.setattr(jobs, "ROUND", 1)
    publish(read(ACTING))
    stuck = do(Act("ask", RESIDENT, {"what": "树", "unit": WATER}, opens="small"))
    Matter.objects.filter(pk=stuck).update(children_open=1)  # so that `do` is refused
    other = reported()
    assert ring_all(at("2026-03-02 11:00")) == 3
    assert rung(stuck) == [("do", "0"), ("do", "1")]
    assert Entry.objects.get(subject=stuck, seq=2).body["refused"] == "do"
    assert Matter.objects.get(pk=stuck).state == "open"
    assert rung(other) == [("dispatch", "0")]
