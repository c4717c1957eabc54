"""The roster: who is on duty now and in the days to come, signing up, offering and taking over."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.people.actor import Actor
from mumian.place.codes import range_of
from mumian.systems.response import rosters
from mumian.systems.response.entering import in_unit, responder_post, watches
from mumian.systems.response.models import Duty, EmergencyUnit, Responder, Shift
from mumian.systems.response.rosters import NoShift
from mumian.web import errors

DAYS = 7
OWN = ("offer", "keep", "give-up")
"""What one does with one's own shifts alone."""
A_PAGE = 40


@never_cache
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """At the desk all units of the place, those without anybody first; for a responder the week of the own unit."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.person is None:
        return redirect_to_login(request.get_full_path())
    if watches(actor):
        return _of_place(request, actor)
    post = responder_post(request)
    return _of_unit(request, post.as_actor()) if post else errors.no_post(request)


@require_POST
@in_unit
def sign_up(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Signs up for a shift."""
    own = _own(actor)
    try:
        day = datetime.fromisoformat(request.POST.get("day", ""))
        begins, ends = (_at(day, request.POST.get(name, "")) for name in ("begins", "ends"))
    except ValueError:
        messages.error(request, _("Give the day, and from when until when."))
        return redirect("response:roster")
    if ends <= begins:
        ends += timedelta(days=1)  # over midnight
    try:
        rosters.add(own, begins, ends, actor)
        messages.success(request, _("You are on the roster."))
    except NoShift as error:
        messages.error(request, _("%(thing)s: %(reason)s. %(cure)s.") % _said(error))
    return redirect("response:roster")


@require_POST
@in_unit
def change(request: HttpRequest, actor: Actor, key: int, action: str) -> HttpResponse:
    """Offers, keeps or gives up one's own shift; takes over one on offer, proposes one's own for it, or accepts that."""
    own = _own(actor)
    shift = Shift.objects.filter(pk=key, unit=own.unit_id).first()
    if shift is None or (action in OWN and shift.responder_id != own.pk):
        raise Http404
    try:
        if action == "take":
            rosters.take(shift, own, actor)
        elif action == "propose":
            mine = Shift.objects.filter(pk=request.POST.get("mine") or 0, responder=own).first()
            if mine is None:
                raise Http404
            rosters.propose(mine, shift, actor)
        elif action == "swap":
            if shift.exchange is None or shift.exchange.responder_id != own.pk:
                raise Http404
            rosters.swap(shift, actor)
        elif action in ("offer", "keep"):
            rosters.offer(shift, actor, offered=action == "offer")
        elif action == "give-up":
            rosters.give_up(shift, actor)
        else:
            raise Http404
        messages.success(request, _("The roster is changed."))
    except NoShift as error:
        messages.error(request, _("%(thing)s: %(reason)s. %(cure)s.") % _said(error))
    return redirect("response:roster")


def _of_unit(request: HttpRequest, actor: Actor) -> HttpResponse:
    own = _own(actor)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = Shift.objects.filter(unit=own.unit_id, during__overlap=(today, today + timedelta(days=DAYS)))
    shifts: dict[int, list[Shift]] = defaultdict(list)
    listed = list(found.select_related("responder").order_by("during"))
    for shift in listed:
        shifts[max((timezone.localtime(shift.during.lower) - today).days, 0)].append(shift)
    context = {
        "own": own,
        "mine": [
            each for each in listed if each.responder_id == own.pk and each.during.lower > timezone.now()
        ],
        "proposals": [
            each
            for each in listed
            if each.exchange_id
            and any(wanted.pk == each.exchange_id and wanted.responder_id == own.pk for wanted in listed)
        ],
        "days": [{"day": (today + timedelta(days=n)).date(), "shifts": shifts[n]} for n in range(DAYS)],
        "colleagues": list(Responder.objects.filter(unit=own.unit_id).order_by("name")),
        "today": today.date(),
        "now": timezone.now(),
    }
    return render(request, "response/roster_unit.html", context)


def _of_place(request: HttpRequest, actor: Actor) -> HttpResponse:
    now = timezone.now()
    units = EmergencyUnit.objects.filter(active=True).select_related("organisation").order_by("organisation")
    if actor.place:
        low, high = range_of(actor.place)
        units = units.filter(organisation__place__gte=low, organisation__place__lt=high)
    gaps = "gaps" in request.GET
    if gaps:
        units = units.filter(~_somebody(now))
    after = request.GET.get("after", "")
    if after.isdecimal():
        units = units.filter(organisation__gt=int(after))
    page = list(units[: A_PAGE + 1])
    more, page = page[A_PAGE:], page[:A_PAGE]
    on_duty = _on_duty([unit.pk for unit in page], now)
    context = {
        "units": [{"unit": unit, "on_duty": on_duty[unit.pk]} for unit in page],
        "gaps": gaps,
        "after": page[-1].pk if more else None,
        "now": now,
    }
    return render(request, "response/roster.html", context)


def _somebody(now: datetime) -> Q:
    """Whether somebody of a unit is on duty."""
    by_phone = Responder.objects.filter(unit=OuterRef("pk"), duty=Duty.ON)
    by_roster = Shift.objects.filter(unit=OuterRef("pk"), during__contains=now).exclude(
        responder__duty=Duty.OFF
    )
    return Q(Exists(by_phone)) | Q(Exists(by_roster))


def _on_duty(units: list[int], now: datetime) -> dict[int, list[Responder]]:
    """Who is on duty in units. One statement."""
    by_roster = Shift.objects.filter(responder=OuterRef("pk"), during__contains=now)
    ready = Q(duty=Duty.ON) | Q(duty=Duty.ROSTER) & Q(Exists(by_roster))
    found: dict[int, list[Responder]] = defaultdict(list)
    for each in Responder.objects.filter(ready, unit__in=units).order_by("name"):
        found[each.unit_id].append(each)
    return found


def _own(actor: Actor) -> Responder:
    own = Responder.objects.filter(person=actor.person, unit=actor.organisation).first()
    if own is None:
        raise Http404
    return own


def _at(day: datetime, clock: str) -> datetime:
    hour, minute = clock.split(":")[:2]
    return timezone.make_aware(day.replace(hour=int(hour), minute=int(minute)))


def _said(error: NoShift) -> dict[str, str]:
    return {"thing": str(error.thing), "reason": str(error.reason), "cure": str(error.cure)}
