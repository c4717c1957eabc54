"""Reporting: a photo, a place, a sentence; what it looks like while it is written; and the number one gets for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.engine.compiled import Compiled, Reason
from mumian.engine.decide import may
from mumian.engine.looking import link_after, link_holder, look
from mumian.engine.matter import Matter
from mumian.engine.perform import Act, Done, Refused, new_id, perform
from mumian.engine.world import city
from mumian.intake.locating import Unlocated, locate
from mumian.intake.suggesting import Near
from mumian.people.actor import ANYONE, SYSTEM, Actor
from mumian.place.loading import current_atlas
from mumian.web import errors, notices, presenting, suggesting
from mumian.web.addresses import Addresses
from mumian.web.forms import Form, Sent, found_places, towns_to_choose
from mumian.web.matters import would_fail
from mumian.web.shown import Option

CHANNEL = "web"
LONG_KEY = 20
"""Characters of a key that nobody guesses: it leads back to the matter it opened."""


@dataclass(frozen=True)
class Opening:
    """A procedure anyone may begin, and the action that begins it."""

    compiled: Compiled
    action: str

    @property
    def name(self) -> str:
        return self.compiled.definition.procedure

    @cached_property
    def kept_from_public(self) -> frozenset[str]:
        """The fields that one without a post is not asked: those only a time limit is taken from, and the kind,
        which is suggested from what is written."""
        limits = [clock.limit for clock in self.compiled.clocks.values()]
        sources = {name for limit in limits for name in (limit.unless, limit.at) if name}
        return frozenset(sources | {self.compiled.kind_field or ""})

    def form(self, actor: Actor) -> Form:
        return Form(self.compiled, self.action, actor, without=self.kept_from_public)


def openings(actor: Actor) -> list[Opening]:
    """What somebody may begin, in the order of the procedures' names; what anyone may begin comes first."""
    found = [*_openings(ANYONE), *_openings(actor)]
    return list({opening.name: opening for opening in reversed(found)}.values())[::-1]


def _openings(actor: Actor) -> Iterator[Opening]:
    here, now = city(), timezone.now()
    for name in sorted(here.current):
        compiled = here.procedure(name)
        fresh = Matter(new_id(), name, compiled.version)
        for action, spec in compiled.definition.actions.items():
            if spec.from_ is None and not may(
                compiled, fresh, action, actor=actor, now=now, world=here.world
            ):
                yield Opening(compiled, action)
                break


def _opening(request: HttpRequest) -> Opening:
    """The one the address names, else the first there is."""
    name = request.GET.get("procedure")
    found = next((each for each in openings(_actor(request)) if name in (None, "", each.name)), None)
    if found is None:
        raise Http404
    return found


# --- the page ---------------------------------------------------------------------------------------


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it."""
    opening = _opening(request)
    if request.method == "POST":
        return _take(request, opening)
    return _page(request, opening, opening.form(_actor(request)))


def _take(request: HttpRequest, opening: Opening) -> HttpResponse:
    actor = _actor(request)
    if actor.person is None:
        try:
            limit_public(request)
        except Problem as problem:
            return errors.too_many(request, problem)
    form = opening.form(actor)
    sent = form.read(request)
    if kind := _chosen_kind(request, opening):
        sent.data[opening.compiled.kind_field or ""] = kind
    act = Act(opening.action, actor, sent.data, opens=opening.name, key=form_key(request), channel=CHANNEL)
    if sent.faults:
        return _page(request, opening, form, sent, would_fail(act))
    [result] = perform([act])
    if isinstance(result, Refused):
        return _page(request, opening, form, sent, result.reasons)
    _join(request, opening, result)
    secret = link_after(result.matter, opening.compiled, opening.action)
    return (
        redirect("web:received", result.number, secret) if secret else redirect("web:matter", result.number)
    )


def _page(
    request: HttpRequest,
    opening: Opening,
    form: Form,
    sent: Sent | None = None,
    reasons: Sequence[Reason] = (),
) -> HttpResponse:
    context = {
        "fields": sorted(form.fields(sent, reasons), key=lambda field: _ORDER.get(field.type, 2)),
        "problems": form.others(reasons),
        "key": form_key(request),
        "title": opening.compiled.definition.title,
        "others": [each for each in openings(_actor(request)) if each.name != opening.name],
        "watched": opening.compiled.naming or "",
        "suggest": f"{reverse('web:suggest')}?procedure={opening.name}",
        **(_looks(request, opening) if sent else {}),
    }
    return render(request, "web/report.html", context, status=422 if sent else 200)


_ORDER = {"files": 0, "place": 1}
"""A picture and a place come before words."""


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def form_key(request: HttpRequest) -> str:
    """The key that came with the form, if it can be trusted to be one, else a fresh one."""
    given = request.POST.get("key", "")
    return given if LONG_KEY <= len(given) <= 64 and given.isalnum() else uuid4().hex


def _chosen_kind(request: HttpRequest, opening: Opening) -> str:
    kinds = city().kinds.get(opening.compiled.definition.catalogue or "", {})
    chosen = request.POST.get("kind", "")
    return chosen if opening.compiled.kind_field and chosen in kinds else ""


# --- while it is written ----------------------------------------------------------------------------


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """What the report being written looks like, as a part of the page."""
    opening = _opening(request)
    return render(request, "web/part/looks.html", _looks(request, opening))


def _looks(request: HttpRequest, opening: Opening) -> dict[str, Any]:
    """The likeliest kinds for what is written, and what was reported near it."""
    compiled = opening.compiled
    text = request.POST.get(compiled.naming or "", "").strip()
    kinds = suggesting.kinds(compiled, text)
    chosen = _chosen_kind(request, opening) or next((each.value for each in kinds if each.sure), "")
    return {
        "kinds": kinds,
        "kind": request.POST.get("kind"),
        "near": [_openly(each) for each in _near(request, opening, chosen, text)],
    }


def _near(request: HttpRequest, opening: Opening, kind: str, text: str) -> list[Near]:
    field = opening.compiled.place_field or ""
    where = {
        name: request.POST.get(f"{field}{part}", "")
        for name, part in {"address": "", "place": "_code", "lon": "_longitude", "lat": "_latitude"}.items()
    }
    try:
        located = locate(
            {field: {name: value for name, value in where.items() if value}}, opening.compiled.definition
        )
    except Unlocated:
        return []
    return suggesting.near(opening.name, located[field], kind, text)


def _openly(near: Near) -> dict[str, Any]:
    """A matter nearby, told without anybody's words."""
    matter = near.matter
    compiled = city().procedure(matter.procedure, matter.version)
    return {
        "number": matter.number,
        "title": presenting.named_openly(compiled, matter),
        "state": presenting.state_of(compiled, matter),
        "at": matter.opened_at,
        "distance": near.metres,
        "reports": matter.reports,
    }


def _join(request: HttpRequest, opening: Opening, done: Done) -> None:
    """Counts the report with the one its reporter says is the same, if that is indeed one of those nearby."""
    same, compiled = request.POST.get("same", ""), opening.compiled
    merging = next((name for name, spec in compiled.definition.actions.items() if spec.merges), None)
    if not same or merging is None or done.repeated:
        return
    text = request.POST.get(compiled.naming or "", "")
    near = (each.matter for each in _near(request, opening, _chosen_kind(request, opening), text))
    original = next((each for each in near if each.number == same and each.id != done.matter), None)
    if original is not None:
        field = compiled.definition.actions[merging].merges or ""
        perform([Act(merging, SYSTEM, {field: original.id.hex}, done.matter)])


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """The places that what is typed may mean, or the one where the reader stands, as a part of the page."""
    field = request.GET.get("field", "")
    text = request.GET.get(field, "").strip()[:200]
    here, outside = _standing(request, field)
    named = found_places(current_atlas().find(text)) if len(text) > 1 else []
    found = [*here, *(each for each in named if each.value not in {place.value for place in here})]
    towns = towns_to_choose() if len(text) > 1 and not found else []
    context = {"name": field, "found": found, "towns": towns, "outside": outside}
    return render(request, "web/part/places.html", context)


def _standing(request: HttpRequest, field: str) -> tuple[list[Option], bool]:
    """The place where the reader stands, if the device gave a position; and whether that lies in none of ours."""
    try:
        lon, lat = (float(request.GET[f"{field}_{axis}"]) for axis in ("longitude", "latitude"))
    except (KeyError, ValueError):
        return [], False
    code = current_atlas().locate_one(lon, lat)
    return (
        ([Option(code, presenting.place(code), _("The spot you gave"), 1.0)], False) if code else ([], True)
    )


# --- afterwards -------------------------------------------------------------------------------------


@never_cache
@require_GET
def received(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """The number, the link that leads back, who has it and by when."""
    holder = link_holder(secret, number=number)
    seen = look(holder, holder.bearer[0]) if holder and holder.bearer else None
    if seen is None:
        raise Http404
    now = timezone.now()
    home = Addresses(number, secret).home
    context = {
        "number": number,
        "url": home,
        "link": request.build_absolute_uri(home),
        "joined": seen.matter.merged_into is not None,
        "place": presenting.place(seen.matter.place),
        "unit": presenting.whose_turn(seen.compiled, seen.matter),
        "steps": presenting.steps(seen.compiled, seen.matter),
        "clocks": [each for each in presenting.clocks(seen, now, openly=True) if each.due],
        "tell": notices.panel(seen.actor, number, secret),
    }
    return render(request, "web/received.html", context)
