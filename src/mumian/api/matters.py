"""Reading: matters in lists and one by one, with clocks that explain themselves, and their record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from mumian.api.acting import AskedBy, acting_on, known
from mumian.api.paging import mark, read_mark
from mumian.api.problems import missing, unfit
from mumian.api.shapes import (
    ClockGiven,
    Entries,
    EntryGiven,
    Limit,
    Line,
    MatterFilter,
    MatterGiven,
    Matters,
    MatterWhole,
    PartyGiven,
    StepGiven,
    chain,
    possible,
    titled,
    unit_given,
)
from mumian.engine.compiled import Reason
from mumian.engine.looking import Look, look
from mumian.engine.matter import ClockRun, Holder
from mumian.engine.models import Matter as Row
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.people.models import Person, Post
from mumian.place.codes import range_of
from mumian.record.models import Entry, Personal

router = Router(tags=["matters"])


@router.get("/matters", response=Matters, operation_id="list_matters", summary="List matters")
def list_matters(request: AskedBy, asked: Query[MatterFilter]) -> Matters:
    """The matters the caller sees in the post he or she acts in, newest first."""
    found = _filtered(visible(known(request)), asked, timezone.now())
    if asked.after:
        at, last = read_mark(asked.after)
        found = found.filter(opened_at__lte=at).exclude(opened_at=at, pk__gte=last)
    rows = list(found.order_by("-opened_at", "-pk").values(*_COLUMNS)[: asked.limit + 1])
    shown = rows[: asked.limit]
    following = mark(shown[-1]["opened_at"], shown[-1]["id"]) if len(rows) > len(shown) else None
    return Matters(matters=[MatterGiven(**_line(row)) for row in shown], next=following)


@router.get(
    "/matters/by-number/{number}",
    response=MatterWhole,
    operation_id="matter_by_number",
    summary="Look up a number",
)
def matter_by_number(request: AskedBy, number: Line) -> MatterWhole:
    """The matter with this number. Case, blanks and hyphens do not matter.

    One without a name gives the secret `link` that came with the receipt, as X-Link.
    """
    normal = read_number(number)
    if normal is None:
        raise missing()
    actor = acting_on(request, number=normal)
    if actor.bearer:
        return _whole(_looked(actor, actor.bearer[0]))
    return _whole(_looked(actor, visible(actor).filter(number=normal).values_list("pk", flat=True).first()))


@router.get("/matters/{matter}", response=MatterWhole, operation_id="matter", summary="Look at a matter")
def one_matter(request: AskedBy, matter: UUID) -> MatterWhole:
    """The matter with its parties, its clocks with how they came about, and what the caller may do next."""
    return _whole(_looked(acting_on(request, matter=matter), matter))


@router.get(
    "/matters/{matter}/entries", response=Entries, operation_id="entries", summary="Read a matter's record"
)
def entries(
    request: AskedBy, matter: UUID, after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0, limit: Limit = 100
) -> Entries:
    """What happened to the matter, oldest first, each entry with its hash.

    Personal values are shown to those in office who are involved, and to a resident his or her own.
    """
    seen = _looked(acting_on(request, matter=matter), matter)
    rows = list(Entry.objects.filter(subject=matter, seq__gt=after).order_by("seq")[: limit + 1])
    shown = rows[:limit]
    return Entries(entries=_entries(seen, shown), next=shown[-1].seq if len(rows) > len(shown) else None)


# --- lists ------------------------------------------------------------------------------------------

_COLUMNS = (
    "id", "number", "procedure", "version", "state", "seq", "title", "place", "lon", "lat", "category", "unit",
    "channel", "opened_at", "entered_at", "closed_at", "outcome", "due_at", "late", "reports",
)  # fmt: skip


def _filtered(matters: QuerySet[Row], asked: MatterFilter, now: datetime) -> QuerySet[Row]:
    same = {
        name: value for name in ("procedure", "state", "unit") if (value := getattr(asked, name)) is not None
    }
    matters = matters.filter(**same)
    if asked.place:
        low, high = range_of(asked.place)
        matters = matters.filter(place__gte=low, place__lt=high)
    if asked.category:
        matters = matters.filter(Q(category=asked.category) | Q(category__startswith=f"{asked.category}."))
    if asked.closed is not None:
        matters = matters.filter(closed_at__isnull=not asked.closed)
    if asked.late is not None:
        late = Q(late=True) | Q(closed_at=None, due_at__lt=now)
        matters = matters.filter(late if asked.late else ~late)
    if asked.number is not None:
        matters = matters.filter(number=_number(asked.number))
    return matters


def _number(text: str) -> str:
    if normal := read_number(text):
        return normal
    zh, en = "不是编号，或有一位写错", "It is not a number, or a character of it is wrong"
    raise unfit([Reason("unfit", zh, en, "number")])


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a list shows of a matter, from its columns."""
    state = city().procedure(row["procedure"], row["version"]).states.get(row["state"])
    overdue = row["closed_at"] is None and row["due_at"] is not None and row["due_at"] < timezone.now()
    return {
        **row,
        "state_title": titled(state, row["state"]),
        "place_title": chain(row["place"]),
        "unit": unit_given(row["unit"]),
        "late": row["late"] or overdue,
    }


# --- one matter -------------------------------------------------------------------------------------


def _looked(actor: Actor, matter: UUID | None) -> Look:
    seen = look(actor, matter) if matter else None
    if seen is None:
        raise missing()
    return seen


def _whole(seen: Look) -> MatterWhole:
    matter, now = seen.matter, timezone.now()
    line = _line({name: getattr(matter, name) for name in _COLUMNS})
    return MatterWhole(
        **line,
        desk=matter.desk,
        data=seen.data,
        parent=matter.parent,
        children_open=matter.children_open,
        merged_into=matter.merged_into,
        mark=matter.mark,
        parties=_parties(seen, matter.holders),
        clocks=[_clock(seen, run, now) for run in matter.clocks.values()],
        may=possible(seen.possible(now)),
    )


def _parties(seen: Look, holders: Iterable[Holder]) -> list[PartyGiven]:
    names = _names(seen, ((holder.person, holder.post) for holder in holders))
    specs = seen.compiled.definition.parties
    return [
        PartyGiven(
            party=holder.party,
            title=titled(specs.get(holder.party), holder.party),
            name=names.get(holder.person),
            unit=unit_given(holder.organisation),
        )
        for holder in holders
    ]


def _names(seen: Look, who: Iterable[tuple[UUID | None, int | None]]) -> dict[UUID | None, str]:
    """The names that may be shown: of those in office to those in office, of residents to those involved."""
    shown = {
        person
        for person, post in who
        if person and (seen.involved if post is None else seen.actor.post is not None)
    }
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=shown)} if shown else {}


def _clock(seen: Look, run: ClockRun, now: datetime) -> ClockGiven:
    spec = seen.compiled.clocks.get(run.name)
    return ClockGiven(
        name=run.name,
        title=titled(spec, run.name),
        kind=spec.kind if spec else "",
        started_at=run.started_at,
        due_at=run.due_at,
        stopped_at=run.stopped_at,
        paused_at=run.paused_at,
        late=run.late(now),
        why=[StepGiven(zh=step.zh, en=step.en) for step in seen.why_due(run)],
    )


def _entries(seen: Look, rows: list[Entry]) -> list[EntryGiven]:
    matter = seen.matter.id
    committed = [row.seq for row in rows if row.body.get("personal")]
    openings = {
        row.seq: row.openings for row in Personal.objects.filter(subject=matter, seq__in=committed)
    } if committed else {}  # fmt: skip
    units: dict[int | None, int] = dict(
        Post.objects.filter(pk__in={row.post for row in rows if row.post}).values_list("pk", "organisation")
    )
    names = _names(seen, ((row.person, row.post) for row in rows))
    return [
        _entry(seen, row, openings.get(row.seq, {}), names.get(row.person), units.get(row.post))
        for row in rows
    ]


def _entry(
    seen: Look, row: Entry, openings: dict[str, Any], name: str | None, unit: int | None
) -> EntryGiven:
    shown = {
        word: opened
        for word, opened in openings.items()
        if seen.shows(word, person=row.person, post=row.post)
    }
    spec = seen.compiled.definition.actions.get(row.action)
    return EntryGiven(
        seq=row.seq,
        at=row.at,
        action=row.action,
        title=titled(spec, row.action),
        party=row.body.get("party"),
        name=name,
        unit=unit_given(unit),
        body=row.body,
        personal={word: shown[word][1] if word in shown else None for word in row.body.get("personal", ())},
        hash=bytes(row.hash).hex(),
    )
