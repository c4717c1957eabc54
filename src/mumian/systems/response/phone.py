"""The responder's page on the phone: the alert with its next step, the card, and whether one is on duty."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.looking import look
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.systems.response.acting import look_again
from mumian.systems.response.drills import told_beforehand
from mumian.systems.response.entering import in_unit, responder_post, watches
from mumian.systems.response.models import Alert, Duty, Position, Responder, Shift
from mumian.systems.response.rings import card
from mumian.systems.response.rules import ALERT
from mumian.systems.response.showing import COMING, THERE, gravity_title
from mumian.systems.response.walking import due
from mumian.web import presenting, words

AHEAD = timedelta(days=7)
STEPS = ("alerted", "acknowledged", "under-way", "on-scene", "handed-over")


@never_cache
@require_GET
@in_unit
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What one is called to, with the next step; else whether one is on duty."""
    now = timezone.now()
    rows = (
        visible(actor).filter(procedure=ALERT, unit=actor.organisation, closed_at=None).order_by("-opened_at")
    )
    keys = list(rows.values_list("pk", flat=True)[:5])
    own = Responder.objects.filter(person=actor.person, unit=actor.organisation).first()
    ahead = Shift.objects.filter(unit=actor.organisation, during__overlap=(now, now + AHEAD))
    shifts = [] if own is None else list(ahead.filter(responder=own).order_by("during")[:10])
    context = {
        "alerts": [each for key in keys if (each := _alert(actor, key))],
        "own": own,
        "on_duty": own is not None and is_on_duty(own, shifts),
        "unit": responder_post(request).organisation,  # type: ignore[union-attr]
        "shifts": shifts,
        "drills": [
            {
                "what": each.title,
                "day": datetime.fromisoformat(each.data["day"]),
                "place": presenting.place(each.place),
            }
            for each in (told_beforehand(actor.organisation) if actor.organisation and not keys else ())
        ],
        "rounds": due(actor.organisation, actor, now) if actor.organisation and not keys else [],
        "key": uuid4().hex,
        "now": now,
    }
    return render(request, "response/mine.html", context)


@require_POST
def act(request: HttpRequest, key: UUID, action: str) -> HttpResponse:
    """Answers an alert: for one's own unit, or at the desk for one that answers by phone."""
    actor = _answering(request)
    seen = look(actor, key)
    if seen is None or seen.matter.procedure != ALERT or action not in seen.compiled.asks:
        raise Http404
    asked = {name for name, _needed in seen.compiled.asks[action]}
    data = {name: value for name in asked if (value := request.POST.get(name, "").strip())}
    own_key = request.POST.get("key", "")[:64] or None
    [result] = perform([Act(action, actor, data, key, key=own_key and f"{own_key}{action}")])
    if isinstance(result, Refused):
        messages.warning(request, " ".join(presenting.said(result.reasons)))
    else:
        title = words.in_words(presenting.titled(seen.compiled.definition.actions[action], action))
        messages.success(request, _("Done: %(action)s") % {"action": title})
    look_again(seen.matter.parent)
    if watches(actor):
        number = visible(actor).filter(pk__in=[seen.matter.parent]).values_list("number", flat=True).first()
        return redirect("response:incident", number) if number else redirect("response:desk")
    return redirect("response:mine")


@require_POST
@in_unit
def duty(request: HttpRequest, actor: Actor) -> HttpResponse:
    """On duty, off duty, or as the roster says; and whether the position may be shared while under way."""
    own = Responder.objects.filter(person=actor.person, unit=actor.organisation)
    said = request.POST.get("duty", "")
    if said in Duty.values:
        own.update(duty=said, duty_since=timezone.now())
        messages.success(request, _("Noted: %(duty)s") % {"duty": Duty(said).label})
    if "shares" in request.POST:
        own.update(shares=request.POST["shares"] == "yes")
        if request.POST["shares"] != "yes":
            Position.objects.filter(alert__unit=actor.organisation).delete()
    return redirect("response:mine")


@require_POST
@in_unit
def position(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponse:
    """Where the responder is now: kept only while the unit comes, and only where he or she has agreed to it."""
    shares = Responder.objects.filter(person=actor.person, unit=actor.organisation, shares=True).exists()
    coming = Alert.objects.filter(
        matter=key, unit=actor.organisation, ended_at=None, state__in=COMING | THERE
    )
    try:
        lon, lat = float(request.POST["lon"]), float(request.POST["lat"])
    except (KeyError, ValueError):
        return HttpResponse(status=400)
    if not shares or not (-180 <= lon <= 180 and -90 <= lat <= 90) or not coming.exists():
        return HttpResponse(status=403)
    Position.objects.update_or_create(alert_id=key, defaults={"lon": lon, "lat": lat, "at": timezone.now()})
    return HttpResponse(status=204)


def is_on_duty(own: Responder, shifts: list[Shift]) -> bool:
    """Whether one is on duty now: as said by phone, else by the roster."""
    if own.duty != Duty.ROSTER:
        return own.duty == Duty.ON
    now = timezone.now()
    return any(shift.during.lower <= now < shift.during.upper for shift in shifts)


def _answering(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if watches(actor):
        return actor
    post = responder_post(request)
    return post.as_actor() if post else actor


def _alert(actor: Actor, key: UUID) -> dict[str, object] | None:
    seen = look(actor, key)
    row = Alert.objects.filter(matter=key).first()
    if seen is None or row is None:
        return None
    matter, definition = seen.matter, seen.compiled.definition
    possible = seen.possible(timezone.now())
    acts = [
        {
            "name": name,
            "title": presenting.titled(spec, name),
            "tone": spec.tone,
            "asks": bool(seen.compiled.asks[name]),
        }
        for name, spec in possible.items()
        if name not in ("recall",)
    ]
    forward = [each for each in acts if each["tone"] == "primary" and each["name"] != "stand-down"]
    main = forward[0] if forward else next((each for each in acts if each["name"] == "stand-down"), None)
    others = Alert.objects.filter(incident=row.incident, state__in=COMING | THERE).exclude(matter=key).count()
    return {
        "key": key,
        "number": matter.number,
        "what": seen.data.get("what") or matter.title,
        "place": presenting.place(matter.place),
        "address": presenting.address(seen.compiled, matter),
        "point": (matter.lon, matter.lat) if matter.lon is not None else None,
        "kind": presenting.kind("incident", matter.category) if matter.category else "",
        "gravity": str(matter.data.get("gravity") or ""),
        "gravity_title": gravity_title(str(matter.data.get("gravity") or "")),
        "drill": bool(matter.data.get("drill")),
        "state": presenting.state_of(seen.compiled, matter),
        "steps": [
            {
                "title": definition.states[name].title,
                "done": STEPS.index(name) < _step(matter.state),
                "now": name == matter.state,
            }
            for name in STEPS
        ],
        "answer_by": row.answer_by if matter.state == "alerted" else None,
        "seconds": row.seconds,
        "main": main,
        "acts": [each for each in acts if each is not main],
        "handed": definition.form["handed"].choices,
        "others": others,
        "card": card(matter.category),
        "moving": matter.state in COMING | THERE,
    }


def _step(state: str) -> int:
    return STEPS.index(state) if state in STEPS else len(STEPS)
