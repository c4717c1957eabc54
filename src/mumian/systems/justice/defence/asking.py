"""The forms of a lawyer: a licence to be verified, a mandate, and what begins on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mumian.engine.looking import Look
from mumian.engine.perform import Refused, Result
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.systems.justice.defence import counsel, orders
from mumian.systems.justice.defence.pages import HANDLING, page
from mumian.systems.justice.defence.rules import IN_PERSON, LICENCE, MANDATE, ORDER, READING, REQUEST
from mumian.systems.justice.defence.showing import of_a_matter, whole
from mumian.web import presenting
from mumian.web.entering import by_name
from mumian.web.forms import Form, Sent

KNOWN = ("unit", "lawyer", "client", "case", "mandate", "province")
"""What a lawyer is not asked again: it stands in the mandate."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@by_name
def licence(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Showing one's licence to a legal aid centre."""
    form = Form(city().procedure(LICENCE), "ask", actor, without=("unit", "lawyer"))

    def done(sent: Sent) -> Result:
        return counsel.ask_to_be_verified(actor, whole(request, "unit"), sent.data)

    return _asked(
        request, form, done, title=_("Have your licence verified"), units=_units("legal-aid-officer"),
        unit_title=_("Legal aid centre"), said=_("The centre compares it with the register of the bar."),
        after=lambda _result: redirect("justice:defence"), back=reverse("justice:defence"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@by_name
def new_mandate(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Filing a mandate with the agency that handles the case."""
    about = _uuid(request.GET.get("about", ""))
    known = ("unit", "lawyer", "client") if about else ("unit", "lawyer")
    form = Form(city().procedure(MANDATE), "file", actor, without=known)

    def done(sent: Sent) -> Result:
        return counsel.file_mandate(actor, {**sent.data, "unit": whole(request, "unit")}, about=about)

    return _asked(
        request, form, done, title=_("File a mandate"), units=_units(*HANDLING), unit_title=_("Agency that handles the case"),
        said=_("The agency confirms it; then you can read, ask and meet on it."), after=_to("justice:mandate"),
        back=reverse("justice:defence"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_matter(MANDATE)
def begin(request: HttpRequest, seen: Look, what: str) -> HttpResponse:
    """The form of what a lawyer begins on a mandate; reading begins without one."""
    procedure = BEGINS.get(what)
    if procedure is None or counsel.mandate_of(seen.actor, seen.matter.id) is None:
        raise Http404
    if procedure == READING:
        if request.method != "POST":
            raise Http404
        result = counsel.begin(seen.actor, seen.matter.id, READING, {})
        if isinstance(result, Refused):
            return page(request, seen, presenting.said(result.reasons), 409)
        return redirect("justice:reading", result.number)
    compiled = city().procedure(procedure)
    form = Form(compiled, counsel.BEGINS[procedure], seen.actor, without=KNOWN)
    role = counsel.ELSEWHERE.get(procedure)

    def done(sent: Sent) -> Result:
        unit = whole(request, "unit") if role else None
        if procedure == ORDER:
            said = [str(sent.data.get(name, "")) for name in ("addressee", "what", "why")]
            return orders.apply(
                seen.actor, seen.matter.id, unit or 0, addressee=said[0], what=said[1], why=said[2]
            )
        return counsel.begin(seen.actor, seen.matter.id, procedure, sent.data, unit=unit)

    titles = compiled.definition.form["unit"].title
    return _asked(
        request, form, done, title=presenting.titled(compiled.definition.actions[form.action], form.action),
        units=_units(role) if role else [], unit_title=titles, said=SAID[procedure](),
        after=_to("justice:order") if procedure == ORDER else lambda _result: redirect("justice:mandate", seen.matter.number),
        back=reverse("justice:mandate", args=[seen.matter.number]),
    )  # fmt: skip


BEGINS = {"reading": READING, "request": REQUEST, "in-person": IN_PERSON, "order": ORDER}
SAID: dict[str, Callable[[], str]] = {
    REQUEST: lambda: _("A change of a coercive measure is answered in 3 days (97), an opinion on custody in 10 (95)."),
    IN_PERSON: lambda: _("It is arranged within 48 hours (39). Nobody listens, and a meeting by video changes nothing of it."),
    ORDER: lambda: _("The court decides, and says for how long the order is valid."),
}  # fmt: skip


# --- what they share ----------------------------------------------------------------------------------


def _asked(
    request: HttpRequest,
    form: Form,
    done: Callable[[Sent], Result],
    *,
    title: Any,
    units: list[Organisation],
    unit_title: Any,
    said: str,
    after: Callable[[Any], HttpResponse],
    back: str,
) -> HttpResponse:
    """A form, and what becomes of it; what was filled in is never lost."""
    sent: Sent | None = None
    reasons: Any = ()
    if request.method == "POST":
        sent = form.read(request)
        if not sent.faults:
            result = done(sent)
            if not isinstance(result, Refused):
                return after(result)
            reasons = result.reasons
    context = {
        "title": title, "said": said, "fields": form.fields(sent, reasons), "problems": form.others(reasons),
        "units": units, "unit_title": unit_title, "unit": whole(request, "unit"), "back": back,
    }  # fmt: skip
    return render(request, "justice/defence_form.html", context, status=422 if sent else 200)


def _to(name: str) -> Callable[[Any], HttpResponse]:
    return lambda result: redirect(name, result.number)


def _units(*roles: str) -> list[Organisation]:
    """The units in which somebody holds one of these roles."""
    return list(Organisation.objects.filter(posts__role__in=roles, active=True).distinct().order_by("code"))


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        return None
