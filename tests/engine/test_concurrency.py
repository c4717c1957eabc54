"""Several at once: one wins, the other is told what changed, and nothing is lost, done twice or waited for in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from mumian.engine import storing
from mumian.engine.jobs import ring_all
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, Refused, Result, perform
from mumian.people.actor import ANYONE
from mumian.record.models import Entry
from mumian.record.verifying import verify_all
from tests.engine.city import (
    ASSIGN,
    DISPATCHER,
    GARDENER,
    MONDAY,
    OFFICER,
    PARKS,
    REPORT,
    RESIDENT,
    SECOND_OFFICER,
    TEAM_OFFICER,
    WATER_TEAM,
    at,
)

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("standing")]


@pytest.fixture
def at_once(monkeypatch):
    """Runs two things in two threads; each has decided before either stores."""
    barrier, mine, store = Barrier(2, timeout=20), local(), storing.store

    def wait_for_the_other(*args):
        if getattr(mine, "waits", False):
            mine.waits = False
            barrier.wait()
        return store(*args)

    def alone(task):
        mine.waits = True
        try:
            return task()
        finally:
            connection.close()

    def run(*tasks: Callable[[], Any]):
        with ThreadPoolExecutor(len(tasks)) as threads:
            return list(threads.map(alone, tasks))

    monkeypatch.setattr(storing, "store", wait_for_the_other)
    return run


def do(*acts: Act) -> list[Result]:
    return perform(acts, now=MONDAY, quiet=True)


def acting(*acts: Act) -> Callable[[], list[Result]]:
    return lambda: do(*acts)


def assigned() -> UUID:
    matter = uuid4()
    report = Act("report", RESIDENT, REPORT, matter, opens="grid-event")
    assert all(isinstance(result, Done) for result in do(report, Act("assign", DISPATCHER, ASSIGN, matter)))
    return matter


def actions(matter: UUID) -> list[str]:
    return list(Entry.objects.filter(subject=matter).order_by("seq").values_list("action", flat=True))


def sound(*matters: UUID) -> bool:
    return not {fault.subject for fault in verify_all()} & set(matters)


@pytest.mark.parametrize(("seen", "code"), [(2, "changed"), (None, "state")])
def test_of_two_who_act_at_once_one_wins_and_the_other_is_told(at_once, seen, code):
    matter = assigned()
    start = Act("start", OFFICER, {}, matter, seen=seen)
    [first], [second] = at_once(acting(start), acting(start._replace(actor=SECOND_OFFICER)))
    won, lost = (first, second) if isinstance(first, Done) else (second, first)
    assert isinstance(won, Done)
    assert isinstance(lost, Refused)
    assert [reason.code for reason in lost.reasons] == [code]
    assert "“In hand”" in lost.reasons[0].en
    assert actions(matter) == ["report", "assign", "start"]
    assert sound(matter)


def test_what_two_may_both_do_is_done_twice(at_once):
    matter = assigned()
    say = Act("comment", OFFICER, {"text": "在路上"}, matter)
    results = at_once(acting(say), acting(say._replace(actor=DISPATCHER)))
    assert sorted(result.seq for [result] in results) == [3, 4]
    assert sound(matter)


def test_the_same_key_sent_twice_at_once_is_one_act(at_once):
    matter = assigned()
    start = Act("start", OFFICER, {}, matter, key="k")
    [first], [second] = at_once(acting(start), acting(start))
    assert sorted([first.repeated, second.repeated]) == [False, True]
    assert first.seq == second.seq == 3
    assert actions(matter) == ["report", "assign", "start"]
    assert sound(matter)


def test_the_same_key_sent_twice_at_once_opens_one_matter(at_once):
    report = Act("report", ANYONE, REPORT, opens="grid-event", key=uuid4().hex)
    [first], [second] = at_once(acting(report), acting(report))
    assert sorted([first.repeated, second.repeated]) == [False, True]
    assert (first.matter, first.number, first.seq) == (second.matter, second.number, second.seq)
    assert actions(first.matter) == ["report"]
    assert sound(first.matter)


def test_one_overtaken_in_a_batch_does_not_lose_the_others(at_once):
    matters = [assigned() for _ in range(3)]
    starts = [Act("start", OFFICER, {}, matter) for matter in matters]
    batch, [alone] = at_once(acting(*starts), acting(starts[1]._replace(actor=SECOND_OFFICER)))
    assert sum(isinstance(result, Done) for result in [*batch, alone]) == 3
    assert all(actions(matter) == ["report", "assign", "start"] for matter in matters)
    assert sound(*matters)


@pytest.mark.parametrize("count", [4, 100])
def test_two_batches_over_the_same_matters_do_not_wait_for_each_other_in_a_circle(at_once, count):
    matters = [assigned() for _ in range(4)] if count == 4 else many(count)
    says = [Act("comment", OFFICER, {"text": "在路上"}, matter) for matter in matters]
    one, other = at_once(acting(*says), acting(*reversed(says)))
    assert all(isinstance(result, Done) for result in [*one, *other])
    assert sound(*matters)


def many(count: int) -> list[UUID]:
    report = Act("report", RESIDENT, REPORT, opens="grid-event")
    matters = [result.matter for result in do(*[report] * count) if isinstance(result, Done)]
    do(*[Act("assign", DISPATCHER, ASSIGN, matter) for matter in matters])
    return matters


def test_two_children_that_end_at_once_are_both_counted(at_once):
    matter = assigned()
    do(Act("join", DISPATCHER, {"units": [PARKS, WATER_TEAM], "task": "清淤"}, matter))
    children = {child.unit_id: child.pk for child in Matter.objects.filter(parent=matter)}
    results = at_once(
        acting(Act("answer", GARDENER, {"answer": "已清"}, children[PARKS])),
        acting(Act("answer", TEAM_OFFICER, {"answer": "已清"}, children[WATER_TEAM])),
    )
    assert all(isinstance(result, Done) for [result] in results)
    assert Matter.objects.get(pk=matter).children_open == 0
    assert sound(matter, *children.values())


def test_clocks_rung_by_two_at_once_ring_once(at_once):
    matters = [assigned() for _ in range(3)]
    now = at("2026-03-02 16:00")  # when the four working hours to begin are over
    at_once(lambda: ring_all(now), lambda: ring_all(now))
    rows = Entry.objects.filter(subject__in=matters, action="ring").values_list("subject", "body__clock")
    assert sorted(rows) == sorted((matter, "respond") for matter in matters)
    assert sound(*matters)
