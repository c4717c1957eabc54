"""One unit: what it can do, who belongs to it and is ready, its week; the desk keeps what is known of it up to date."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mumian.engine import world
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.place.codes import range_of
from mumian.record.writing import append
from mumian.systems.response.entering import on_watch
from mumian.systems.response.models import Alert, EmergencyUnit, Responder, Shift
from mumian.systems.response.phone import is_on_duty
from mumian.systems.response.rings import cards
from mumian.systems.response.rosters import unit_subject
from mumian.systems.response.rules import DUTY, INCIDENT
from mumian.web import presenting

DAYS = 7


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def unit(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """All that is known of a unit within the reader's place; a duty officer may correct it."""
    found = unit_within(actor.place, key)
    if request.method == "POST":
        if actor.role != DUTY:
            raise Http404
        _correct(found, request, actor)
        messages.success(request, _("What is known of the unit is up to date."))
        return redirect("response:unit", key)
    return render(request, "response/unit.html", _shown(found, actor))


def unit_within(place: str, key: int) -> EmergencyUnit:
    """A unit with its organisation. Raises `Http404` where none of that key is within the place."""
    low, high = range_of(place) if place else ("", ":")
    here = EmergencyUnit.objects.filter(organisation__place__gte=low, organisation__place__lt=high)
    if found := here.select_related("organisation").filter(pk=key).first():
        return found
    raise Http404


def _correct(unit: EmergencyUnit, request: HttpRequest, actor: Actor) -> None:
    """Stores what was sent, on the record and for all processes."""
    told = request.POST
    unit.kinds = [code for code in told.getlist("kinds") if code in cards()]
    if len(unit.kinds) == len(cards()):
        unit.kinds = []
    unit.equipment = [each.strip()[:40] for each in told.getlist("equipment") if each.strip()]
    unit.leader, unit.phone = told.get("leader", "").strip()[:100], told.get("phone", "").strip()[:32]
    unit.active = told.get("active") == "yes"
    with transaction.atomic():
        unit.save(update_fields=["kinds", "equipment", "leader", "phone", "active"])
        body = {"kinds": unit.kinds, "equipment": unit.equipment, "active": unit.active}
        append(unit_subject(unit.pk), "correct-unit", body, person=actor.person, post=actor.post)
        world.changed()


EQUIPMENT = ("first-aid", "defibrillator", "fire")
"""What is asked for; what else a unit has was imported and stays."""


def _shown(unit: EmergencyUnit, actor: Actor) -> dict[str, Any]:
    now = timezone.now()
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = list(
        Shift.objects.filter(unit=unit, during__overlap=(today, today + timedelta(days=DAYS)))
        .select_related("responder")
        .order_by("during")
    )
    own: dict[int, list[Shift]] = defaultdict(list)
    days: dict[date, list[Shift]] = {(today + timedelta(days=n)).date(): [] for n in range(DAYS)}
    for shift in shifts:
        own[shift.responder_id].append(shift)
        begins = max(timezone.localtime(shift.during.lower), today).date()
        days[begins].append(shift)
    responders = list(Responder.objects.filter(unit=unit).order_by("name"))
    kinds = city().kinds[INCIDENT]
    return {
        "unit": unit,
        "place": presenting.place(unit.organisation.place),
        "premises": premises_title(unit.premises),
        "kinds": [
            {"code": code, "title": kinds[code], "may": not unit.kinds or code in unit.kinds}
            for code in cards() if code in kinds
        ],
        "equipment": [
            {"code": each, "title": equipment_title(each), "has": each in unit.equipment}
            for each in dict.fromkeys((*EQUIPMENT, *unit.equipment))
        ],
        "responders": [
            {"one": each, "ready": is_on_duty(each, own[each.pk]), "skills": [equipment_title(skill) for skill in each.skills]}
            for each in responders
        ],
        "days": days.items(),
        "called": Alert.objects.filter(unit=unit, ended_at=None).exists(),
        "may_correct": actor.role == DUTY,
        "now": now,
    }  # fmt: skip


def equipment_title(code: str) -> str:
    """What a piece of equipment, or the skill to use it, is called; a word that is not known stands for itself."""
    return {
        "first-aid": _("first aid"),
        "defibrillator": _("defibrillator"),
        "fire": _("fire fighting"),
        "language": _("languages"),
    }.get(code, code)


def premises_title(code: str) -> str:
    """What kind of premises a unit is in."""
    return {
        "school": _("school"), "mall": _("mall"), "market": _("market"), "site": _("building site"),
        "village": _("village"), "community": _("community"), "clinic": _("clinic"), "property": _("housing estate"),
        "patrol": _("patrol team"), "watch-post": _("watch post"),
    }.get(code, code)  # fmt: skip
