"""Clocks and desks, as actions and states turn them; every due time worked out by hand."""

from dataclasses import replace
from datetime import timedelta

from mumian.engine.rules import Act, Rules, Tell
from mumian.people.actor import SYSTEM
from tests.engine.city import (
    ASSIGN,
    CITY,
    CITY_DISPATCHER,
    DISPATCHER,
    DISTRICT,
    DISTRICT_DISPATCHER,
    FAR_GRID,
    GRID,
    OFFICER,
    OTHER_DISPATCHER,
    OTHER_TOWN,
    PLAIN_CITY,
    PLAIN_DISPATCHER,
    PLAIN_GRID,
    PLAIN_TOWN,
    PLAIN_TOWN_DISPATCHER,
    REPORT,
    RESIDENT,
    SUPERVISOR,
    TOWN,
    WATER,
    WORKER,
    ZONE,
    Course,
    assigned,
    at,
    checking,
    made,
    reported,
    who_may,
    working,
)

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
