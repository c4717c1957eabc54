"""Time limits of mediation, worked out by hand over holidays and moved working days of 2024 to 2026."""

from typing import Any

import pytest

from mumian.engine.rules import Act, Job
from mumian.people.actor import SYSTEM, Actor
from tests.engine.city import Course
from tests.systems.mediation.course import (
    COURT,
    MEDIATOR,
    ORGANISER,
    OTHER_MEDIATOR,
    REQUESTER,
    RESPONDENT,
    Dispute,
)


def confirmation(on: str) -> Course:
    course = Dispute("judicial-confirmation")
    sides = {"requester": REQUESTER.person, "respondent": RESPONDENT.person}
    names = {"requester_name": "陈", "respondent_name": "李"}
    course.act("ask", SYSTEM, on=on, kind="06.01", where="440103001001001", clauses="退款", **sides, **names)
    return course


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2024-09-27 10:00", "2024-10-08"),  # Sunday 29 is worked (1), Monday 30 (2), then seven days off
        (
            "2025-01-24 16:00",
            "2025-02-05",
        ),  # Sunday 26 is worked (1), 27 (2), off from 28 January to 4 February
        ("2026-03-02 09:00", "2026-03-05"),  # an ordinary Monday
        ("2026-02-28 09:00", "2026-03-04"),  # on a moved working Saturday; that day is not counted
    ],
)
def test_the_other_side_is_asked_within_three_working_days(asked: str, due: str) -> None:
    assert Dispute().asked(asked).due("consent")[:10] == due


@pytest.mark.parametrize(
    ("consented", "due"),
    [
        ("2025-01-27 09:00", "2025-02-06"),  # off until 4 February; 5 (1), 6 (2)
        ("2025-02-07 09:00", "2025-02-10"),  # Saturday 8 is worked (1), Monday 10 (2)
        ("2026-02-13 09:00", "2026-02-24"),  # Saturday 14 is worked (1), off until 23, Tuesday 24 (2)
    ],
)
def test_both_sides_choose_within_two_working_days(consented: str, due: str) -> None:
    assert Dispute().choosing(consented).due("choose")[:10] == due


@pytest.mark.parametrize(
    ("appointed", "due"),
    [
        ("2024-04-26 09:00", "2024-04-30"),  # Sunday 28 is worked (1), 29 (2), 30 (3)
        ("2024-04-29 09:00", "2024-05-07"),  # 30 (1), off 1 to 5, Monday 6 (2), 7 (3)
        ("2026-02-13 09:00", "2026-02-25"),  # 14 (1), off 15 to 23, 24 (2), 25 (3)
    ],
)
def test_a_mediator_accepts_within_three_working_days(appointed: str, due: str) -> None:
    assert Dispute().appointed(appointed).due("accept")[:10] == due


@pytest.mark.parametrize(
    ("stage", "accepted", "due"),
    [
        ("before", "2024-09-01 09:00", "2024-10-08"),  # 30 days end on 1 October, a holiday until the 7th
        ("before", "2026-03-02 09:00", "2026-04-01"),
        ("ordinary", "2025-01-15 09:00", "2025-02-05"),  # 15 days end on 30 January, a holiday
        ("ordinary", "2025-09-13 09:00", "2025-09-28"),  # a Sunday that is worked: it ends there
        ("summary", "2026-02-10 09:00", "2026-02-24"),  # 7 days end on 17 February, a holiday until the 23rd
        ("summary", "2024-05-04 09:00", "2024-05-11"),  # a Saturday that is worked
    ],
)
def test_a_court_gives_thirty_fifteen_or_seven_days_from_acceptance(
    stage: str, accepted: str, due: str
) -> None:
    dispute = Dispute("court-mediation").mediating(accepted, stage=stage)
    assert dispute.due("mediate")[:10] == due
    assert dispute.compiled.definition.clocks["mediate"].kind == "statutory"


def test_an_appraisal_is_not_counted() -> None:
    dispute = Dispute().mediating("2024-03-01 09:00")
    assert dispute.due("mediate")[:10] == "2024-04-01"  # the 31st is a Sunday
    dispute.act("begin-appraisal", MEDIATOR, on="2024-03-10 09:00", reason="鉴定")
    assert not dispute.matter.clocks["mediate"].running
    dispute.act("end-appraisal", MEDIATOR, on="2024-03-20 09:00")
    assert dispute.due("mediate")[:10] == "2024-04-10"


def test_more_time_is_given_once_all_agree_and_counted_from_the_end_of_the_term() -> None:
    dispute = Dispute().mediating("2024-03-01 09:00")
    assert not asks_for_more(dispute, REQUESTER, 1, 20)
    assert not asks_for_more(dispute, RESPONDENT, 1, 10)  # not as much
    [extend] = asks_for_more(dispute, REQUESTER, 1, 10)
    assert (extend.action, extend.data) == ("extend", {"extension": 1, "more_days": 10})
    dispute.act("extend", SYSTEM, **extend.data)
    assert dispute.due("mediate")[:10] == "2024-04-10"  # 31 March and 10 days
    assert not asks_for_more(dispute, REQUESTER, 2, 5)
    again = {"longer_respondent": 3, "more_respondent": 5}
    assert dispute.refusal("longer-respondent", RESPONDENT, **again) == ["next-extension"]


@pytest.mark.parametrize("days", [0, 61, "7.5"])
def test_more_time_has_bounds(days: object) -> None:
    asked = {"longer_requester": 1, "more_requester": days}
    assert Dispute().mediating().refusal("longer-requester", REQUESTER, **asked) == ["unfit"]


def asks_for_more(dispute: Dispute, who: Actor, number: int, days: int) -> list[Act]:
    """A side agrees to so many days more; what follows from it, those who are told left out."""
    side = "requester" if who is REQUESTER else "respondent"
    data: dict[str, Any] = {f"longer_{side}": number, f"more_{side}": days}
    effects = dispute.act(f"longer-{side}", who, **data).effects
    return [each for each in effects if isinstance(each, Act)]


def test_another_mediator_does_not_start_the_term_anew() -> None:
    dispute = Dispute().mediating("2026-03-02 09:00")
    due = dispute.due("mediate")
    dispute.act("replace", ORGANISER, on="2026-03-10 09:00", reason="回避")
    other = OTHER_MEDIATOR
    dispute.act("choose-requester", SYSTEM, choice_requester=other.person)
    dispute.act("choose-respondent", SYSTEM, choice_respondent=other.person)
    dispute.act("appoint", SYSTEM, mediator=other.person, how="chosen")
    dispute.act("accept", other, on="2026-03-11 09:00", sworn=True)
    assert dispute.due("mediate") == due


@pytest.mark.parametrize(
    ("asked", "due"), [("2024-04-30 09:00", "2024-05-06"), ("2026-03-02 09:00", "2026-03-05")]
)
def test_a_court_says_within_three_days_whether_it_takes_a_confirmation(asked: str, due: str) -> None:
    assert confirmation(asked).due("accept")[:10] == due  # 3 May 2024 is a holiday until the 5th


def test_a_confirmation_is_decided_in_fifteen_days_and_ten_more_once() -> None:
    course = confirmation("2025-04-18 09:00")
    course.act("accept", COURT, on="2025-04-20 09:00")
    assert course.due("decide")[:10] == "2025-05-06"  # 5 May is a holiday
    course.act("extend", COURT, on="2025-05-05 09:00", reason="需核实")
    assert course.due("decide")[:10] == "2025-05-15"  # ten days from the 5th, on which the term ended
    assert course.refusal("extend", COURT, reason="再延长") == ["extended-once"]


def test_both_sides_may_ask_for_confirmation_within_thirty_days_and_not_after() -> None:
    dispute = Dispute().agreed("2024-09-05 09:00")  # 30 days end on 5 October, a holiday until the 7th
    dispute.act("confirm-requester", REQUESTER, on="2024-10-08 10:00", confirm_requester=True, about="money")
    dispute.now = dispute.now.replace(day=9)
    refused = dispute.refusal("confirm-respondent", RESPONDENT, confirm_respondent=True, about="money")
    assert refused == ["within"]


def test_a_filing_is_registered_within_seven_days() -> None:
    course = Dispute("court-filing")
    asked = {
        "kind": "06.01", "what": "押金", "where": "440103001001001", "requester_name": "陈", "respondent_name": "李",
        "mediation_ended": "expired",
    }  # fmt: skip
    course.act("receive", SYSTEM, on="2026-09-25 09:00", **asked)
    assert course.due("file")[:10] == "2026-10-08"  # 2 October is a holiday until the 7th


def test_time_that_runs_out_ends_the_mediation_by_itself() -> None:
    dispute = Dispute().mediating("2026-03-02 09:00")
    dispute.act("ring", SYSTEM, on="2026-03-28 09:00", clock="mediate")  # it warns
    effects = dispute.act("ring", SYSTEM, on="2026-04-02 09:00", clock="mediate").effects
    assert [each.action for each in effects if not isinstance(each, Job)] == ["ring", "expire"]
    dispute.act("expire", SYSTEM)
    assert dispute.matter.outcome == "expired"


def concluding(stage: str, on: str, *, agreed: bool) -> Course:
    """What a court is handed after a mediation in a suit, on a day."""
    course = Dispute("court-conclusion")
    sides = {"requester": REQUESTER.person, "respondent": RESPONDENT.person}
    common = {
        "kind": "06.01",
        "where": "440103001001001",
        "requester_name": "陈",
        "respondent_name": "李",
        **sides,
    }
    if agreed:
        course.act("receive-agreed", SYSTEM, on=on, clauses="退款", mediation_ended="agreed", **common)
    else:
        course.act("receive-failed", SYSTEM, on=on, mediation_ended=stage, **common)
    return course


@pytest.mark.parametrize(
    ("handed", "due"),
    [
        ("2024-02-08 09:00", "2024-02-21"),  # 9 (1), off 10 to 17, Sunday 18 is worked (2), 19, 20, 21
        ("2025-09-26 09:00", "2025-10-10"),  # Sunday 28 is worked (1), 29, 30 (3), off 1 to 8, 9, 10 (5)
        ("2026-02-13 09:00", "2026-02-27"),  # Saturday 14 is worked (1), off 15 to 23, 24 (2) to 27 (5)
    ],
)
def test_a_court_acts_on_what_it_is_handed_within_five_working_days(handed: str, due: str) -> None:
    assert concluding("expired", handed, agreed=False).due("conclude")[:10] == due
    assert concluding("agreed", handed, agreed=True).due("conclude")[:10] == due


def test_going_back_on_an_agreement_gives_the_court_its_time_anew() -> None:
    course = concluding("agreed", "2026-03-02 09:00", agreed=True)
    course.act("make-statement", COURT, on="2026-03-03 09:00", statement="1")
    assert course.due("serve")[:10] == "2026-03-13"
    course.act("go-back", RESPONDENT, on="2026-03-10 09:00")
    assert course.matter.clocks["serve"].stopped_at is not None
    assert course.due("conclude")[:10] == "2026-03-17"


@pytest.mark.parametrize(
    ("followed", "promised", "due"),
    [
        ("2026-09-01 09:00", None, "2026-10-08"),  # 30 days end on 1 October, a holiday until the 7th
        ("2026-09-01 09:00", "2026-10-01T23:59:59+08:00", "2026-10-01"),  # what was promised stays as it is
    ],
)
def test_performance_is_asked_about_on_the_day_agreed_or_after_thirty_days(
    followed: str, promised: str | None, due: str
) -> None:
    course = Dispute("agreement-performance")
    told = {"due": promised} if promised else {}
    course.act(
        "follow", SYSTEM, on=followed, kind="06.01", where="440103001001001", mediator=MEDIATOR.person, **told
    )
    assert course.due("perform")[:10] == due
