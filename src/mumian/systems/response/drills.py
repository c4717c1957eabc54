"""Drills: planned, run on the screens of an incident, measured by ring against the aims, and what they show put right."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.models import Matter
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import SYSTEM, Actor
from mumian.place.codes import range_of
from mumian.systems.response.acting import look_again
from mumian.systems.response.doing import FIRST_SHOWN, Again, Failed, do, doings, offering, seen
from mumian.systems.response.entering import on_watch
from mumian.systems.response.models import EmergencyUnit
from mumian.systems.response.review import by_ring, first_there
from mumian.systems.response.rings import rings
from mumian.systems.response.rules import DRILL, DUTY, FINDING, INCIDENT
from mumian.systems.response.showing import Called, Shown, gravity_title, in_minutes, shown
from mumian.web import presenting
from mumian.web.forms import Form
from mumian.web.matters import key_sent
from mumian.web.shown import Option
from mumian.web.words import Text

MOST = 60
MOST_UNITS = 300
"""Units that are offered for a drill."""
WIDTH = 100
"""Of the picture of a unit's way."""


@dataclass(frozen=True, slots=True)
class Way:
    """A unit's way from the call until it was there, drawn beside the aim of its ring."""

    called: Called
    ring: Text
    parts: list[tuple[float, float, str]]
    """From where, how wide, in which state; of `WIDTH`."""
    aim: float
    """Where the ring's time is up."""
    minutes: int
    late: bool


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def drills(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Those planned, those running and being reviewed, those of the past; and the form to plan one."""
    failed = None
    form = Form(city().procedure(DRILL), "plan", actor)
    if request.method == "POST":
        sent = form.read(request)
        [result] = perform([Act("plan", actor, sent.data, opens=DRILL, key=key_sent(request), channel="web")])
        if not isinstance(result, Refused):
            messages.success(request, _("The drill is planned."))
            return redirect("response:drill", result.number)
        failed = Failed("plan", sent, result.reasons)
    found = list(visible(actor).filter(procedure=DRILL).order_by("-opened_at")[:MOST])
    groups = {state: [_row(each) for each in found if each.state == state] for state in _STATES}
    fields = form.fields(failed.sent, failed.reasons) if failed else form.fields()
    context = {
        "planned": sorted(groups["planned"], key=lambda each: str(each["day"])),
        "now_running": groups["running"],
        "reviewed": groups["over"],
        "past": [*groups["closed"], *groups["dropped"]],
        "may_plan": actor.role == DUTY,
        "fields": offering(fields, {"taking_part": _units(actor.place)}),
        "problems": form.others(failed.reasons) if failed else [],
        "failed": failed is not None,
        "key": uuid4().hex,
    }
    return render(request, "response/drills.html", context, status=422 if failed else 200)


@never_cache
@require_GET
@on_watch
def drill(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """A drill with what it measured and what it has shown."""
    return _page(request, actor, number)


@never_cache
@require_POST
@on_watch
def act(request: HttpRequest, actor: Actor, number: str, action: str) -> HttpResponse:
    """Takes an action on the drill; once it has begun, the incident is the page to be on."""
    done = do(request, actor, DRILL, number, action, _page)
    if isinstance(done, HttpResponse):
        return done
    if action == "begin" and (practised := _practised(actor, done.matter)):
        look_again(practised.pk)
        return redirect("response:incident", practised.number)
    return redirect("response:drill", number)


def told_beforehand(unit: int) -> list[Matter]:
    """The drills that a unit is told of: planned, not kept from it, with it or with whoever is nearest in its place.

    A responder sees matters of the own unit alone; that a drill is coming is told by the desk, and no more of it.
    """
    own = city().units[unit]
    planned = visible(SYSTEM).filter(procedure=DRILL, closed_at=None, state="planned", data__told=True)
    return [
        each for each in planned.order_by("opened_at")[:MOST]
        if unit in (each.data.get("taking_part") or ()) or (not each.data.get("taking_part") and own.place.startswith(each.desk))
    ]  # fmt: skip


_STATES = ("planned", "running", "over", "closed", "dropped")


def _row(matter: Matter) -> dict[str, Any]:
    data = matter.data
    return {
        "number": matter.number,
        "title": matter.title,
        "day": datetime.fromisoformat(data["day"]),
        "place": presenting.place(matter.place),
        "kind": presenting.kind("incident", matter.category) if matter.category else "",
        "state": presenting.state_of(city().procedure(DRILL, matter.version), matter),
        "units": len(data.get("taking_part") or ()),
        "told": bool(data.get("told")),
    }


def _page(request: HttpRequest, actor: Actor, number: str, again: Again = FIRST_SHOWN) -> HttpResponse:
    found = seen(actor, DRILL, number)
    row = visible(actor).get(pk=found.matter.id)
    practised = _practised(actor, row.pk)
    measured = shown([practised])[0] if practised else None
    taking_part = [int(each) for each in row.data.get("taking_part") or ()]
    units = {each: city().units[each] for each in taking_part if each in city().units}
    context = {
        **_row(row),
        "gravity": gravity_title(str(row.data.get("gravity") or "")),
        "text": str(row.data.get("what") or row.title),
        "result": row.data.get("result"),
        "address": presenting.address(found.compiled, found.matter),
        "taking_part": [str(unit) for unit in units.values()],
        "practised": measured,
        "first": in_minutes(first_there(measured)) if measured else "",
        "ways": _ways(measured) if measured else [],
        "rings": [each for each in by_ring([measured]) if each["called"]] if measured else [],
        "findings": _findings(actor, row),
        "here": reverse("response:drill", args=[number]),
        "doings": doings(
            found, again.failed, order=("begin", "find", "close"), choices=_offered(actor, measured)
        ),
        "problem": again.problem,
        "now": timezone.now(),
        "key": uuid4().hex,
    }
    return render(request, "response/drill.html", context, status=again.status)


def _practised(actor: Actor, drill: Any) -> Matter | None:
    """The incident on whose screens the drill ran."""
    return visible(actor).filter(parent=drill, procedure=INCIDENT).first()


def _findings(actor: Actor, drill: Matter) -> list[dict[str, Any]]:
    units = city().units
    rows = visible(actor).filter(parent=drill.pk, procedure=FINDING).order_by("opened_at")
    return [
        {
            "number": each.number,
            "title": each.title,
            "unit": str(units.get(each.unit_id or 0, "")),
            "due": each.due_at or datetime.fromisoformat(each.data["due"]),
            "late": each.late,
            "state": presenting.state_of(city().procedure(FINDING, each.version), each),
        }
        for each in rows
    ]


def _offered(actor: Actor, measured: Shown | None) -> dict[str, list[Option]]:
    """Who is to put a finding right: those who were called first, then the units of the place."""
    called = {str(each.unit): each.name for each in measured.called} if measured else {}
    first = [Option(key, name) for key, name in called.items()]
    return {"unit": first + [each for each in _units(actor.place) if each.value not in called]}


def _units(place: str) -> list[Option]:
    low, high = range_of(place) if place else ("", ":")
    rows = EmergencyUnit.objects.filter(
        active=True, organisation__place__gte=low, organisation__place__lt=high
    )
    listed = rows.select_related("organisation").order_by("organisation__name")[:MOST_UNITS]
    return [Option(str(each.pk), str(each.organisation)) for each in listed]


def _ways(measured: Shown) -> list[Way]:
    """The ways of all that were called on one scale, the inner rings first."""
    known = {ring.number: ring for ring in rings()}
    reached = [known[each.ring].minutes * 60 for each in measured.called] + [
        each.took for each in measured.called if each.took is not None
    ]
    scale = WIDTH / max(reached, default=60)
    return [_way(each, known[each.ring].minutes, known[each.ring].title, scale) for each in measured.called]


def _way(each: Called, minutes: int, title: Text, scale: float) -> Way:
    aim = minutes * 60
    parts: list[tuple[float, float, str]] = []
    if each.answered is not None:
        parts.append((0.0, each.answered * scale, "alerted"))
        if each.took is not None:
            parts.append((each.answered * scale, (each.took - each.answered) * scale, "under-way"))
    elif each.took is not None:
        parts.append((0.0, each.took * scale, "under-way"))
    return Way(each, title, parts, aim * scale, minutes, each.took is not None and each.took > aim)
