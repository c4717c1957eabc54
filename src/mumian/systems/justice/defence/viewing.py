"""Slots of a detention centre's rooms, and the file as counsel reads it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from mumian.engine.looking import Look
from mumian.engine.perform import Refused
from mumian.papers import PaperError
from mumian.people.models import Organisation
from mumian.systems.justice.defence import counsel, meeting, reading
from mumian.systems.justice.defence.rules import MANDATE, READING
from mumian.systems.justice.defence.showing import number, of_a_matter, shown_of
from mumian.systems.justice.packages import pages as handed
from mumian.systems.justice.packages import sending
from mumian.web import errors, presenting


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
    chosen = number(request.POST.get("centre") or request.GET.get("centre", "")) or (
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
