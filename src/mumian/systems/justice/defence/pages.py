"""A lawyer's desk, and a mandate as its lawyer and the agency see it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.looking import Look
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.justice.defence import counsel
from mumian.systems.justice.defence.rules import DEFENCE, LICENCE, MANDATE
from mumian.systems.justice.defence.showing import line_of, of_a_matter, shown_of
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.entering import by_name

HANDLING = ("police-officer", "prosecutor", "judge")


@never_cache
@require_GET
@by_name
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A lawyer's mandates and all that goes on in them; one who is none yet is told how to be verified."""
    own = counsel.counsel_of(actor)
    rows = counsel.own(actor, *DEFENCE)
    lines = [line_of(row) for row in rows]
    context = {
        "own": own,
        "licence": next((each for each in lines if each["procedure"] == LICENCE), None),
        "mandates": [each for each in lines if each["procedure"] == MANDATE and not each["over"]],
        "going": [each for each in lines if each["procedure"] not in (MANDATE, LICENCE) and not each["over"]],
        "over": [each for each in lines if each["procedure"] != LICENCE and each["over"]][:30],
    }
    return render(request, "justice/defence.html", context)


@never_cache
@require_GET
@of_a_matter(MANDATE)
def mandate(request: HttpRequest, seen: Look) -> HttpResponse:
    """A mandate: what can be begun on it, and what goes on."""
    return page(request, seen)


def page(
    request: HttpRequest, seen: Look, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    own = counsel.mandate_of(seen.actor, seen.matter.id) is not None
    handling = seen.actor.role in HANDLING and seen.involved and seen.matter.state in ("filed", "confirmed")
    rows = (
        visible(seen.actor).filter(parent=seen.matter.id, procedure__in=DEFENCE).order_by("-opened_at", "-pk")
    )
    context = shown_of(seen) | {
        "problems": problems or [], "mine": own and counsel.counsel_of(seen.actor) is not None,
        "lines": [line_of(row) for row in rows[:100]], "readable": bool(own and counsel.readable(seen)),
        "stages": [_stage(row, seen) for row in counsel.stages(seen)] if handling else None,
    }  # fmt: skip
    return render(request, "justice/mandate.html", context, status=status)


def _stage(row: Row, mandate: Look) -> dict[str, Any]:
    compiled = city().procedure(row.procedure, row.version)
    return {
        "title": compiled.definition.title, "name": row.title, "number": row.number, "url": Addresses(row.number).home,
        "case": row.data.get("filed_as") or row.data.get("case") if row.title != row.data.get("case") else "",
        "state": presenting.state(compiled, row.state, row.outcome), "joined": mandate.matter.data.get("stage") == row.pk.hex,
    }  # fmt: skip


@require_POST
@of_a_matter(MANDATE)
def join(request: HttpRequest, seen: Look) -> HttpResponse:
    """The agency says of which case a mandate is; one that waits is confirmed with it."""
    chosen = next((row for row in counsel.stages(seen) if row.number == request.POST.get("stage")), None)
    if chosen is None:
        raise Http404
    said = {"stage": chosen.pk.hex}
    if seen.matter.state == "filed":
        act = Act("confirm", seen.actor, {**said, "case": seen.matter.data["case"]}, seen.matter.id)
    else:
        act = Act("join", seen.actor, said, seen.matter.id)
    [result] = perform([act])
    if isinstance(result, Refused):
        return page(request, seen, presenting.said(result.reasons), 409)
    return redirect("justice:mandate", seen.matter.number)
