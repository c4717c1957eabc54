"""Finding a mediator or an organisation: for anybody, near a place, by kind and language, with fees and record."""

import math
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case as When_
from django.db.models import F, FloatField, QuerySet, Value, When
from django.db.models.functions import Cast, Cos, Power, Radians
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from mumian.engine.world import city
from mumian.systems.mediation.models import Body, BodySort, Mediator, MediatorSort
from mumian.web import presenting, words
from mumian.web.words import Text

PAGE = 24
KM_A_DEGREE = 111.32
MOST_ON_MAP = 2000
LANGUAGES: dict[str, dict[str, str]] = {
    "zh": {"zh": "普通话", "en": "Mandarin"}, "yue": {"zh": "粤语", "en": "Cantonese"},
    "hak": {"zh": "客家话", "en": "Hakka"}, "nan": {"zh": "潮汕话", "en": "Teochew"},
    "en": {"zh": "英语", "en": "English"}, "sign": {"zh": "手语", "en": "Sign language"},
}  # fmt: skip


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Mediators or organisations, the nearest first where one says where one is."""
    asked = {
        name: request.GET.get(name, "").strip()
        for name in ("kind", "language", "sort", "what", "q", "lon", "lat")
    }
    spot = _spot(asked)
    people = asked["what"] != "bodies"
    rows: QuerySet[Any] = _mediators(asked) if people else _bodies(asked)
    rows = _nearest(rows, spot, "body__" if people else "")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "asked": asked, "people": people, "page": page, "near": spot is not None, "place": city().world.top,
        "found": [_mediator(each, spot) for each in shown] if people else [_body(each, spot) for each in shown],
        "kinds": [(code, _titled(code)) for code in sorted(city().kinds.get("disputes", ())) if len(code) == 2],
        "tongues": list(LANGUAGES.items()),
        "sorts": (MediatorSort if people else BodySort).choices,
        "query": "&".join(f"{name}={value}" for name, value in asked.items() if value),
    }  # fmt: skip
    return render(request, "mediation/find.html", context)


@require_GET
def on_map(request: HttpRequest) -> JsonResponse:
    """Organisations as GeoJSON (RFC 7946), for the map of the page."""
    asked = {name: request.GET.get(name, "").strip() for name in ("kind", "q")}
    rows = _bodies({**asked, "sort": "", "language": ""}).exclude(lon=None)[:MOST_ON_MAP]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [body.lon, body.lat]},
            "properties": {
                "colour": "leaf" if body.sort == BodySort.COMMITTEE else "river",
                "title": str(body.organisation),
                "url": reverse("mediation:body", args=[body.pk]),
            },
        }
        for body in rows
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@require_GET
def one_body(request: HttpRequest, key: int) -> HttpResponse:
    """One organisation with its mediators."""
    body = get_object_or_404(Body.objects.select_related("organisation"), pk=key, active=True)
    rows = Mediator.objects.filter(body=body, active=True)
    shown = list(rows.select_related("person", "body__organisation").order_by("person__name")[:200])
    context = {"body": _body(body, None), "found": [_mediator(each, None) for each in shown]}
    return render(request, "mediation/body.html", context)


def _mediators(asked: dict[str, str]) -> "QuerySet[Mediator]":
    rows = Mediator.objects.filter(active=True, body__active=True).select_related(
        "person", "body__organisation"
    )
    if asked["kind"]:
        rows = rows.filter(fields__contains=[asked["kind"][:2]]) | rows.filter(fields=[])
    if asked["language"]:
        rows = rows.filter(languages__contains=[asked["language"]])
    if asked["sort"] in MediatorSort.values:
        rows = rows.filter(sort=asked["sort"])
    if asked["q"]:
        rows = rows.filter(person__name__icontains=asked["q"]) | rows.filter(
            body__organisation__name__icontains=asked["q"]
        )
    return rows.order_by("pk")


def _bodies(asked: dict[str, str]) -> "QuerySet[Body]":
    rows = Body.objects.filter(active=True).select_related("organisation")
    if asked["kind"]:
        rows = rows.filter(fields__contains=[asked["kind"][:2]]) | rows.filter(fields=[])
    if asked["sort"] in BodySort.values:
        rows = rows.filter(sort=asked["sort"])
    if asked["q"]:
        rows = rows.filter(organisation__name__icontains=asked["q"])
    return rows.order_by("pk")


def _spot(asked: dict[str, str]) -> tuple[float, float] | None:
    try:
        lon, lat = float(asked["lon"]), float(asked["lat"])
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 85 else None


def _nearest(rows: "QuerySet[Any]", spot: tuple[float, float] | None, path: str) -> "QuerySet[Any]":
    if spot is None:
        return rows
    lon, lat = (Cast(F(f"{path}{name}"), FloatField()) for name in ("lon", "lat"))
    narrow = Cos(Radians(Value(spot[1])))
    away = Power((lon - Value(spot[0])) * narrow, 2) + Power(lat - Value(spot[1]), 2)
    far = When_(When(**{f"{path}lon": None}, then=Value(1e9)), default=away, output_field=FloatField())
    nearest: QuerySet[Any] = rows.annotate(away=far).order_by("away", "pk")
    return nearest


def _km(body: Body, spot: tuple[float, float] | None) -> str:
    if spot is None or body.lon is None or body.lat is None:
        return ""
    east = (body.lon - spot[0]) * math.cos(math.radians(spot[1]))
    return words.number(round(KM_A_DEGREE * math.hypot(east, body.lat - spot[1]), 1))


def _mediator(each: Mediator, spot: tuple[float, float] | None) -> dict[str, Any]:
    ended = each.agreed + each.failed
    return {
        "name": str(each.person), "sort": MediatorSort(each.sort).label, "body": str(each.body.organisation),
        "url": reverse("mediation:body", args=[each.body_id]), "fields": [_titled(code) for code in each.fields],
        "languages": [LANGUAGES.get(code, code) for code in each.languages], "fee": each.fee, "since": each.since,
        "hours": each.hours or each.body.hours, "address": each.body.address, "phone": each.body.phone,
        "profile": each.profile, "km": _km(each.body, spot), "agreed": each.agreed, "ended": ended,
        "rate": round(100 * each.agreed / ended) if ended >= 5 else None,
        "place": presenting.place_name(each.place),
    }  # fmt: skip


def _body(each: Body, spot: tuple[float, float] | None) -> dict[str, Any]:
    return {
        "name": str(each.organisation), "sort": BodySort(each.sort).label, "key": each.pk,
        "url": reverse("mediation:body", args=[each.pk]), "fields": [_titled(code) for code in each.fields],
        "fee": each.fee, "hours": each.hours, "address": each.address, "phone": each.phone, "km": _km(each, spot),
        "place": presenting.place_name(each.organisation.place),
    }  # fmt: skip


def _titled(code: str) -> Text:
    kind = city().kinds.get("disputes", {}).get(code)
    return {"zh": kind.title, "en": kind.title_en or kind.title} if kind else code
