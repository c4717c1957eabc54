"""What the definitions of incidents and alerts cannot say: what is done right after an act, in the same breath."""

from collections.abc import Mapping
from uuid import UUID

from mumian.engine.rules import RULES, Act, Circumstances, Effect, Job, Open
from mumian.systems.response.rings import rings

INCIDENT, ALERT = "incident", "unit-alert"
DRILL, FINDING = "drill", "drill-finding"
DUTY = "duty-officer"
GO_ON = "response.go-on"
"""The job that looks at an incident and does what is due."""


@RULES.condition("desk-of-the-place")
def desk_of_the_place(around: Circumstances) -> Mapping[str, str] | None:
    """A duty officer answers only for units called to what is within the place of the own post."""
    actor = around.actor
    if actor.role != DUTY or around.matter.place.startswith(actor.place):
        return None
    return {"zh": "事发地不在您值班的辖区内", "en": "It did not happen in the place of your desk"}


@RULES.effect("alert-units")
def alert_units(around: Circumstances) -> list[Effect]:
    """The incident is looked at again as soon as this is stored: who must be called, called back, replaced."""
    return [Job(GO_ON, {"incident": _incident(around).hex})]


@RULES.effect("widen-the-call")
def widen_the_call(around: Circumstances) -> list[Effect]:
    """The next ring is opened at once, where there is one; asked for at the scene, the incident is told."""
    matter = around.matter
    if matter.procedure == ALERT:
        remark = {"remark": said} if (said := around.data.get("remark")) else {}
        return [Act(matter.parent, "more", remark)] if matter.parent else []
    ring = matter.data.get("ring", 0) + 1
    widened: list[Effect] = (
        [Act(matter.id, "widen", {"ring": ring, "why": "more"})] if ring <= len(rings()) else []
    )
    return [*widened, *alert_units(around)]


@RULES.effect("begin-the-drill")
def begin_the_drill(around: Circumstances) -> list[Effect]:
    """The incident that is practised, marked as a drill, to which those who take part are called."""
    planned = around.matter.data
    asked = ("what", "where", "category", "gravity", "taking_part")
    data = {name: planned[name] for name in asked if planned.get(name)}
    return [Open(INCIDENT, "begin-drill", {**data, "drill": True}, part=False)]


@RULES.effect("end-the-drill")
def end_the_drill(around: Circumstances) -> list[Effect]:
    """Where the incident was a drill that was planned, that is over with it."""
    matter = around.matter
    return [Act(matter.parent, "over", {})] if matter.parent and matter.data.get("drill") else []


def _incident(around: Circumstances) -> UUID:
    """The incident itself, or the one an alert belongs to."""
    matter = around.matter
    return matter.id if matter.procedure == INCIDENT or matter.parent is None else matter.parent
