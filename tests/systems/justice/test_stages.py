"""What the definitions of justice say of one another, and whole cases from detention to execution by act after act."""

from __future__ import annotations

from typing import Any

import pytest

from mumian.engine import jobs
from mumian.engine.compiled import Compiled
from mumian.engine.definition import AnswerSpec, OpenSpec
from mumian.engine.models import Clock
from mumian.systems.justice.jobs import seal_case
from mumian.systems.justice.stages import WITH_TERMS
from tests.engine.city import at, procedure
from tests.systems.justice import whole as agencies
from tests.systems.justice.whole import Whole, child, rights, stage
from tests.web.city import City

JUSTICE = [*WITH_TERMS, "sealed-inquiry"]
PLEA = {"counsel_present": True, "present": "值班律师李某", "proposal": "拘役四个月"}


@pytest.fixture
def whole(city: City) -> Whole:
    return agencies.found(city)


# --- what one definition says of another ------------------------------------------------------------


def openings(compiled: Compiled) -> list[tuple[str, OpenSpec]]:
    actions = [(name, spec.opens) for name, spec in compiled.definition.actions.items() if spec.opens]
    rings = [
        (name, ring.opens) for name, spec in compiled.clocks.items() for ring in spec.rings if ring.opens
    ]
    return [*actions, *rings]


def handed(opens: OpenSpec | AnswerSpec) -> set[str]:
    return {*opens.with_, *(["unit"] if isinstance(opens, OpenSpec) and opens.for_ else [])}


@pytest.mark.parametrize("name", JUSTICE)
def test_what_carries_an_act_gets_what_it_asks_for_and_to_know_what_to_do(name: str) -> None:
    for action, spec in procedure(name).definition.actions.items():
        if spec.carried:
            asked = dict(procedure(spec.carried.procedure).asks_program[spec.carried.action])
            assert spec.carried.with_.keys() == asked.keys(), action
            assert (spec.carried.with_["act"], spec.carried.with_["answers"]) == ("$action", "$answers")
            assert f"{spec.carried.unless}?" in spec.asks, action


@pytest.mark.parametrize("name", JUSTICE)
def test_what_is_opened_is_there_and_gets_what_it_asks_for(name: str) -> None:
    for action, opens in openings(procedure(name)):
        opened = procedure(opens.procedure)
        asked = dict(opened.asks_program[opens.action])
        assert handed(opens) <= asked.keys(), action
        needed = {
            field for field, needed in asked.items() if needed and opened.definition.form[field].required
        }
        assert needed <= handed(opens), action


@pytest.mark.parametrize("name", JUSTICE)
def test_what_is_answered_is_an_action_of_whatever_it_came_from(name: str) -> None:
    compiled = procedure(name)
    from_ = [
        other for other in JUSTICE if any(opens.procedure == name for _, opens in openings(procedure(other)))
    ]
    answers = [spec.answers for spec in compiled.definition.actions.values() if spec.answers]
    for answer in answers:
        for other in from_:
            asked = dict(procedure(other).asks_program[answer.action])
            assert handed(answer) <= asked.keys(), (other, answer.action)


@pytest.mark.parametrize("name", JUSTICE)
def test_every_statutory_term_names_its_article_and_warns(name: str) -> None:
    compiled = procedure(name)
    assert compiled.definition.basis
    for clock, spec in compiled.clocks.items():
        assert spec.kind == "statutory"
        assert spec.basis, clock
        assert spec.rings[0].tell, clock


# --- whole cases ------------------------------------------------------------------------------------


def test_a_theft_with_plea_goes_from_detention_to_execution_on_the_fast_track(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:00")
    whole.do(
        "police", "request-arrest", case, on="2026-03-04 10:00", to=whole.to("procuratorate"), facts="有录像"
    )
    whole.do(
        "procuratorate", "approve", stage(case, "arrest-review"), on="2026-03-06 10:00", reason="有社会危险性"
    )
    whole.do("police", "execute-arrest", case, on="2026-03-06 16:00", arrested_at="2026-03-06T15:00+08:00")
    whole.do(
        "police", "transfer", case, on="2026-03-20 10:00", to=whole.to("procuratorate"), facts="事实清楚"
    )
    review = stage(case, "prosecution-review")
    assert review.data["in_custody"] is True
    assert review.data["case"] == case.pk.hex
    whole.do("procuratorate", "plea", review, on="2026-03-23 10:00", **PLEA)
    whole.do("procuratorate", "go-fast", review, over_one_year=False)
    whole.do(
        "procuratorate",
        "prosecute",
        review,
        on="2026-03-26 10:00",
        to=whole.to("court"),
        facts="盗窃手机一部",
    )
    trial = stage(case, "first-trial")
    whole.do("court", "choose-track", trial, on="2026-03-27 10:00", track="fast", over_one_year=False)
    served = "2026-04-01T10:00+08:00"
    whole.do(
        "court",
        "announce",
        trial,
        on="2026-04-01 11:00",
        decision="judgment",
        verdict="convicted",
        sentence_months=4,
        served_at=served,
    )
    jobs.ring_all(at("2026-04-14 00:01"))
    trial = stage(case, "first-trial")
    assert trial.state == "effective"
    whole.do("court", "hand-over", trial, on="2026-04-14 10:00", to=whole.to("prison"))
    execution = stage(case, "execution")
    whole.do("prison", "deliver", execution, on="2026-04-20 10:00", manner="detention-house")
    whole.do("prison", "finish", execution, on="2026-07-02 10:00")
    assert stage(case, "execution").outcome == "finished"
    assert not any(stage(case, name).late for name in ("arrest-review", "prosecution-review", "first-trial"))


def test_a_complex_case_with_extensions_two_returns_a_refusal_and_an_appeal(whole: Whole) -> None:
    case = whole.detained(on="2026-01-05 10:00")
    whole.do("police", "prolong", case, on="2026-01-07 10:00", days=4, reason="取证")
    whole.do(
        "police", "request-arrest", case, on="2026-01-12 10:00", to=whole.to("procuratorate"), facts="有"
    )
    review = stage(case, "arrest-review")
    whole.do("procuratorate", "refuse", review, on="2026-01-16 10:00", ground="evidence", refusal="证据不足")
    case.refresh_from_db()
    assert (case.state, case.data["in_custody"]) == ("refused", False)
    whole.do(
        "police",
        "ask-reconsideration",
        case,
        on="2026-01-19 10:00",
        to=whole.to("procuratorate"),
        reason="有新证据",
    )
    whole.do("procuratorate", "uphold", stage(case, "refusal-review"), on="2026-01-22 10:00", reason="仍不足")
    whole.do(
        "police",
        "ask-review",
        case,
        on="2026-01-23 10:00",
        to=whole.to("procuratorate-above"),
        reason="有新证据",
    )
    whole.do(
        "procuratorate-above",
        "change",
        stage(case, "refusal-review"),
        on="2026-01-30 10:00",
        reason="可以批捕",
    )
    whole.do("police", "execute-arrest", case, on="2026-01-31 10:00", arrested_at="2026-01-31T09:00+08:00")
    whole.do(
        "police",
        "ask-longer",
        case,
        on="2026-03-20 10:00",
        step="first",
        to=whole.to("procuratorate-above"),
        reason="案情复杂",
    )
    extension = stage(case, "custody-extension")
    whole.do("procuratorate-above", "grant", extension, on="2026-03-25 10:00", reason="同意")
    custody = Clock.objects.get(matter=case, name="custody")
    assert custody.due_at
    assert str(custody.due_at.astimezone(at("2026-01-01 00:00").tzinfo).date()) == "2026-04-30"
    whole.do(
        "police", "transfer", case, on="2026-04-20 10:00", to=whole.to("procuratorate"), facts="事实清楚"
    )
    for month in (5, 6):
        prosecution = stage(case, "prosecution-review")
        whole.do("procuratorate", "return", prosecution, on=f"2026-{month:02}-08 10:00", wanted="查赃物去向")
        work = stage(case, "further-investigation")
        whole.do("police", "submit", work, on=f"2026-{month:02}-28 10:00", found="已查清")
    assert "2 times at most" in whole.refusal(
        "procuratorate", "return", prosecution, on="2026-07-01 10:00", wanted="再查"
    )
    whole.do(
        "procuratorate", "prosecute", prosecution, on="2026-07-10 10:00", to=whole.to("court"), facts="抢劫"
    )
    trial = stage(case, "first-trial")
    verdict = {
        "decision": "judgment",
        "verdict": "convicted",
        "sentence_months": 60,
        "served_at": "2026-08-20T10:00+08:00",
    }
    whole.do("court", "announce", trial, on="2026-08-20 11:00", **verdict)
    whole.do(
        "court",
        "appeal",
        trial,
        on="2026-08-25 10:00",
        appellant="defendant",
        to=whole.to("court-above"),
        reason="过重",
    )
    whole.do("court", "send-up", trial, on="2026-08-26 10:00")
    second = stage(case, "second-instance")
    whole.do("court-above", "give-file", second, on="2026-09-01 10:00")
    whole.do("court-above", "file-back", second, on="2026-09-20 10:00")
    whole.do("court-above", "uphold", second, on="2026-10-10 10:00", reason="事实清楚")
    whole.do("court-above", "hand-over", second, on="2026-10-15 10:00", to=whole.to("prison"))
    assert stage(case, "execution").state == "received"


def test_an_extension_granted_too_late_is_refused_to_the_one_who_grants_it(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:00")
    whole.do("police", "request-arrest", case, to=whole.to("procuratorate"), facts="有")
    whole.do("procuratorate", "approve", stage(case, "arrest-review"), reason="有")
    whole.do("police", "execute-arrest", case, arrested_at="2026-03-02T10:00+08:00")
    whole.do(
        "police",
        "ask-longer",
        case,
        on="2026-04-30 10:00",
        step="first",
        to=whole.to("procuratorate-above"),
        reason="复杂",
    )
    extension = stage(case, "custody-extension")
    assert "void" in whole.refusal(
        "procuratorate-above", "grant", extension, on="2026-05-03 10:00", reason="同意"
    )
    assert stage(case, "custody-extension").state == "asked"


# --- who sees what ----------------------------------------------------------------------------------


def test_an_agency_sees_its_own_stage_and_nothing_of_another(whole: Whole) -> None:
    case = whole.detained()
    assert whole.sees("police") == {"investigation", "right"}
    assert whole.sees("procuratorate") == whole.sees("court") == whole.sees("other-police") == set()
    whole.do("police", "request-arrest", case, to=whole.to("procuratorate"), facts="有")
    assert whole.sees("procuratorate") == {"arrest-review", "handover-received"}
    assert whole.sees("police") == {"investigation", "right", "handover"}
    assert whole.sees("court") == whole.sees("other-police") == whole.sees("lawyer") == set()
    assert {"investigation", "arrest-review"} <= whole.sees("case-supervisor")
    assert whole.sees("administrator") & {"investigation", "arrest-review", "right"} == set()
    assert "no such matter" in whole.refusal("other-police", "release", case, reason="不该")
    assert "no such matter" in whole.refusal("court", "release", case, reason="不该")


def test_one_opens_a_case_for_ones_own_agency_alone(whole: Whole) -> None:
    with pytest.raises(AssertionError, match="Only Police"):
        whole.detained(unit=whole.units["other-police"])


# --- rights, notices --------------------------------------------------------------------------------


def test_rights_run_with_the_case_and_what_is_missed_becomes_a_notice_to_be_answered(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:20", minor=True, interpreter=True)
    due = rights(case)
    assert due.keys() == {
        "custody-house",
        "family",
        "questioning",
        "counsel",
        "interpreter",
        "adult",
        "legal-aid",
    }
    whole.do(
        "police",
        "give",
        due["family"],
        on="2026-03-02 15:00",
        done_at="2026-03-02T14:00+08:00",
        how="电话通知其母",
    )
    assert "no exception" in whole.refusal("police", "waive", due["adult"], reason="来不及")
    whole.do("police", "notify-aid", due["legal-aid"], on="2026-03-03 09:00", to=whole.to("aid"))
    assert child(due["legal-aid"].pk, "legal-aid").state == "granted"
    jobs.ring_all(at("2026-03-03 11:01"))
    notice = child(due["questioning"].pk, "supervision-notice")
    assert (notice.data["clock"], notice.data["about"]) == ("give", due["questioning"].number)
    whole.do("police", "answer", notice, on="2026-03-04 09:00", answer="已补充讯问，今后按时")
    whole.do("case-supervisor", "accept", notice, on="2026-03-05 09:00")
    assert not due["family"].late


def test_nobody_tells_the_family_where_the_law_lets_it_wait(whole: Whole) -> None:
    assert "family" not in rights(whole.detained(state_security=True))


def test_custody_that_is_over_becomes_a_notice_and_the_opinion_on_custody_is_answered(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:00")
    jobs.ring_all(at("2026-03-06 00:01"))
    notice = child(case.pk, "supervision-notice")
    assert (notice.data["clock"], notice.state) == ("request", "issued")
    facts: dict[str, Any] = {
        "name": "张某",
        "offence": "04.01",
        "where": {"place": case.place},
        "unit": whole.units["procuratorate"],
    }
    review = whole.do("procuratorate", "open", opens="custody-necessity", reason="初犯", **facts)
    whole.do("procuratorate", "advise", review, to=whole.to("police"), opinion="建议取保候审")
    whole.do("police", "answer", child(review.pk, "supervision-notice"), answer="已变更")
    review.refresh_from_db()
    assert (review.state, review.data["answer"]) == ("answered", "已变更")


# --- sealed -----------------------------------------------------------------------------------------


def test_records_of_a_minor_are_sealed_when_the_case_is_over(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:00", minor=True)
    whole.do("police", "release", case, reason="取保")
    whole.do("police", "transfer", case, to=whole.to("procuratorate"), facts="轻微")
    review = stage(case, "prosecution-review")
    whole.do(
        "procuratorate",
        "not-prosecute",
        review,
        on="2026-03-10 10:00",
        ground="discretion",
        reason="情节轻微",
    )
    seal_case(case=case.pk.hex)
    sealed = stage(case, "prosecution-review")
    assert (sealed.state, sealed.outcome) == ("sealed", "not-prosecuted")
    assert sealed.closed_at
    assert str(sealed.closed_at.date()) == "2026-03-10"
    assert "prosecution-review" not in whole.sees("procuratorate") | whole.sees("case-supervisor")
    assert whole.sees("procuratorate-keeper") == {"prosecution-review", "handover-received", "right"}
    assert "no such matter" in whole.refusal(
        "procuratorate", "name-counsel", sealed, counsel=whole.city.people["lawyer"].pk
    )
