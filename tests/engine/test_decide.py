"""Deciding: who may do what, and what follows. Nothing here touches a database."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.engine.compiled import Compiled, Decision, Refusal
from mumian.engine.decide import decide, may
from mumian.engine.definition import read
from mumian.engine.parties import is_party, may_see
from mumian.engine.rules import Act, Open, Rules, Tell
from mumian.engine.scenarios import sample, walk
from mumian.people.actor import ANYONE, SYSTEM, Actor
from mumian.record.canonical import commitment
from tests.engine.city import (
    ASSIGN,
    CITY,
    CITY_DISPATCHER,
    DISPATCHER,
    DISTRICT,
    DISTRICT_DISPATCHER,
    EVERYONE,
    FAR_GRID,
    FAR_WORKER,
    GARDENER,
    GRID,
    NEXT_WORKER,
    OFFICER,
    OTHER_DISPATCHER,
    OTHER_RESIDENT,
    OTHER_TOWN,
    PARKS,
    PLAIN_CITY,
    PLAIN_DISPATCHER,
    PLAIN_GRID,
    PLAIN_TOWN,
    PLAIN_TOWN_DISPATCHER,
    REPORT,
    RESIDENT,
    SECOND_OFFICER,
    SECOND_WORKER,
    SUPERVISOR,
    TEAM_OFFICER,
    TOWN,
    WATER,
    WATER_TEAM,
    WORKER,
    ZONE,
    Course,
    assigned,
    at,
    changed,
    checking,
    made,
    reported,
    shipped,
    working,
)

# --- every definition -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scenario"),
    [(name, scenario) for name, source in shipped().items() for scenario in source.procedure.scenarios],
)
def test_every_scenario_of_every_shipped_definition_runs(name, scenario):
    procedure = shipped()[name].procedure
    result = walk(Compiled(procedure), procedure.scenarios[scenario])
    assert result.refused is None
    assert len(result.matters) == len(procedure.scenarios[scenario])


def test_a_scenario_that_cannot_be_walked_says_where_and_why():
    result = walk(made(), ["ask", "do", "do"])
    assert result.refused is not None
    action, refusal = result.refused
    assert (action, [reason.code for reason in refusal.reasons]) == ("do", ["state"])


# --- who may ----------------------------------------------------------------------------------------


def who_may(course: Course, action: str, **data) -> set[str]:
    return {actor.name for actor in EVERYONE if course.allows(action, actor, **data)}


def test_only_the_dispatcher_at_whose_desk_it_lies_assigns():
    course = reported()
    assert who_may(course, "assign", **ASSIGN) == {DISPATCHER.name}
    assert course.refusal("assign", DISTRICT_DISPATCHER, **ASSIGN) == ["not-yours"]


def test_those_who_may_not_see_it_are_told_nothing_of_its_state():
    """What one may not see and what does not exist give the same answer."""
    course = working()
    for action in ("assign", "accept", "withdraw", "report", "no-such-action"):
        for outsider in (OTHER_DISPATCHER, FAR_WORKER, GARDENER, OTHER_RESIDENT, ANYONE):
            assert course.refusal(action, outsider) == ["missing"]
    assert course.refusal("assign", DISPATCHER) == ["state"]


def test_an_officer_of_the_unit_or_of_one_below_it_handles():
    assert who_may(assigned(), "start") == {OFFICER.name, SECOND_OFFICER.name, TEAM_OFFICER.name}
    assert who_may(assigned(unit=WATER_TEAM), "start") == {TEAM_OFFICER.name}
    assert who_may(assigned(unit=PARKS), "start") == {GARDENER.name}


def test_a_worker_of_its_grid_checks():
    assert who_may(checking(), "accept") == {WORKER.name, SECOND_WORKER.name}


def test_a_matter_located_to_its_town_alone_is_checked_by_any_worker_of_the_town():
    course = reported(where=TOWN)
    course.act("assign", DISPATCHER, **ASSIGN)
    course.act("start", OFFICER)
    course.act("finish", OFFICER, result="已疏通")
    assert who_may(course, "accept") == {WORKER.name, SECOND_WORKER.name, NEXT_WORKER.name}


def test_who_has_handled_it_does_not_check_it_in_whatever_post():
    course = checking()
    same_person = replace(WORKER, person=OFFICER.person)
    assert course.refusal("accept", same_person) == ["not-yourself"]
    assert course.allows("accept", replace(WORKER, person=SECOND_OFFICER.person))


def test_a_program_in_a_vacant_post_does_not_check_what_it_has_handled():
    """A post without a person acts by a token; it is then known by the post."""
    vacant = replace(OFFICER, person=None)
    course = assigned()
    course.act("start", vacant)
    course.act("finish", vacant, result="已疏通")
    assert course.refusal("accept", replace(WORKER, person=None, post=vacant.post)) == ["not-yourself"]
    assert course.allows("accept", replace(WORKER, person=None))
    other = replace(SECOND_OFFICER, person=None)
    course.act("redo", WORKER, reason="仍堵")
    course.act("finish", other, result="已疏通")
    assert {(h.party, h.post) for h in course.matter.holders if h.person is None} == {
        ("handler", vacant.post),
        ("handler", other.post),
    }


def test_one_who_reported_by_name_comes_back_by_name():
    course = reported(RESIDENT)
    assert who_may(course, "withdraw") == {RESIDENT.name}


def test_one_who_reported_without_a_name_comes_back_by_the_secret_link_of_that_matter_and_party():
    course = reported(ANYONE)
    assert who_may(course, "withdraw") == set()
    assert course.allows("withdraw", Actor(bearer=(course.matter.id, "reporter")))
    assert not course.allows("withdraw", Actor(bearer=(course.matter.id, "checker")))
    assert not course.allows("withdraw", Actor(bearer=(UUID(int=2), "reporter")))


def test_a_worker_reports_what_lies_in_the_own_grid_or_as_a_person_anywhere():
    assert Course().act("report", WORKER, **REPORT).body["party"] == "reporter"
    only_post = changed(("by: asker", "by: doer"), ("what, unit]", "what, unit, where]"), (
        "form:\n", "form:\n  where: {type: place, title: {zh: 哪里, en: Where}}\n"
    ), ("post: officer, of: unit", "post: grid-worker, at: grid"))  # fmt: skip
    course = Course(Compiled(read(only_post).procedure))
    assert course.allows("ask", WORKER, what="树", unit=WATER, where=GRID)
    assert course.refusal("ask", FAR_WORKER, what="树", unit=WATER, where=GRID) == ["not-yours"]


def test_the_program_may_stand_for_any_party_and_the_entry_says_so():
    decision = reported().act("assign", SYSTEM, **ASSIGN)
    assert decision.body["via"] == "system"
    assert decision.body["party"] == "dispatcher"
    assert decision.holders == ()


def test_giving_another_place_does_not_make_one_a_party():
    """The place answered decides who may open a matter, never who may act on one that is there."""
    relocating = made(
        ("form:\n", "form:\n  where: {type: place, title: {zh: 哪里, en: Where}}\n"),
        ("asks: [what, unit]", "asks: [what, unit, where]"),
        ("post: officer, of: unit", "post: dispatcher, at: town"),
        ("  do:  {", "  move: {title: {zh: 改址, en: Move}, from: open, by: doer, asks: [where]}\n  do:  {"),
    )
    course = Course(relocating)
    course.act("ask", RESIDENT, what="树", unit=WATER, where=GRID)
    assert course.refusal("move", OTHER_DISPATCHER, where=OTHER_TOWN) == ["missing"]
    course.act("move", DISPATCHER, where=OTHER_TOWN)
    assert course.matter.place == OTHER_TOWN


def test_each_party_is_remembered_once():
    course = working()
    course.act("pause", OFFICER, reason="等料")
    course.act("resume", SECOND_OFFICER)
    assert [(h.party, h.person) for h in course.matter.holders] == [
        ("reporter", RESIDENT.person),
        ("dispatcher", DISPATCHER.person),
        ("handler", OFFICER.person),
        ("handler", SECOND_OFFICER.person),
    ]


# --- what is asked ----------------------------------------------------------------------------------


def test_what_is_not_an_action_is_refused_with_the_actions_there_are():
    decision = reported().decide("fly", DISPATCHER)
    assert isinstance(decision, Refusal)
    assert "send-up" in decision.reasons[0].en
    assert decision.reasons[0].code == "unknown-action"


def test_an_action_says_in_which_state_it_is_possible():
    decision = reported().decide("start", SYSTEM)
    assert isinstance(decision, Refusal)
    assert decision.reasons[0].zh == "事项现为“待派遣”，“开始办理”只能在“待受理”时进行"
    assert (
        decision.reasons[0].en
        == "The matter is “To be assigned”; “Start” is possible only when it is “Assigned”"
    )


def test_a_matter_is_opened_once_and_only_by_an_opening_action():
    assert reported().refusal("report", RESIDENT, **REPORT) == ["open"]
    assert Course().refusal("assign", DISPATCHER, **ASSIGN) == ["state"]


def test_everything_missing_or_wrong_in_a_form_is_told_at_once_with_its_field():
    decision = Course().decide("report", SYSTEM, where="999", colour="red", promised="soon")
    assert isinstance(decision, Refusal)
    assert {(reason.code, reason.field) for reason in decision.reasons} == {
        ("required", "what"),
        ("unfit", "where"),
        ("unfit", "promised"),
        ("not-asked", "colour"),
    }


def test_what_the_program_alone_fills_in_is_not_asked_of_people():
    """A resident cannot promise on a unit's behalf."""
    decision = Course().decide("report", RESIDENT, **REPORT, promised="2026-03-20T12:00:00+08:00")
    assert isinstance(decision, Refusal)
    assert [(reason.code, reason.field) for reason in decision.reasons] == [("not-asked", "promised")]


def test_an_outsider_learns_nothing_of_the_form():
    assert reported().refusal("assign", OTHER_DISPATCHER, category="no such") == ["missing"]


def test_an_optional_answer_may_be_left_out_or_empty():
    assert "remark" not in reported().act("assign", DISPATCHER, **ASSIGN, remark="  ").body["data"]


def test_a_condition_that_fails_says_so():
    course = working()
    course.matter = replace(course.matter, children_open=2)
    decision = course.decide("finish", OFFICER, result="已疏通")
    assert isinstance(decision, Refusal)
    assert [(r.code, r.en) for r in decision.reasons] == [
        ("children-done", "2 of its parts are not closed yet")
    ]


# --- what follows -----------------------------------------------------------------------------------


def test_answers_become_the_columns_of_the_matter():
    matter = assigned().matter
    assert (matter.place, matter.lon, matter.lat) == (GRID, 113.26, 23.1)
    assert (matter.category, matter.unit, matter.title) == ("02.05", WATER, "下水道堵塞")
    assert matter.data["what"] == REPORT["what"]


def test_personal_answers_are_committed_to_and_not_told_by_the_entry():
    decision = Course().act("report", RESIDENT, **REPORT, contact="13800000000")
    assert "13800000000" not in str(decision.body)
    assert "污水" not in str(decision.body)
    assert decision.body["data"].keys() == {"where"}
    for name, (salt, value) in decision.openings.items():
        assert decision.body["personal"][name] == commitment(value, bytes.fromhex(salt))
    assert decision.openings["contact"][1] == "13800000000"


def test_ending_gives_an_outcome_and_reopening_takes_it_back():
    course = checking()
    course.act("accept", WORKER, on="2026-03-03 10:00")
    assert (course.matter.state, course.matter.outcome) == ("closed", "fixed")
    assert course.matter.closed_at == at("2026-03-03 10:00")
    assert course.matter.due_at is None
    course.act("reopen", RESIDENT, on="2026-03-05 10:00", reason="又堵了")
    assert (course.matter.state, course.matter.outcome) == ("reported", "")
    assert course.matter.closed_at is None
    assert course.matter.opened_at == at("2026-03-02 09:00")


def test_within_is_kept_to_the_last_second():
    course = checking()
    course.act("accept", WORKER, on="2026-03-03 10:00")  # ten days later is Friday the 13th
    course.now = at("2026-03-13 23:59")
    assert course.allows("reopen", RESIDENT, reason="又堵了")
    course.now = at("2026-03-14 00:00")
    assert course.refusal("reopen", RESIDENT, reason="又堵了") == ["within"]


def test_within_counts_from_entering_the_state_and_not_from_what_was_done_in_it():
    course = checking()
    course.act("accept", WORKER, on="2026-03-03 10:00")
    course.act("rate", RESIDENT, on="2026-03-12 10:00", mark=5)
    assert course.matter.mark == 5
    course.now = at("2026-03-14 10:00")
    assert course.refusal("reopen", RESIDENT, reason="又堵了") == ["within"]


def test_files_are_told_with_their_field():
    photo = "a" * 64
    assert Course().act("report", RESIDENT, **REPORT, photos=[photo]).files == (("photos", photo),)


# --- the desk ---------------------------------------------------------------------------------------


def test_a_matter_sent_up_lies_on_the_desk_above_and_comes_down_again():
    course = reported()
    assert course.matter.desk == TOWN
    course.act("send-up", DISPATCHER, reason="超出权限")
    assert course.matter.desk == DISTRICT
    assert who_may(course, "assign", **ASSIGN) == {DISTRICT_DISPATCHER.name}
    course.act("send-up", DISTRICT_DISPATCHER, reason="超出权限")
    assert course.matter.desk == CITY
    course.act("send-down", CITY_DISPATCHER)
    course.act("send-down", DISTRICT_DISPATCHER)
    assert course.matter.desk == TOWN


def test_in_a_city_without_districts_a_towns_matter_goes_up_to_the_city_and_down_to_the_town():
    course = reported(where=PLAIN_GRID)
    assert course.matter.desk == PLAIN_TOWN
    course.act("send-up", PLAIN_TOWN_DISPATCHER, reason="超出权限")
    assert course.matter.desk == PLAIN_CITY
    course.act("send-down", PLAIN_DISPATCHER)
    assert course.matter.desk == PLAIN_TOWN


def test_nothing_is_sent_up_beyond_the_top_where_nobody_would_find_it():
    course = reported()
    course.world = replace(course.world, top=DISTRICT)
    course.act("send-up", DISPATCHER, reason="超出权限")
    assert course.refusal("send-up", DISTRICT_DISPATCHER, reason="超出权限") == ["desk"]


def test_nothing_is_sent_down_below_its_place():
    course = reported(where=TOWN)
    assert course.refusal("send-down", DISPATCHER) == ["desk"]


def test_a_matter_moved_to_another_town_lies_on_a_desk_there():
    relocating = made(
        ("form:\n", "form:\n  where: {type: place, title: {zh: 哪里, en: Where}}\n"),
        ("by: asker, asks: [what, unit]", "by: asker, asks: [what, unit, where], desk: town"),
        ("post: officer, of: unit", "post: dispatcher, at: desk"),
        ("  do:  {", "  move: {title: {zh: 改址, en: Move}, from: open, by: doer, asks: [where]}\n  do:  {"),
    )
    course = Course(relocating)
    course.act("ask", RESIDENT, what="树", unit=WATER, where=GRID)
    course.act("move", DISPATCHER, where=FAR_GRID)
    assert course.matter.desk == OTHER_TOWN
    assert who_may(course, "do") == {OTHER_DISPATCHER.name}


# --- clocks -----------------------------------------------------------------------------------------


def test_a_clock_takes_its_limit_from_the_kind_or_one_above_it_or_the_default():
    course = assigned(category="02.05")
    assert (course.due("resolve"), course.matter.clocks["resolve"].origin) == ("2026-03-09 23:59", "02.05")
    assert (course.due("respond"), course.matter.clocks["respond"].origin) == ("2026-03-02 16:00", "default")
    course = assigned(category="01.01")
    assert (course.due("respond"), course.matter.clocks["respond"].limit) == (
        "2026-03-02 10:30",
        "30 minutes",
    )
    assert course.due("resolve") == "2026-03-05 18:00"  # 3 working days of 01


def test_a_kind_from_a_fields_own_catalogue_takes_its_limit_there():
    own = made(
        ("form:\n", "form:\n  kind: {type: kind, catalogue: own, title: {zh: 类, en: Kind}}\n"),
        ("asks: [what, unit]", "asks: [what, unit, kind]"),
        ("limit: 5 working days", "limit: {by: kind, default: 5 working days}"),
    )
    course = Course(own)
    course.world = replace(
        course.world,
        known=replace(course.world.known, kind=lambda catalogue, code: catalogue == "own"),
        limit_of=lambda catalogue, kind, clock: "1 working day" if catalogue == "own" else None,
    )
    course.act("ask", RESIDENT, what="树", unit=WATER, kind="x")
    assert course.due("do") == "2026-03-03 18:00"


def test_a_promised_time_is_the_due_time():
    course = reported(SYSTEM, promised="2026-03-20T12:00:00+08:00")
    course.act("assign", DISPATCHER, **ASSIGN)
    run = course.matter.clocks["resolve"]
    assert (course.due("resolve"), run.limit, run.origin) == ("2026-03-20 12:00", "", "promised")
    course.act("start", OFFICER)
    course.act("pause", OFFICER, on="2026-03-10 09:00", reason="等料")
    course.act("resume", OFFICER, on="2026-03-12 09:00")
    assert course.due("resolve") == "2026-03-22 12:00"


def test_a_promise_already_broken_rings_from_the_start_and_is_not_mended_by_a_pause():
    course = reported(SYSTEM, promised="2026-02-20T12:00:00+08:00")
    course.act("assign", DISPATCHER, on="2026-03-02 10:00", **ASSIGN)
    run = course.matter.clocks["resolve"]
    assert run.ring_at is not None
    assert run.ring_at >= run.started_at
    course.act("ring", clock="resolve")
    assert course.matter.clocks["resolve"].ring_at == run.started_at
    course.act("start", OFFICER)
    course.act("pause", OFFICER, on="2026-03-10 09:00", reason="等料")
    course.act("resume", OFFICER, on="2026-03-12 09:00")
    assert course.due("resolve") == "2026-02-20 12:00"


def test_a_clock_that_stopped_in_time_stays_stopped():
    course = checking()
    course.act("accept", WORKER, on="2026-03-06 17:00")
    runs = course.matter.clocks
    assert {name: run.stopped_at for name, run in runs.items()} == {
        "dispatch": at("2026-03-02 10:00"),
        "respond": at("2026-03-02 11:00"),
        "resolve": at("2026-03-02 14:00"),
        "check": at("2026-03-06 17:00"),
    }
    assert not any(run.running or run.ring_at for run in runs.values())
    assert [name for name, run in runs.items() if run.late(course.now)] == ["check"]
    assert course.matter.late


def test_after_redoing_the_clock_goes_on_with_the_time_it_had():
    course = checking()
    due = course.due("resolve")
    course.act("redo", WORKER, on="2026-03-04 10:00", reason="仍堵")
    run = course.matter.clocks["resolve"]
    assert run.running
    assert course.due("resolve") == due
    assert course.matter.due_at == run.due_at
    assert not course.matter.clocks["respond"].running


def test_after_reopening_the_clocks_start_anew():
    course = checking()
    course.act("accept", WORKER, on="2026-03-03 10:00")
    course.act("reopen", RESIDENT, on="2026-03-05 10:00", reason="又堵了")
    assert course.due("dispatch") == "2026-03-05 12:00"
    course.act("assign", DISPATCHER, on="2026-03-05 11:00", **ASSIGN)
    assert course.matter.clocks["resolve"].started_at == at("2026-03-05 11:00")
    assert course.due("resolve") == "2026-03-12 23:59"


def test_a_void_clock_is_neither_kept_nor_broken():
    course = assigned()
    course.act("refuse", OFFICER, on="2026-03-20 10:00", reason="不属本单位")  # long after both were due
    for name in ("respond", "resolve"):
        run = course.matter.clocks[name]
        assert not run.running
        assert run.due_at is None
        assert not run.late(course.now)
    assert not course.matter.late
    course.act("assign", DISPATCHER, on="2026-03-20 11:00", **ASSIGN)
    assert course.matter.clocks["resolve"].started_at == at("2026-03-20 11:00")


def test_the_matter_is_due_when_the_first_of_its_running_clocks_is():
    course = assigned()
    assert course.matter.due_at == course.matter.clocks["respond"].due_at
    course.act("start", OFFICER)
    assert course.matter.due_at == course.matter.clocks["resolve"].due_at
    course.act("pause", OFFICER, reason="等料")
    assert course.matter.due_at is None


def test_a_pause_holds_the_clock_and_resuming_gives_the_time_back():
    course = working()  # 7 days from Monday 2 March: Monday 9 March
    course.act("pause", OFFICER, on="2026-03-03 10:00", reason="等料")
    run = course.matter.clocks["resolve"]
    assert (run.running, run.ring_at, run.pause_reason) == (False, None, "等料")
    decision = course.act("resume", OFFICER, on="2026-03-05 10:00")
    assert course.due("resolve") == "2026-03-11 23:59"
    assert course.matter.clocks["resolve"].changes == [
        {
            "since": at("2026-03-03 10:00").isoformat(),
            "until": at("2026-03-05 10:00").isoformat(),
            "reason": "等料",
        }
    ]
    assert decision.body["clocks"]["resolve"]["due"] == "2026-03-11T15:59:59.000000Z"


def test_an_extension_moves_the_due_time_and_lets_it_ring_anew():
    course = working()
    for _ in range(3):
        course.now = at("2026-04-01 09:00")
        course.act("ring", clock="resolve")
    assert course.matter.clocks["resolve"].ring_at is None
    assert course.refusal("extend", SUPERVISOR, reason="工程量大") == [
        "not-yours"
    ]  # it has gone up to the district
    course.act("extend", reason="工程量大")
    assert course.due("resolve") == "2026-03-16 23:59"  # 5 working days from Monday 9 March
    assert course.matter.clocks["resolve"].ring_at is not None


def test_an_extension_while_paused_counts_and_does_not_wake_the_clock():
    pausable = made(
        ("  do:  {", "  hold: {title: {zh: 停, en: Hold}, from: open, by: doer, pauses: do}\n"
         "  go: {title: {zh: 续, en: Go}, from: open, by: doer, resumes: do}\n"
         "  more: {title: {zh: 延, en: More}, from: open, by: doer, extends: {do: 2 working days}}\n  do:  {"),
    )  # fmt: skip
    course = Course(pausable)
    course.act("ask", RESIDENT, what="树", unit=WATER)
    assert course.due("do") == "2026-03-09 18:00"
    course.act("hold", OFFICER, on="2026-03-03 10:00")
    course.act("more", OFFICER, on="2026-03-04 10:00")
    assert not course.matter.clocks["do"].running
    assert course.matter.clocks["do"].ring_at is None
    course.act("go", OFFICER, on="2026-03-05 10:00")
    assert course.due("do") == "2026-03-13 18:00"  # five days, two more, and two that were paused


def test_an_extension_is_of_as_many_days_as_an_answer_says():
    longer = made(
        ("form:\n", "form:\n  days: {type: integer, min: 1, max: 30, title: {zh: 天数, en: Days}}\n"),
        ("  do:  {", "  wait: {title: {zh: 延, en: Wait}, from: open, by: doer, asks: [days], "
         "extends: {do: {days: days}}}\n  do:  {"),
        ("limit: 5 working days", "limit: 5 days"),
    )  # fmt: skip
    course = Course(longer)
    course.act("ask", RESIDENT, what="树", unit=WATER)
    assert course.due("do") == "2026-03-09 23:59"  # the 7th is a Saturday
    assert course.refusal("wait", OFFICER, days=31) == ["unfit"]
    decision = course.act("wait", OFFICER, days=4)
    assert course.due("do") == "2026-03-11 23:59"
    assert decision.body["clocks"]["do"]["extended"] == "4 days"


def test_a_clock_stopped_while_paused_was_stopped_when_the_pause_began():
    course = Course(
        made(("  do:  {", "  hold: {title: {zh: 停, en: Hold}, from: open, by: doer, pauses: do}\n  do:  {"))
    )
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.act("hold", OFFICER, on="2026-03-06 10:00")
    course.act("do", OFFICER, on="2026-03-20 10:00")
    assert course.matter.clocks["do"].stopped_at == at("2026-03-06 10:00")
    assert not course.matter.late


def test_a_clock_may_be_left_out_by_an_answer():
    unless = made(
        ("form:\n", "form:\n  past: {type: yesno, required: false, title: {zh: 往年, en: Past}}\n"),
        ("asks: [what, unit]", 'asks: [what, unit, "past?"]'),
        ("limit: 5 working days", "limit: {unless: past, default: 5 working days}"),
    )
    course = Course(unless)
    course.act("ask", RESIDENT, what="树", unit=WATER, past=True)
    assert course.matter.clocks == {}
    course = Course(unless)
    course.act("ask", RESIDENT, what="树", unit=WATER, past=False)
    assert course.matter.clocks.keys() == {"do"}


def test_a_rule_may_reckon_a_limit():
    compiled = made(("limit: 5 working days", "limit: {rule: by-length}"))
    rules = Rules()

    @rules.limit("by-length")
    def by_length(around):
        return at("2026-03-10 12:00") + timedelta(hours=len(around.matter.data["what"]))

    course = Course(compiled)
    course.world = replace(course.world, rules=rules)
    course.act("ask", RESIDENT, what="两棵树", unit=WATER)
    assert (course.due("do"), course.matter.clocks["do"].origin) == ("2026-03-10 15:00", "by-length")


def test_what_the_calendar_does_not_reach_refuses_the_act_and_raises_nothing():
    course = Course()
    course.now = at("1999-03-02 09:00")
    assert course.refusal("report", RESIDENT, **REPORT) == ["calendar"]


def test_an_escalation_beyond_the_calendar_is_left_out():
    course = reported(SYSTEM, promised="2045-12-31T12:00:00+08:00")
    course.act("assign", DISPATCHER, **ASSIGN)
    assert [what for _, what in rings(course, "resolve", "2100-01-01 00:00")] == ["warns", "ring 0"]


# --- ringing ----------------------------------------------------------------------------------------


def rings(course: Course, clock: str, until: str) -> list[tuple[str, str]]:
    """Lets a clock ring whenever its time has come; when each rang, and what its entry says."""
    heard = []
    while (time := course.matter.clocks[clock].ring_at) and time <= at(until):
        course.now = time
        body = course.act("ring", clock=clock).body
        said = "warns" if "warns" in body else f"ring {body['ring']}"
        heard.append((f"{time.astimezone(ZONE):%m-%d %H:%M}", said))
    return heard


def test_a_clock_warns_then_rings_then_escalates_and_then_is_silent():
    course = working()
    assert rings(course, "resolve", "2026-12-31 00:00") == [
        ("03-08 23:59", "warns"),  # a day before
        ("03-09 23:59", "ring 0"),
        ("03-10 18:00", "ring 1"),  # one working day after
    ]
    assert course.matter.desk == DISTRICT  # the last one moved it up
    assert course.refusal("ring", clock="resolve") == ["silent"]


def test_rings_tell_whom_the_definition_names():
    course = reported()
    course.now = at("2026-03-02 11:00")
    assert course.act("ring", clock="dispatch").effects == (Tell(("dispatcher",), "ring"),)
    course.now = at("2026-03-02 17:00")
    assert course.act("ring", clock="dispatch").effects == (Tell(("supervisor",), "ring"),)


def test_a_clock_rings_neither_early_nor_for_anybody_but_the_program():
    course = reported()
    course.now = at("2026-03-02 10:59")
    assert course.refusal("ring", clock="dispatch") == ["silent"]
    assert course.refusal("ring", clock="no-such") == ["silent"]
    course.now = at("2026-03-02 11:00")
    assert course.refusal("ring", ADMINISTRATOR_LIKE, clock="dispatch") == ["system"]


ADMINISTRATOR_LIKE = replace(DISPATCHER, role="administrator")


def test_a_clock_may_act_by_itself():
    course = Course(made(("limit: 5 working days", "limit: 5 working days, rings: [{act: do}]")))
    course.act("ask", RESIDENT, what="树", unit=WATER)
    course.now = at("2026-03-09 18:00")
    assert course.act("ring", clock="do").effects == (Act(course.matter.id, "do", {}),)


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


def task() -> Course:
    course = Course("joint-task", parent=UUID(int=9))
    course.act("ask", unit=PARKS, task="清淤", where=GRID)
    return course


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


# --- comments ---------------------------------------------------------------------------------------


def test_who_sees_a_matter_may_say_something_and_it_stays_out_of_the_chain():
    course = reported()
    decision = course.act("comment", SUPERVISOR, text=" 请\x00尽快 ")
    assert decision.openings["text"][1] == "请尽快"
    assert "尽快" not in str(decision.body)
    assert course.matter.state == "reported"
    assert course.refusal("comment", OTHER_DISPATCHER, text="请尽快") == ["missing"]
    assert course.refusal("comment", ANYONE, text="请尽快") == ["missing"]


@pytest.mark.parametrize("text", ["", "  ", "\x00", "长" * 2001, None])
def test_a_comment_has_words_and_not_too_many(text):
    assert reported().refusal("comment", DISPATCHER, text=text) == ["required"]


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


# --- what always holds ------------------------------------------------------------------------------

COURSES = [Course(), reported(), reported(ANYONE), assigned(), working(), checking(), task()]
actors = st.sampled_from([*EVERYONE, SYSTEM, Actor(bearer=(UUID(int=1), "reporter"))])
minutes = st.integers(0, 60 * 24 * 30).map(lambda count: timedelta(minutes=count))


@st.composite
def attempts(draw):
    """Somebody tries something on some matter, with answers that mostly fit."""
    course = draw(st.sampled_from(COURSES))
    definition = course.compiled.definition
    action = draw(
        st.sampled_from([*definition.actions, "comment", "ring", "child", "merged", "migrate", "none"])
    )
    spec = definition.actions.get(action)
    names = [name.removesuffix("?") for name in spec.asks] if spec else ["clock", "text", "matter"]
    known = {
        "clock": "dispatch",
        "text": "请尽快",
        "matter": UUID(int=9).hex,
        "unit": WATER,
        "units": [PARKS],
        "where": GRID,
    }
    given = draw(
        st.sets(st.sampled_from(names)) if spec and names and draw(st.booleans()) else st.just(names)
    )
    data = {name: known.get(name) or sample(definition.form[name]) for name in given}
    return course, action, draw(actors), data, course.now + draw(minutes)


@settings(max_examples=300)
@given(attempts())
def test_deciding_changes_nothing_it_is_given(attempt):
    course, action, actor, data, now = attempt
    before, answers = deepcopy(course.matter), deepcopy(data)
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    assert course.matter == before
    assert data == answers
    if isinstance(decision, Decision):
        assert decision.matter is not course.matter
        assert (decision.matter.seq, decision.matter.head) == (before.seq, before.head)


@settings(max_examples=300)
@given(attempts())
def test_what_follows_is_always_in_order(attempt):
    course, action, actor, data, now = attempt
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    if isinstance(decision, Refusal):
        assert decision.reasons
        assert all(reason.code and reason.zh.strip() and reason.en.strip() for reason in decision.reasons)
        return
    after, states = decision.matter, course.compiled.states
    assert after.state in states
    assert (after.closed_at is not None) is states[after.state].final
    dues = [run.due_at for run in after.clocks.values() if run.running and run.due_at]
    assert after.due_at == min(dues, default=None)
    for run in after.clocks.values():
        assert run.ring_at is None or (run.running and run.ring_at >= run.started_at)
        assert not (states[after.state].final and run.running)


@settings(max_examples=300)
@given(attempts())
def test_what_is_done_could_have_been_offered_and_was_the_actors_to_do(attempt):
    course, action, actor, data, now = attempt
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    spec = course.compiled.definition.actions.get(action)
    if isinstance(decision, Refusal) or spec is None:
        return
    assert may(course.compiled, course.matter, action, actor=actor, now=now, world=course.world) is None
    party = decision.body["party"]
    assert party in spec.by
    assert actor.system or not course.matter.state or is_party(course.compiled, course.matter, party, actor)


@settings(max_examples=300)
@given(attempts())
def test_one_who_neither_sees_a_matter_nor_is_a_party_of_it_always_gets_the_same_answer(attempt):
    course, action, actor, data, now = attempt
    parties = course.compiled.definition.parties
    if not course.matter.state or may_see(course.compiled, course.matter, actor):
        return
    if any(is_party(course.compiled, course.matter, party, actor) for party in parties):
        return
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    assert isinstance(decision, Refusal)
    programs = action in ("ring", "child", "merged", "migrate")
    assert [reason.code for reason in decision.reasons] == ["system" if programs else "missing"]
