"""Documents and packages as they come in: piece by piece, by a form, or as one file from another agency."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.looking import Look
from mumian.engine.visible import visible
from mumian.errors import MumianError
from mumian.people.actor import Actor
from mumian.systems.justice.packages import arriving, uploading
from mumian.systems.justice.packages.entering import number_in, of_a_handover, of_an_agency, whole
from mumian.systems.justice.packages.manifest import MEDIA
from mumian.systems.justice.packages.models import Arrival, Paper
from mumian.systems.justice.packages.pages import page


@require_POST
@of_a_handover
def announce(request: HttpRequest, seen: Look) -> HttpResponse:
    """Says that a document will come: title, kind, media, size, volume, and its SHA-256 if one has it.

    A form without scripts brings the documents along instead.
    """
    if request.FILES:
        return _putwhole(request, seen)
    said = {name: request.POST.get(name, "") for name in ("title", "kind", "media", "sha256")}
    try:
        paper = uploading.announce(
            seen, size=whole(request, "size"), volume=whole(request, "volume") or 1, **said
        )
    except uploading.Unfit as error:
        return _refused(error, 422)
    url = reverse("justice:piece", args=[seen.matter.number, paper.pk])
    return JsonResponse({"url": url, "offset": uploading.has_come(paper), "size": paper.size}, status=201)


@require_http_methods(["GET", "HEAD", "PUT"])
@never_cache
@of_a_handover
def piece(request: HttpRequest, seen: Look, paper: int) -> HttpResponse:
    """`PUT ?offset=`: a piece of a document, with `?sha256=` of it; `GET`: how many bytes are here."""
    found = (
        Paper.objects.filter(pk=paper, matter=seen.matter.id).first() if uploading.may_change(seen) else None
    )
    if found is None:
        raise Http404
    if request.method == "PUT":
        return _take_piece(request, found)
    return JsonResponse({"offset": uploading.has_come(found), "size": found.size})


def _take_piece(request: HttpRequest, found: Paper | Arrival) -> HttpResponse:
    """Adds the piece that is sent; one that does not fit says how many bytes there are."""
    offset = number_in(request.GET.get("offset", ""))
    try:
        there = uploading.append(found, offset, _body(request), sha256=request.GET.get("sha256", ""))
    except uploading.Elsewhere as error:
        return _refused(error, 409, offset=error.there)
    except uploading.Unfit as error:
        return _refused(error, 422, offset=uploading.has_come(found))
    return JsonResponse({"offset": there, "size": found.size})


def _putwhole(request: HttpRequest, seen: Look) -> HttpResponse:
    """What a form brought: each document in pieces from where the server laid it."""
    try:
        for upload in request.FILES.getlist("file"):
            name = upload.name or ""
            media = upload.content_type if upload.content_type in MEDIA else "application/octet-stream"
            paper = uploading.announce(
                seen, title=Path(name).stem, kind=request.POST.get("kind", ""), media=media, size=upload.size or 0,
                volume=whole(request, "volume") or 1,
            )  # fmt: skip
            offset = 0
            for chunk in upload.chunks(uploading.LARGEST_PIECE):
                offset = uploading.append(paper, offset, [chunk])
    except uploading.Unfit as error:
        return page(request, seen, [f"{error.thing}: {error.reason}. {error.cure}."], status=422)
    return redirect("justice:handover", seen.matter.number)


def _body(request: HttpRequest) -> Iterator[bytes]:
    """What is sent, as it comes; never as a whole."""
    while chunk := request.read(64 * 1024):
        yield chunk


def _refused(error: MumianError, status: int, **more: Any) -> JsonResponse:
    said = {"detail": f"{error.thing}: {error.reason}. {error.cure}."}
    return JsonResponse({**said, **more}, status=status, json_dumps_params={"ensure_ascii": False})


# --- a whole package --------------------------------------------------------------------------------


@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
@of_an_agency
def take_in(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Takes in a package that came as a file: announced and sent in pieces, or without scripts as a whole."""
    upload = request.FILES.get("file")
    if request.method != "POST":
        return render(request, "justice/handover_take_in.html")
    try:
        if upload is None:
            said = {name: request.POST.get(name, "") for name in ("title", "sha256")}
            arrival = arriving.announce(
                actor, title=said["title"], size=whole(request, "size"), said=said["sha256"]
            )
            url = reverse("justice:arrival-piece", args=[arrival.pk])
            there = uploading.has_come(arrival)
            page = reverse("justice:arrival", args=[arrival.pk])
            return JsonResponse({"url": url, "offset": there, "size": arrival.size, "page": page}, status=201)
        arrival = arriving.announce(actor, title=upload.name or "", size=upload.size or 0)
        offset = uploading.has_come(arrival)
        upload.seek(offset)
        for chunk in upload.chunks(uploading.LARGEST_PIECE):
            offset = uploading.append(arrival, offset, [chunk])
    except uploading.Unfit as error:
        if upload is None and "size" in request.POST:
            return _refused(error, 422)
        problems = [f"{error.thing}: {error.reason}. {error.cure}."]
        return render(request, "justice/handover_take_in.html", {"problems": problems}, status=422)
    arriving.come(arrival)
    return redirect("justice:arrival", arrival.pk)


@require_http_methods(["GET", "HEAD", "PUT"])
@never_cache
@of_an_agency
def arrival_piece(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """`PUT ?offset=`: a piece of a package, with `?sha256=` of it; `GET`: how many bytes are here."""
    arrival = arriving.of(actor, key)
    if arrival is None:
        raise Http404
    answer = _take_piece(request, arrival) if request.method == "PUT" else None
    if uploading.has_come(arrival) == arrival.size:
        arriving.come(arrival)
    return answer or JsonResponse({"offset": uploading.has_come(arrival), "size": arrival.size})


@never_cache
@require_GET
@of_an_agency
def arrival(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """How far the check of a package is; what is wrong with it, or where it has been delivered to."""
    found = arriving.of(actor, key)
    if found is None:
        raise Http404
    share = min(100, 100 * found.checked // max(1, found.size))
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"state": found.state, "share": share})
    if found.state == Arrival.TAKEN:
        messages.success(
            request, _("The package is whole, signed by its sender, and has been delivered to you.")
        )
        number = (
            visible(actor).filter(pk=found.received or UUID(int=0)).values_list("number", flat=True).first()
        )
        return redirect("justice:handover", number) if number else redirect("justice:handovers")
    context = {
        "arrival": found,
        "share": share,
        "faults": arriving.faults(found),
        "come": uploading.has_come(found),
    }
    return render(request, "justice/arrival.html", context)
