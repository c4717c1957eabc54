"""Two matters side by side, to see whether they are the same thing; and merging one into the other."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.looking import Look, look
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.intake.duplicates import metres_between
from mumian.people.actor import Actor
from mumian.web import maps, presenting, words
from mumian.web.addresses import Addresses
from mumian.web.board import in_office
from mumian.web.history import History
from mumian.web.shown import Map


@dataclass(frozen=True, slots=True)
class Merge:
    """Taking one for the other: where it is sent, the field that names the original, and what was seen."""

    url: str
    field: str
    original: str
    seq: int
    title: str


@never_cache
@require_GET
@in_office
def beside(request: HttpRequest, actor: Actor, number: str, other: str) -> HttpResponse:
    """Both matters, what they have in common, and the ways to merge them. Both must be seen by the reader."""
    one, two = _seen(actor, number), _seen(actor, other)
    if one is None or two is None or one.matter.id == two.matter.id:
        raise Http404
    merges = [_merge(one, two), _merge(two, one)]
    context = {
        "sides": [{**_side(each), "merge": merge} for each, merge in zip((one, two), merges, strict=True)],
        "apart": _apart(one, two),
        "map": _map(one, two),
        "key": uuid4().hex,
    }
    return render(request, "web/beside.html", context)


def _seen(actor: Actor, number: str) -> Look | None:
    key = visible(actor).filter(number=read_number(number)).values_list("pk", flat=True).first()
    return look(actor, key) if key else None


def _side(seen: Look) -> dict[str, Any]:
    matter, compiled = seen.matter, seen.compiled
    addresses = Addresses(matter.number)
    return {
        "number": matter.number,
        "url": addresses.home,
        "title": matter.title or words.in_words(compiled.definition.title),
        "text": str(seen.data.get(compiled.naming or "", "")),
        "state": presenting.state_of(compiled, matter),
        "kind": presenting.kind_of(compiled, matter),
        "place": presenting.place(matter.place),
        "address": presenting.address(compiled, matter),
        "opened": matter.opened_at,
        "reports": matter.reports,
        "unit": presenting.unit(matter.unit),
        "files": History.of(seen, addresses.file).files,
    }


def _merge(part: Look, original: Look) -> Merge | None:
    """Merging the first into the second, if that may be done now."""
    if part.matter.procedure != original.matter.procedure:
        return None
    for action, spec in part.possible(timezone.now()).items():
        if spec.merges and original.matter.merged_into is None:
            title = _("%(part)s is the same as %(original)s: merge it")
            numbers = {"part": part.matter.number, "original": original.matter.number}
            url = Addresses(part.matter.number).act(action)
            return Merge(url, spec.merges, original.matter.number, part.matter.seq, title % numbers)
    return None


def _apart(one: Look, two: Look) -> list[str]:
    """How far from each other, in place, time and kind."""
    a, b = one.matter, two.matter
    said = []
    if a.lon is not None and a.lat is not None and b.lon is not None and b.lat is not None:
        lon, lat = np.radians([a.lon, b.lon]), np.radians([a.lat, b.lat])
        [metres] = metres_between(lon, lat, np.array([0]), np.array([1]))
        said.append(_("%(metres)s m apart") % {"metres": words.number(round(float(metres)))})
    if a.opened_at and b.opened_at:
        said.append(_("reported %(span)s apart") % {"span": words.span(abs(a.opened_at - b.opened_at))})
    if a.category and b.category:
        said.append(_("the same kind") if a.category == b.category else _("different kinds"))
    return said


def _map(one: Look, two: Look) -> Map | None:
    marks = [
        maps.Mark(
            each.matter.place,
            each.matter.lon,
            each.matter.lat,
            f"{each.matter.number} {each.matter.title}",
            Addresses(each.matter.number).home,
            "river",
        )
        for each in (one, two)
    ]
    return maps.draw(presenting.common_place([mark.place for mark in marks]), marks, lambda code: "")
