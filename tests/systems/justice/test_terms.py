"""Every term of the criminal table, its last day worked out by hand on the calendar of 2024 to 2026.

Days off that matter here: Spring Festival 10–17 February 2024 and 28 January–4 February 2025 (Sunday 26 January
and Saturday 8 February were worked), 1–5 May 2025 (Sunday 27 April was worked), 1–8 October 2025 (Sunday
28 September and Saturday 11 October were worked), 15–23 February 2026 (Saturday 28 February was worked).
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.engine.clocks import Extension, due, explain
from mumian.engine.limits import Limit
from mumian.engine.turning import changes_of
from tests.engine.city import ZONE, china
from tests.systems.justice.stages import CUSTODY, FACTS, FREE, TO, Stage, arrested, held, opened

Made = Callable[[], Stage]


def row(name: str, made: Made, clock: str, ends: str) -> object:
    return pytest.param(made, clock, ends, id=name)


def summoned(**more: bool) -> Stage:
    return opened("investigation", "summon", "2025-01-29 23:00", arrived_at="2025-01-29T22:10+08:00", **more)


def right(right: str, since: str) -> Stage:
    return opened("right", "open", since, right=right, since=f"{since}:00+08:00")


def refused(on: str) -> Stage:
    return held(on).do("request-arrest", on, to=TO, facts="有证人").do("arrest-refused", on)


def extended(start: str, *steps: str) -> Stage:
    stage = arrested(start)
    for step in steps:
        stage.do("lengthen", start, step=step, extended=step)
    return stage


def review(on: str, **more: object) -> Stage:
    return opened("prosecution-review", "receive", on, police=TO, **more)


def fast_review(on: str, *, over: bool, **more: object) -> Stage:
    stage = review(on, **more)
    stage.do("plea", on, counsel_present=True, present="值班律师李某", proposal="拘役四个月")
    return stage.do("go-fast", on, over_one_year=over)


def trial(on: str, **more: object) -> Stage:
    return opened("first-trial", "receive", on, **more)


def tracked(on: str, track: str, **more: bool) -> Stage:
    facts = {name: more.pop(name) for name in ("in_custody",) if name in more}
    return trial(on, plea=True, **facts).do("choose-track", on, track=track, **more)


def announced(on: str, decision: str) -> Stage:
    return trial(on).do("announce", on, decision=decision, verdict="convicted", served_at=f"{on}:00+08:00")


def second(on: str, **more: object) -> Stage:
    return opened(
        "second-instance", "receive", on, appellant="defendant", reason="量刑过重", court=TO, **more
    )


def measured(measure: str, since: str) -> Stage:
    day = f"{since}:00+08:00"
    return opened("coercive-measure", "impose", since, measure=measure, measure_from=day)


def own(source: str, on: str) -> Stage:
    return opened("own-arrest", "detain", on, source=source, detained_at=f"{on}:00+08:00")


def probation(on: str, months: int) -> Stage:
    return opened("conditional-non-prosecution", "begin", on, months=months)


def aid(on: str) -> Stage:
    return opened("legal-aid", "ask", on, reason="经济困难")


def notice(on: str) -> Stage:
    where = {name: FACTS[name] for name in ("where", "unit")}
    return Stage("supervision-notice").do("issue", on, about="MMMM-MMMM", **where)


def filing(*path: tuple[str, str]) -> Stage:
    stage = opened("filing-supervision", "accept", path[0][1], facts="手机被盗")
    for action, on in path:
        asked = {"reason": "不属实"} if action not in ("open", "serve", "close") else {}
        stage.do(action, on, **asked)
    return stage


ROWS = [
    # 119: hours of holding run from arrival, by night and on holidays
    row("summons", summoned, "summons", "2025-01-30 10:10"),
    row("summons, grave", lambda: summoned(grave=True), "summons", "2025-01-30 22:10"),
    # 85, 86, 93, 94: full hours from the hour after
    row("family told", lambda: right("family", "2025-01-28 08:10"), "give", "2025-01-29 09:00"),
    row("into custody", lambda: right("custody-house", "2025-01-28 08:00"), "give", "2025-01-29 09:00"),
    row("questioned", lambda: right("questioning", "2025-02-28 23:40"), "give", "2025-03-02 00:00"),
    # 91
    row("request of arrest", lambda: held("2025-01-25 10:00"), "request", "2025-01-28 23:59"),
    row(
        "request of arrest, four days more",
        lambda: held("2025-01-25 10:00").do("prolong", "2025-01-26 10:00", days=4, reason="取证"),
        "request",
        "2025-02-01 23:59",
    ),
    row(
        "request of arrest, one day more",
        lambda: held("2024-02-27 10:00").do("prolong", "2024-02-28 10:00", days=1, reason="取证"),
        "request",
        "2024-03-02 23:59",  # 27 February and three days: 1 March, the year has a 29th
    ),
    row(
        "request of arrest, roaming",
        lambda: held("2024-02-01 10:00").do("prolong-roaming", "2024-02-02 10:00", reason="流窜"),
        "request",
        "2024-03-02 23:59",
    ),
    row(
        "request of arrest, entered late",
        lambda: held("2025-03-03 10:00", on="2025-03-04 09:00"),
        "request",
        "2025-03-06 23:59",  # it runs from the detention, not from its entry
    ),
    row(
        "arrest decided, detained",
        lambda: opened("arrest-review", "receive", "2025-01-26 10:00", **CUSTODY),
        "decide",
        "2025-02-02 23:59",
    ),
    row(
        "arrest decided, free",
        lambda: opened("arrest-review", "receive", "2025-01-17 10:00", **FREE),
        "decide",
        "2025-02-05 23:59",
    ),
    row(
        "arrest decided, free, at most twenty",
        lambda: opened("arrest-review", "receive", "2025-01-17 10:00", **FREE).do(
            "lengthen", "2025-01-20 10:00", reason="重大"
        ),
        "decide",
        "2025-02-06 23:59",  # from 1 February, a holiday: only the final end moves
    ),
    row(
        "receipt of the arrest",
        lambda: (
            held("2025-01-23 10:00")
            .do("request-arrest", "2025-01-24 10:00", to=TO, facts="有")
            .do("arrest-approved", "2025-01-25 10:00")
        ),
        "receipt",
        "2025-02-05 23:59",
    ),
    # 公安规定 141; 检察规则 290, 291
    row("asking for reconsideration", lambda: refused("2025-01-24 10:00"), "reconsider", "2025-02-05 23:59"),
    row(
        "reconsideration answered",
        lambda: opened("refusal-review", "receive", "2025-04-28 10:00", level="reconsideration", reason="有"),
        "decide",
        "2025-05-06 23:59",
    ),
    row(
        "review answered",
        lambda: opened("refusal-review", "receive", "2025-09-20 10:00", level="review", reason="有"),
        "decide",
        "2025-10-09 23:59",
    ),
    # 156, 158, 159
    row("custody, from a last day", lambda: arrested("2024-12-31 10:00"), "custody", "2025-02-28 23:59"),
    row("custody, leap year", lambda: arrested("2024-01-31 10:00"), "custody", "2024-03-31 23:59"),
    row("custody, to a 29 February", lambda: arrested("2024-01-01 10:00"), "custody", "2024-03-01 23:59"),
    row("custody, no such day", lambda: arrested("2024-12-30 10:00"), "custody", "2025-02-28 23:59"),
    row("custody, over the festival", lambda: arrested("2024-11-30 10:00"), "custody", "2025-01-31 23:59"),
    row("custody, first", lambda: extended("2024-12-30 10:00", "first"), "custody", "2025-03-30 23:59"),
    row(
        "custody, second",
        lambda: extended("2024-12-30 10:00", "first", "second"),
        "custody",
        "2025-05-30 23:59",
    ),
    row(
        "custody, third",
        lambda: extended("2024-12-30 10:00", "first", "second", "third"),
        "custody",
        "2025-07-30 23:59",
    ),
    row(
        "custody, third, from a last day",
        lambda: extended("2024-12-31 10:00", "first", "second", "third"),
        "custody",
        "2025-07-31 23:59",
    ),
    # 160
    row(
        "custody, a further offence",
        lambda: extended("2025-01-10 10:00", "first").do(
            "new-offence", "2025-03-20 10:00", reason="另有抢劫"
        ),
        "custody",
        "2025-05-20 23:59",
    ),
    # 149
    row(
        "custody, psychiatric examination",
        lambda: (
            arrested("2025-03-05 10:00")
            .do("appraise", "2025-03-10 10:00", reason="精神病鉴定")
            .do("appraised", "2025-04-01 09:00")
        ),
        "custody",
        "2025-05-27 23:59",  # 5 May and 22 days
    ),
    # 79
    row("bail", lambda: measured("bail", "2024-02-29 10:00"), "measure", "2025-02-28 23:59"),
    row(
        "bail, ends on a holiday", lambda: measured("bail", "2024-10-01 10:00"), "measure", "2025-10-09 23:59"
    ),
    row(
        "residential surveillance",
        lambda: measured("residential", "2024-08-31 10:00"),
        "measure",
        "2025-02-28 23:59",
    ),
    # 167, 170
    row("own case", lambda: own("own", "2025-01-20 10:00"), "decide", "2025-02-03 23:59"),
    row(
        "own case, three days more",
        lambda: own("own", "2025-01-20 10:00").do("prolong-own", "2025-01-21 10:00", days3=3, reason="特殊"),
        "decide",
        "2025-02-06 23:59",
    ),
    row("from supervision", lambda: own("supervision", "2025-01-20 10:00"), "decide", "2025-01-30 23:59"),
    row(
        "from supervision, four days more",
        lambda: own("supervision", "2025-01-20 10:00").do(
            "prolong-supervision", "2025-01-21 10:00", days4=4, reason="特殊"
        ),
        "decide",
        "2025-02-03 23:59",
    ),
    # 172
    row(
        "review for prosecution, in custody",
        lambda: review("2025-01-04 10:00", **CUSTODY),
        "review",
        "2025-02-04 23:59",
    ),
    row(
        "review for prosecution, free",
        lambda: review("2025-01-04 10:00", **FREE),
        "review",
        "2025-02-05 23:59",
    ),
    row(
        "review, half a month more, free",
        lambda: review("2025-01-04 10:00", **FREE).do("lengthen", "2025-01-20 10:00", reason="复杂"),
        "review",
        "2025-02-19 23:59",
    ),
    row(
        "review, half a month more, in custody",
        lambda: review("2025-01-31 10:00", **CUSTODY).do("lengthen", "2025-02-20 10:00", reason="复杂"),
        "review",
        "2025-03-15 23:59",
    ),
    row(
        "review, fast track, in custody",
        lambda: fast_review("2025-04-24 10:00", over=False, **CUSTODY),
        "review",
        "2025-05-04 23:59",
    ),
    row(
        "review, fast track, free",
        lambda: fast_review("2025-04-24 10:00", over=False, **FREE),
        "review",
        "2025-05-06 23:59",
    ),
    row(
        "review, fast track, over one year",
        lambda: fast_review("2025-04-20 10:00", over=True, **CUSTODY),
        "review",
        "2025-05-05 23:59",
    ),
    # 175
    row(
        "further investigation",
        lambda: opened("further-investigation", "receive", "2025-01-30 10:00", wanted="查赃物", **CUSTODY),
        "further",
        "2025-02-28 23:59",
    ),
    row(
        "review, anew",
        lambda: (
            review("2025-01-04 10:00", **CUSTODY)
            .do("return", "2025-01-27 10:00", wanted="查赃物")
            .do("resubmitted", "2025-02-27 10:00")
        ),
        "review",
        "2025-03-27 23:59",
    ),
    # 208
    row("trial", lambda: trial("2025-07-31 10:00", **CUSTODY), "trial", "2025-09-30 23:59"),
    row(
        "trial, at most three months",
        lambda: trial("2025-07-31 10:00", **CUSTODY).do("lengthen", "2025-08-01 10:00", reason="复杂"),
        "trial",
        "2025-10-31 23:59",
    ),
    row(
        "trial, three months more by the court above",
        lambda: (
            trial("2025-07-31 10:00", **CUSTODY)
            .do("lengthen", "2025-08-01 10:00", reason="复杂")
            .do("lengthen-above", "2025-08-02 10:00", reason="特殊")
        ),
        "trial",
        "2026-01-31 23:59",
    ),
    # 205, 208
    row(
        "trial, anew",
        lambda: (
            trial("2025-07-31 10:00", **CUSTODY)
            .do("adjourn", "2025-08-10 10:00", to=TO, wanted="查")
            .do("resubmitted", "2025-09-08 10:00")
        ),
        "trial",
        "2025-11-08 23:59",
    ),
    # 206
    row(
        "trial, suspended",
        lambda: (
            trial("2025-03-03 10:00", **FREE)
            .do("suspend", "2025-03-10 10:00", reason="患重病")
            .do("resume", "2025-03-28 10:00")
        ),
        "trial",
        "2025-05-21 23:59",
    ),
    # 212
    row(
        "private prosecution",
        lambda: opened(
            "private-prosecution", "file", "2025-03-31 10:00", prosecutor_name="李某", facts="诽谤", **FREE
        ).do("accept", "2025-04-01 10:00"),
        "trial",
        "2025-10-09 23:59",
    ),
    row(
        "private prosecution, in custody",
        lambda: opened(
            "private-prosecution", "file", "2025-03-31 10:00", prosecutor_name="李某", facts="诽谤", **CUSTODY
        ).do("accept", "2025-04-01 10:00"),
        "trial",
        "2025-06-01 23:59",
    ),
    # 220
    row("summary", lambda: tracked("2025-01-10 10:00", "summary", **CUSTODY), "trial", "2025-01-30 23:59"),
    row(
        "summary, over three years",
        lambda: tracked("2025-01-31 10:00", "summary", over_three_years=True, **CUSTODY),
        "trial",
        "2025-03-15 23:59",
    ),
    # 225
    row(
        "fast track, in custody",
        lambda: tracked("2025-09-26 10:00", "fast", **CUSTODY),
        "trial",
        "2025-10-06 23:59",
    ),
    row("fast track, free", lambda: tracked("2025-09-26 10:00", "fast", **FREE), "trial", "2025-10-09 23:59"),
    row(
        "fast track, over one year",
        lambda: tracked("2025-09-26 10:00", "fast", over_one_year=True, **CUSTODY),
        "trial",
        "2025-10-11 23:59",
    ),
    # 230
    row(
        "appeal of a judgment",
        lambda: announced("2025-01-18 10:00", "judgment"),
        "appeal",
        "2025-02-05 23:59",
    ),
    row(
        "appeal, ends on a worked Sunday",
        lambda: announced("2025-01-16 10:00", "judgment"),
        "appeal",
        "2025-01-26 23:59",
    ),
    row("appeal of a ruling", lambda: announced("2025-09-27 10:00", "ruling"), "appeal", "2025-10-09 23:59"),
    # 243, 235
    row("second instance", lambda: second("2025-12-31 10:00", **CUSTODY), "trial", "2026-02-28 23:59"),
    row(
        "second instance, two months more",
        lambda: second("2025-12-31 10:00", **CUSTODY).do("lengthen", "2026-01-02 10:00", reason="复杂"),
        "trial",
        "2026-04-30 23:59",
    ),
    row(
        "the file is read",
        lambda: second("2025-03-03 10:00", **FREE).do("give-file", "2025-03-10 10:00"),
        "read",
        "2025-04-10 23:59",
    ),
    row(
        "second instance, reading excluded",
        lambda: (
            second("2025-03-03 10:00", **FREE)
            .do("give-file", "2025-03-10 10:00")
            .do("file-back", "2025-03-28 10:00")
        ),
        "trial",
        "2025-05-21 23:59",
    ),
    # 264; 公安规定 300
    row(
        "papers to execution",
        lambda: announced("2025-09-14 10:00", "judgment").do("take-effect", "2025-09-25 10:00"),
        "papers",
        "2025-10-09 23:59",
    ),
    row(
        "delivery", lambda: opened("execution", "receive", "2025-01-02 10:00"), "deliver", "2025-02-05 23:59"
    ),
    # 258
    row(
        "retrial",
        lambda: opened("retrial", "open", "2024-11-30 10:00", reason="新证据", **CUSTODY),
        "retry",
        "2025-02-28 23:59",
    ),
    row(
        "retrial, at most six months",
        lambda: opened("retrial", "open", "2024-11-30 10:00", reason="新证据", **CUSTODY).do(
            "lengthen", "2025-01-02 10:00", reason="复杂"
        ),
        "retry",
        "2025-05-31 23:59",
    ),
    # 97, 95, 检察规则 665
    row(
        "request to change the measure",
        lambda: opened("measure-change", "receive", "2025-01-25 10:00", asker="家属", reason="病", **FREE),
        "answer",
        "2025-02-05 23:59",
    ),
    row(
        "request to change the measure, in custody",
        lambda: opened("measure-change", "receive", "2025-01-25 10:00", asker="家属", reason="病", **CUSTODY),
        "answer",
        "2025-01-28 23:59",
    ),
    row("notice answered", lambda: notice("2025-01-20 10:00"), "answer", "2025-02-05 23:59"),
    # 283
    row("probation", lambda: probation("2025-08-31 10:00", 6), "probation", "2026-02-28 23:59"),
    row(
        "probation, twelve months", lambda: probation("2025-03-10 10:00", 12), "probation", "2026-03-10 23:59"
    ),
    # 法律援助法
    row("legal aid decided", lambda: aid("2025-01-22 10:00"), "decide", "2025-02-05 23:59"),
    row(
        "lawyer named",
        lambda: aid("2025-03-10 10:00").do("grant", "2025-03-11 10:00"),
        "assign",
        "2025-03-14 23:59",
    ),
    row(
        "objection",
        lambda: (
            aid("2025-03-10 10:00")
            .do("deny", "2025-03-11 10:00", reason="不符")
            .do("object", "2025-03-12 10:00", reason="有异议")
        ),
        "object",
        "2025-03-17 23:59",
    ),
    row("legal aid told", lambda: right("legal-aid", "2025-03-10 10:00"), "give", "2025-03-13 23:59"),
    row(
        "request of legal aid forwarded",
        lambda: right("aid-request", "2025-03-10 10:20"),
        "give",
        "2025-03-11 11:00",
    ),
    # 公安规定 178, 179, 182
    row("refusal served", lambda: filing(("refuse", "2025-03-10 10:00")), "serve", "2025-03-13 23:59"),
    row(
        "reconsideration of a filing",
        lambda: filing(
            ("refuse", "2025-03-10 10:00"), ("serve", "2025-03-11 10:00"), ("reconsider", "2025-03-12 10:00")
        ),
        "reconsider",
        "2025-03-19 23:59",
    ),
    row(
        "review of a filing",
        lambda: filing(
            ("refuse", "2025-03-10 10:00"), ("serve", "2025-03-11 10:00"), ("review", "2025-03-12 10:00")
        ),
        "review",
        "2025-04-11 23:59",
    ),
    row(
        "review of a filing, 30 days more",
        lambda: filing(
            ("refuse", "2025-03-10 10:00"),
            ("serve", "2025-03-11 10:00"),
            ("review", "2025-03-12 10:00"),
            ("lengthen", "2025-03-13 10:00"),
        ),
        "review",
        "2025-05-12 23:59",
    ),
    row(
        "reasons explained",
        lambda: filing(
            ("refuse", "2025-03-10 10:00"), ("serve", "2025-03-11 10:00"), ("ask-reasons", "2025-03-12 10:00")
        ),
        "explain",
        "2025-03-19 23:59",
    ),
    row(
        "opened after notice",
        lambda: filing(
            ("refuse", "2025-03-10 10:00"), ("serve", "2025-03-11 10:00"), ("order", "2025-03-12 10:00")
        ),
        "open",
        "2025-03-27 23:59",
    ),
]


@pytest.mark.parametrize(("made", "clock", "ends"), ROWS)
def test_a_term_of_the_criminal_table_ends_on_the_day_worked_out_by_hand(
    made: Made, clock: str, ends: str
) -> None:
    assert made().ends(clock) == ends


# --- what changes on the way ------------------------------------------------------------------------


def test_one_who_is_released_gets_terms_that_move_off_holidays_again() -> None:
    stage = review("2025-01-04 10:00", **CUSTODY)
    assert stage.ends("review") == "2025-02-04 23:59"
    stage.do("release", "2025-01-10 10:00", reason="无羁押必要")
    assert stage.ends("review") == "2025-02-05 23:59"


def test_one_whose_identity_is_unknown_is_held_under_a_term_that_runs_from_when_it_is_known() -> None:
    on = "2025-01-05 10:00"
    stage = held("2025-01-03 10:00").do("request-arrest", "2025-01-04 10:00", to=TO, facts="有")
    stage.do("arrest-approved", on).do("execute-arrest-unknown", on, arrested_at=f"{on}:00+08:00")
    assert "custody" not in stage.matter.clocks
    stage.do("identity-known", "2025-02-10 10:00")
    assert stage.ends("custody") == "2025-04-10 23:59"


def test_the_fast_track_of_a_review_is_counted_from_its_beginning_and_left_for_the_whole_term() -> None:
    stage = fast_review("2025-03-03 10:00", over=False, **FREE)
    assert stage.ends("review") == "2025-03-13 23:59"
    stage.do("leave-fast", "2025-03-05 10:00", reason="案情复杂")
    assert stage.ends("review") == "2025-04-03 23:59"


def test_a_further_offence_begins_the_term_anew_and_its_extensions_too() -> None:
    stage = extended("2025-01-10 10:00", "first").do("new-offence", "2025-03-20 10:00", reason="另有抢劫")
    stage.do("lengthen", "2025-05-10 10:00", step="first", extended="first")
    assert stage.ends("custody") == "2025-06-20 23:59"


def told(stage: Stage, clock: str) -> str:
    run, spec = stage.matter.clocks[clock], stage.compiled.clocks[clock]
    steps = explain(
        run.started_at, Limit.parse(run.limit), china(), changes_of(run), spec.basis,
        stage.compiled.definition.counting,
    )  # fmt: skip
    return "\n".join(step.en for step in steps)


def test_the_whole_term_is_explained_with_its_articles() -> None:
    stage = extended("2025-01-10 10:00", "first").do("new-offence", "2025-03-20 10:00", reason="另有抢劫")
    stage.do("lengthen", "2025-05-10 10:00", step="first", extended="first")
    stage.do("appraise", "2025-06-01 10:00", reason="精神病鉴定").do("appraised", "2025-06-02 10:00")
    words = told(stage, "custody")
    assert (
        "Began anew on 20 Mar 2025, 10:00; what was added before is over (另有抢劫；刑事诉讼法 160)" in words
    )
    assert "Extended by 1 month, to 20 Jun 2025, 23:59 (刑事诉讼法 156, 158, 159；检察规则 309)" in words
    assert "Paused from 1 Jun 2025, 10:00 to 2 Jun 2025, 10:00 (精神病鉴定；刑事诉讼法 149)" in words
    assert "21 Jun, is a day off, but a term in custody does not move (Criminal Procedure Law 105)" in words


def test_a_full_hour_and_a_review_begun_anew_are_explained() -> None:
    assert "hours run from 28 Jan 2025, 09:00" in told(right("family", "2025-01-28 08:10"), "give")
    stage = review("2025-01-04 10:00", **CUSTODY).do("return", "2025-01-27 10:00", wanted="查赃物")
    assert "Began anew on 27 Feb 2025" in told(stage.do("resubmitted", "2025-02-27 10:00"), "review")


# --- refused with the rule and the cure -------------------------------------------------------------


def test_an_extension_after_the_end_is_void() -> None:
    stage = arrested("2025-01-10 10:00")
    stage.do("ask-longer", "2025-03-10 22:00", step="first", to=TO, reason="复杂")
    why = stage.reasons("lengthen", "2025-03-11 00:00", step="first", extended="first")
    assert "ended on 2025-03-10 23:59" in why
    assert "检察规则 309" in why
    assert "Release" in why
    assert "Release" in stage.reasons("ask-longer", "2025-03-11 00:00", step="first", to=TO, reason="复杂")


def test_extensions_follow_in_order_and_each_once() -> None:
    stage = arrested("2025-01-10 10:00")
    for step in ("second", "third"):
        assert "the next is number 1" in stage.reasons(
            "lengthen", "2025-02-10 10:00", step=step, extended=step
        )
    stage = extended("2025-01-10 10:00", "first", "second", "third")
    assert "All three" in stage.reasons("lengthen", "2025-02-10 10:00", step="third", extended="third")


def test_a_third_return_is_refused() -> None:
    stage = review("2025-01-04 10:00", **CUSTODY)
    for day in (10, 20):
        stage.do("return", f"2025-01-{day} 10:00", wanted="查").do("resubmitted", f"2025-01-{day + 5} 10:00")
    why = stage.reasons("return", "2025-01-28 10:00", wanted="查")
    for said in ("2 times at most", "刑事诉讼法 175", "do not prosecute"):
        assert said in why
    assert stage.matter.data["returns"] == 2


def test_a_third_adjournment_and_a_second_extension_are_refused() -> None:
    stage = trial("2025-03-03 10:00", **FREE).do("lengthen", "2025-03-04 10:00", reason="复杂")
    assert "court above" in stage.reasons("lengthen", "2025-03-05 10:00", reason="复杂")
    for day in (10, 20):
        stage.do("adjourn", f"2025-03-{day} 10:00", to=TO, wanted="查").do(
            "resubmitted", f"2025-03-{day + 5} 10:00"
        )
    assert "judge by what there is" in stage.reasons("adjourn", "2025-03-28 10:00", to=TO, wanted="查")


def test_what_the_law_makes_depend_on_something_is_refused_without_it() -> None:
    stage = review("2025-03-03 10:00", **FREE)
    plea = {"present": "无", "proposal": "拘役"}
    on = "2025-03-04 10:00"
    assert "in the presence of counsel" in stage.reasons("plea", on, counsel_present=False, **plea)
    assert "needs a signed plea" in stage.reasons("go-fast", on, over_one_year=False)
    assert "for minors" in stage.reasons("conditional", on, months=6, reason="轻微")
    assert "more than 12" in stage.reasons("conditional", on, months=13, reason="轻微")
    assert "for adults who plead" in trial("2025-03-03 10:00").reasons("choose-track", on, track="fast")
    young = review("2025-03-03 10:00", minor=True, **FREE)
    assert young.do("conditional", on, months=6, reason="轻微").matter.outcome == "conditional"


def test_an_appeal_is_in_time_or_the_judgment_is_in_effect() -> None:
    stage = announced("2025-03-03 10:00", "judgment")
    appeal = {"appellant": "defendant", "to": TO, "reason": "过重"}
    assert "in effect" in stage.reasons("appeal", "2025-03-14 00:00", **appeal)
    assert stage.do("appeal", "2025-03-13 23:00", **appeal).matter.state == "appealed"


def test_what_has_been_is_never_later_than_now() -> None:
    stage = Stage("investigation")
    why = stage.reasons("detain", "2025-03-03 10:00", **FACTS, detained_at="2025-03-03T10:01+08:00")
    assert why == "Detained at cannot be later than now"


# --- what holds of all terms ------------------------------------------------------------------------

DAYS = st.dates(date(2024, 1, 1), date(2026, 3, 31))
MONTHS = st.lists(st.sampled_from([1, 2, 2, 3]), max_size=4)


def latest(start: date, months: int) -> date:
    """The day a term of so many months ends on at the latest, reckoned apart from the program."""
    year, month = start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1
    last = monthrange(year, month)[1]
    began_last = start.day == monthrange(start.year, start.month)[1]
    return date(year, month, last if began_last else min(start.day, last))


@given(DAYS, st.integers(1, 12), MONTHS)
def test_custody_never_ends_later_than_its_months_from_the_first_day(
    start: date, months: int, more: list[int]
) -> None:
    begins = datetime.combine(start, time(10), ZONE)
    limit = Limit.parse(f"{months} months firm")
    ends = due(begins, limit, china(), [Extension(Limit.parse(f"{by} months")) for by in more])
    assert china().local(ends).date() <= latest(start, months + sum(more))


@given(DAYS, st.sampled_from(["3 days", "7 days", "30 days", "1 month", "2 months", "1 month and 15 days"]))
def test_a_term_in_custody_is_never_moved_by_a_holiday_and_another_only_to_the_next_working_day(
    start: date, limit: str
) -> None:
    begins = datetime.combine(start, time(10), ZONE)
    firm = china().local(due(begins, Limit.parse(f"{limit} firm"), china())).date()
    moved = china().local(due(begins, Limit.parse(limit), china())).date()
    assert firm <= moved
    assert china().is_working(moved)
    assert not any(china().is_working(firm + timedelta(days=n)) for n in range((moved - firm).days))


@given(DAYS, st.times())
def test_full_hours_end_on_the_hour_and_within_an_hour_of_the_limit(day: date, begins: time) -> None:
    start = datetime.combine(day, begins, ZONE)
    ends = due(start, Limit.parse("24 full hours"), china())
    assert ends.minute == ends.second == ends.microsecond == 0
    assert timedelta(0) < ends - start - timedelta(hours=24) <= timedelta(hours=1)
