"""What the definitions of mediation cannot say: whose consent is there, what a count refers to, what is handed on."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from mumian.engine.limits import Limit
from mumian.engine.matter import Data, Matter
from mumian.engine.rules import RULES, Act, Circumstances, Condition, Effect, Job, Open

MEDIATIONS = ("people-mediation", "court-mediation")
TALK, FILING, CONFIRMATION, CONCLUSION, PERFORMANCE = (
    "mediation-talk", "court-filing", "judicial-confirmation", "court-conclusion", "agreement-performance",
)  # fmt: skip
SIDES = ("requester", "respondent")

CLOSE_TALKS = "mediation.close-talks"
"""The job that ends the talks of a mediation that is over."""
KEEP_CASE = "mediation.keep-case"
"""The job that keeps the line a mediation has in the figures."""
MAKE_PAPER = "mediation.make-paper"
"""The job that sets and seals the paper of an agreement."""

COURT_LIMITS = {"before": "30 days", "ordinary": "15 days", "summary": "7 days"}
"""Limits of mediation by the stage of the case, from acceptance on the platform: online mediation rules, 24."""

OF_STATUS = ("04.01",)
"""Kinds whose core is the status of persons, which no court confirms: interpretation of civil procedure, 355."""

ZONE = ZoneInfo("Asia/Shanghai")

Words = Mapping[str, str]


# --- who and where ----------------------------------------------------------------------------------


@RULES.condition("by-name")
def by_name(around: Circumstances) -> Words | None:
    """One acts under one's name: identity is checked in mediation (online mediation rules, 17)."""
    if around.actor.system or around.actor.person is not None:
        return None
    return {"zh": "请先登录，以真实身份办理", "en": "Sign in first: this is done under one's own name"}


@RULES.condition("on-one-side")
def on_one_side(around: Circumstances) -> Words | None:
    """Nobody takes part for both sides, nor for one side and as its mediator, whoever hands on a link."""
    actor = around.actor
    if actor.bearer is None or actor.person is None:
        return None
    wanted = actor.bearer[1].removesuffix("-agent")
    held = {
        each.party.removesuffix("-agent") for each in around.matter.holders if each.person == actor.person
    }
    if held <= {wanted}:
        return None
    return {"zh": "您已以另一身份参加本案", "en": "You take part in this in another capacity already"}


@RULES.condition("in-ones-place")
def in_ones_place(around: Circumstances) -> Words | None:
    """Those in office at a place act on what is within it; sides and mediators are not bound to a place."""
    actor, where = around.actor, around.data.get("where")
    place = where.get("place", "") if isinstance(where, Mapping) else around.matter.place
    if (
        actor.system
        or actor.role not in ("mediation-organiser", "court-clerk")
        or place.startswith(actor.place)
    ):
        return None
    return {"zh": "该地点不在您的岗位所辖范围内", "en": "That place does not lie in that of your post"}


# --- the mediator -----------------------------------------------------------------------------------


@RULES.condition("choice-is-over")
def choice_is_over(around: Circumstances) -> Words | None:
    """A mediator is whom both sides chose; else one is appointed once both leave it, or their time is over.

    Online mediation rules, 10. One side may leave it and the other's choice is then appointed.
    """
    data, mediator = around.data, around.data.get("mediator")
    agreed = [data.get(f"choice_{side}") == mediator or bool(data.get(f"leave_{side}")) for side in SIDES]
    run = around.matter.clocks.get("choose")
    over = run is not None and run.due_at is not None and run.due_at < around.now
    if all(agreed) or over:
        return None
    return {
        "zh": "双方还在选定调解员的期限内（2 个工作日）",
        "en": "Both sides still have time to choose: two working days",
    }


@RULES.condition("has-sworn")
def has_sworn(around: Circumstances) -> Words | None:
    """A mediator who accepts says that he or she is neutral."""
    if _not_answered_yet(around) or around.data.get("sworn"):
        return None
    return {"zh": "须承诺中立并如实披露", "en": "A mediator must be neutral and disclose every interest"}


@RULES.condition("both-consent")
def both_consent(around: Circumstances) -> Words | None:
    """A court hands over only what the requester agrees to have mediated: online mediation rules, 4."""
    if _not_answered_yet(around) or around.data.get("requester_agrees"):
        return None
    return {"zh": "申请人（原告）未同意调解", "en": "The requester has not agreed to mediation"}


def _not_answered_yet(around: Circumstances) -> bool:
    """Whether it is only asked if the form can be shown: then there are no answers beside the matter's own."""
    return around.data is around.matter.data


# --- counted drafts ---------------------------------------------------------------------------------


def _next(field: str) -> Condition:
    """The count goes up by one: what was agreed to before is not changed under its number."""

    def next_of(around: Circumstances) -> Words | None:
        wanted = int(around.matter.data.get(field, 0)) + 1
        if _not_answered_yet(around) or around.data.get(field) == wanted:
            return None
        return {"zh": f"已有新的一稿，请用第 {wanted} 稿", "en": f"There is a newer one; use number {wanted}"}

    return next_of


def _latest(field: str, *answers: str) -> Condition:
    """What is agreed to is there already."""

    def latest_of(around: Circumstances) -> Words | None:
        there = int(around.data.get(field, 0))
        if all(int(around.data.get(answer, 0)) <= there for answer in answers):
            return None
        return {"zh": f"只有到第 {there} 稿", "en": f"There are only {there} so far"}

    return latest_of


RULES.condition("next-minutes")(_next("minutes_number"))
RULES.condition("next-facts")(_next("facts_number"))
RULES.condition("next-draft")(_next("draft_number"))
RULES.condition("latest-minutes")(_latest("minutes_number", "minutes_requester", "minutes_respondent"))
RULES.condition("latest-facts")(_latest("facts_number", "facts_requester", "facts_respondent"))
RULES.condition("latest-draft")(
    _latest("draft_number", "signed_requester", "signed_respondent", "signed_mediator")
)


@RULES.condition("not-past")
def not_past(around: Circumstances) -> Words | None:
    """What is agreed is to be performed on a day that is still to come."""
    day = around.data.get("perform_by")
    if _not_answered_yet(around) or day is None or str(day) >= around.now.astimezone(ZONE).date().isoformat():
        return None
    return {"zh": "履行期限不能早于今天", "en": "It cannot be performed by a day that has passed"}


@RULES.condition("next-extension")
def next_extension(around: Circumstances) -> Words | None:
    """One agrees to the extension that comes next, not to those after it."""
    wanted = int(around.matter.data.get("extension", 0)) + 1
    if all(int(around.data.get(f"longer_{side}", 0)) <= wanted for side in SIDES):
        return None
    return {"zh": f"下一次是第 {wanted} 次延长", "en": f"The next extension is number {wanted}"}


@RULES.effect("longer-by-all")
def longer_by_all(around: Circumstances) -> list[Effect]:
    """Time is extended once every side has agreed to the same number of days: online mediation rules, 24."""
    data = around.matter.data
    wanted = int(data.get("extension", 0)) + 1
    days = data.get("more_requester")
    agreed = data.get("longer_requester") == data.get("longer_respondent") == wanted
    if agreed and days == data.get("more_respondent"):
        return [Act(around.matter.id, "extend", {"extension": wanted, "more_days": days})]
    return []


def agreed_by_both(data: Data, number: str, answers: str) -> bool:
    """Whether both sides have agreed to the latest of something that is counted."""
    latest = data.get(number)
    return latest is not None and all(data.get(f"{answers}_{side}") == latest for side in SIDES)


@RULES.effect("signed-by-all")
def signed_by_all(around: Circumstances) -> list[Effect]:
    """An agreement takes effect when all have signed the same draft: online mediation rules, 19."""
    data = around.matter.data
    if agreed_by_both(data, "draft_number", "signed") and data.get("signed_mediator") == data["draft_number"]:
        return [Act(around.matter.id, "take-effect", {})]
    return []


# --- limits -----------------------------------------------------------------------------------------


@RULES.limit("court-mediation-limit")
def court_mediation_limit(around: Circumstances) -> Limit:
    """30 days before filing; after it 15 in ordinary and 7 in summary procedure."""
    return Limit.parse(COURT_LIMITS[around.matter.data.get("stage", "before")])


# --- afterwards -------------------------------------------------------------------------------------


@RULES.condition("before-filing")
def before_filing(around: Circumstances) -> Words | None:
    """Only what was mediated before filing is confirmed; after it the court closes its own case."""
    if _is_before_filing(around.matter):
        return None
    return {
        "zh": "立案后的调解由审理法院出具调解书，不走司法确认",
        "en": "After filing the court that hears the case closes it; no confirmation is needed",
    }


def _is_before_filing(matter: Matter) -> bool:
    return str(matter.data.get("stage", "before")) == "before"


@RULES.condition("can-be-confirmed")
def can_be_confirmed(around: Circumstances) -> Words | None:
    """Not of status, nor of title to land, buildings or intellectual property: interpretation, 355."""
    data = around.data
    if data.get("about") in ("status", "title") or around.matter.category in OF_STATUS:
        return {
            "zh": "身份关系和确权的协议不能司法确认",
            "en": "What settles status or title cannot be confirmed",
        }
    if around.matter.data.get("confirm_requester") and around.matter.data.get("confirm_respondent"):
        return {"zh": "双方已经申请过了", "en": "Both sides have asked already"}
    return None


@RULES.effect("confirmation-by-both")
def confirmation_by_both(around: Circumstances) -> list[Effect]:
    """The request goes to the court once both sides have made it."""
    matter, data = around.matter, around.matter.data
    both = _sides(matter, *SIDES)
    if not (data.get("confirm_requester") and data.get("confirm_respondent")) or len(both) < len(SIDES):
        return []
    kept = _some(data, "kind", "where", "requester_name", "respondent_name", "clauses", "amount")
    sealed = {"papers": data["paper"]} if "paper" in data else {}
    return [Open(CONFIRMATION, "ask", {**kept, **both, **sealed}, part=False)]


@RULES.condition("extended-once")
def extended_once(around: Circumstances) -> Words | None:
    """A court extends its review of an agreement once."""
    run = around.matter.clocks.get("decide")
    if run is None or not run.changes:
        return None
    return {"zh": "只能延长一次", "en": "It can be extended once only"}


@RULES.effect("follow-performance")
def follow_performance(around: Circumstances) -> list[Effect]:
    """Whether it is performed is followed up, from the day it is due where one was agreed."""
    matter, data = around.matter, around.matter.data
    due = {"due": _end_of(data["perform_by"]).isoformat()} if data.get("perform_by") else {}
    kept = _some(data, "kind", "where", "mediator", "body", "amount") | _sides(matter, *SIDES)
    return [Open(PERFORMANCE, "follow", {**kept, **due}, part=False)]


@RULES.effect("close-talks")
def close_talks(around: Circumstances) -> list[Effect]:
    """What was said stays where it is; nothing is added once the mediation is over."""
    return [Job(CLOSE_TALKS, {"mediation": around.matter.id.hex})]


@RULES.effect("make-paper")
def make_paper(around: Circumstances) -> list[Effect]:
    """The agreement is set as a paper and sealed."""
    return [Job(MAKE_PAPER, {"mediation": around.matter.id.hex})]


@RULES.effect("note-case")
def note_case(around: Circumstances) -> list[Effect]:
    """The line of the mediation in the figures is brought up to date."""
    matter = around.matter
    mediation = matter.id if matter.procedure in MEDIATIONS else matter.parent
    return [Job(KEEP_CASE, {"mediation": mediation.hex})] if mediation else []


@RULES.condition("not-yet-filed")
def not_yet_filed(around: Circumstances) -> Words | None:
    """A dispute is handed to filing once, only if that is said, and never what is filed already."""
    if not _is_before_filing(around.matter):
        return {"zh": "本案已经立案，由法院恢复审理", "en": "It is filed already: the court goes on with it"}
    if around.matter.data.get("filed"):
        return {"zh": "已转立案", "en": "It has been handed over already"}
    if around.data.get("filed") is False:
        return {"zh": "请选择“是”", "en": "Say yes to hand it over"}
    return None


@RULES.effect("open-filing")
def open_filing(around: Circumstances) -> list[Effect]:
    """The court is handed the claim, and facts only where both sides agreed to them.

    No word of a talk, no offer, no minutes, no account of one side: concessions are no evidence later (18).
    """
    matter = around.matter
    kept = _some(matter.data, "kind", "what", "claim", "where", "requester_name", "respondent_name")
    handed = kept | _facts(matter.data) | _sides(matter, "requester")
    return [Open(FILING, "receive", {**handed, "mediation_ended": matter.outcome}, part=False)]


@RULES.effect("back-to-court")
def back_to_court(around: Circumstances) -> list[Effect]:
    """After filing the court concludes its own case: with the agreement, or with no more than a filing is handed."""
    matter, data = around.matter, around.matter.data
    if _is_before_filing(matter):
        return []
    kept = _some(data, "kind", "where", "case_number", "requester_name", "respondent_name") | _sides(
        matter, *SIDES
    )
    agreed = matter.outcome == "agreed"
    handed = kept | (_some(data, "clauses", "amount", "perform_by") if agreed else _facts(data))
    action = "receive-agreed" if agreed else "receive-failed"
    return [Open(CONCLUSION, action, {**handed, "mediation_ended": matter.outcome}, part=False)]


def _facts(data: Data) -> Data:
    """What both sides agree is fact, if they do."""
    return _some(data, "agreed_facts", "uncontested") if agreed_by_both(data, "facts_number", "facts") else {}


def _sides(matter: Matter, *sides: str) -> Data:
    return {side: who for side in sides if (who := _person(matter, side))}


def side_of(matter: Matter, person: UUID) -> str:
    """The party of the two sides a person acts as, its representative included; empty for others."""
    for holder in reversed(matter.holders):
        if holder.person == person and holder.party != "mediator":
            return holder.party
    return ""


def _person(matter: Matter, party: str) -> str | None:
    """Who stands for a side: itself, else its representative; the last who came."""
    there = {holder.party: holder.person.hex for holder in matter.holders if holder.person}
    return there.get(party) or there.get(f"{party}-agent")


def _some(data: Data, *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _end_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), ZONE)
