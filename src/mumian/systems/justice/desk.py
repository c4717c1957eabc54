"""The desk of terms: what ends when, what is over, how cases go from agency to agency; for supervisors and each agency."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Aggregate, Count, ExpressionWrapper, F, FloatField, Func, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.models import Matter as Row
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import SYSTEM, Actor
from mumian.place.codes import range_of
from mumian.systems.justice.stages import MAIN, NOTICE, WITH_TERMS, agency_of
from mumian.web import errors, presenting
from mumian.web.addresses import Addresses
from mumian.web.matters import related
from mumian.web.shown import Clock, State
from mumian.web.words import Text

SUPERVISOR, AID = "case-supervisor", "legal-aid-officer"
ROLES = ("police-officer", "prosecutor", "judge", "executing-officer", AID, SUPERVISOR)
AHEAD, PAGE, SINCE = 30, 30, timedelta(days=180)
NEAR = timedelta(days=7)
FEWEST = 5
"""Of fewer nothing is shown: what is sealed is counted too, and one could be told from it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A matter with its running terms, the one that ends first first."""

    title: str
    stage: Text
    state: State
    unit: Text
    agency: str
    url: str
    number: str
    clocks: Sequence[Clock]


@dataclass(slots=True)
class Column:
    """What ends on one day: parts of a column a hundred high, by agency."""

    day: date | None
    count: int = 0
    parts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage on the way: how many are in it, how many of them over a term, how long it took of late."""

    title: Text
    agency: str
    open: int
    over: int
    days: float | None
    width: float


@dataclass(frozen=True, slots=True)
class Share:
    """A figure: a share of a whole, or nothing of too few."""

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


@never_cache
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Every running term one may see, the nearest first, and for supervisors how the whole goes."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.person is None:
        return redirect_to_login(request.get_full_path())
    if actor.role not in ROLES:
        return errors.no_post(request)
    now = timezone.now()
    open_ = visible(actor).filter(closed_at=None, procedure__in=WITH_TERMS)
    rows, more = _page(open_, request.GET.get("after", ""))
    columns = _columns(open_, now)
    context: dict[str, Any] = {
        "running": _running(rows, now),
        "more": more,
        "columns": columns,
        "over": columns[0].count,
        "today": columns[1].count,
        "near": sum(column.count for column in columns[2 : NEAR.days + 2]),
        "whose": presenting.unit(actor.organisation),
        "supervises": actor.role == SUPERVISOR,
    }
    if actor.role == AID:  # urgent ones first: 法律援助法 44
        urgent = open_.filter(
            procedure="legal-aid", data__urgent=True, state__in=("asked", "granted", "objected")
        )
        context["urgent"] = [related(row) for row in urgent.order_by("due_at", "pk")[:PAGE]]
    if actor.role == SUPERVISOR:
        context |= _supervised(actor, open_, now)
    return render(request, "justice/desk.html", context)


# --- terms ------------------------------------------------------------------------------------------


def _page(open_: "QuerySet[Row]", after: str) -> tuple[list[Row], str]:
    """A page by key: due time and id of the last one shown."""
    rows = open_.filter(due_at__isnull=False).order_by("due_at", "pk")
    try:
        at, key = after.rsplit("~", 1)
        since, last = datetime.fromisoformat(at), UUID(key)
        rows = rows.filter(Q(due_at__gt=since) | Q(due_at=since, pk__gt=last), due_at__gte=since)
    except ValueError:
        pass
    found = list(rows[: PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    end = found[PAGE - 1]
    return found[:PAGE], f"{end.due_at.isoformat()}~{end.pk}" if end.due_at else ""


def _running(rows: Sequence[Row], now: datetime) -> list[Running]:
    loaded = load([row.pk for row in rows])
    lines = []
    for row in rows:
        compiled = city().procedure(row.procedure, row.version)
        runs = sorted(
            (run for run in loaded[row.pk].clocks.values() if run.running and run.due_at),
            key=lambda run: run.due_at or now,
        )
        lines.append(
            Running(
                row.title,
                compiled.definition.title,
                presenting.state(compiled, row.state),
                presenting.unit(row.unit_id),
                agency_of(row.procedure),
                Addresses(row.number).home,
                row.number,
                [presenting.clock(compiled, run, now) for run in runs],
            )
        )
    return lines


def _columns(open_: "QuerySet[Row]", now: datetime) -> list[Column]:
    """What is over, and what ends on each of the days ahead."""
    today = timezone.localtime(now).date()
    columns = [Column(None), *(Column(today + timedelta(days=n)) for n in range(AHEAD))]
    over = open_.filter(due_at__lt=now).values("procedure").annotate(count=Count("pk"))
    ahead = open_.filter(due_at__gte=now, due_at__lt=now + timedelta(days=AHEAD))
    days = ahead.annotate(day=TruncDate("due_at")).values("day", "procedure").annotate(count=Count("pk"))
    found: dict[int, dict[str, int]] = {}
    for place, procedure, count in [
        *((0, row["procedure"], row["count"]) for row in over),
        *(((row["day"] - today).days + 1, row["procedure"], row["count"]) for row in days),
    ]:
        if place < len(columns):
            parts = found.setdefault(place, {})
            parts[agency_of(procedure)] = parts.get(agency_of(procedure), 0) + count
    highest = max((sum(parts.values()) for parts in found.values()), default=1)
    for place, parts in found.items():
        top = 100.0
        for agency, count in sorted(parts.items()):
            height = 100 * count / highest
            top -= height
            columns[place].parts.append({"agency": agency, "y": round(top, 2), "height": round(height, 2)})
            columns[place].count += count
    return columns


# --- how the whole goes -----------------------------------------------------------------------------


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


_DAYS = ExpressionWrapper(
    Func(F("closed_at") - F("opened_at"), template="EXTRACT(EPOCH FROM %(expressions)s) / 86400"),
    output_field=FloatField(),
)


def _supervised(actor: Actor, open_: "QuerySet[Row]", now: datetime) -> dict[str, Any]:
    """The way of cases, shares, returns and notices. Shares count what is sealed too, and name nobody."""
    low, high = range_of(actor.place)
    ended = visible(SYSTEM).filter(closed_at__gte=now - SINCE, place__gte=low, place__lt=high)
    returned = visible(actor).filter(procedure="further-investigation", opened_at__gte=now - SINCE)
    notices = visible(actor).filter(procedure=NOTICE, closed_at=None).order_by("due_at", "pk")
    return {
        "steps": _steps(open_, ended, now),
        "shares": _shares(ended),
        "returned": [
            {"matter": related(row), "wanted": row.data.get("wanted", ""), "at": row.opened_at}
            for row in returned.order_by("-opened_at", "-pk")[:8]
        ],
        "notices": [related(row) for row in notices[:8]],
        "handed": _handed(low, high, now),
    }


def _handed(low: str, high: str, now: datetime) -> list[dict[str, Any]]:
    """Files that agencies took over: how many, hours from delivery to acceptance in the middle, how many twice."""
    files = visible(SYSTEM).filter(
        procedure="handover-received", outcome="accepted", closed_at__gte=now - SINCE
    )
    rows = (
        files.filter(unit__place__gte=low, unit__place__lt=high)
        .values("unit_id")
        .annotate(count=Count("pk"), days=_Median(_DAYS), again=Count("pk", filter=Q(data__version__gt=1)))
        .filter(count__gte=FEWEST)
        .order_by("-count", "unit_id")[:8]
    )
    return [
        {
            "unit": presenting.unit(row["unit_id"]),
            "count": row["count"],
            "hours": row["days"] * 24,
            "again": row["again"],
        }
        for row in rows
    ]


def _steps(open_: "QuerySet[Row]", ended: "QuerySet[Row]", now: datetime) -> list[Step]:
    counted: dict[str, dict[str, int]] = {
        row["procedure"]: {"count": row["count"], "over": row["over"]}
        for row in open_.filter(procedure__in=MAIN)
        .values("procedure")
        .annotate(count=Count("pk"), over=Count("pk", filter=Q(due_at__lt=now)))
    }
    took = dict(
        ended.filter(procedure__in=MAIN)
        .values("procedure")
        .annotate(days=_Median(_DAYS), count=Count("pk"))
        .filter(count__gte=FEWEST)
        .values_list("procedure", "days")
    )
    longest = max(took.values(), default=1) or 1
    return [
        Step(
            city().procedure(name).definition.title,
            agency_of(name),
            counted.get(name, {}).get("count", 0),
            counted.get(name, {}).get("over", 0),
            took.get(name),
            round(100 * took.get(name, 0) / longest, 2),
        )
        for name in MAIN
    ]


def _shares(ended: "QuerySet[Row]") -> list[Share]:
    counts: dict[str, int] = ended.filter(
        procedure__in=("arrest-review", "prosecution-review", "first-trial")
    ).aggregate(
        arrests=Count("pk", filter=Q(procedure="arrest-review")),
        refused=Count("pk", filter=Q(procedure="arrest-review", outcome="refused")),
        reviews=Count("pk", filter=Q(procedure="prosecution-review")),
        ended=Count(
            "pk", filter=Q(procedure="prosecution-review", outcome__in=("not-prosecuted", "conditional"))
        ),
        prosecuted=Count("pk", filter=Q(procedure="prosecution-review", outcome="prosecuted")),
        held=Count(
            "pk", filter=Q(procedure="prosecution-review", outcome="prosecuted", data__in_custody=True)
        ),
        trials=Count("pk", filter=Q(procedure="first-trial")),
        fast=Count("pk", filter=Q(procedure="first-trial", data__track="fast")),
    )
    return [
        Share(_("Arrest refused"), counts["refused"], counts["arrests"], _("of requests decided")),
        Share(_("Not prosecuted"), counts["ended"], counts["reviews"], _("of reviews ended")),
        Share(_("In custody before trial"), counts["held"], counts["prosecuted"], _("of those prosecuted")),
        Share(_("Fast track"), counts["fast"], counts["trials"], _("of trials ended")),
    ]
