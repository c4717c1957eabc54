"""Defence as lawyers see it; orders as the court sees them are in `court`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.looking import Look
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.papers import PaperError
from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.systems.justice.defence import counsel, meeting, orders, reading
from mumian.systems.justice.defence.rules import (
    DEFENCE,
    IN_PERSON,
    LICENCE,
    MANDATE,
    ORDER,
    READING,
    REQUEST,
)
from mumian.systems.justice.packages import pages as handed
from mumian.systems.justice.packages import sending
from mumian.web import entering, errors, presenting
from mumian.web.addresses import Addresses
from mumian.web.entering import View, by_name
from mumian.web.forms import Form, Sent
from mumian.web.history import History

HANDLING = ("police-officer", "prosecutor", "judge")
KNOWN = ("unit", "lawyer", "client", "case", "mandate", "province")
"""What a lawyer is not asked again: it stands in the mandate."""


def of_a_matter(*procedures: str) -> Callable[[View], View]:
    """Gives a view the matter of one of these procedures with the number in the address, if the actor sees it."""

    def of(view: View) -> View:
        @wraps(view)
        @by_name
        def seeing(request: HttpRequest, actor: Actor, number: str, **more: object) -> HttpResponseBase:
            seen = entering.find(actor, number, *procedures)
            if seen is None:
                raise Http404
            return view(request, seen, **more)

        return seeing

    return of


# --- the lawyer's desk ------------------------------------------------------------------------------


@never_cache
@require_GET
@by_name
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A lawyer's mandates and all that goes on in them; one who is none yet is told how to be verified."""
    own = counsel.counsel_of(actor)
    rows = counsel.own(actor, *DEFENCE)
    lines = [_line(row) for row in rows]
    context = {
        "own": own,
        "licence": next((each for each in lines if each["procedure"] == LICENCE), None),
        "mandates": [each for each in lines if each["procedure"] == MANDATE and not each["over"]],
        "going": [each for each in lines if each["procedure"] not in (MANDATE, LICENCE) and not each["over"]],
        "over": [each for each in lines if each["procedure"] != LICENCE and each["over"]][:30],
    }
    return render(request, "justice/defence.html", context)


def _line(row: Row) -> dict[str, Any]:
    compiled, now = city().procedure(row.procedure, row.version), timezone.now()
    url = {MANDATE: "justice:mandate", READING: "justice:reading", ORDER: "justice:order"}.get(row.procedure)
    begins = row.data.get("begins")
    return {
        "procedure": row.procedure, "title": row.title, "what": compiled.definition.title, "number": row.number,
        "state": presenting.state(compiled, row.state, row.outcome), "over": row.closed_at is not None,
        "url": reverse(url or "web:matter", args=[row.number]), "due": row.due_at,
        "late": row.due_at is not None and row.due_at < now, "unit": presenting.unit(row.unit_id),
        "begins": datetime.fromisoformat(begins) if begins else None, "parent": row.parent, "case": row.data.get("case"),
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@by_name
def licence(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Showing one's licence to a legal aid centre."""
    form = Form(city().procedure(LICENCE), "ask", actor, without=("unit", "lawyer"))

    def done(sent: Sent) -> Result:
        return counsel.ask_to_be_verified(actor, whole(request, "unit"), sent.data)

    return _asked(
        request, form, done, title=_("Have your licence verified"), units=_units("legal-aid-officer"),
        unit_title=_("Legal aid centre"), said=_("The centre compares it with the register of the bar."),
        after=lambda _result: redirect("justice:defence"), back=reverse("justice:defence"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@by_name
def new_mandate(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Filing a mandate with the agency that handles the case."""
    about = _uuid(request.GET.get("about", ""))
    known = ("unit", "lawyer", "client") if about else ("unit", "lawyer")
    form = Form(city().procedure(MANDATE), "file", actor, without=known)

    def done(sent: Sent) -> Result:
        return counsel.file_mandate(actor, {**sent.data, "unit": whole(request, "unit")}, about=about)

    return _asked(
        request, form, done, title=_("File a mandate"), units=_units(*HANDLING), unit_title=_("Agency that handles the case"),
        said=_("The agency confirms it; then you can read, ask and meet on it."), after=_to("justice:mandate"),
        back=reverse("justice:defence"),
    )  # fmt: skip


@never_cache
@require_GET
@of_a_matter(MANDATE)
def mandate(request: HttpRequest, seen: Look) -> HttpResponse:
    """A mandate: what can be begun on it, and what goes on."""
    return _mandate(request, seen)


def _mandate(
    request: HttpRequest, seen: Look, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    own = counsel.mandate_of(seen.actor, seen.matter.id) is not None
    handling = seen.actor.role in HANDLING and seen.involved and seen.matter.state in ("filed", "confirmed")
    rows = (
        visible(seen.actor).filter(parent=seen.matter.id, procedure__in=DEFENCE).order_by("-opened_at", "-pk")
    )
    context = shown_of(seen) | {
        "problems": problems or [], "mine": own and counsel.counsel_of(seen.actor) is not None,
        "lines": [_line(row) for row in rows[:100]], "readable": bool(own and counsel.readable(seen)),
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
        return _mandate(request, seen, presenting.said(result.reasons), 409)
    return redirect("justice:mandate", seen.matter.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_matter(MANDATE)
def begin(request: HttpRequest, seen: Look, what: str) -> HttpResponse:
    """The form of what a lawyer begins on a mandate; reading begins without one."""
    procedure = BEGINS.get(what)
    if procedure is None or counsel.mandate_of(seen.actor, seen.matter.id) is None:
        raise Http404
    if procedure == READING:
        if request.method != "POST":
            raise Http404
        result = counsel.begin(seen.actor, seen.matter.id, READING, {})
        if isinstance(result, Refused):
            return _mandate(request, seen, presenting.said(result.reasons), 409)
        return redirect("justice:reading", result.number)
    compiled = city().procedure(procedure)
    form = Form(compiled, counsel.BEGINS[procedure], seen.actor, without=KNOWN)
    role = counsel.ELSEWHERE.get(procedure)

    def done(sent: Sent) -> Result:
        unit = whole(request, "unit") if role else None
        if procedure == ORDER:
            said = [str(sent.data.get(name, "")) for name in ("addressee", "what", "why")]
            return orders.apply(
                seen.actor, seen.matter.id, unit or 0, addressee=said[0], what=said[1], why=said[2]
            )
        return counsel.begin(seen.actor, seen.matter.id, procedure, sent.data, unit=unit)

    titles = compiled.definition.form["unit"].title
    return _asked(
        request, form, done, title=presenting.titled(compiled.definition.actions[form.action], form.action),
        units=_units(role) if role else [], unit_title=titles, said=SAID[procedure](),
        after=_to("justice:order") if procedure == ORDER else lambda _result: redirect("justice:mandate", seen.matter.number),
        back=reverse("justice:mandate", args=[seen.matter.number]),
    )  # fmt: skip


BEGINS = {"reading": READING, "request": REQUEST, "in-person": IN_PERSON, "order": ORDER}
SAID: dict[str, Callable[[], str]] = {
    REQUEST: lambda: _("A change of a coercive measure is answered in 3 days (97), an opinion on custody in 10 (95)."),
    IN_PERSON: lambda: _("It is arranged within 48 hours (39). Nobody listens, and a meeting by video changes nothing of it."),
    ORDER: lambda: _("The court decides, and says for how long the order is valid."),
}  # fmt: skip


# --- meetings by video ------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_matter(MANDATE)
def video(request: HttpRequest, seen: Look) -> HttpResponse:
    """The slots of a centre's rooms on a day; one of them booked."""
    if counsel.mandate_of(seen.actor, seen.matter.id) is None:
        raise Http404
    problems = list[str]()
    if request.method == "POST":
        room, _at, begins = request.POST.get("slot", "").partition("@")
        try:
            result = meeting.book(
                seen.actor, seen.matter.id, room=int(room), begins=datetime.fromisoformat(begins),
                link=request.POST.get("link", "").strip(),
            )  # fmt: skip
            problems = presenting.said(result.reasons) if isinstance(result, Refused) else []
        except ValueError:
            problems = [_("Choose a free slot.")]
        if not problems:
            messages.success(request, _("The slot is yours. The detention centre is told."))
            return redirect("justice:mandate", seen.matter.number)
    centres = list(
        Organisation.objects.filter(video_rooms__active=True, active=True).distinct().order_by("code")
    )
    chosen = _number(request.POST.get("centre") or request.GET.get("centre", "")) or (
        centres[0].pk if centres else 0
    )
    day = _day(request.POST.get("day") or request.GET.get("day", ""))
    rows: dict[str, list[meeting.Slot]] = {}
    for slot in meeting.slots(chosen, day):
        rows.setdefault(slot.room.name, []).append(slot)
    today = timezone.localdate()
    context = {
        "matter": seen.matter, "centres": centres, "chosen": chosen, "day": day, "rooms": list(rows.items()),
        "problems": problems, "before": day - timedelta(days=1) if day > today else None,
        "after": day + timedelta(days=1), "first": today.isoformat(), "last": (today + meeting.AHEAD).isoformat(),
    }  # fmt: skip
    return render(request, "justice/video.html", context, status=409 if problems else 200)


def _day(said: str) -> date:
    tomorrow = timezone.localdate() + timedelta(days=1)
    try:
        return date.fromisoformat(said)
    except ValueError:
        return tomorrow


# --- reading ----------------------------------------------------------------------------------------


@never_cache
@require_GET
@of_a_matter(READING)
def read_file(request: HttpRequest, seen: Look) -> HttpResponse:
    """The documents that may be read, and who has read what."""
    files = []
    for parcel in reading.files_of(seen):
        made = sending.package_of(parcel).manifest
        documents = [
            {
                "document": each, "kind": handed.KINDS[each.kind](), "last": each.first + each.pages - 1,
                "url": reverse("justice:read", args=[seen.matter.number, parcel.digest, each.number])
                if each.media in reading.MARKABLE else "",
            }
            for each in made.documents[: handed.SHOWN * 4]
        ]  # fmt: skip
        files.append({"purpose": handed.purpose(parcel.purpose), "sender": parcel.sender, "at": parcel.made_at,
                      "documents": documents, "exhibits": made.exhibits})  # fmt: skip
    return render(request, "justice/reading.html", shown_of(seen) | {"files": files})


@never_cache
@require_GET
@of_a_matter(READING)
def read(request: HttpRequest, seen: Look, digest: str, nth: int) -> HttpResponse:
    """One document with its mark. That it was read is in the record before it is given."""
    try:
        found = reading.read(seen, digest, nth)
    except PaperError as error:
        return errors.said(request, error, 503)
    if found is None:
        raise Http404
    return HttpResponse(
        found[0], found[1],
        headers={"X-Content-Type-Options": "nosniff", "Content-Disposition": f'inline; filename="{nth:05d}"',
                 "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
    )  # fmt: skip


# --- what all share ---------------------------------------------------------------------------------


def shown_of(seen: Look) -> dict[str, Any]:
    """What the page of any of these matters shows."""
    matter, compiled, now = seen.matter, seen.compiled, timezone.now()
    history, addresses = History.of(seen, Addresses(matter.number).file), Addresses(matter.number)
    possible = seen.possible(now)
    return {
        "matter": matter, "data": seen.data, "state": presenting.state_of(compiled, matter),
        "steps": presenting.steps(compiled, matter, history.visited), "said": presenting.what_next(seen, now),
        "clocks": presenting.clocks(seen, now), "events": handed.brief(seen, history.events), "files_sent": history.files,
        "acts": [
            presenting.act(compiled, name, addresses.act(name), matter) for name in presenting.in_order(possible)
        ],
        "seq": matter.seq, "key": uuid4().hex, "unit": presenting.unit(matter.unit), "procedure": compiled.definition.title,
    }  # fmt: skip


def _asked(
    request: HttpRequest,
    form: Form,
    done: Callable[[Sent], Result],
    *,
    title: Any,
    units: list[Organisation],
    unit_title: Any,
    said: str,
    after: Callable[[Any], HttpResponse],
    back: str,
) -> HttpResponse:
    """A form, and what becomes of it; what was filled in is never lost."""
    sent: Sent | None = None
    reasons: Any = ()
    if request.method == "POST":
        sent = form.read(request)
        if not sent.faults:
            result = done(sent)
            if not isinstance(result, Refused):
                return after(result)
            reasons = result.reasons
    context = {
        "title": title, "said": said, "fields": form.fields(sent, reasons), "problems": form.others(reasons),
        "units": units, "unit_title": unit_title, "unit": whole(request, "unit"), "back": back,
    }  # fmt: skip
    return render(request, "justice/defence_form.html", context, status=422 if sent else 200)


def _to(name: str) -> Callable[[Any], HttpResponse]:
    return lambda result: redirect(name, result.number)


def _units(*roles: str) -> list[Organisation]:
    """The units in which somebody holds one of these roles."""
    return list(Organisation.objects.filter(posts__role__in=roles, active=True).distinct().order_by("code"))


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        return None


def whole(request: HttpRequest, name: str) -> int:
    return _number(request.POST.get(name, ""))


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0
