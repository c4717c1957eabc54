"""Files of a hand-over as they are given out: documents, a whole package, receipts; and a receipt that comes back."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.looking import Look
from mumian.systems.justice.packages import bag, sending
from mumian.systems.justice.packages.entering import of_a_handover
from mumian.systems.justice.packages.faults import Faulty
from mumian.systems.justice.packages.manifest import MEDIA, Document
from mumian.systems.justice.packages.models import Receipt
from mumian.systems.justice.packages.pages import page
from mumian.systems.justice.packages.rules import RECEIVED
from mumian.systems.justice.packages.sending import NotDone
from mumian.web import presenting

SHOWABLE = {"application/pdf", "image/jpeg", "image/png", "text/plain"}
"""What is shown in the browser; all else is kept by it as a file."""


@never_cache
@require_GET
@of_a_handover
def document(request: HttpRequest, seen: Look, version: int, nth: int) -> HttpResponseBase:
    """A document of a version, as it was sent; the receiver has it once the file has been opened."""
    made = _opened(seen, version).manifest
    if not 1 <= nth <= len(made.documents):
        raise Http404
    return given(made.documents[nth - 1])


def given(each: Document) -> HttpResponseBase:
    """A document to be looked at; nothing in it is run."""
    name = f"{each.number:05d}-{each.title}"[:80]
    response = FileResponse(
        sending.where(each).open("rb"), as_attachment=each.media not in SHOWABLE, content_type=each.media,
        filename=f"{name}.{MEDIA[each.media]}",
    )  # fmt: skip
    if each.media == "text/plain":
        response["Content-Type"] = "text/plain; charset=utf-8"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@never_cache
@require_GET
@of_a_handover
def export(request: HttpRequest, seen: Look, version: int) -> HttpResponseBase:
    """A version as one file, written as it is sent."""
    package = _opened(seen, version)
    response = StreamingHttpResponse(bag.written(package, sending.where), content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(package.name)}.zip"
    return response


@never_cache
@require_GET
@of_a_handover
def receipt(request: HttpRequest, seen: Look, version: int, state: str) -> HttpResponse:
    """A receipt with its signature, as the receiver's key made it."""
    parcel = next((each for each in sending.parcels_of(seen) if each.version == version), None)
    found = Receipt.objects.filter(parcel=parcel, state=state).first() if parcel else None
    if found is None:
        raise Http404
    name = f"{seen.matter.number}-v{version}-{state}.json"
    return HttpResponse(
        sending.receipt_file(found),
        "application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@of_a_handover
def take_receipt(request: HttpRequest, seen: Look) -> HttpResponse:
    """Takes in a receipt that came back as a file."""
    upload = request.FILES.get("file")
    content = upload.read(sending.LARGEST_RECEIPT) if upload else b""
    try:
        sending.take_receipt(seen, content)
    except Faulty as error:
        return page(request, seen, faults=error.faults, status=422)
    except NotDone as error:
        return page(request, seen, presenting.said(error.reasons), status=409)
    messages.success(request, _("The receipt is the receiver's and has been noted."))
    return redirect("justice:handover", seen.matter.number)


def _opened(seen: Look, version: int) -> bag.Package:
    """A version that may be read: the sender's own always, one that came once it was opened."""
    for nth, parcel in enumerate(sending.parcels_of(seen)):
        if parcel.version == version:
            if nth == 0 and seen.matter.procedure == RECEIVED and seen.matter.state == "delivered":
                break
            return sending.package_of(parcel)
    raise Http404
