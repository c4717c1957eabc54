"""One incident: what is to be done, who is called and who comes, what has been done, and the next step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.record.models import Entry
from mumian.systems.response.acting import look_again
from mumian.systems.response.doing import FIRST_SHOWN, Again, do, doings, seen
from mumian.systems.response.entering import on_watch
from mumian.systems.response.rings import rings
from mumian.systems.response.rules import ALERT, INCIDENT
from mumian.systems.response.showing import GONE, Shown, in_minutes, ring_titles, shown
from mumian.web import presenting, words
from mumian.web.words import Text

FIRST = ("more", "hand-over", "stand-down")
"""What is offered first."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of what has been done."""

    at: datetime
    title: Text
    unit: str
    note: Text


@never_cache
@require_GET
@on_watch
def incident(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    """The whole of it on one page."""
    return _page(request, actor, number)


@never_cache
@require_POST
@on_watch
def act(request: HttpRequest, actor: Actor, number: str, action: str) -> HttpResponse:
    """Takes an action on the incident."""
    done = do(request, actor, INCIDENT, number, action, _page)
    if isinstance(done, HttpResponse):
        return done
    look_again(done.matter)
    return redirect("response:incident", number)


def _page(request: HttpRequest, actor: Actor, number: str, again: Again = FIRST_SHOWN) -> HttpResponse:
    found = seen(actor, INCIDENT, number)
    row = visible(actor).get(pk=found.matter.id)
    [one] = shown([row])
    context = {
        "incident": one,
        "text": str(found.data.get("what") or one.title),
        "contact": found.data.get("contact"),
        "address": presenting.address(found.compiled, found.matter),
        "by_ring": _by_ring(one),
        "happened": _happened(one),
        "here": reverse("response:incident", args=[number]),
        "doings": doings(found, again.failed, order=FIRST),
        "problem": again.problem,
        "may_answer": actor.role == "duty-officer",
        "place": found.matter.place[:9] or city().world.top,
        "now": timezone.now(),
        "key": uuid4().hex,
    }
    return render(request, "response/incident.html", context, status=again.status)


def _by_ring(one: Shown) -> list[dict[str, object]]:
    titles = ring_titles()
    return [
        {
            "title": titles.get(ring.number, ""),
            "open": ring.number <= one.ring,
            "called": [each for each in one.called if each.ring == ring.number and each.state not in GONE],
            "gone": [each for each in one.called if each.ring == ring.number and each.state in GONE],
        }
        for ring in rings()
        if ring.number <= max(one.ring, 3)
    ]


_LEFT_OUT = {"ring"}


def _happened(one: Shown) -> list[Happened]:
    """All that was done at the incident and by those called to it, newest first. One statement."""
    units = {each.key: each.name for each in one.called}
    rows = Entry.objects.filter(subject__in=[one.key, *units]).exclude(action__in=_LEFT_OUT)
    found = rows.order_by("-at", "-seq").values_list("subject", "action", "at", "body")[:300]
    return [_line(subject, action, at, body, units) for subject, action, at, body in found]


def _line(
    subject: UUID, action: str, at: datetime, body: dict[str, object], units: dict[UUID, str]
) -> Happened:
    spec = city().procedure(ALERT if subject in units else INCIDENT).definition.actions.get(action)
    data = body.get("data")
    said = data if isinstance(data, dict) else {}
    note: Text = said.get("remark") or said.get("reason") or said.get("result") or ""
    if action == "widen":
        note = f"{words.in_words(ring_titles().get(said.get('ring', 0), ''))}{_(': ')}{_why(said.get('why', ''))}"
    elif action == "alert":
        note = _alerted(said)
    return Happened(at, presenting.titled(spec, action), units.get(subject, ""), note)


def _alerted(said: dict[str, Any]) -> str:
    """In which ring, how far away, and who was nearer but could not be called."""
    ring = words.in_words(ring_titles().get(said.get("ring", 0), ""))
    told = _("%(ring)s, %(time)s away.") % {"ring": ring, "time": in_minutes(said.get("seconds"))}
    _rank, *passed = str(said.get("chosen", "")).split("; ")
    titles = _passed_over()
    nearer = [
        f"{titles[why]} {count}"
        for why, _space, count in (each.partition(" ") for each in passed)
        if why in titles
    ]
    if not nearer:
        return told
    return told + " " + _("Nearer, but not called: %(units)s.") % {"units": _(", ").join(nearer)}


def _passed_over() -> dict[str, str]:
    return {
        "busy": _("called elsewhere"), "off_duty": _("off duty"), "unfit": _("not for this kind"),
    }  # fmt: skip


def _why(why: str) -> str:
    return {
        "time": _("its time had come"),
        "nobody": _("nobody nearer is left"),
        "more": _("more help was called for"),
    }.get(why, why)
