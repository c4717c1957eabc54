"""Writing: opening a matter, acting on one, and batches of acts. What is answered as done is stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja.responses import Status

from mumian.api.acting import AskedBy, acting_on, known
from mumian.api.matters import router
from mumian.api.problems import missing, refused, status_of
from mumian.api.rates import limit_public
from mumian.api.shapes import Batch, Doing, Opening, Outcome, Outcomes, ReasonGiven, Receipt
from mumian.engine.compiled import Reason
from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, Refused, Result, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.intake.locating import Unlocated, locate
from mumian.people.actor import ANYONE, Actor

LONG_KEY = 20
"""Characters of a key that nobody guesses: to one without a name it gives the link to the matter again."""


@router.post("/matters", response={201: Receipt}, operation_id="open_matter", summary="Open a matter")
def open_matter(request: AskedBy, opening: Opening) -> Status[Receipt]:
    """Opens a matter. Anyone may, at a limited rate, where the procedure lets reporters be anonymous.

    A place may be given by its code, by a point alone, or by an address that names one place.
    """
    actor = request.auth
    if actor is ANYONE:
        limit_public(request)
    act = Act(
        opening.action,
        actor,
        opening.data,
        opens=opening.procedure,
        key=opening.key,
        channel=opening.channel,
        **_claimed(opening.at),
    )
    return Status(201, _receipt(act, _do(actor, [act])[0]))


@router.post(
    "/matters/{matter}/actions/{action}", response=Receipt, operation_id="act", summary="Act on a matter"
)
def act_on_matter(request: AskedBy, matter: UUID, action: str, doing: Doing) -> Receipt:
    """Does an action on a matter. With `seen` it is refused (409) if somebody else has acted meanwhile."""
    actor = acting_on(request, matter=matter)
    if actor.person is None and actor.post is None:
        limit_public(request)
    act = Act(action, actor, doing.data, matter, key=doing.key, seen=doing.seen, **_claimed(doing.at))
    return _receipt(act, _do(actor, [act])[0])


@router.post("/actions", response=Outcomes, operation_id="act_many", summary="Act on many matters")
def act_on_many(request: AskedBy, batch: Batch) -> Outcomes:
    """Does up to 1,000 acts in one transaction; one that is refused does not hold up the others."""
    actor = known(request)
    acts = [
        Act(
            each.action,
            actor,
            each.data,
            each.matter,
            opens=each.procedure,
            key=each.key,
            seen=each.seen,
            channel=each.channel if each.procedure else "",
            **_claimed(each.at),
        )
        for each in batch.acts
    ]
    return Outcomes(
        outcomes=[_outcome(act, result) for act, result in zip(acts, _do(actor, acts), strict=True)]
    )


def _claimed(at: datetime | None) -> dict[str, Any]:
    return {"at": at, "claimed": True} if at else {}


_ABSENT = (Reason("missing", "没有这个事项，或您无权查看", "There is no such matter, or you may not see it"),)


def _do(actor: Actor, acts: Sequence[Act]) -> list[Result]:
    """What became of each act. A matter the actor may not see is answered as one that does not exist."""
    procedures = _procedures_of(acts)
    ready = [_ready(act, procedures) for act in acts]
    performed = iter(perform([act for act in ready if isinstance(act, Act)]))
    results = [next(performed) if isinstance(act, Act) else act for act in ready]
    in_doubt = {
        act.matter for act, result in zip(acts, results, strict=True) if act.matter and _tells(result)
    }
    if not in_doubt:
        return results
    seen = set(visible(actor).filter(pk__in=in_doubt).values_list("pk", flat=True))
    hidden = in_doubt - seen
    return [
        Refused(act.matter, _ABSENT) if act.matter in hidden and _tells(result) else result
        for act, result in zip(acts, results, strict=True)
    ]


def _tells(result: Result) -> bool:
    """Whether a result tells of a matter without its actor having been found entitled to the act."""
    return isinstance(result, Refused) or result.repeated


def _ready(act: Act, procedures: Mapping[UUID, tuple[str, int]]) -> Act | Refused:
    """The act with its place located, or why it cannot even be tried."""
    here = city()
    if act.opens and act.opens not in here.current:
        names = ", ".join(sorted(here.current))
        return _refusal(
            act,
            "unknown-procedure",
            f"没有流程 {act.opens}；可用：{names}",
            f"There is no procedure {act.opens}; there are: {names}",
            "procedure",
        )
    if act.opens and act.key and act.actor is ANYONE and len(act.key) < LONG_KEY:
        return _refusal(
            act,
            "weak-key",
            f"匿名提交的 key 须随机且不少于 {LONG_KEY} 个字符，例如 UUID",
            f"Without a name a key must be random and of {LONG_KEY} characters or more, such as a UUID",
            "key",
        )
    name, version = (act.opens, None) if act.opens else procedures.get(act.matter, (None, None))  # type: ignore[arg-type]
    if name is None:
        return act
    try:
        return act._replace(data=locate(act.data, here.procedure(name, version).definition))
    except Unlocated as error:
        return Refused(act.matter, (error.reason,))


def _refusal(act: Act, code: str, zh: str, en: str, field: str) -> Refused:
    return Refused(act.matter, (Reason(code, zh, en, field),))


def _procedures_of(acts: Iterable[Act]) -> dict[UUID, tuple[str, int]]:
    """Procedure and version of the matters that acts bring what may be a place; one statement, or none."""
    wanted = {
        act.matter
        for act in acts
        if act.matter and any(isinstance(value, dict) for value in act.data.values())
    }
    if not wanted:
        return {}
    rows = Matter.objects.filter(pk__in=wanted).values_list("pk", "procedure", "version")
    return {matter: (procedure, version) for matter, procedure, version in rows}


# --- what is answered -------------------------------------------------------------------------------


def _receipt(act: Act, result: Result) -> Receipt:
    if isinstance(result, Done):
        return _given(act, result)
    raise missing() if result.reasons is _ABSENT else refused(result.reasons)


def _outcome(act: Act, result: Result) -> Outcome:
    if isinstance(result, Done):
        return Outcome(status=201 if act.opens else 200, done=_given(act, result))
    reasons = [
        ReasonGiven(code=each.code, zh=each.zh, en=each.en, field=each.field) for each in result.reasons
    ]
    return Outcome(status=404 if result.reasons is _ABSENT else status_of(result.reasons), reasons=reasons)


def _given(act: Act, done: Done) -> Receipt:
    link = None
    if act.opens and act.actor is ANYONE:
        link = link_after(done.matter, city().procedure(act.opens), act.action)
    return Receipt(
        id=done.matter,
        number=done.number,
        seq=done.seq,
        state=done.state,
        repeated=done.repeated,
        link=link,
    )
