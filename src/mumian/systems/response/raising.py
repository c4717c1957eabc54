"""Calling for help: a kind, a place, a sentence; by anyone on the spot, by the desk, or to practise."""

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.engine.looking import link_after
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.response.acting import look_again
from mumian.systems.response.entering import watches
from mumian.systems.response.rings import cards
from mumian.systems.response.rules import INCIDENT
from mumian.web import errors
from mumian.web.forms import Form, Sent
from mumian.web.matters import would_fail
from mumian.web.reporting import LONG_KEY

ICONS = {"01": "alert", "02": "people", "03": "aid", "04": "flame", "05": "heart", "06": "search"}


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def call_for_help(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    drill = "drill" in request.GET
    if drill and actor.role != "duty-officer":
        raise Http404
    action = "begin-drill" if drill else "raise"
    compiled = city().procedure(INCIDENT)
    form = Form(compiled, action, actor, without={"drill", "photos"})
    if request.method != "POST":
        return _page(request, form, drill)
    if actor.person is None:
        try:
            limit_public(request)
        except Problem as problem:
            return errors.too_many(request, problem)
    sent = form.read(request)
    if drill:
        sent.data["drill"] = True
    act = Act(action, actor, sent.data, opens=INCIDENT, key=_key(request), channel="web")
    if sent.faults:
        return _page(request, form, drill, sent, would_fail(act))
    [result] = perform([act])
    if isinstance(result, Refused):
        return _page(request, form, drill, sent, result.reasons)
    look_again(result.matter)
    if watches(actor):
        return redirect("response:incident", result.number)
    return redirect("web:received", result.number, link_after(result.matter, compiled, action))


def _page(
    request: HttpRequest, form: Form, drill: bool, sent: Sent | None = None, reasons: Any = ()
) -> HttpResponse:
    fields = {field.name: field for field in form.fields(sent, reasons)}
    kinds = city().kinds[INCIDENT]
    context = {
        "drill": drill,
        "fields": [field for name, field in fields.items() if name not in ("category", "gravity")],
        "category": fields["category"],
        "gravity": fields["gravity"],
        "chosen_gravity": (sent.shown.get("gravity") if sent else None) or "serious",
        "kinds": [
            {"code": code, "title": kinds[code], "card": card, "icon": ICONS.get(code, "alert")}
            for code, card in cards().items() if code in kinds
        ],
        "problems": form.others(reasons),
        "key": _key(request),
    }  # fmt: skip
    return render(request, "response/raise.html", context, status=422 if sent else 200)


def _key(request: HttpRequest) -> str:
    given = request.POST.get("key", "")
    return given if LONG_KEY <= len(given) <= 64 and given.isalnum() else uuid4().hex
