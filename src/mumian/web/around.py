"""What was reported and what became of it, for anybody: kind, place, state and dates, never words, pictures or people."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.storing import load
from mumian.engine.visible import listed, visible
from mumian.engine.world import city
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level, range_of
from mumian.place.loading import current_atlas
from mumian.web import maps, presenting, words
from mumian.web.listing import after_closed, mark_of, read_mark
from mumian.web.shown import Chosen, Figure, Map

ROWS = 40
SETTLED = timedelta(days=30)
"""How far back what was settled is listed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at, as it stands in the address."""

    settled: bool = False
    place: str = ""
    after: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Reads an address; what makes no sense in it is left out."""
        given = request.GET
        place = given.get("place", "")
        known = place in current_atlas() and len(place) <= Level.COMMUNITY
        return cls(given.get("settled") == "1", place if known else "", given.get("after", "")[:100])

    def address(self, **changes: Any) -> str:
        asked = replace(self, **{"after": "", **changes})
        pairs = {"settled": "1" if asked.settled else "", "place": asked.place, "after": asked.after}
        return f"{reverse('web:around')}?{urlencode({name: value for name, value in pairs.items() if value})}"


@require_GET
@cache_control(public=True, max_age=30)
def around(request: HttpRequest) -> HttpResponse:
    """What is open, or was settled lately, at a place: a list and a map. Seven statements."""
    asked, now = Asked.of(request), timezone.now()
    open_, settled = _open(asked), _settled(asked, now)
    matters, following = _page(settled if asked.settled else open_, asked)
    context = {
        "figures": [
            Figure(_("Open"), open_.count(), asked.address(settled=False), current=not asked.settled),
            Figure(
                _("Settled in 30 days"), settled.count(), asked.address(settled=True), current=asked.settled
            ),
        ],
        "rows": [_row(matter) for matter in matters],
        "chosen": _chosen(asked),
        "map": _map(asked, settled if asked.settled else open_),
        "next_page": asked.address(after=following) if following else "",
    }
    return render(request, "web/around.html", context)


def _at(asked: Asked) -> QuerySet[Row]:
    matters = visible(SYSTEM).filter(listed(), merged_into=None)
    if not asked.place:
        return matters
    low, high = range_of(asked.place)
    return matters.filter(place__gte=low, place__lt=high)


def _open(asked: Asked) -> QuerySet[Row]:
    return _at(asked).filter(closed_at=None)


def _settled(asked: Asked, now: datetime) -> QuerySet[Row]:
    return _at(asked).filter(closed_at__gte=now - SETTLED)


def _page(matters: QuerySet[Row], asked: Asked) -> tuple[list[Matter], str]:
    """One page, the newest first, and the mark after which the next begins."""
    mark = read_mark(asked.after)
    if asked.settled:
        by, matters = "closed_at", after_closed(matters, *mark) if mark else matters
    else:
        by, matters = "opened_at", _opened_before(matters, *mark) if mark else matters
    rows = list(matters.order_by(f"-{by}", "-pk").values_list("pk", by)[: ROWS + 1])
    loaded = load([key for key, _ in rows[:ROWS]])
    shown = [loaded[key] for key, _ in rows[:ROWS] if key in loaded]
    return shown, mark_of(rows[ROWS - 1][1], rows[ROWS - 1][0]) if len(rows) > ROWS else ""


def _opened_before(matters: QuerySet[Row], at: datetime | None, last: UUID) -> QuerySet[Row]:
    if at is None:
        return matters
    return matters.filter(opened_at__lte=at).exclude(opened_at=at, pk__gte=last)


def _row(matter: Matter) -> dict[str, object]:
    compiled = city().procedure(matter.procedure, matter.version)
    return {
        "title": presenting.kind_of(compiled, matter),
        "number": matter.number,
        "place": presenting.place(matter.place[: Level.COMMUNITY]),
        "state": presenting.state_of(compiled, matter),
        "opened": matter.opened_at,
        "closed": matter.closed_at,
        "reports": matter.reports,
    }


def _chosen(asked: Asked) -> list[Chosen]:
    if not asked.place:
        return []
    above = current_atlas().parent(asked.place)
    return [Chosen(presenting.place(asked.place), asked.address(place=above))]


def _map(asked: Asked, matters: QuerySet[Row]) -> Map | None:
    """How many lie in each of its parts, at their middle: who lives where is nobody's business. One statement."""
    here = asked.place or city().world.top
    deep = min(Level.COMMUNITY, next((level for level in Level if level > len(here)), Level.COMMUNITY))
    counted = matters.order_by().values_list(Left("place", int(deep)), "state").annotate(count=Count("*"))
    tones = {
        name: presenting.state(compiled, name).colour
        for compiled in map(city().procedure, sorted(city().current))
        for name in compiled.states
    }
    marks = [
        maps.Mark(
            place,
            None,
            None,
            words.in_words(presenting.place_name(place)),
            asked.address(place=place),
            tones.get(state, "neutral"),
            count,
        )
        for place, state, count in counted
    ]
    return maps.draw(here, marks, lambda code: asked.address(place=code[: Level.COMMUNITY]))
