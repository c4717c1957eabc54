"""What the pages of defence share: whose matter it is, how one is shown, and numbers that were sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from mumian.engine.looking import Look
from mumian.engine.models import Matter as Row
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.justice.defence.rules import MANDATE, ORDER, READING
from mumian.systems.justice.packages import pages as handed
from mumian.web import entering, presenting
from mumian.web.addresses import Addresses
from mumian.web.entering import View, by_name
from mumian.web.history import History


def of_a_matter(*procedures: str) -> Callable[[View], View]:
    """Gives a view the matter of one of these procedures with the number in the address, if the actor sees it."""

    def of(view: View) -> View:
        @wraps(view)
        @by_name
        def seeing(request: HttpRequest, actor: Actor, number: str, **more: object) -> HttpResponseBase:
            seen = entering.find(actor, number, *procedures)
            if seen is None:
                raise Http404
            return view(request, seen, **more)

        return seeing

    return of


def line_of(row: Row) -> dict[str, Any]:
    """A matter of defence as it stands in a list."""
    compiled, now = city().procedure(row.procedure, row.version), timezone.now()
    url = {MANDATE: "justice:mandate", READING: "justice:reading", ORDER: "justice:order"}.get(row.procedure)
    begins = row.data.get("begins")
    return {
        "procedure": row.procedure, "title": row.title, "what": compiled.definition.title, "number": row.number,
        "state": presenting.state(compiled, row.state, row.outcome), "over": row.closed_at is not None,
        "url": reverse(url or "web:matter", args=[row.number]), "due": row.due_at,
        "late": row.due_at is not None and row.due_at < now, "unit": presenting.unit(row.unit_id),
        "begins": datetime.fromisoformat(begins) if begins else None, "parent": row.parent, "case": row.data.get("case"),
    }  # fmt: skip


def shown_of(seen: Look) -> dict[str, Any]:
    """What the page of any of these matters shows."""
    matter, compiled, now = seen.matter, seen.compiled, timezone.now()
    history, addresses = History.of(seen, Addresses(matter.number).file), Addresses(matter.number)
    possible = seen.possible(now)
    return {
        "matter": matter, "data": seen.data, "state": presenting.state_of(compiled, matter),
        "steps": presenting.steps(compiled, matter, history.visited), "said": presenting.what_next(seen, now),
        "clocks": presenting.clocks(seen, now), "events": handed.brief(seen, history.events), "files_sent": history.files,
        "acts": [
            presenting.act(compiled, name, addresses.act(name), matter) for name in presenting.in_order(possible)
        ],
        "seq": matter.seq, "key": uuid4().hex, "unit": presenting.unit(matter.unit), "procedure": compiled.definition.title,
    }  # fmt: skip


def whole(request: HttpRequest, name: str) -> int:
    """A whole number that was sent, or 0."""
    return number(request.POST.get(name, ""))


def number(said: str) -> int:
    """A whole number as it was written, or 0."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0
