"""Asking for mediation: the form, which may come filled in; and one's own mediations."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.mediation.cases import keep
from mumian.systems.mediation.entering import as_oneself
from mumian.systems.mediation.rules import CONCLUSION, CONFIRMATION, FILING, MEDIATIONS, PERFORMANCE
from mumian.systems.mediation.showing import line
from mumian.web.entering import by_name
from mumian.web.forms import Form, Sent
from mumian.web.matters import key_sent, related, would_fail
from mumian.web.opening import forget_offered, is_offered, keep_offered, offered

PROCEDURE = "people-mediation"
MOST = 100


@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """Keeps what another page offers, guidance for one, also of those who have yet to sign in; else the form."""
    return keep_offered(request, PROCEDURE) if is_offered(request) else _ask(request)


@by_name
def _ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, with what is known filled in; and what becomes of it. An organiser registers for somebody else."""
    action = "register" if actor.role == "mediation-organiser" else "request"
    who = actor if action == "register" else as_oneself(actor)
    form = Form(city().procedure(PROCEDURE), action, who)
    if request.method != "POST":
        brought = offered(request, form)
        own = {"requester_name": who.name, "contact": request.user.phone} if action == "request" else {}  # type: ignore[union-attr]
        shown = {**own, **brought}
        return _page(request, form, Sent(shown=shown) if shown else None, filled=bool(brought))
    sent = form.read(request)
    act = Act(action, who, sent.data, opens=PROCEDURE, key=key_sent(request), channel="web")
    if sent.faults:
        return _page(request, form, sent, would_fail(act), 422)
    [result] = perform([act])
    if isinstance(result, Refused):
        return _page(request, form, sent, result.reasons, 422)
    keep([result.matter])
    response = redirect("mediation:one", result.number)
    forget_offered(response, PROCEDURE)
    return response


def _page(
    request: HttpRequest,
    form: Form,
    sent: Sent | None,
    reasons: Any = (),
    status: int = 200,
    *,
    filled: bool = False,
) -> HttpResponse:
    fields = {field.name: field for field in form.fields(sent, reasons)}
    groups = [
        ("about", ["kind", "what", "claim", "where"]),
        ("sides", ["requester_name", "contact", "respondent_name", "respondent_contact"]),
        ("more", ["facts", "photos", "language", "leave_requester"]),
    ]
    context = {
        "groups": [(name, [fields[each] for each in names if each in fields]) for name, names in groups],
        "fields": list(fields.values()),
        "problems": form.others(reasons),
        "for_another": form.action == "register",
        "filled": filled,
        "key": key_sent(request) or uuid4().hex,
    }
    return render(request, "mediation/ask.html", context, status=status)


@never_cache
@require_GET
@by_name
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own mediations, and what followed from them, whatever one's office is."""
    rows = visible(as_oneself(actor)).filter(
        procedure__in=(*MEDIATIONS, PERFORMANCE, CONFIRMATION, CONCLUSION, FILING)
    ).order_by("-opened_at", "-pk")[:MOST]  # fmt: skip
    found = list(rows)
    context = {
        "going": [line(row) for row in found if row.procedure in MEDIATIONS and row.closed_at is None],
        "over": [line(row) for row in found if row.procedure in MEDIATIONS and row.closed_at is not None],
        "after": [related(row) for row in found if row.procedure not in MEDIATIONS],
    }
    return render(request, "mediation/mine.html", context)
