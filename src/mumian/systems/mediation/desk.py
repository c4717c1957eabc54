"""The mediator's desk: what waits for an answer, what is in hand, and the week as it is booked."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.systems.mediation.cases import open_cases
from mumian.systems.mediation.entering import as_mediator, as_oneself
from mumian.systems.mediation.models import Mediator, Session
from mumian.systems.mediation.rules import MEDIATIONS, PERFORMANCE
from mumian.systems.mediation.showing import line, mode
from mumian.web.matters import related

DAYS, MOST = 7, 200


@never_cache
@require_GET
@as_mediator
def desk(request: HttpRequest, actor: Actor, own: Mediator) -> HttpResponse:
    """Cases that are mine, the soonest due first; sessions of seven days from the day asked for."""
    seen = visible(as_oneself(actor)).filter(closed_at=None)
    rows = list(
        seen.filter(procedure__in=MEDIATIONS, data__mediator=own.person_id.hex).order_by("due_at", "pk")[
            :MOST
        ]
    )
    following = list(seen.filter(procedure=PERFORMANCE).order_by("due_at", "pk")[:MOST])
    start = day_asked(request)
    cases = {row.pk: row for row in rows}
    context = {
        "own": own,
        "to_accept": [line(row) for row in rows if row.state == "appointed"],
        "going": [line(row) for row in rows if row.state != "appointed"],
        "following": [related(row) for row in following],
        "days": week(_sessions(own, start), start, lambda row: _shown(row, cases)),
        "before": (start - timedelta(days=DAYS)).date().isoformat(),
        "after": (start + timedelta(days=DAYS)).date().isoformat(),
        "open": open_cases([own.pk]).get(own.pk, 0),
    }
    return render(request, "mediation/desk.html", context)


def day_asked(request: HttpRequest) -> datetime:
    """The day in the address, else today: its first moment on the city's clock."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        asked = datetime.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return today
    return timezone.make_aware(asked) if timezone.is_naive(asked) else asked


def week(
    rows: Iterable[Session], start: datetime, shown: Callable[[Session], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Seven days with the sessions held on each, one that lasts on every day it does."""
    today, found = timezone.localdate(), list(rows)
    days = []
    for number in range(DAYS):
        begins = start + timedelta(days=number)
        until = begins + timedelta(days=1)
        held = [row for row in found if row.during.lower < until and begins < row.during.upper]
        days.append(
            {"date": begins, "today": begins.date() == today, "sessions": [shown(row) for row in held]}
        )
    return days


def _sessions(own: Mediator, start: datetime) -> "QuerySet[Session]":
    until = start + timedelta(days=DAYS)
    rows = Session.objects.filter(mediator=own, cancelled=False, during__overlap=(start, until))
    return rows.select_related("room").order_by("during")


def _shown(row: Session, cases: dict[Any, Matter]) -> dict[str, Any]:
    case = cases.get(row.matter)
    return {
        "begins": row.during.lower, "ends": row.during.upper, "mode": mode(row.mode), "written": row.mode == "written",
        "room": str(row.room) if row.room else "", "link": row.link, "title": case.title if case else "",
        "url": reverse("mediation:one", args=[case.number]) if case else "",
    }  # fmt: skip
