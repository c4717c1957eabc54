"""Orders as a lawyer and the court see one, and the page on which anyone verifies one."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.engine.looking import Look
from mumian.engine.perform import Refused
from mumian.systems.justice.defence import orders, paper
from mumian.systems.justice.defence.models import Order
from mumian.systems.justice.defence.rules import ORDER, order_rules
from mumian.systems.justice.defence.showing import of_a_matter, shown_of, whole
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.errors import too_many


@never_cache
@require_GET
@of_a_matter(ORDER)
def order(request: HttpRequest, seen: Look) -> HttpResponse:
    """An order: what was asked, until when it is valid, and its code and paper for the one who holds it."""
    return _order(request, seen)


def _order(
    request: HttpRequest, seen: Look, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    matter = seen.matter
    issued = Order.objects.filter(matter=matter.id).first()
    context = shown_of(seen) | {
        "problems": problems or [], "rules": order_rules(str(matter.data.get("province", ""))), "order": issued,
        "may_issue": seen.actor.role == "judge" and matter.state == "applied" and matter.unit in seen.actor.lineage,
        "verify": request.build_absolute_uri(reverse("justice:verify")),
    }  # fmt: skip
    if issued is not None:
        context["code"] = orders.written(issued.code)
        context["picture"] = mark_safe(paper.picture(issued.code))
        context["paper"] = next(
            (Addresses(matter.number).file(each) for each in matter.data.get("paper", ())), ""
        )
    return render(request, "justice/order.html", context, status=status)


@require_POST
@of_a_matter(ORDER)
def issue(request: HttpRequest, seen: Look) -> HttpResponse:
    """The court issues it."""
    result = orders.issue(seen, whole(request, "days") or None)
    if isinstance(result, Refused):
        return _order(request, seen, presenting.said(result.reasons), 422)
    messages.success(request, _("Issued. The lawyer has the code."))
    return redirect("justice:order", seen.matter.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """For anyone who is shown an order: whether it is genuine and valid, and nothing of the case. At the public rate."""
    code = request.POST.get("code", "") or request.GET.get("code", "")
    shown = None
    if code:
        try:
            limit_public(request)
        except Problem as problem:
            return too_many(request, problem)
        shown = orders.verify(code)
    context = {
        "code": code[:40],
        "asked": bool(code),
        "shown": shown,
        "words": shown and STATES[shown.state](),
    }
    return render(request, "justice/verify.html", context)


STATES: dict[str, Callable[[], tuple[str, str]]] = {
    "valid": lambda: ("leaf", _("Genuine and valid")),
    "used": lambda: ("amber", _("Genuine; it has been shown already and waits for an answer")),
    "answered": lambda: ("neutral", _("Genuine; it has been used and answered")),
    "expired": lambda: ("kapok", _("Genuine, but no longer valid")),
    "withdrawn": lambda: ("kapok", _("Withdrawn by the court; it is not to be followed")),
}
