"""Who comes in to the pages of hand-overs, and the one whose number stands in the address."""

from __future__ import annotations

from functools import wraps

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from mumian.engine.looking import Look
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.systems.justice.packages import sending
from mumian.systems.justice.packages.rules import HANDOVER, RECEIVED
from mumian.web import errors
from mumian.web.entering import View, by_name

KEEPER = "record-keeper"


def of_an_agency(view: View) -> View:
    """For those who work on cases for an agency: gives the view the actor."""

    @wraps(view)
    @by_name
    def entering(request: HttpRequest, actor: Actor, *args: object, **more: object) -> HttpResponseBase:
        if actor.role not in (*sending.SENDERS, KEEPER):
            return errors.no_post(request)
        return view(request, actor, *args, **more)

    return entering


def of_a_handover(view: View) -> View:
    """Gives a view the hand-over or received file with the number in the address, if it is of the actor's agency."""

    @wraps(view)
    @of_an_agency
    def seeing(request: HttpRequest, actor: Actor, number: str, **more: object) -> HttpResponseBase:
        normal = read_number(number)
        rows = visible(actor).filter(number=normal, procedure__in=(HANDOVER, RECEIVED))
        key = rows.values_list("pk", flat=True).first() if normal else None
        seen: Look | None = sending.seen_by(actor, key) if key else None
        if seen is None:
            raise Http404
        return view(request, seen, **more)

    return seeing


def whole(request: HttpRequest, name: str) -> int:
    return number_in(request.POST.get(name, ""))


def number_in(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0
