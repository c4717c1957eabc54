"""What the definitions of incidents and alerts cannot say: what is done right after an act, in the same breath."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from mumian.engine.matter import Data, Matter
from mumian.engine.rules import RULES, Act, Circumstances, Effect, Job, Open
from mumian.systems.response.rings import rings

INCIDENT, ALERT = "incident", "unit-alert"
DRILL, FINDING, ROUND = "drill", "drill-finding", "round"
DUTY = "duty-officer"
EARLY = timedelta(minutes=30)
"""By so much before it begins a round may be walked."""
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


class Point(NamedTuple):
    """A point of a round."""

    number: int
    name: str
    lon: float
    lat: float
    look: str = ""
    """What to look at there."""


def route_of(data: Data) -> list[Point]:
    """The points of a round in their order."""
    said = str(data.get("route") or "")
    return [Point(*each) for each in json.loads(said)] if said.startswith("[") else []


def passed_of(matter: Matter) -> set[int]:
    """The numbers of the points at which the patrol was."""
    return {int(each) for each in str(matter.data.get("passed") or "").split(",") if each.isdigit()}


def _unsaid(around: Circumstances) -> bool:
    """Whether it is only asked what may be done: then what is known is what was said before."""
    return around.data is around.matter.data


@RULES.condition("point-of-the-round")
def point_of_the_round(around: Circumstances) -> Mapping[str, str] | None:
    """Each point of the round is reached once, and none long before the round begins."""
    route, number = route_of(around.matter.data), around.data.get("point")
    if route and around.now + EARLY < datetime.fromisoformat(around.matter.data["begins"]):
        return {"zh": "未到巡逻时间", "en": "It is too early for this round"}
    if _unsaid(around):
        return None
    if route and number not in {each.number for each in route}:
        return {"zh": f"此次巡逻没有第 {number} 点", "en": f"The round has no point {number}"}
    if number in passed_of(around.matter):
        return {"zh": f"第 {number} 点已到过", "en": f"Point {number} was reached already"}
    return None


@RULES.condition("said-what-was-seen")
def said_what_was_seen(around: Circumstances) -> Mapping[str, str] | None:
    """Where not all is well it is said what it is."""
    if _unsaid(around) or around.data["seen"] == "well" or around.data.get("note"):
        return None
    return {"zh": "请说明看到了什么", "en": "Say what it is"}


@RULES.effect("note-the-point")
def note_the_point(around: Circumstances) -> list[Effect]:
    """The point is noted; with the last one the round is walked. What was seen is reported, or help is called for."""
    matter, number = around.matter, around.data["point"]
    passed, route = passed_of(matter) | {number}, route_of(matter.data)
    effects: list[Effect] = [Act(matter.id, "mark", {"passed": ",".join(map(str, sorted(passed)))})]
    if all(each.number in passed for each in route):
        effects.append(Act(matter.id, "finish", {}))
    if around.data["seen"] != "well":
        procedure, action = (
            ("grid-event", "report") if around.data["seen"] == "matter" else (INCIDENT, "raise")
        )
        point = next((each for each in route if each.number == number), None)
        at = {"lon": point.lon, "lat": point.lat, "address": point.name} if point else {}
        where = {**matter.data["where"], **at}
        effects.append(Open(procedure, action, {"what": around.data["note"], "where": where}, part=False))
    return effects


def _incident(around: Circumstances) -> UUID:
    """The incident itself, or the one an alert belongs to."""
    matter = around.matter
    return matter.id if matter.procedure == INCIDENT or matter.parent is None else matter.parent
