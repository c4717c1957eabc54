"""What one matter brings about on another, and what a new version of its procedure does to it."""

from dataclasses import replace
from uuid import UUID

import pytest

from mumian.engine.rules import Act, Open
from mumian.people.actor import SYSTEM
from tests.engine.city import (
    DISPATCHER,
    GARDENER,
    OFFICER,
    PARKS,
    RESIDENT,
    WATER,
    WATER_TEAM,
    Course,
    at,
    made,
    reported,
    task,
    working,
)

# --- children and merging ---------------------------------------------------------------------------


def test_each_unit_asked_to_join_in_gets_a_matter_of_its_own():
    course = working()
    decision = course.act("join", OFFICER, units=[PARKS, WATER_TEAM], task="清淤")
    where = course.matter.data["where"]
    assert decision.effects == (
        Open("joint-task", "ask", {"task": "清淤", "where": where, "unit": PARKS}, PARKS),
        Open("joint-task", "ask", {"task": "清淤", "where": where, "unit": WATER_TEAM}, WATER_TEAM),
    )
    assert course.matter.children_open == 2
    assert course.refusal("finish", OFFICER, result="已疏通") == ["children-done"]
    for _ in range(2):
        course.act("child", matter=UUID(int=9).hex, outcome="done")
    assert course.matter.children_open == 0
    assert course.allows("finish", OFFICER, result="已疏通")


def test_a_child_that_ends_tells_its_parent_once():
    course = task()
    decision = course.act("answer", GARDENER, answer="已清")
    assert Act(UUID(int=9), "child", {"matter": course.matter.id.hex, "outcome": "done"}) in decision.effects


def test_a_child_reopened_is_open_for_its_parent_again():
    again = made(
        ("  do:  {", "  again: {title: {zh: 重开, en: Again}, from: [closed, dropped], to: open, by: doer, within: 5 days}\n"
         "  undo: {title: {zh: 改判, en: Undo}, from: closed, to: dropped, by: doer, within: 5 days, outcome: done}\n  do:  {"),
        ("  closed: {", "  dropped: {title: {zh: 弃, en: Dropped}, final: true}\n  closed: {"),
    )  # fmt: skip
    course = Course(again, parent=UUID(int=9))
    course.act("ask", RESIDENT, what="树", unit=WATER)
    assert [e for e in course.act("do", OFFICER).effects if isinstance(e, Act)] != []
    assert [
        e for e in course.act("undo", OFFICER).effects if isinstance(e, Act)
    ] == []  # it was ended already
    (told,) = course.act("again", OFFICER).effects
    assert told == Act(UUID(int=9), "child", {"matter": course.matter.id.hex, "again": True})
    parent = working()
    parent.act("child", matter=course.matter.id.hex, again=True)
    assert parent.matter.children_open == 1


def test_merging_counts_the_reports_of_both():
    course = reported()
    course.matter = replace(course.matter, reports=3)
    original = UUID(int=7)
    decision = course.act("merge", DISPATCHER, original=str(original))
    assert Act(original, "merged", {"matter": course.matter.id.hex, "reports": 3}) in decision.effects
    assert (course.matter.outcome, course.matter.merged_into) == ("duplicate", original)
    other = reported()
    assert other.act("merged", matter=course.matter.id.hex, reports=3).body["reports"] == 4
    assert other.matter.reports == 4


def test_what_was_merged_itself_takes_in_nothing():
    """So no circle of matters each said to be the same as the next is ever closed."""
    course = reported()
    course.act("merge", DISPATCHER, original=UUID(int=7).hex)
    assert course.refusal("merged", matter=UUID(int=7).hex, reports=1) == ["merged"]


def test_a_merged_matter_reopened_stands_for_itself_again():
    course = reported()
    course.act("merge", DISPATCHER, original=UUID(int=7).hex)
    course.act("reopen", RESIDENT, reason="不是同一件")
    assert course.matter.merged_into is None
    assert course.allows("merged", SYSTEM, matter=UUID(int=8).hex, reports=1)


@pytest.mark.parametrize("action", ["ring", "child", "merged", "migrate"])
def test_what_only_the_program_does_is_closed_to_people(action):
    assert reported().refusal(action, DISPATCHER, matter=UUID(int=1).hex, clock="dispatch") == ["system"]


# --- going over to a new version --------------------------------------------------------------------

RENAMED = (
    ("  open:   {title: {zh: 在办, en: Open}}", "  waiting: {title: {zh: 待办, en: Waiting}}"),
    ("to: open, by", "to: waiting, by"),
    ("from: open, to: closed", "from: waiting, to: closed"),
    (
        "  do: {title: {zh: 办理, en: Do}, from: open, until",
        "  finish: {title: {zh: 办理, en: Do}, from: waiting, until",
    ),
    ("keep:", "migrate: {open: waiting}\nkeep:"),
)


def test_a_matter_goes_over_to_a_new_version_by_the_map_of_its_states():
    course = Course(made())
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.compiled = made(*RENAMED, version=2)
    decision = course.act("migrate", on="2026-03-03 09:00")
    assert decision.body.pop("clocks").keys() == {"finish"}
    assert decision.body == {"from": 1, "version": 2, "state": "waiting"}
    assert (course.matter.version, course.matter.state) == (2, "waiting")
    begun = course.matter.clocks["finish"]  # which the new version brings
    assert (begun.started_at, course.matter.due_at) == (at("2026-03-03 09:00"), begun.due_at)
    run = course.matter.clocks["do"]  # which the new version does not know
    assert (run.stopped_at, run.due_at, run.ring_at) == (at("2026-03-03 09:00"), None, None)
    assert course.allows("do", OFFICER)


def test_a_clock_that_had_stopped_keeps_its_story_when_the_new_version_drops_it():
    course = Course(made())
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.act("do", OFFICER, on="2026-03-04 09:00")
    before = course.matter.clocks["do"]
    course.compiled = made(*RENAMED, version=2)
    course.act("migrate", on="2026-03-05 09:00")
    assert course.matter.clocks["do"] == before


def test_a_state_the_new_version_does_not_know_refuses_the_move():
    course = Course(made())
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.compiled = made(*RENAMED[:-1], version=2)
    assert course.refusal("migrate") == ["state"]


def test_moving_neither_ends_a_matter_nor_begins_it_again():
    course = Course(made())
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.compiled = made(*RENAMED[:-1], ("keep:", "migrate: {open: closed}\nkeep:"), version=2)
    assert course.refusal("migrate") == ["state"]


def test_a_matter_is_not_moved_to_the_version_it_has():
    assert reported().refusal("migrate") == ["version"]
