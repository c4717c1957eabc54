"""Deciding: who may do what, and what follows. Nothing here touches a database."""

from dataclasses import replace
from uuid import UUID

import pytest

from mumian.engine.compiled import Compiled, Refusal
from mumian.engine.definition import read
from mumian.engine.scenarios import walk
from mumian.people.actor import ANYONE, SYSTEM, Actor
from mumian.record.canonical import commitment
from tests.engine.city import (
    ASSIGN,
    DISPATCHER,
    DISTRICT_DISPATCHER,
    FAR_WORKER,
    GARDENER,
    GRID,
    NEXT_WORKER,
    OFFICER,
    OTHER_DISPATCHER,
    OTHER_RESIDENT,
    OTHER_TOWN,
    PARKS,
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
    Course,
    assigned,
    at,
    changed,
    checking,
    made,
    reported,
    shipped,
    who_may,
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
