"""The desk of terms: what ends when, what is over, how cases go from agency to agency; for supervisors and each agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Case, Count, DateField, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.models import Matter as Row
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.justice import figures
from mumian.systems.justice.stages import MAIN, NOTICE, WITH_TERMS, agency_of
from mumian.web import errors, presenting
from mumian.web.addresses import Addresses
from mumian.web.matters import related
from mumian.web.shown import Clock, State
from mumian.web.words import Text

SUPERVISOR, AID = "case-supervisor", "legal-aid-officer"
ROLES = ("police-officer", "prosecutor", "judge", "executing-officer", AID, SUPERVISOR)
AHEAD, PAGE, LISTED = 30, 30, 8
NEAR = timedelta(days=7)


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
    soon = open_.filter(due_at__lt=now + timedelta(days=AHEAD))
    counts = _counts(open_ if actor.role == SUPERVISOR else soon, now)
    columns = _columns(counts, now)
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
        context |= _supervised(actor, counts, now)
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


OVER, LATER = 0, -1
"""Where one counts what is over, and what ends after the days ahead or never; days are numbered from today, 1."""


def _counts(open_: "QuerySet[Row]", now: datetime) -> dict[tuple[str, int], int]:
    """How many of each procedure are over, end on each of the days ahead, or later: one statement on an index."""
    today = timezone.localtime(now).date()
    when = Case(
        When(due_at__lt=now, then=Value(_LONG_AGO)),
        When(due_at__lt=now + timedelta(days=AHEAD), then=TruncDate("due_at")),
        default=None,
        output_field=DateField(),
    )
    rows = open_.order_by().values("procedure", day=when).annotate(count=Count("*"))
    found: dict[tuple[str, int], int] = {}
    for row in rows:
        place = (
            OVER
            if row["day"] == _LONG_AGO
            else LATER
            if row["day"] is None
            else (row["day"] - today).days + 1
        )
        found[row["procedure"], place] = found.get((row["procedure"], place), 0) + row["count"]
    return found


_LONG_AGO = date(1970, 1, 1)


def _columns(counts: Mapping[tuple[str, int], int], now: datetime) -> list[Column]:
    """What is over, and what ends on each of the days ahead."""
    today = timezone.localtime(now).date()
    columns = [Column(None), *(Column(today + timedelta(days=n)) for n in range(AHEAD))]
    found: dict[int, dict[str, int]] = {}
    for (procedure, place), count in counts.items():
        if 0 <= place < len(columns):
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


def _supervised(actor: Actor, counts: Mapping[tuple[str, int], int], now: datetime) -> dict[str, Any]:
    """The way of cases, figures of the past, returns and notices."""
    kept = figures.of(actor.place, now)
    notices = _open_of(actor, NOTICE).order_by("due_at", "pk")
    return {
        "steps": _steps(counts, kept.took),
        "shares": kept.shares,
        "as_of": kept.at,
        "returned": [
            {"matter": related(row), "wanted": row.data.get("wanted", ""), "at": row.opened_at}
            for row in _returned(actor, kept.returned)
        ],
        "notices": [related(row) for row in notices[:LISTED]],
        "handed": [{**each, "unit": presenting.unit(each["unit"])} for each in kept.handed],
    }


def _open_of(actor: Actor, procedure: str) -> "QuerySet[Row]":
    """The open matters of a procedure; by state, which stands in the index."""
    states = [name for name, spec in city().procedure(procedure).states.items() if not spec.final]
    return visible(actor).filter(procedure=procedure, state__in=states, closed_at=None)


def _returned(actor: Actor, ended: Sequence[str]) -> list[Row]:
    """What was sent back last: what is out now, and what of it has come back by now."""
    out = list(_open_of(actor, figures.RETURNED).order_by("-opened_at", "-pk")[:LISTED])
    back = visible(actor).filter(pk__in=[UUID(key) for key in ended]) if len(out) < LISTED else ()
    rows = {row.pk: row for row in (*out, *back)}
    return sorted(rows.values(), key=lambda row: (row.opened_at, row.pk), reverse=True)[:LISTED]


def _steps(counts: Mapping[tuple[str, int], int], took: Mapping[str, float]) -> list[Step]:
    longest = max(took.values(), default=1) or 1
    return [
        Step(
            city().procedure(name).definition.title,
            agency_of(name),
            sum(count for (procedure, _place), count in counts.items() if procedure == name),
            counts.get((name, OVER), 0),
            took.get(name),
            round(100 * took.get(name, 0) / longest, 2),
        )
        for name in MAIN
    ]
