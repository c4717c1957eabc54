"""Requests as anyone may read them: how far they have come and about where, but nobody's own words or names.

What a procedure lists for anybody is listed; of the rest one who has the number is told the state and the dates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from mumian.api.paging import mark, read_mark
from mumian.api.problems import Problem
from mumian.engine.compiled import Compiled
from mumian.engine.models import Clock, Matter
from mumian.engine.numbers import read_number
from mumian.engine.visible import listed, visible
from mumian.engine.world import city
from mumian.open311.answers import AT_ONCE, Fault, at
from mumian.open311.arguments import Arguments
from mumian.open311.services import Service, open_to_anyone, service_named
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.record.models import Entry
from mumian.web import presenting, words

MOST = 1000
DEEPEST = 10_000
"""Rows beyond which pages are not counted: there the link to the next page leads on."""
PRECISION = 3
"""Decimals of a degree: about a hundred metres, enough to find a street and not a door."""
STATUSES = frozenset({"open", "closed"})


@dataclass(frozen=True, slots=True)
class Page:
    """Some requests, newest first, and where the next ones begin."""

    rows: Sequence[Matter]
    next: str | None
    due: Mapping[UUID, datetime]
    """By when each was promised to be settled."""
    notes: Mapping[UUID, list[dict[str, Any]]] | None
    """What was done on each, where it was asked for."""
    language: str = field(default_factory=lambda: get_language() or "zh-hans")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each as the standard has it; in the language asked for, although the answer is already on its way."""
        rows = iter(self.rows)
        while some := list(islice(rows, AT_ONCE)):
            with override(self.language):
                lines = [self._line(each) for each in some]
            yield from lines

    def _line(self, row: Matter) -> dict[str, Any]:
        compiled = city().procedure(row.procedure, row.version)
        line = _line(compiled, row, self.due.get(row.pk))
        if self.notes is not None:
            line["notes"] = self.notes.get(row.pk, [])
            line["extended_attributes"] = _further(compiled, row)
        return line


def find(request: HttpRequest) -> Page:
    """The requests that arguments ask for, at most a thousand. Raises `Fault`."""
    arguments = Arguments.of(request)
    size = arguments.count("page_size", MOST, MOST)
    if numbers := arguments.many("service_request_id"):
        found = _begun_by_anyone().filter(number__in=set(filter(None, map(read_number, numbers))))
    else:
        first, last = arguments.period()
        found = _begun_by_anyone().filter(listed(), opened_at__gte=first, opened_at__lte=last)
        found = _of_status(_of_services(found, arguments.many("service_code")), arguments.many("status"))
    skip = 0
    if after := arguments.one("after"):
        found = _after(found, after)
    else:
        skip = (arguments.count("page", 1, DEEPEST + 1) - 1) * size
        if skip > DEEPEST:
            told = _(
                "Pages reach to %(deepest)d requests; narrow the dates, or follow the Link header to the next page."
            )
            raise Fault(400, told % {"deepest": DEEPEST})
    rows = list(found.order_by("-opened_at", "-pk")[skip : skip + size + 1])
    following = mark(rows[size - 1].opened_at, rows[size - 1].pk) if len(rows) > size else None
    return _page(rows[:size], following, arguments)


def find_one(request: HttpRequest, number: str) -> Page:
    """The request with a number. Raises `Fault` (404)."""
    arguments = Arguments.of(request)
    return _page([_numbered(number, "service_request_id")], None, arguments)


def find_token(request: HttpRequest, token: str) -> dict[str, str]:
    """The number a token leads to: requests are opened at once, so a request's number is its own token."""
    Arguments.of(request)
    return {"service_request_id": _numbered(token, "token").number, "token": token}


# --- which ------------------------------------------------------------------------------------------


def _begun_by_anyone() -> QuerySet[Matter]:
    """The matters of the procedures that anyone may begin, each with the time of its last entry."""
    last = Entry.objects.filter(subject=OuterRef("pk"), seq=OuterRef("seq")).values("at")
    found = visible(SYSTEM).filter(procedure__in=list(open_to_anyone()))
    return found.annotate(changed_at=Subquery(last[:1])).defer("head")


def _numbered(text: str, name: str) -> Matter:
    if not text:
        raise Fault(400, _("The %(name)s was not provided.") % {"name": name})
    number = read_number(text)
    found = _begun_by_anyone().filter(number=number).first() if number else None
    if found is None:
        raise Fault(404, _("The %(name)s %(text)s was not found.") % {"name": name, "text": text})
    return found


def _of_services(found: QuerySet[Matter], codes: list[str]) -> QuerySet[Matter]:
    if not codes:
        return found
    wanted = Q()
    for service in map(service_named, codes):
        wanted |= Q(procedure=service.procedure, category=service.kind)
    return found.filter(wanted)


def _of_status(found: QuerySet[Matter], statuses: list[str]) -> QuerySet[Matter]:
    if wrong := [each for each in statuses if each not in STATUSES]:
        raise Fault(400, _("The status is open or closed, not %(text)s.") % {"text": wrong[0]})
    return found.filter(closed_at__isnull="open" in statuses) if len(statuses) == 1 else found


def _after(found: QuerySet[Matter], after: str) -> QuerySet[Matter]:
    try:
        moment, last = read_mark(after)
    except Problem:
        raise Fault(400, _("Take the address of the next page as the Link header gives it.")) from None
    return found.filter(opened_at__lte=moment).exclude(opened_at=moment, pk__gte=last)


# --- what is told of each ---------------------------------------------------------------------------


def _page(rows: Sequence[Matter], following: str | None, arguments: Arguments) -> Page:
    current_atlas()  # loaded before the answer begins
    return Page(rows, following, _due(rows), _notes(rows) if arguments.yes("extensions") else None)


def _due(rows: Sequence[Matter]) -> dict[UUID, datetime]:
    """By when each is to be settled: the latest of the due times others may hold the city to."""
    promised = {
        (row.procedure, row.version): [
            name
            for name, spec in city().procedure(row.procedure, row.version).clocks.items()
            if spec.kind != "step"
        ]
        for row in rows
    }
    clocks = Clock.objects.filter(
        matter_id__in=[row.pk for row in rows], name__in={name for some in promised.values() for name in some}
    )
    rows_due = clocks.order_by("due_at").values_list("matter_id", "due_at")
    return {matter: due for matter, due in rows_due if due}


def _line(compiled: Compiled, row: Matter, due: datetime | None) -> dict[str, Any]:
    openly = _is_listed(compiled, row)
    service = Service(compiled, row.category if openly else "")
    place = row.place[: Level.COMMUNITY] if openly else ""
    return {
        "service_request_id": row.number,
        "status": "open" if row.closed_at is None else "closed",
        "status_notes": words.in_words(presenting.state_of(compiled, row).title),
        "service_name": service.name,
        "service_code": service.code,
        "description": _description(compiled, row) if openly else None,
        "agency_responsible": words.in_words(presenting.unit(row.unit_id)) or None if openly else None,
        "service_notice": service.notice or None,
        "requested_datetime": at(row.opened_at),
        "updated_datetime": at(_changed(row)),
        "expected_datetime": at(due),
        "address": _address(place) or None,
        "address_id": place or None,
        "zipcode": None,
        "lat": round(row.lat, PRECISION) if openly and row.lat is not None else None,
        "long": round(row.lon, PRECISION) if openly and row.lon is not None else None,
        "media_url": None,
    }


def _is_listed(compiled: Compiled, row: Matter) -> bool:
    """Whether more than its state and dates may be told of a matter whose number is known."""
    public = compiled.definition.public
    return public is not None and (public.lists(row.category) or not compiled.kind_field)


def _description(compiled: Compiled, row: Matter) -> str | None:
    """What was written, unless the definition says that these are personal words."""
    naming = compiled.naming
    if not naming or compiled.definition.form[naming].personal:
        return None
    said = row.data.get(naming)
    return said if isinstance(said, str) else None


def _changed(row: Matter) -> datetime:
    """When it was closed, else when something was last done."""
    changed: datetime | None = row.changed_at  # type: ignore[attr-defined]
    return row.closed_at or changed or row.entered_at


def _address(code: str) -> str:
    """The names of the place, in the order in which its readers write them."""
    atlas = current_atlas()
    if words.language() == "zh":
        return atlas.chain(code, "zh").replace(" › ", "") if code else ""
    return ", ".join(reversed(atlas.chain(code, "en").split(" › "))) if code else ""


def _further(compiled: Compiled, row: Matter) -> dict[str, Any]:
    """What the standard has no field for: how this city calls it, and the open answers of its form."""
    form = compiled.definition.form
    asked = {
        name
        for action, spec in compiled.definition.actions.items()
        if spec.from_ is None
        for name, _required in compiled.asks[action]
    }
    own = {compiled.naming, compiled.place_field, compiled.kind_field} | compiled.file_fields
    return {
        "procedure": row.procedure,
        "state": row.state,
        "outcome": row.outcome or None,
        "reports": row.reports,
        "answers": {}
        if not _is_listed(compiled, row)
        else {
            name: row.data[name]
            for name in form
            if name in asked - own and name in row.data and not form[name].personal
        },
    }


def _notes(rows: Sequence[Matter]) -> dict[UUID, list[dict[str, Any]]]:
    """What was done on each and when, oldest first, where it led to another state: one statement for all."""
    entries = (
        Entry.objects.filter(subject__in=[row.pk for row in rows], body__has_key="state")
        .annotate(state=KeyTextTransform("state", "body"))
        .order_by("subject", "seq")
    )
    of = {row.pk: city().procedure(row.procedure, row.version).definition.actions for row in rows}
    notes: dict[UUID, list[dict[str, Any]]] = {}
    for subject, moment, action in entries.values_list("subject", "at", "action"):
        if spec := of[subject].get(action):
            told = {
                "datetime": at(moment),
                "type": action,
                "summary": words.in_words(presenting.titled(spec, action)),
            }
            notes.setdefault(subject, []).append(told)
    return notes
