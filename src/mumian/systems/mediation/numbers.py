"""The figures of mediation, counted honestly: agreed of those tried, and everything else apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.place.codes import Level, range_of
from mumian.systems.mediation.cases import AGREED, FAILED
from mumian.systems.mediation.models import Counted, Mediator
from mumian.systems.mediation.showing import short_kind
from mumian.web import errors, presenting
from mumian.web.entering import by_name
from mumian.web.words import Text

SPANS = (30, 90, 365)
FEWEST = 5
"""Of fewer that were tried to the end no share is shown."""
MOST = 12


@dataclass(frozen=True, slots=True)
class Figures:
    """Of mediations that ended in a time: how, and what came of it."""

    title: Text
    ended: int
    agreed: int
    failed: int
    reconciled: int
    unreachable: int
    unwilling: int
    other: int
    performed: int
    performance_known: int
    confirmed: int
    days: float | None
    """Days from the request to the end, in the middle, of those agreed."""
    before_filing: int
    kept_from_court: int

    @property
    def success(self) -> float | None:
        """Agreed of agreed and failed; nothing of too few."""
        tried = self.agreed + self.failed
        return self.agreed / tried if tried >= FEWEST else None

    @property
    def filtered(self) -> float | None:
        """Of what ended before it was filed: the share that came to an agreement or was settled by the sides."""
        return self.kept_from_court / self.before_filing if self.before_filing >= FEWEST else None

    @property
    def performed_share(self) -> float | None:
        return self.performed / self.performance_known if self.performance_known >= FEWEST else None

    @property
    def bar(self) -> list[dict[str, Any]]:
        """The ends side by side, as parts of a bar a hundred wide."""
        parts = [("agreed", self.agreed, _("Agreed")), ("reconciled", self.reconciled, _("Settled themselves")),
                 ("failed", self.failed, _("Not agreed")), ("unwilling", self.unwilling, _("Unwilling")),
                 ("unreachable", self.unreachable, _("Not reached")), ("other", self.other, _("Other"))]  # fmt: skip
        drawn, at = [], 0.0
        for name, count, title in parts:
            width = 100 * count / self.ended if self.ended else 0
            drawn.append(
                {"name": name, "count": count, "title": title, "x": round(at, 3), "width": round(width, 3)}
            )
            at += width
        return drawn


@never_cache
@require_GET
@by_name
def numbers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How mediations of a place ended, whole and by kind, body, mediator and place."""
    if actor.role not in ("mediation-organiser", "court-clerk") and actor.scope is not Scope.ALL:
        return errors.no_post(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else SPANS[1]
    place = actor.place or city().world.top
    found = counted(place, days)
    context = {
        "days": days, "spans": SPANS, "place": presenting.place_name(place), "fewest": FEWEST, "at": found.at,
        "whole": next(iter(figures(found, "whole")), None),
        "groups": [
            (_("By kind"), figures(found, "kind")),
            (_("By organisation"), figures(found, "body")),
            (_("By mediator"), figures(found, "mediator")),
            (_("By place"), figures(found, "place")),
        ],
    }  # fmt: skip
    return render(request, "mediation/numbers.html", context)


def counted(place: str, days: int, *, fresh: bool = False) -> Counted:
    """What ended at a place in the last days, as counted within the hour; counted now if that is longer ago."""
    now = timezone.now()
    kept = None if fresh else Counted.objects.filter(place=place, days=days, at__gt=now - KEPT).first()
    if kept is None:
        groups = _count(place, now - timedelta(days=days))
        kept, _made = Counted.objects.update_or_create(
            place=place, days=days, defaults={"at": now, "groups": groups}
        )
    return kept


def figures(kept: Counted, group: str) -> list[Figures]:
    """The figures of one group, the most first, with titles in the reader's language."""
    rows = kept.groups[group]
    titles = _titles(group, [row[0] for row in rows])
    return [Figures(titles.get(key, str(key)), *rest) for key, *rest in rows]


KEPT = timedelta(hours=1)
_GROUPS = {15: "whole", 7: "kind", 11: "body", 13: "mediator", 14: "place"}
"""What GROUPING says of a row: a bit for each of four columns it is not grouped by."""


def _count(place: str, since: datetime) -> dict[str, list[list[Any]]]:
    """One pass over what ended there since then. Of each group the largest; whole is one row or none."""
    low, high = range_of(place) if place else ("", ":")
    digits = min(len(place) + 3 if len(place) >= Level.DISTRICT else len(place) + 2, 12)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTED.format(digits=digits),
            {"low": low, "high": high, "since": since, "failed": list(FAILED), "agreed": AGREED},
        )
        found: dict[str, list[list[Any]]] = {name: [] for name in _GROUPS.values()}
        for grouping, kind, body, mediator, part, *rest in cursor:
            name = _GROUPS[grouping]
            key = {"kind": kind, "body": body, "mediator": mediator, "place": part}.get(name)
            if rest[0]:
                found[name].append([key, *rest])
    for rows in found.values():
        rows.sort(key=lambda row: (-row[1], str(row[0])))
        del rows[MOST:]
    return found


_COUNTED = """
    SELECT grouping(c.kind, c.body_id, c.mediator_id, left(c.place, {digits})),
        c.kind, c.body_id, c.mediator_id, left(c.place, {digits}),
        count(*), count(*) FILTER (WHERE c.outcome = %(agreed)s),
        count(*) FILTER (WHERE c.outcome = ANY(%(failed)s)), count(*) FILTER (WHERE c.outcome = 'reconciled'),
        count(*) FILTER (WHERE c.outcome = 'unreachable'), count(*) FILTER (WHERE c.outcome = 'unwilling'),
        count(*) FILTER (WHERE c.outcome IN ('impossible', 'unsuitable')),
        count(*) FILTER (WHERE c.performed = 'performed'),
        count(*) FILTER (WHERE c.performed NOT IN ('', 'asked')),
        count(*) FILTER (WHERE c.confirmed IN ('confirmed', 'statement', 'on-record')),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at)::float8 / 86400)
            FILTER (WHERE c.outcome = %(agreed)s),
        count(*) FILTER (WHERE c.stage IN ('', 'before')),
        count(*) FILTER (WHERE c.stage IN ('', 'before') AND NOT c.filed AND c.outcome IN (%(agreed)s, 'reconciled'))
    FROM mediation_case c
    WHERE c.closed_at >= %(since)s AND c.place >= %(low)s AND c.place < %(high)s
    GROUP BY GROUPING SETS ((), (c.kind), (c.body_id), (c.mediator_id), (left(c.place, {digits})))
"""


def _titles(group: str, keys: Sequence[Any]) -> dict[Any, Text]:
    if group == "kind":
        return {key: short_kind(key) for key in keys}
    if group == "body":
        return {None: _("No organisation yet"), **{key: presenting.unit(key) for key in keys if key}}
    if group == "mediator":
        people = Mediator.objects.filter(pk__in=[key for key in keys if key]).select_related("person")
        return {None: _("No mediator yet"), **{each.pk: str(each) for each in people}}
    return {key: presenting.place_name(key) or _("All") for key in keys}
