"""The duty desk: what is happening, who is called, who comes, on a live map and as a list."""

import math
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.place.codes import Level, range_of
from mumian.systems.response.entering import on_watch
from mumian.systems.response.models import Alert, Position
from mumian.systems.response.nearest import METRES_A_DEGREE, ON_DUTY, reach
from mumian.systems.response.rings import rings
from mumian.systems.response.rules import INCIDENT
from mumian.systems.response.showing import GONE, point_of, shown
from mumian.systems.response.units import unit_within
from mumian.web import presenting, words

MOST, RECENT = 50, 8
MOST_UNITS = 3000
"""Units sent to the map at once."""
DRAWN = 3
"""Rings that are always drawn, whether open or not."""
CORNERS = 72
"""Of a ring as it is drawn."""


@never_cache
@require_GET
@on_watch
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All that is not over, those that need somebody first."""
    found = visible(actor).filter(procedure=INCIDENT)
    now = list(found.filter(closed_at=None).order_by("-opened_at")[:MOST])
    past = list(found.exclude(closed_at=None).order_by("-closed_at")[:RECENT])
    both = shown([*now, *past])
    place = actor.place or city().world.top
    units, ready = readiness(place)
    context = {
        "incidents": sorted(both[: len(now)], key=lambda each: (each.drill, not each.alone)),
        "past": both[len(now) :],
        "place": place,
        "place_name": presenting.place_name(place),
        "units": units,
        "ready": ready,
        "rings": rings(),
        "may_drill": actor.role == "duty-officer",
        "now": timezone.now(),
    }
    return render(request, "response/desk.html", context)


@never_cache
@require_GET
@on_watch
def on_map(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Incidents, rings, units and those under way as GeoJSON (RFC 7946); of one incident with `number`."""
    found = visible(actor).filter(procedure=INCIDENT, closed_at=None)
    if number := request.GET.get("number"):
        found = visible(actor).filter(procedure=INCIDENT, number=number)
    incidents = list(found.order_by("-opened_at")[:MOST])
    alerts = Alert.objects.filter(incident__in=[each.pk for each in incidents]).exclude(state__in=GONE)
    called = {alert.unit_id: alert.state for alert in alerts}
    features = [
        *_rings(incidents),
        *_units(actor.place, called),
        *_incidents(incidents),
        *_positions(incidents),
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features, "bbox": _around(features)})


@never_cache
@require_GET
@on_watch
def unit_on_map(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """A unit within the reader's place as GeoJSON: where it is, how far it gets, and the others round about."""
    own = unit_within(actor.place, key)
    features = [
        *(_ring(own.lon, own.lat, each.minutes) for each in rings()[:DRAWN]),
        *_units(actor.place, {}),
        _point(own.lon, own.lat, what="unit", state="own", title=str(own.organisation)),
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features, "bbox": _around(features)})


def readiness(place: str) -> tuple[int, int]:
    """How many units there are within a place, and how many of them have somebody on duty now. One statement."""
    low, high = range_of(place) if place else ("", ":")
    with connection.cursor() as cursor:
        cursor.execute(_READINESS, {"low": low, "high": high, "now": timezone.now()})
        units, ready = cursor.fetchone()
    return units, ready


_READINESS = f"""
    SELECT count(*), count(*) FILTER (WHERE {ON_DUTY})
    FROM response_emergencyunit u JOIN people_organisation o ON o.id = u.organisation_id
    WHERE u.active AND o.place >= %(low)s AND o.place < %(high)s
"""  # noqa: S608  (only constants)

_UNITS = f"""
    SELECT u.organisation_id, o.name, o.name_en, u.lon, u.lat, {ON_DUTY}
    FROM response_emergencyunit u JOIN people_organisation o ON o.id = u.organisation_id
    WHERE u.active AND o.place >= %(low)s AND o.place < %(high)s ORDER BY 1 LIMIT %(most)s
"""  # noqa: S608


def _units(place: str, called: dict[int, str]) -> list[dict[str, Any]]:
    low, high = range_of(place[: Level.DISTRICT]) if place else ("", ":")
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, {"low": low, "high": high, "now": timezone.now(), "most": MOST_UNITS})
        rows = cursor.fetchall()
    english = words.language() == "en"
    return [
        _point(
            lon,
            lat,
            what="unit",
            state=called.get(key) or ("ready" if ready else "off"),
            title=(english and en) or zh,
        )
        for key, zh, en, lon, lat, ready in rows
    ]


def _incidents(matters: list[Matter]) -> list[dict[str, Any]]:
    points = ((matter, point_of(matter)) for matter in matters)
    return [
        _point(*point, what="incident", title=matter.title, url=f"/response/incidents/{matter.number}",
               state="drill" if matter.data.get("drill") else "real")
        for matter, point in points if point
    ]  # fmt: skip


def _positions(matters: list[Matter]) -> list[dict[str, Any]]:
    rows = Position.objects.filter(alert__incident__in=[each.pk for each in matters], alert__ended_at=None)
    return [
        _point(
            each.lon, each.lat, what="responder", title=str(each.alert.unit.organisation), state="under-way"
        )
        for each in rows.select_related("alert__unit__organisation")
    ]


def _rings(matters: list[Matter]) -> list[dict[str, Any]]:
    """The rings that are open around each incident, as far as one gets in a straight line."""
    drawn = []
    for matter in matters:
        if matter.closed_at is None and (point := point_of(matter)):
            opened = int(matter.data.get("ring") or 0)
            for ring in rings()[: max(opened, DRAWN)]:
                drawn.append(_ring(*point, ring.minutes, is_open=ring.number <= opened))
    return drawn


def _ring(lon: float, lat: float, minutes: int, *, is_open: bool = True) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"what": "ring", "title": f"{minutes}", "open": is_open},
        "geometry": {"type": "LineString", "coordinates": _circle(lon, lat, reach(minutes * 60))},
    }


def _circle(lon: float, lat: float, metres: float) -> list[list[float]]:
    tall, broad = metres / METRES_A_DEGREE, metres / (METRES_A_DEGREE * math.cos(math.radians(lat)))
    turns = [2 * math.pi * each / CORNERS for each in range(CORNERS + 1)]
    return [[round(lon + broad * math.cos(turn), 6), round(lat + tall * math.sin(turn), 6)] for turn in turns]


def _point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


def _around(features: list[dict[str, Any]]) -> list[float] | None:
    """What must be on the sheet: the rings, else nothing said."""
    points = [
        point
        for each in features
        if each["properties"]["what"] == "ring"
        for point in each["geometry"]["coordinates"]
    ]
    if not points:
        return None
    return [
        min(x for x, _ in points),
        min(y for _, y in points),
        max(x for x, _ in points),
        max(y for _, y in points),
    ]
