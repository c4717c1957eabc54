"""Performing: what is decided is stored, whole or not at all, in one transaction for one act or for many."""

from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine import counting, few, storing, world
from mumian.engine import perform as performing
from mumian.engine.decide import decide
from mumian.engine.definition import read
from mumian.engine.models import Attachment, Clock, Holder, Matter
from mumian.engine.numbers import read_number
from mumian.engine.perform import Act, Done, Refused, Result, keyed_id, new_id, perform, rehearse
from mumian.engine.publishing import publish
from mumian.engine.storing import load
from mumian.record.chain import START, link
from mumian.record.chain import Entry as Link
from mumian.record.models import Entry, Personal
from mumian.record.verifying import verify_all
from tests.engine.city import (
    ASSIGN,
    DISPATCHER,
    GARDENER,
    GRID,
    MONDAY,
    OFFICER,
    OTHER_DISPATCHER,
    PARKS,
    REPORT,
    RESIDENT,
    TOWN,
    WATER,
    WATER_TEAM,
    WORKER,
    at,
    changed,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("city")

FINISH = {"result": "已疏通"}


def do(*acts: Act, now=MONDAY, quiet=True) -> list[Result]:
    return perform(acts, now=now, quiet=quiet)


def done(*acts: Act, now=MONDAY, quiet=True) -> list[Done]:
    """Does what must be allowed."""
    results = do(*acts, now=now, quiet=quiet)
    assert all(isinstance(result, Done) for result in results), results
    return [result for result in results if isinstance(result, Done)]


def codes(result: Result) -> list[str]:
    assert isinstance(result, Refused), result
    return [reason.code for reason in result.reasons]


def report(**more) -> Act:
    return Act(
        "report", more.pop("actor", RESIDENT), {**REPORT, **more.pop("data", {})}, opens="grid-event", **more
    )


def opened(**more) -> UUID:
    return done(report(**more))[0].matter


def assigned() -> UUID:
    matter = opened()
    done(Act("assign", DISPATCHER, ASSIGN, matter))
    return matter


def loop(matter: UUID) -> list[Act]:
    """The acts that bring a reported matter to its end."""
    return [
        Act("assign", DISPATCHER, ASSIGN, matter),
        Act("start", OFFICER, {}, matter),
        Act("finish", OFFICER, FINISH, matter),
        Act("accept", WORKER, {}, matter),
    ]


def entries(matter: UUID) -> list[Entry]:
    return list(Entry.objects.filter(subject=matter).order_by("seq"))


def actions(matter: UUID) -> list[str]:
    return [entry.action for entry in entries(matter)]


def stored() -> tuple[int, ...]:
    return tuple(
        table.objects.count() for table in (Matter, Entry, Personal, Clock, Holder, ProcrastinateJob)
    )


# --- what is stored ---------------------------------------------------------------------------------


def test_a_report_is_a_matter_with_its_first_entry_its_clock_and_its_reporter():
    (result,) = done(report(channel="web"))
    row = Matter.objects.get(pk=result.matter)
    assert result == Done(row.id, row.number, 1, "reported")
    assert read_number(row.number) == row.number
    assert (row.state, row.seq, row.place, row.desk, row.title, row.channel) == (
        "reported", 1, GRID, TOWN, "下水道堵塞", "web",
    )  # fmt: skip
    assert (row.lon, row.lat) == (113.26, 23.1)
    assert (row.opened_at, row.entered_at, row.closed_at) == (MONDAY, MONDAY, None)
    (clock,) = row.clocks.all()
    assert (clock.name, clock.due_at, clock.ring_at) == ("dispatch", row.due_at, at("2026-03-02 11:00"))
    (holder,) = row.holders.all()
    assert (holder.party, holder.person) == ("reporter", RESIDENT.person)
    (entry,) = entries(row.id)
    assert (entry.action, entry.person, entry.at) == ("report", RESIDENT.person, MONDAY)


def test_entries_are_chained_from_the_first_to_the_head_of_the_matter():
    matter = opened()
    done(*loop(matter))
    before = START
    for n, row in enumerate(entries(matter), 1):
        assert row.seq == n
        entry = Link(row.subject, row.seq, row.at, row.action, row.person, row.post, row.body, row.key)
        before = link(entry, before)
        assert bytes(row.hash) == before
    assert bytes(Matter.objects.get(pk=matter).head) == before


def test_personal_answers_are_kept_beside_the_entry_and_can_be_erased():
    matter = opened(data={"contact": "13800000000"})
    assert "13800000000" not in str(entries(matter)[0].body)
    kept = Personal.objects.get(subject=matter, seq=1)
    assert kept.openings["contact"][1] == "13800000000"
    kept.delete()
    assert actions(matter) == ["report"]


def test_a_batch_does_its_acts_in_their_order():
    matter = opened()
    results = done(*loop(matter))
    assert [result.seq for result in results] == [2, 3, 4, 5]
    assert [result.state for result in results] == ["assigned", "working", "checking", "closed"]
    assert actions(matter) == ["report", "assign", "start", "finish", "accept"]


def test_acts_on_several_matters_may_be_mixed_in_one_batch_with_their_opening():
    ids = [new_id() for _ in range(3)]
    acts = [report(matter=matter) for matter in ids]
    for steps in zip(*(loop(matter) for matter in ids), strict=True):
        acts += steps
    done(*acts)
    for matter in ids:
        assert actions(matter) == ["report", "assign", "start", "finish", "accept"]
        assert Matter.objects.get(pk=matter).outcome == "fixed"


def test_an_act_refused_in_the_middle_holds_up_nothing_else():
    one, other = opened(), opened()
    assign, start, finish, accept = loop(one)
    results = do(
        assign, start, Act("accept", WORKER, {}, one), finish, Act("assign", OFFICER, ASSIGN, other), accept
    )
    assert [isinstance(result, Done) for result in results] == [True, True, False, True, False, True]
    assert codes(results[2]) == ["state"]
    assert actions(one) == ["report", "assign", "start", "finish", "accept"]
    assert actions(other) == ["report"]


def test_what_follows_a_refused_opening_is_refused_too():
    matter = new_id()
    results = do(report(matter=matter, data={"what": ""}), *loop(matter), report())
    assert codes(results[0]) == ["required"]
    assert [codes(result) for result in results[1:5]] == [["missing"]] * 4
    assert isinstance(results[5], Done)


@pytest.mark.parametrize("count", [3, 120])
def test_whatever_is_written_comes_back_the_same_by_insert_and_by_copy(count):
    words = "a\\b\tc\nd\"e'f\u2028{}\\N 👨‍👩‍👧 \U0002ebf0 %s $1 \\x41"
    acts = [
        report(
            data={"what": f"{n} {words}", "where": {"place": GRID, "address": words}, "contact": words},
            channel="a\\b",
        )
        for n in range(count)
    ]
    results = done(*acts)
    for n in (0, count - 1):
        matter = load([results[n].matter])[results[n].matter]
        assert matter.data["what"] == f"{n} {words}"
        assert matter.data["where"]["address"] == words
        assert matter.title == f"{n} a\\b\tc"
        assert matter.channel == "a\\b"
        (entry,) = entries(matter.id)
        assert entry.body["data"]["where"]["address"] == words
        assert Personal.objects.get(subject=matter.id, seq=1).openings["contact"][1] == words


def test_a_matter_loaded_is_the_matter_that_was_stored():
    matter = assigned()
    done(Act("start", OFFICER, {}, matter), Act("pause", OFFICER, {"reason": "等料"}, matter))
    again = load([matter])[matter]
    done(Act("resume", OFFICER, {}, matter), now=MONDAY + timedelta(hours=30))
    later = load([matter])[matter]
    assert again.clocks["resolve"].pause_reason == "等料"
    assert [change["reason"] for change in later.clocks["resolve"].changes] == ["等料"]
    assert asdict(
        replace(again, clocks={}, holders=(), state="", seq=0, head=b"", due_at=None, entered_at=None)
    ) == asdict(
        replace(later, clocks={}, holders=(), state="", seq=0, head=b"", due_at=None, entered_at=None)
    )
    assert load([new_id()]) == {}


def test_a_file_is_attached_once_however_often_it_comes():
    photo, other = "a" * 64, "b" * 64
    matter = opened(data={"photos": [photo, other]})
    done(*loop(matter)[:2], Act("finish", OFFICER, {**FINISH, "photos_after": [photo]}, matter))
    rows = Attachment.objects.filter(matter_id=matter).order_by("sha256")
    assert [(row.sha256, row.seq, row.field) for row in rows] == [(photo, 1, "photos"), (other, 1, "photos")]


def test_what_was_done_earlier_is_stored_as_of_then():
    when = at("2026-02-03 09:00")
    matter = new_id()
    done(report(matter=matter, at=when), loop(matter)[0]._replace(at=when + timedelta(days=20)))
    row = Matter.objects.get(pk=matter)
    assert (row.opened_at, row.entered_at) == (when, when + timedelta(days=20))
    assert row.late
    assert [entry.at for entry in entries(matter)] == [when, when + timedelta(days=20)]


def test_nothing_done_is_nothing_stored():
    assert do() == []


# --- keys and what was seen -------------------------------------------------------------------------


def test_the_same_key_opens_one_matter():
    first, second = done(report(key="k"), report(key="k"))
    (third,) = done(report(key="k", data={"what": "别的"}))
    assert not first.repeated
    assert second == third == first._replace(repeated=True)
    assert Matter.objects.count() == 1
    assert done(report(key="k", actor=OTHER_DISPATCHER))[0].matter != first.matter


def test_the_same_key_is_one_act_and_is_answered_with_its_seq():
    matter = assigned()
    start = Act("start", OFFICER, {}, matter, key="k")
    first, second = done(start, start)
    done(Act("finish", OFFICER, FINISH, matter, key="other"))
    (third,) = done(start)
    assert (first.seq, second.seq, third.seq) == (3, 3, 3)
    assert (first.repeated, second.repeated, third.repeated) == (False, True, True)
    assert third.state == "checking"  # as the matter is now
    assert actions(matter) == ["report", "assign", "start", "finish"]


def test_a_refused_act_does_not_use_up_its_key():
    matter = opened()
    start = Act("start", OFFICER, {}, matter, key="k")
    assert codes(do(start)[0]) == ["missing"]
    results = do(start, loop(matter)[0], start)
    assert [isinstance(result, Done) for result in results] == [False, True, True]


def test_an_act_taken_back_does_not_use_up_its_key():
    matter = opened()
    merge = Act("merge", DISPATCHER, {"original": new_id().hex}, matter, key="k")
    assert [codes(result) for result in do(merge, merge)] == [["missing"], ["missing"]]


@pytest.mark.parametrize("key", ["k" * 129, "a\x00b", "\ud800", "键 与 词"])
def test_any_text_may_be_a_key(key):
    matter = opened(key=key)
    assert opened(key=key) == matter
    assign = loop(matter)[0]._replace(key=key)
    assert [result.repeated for result in done(assign, assign)] == [False, True]
    assert codes(do(assign._replace(key=key + "k"))[0]) == ["state"]  # another key is another act


def test_a_key_sent_again_is_answered_even_where_the_act_would_now_be_refused():
    first = done(report(key="k"))[0]
    again, assign = do(report(key="k", data={"what": ""}), Act("assign", DISPATCHER, ASSIGN, first.matter))
    assert again == first._replace(repeated=True)
    assert isinstance(assign, Done)


def test_an_id_that_is_there_already_is_not_opened_again():
    matter = opened()
    assert codes(do(report(matter=matter))[0]) == ["open"]


def test_ids_made_of_keys_are_of_version_8_and_always_the_same():
    made = keyed_id("someone", "grid-event", "k")
    assert made == keyed_id("someone", "grid-event", "k")
    assert made != keyed_id("someone", "grid-eventk")
    assert (made.version, made.variant) == (8, "specified in RFC 4122")


def test_one_who_saw_an_older_state_is_told_what_changed():
    matter = opened()
    assign = loop(matter)[0]._replace(seen=1)
    done(assign)
    (result,) = do(assign)
    assert codes(result) == ["changed"]
    assert isinstance(result, Refused)
    assert "“Assigned”" in result.reasons[0].en
    assert "“待受理”" in result.reasons[0].zh


def test_several_acts_of_one_batch_may_say_the_same_seen():
    matter = opened()
    done(*[act._replace(seen=1) for act in loop(matter)])
    assert actions(matter)[-1] == "accept"


# --- what may not be --------------------------------------------------------------------------------


def test_what_one_may_not_see_and_what_is_not_there_give_the_same_answer():
    (hidden,) = do(Act("assign", OTHER_DISPATCHER, ASSIGN, opened()))
    (absent,) = do(Act("assign", OTHER_DISPATCHER, ASSIGN, new_id()))
    assert isinstance(hidden, Refused)
    assert isinstance(absent, Refused)
    assert hidden.reasons == absent.reasons
    assert codes(do(Act("assign", DISPATCHER, ASSIGN))[0]) == ["missing"]


def test_a_procedure_that_is_not_there_is_refused_and_holds_up_nothing_else():
    first, second = do(Act("report", RESIDENT, REPORT, opens="no-such-thing"), report())
    assert codes(first) == ["procedure"]
    assert isinstance(second, Done)


@pytest.mark.parametrize(
    "answers",
    [
        {"what": "\x00\ud800"},
        {"what": "a\x00b", "contact": "\x00"},
        {"where": {"place": GRID, "address": "a\x00"}},
        {"where": {"place": "\x00"}},
        {"where": {"place": GRID, "lon": 1e308, "lat": 0}},
        {"promised": "0001-01-01T00:00:00+14:00"},
        {"promised": "2100-01-01T00:00:00+14:00"},
        {"photos": ["a" * 64 + "\n"]},
        {"category": "\x00"},
        {"\x00": "\ud800"},
    ],
)
def test_no_answer_whatever_holds_up_the_others(answers):
    _, second = do(report(data=answers), report())
    assert isinstance(second, Done)


# --- effects ----------------------------------------------------------------------------------------


def test_units_asked_to_join_in_get_matters_of_their_own_and_their_end_is_told():
    matter = assigned()
    (join,) = done(
        Act("join", DISPATCHER, {"units": [PARKS, WATER_TEAM], "task": "清淤"}, matter),
        now=at("2026-03-02 10:00"),
    )
    children = list(Matter.objects.filter(parent=matter).order_by("unit_id"))
    assert [(child.procedure, child.state, child.unit_id, child.desk) for child in children] == [
        ("joint-task", "asked", WATER_TEAM, TOWN),
        ("joint-task", "asked", PARKS, TOWN),
    ]
    assert children[0].place == GRID
    assert (children[0].lon, children[0].lat) == (113.26, 23.1)
    assert children[0].opened_at == at("2026-03-02 10:00")
    assert Matter.objects.get(pk=matter).children_open == 2
    done(Act("start", OFFICER, {}, matter))
    finish = Act("finish", OFFICER, FINISH, matter)
    answer = Act("answer", GARDENER, {"answer": "已清"}, children[1].pk)
    decline = Act(
        "decline", replace(OFFICER, lineage=(WATER_TEAM, WATER)), {"reason": "不属"}, children[0].pk
    )
    results = do(finish, answer, finish, decline, finish)
    assert [isinstance(result, Done) for result in results] == [False, True, False, True, True]
    assert actions(matter) == ["report", "assign", "join", "start", "child", "child", "finish"]
    told = [entry.body for entry in entries(matter) if entry.action == "child"]
    assert told == [
        {"child": children[1].pk.hex, "outcome": "done"},
        {"child": children[0].pk.hex, "outcome": "declined"},
    ]
    assert join.seq == 3


def test_merging_counts_the_reports_and_leaves_an_entry_on_both():
    original, copy, another = opened(), opened(), opened()
    done(
        Act("merge", DISPATCHER, {"original": copy.hex}, another),
        Act("merge", DISPATCHER, {"original": original.hex}, copy),
    )
    assert Matter.objects.get(pk=original).reports == 3
    row = Matter.objects.get(pk=copy)
    assert (row.state, row.outcome, row.merged_into) == ("closed", "duplicate", original)
    assert actions(original) == ["report", "merged"]
    assert actions(copy) == ["report", "merged", "merge"]


def test_an_act_whose_effect_is_refused_is_taken_back_whole():
    matter, other = opened(), opened()
    before = stored()
    results = do(
        Act("merge", DISPATCHER, {"original": new_id().hex}, matter),
        Act("merge", DISPATCHER, {"original": matter.hex}, matter),  # into itself
        quiet=False,
    )
    assert [codes(result) for result in results] == [["missing"], ["merged"]]
    assert stored() == before
    results = do(
        Act("comment", DISPATCHER, {"text": "看看"}, matter),
        Act("merge", DISPATCHER, {"original": new_id().hex}, matter),
        Act("assign", DISPATCHER, ASSIGN, matter),
        Act("merge", DISPATCHER, {"original": matter.hex}, other),
    )
    assert [isinstance(result, Done) for result in results] == [True, False, True, True]
    assert actions(matter) == ["report", "comment", "assign", "merged"]
    assert Matter.objects.get(pk=matter).reports == 2
    assert {run.name for run in Clock.objects.filter(matter=matter)} == {"dispatch", "respond", "resolve"}


def test_no_circle_of_merged_matters_is_closed():
    one, other = opened(), opened()
    results = do(
        Act("merge", DISPATCHER, {"original": other.hex}, one),
        Act("merge", DISPATCHER, {"original": one.hex}, other),
    )
    assert isinstance(results[0], Done)
    assert codes(results[1]) == ["merged"]
    assert Matter.objects.get(pk=other).state == "reported"


def test_effects_that_lead_round_in_a_circle_are_refused_and_hold_up_nothing_else():
    """Each of these opens another of itself, for ever."""
    itself = "opens: {procedure: small, action: ask, with: {what: what, unit: unit}}"
    publish(read(changed(("asks: [what, unit]", f"asks: [what, unit], {itself}"))))
    before = stored()
    first, second = do(Act("ask", RESIDENT, {"what": "树", "unit": WATER}, opens="small"), report())
    assert codes(first) == ["circle"]
    assert isinstance(second, Done)
    assert stored()[0] == before[0] + 1


REASON = "  reason: {type: text, title: {zh: 因, en: Why}}"
MARK = "  mark: {type: integer, title: {zh: 分, en: Mark}}"
HOLD = "  hold: {title: {zh: 停, en: Hold}, from: open, by: asker, asks: [reason, mark], pauses: do}"


def test_what_a_definition_sets_no_bound_to_still_finds_room():
    """Texts without end and marks without measure do not fail in the database."""
    publish(read(changed(("form:\n", f"form:\n{REASON}\n{MARK}\n"), ("  do:  {", f"{HOLD}\n  do:  {{"))))
    (asked,) = done(Act("ask", RESIDENT, {"what": "树" * 5000, "unit": WATER}, opens="small"))
    done(Act("hold", RESIDENT, {"reason": "等" * 5000, "mark": 2**40}, asked.matter))
    matter = load([asked.matter])[asked.matter]
    assert matter.data["reason"] == "等" * 5000
    assert matter.clocks["do"].pause_reason == "等" * 2000
    assert (matter.data["mark"], matter.mark) == (2**40, None)


def test_notices_are_queued_with_the_act_and_not_without_it():
    matter = opened()
    assert stored()[-1] == 0  # quiet
    do(loop(matter)[0], Act("accept", WORKER, {}, matter), quiet=False)
    (job,) = ProcrastinateJob.objects.all()
    assert job.task_name == "notices.tell"
    assert job.args == {
        "notices": [{"matter": matter.hex, "seq": 2, "parties": ["handler", "reporter"], "action": "assign"}]
    }


# --- whole or not at all ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 60])
def test_a_failure_in_the_midst_of_storing_leaves_nothing(monkeypatch, count):
    matter = assigned()
    before, row, store_few = stored(), Matter.objects.values().get(pk=matter), few.store

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(storing, "_insert_files", fail)
    monkeypatch.setattr(few, "store", lambda *given: (store_few(*given), fail()))
    with pytest.raises(OSError, match="the disk is full"):
        do(Act("start", OFFICER, {}, matter), *[report() for _ in range(count)], quiet=False)
    assert stored() == before
    assert Matter.objects.values().get(pk=matter) == row


def test_rehearsing_answers_like_performing_and_stores_nothing():
    matter = opened()
    acts = [*loop(matter), Act("rate", RESIDENT, {"mark": 9}, matter), report(matter=new_id())]
    before, row = stored(), Matter.objects.values().get(pk=matter)
    rehearsed = rehearse(acts, now=MONDAY)
    assert stored() == before
    assert Matter.objects.values().get(pk=matter) == row
    performed = perform(acts, now=MONDAY, quiet=True)
    assert [(type(result), result.matter) for result in rehearsed] == [
        (type(result), result.matter) for result in performed
    ]
    assert rehearsed[:-1] == performed[:-1]


# --- a handful of statements ------------------------------------------------------------------------

COUNTS = pytest.mark.parametrize(("count", "size"), [(1, "one"), (100, "many"), (1000, "many")])


@pytest.fixture
def warm(city, monkeypatch):
    """The city in memory, and not looked at again meanwhile; numbers in hand."""
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", 1e9)
    monkeypatch.setattr(counting, "BLOCK", 10_000)
    monkeypatch.setattr(counting, "_numbers", (0, iter(())))
    opened()


@COUNTS
def test_opening_takes_the_same_statements_for_a_hundred_and_for_a_thousand(warm, query_budget, count, size):
    acts = [report(key=f"k{n}") for n in range(count)]
    with query_budget(f"perform: open {size}"):
        done(*acts)


@COUNTS
def test_an_action_takes_the_same_statements_for_a_hundred_and_for_a_thousand(
    warm, query_budget, count, size
):
    matters = [result.matter for result in done(*[report() for _ in range(count)])]
    done(*[Act("assign", DISPATCHER, ASSIGN, matter) for matter in matters])
    with query_budget(f"perform: act on {size}"):
        done(*[Act("start", OFFICER, {}, matter, key="k") for matter in matters])


# --- in portions ------------------------------------------------------------------------------------


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(performing, "PORTION", 60)


@pytest.mark.usefixtures("small_portions")
def test_a_large_batch_is_stored_while_it_is_decided_as_if_at_once():
    matter = opened()
    acts = [report(key=f"k{n}") for n in range(59)]
    first, *later = loop(matter)  # the first in the first portion, the others in the second and the last
    done(*acts, first, *later[:2], *[report() for _ in range(70)], later[2])
    assert actions(matter) == ["report", "assign", "start", "finish", "accept"]
    assert Matter.objects.get(pk=matter).state == "closed"
    assert Matter.objects.filter(procedure="grid-event", parent=None).count() == 130
    assert not list(verify_all())
    assert [result.repeated for result in done(*acts, *[report() for _ in range(70)])] == [True] * 59 + [
        False
    ] * 70


@pytest.mark.usefixtures("small_portions")
def test_what_fails_in_a_later_portion_leaves_nothing_of_those_before(monkeypatch):
    matter = assigned()
    before, tried = stored(), []

    def overtaken(cursor, works):
        tried.extend(works)
        if works:
            raise storing.Overtaken

    monkeypatch.setattr(storing, "_update", overtaken)
    results = do(
        *[report() for _ in range(130)], Act("start", OFFICER, {}, matter), *[report() for _ in range(60)]
    )
    assert {code for result in results for code in codes(result)} == {"busy"}
    assert len(tried) == performing.TRIES
    assert stored() == before


@pytest.mark.usefixtures("small_portions")
def test_what_breaks_while_it_is_decided_waits_for_what_is_being_stored(monkeypatch):
    before = stored()
    left = iter(range(150))

    def breaks(*given, **more):
        if next(left, None) is None:
            raise ZeroDivisionError
        return decide(*given, **more)

    monkeypatch.setattr("mumian.engine.perform.decide", breaks)
    with pytest.raises(ZeroDivisionError):
        do(*[report() for _ in range(200)])
    assert stored() == before
