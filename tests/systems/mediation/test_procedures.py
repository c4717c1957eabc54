"""Mediation as its definitions have it: how it begins, how mediators are found, its eight ends, what is handed on."""

from dataclasses import replace
from typing import Any

import pytest

from mumian.engine.looking import Look
from mumian.engine.parties import may_see
from mumian.engine.rules import Job, Open
from mumian.people.actor import ANYONE, SYSTEM, Actor
from mumian.systems.mediation.rules import CLOSE_TALKS, CONCLUSION, CONFIRMATION, FILING, PERFORMANCE
from tests.systems.mediation.course import (
    COMMISSION,
    COURT,
    MEDIATOR,
    ORGANISER,
    OTHER_MEDIATOR,
    PAYMENT,
    REQUEST,
    REQUESTER,
    RESPONDENT,
    SIGNED,
    Dispute,
    official,
)

BOTH = pytest.mark.parametrize("procedure", ["people-mediation", "court-mediation"])


def opened(effects: tuple[object, ...]) -> list[Open]:
    return [each for each in effects if isinstance(each, Open)]


@BOTH
def test_the_eight_ends_of_a_mediation_are_told_apart(procedure: str) -> None:
    ends = {
        "agreed": lambda d: d.agreed(),
        "reconciled": lambda d: d.mediating().act("reconcile", REQUESTER),
        "unreachable": lambda d: d.asked().act("unreachable", ORGANISER, reason="电话停机"),
        "unwilling": lambda d: d.mediating().act("stop", RESPONDENT),
        "too-far-apart": lambda d: d.mediating().act("fail", MEDIATOR, reason="差距过大"),
        "expired": lambda d: d.mediating().act("expire", SYSTEM),
        "refused-to-sign": lambda d: d.signing().act("refuse-to-sign", RESPONDENT),
        "impossible": lambda d: d.mediating().act("impossible", MEDIATOR, reason="一方去世"),
    }
    for outcome, end in ends.items():
        dispute = Dispute(procedure)
        end(dispute)
        assert dispute.matter.outcome == outcome
        assert dispute.matter.closed_at is not None


def test_who_asks_signs_in_and_the_other_side_comes_by_its_link() -> None:
    dispute = Dispute()
    assert dispute.refusal("request", ANYONE, **REQUEST) == ["by-name"]
    dispute.asked()
    assert not dispute.allows("consent", RESPONDENT)  # nobody knows yet that this is the respondent
    unnamed = Actor(bearer=(dispute.matter.id, "respondent"))
    assert dispute.refusal("join", unnamed) == ["by-name"]
    dispute.act("join", dispute.invited)
    dispute.act("consent", RESPONDENT)  # by now without the link


def test_an_organiser_acts_within_the_own_place_alone() -> None:
    elsewhere = official("别处", "mediation-organiser", "440103002", 903)
    dispute = Dispute()
    dispute.act("request", REQUESTER, **REQUEST)
    assert dispute.refusal("ask-other", elsewhere, way="people") == ["in-ones-place"]
    assert dispute.allows("ask-other", ORGANISER, way="people")


def test_both_choose_together_else_one_is_appointed_when_their_time_is_over() -> None:
    dispute = Dispute().choosing("2026-03-02 10:00")
    appointment = {"mediator": MEDIATOR.person, "how": "appointed"}
    assert dispute.refusal("appoint", SYSTEM, **appointment) == ["choice-is-over"]
    dispute.act("choose-requester", SYSTEM, choice_requester=MEDIATOR.person)
    dispute.act("choose-respondent", SYSTEM, choice_respondent=OTHER_MEDIATOR.person)
    assert dispute.refusal("appoint", SYSTEM, **appointment) == ["choice-is-over"]
    dispute.act("appoint", SYSTEM, on="2026-03-05 09:00", **appointment)
    assert dispute.matter.state == "appointed"


def test_where_both_leave_the_choice_one_is_appointed_at_once() -> None:
    dispute = Dispute().asked(leave_requester=True)
    dispute.act("consent", dispute.invited, leave_respondent=True)
    assert dispute.allows("appoint", SYSTEM, mediator=MEDIATOR.person, how="appointed")


def test_only_the_one_appointed_accepts_and_must_disclose() -> None:
    dispute = Dispute().appointed()
    assert not dispute.allows("accept", OTHER_MEDIATOR, sworn=True)
    assert dispute.refusal("accept", MEDIATOR, sworn=False) == ["has-sworn"]
    dispute.act("accept", MEDIATOR, sworn=True, interests="与申请人同住一个小区")


def test_one_replaced_can_do_nothing_more() -> None:
    dispute = Dispute().mediating()
    dispute.act("object", RESPONDENT, reason="与申请人是同事")
    dispute.act("replace", ORGANISER, reason="回避")
    assert not may_see(dispute.compiled, dispute.matter, MEDIATOR)  # even before there is another
    both_again = {"mediator": OTHER_MEDIATOR.person, "how": "chosen"}
    assert dispute.refusal("appoint", SYSTEM, **both_again) == ["choice-is-over"]  # they choose anew
    dispute.act("choose-requester", SYSTEM, choice_requester=OTHER_MEDIATOR.person)
    dispute.act("choose-respondent", SYSTEM, choice_respondent=OTHER_MEDIATOR.person)
    dispute.act("appoint", SYSTEM, mediator=OTHER_MEDIATOR.person, how="chosen")
    dispute.act("accept", OTHER_MEDIATOR, sworn=True)
    assert dispute.refusal("fail", MEDIATOR, reason="我来") == ["missing"]


def test_an_agreement_takes_effect_when_all_have_signed_the_same_draft() -> None:
    dispute = Dispute().signing()
    assert not dispute.act("sign-requester", REQUESTER, signed_requester=1, signature=SIGNED).effects[:-1]
    dispute.act("sign-respondent", RESPONDENT, signed_respondent=1, signature=SIGNED)
    dispute.act(
        "draft", MEDIATOR, draft_number=2, clauses="分两期退还", amount="4000", perform_by="2026-04-30"
    )
    last = dispute.act("sign-mediator", MEDIATOR, signed_mediator=2, signature=SIGNED)
    assert "take-effect" not in {getattr(each, "action", "") for each in last.effects}
    assert dispute.refusal("sign-requester", REQUESTER, signed_requester=3, signature=SIGNED) == [
        "latest-draft"
    ]
    dispute.act("sign-requester", REQUESTER, signed_requester=2, signature=SIGNED)
    last = dispute.act("sign-respondent", RESPONDENT, signed_respondent=2, signature=SIGNED)
    assert "take-effect" in {getattr(each, "action", "") for each in last.effects}


def test_nobody_signs_by_the_link_alone() -> None:
    dispute = Dispute().signing()
    unnamed = Actor(bearer=(dispute.matter.id, "respondent"))
    assert dispute.refusal("sign-respondent", unnamed, signed_respondent=1, signature=SIGNED) == ["by-name"]


def test_performance_is_followed_from_the_day_agreed() -> None:
    dispute = Dispute().mediating()
    dispute.act("draft", MEDIATOR, draft_number=1, clauses="退款", amount="4000", perform_by="2026-04-30")
    effects = dispute.act("take-effect", SYSTEM).effects
    [follow] = opened(effects)
    assert follow.procedure == PERFORMANCE
    assert follow.data["due"] == "2026-04-30T23:59:59+08:00"
    assert {each.task for each in effects if isinstance(each, Job)} >= {CLOSE_TALKS}


def test_the_court_is_asked_once_both_sides_ask_and_not_for_status_or_title() -> None:
    dispute = Dispute().agreed()
    asked: dict[str, Any] = {"confirm_requester": True, "about": "title"}
    assert dispute.refusal("confirm-requester", REQUESTER, **asked) == ["can-be-confirmed"]
    assert not opened(dispute.act("confirm-requester", REQUESTER, **{**asked, "about": "money"}).effects)
    last = dispute.act("confirm-respondent", RESPONDENT, confirm_respondent=True, about="money")
    [confirmation] = opened(last.effects)
    assert confirmation.procedure == CONFIRMATION
    assert set(confirmation.data) == {
        "kind", "where", "requester", "respondent", "requester_name", "respondent_name", "clauses", "amount",
    }  # fmt: skip
    assert Dispute().agreed(kind="04.01").refusal(
        "confirm-requester", REQUESTER, confirm_requester=True, about="money"
    ) == ["can-be-confirmed"]


def test_after_filing_no_confirmation_is_asked_for() -> None:
    dispute = Dispute("court-mediation").agreed(stage="ordinary")
    asked: dict[str, Any] = {"confirm_requester": True, "about": "money"}
    assert dispute.refusal("confirm-requester", REQUESTER, **asked) == ["before-filing"]


@pytest.mark.parametrize("stage", ["ordinary", "summary"])
def test_after_filing_the_court_is_handed_the_agreement_and_concludes_its_own_case(stage: str) -> None:
    dispute = Dispute("court-mediation").signing(stage=stage, case_number="（2026）木0001民初7号")
    effects = dispute.act("take-effect", SYSTEM).effects
    [conclusion] = [each for each in opened(effects) if each.procedure == CONCLUSION]
    assert conclusion.action == "receive-agreed"
    assert conclusion.data["clauses"] == "李对方退还押金 4000 元"
    assert conclusion.data["case_number"] == "（2026）木0001民初7号"
    court = concluding(conclusion)
    court.act("make-statement", COURT, statement="（2026）木0001民初7号")
    assert court.allows("go-back", RESPONDENT)  # until both have signed for it
    court.act("serve", COURT)
    assert (court.matter.state, court.matter.outcome) == ("closed", "statement")


def test_after_filing_a_suit_is_withdrawn_only_where_the_court_allows_it() -> None:
    dispute = Dispute("court-mediation").mediating(stage="ordinary")
    [conclusion] = opened(dispute.act("reconcile", REQUESTER).effects)
    court = concluding(conclusion)
    assert not court.allows("ask-withdrawal", RESPONDENT)
    court.act("ask-withdrawal", REQUESTER)
    assert not court.allows("allow-withdrawal", REQUESTER, ruling="1")
    court.act("refuse-withdrawal", COURT, reason="损害他人利益")
    court.act("ask-withdrawal", REQUESTER)
    court.act("allow-withdrawal", COURT, ruling="（2026）木0001民初7号之一")
    assert court.matter.outcome == "withdrawn"


@pytest.mark.parametrize("end", ["stop", "fail", "expire", "impossible", "refuse-to-sign"])
def test_after_filing_what_fails_goes_on_in_court_without_what_was_conceded(end: str) -> None:
    dispute = Dispute("court-mediation").mediating(stage="summary")
    dispute.act("note-facts", MEDIATOR, facts_number=1, agreed_facts="押金五千元", uncontested="无")
    dispute.act("agree-facts-requester", REQUESTER, facts_requester=1)
    if end == "refuse-to-sign":
        dispute.act("draft", MEDIATOR, draft_number=1, clauses="只付三千元", **PAYMENT)
    who = SYSTEM if end == "expire" else MEDIATOR
    reason = {} if end == "expire" else {"reason": "只肯付三千元"}
    [conclusion] = opened(dispute.act(end, who, **reason).effects)
    assert conclusion.action == "receive-failed"
    assert not {"clauses", "amount", "agreed_facts", "reason"} & set(conclusion.data)
    assert dispute.refusal("hand-to-filing", REQUESTER, filed=True) == [
        "not-yet-filed"
    ]  # it is filed already
    court = concluding(conclusion)
    court.act("go-on", COURT)
    assert court.matter.outcome == "on-trial"


def test_before_filing_the_court_has_nothing_to_conclude() -> None:
    dispute = Dispute("court-mediation").mediating()
    assert not opened(dispute.act("fail", MEDIATOR, reason="差距过大").effects)


def test_a_court_that_handed_it_over_reads_no_draft_no_facts_not_agreed_and_no_reason() -> None:
    dispute = Dispute("court-mediation").mediating(stage="ordinary")
    dispute.act("note-facts", MEDIATOR, facts_number=1, agreed_facts="愿付三千元", uncontested="愿付三千元")
    dispute.act("write-minutes", MEDIATOR, minutes_number=1, minutes="愿付三千元")
    dispute.act(
        "draft", MEDIATOR, draft_number=1, clauses="愿付三千元", amount="3000", perform_by="2044-12-30"
    )
    dispute.act("refuse-to-sign", RESPONDENT, reason="不愿付三千元")
    seen = Look(COURT, dispute.matter, dispute.compiled)
    assert seen.involved
    assert "三千" not in str(seen.data)
    assert "3000" not in str(seen.data)
    for field in ("clauses", "amount", "agreed_facts", "uncontested", "minutes", "reason", "answer"):
        assert not seen.shows(field, person=COURT.person, post=COURT.post), field
    assert "三千" in str(Look(REQUESTER, dispute.matter, dispute.compiled).data)


def concluding(conclusion: Open) -> Dispute:
    """The court's own matter, as it was opened."""
    court = Dispute(CONCLUSION)
    court.act(conclusion.action, SYSTEM, **conclusion.data)
    return court


def test_a_court_hands_over_only_with_the_requesters_consent() -> None:
    dispute = Dispute("court-mediation")
    assert dispute.refusal("commission", COURT, **{**COMMISSION, "requester_agrees": False}) == [
        "both-consent"
    ]


@BOTH
def test_filing_is_handed_facts_only_where_both_agreed_to_them(procedure: str) -> None:
    dispute = Dispute(procedure).mediating()
    dispute.act("write-minutes", MEDIATOR, minutes_number=1, minutes="申请人愿让步到三千元")
    dispute.act("note-facts", MEDIATOR, facts_number=1, agreed_facts="押金五千元", uncontested="租期已满")
    dispute.act("agree-facts-requester", REQUESTER, facts_requester=1)
    dispute.act(
        "note-facts", MEDIATOR, facts_number=2, agreed_facts="押金五千元，房屋有损坏", uncontested="无"
    )
    dispute.act("agree-facts-respondent", RESPONDENT, facts_respondent=2)
    unagreed = replace_end(dispute)
    assert "agreed_facts" not in unagreed.data

    dispute.act("agree-facts-requester", REQUESTER, facts_requester=2)
    filing = replace_end(dispute)
    assert filing.procedure == FILING
    assert filing.data["agreed_facts"] == "押金五千元，房屋有损坏"
    assert filing.data["uncontested"] == "无"  # not what an earlier draft said
    assert set(filing.data) <= {
        "kind", "what", "claim", "where", "requester", "requester_name", "respondent_name", "agreed_facts",
        "uncontested", "mediation_ended",
    }  # fmt: skip
    assert "让步" not in str(filing.data)


def replace_end(dispute: Dispute) -> Open:
    """What would be handed over if it failed now; the dispute itself goes on."""
    before, now = dispute.matter, dispute.now
    dispute.act("fail", MEDIATOR, reason="差距过大")
    [filing] = opened(dispute.act("hand-to-filing", REQUESTER, filed=True).effects)
    assert dispute.refusal("hand-to-filing", REQUESTER, filed=True) == ["not-yet-filed"]
    dispute.matter, dispute.now = before, now
    return filing


def test_minutes_are_numbered_so_that_what_was_agreed_to_is_not_changed() -> None:
    dispute = Dispute().mediating()
    dispute.act("write-minutes", MEDIATOR, minutes_number=1, minutes="第一次")
    dispute.act("agree-minutes-requester", REQUESTER, minutes_requester=1)
    again = {"minutes_number": 1, "minutes": "改过的第一次"}
    assert dispute.refusal("write-minutes", MEDIATOR, **again) == ["next-minutes"]
    assert dispute.refusal("agree-minutes-respondent", RESPONDENT, minutes_respondent=2) == ["latest-minutes"]


def test_a_representative_acts_for_the_side_that_named_it() -> None:
    dispute = Dispute().mediating()
    dispute.act("name-agent-respondent", RESPONDENT, agent_respondent="周律师，特别授权")
    agent = replace(OTHER_MEDIATOR, bearer=(dispute.matter.id, "respondent-agent"), name="周律师")
    dispute.act("join", agent)
    agent = replace(agent, bearer=None)
    assert dispute.allows("longer-respondent", agent, longer_respondent=1, more_respondent=9)
    assert not dispute.allows("longer-requester", agent, longer_requester=1, more_requester=9)


def test_bad_input_is_refused_in_words_and_changes_nothing() -> None:
    dispute = Dispute()
    assert dispute.refusal("request", REQUESTER, **{**REQUEST, "claim": "-1"}) == ["unfit"]
    assert dispute.refusal("request", REQUESTER, **{**REQUEST, "what": " "}) == ["required"]
    dispute.signing()
    draft = {"draft_number": 2, "clauses": "退款", "amount": "0", "perform_by": "2026-02-30"}
    assert dispute.refusal("draft", MEDIATOR, **draft) == ["unfit"]
    assert dispute.matter.state == "signing"


def test_nobody_takes_part_on_both_sides() -> None:
    dispute = Dispute().mediating()
    for who, party in ((REQUESTER, "respondent"), (RESPONDENT, "requester-agent"), (MEDIATOR, "interpreter")):
        by_link = replace(who, bearer=(dispute.matter.id, party))
        assert dispute.refusal("join", by_link) == ["on-one-side"]
    dispute.act("join", replace(RESPONDENT, bearer=(dispute.matter.id, "respondent")))
