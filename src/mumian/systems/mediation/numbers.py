"""The figures of mediation, counted honestly: agreed of those tried, and everything else apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
from mumian.systems.mediation.entering import by_name
from mumian.systems.mediation.models import Mediator
from mumian.systems.mediation.showing import short_kind
from mumian.web import errors, presenting
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
    since = timezone.now() - timedelta(days=days)
    digits = min(len(place) + 3 if len(place) >= Level.DISTRICT else len(place) + 2, 12)
    context = {
        "days": days, "spans": SPANS, "place": presenting.place_name(place), "fewest": FEWEST,
        "whole": next(iter(counted(place, since)), None),
        "groups": [
            (_("By kind"), counted(place, since, "c.kind")),
            (_("By organisation"), counted(place, since, "c.body_id")),
            (_("By mediator"), counted(place, since, "c.mediator_id")),
            (_("By place"), counted(place, since, f"left(c.place, {digits})")),
        ],
    }  # fmt: skip
    return render(request, "mediation/numbers.html", context)


def counted(place: str, since: Any, by: str = "''") -> list[Figures]:
    """Figures of what ended at a place since then, the most first. `by` is one of the columns named here alone."""
    low, high = range_of(place) if place else ("", ":")
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTED.format(by=by), {"low": low, "high": high, "since": since, "failed": list(FAILED),
                                     "agreed": AGREED, "most": MOST},
        )  # fmt: skip
        rows = cursor.fetchall()
    titles = _titles(by, [row[0] for row in rows])
    return [Figures(titles.get(key, str(key)), *rest) for key, *rest in rows]


_COUNTED = """
    SELECT {by}, count(*), count(*) FILTER (WHERE c.outcome = %(agreed)s),
        count(*) FILTER (WHERE c.outcome = ANY(%(failed)s)), count(*) FILTER (WHERE c.outcome = 'reconciled'),
        count(*) FILTER (WHERE c.outcome = 'unreachable'), count(*) FILTER (WHERE c.outcome = 'unwilling'),
        count(*) FILTER (WHERE c.outcome IN ('impossible', 'unsuitable')),
        count(*) FILTER (WHERE c.performed = 'performed'),
        count(*) FILTER (WHERE c.performed NOT IN ('', 'asked')),
        count(*) FILTER (WHERE c.confirmed IN ('confirmed', 'statement', 'on-record')),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.closed_at - c.opened_at) / 86400)
            FILTER (WHERE c.outcome = %(agreed)s),
        count(*) FILTER (WHERE c.stage IN ('', 'before')),
        count(*) FILTER (WHERE c.stage IN ('', 'before') AND NOT c.filed AND c.outcome IN (%(agreed)s, 'reconciled'))
    FROM mediation_case c
    WHERE c.closed_at >= %(since)s AND c.place >= %(low)s AND c.place < %(high)s
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(most)s
"""


def _titles(by: str, keys: Sequence[Any]) -> dict[Any, Text]:
    if by == "c.kind":
        return {key: short_kind(key) for key in keys}
    if by == "c.body_id":
        return {None: _("No organisation yet"), **{key: presenting.unit(key) for key in keys if key}}
    if by == "c.mediator_id":
        people = Mediator.objects.filter(pk__in=[key for key in keys if key]).select_related("person")
        return {None: _("No mediator yet"), **{each.pk: str(each) for each in people}}
    return {key: presenting.place_name(key) or _("All") for key in keys}
