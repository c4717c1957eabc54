"""The organiser's desk: what has come in, whom to ask, who should mediate and why; appointed with one click."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.matter import Matter
from mumian.engine.perform import Refused
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.systems.mediation.appointing import Proposal, appoint_all, match_waiting
from mumian.systems.mediation.entering import as_organiser
from mumian.systems.mediation.rules import MEDIATIONS
from mumian.systems.mediation.showing import chips, line, short_kind
from mumian.web import presenting

MOST = 60


@never_cache
@require_GET
@as_organiser
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits for the organiser, in the order in which it is dealt with."""
    found = visible(actor).filter(procedure__in=MEDIATIONS, closed_at=None)
    rows = list(
        found.filter(state__in=("requested", "asked", "appointed")).order_by("due_at", "opened_at")[
            : 3 * MOST
        ]
    )
    now = timezone.now()
    proposals = [_shown(each, now) for each in match_waiting(actor, MOST)]
    late = found.filter(state__in=("mediating", "signing"), due_at__lt=now).order_by("due_at")[:MOST]
    context = {
        "new": [line(row) for row in rows if row.state == "requested"],
        "asked": [line(row) for row in rows if row.state == "asked"],
        "appointed": [line(row) for row in rows if row.state == "appointed"],
        "late": [line(row) for row in late],
        "going": found.filter(state__in=("mediating", "appraising", "signing")).count(),
        "ready": [each for each in proposals if each["ready"]],
        "waiting": [each for each in proposals if not each["ready"]],
        "place": presenting.place_name(actor.place),
    }
    return render(request, "mediation/organise.html", context)


@require_POST
@as_organiser
def appoint(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Appoints those that were ticked, each `matter:mediator`; what could not be is said."""
    wanted = [pair for text in request.POST.getlist("pair") if (pair := _pair(text))]
    results = appoint_all(
        actor,
        [(matter, mediator, _("Best fit by place, kind, load and record")) for matter, mediator in wanted],
    )
    refused = [result for result in results if isinstance(result, Refused)]
    if done := len(results) - len(refused):
        said = ngettext("%(count)d mediator is asked.", "%(count)d mediators are asked.", done)
        messages.success(request, said % {"count": done})
    for result in refused[:5]:
        messages.warning(request, " ".join(presenting.said(result.reasons)))
    return redirect("mediation:organise")


def _pair(text: str) -> tuple[UUID, int] | None:
    matter, _colon, mediator = text.partition(":")
    try:
        return UUID(matter), int(mediator)
    except ValueError:
        return None


def _shown(proposal: Proposal, now: Any) -> dict[str, Any]:
    matter, given = proposal.matter, proposal.candidate
    run = matter.clocks.get("choose")
    over = run is not None and run.due_at is not None and run.due_at < now
    return {
        "key": matter.id, "number": matter.number, "title": matter.title, "kind": short_kind(matter.category),
        "place": presenting.place_name(matter.place), "mediator": given.mediator if given else None,
        "chips": chips(given.cost, given.load, given.agreed, given.failed) if given else [],
        "ready": given is not None and (over or _left(matter)), "until": run.due_at if run else None,
        "none": given is None,
    }  # fmt: skip


def _left(matter: Matter) -> bool:
    return bool(matter.data.get("leave_requester")) and bool(matter.data.get("leave_respondent"))
