"""The calendar of rooms: who meets where in seven days, for mediators of the house and for its organisers."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.people.actor import Actor
from mumian.place.codes import range_of
from mumian.systems.mediation.appointing import ORGANISER
from mumian.systems.mediation.desk import DAYS, day_asked, week
from mumian.systems.mediation.models import MeetingRoom, Session
from mumian.web import errors
from mumian.web.entering import by_name

MOST = 60


@never_cache
@require_GET
@by_name
def calendar(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Seven days of each room, from the day asked for. What is discussed there is not said."""
    rooms = list(_rooms(actor).select_related("body__organisation").order_by("body", "name")[:MOST])
    if not rooms and actor.role not in (ORGANISER, "mediator"):
        return errors.no_post(request)
    start = day_asked(request)
    met = Session.objects.filter(
        room__in=rooms, cancelled=False, during__overlap=(start, start + timedelta(days=DAYS))
    )
    held: dict[int | None, list[Session]] = {}
    for row in met.select_related("mediator__person").order_by("during"):
        held.setdefault(row.room_id, []).append(row)
    context = {
        "rooms": [{"room": room, "days": week(held.get(room.pk, []), start, _shown)} for room in rooms],
        "before": (start - timedelta(days=DAYS)).date().isoformat(),
        "after": (start + timedelta(days=DAYS)).date().isoformat(),
    }
    return render(request, "mediation/rooms.html", context)


def _rooms(actor: Actor) -> "QuerySet[MeetingRoom]":
    """Rooms at the organiser's place, or of the mediator's own organisation."""
    rows = MeetingRoom.objects.filter(active=True)
    if actor.role == ORGANISER:
        low, high = range_of(actor.place)
        return rows.filter(body__organisation__place__gte=low, body__organisation__place__lt=high)
    return rows.filter(body__mediators__person=actor.person)


def _shown(row: Session) -> dict[str, Any]:
    return {"begins": row.during.lower, "ends": row.during.upper, "title": str(row.mediator)}
