"""How cases have gone in half a year, reckoned from the matters every hour and kept; of few nothing is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, ExpressionWrapper, F, FloatField, Func, Q, QuerySet
from django.utils.translation import gettext as _

from mumian.engine.models import Matter as Row
from mumian.engine.visible import visible
from mumian.insight.models import Reckoning
from mumian.people.actor import SYSTEM
from mumian.people.models import Post
from mumian.place.codes import range_of
from mumian.systems.justice.stages import MAIN

SINCE = timedelta(days=180)
FEWEST = 5
"""Of fewer nothing is shown: what is sealed is counted too, and one could be told from it."""
SUPERVISOR = "case-supervisor"
MOST = 8
RETURNED = "further-investigation"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a whole, or nothing of too few."""

    title: str
    part: int
    whole: int
    note: str

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.enough else None

    @property
    def enough(self) -> bool:
        return self.whole >= FEWEST


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a place, as of a time."""

    at: datetime
    shares: Sequence[Share]
    took: Mapping[str, float]
    """Days that a stage took, in the middle, by procedure."""
    handed: Sequence[Mapping[str, Any]]
    """By unit that took files over: how many, hours from delivery to acceptance in the middle, how many came twice."""
    returned: Sequence[str]
    """The ids of what was sent back for further investigation and has come back since, the newest first."""


def of(place: str, now: datetime) -> Figures:
    """Those kept for a place, or what they are now where none are kept yet."""
    kept = Reckoning.objects.filter(pk=_name(place)).first()
    return _read(kept.figures, kept.at) if kept else _read(reckoned(place, now), now)


def keep(now: datetime) -> int:
    """Reckons those of every place that somebody supervises, and keeps them; returns of how many."""
    places = sorted(set(Post.objects.filter(role_id=SUPERVISOR).values_list("place", flat=True)))
    for place in places:
        Reckoning.objects.update_or_create(
            pk=_name(place), defaults={"at": now, "figures": reckoned(place, now)}
        )
    return len(places)


def _name(place: str) -> str:
    return f"justice {place}"


def _read(found: Mapping[str, Any], at: datetime) -> Figures:
    def share(title: str, part: str, whole: str, note: str) -> Share:
        return Share(title, found[part], found[whole], note)

    shares = [
        share(_("Arrest refused"), "refused", "arrests", _("of requests decided")),
        share(_("Not prosecuted"), "ended", "reviews", _("of reviews ended")),
        share(_("In custody before trial"), "held", "prosecuted", _("of those prosecuted")),
        share(_("Fast track"), "fast", "trials", _("of trials ended")),
    ]
    return Figures(at, shares, found["took"], found["handed"], found["returned"])


# --- reckoning --------------------------------------------------------------------------------------


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


_DAYS = ExpressionWrapper(
    Func(F("closed_at") - F("opened_at"), template="EXTRACT(EPOCH FROM %(expressions)s) / 86400"),
    output_field=FloatField(),
)


def reckoned(place: str, now: datetime) -> dict[str, Any]:
    """The figures of a place from its matters, sealed ones too: four statements over half a year."""
    low, high = range_of(place)
    ended = visible(SYSTEM).filter(closed_at__gte=now - SINCE, place__gte=low, place__lt=high)
    files = visible(SYSTEM).filter(
        procedure="handover-received", outcome="accepted", closed_at__gte=now - SINCE,
        unit__place__gte=low, unit__place__lt=high,
    )  # fmt: skip
    back = ended.filter(procedure=RETURNED).order_by("-opened_at", "-pk").values_list("pk", flat=True)
    returned = [key.hex for key in back[:MOST]]
    return {**_counted(ended), "took": _took(ended), "handed": _handed(files), "returned": returned}


def _counted(ended: "QuerySet[Row]") -> dict[str, int]:
    arrest, review, trial = (
        Q(procedure="arrest-review"),
        Q(procedure="prosecution-review"),
        Q(procedure="first-trial"),
    )
    prosecuted = review & Q(outcome="prosecuted")
    counts: dict[str, int] = ended.filter(arrest | review | trial).aggregate(
        arrests=Count("pk", filter=arrest),
        refused=Count("pk", filter=arrest & Q(outcome="refused")),
        reviews=Count("pk", filter=review),
        ended=Count("pk", filter=review & Q(outcome__in=("not-prosecuted", "conditional"))),
        prosecuted=Count("pk", filter=prosecuted),
        held=Count("pk", filter=prosecuted & Q(data__in_custody=True)),
        trials=Count("pk", filter=trial),
        fast=Count("pk", filter=trial & Q(data__track="fast")),
    )
    return counts


def _took(ended: "QuerySet[Row]") -> dict[str, float]:
    rows = (
        ended.filter(procedure__in=MAIN).values("procedure").annotate(count=Count("*"), days=_Median(_DAYS))
    )
    return dict(rows.filter(count__gte=FEWEST).order_by().values_list("procedure", "days"))


def _handed(files: "QuerySet[Row]") -> list[dict[str, Any]]:
    rows = files.values("unit_id").annotate(
        count=Count("*"), days=_Median(_DAYS), again=Count("pk", filter=Q(data__version__gt=1))
    )
    return [
        {"unit": row["unit_id"], "count": row["count"], "hours": row["days"] * 24, "again": row["again"]}
        for row in rows.filter(count__gte=FEWEST).order_by("-count", "unit_id")[:MOST]
    ]
