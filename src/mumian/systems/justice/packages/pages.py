"""Hand-overs as agencies see them: what is coming and going, one with its documents, and what may be done with it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.looking import Look
from mumian.engine.models import Matter as Row
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.errors import MumianError
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation
from mumian.systems.justice.packages import keys, sending, uploading
from mumian.systems.justice.packages.entering import number_in, of_a_handover, of_an_agency, whole
from mumian.systems.justice.packages.faults import Faulty
from mumian.systems.justice.packages.manifest import MEDIA, Kind
from mumian.systems.justice.packages.models import Answer, Paper, Parcel, Receipt, Thing
from mumian.systems.justice.packages.rules import HANDOVER, RECEIVED
from mumian.systems.justice.packages.sending import Back, NotDone
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.forms import units_that_take
from mumian.web.history import History
from mumian.web.shown import Event, Option
from mumian.web.words import Text

MOST = 100
SHOWN = 500
"""So many documents stand on one page; of more one turns over."""


# --- the desk ---------------------------------------------------------------------------------------


@never_cache
@require_GET
@of_an_agency
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What has come to one's agency and what is going out, the oldest first; and what is done with."""
    rows = visible(actor).filter(procedure__in=(HANDOVER, RECEIVED))
    open_rows = list(rows.filter(closed_at=None).order_by("due_at", "pk")[: 2 * MOST])
    closed = list(rows.exclude(closed_at=None).order_by("-closed_at")[:20])
    units = _names([*open_rows, *closed])
    context = {
        "incoming": [_line(row, units) for row in open_rows if row.procedure == RECEIVED],
        "outgoing": [_line(row, units) for row in open_rows if row.procedure == HANDOVER],
        "done": [_line(row, units) for row in closed],
        "agency": presenting.unit(actor.organisation),
    }
    return render(request, "justice/handovers.html", context)


def _names(rows: list[Row]) -> dict[int, Organisation]:
    wanted = {unit for row in rows for name in ("sender", "receiver") for unit in row.data.get(name, [])}
    return Organisation.objects.in_bulk(wanted)


def _line(row: Row, units: dict[int, Organisation]) -> dict[str, Any]:
    compiled, data = city().procedure(row.procedure, row.version), row.data
    other = (data.get("sender") if row.procedure == RECEIVED else data.get("receiver")) or [0]
    return {
        "title": row.title, "number": row.number, "url": reverse("justice:handover", args=[row.number]),
        "state": presenting.state(compiled, row.state, row.outcome), "other": units.get(other[0], ""),
        "purpose": purpose(data["purpose"]), "at": row.entered_at, "documents": data.get("documents"),
        "version": data.get("version"), "coming": row.procedure == RECEIVED, "due": row.due_at,
        "late": row.due_at is not None and row.due_at < timezone.now(),
    }  # fmt: skip


def purpose(value: str) -> dict[str, str]:
    """What a package is for, in words."""
    form = city().procedure(HANDOVER).definition.form
    return next((choice.title for choice in form["purpose"].choices if choice.value == value), {"zh": value})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_an_agency
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """To whom, of which case, and what for."""
    problems = list[str]()
    about = (
        visible(actor)
        .filter(number=read_number(request.GET.get("about", "")), unit_id=actor.organisation)
        .first()
    )
    if request.method == "POST":
        try:
            done = sending.prepare(
                actor, receiver=whole(request, "receiver"), case=request.POST.get("case", ""),
                purpose=request.POST.get("purpose", ""), about=about.pk if about else None,
            )  # fmt: skip
            return redirect("justice:handover", done.number)
        except NotDone as error:
            problems = presenting.said(error.reasons)
    form = city().procedure(HANDOVER).definition.form
    case = request.POST.get("case") or (about and (about.data.get("filed_as") or about.number)) or ""
    context = {
        "problems": problems, "sent": request.POST, "purposes": form["purpose"].choices, "case": case, "about": about,
        "agencies": _agencies(actor, about.place if about else actor.place), "help": form["case"].help,
    }  # fmt: skip
    return render(request, "justice/handover_new.html", context, status=422 if problems else 200)


def _agencies(actor: Actor, place: str) -> list[tuple[Text, list[Option]]]:
    """Where files go, by what is done there, the nearest first."""
    parties = city().procedure(HANDOVER).definition.parties
    found: list[tuple[Text, list[Option]]] = []
    for party in parties.values():
        if party.post in sending.SENDERS:
            groups, alone = units_that_take([party.post], place, actor)
            found.append((party.title, [*alone, *(option for group in groups for option in group.options)]))
    return found


# --- one --------------------------------------------------------------------------------------------


@never_cache
@ensure_csrf_cookie
@require_GET
@of_a_handover
def one(request: HttpRequest, seen: Look) -> HttpResponse:
    """A hand-over as its sender has it, or a file as its receiver has it."""
    return page(request, seen)


def page(
    request: HttpRequest,
    seen: Look,
    problems: Sequence[str] = (),
    faults: Sequence[Any] = (),
    status: int = 200,
) -> HttpResponse:
    """The same with why something was not done."""
    matter, compiled, now = seen.matter, seen.compiled, timezone.now()
    parcels = sending.parcels_of(seen)
    wanted = request.GET.get("version", "")
    shown = next((each for each in parcels if str(each.version) == wanted), parcels[0] if parcels else None)
    sealed = matter.procedure == RECEIVED and matter.state == "delivered" and shown in parcels[:1]
    other = (matter.data.get("sender") if matter.procedure == RECEIVED else matter.data.get("receiver")) or [
        0
    ]
    history = History.of(seen, Addresses(matter.number).file)
    context: dict[str, Any] = {
        "matter": matter, "data": seen.data, "coming": matter.procedure == RECEIVED, "problems": problems,
        "faults": faults, "purpose": purpose(matter.data["purpose"]), "other": Organisation.objects.filter(pk=other[0]).first(),
        "state": presenting.state_of(compiled, matter), "steps": presenting.steps(compiled, matter, history.visited),
        "said": presenting.what_next(seen, now), "clocks": presenting.clocks(seen, now), "events": brief(seen, history.events),
        "parcels": [_version(each) for each in parcels], "may_change": uploading.may_change(seen), "sealed": sealed,
        "by_file": _waits_for_receipt(seen, parcels), "stage": _stage(seen),
        "may_answer": matter.procedure == RECEIVED and matter.state == "opened" and shown in parcels[:1],
        "whys": [(why, words()) for why, words in WHYS.items()], "kinds": [(kind, words()) for kind, words in KINDS.items()],
    }  # fmt: skip
    if context["may_change"]:
        context |= _being_put_together(seen)
    if shown is not None and not sealed:
        context |= _sent(request, shown, own=matter.number)
    return render(request, "justice/handover.html", context, status=status)


def _stage(seen: Look) -> dict[str, Any] | None:
    """The stage of the case a file goes out from, or that began here with it; and what follows once it is accepted."""
    data = seen.matter.data
    if seen.matter.procedure == HANDOVER:
        rows = visible(seen.actor).filter(pk=data.get("about") or seen.matter.id).exclude(pk=seen.matter.id)
    else:
        sent = visible(SYSTEM).filter(
            pk=data.get("sent") or seen.matter.id, state="accepted", data__has_key="about"
        )
        abouts = visible(SYSTEM).filter(
            pk__in=[UUID(each) for each in sent.values_list("data__about", flat=True)]
        )
        near = Q(parent__in=abouts.values("pk")) | Q(pk__in=abouts.values("parent"))
        rows = visible(seen.actor).filter(near).exclude(procedure__in=(*BESIDE, HANDOVER, RECEIVED))
    found = [
        row
        for row in rows.order_by("-opened_at", "-pk")
        if row.opened_at <= (seen.matter.closed_at or row.opened_at)
    ]
    if not found:
        return None
    row, act = found[0], data.get("act")
    compiled = city().procedure(row.procedure, row.version)
    follows = compiled.definition.actions.get(act) if act and seen.matter.closed_at is None else None
    return {
        "title": compiled.definition.title, "url": Addresses(row.number).home, "name": row.title,
        "state": presenting.state(compiled, row.state, row.outcome), "follows": follows and follows.title,
    }  # fmt: skip


BESIDE = ("right", "supervision-notice")
"""What lies below a stage and is none."""


def _waits_for_receipt(seen: Look, parcels: list[Parcel]) -> bool:
    """Whether a package was brought as a file and is yet to be answered."""
    matter = seen.matter
    sent = matter.procedure == HANDOVER and matter.state in ("sent", "opened")
    return sent and bool(parcels) and parcels[0].received is None


def brief(seen: Look, events: Sequence[Event]) -> list[Event]:
    """What has been done, without what stands elsewhere on the page: names, agencies, digests."""
    form = seen.compiled.definition.form
    known = [presenting.titled(form[name], name) for name in ELSEWHERE if name in form]
    return [replace(event, facts=[fact for fact in event.facts if fact[0] not in known]) for event in events]


ELSEWHERE = (
    "unit", "receiver", "sender", "sent", "about", "purpose", "digest", "key", "bytes", "receipt", "lawyer", "client",
    "case", "stage", "mandate", "package", "province", "act", "answers", "delivered_at",
)  # fmt: skip


def _version(parcel: Parcel) -> dict[str, Any]:
    return {"number": parcel.version, "at": parcel.made_at, "digest": parcel.digest}


def _being_put_together(seen: Look) -> dict[str, Any]:
    """What is in the package so far; of each volume the documents in their order."""
    papers, things = Paper.objects.filter(matter=seen.matter.id), Thing.objects.filter(matter=seen.matter.id)
    volumes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in papers[: SHOWN * 4]:
        volumes[each.volume].append(
            {"paper": each, "kind": KINDS[Kind(each.kind)](), "come": 100 if each.sha256 else _share(each)}
        )
    return {
        "volumes": sorted(volumes.items()), "things": things, "media": MEDIA,
        "ready": bool(volumes) and all(each["come"] == 100 for rows in volumes.values() for each in rows),
    }  # fmt: skip


def _share(paper: Paper) -> int:
    return min(99, 100 * uploading.has_come(paper) // paper.size)


def _sent(request: HttpRequest, parcel: Parcel, *, own: str) -> dict[str, Any]:
    """A version as it was sent: its documents page by page, its exhibits, the answers to it."""
    package = sending.package_of(parcel)
    made, answers = package.manifest, {each.number: each for each in Answer.objects.filter(parcel=parcel)}
    start = max(0, number_in(request.GET.get("from", "")) - 1)
    volumes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for each in made.documents[start : start + SHOWN]:
        answer = answers.get(each.number)
        volumes[each.volume].append(
            {
                "document": each, "kind": KINDS[each.kind](), "last": each.first + each.pages - 1,
                "url": reverse("justice:document", args=[own, parcel.version, each.number]),
                "back": answer and {"why": WHYS[answer.why](), "words": answer.words},
            }
        )  # fmt: skip
    receipts = [
        {"state": RECEIPTS[each.state](), "digest": _digest(each), "name": each.state}
        for each in Receipt.objects.filter(parcel=parcel).order_by("pk")
    ]
    return {
        "back": [
            {"title": made.documents[number - 1].title, "why": WHYS[each.why](), "words": each.words}
            for number, each in sorted(answers.items())
        ],
        "shown": _version(parcel), "sent_volumes": sorted(volumes.items()), "exhibits": made.exhibits,
        "count": len(made.documents), "size": made.size, "pages": sum(each.pages for each in made.documents),
        "signature": package.signature, "signed_at": datetime.fromisoformat(package.signature.at),
        "receipts": receipts, "signer": parcel.sender, "start": start + 1, "latest": True,
        "after": start + SHOWN + 1 if start + SHOWN < len(made.documents) else None,
        "before": max(1, start + 1 - SHOWN) if start else None,
    }  # fmt: skip


def _digest(receipt: Receipt) -> str:
    return hashlib.sha256(bytes(receipt.text)).hexdigest()


# --- acting -----------------------------------------------------------------------------------------


@require_POST
@of_a_handover
def do(request: HttpRequest, seen: Look, action: str) -> HttpResponse:
    """Sends, exports, opens, accepts or sends back; and says why where it is not done."""
    try:
        match action:
            case "send" | "export":
                sending.send(seen, by_file=action == "export")
            case "open":
                sending.open_it(seen)
            case "accept":
                sending.accept(seen)
            case "return":
                sending.send_back(seen, list(_backs(request)), request.POST.get("reason", ""))
            case _:
                raise Http404
    except Faulty as error:
        return page(request, seen, faults=error.faults, status=422)
    except NotDone as error:
        return page(request, seen, presenting.said(error.reasons), status=409)
    except MumianError as error:
        return page(request, seen, [f"{error.thing}: {error.reason}. {error.cure}."], status=409)
    messages.success(request, DONE[action]())
    return redirect("justice:handover", seen.matter.number)


def _backs(request: HttpRequest) -> Iterator[Back]:
    for name, why in request.POST.items():
        if (found := re.fullmatch(r"why-(\d{1,6})", name)) and why:
            yield Back(int(found[1]), str(why), request.POST.get(f"words-{found[1]}", ""))


@require_POST
@of_a_handover
def change(request: HttpRequest, seen: Look, what: str) -> HttpResponse:
    """Moves or removes a document, lists an exhibit or strikes it off."""
    key = whole(request, "key")
    try:
        match what:
            case "exhibit":
                uploading.list_exhibit(
                    seen, **{name: request.POST.get(name, "") for name in ("title", "amount", "kept")}
                )
            case "strike" if uploading.strike_exhibit(seen, key):
                pass
            case "remove" if uploading.remove(seen, key):
                pass
            case "move" if uploading.move(
                seen, key, volume=whole(request, "volume"), place=whole(request, "place")
            ):
                pass
            case _:
                raise Http404
    except uploading.Unfit as error:
        return page(request, seen, [f"{error.thing}: {error.reason}. {error.cure}."], status=422)
    return redirect("justice:handover", seen.matter.number)


# --- keys -------------------------------------------------------------------------------------------


@require_GET
@cache_control(public=True, max_age=300)
def published(request: HttpRequest) -> HttpResponse:
    """The public keys of all agencies, for anybody to compare."""
    now = timezone.now()
    rows: list[dict[str, Any]] = [
        {
            "agency": row.organisation, "key": row.key, "algorithm": row.algorithm, "begins": row.begins,
            "ends": row.ends, "public": bytes(row.public).hex(),
            "now": row.begins <= now and (row.ends is None or now < row.ends),
        }
        for row in keys.published()
    ]  # fmt: skip
    if request.GET.get("format") == "json":
        return JsonResponse(
            {"keys": [{**row, "agency": row["agency"].code} for row in rows]},
            json_dumps_params={"ensure_ascii": False},
        )
    return render(request, "justice/keys.html", {"keys": rows})


# --- words ------------------------------------------------------------------------------------------

KINDS: dict[str, Callable[[], str]] = {
    Kind.OPINION: lambda: _("Opinion or decision"), Kind.PROCEDURE: lambda: _("Paper of the procedure"),
    Kind.STATEMENT: lambda: _("Minutes of questioning"), Kind.WRITTEN: lambda: _("Written evidence"),
    Kind.APPRAISAL: lambda: _("Appraisal"), Kind.INSPECTION: lambda: _("Inspection"),
    Kind.RECORDING: lambda: _("Recording or data"), Kind.OTHER: lambda: _("Other"),
}  # fmt: skip
WHYS: dict[str, Callable[[], str]] = {
    "missing-page": lambda: _("A page is missing"), "unreadable": lambda: _("It cannot be read"),
    "unsigned": lambda: _("It is not signed or sealed"), "wrong": lambda: _("It does not belong here"),
    "other": lambda: _("Another reason"),
}  # fmt: skip
RECEIPTS: dict[str, Callable[[], str]] = {
    "opened": lambda: _("Receipt: opened"), "accepted": lambda: _("Receipt: accepted"),
    "returned": lambda: _("Receipt: sent back"),
}  # fmt: skip
DONE: dict[str, Callable[[], str]] = {
    "send": lambda: _("Signed and delivered."), "export": lambda: _("Signed. Now save the file and bring it over."),
    "open": lambda: _("Opened. The sender has a receipt of it."), "accept": lambda: _("Accepted. The sender has a receipt."),
    "return": lambda: _("Sent back. The sender has a receipt with your reasons."),
}  # fmt: skip
