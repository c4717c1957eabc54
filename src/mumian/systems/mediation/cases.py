"""The line a mediation has in the figures, kept in step with its matter; and how busy and how successful each is."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.systems.mediation.models import Body, Case, Mediator
from mumian.systems.mediation.rules import CONCLUSION, CONFIRMATION, MEDIATIONS, PERFORMANCE

AGREED, RECONCILED = "agreed", "reconciled"
FAILED = ("too-far-apart", "expired", "refused-to-sign")
"""Ends after which one says that mediation was tried and did not succeed; those below are shown apart."""
UNREACHABLE, UNWILLING, IMPOSSIBLE = "unreachable", "unwilling", "impossible"

_KEPT = (
    "procedure", "stage", "way", "kind", "place", "body_id", "mediator_id", "state", "opened_at", "accepted_at",
    "closed_at", "outcome", "filed", "performed", "confirmed",
)  # fmt: skip
AT_ONCE = 500


def keep(matters: Iterable[UUID], *, tallied: bool = True) -> int:
    """Brings the lines of these mediations up to date; returns how many were written. A few statements.

    `tallied`: the records of the mediators too, where something has ended.
    """
    keys = list(dict.fromkeys(matters))
    rows = visible(SYSTEM).filter(pk__in=keys, procedure__in=MEDIATIONS).prefetch_related("clocks")
    found = list(rows)
    mediators = dict(
        Mediator.objects.filter(person__in=[_hex(row, "mediator") for row in found if _hex(row, "mediator")])
        .values_list("person", "pk")
    )  # fmt: skip
    bodies = set(
        Body.objects.filter(pk__in=[row.data["body"] for row in found if "body" in row.data]).values_list(
            "pk", flat=True
        )
    )
    after = _afterwards(keys)
    lines = [_line(row, mediators, bodies, after.get(row.pk, {})) for row in found]
    names = [name.removesuffix("_id") for name in _KEPT]
    Case.objects.bulk_create(
        lines, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["matter"], update_fields=names
    )
    ended = {line.mediator_id for line in lines if line.mediator_id and line.closed_at}
    if tallied and ended:
        tally(ended)
    return len(lines)


def keep_all() -> int:
    """Looks at every mediation there is, part by part: for the night, and after an import."""
    rows, last, count = visible(SYSTEM).filter(procedure__in=MEDIATIONS), UUID(int=0), 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        count += keep(keys, tallied=False)
        last = keys[-1]
    tally()
    return count


def open_cases(mediators: Collection[int] | None = None) -> dict[int, int]:
    """How many cases each mediator has open; of these mediators, or of all."""
    cases = Case.objects.filter(closed_at=None).exclude(mediator=None)
    if mediators is not None:
        cases = cases.filter(mediator__in=mediators)
    return {
        key: count for key, count in cases.values_list("mediator").annotate(Count("pk")) if key is not None
    }


def tally(mediators: Collection[int] | None = None) -> None:
    """Keeps with each mediator how many cases came to an agreement and how many failed: one statement."""
    wanted = "" if mediators is None else "WHERE m.id = ANY(%(mediators)s)"
    given: dict[str, Any] = {"agreed": AGREED, "failed": list(FAILED), "mediators": list(mediators or ())}
    with connection.cursor() as cursor:
        cursor.execute(_TALLY.format(wanted=wanted), given)


_TALLY = """
    UPDATE mediation_mediator m SET agreed = t.agreed, failed = t.failed
    FROM (
        SELECT m.id, count(*) FILTER (WHERE c.outcome = %(agreed)s) AS agreed,
            count(*) FILTER (WHERE c.outcome = ANY(%(failed)s)) AS failed
        FROM mediation_mediator m LEFT JOIN mediation_case c ON c.mediator_id = m.id {wanted} GROUP BY m.id
    ) t
    WHERE t.id = m.id AND (m.agreed, m.failed) IS DISTINCT FROM (t.agreed, t.failed)
"""


def _hex(row: Matter, name: str) -> UUID | None:
    return UUID(row.data[name]) if row.data.get(name) else None


def _line(row: Matter, mediators: dict[UUID, int], bodies: set[int], after: dict[str, str]) -> Case:
    data = row.data
    mediator = _hex(row, "mediator")
    accepted = next((clock.started_at for clock in row.clocks.all() if clock.name == "mediate"), None)
    in_charge = row.state not in ("requested", "asked", "choosing")
    return Case(
        matter=row.pk, procedure=row.procedure, stage=data.get("stage", ""), way=data.get("way", ""),
        kind=row.category, place=row.place, body_id=data.get("body") if data.get("body") in bodies else None,
        mediator_id=mediators.get(mediator) if mediator and in_charge else None, state=row.state,
        opened_at=row.opened_at, accepted_at=accepted, closed_at=row.closed_at, outcome=row.outcome,
        filed=bool(data.get("filed")), performed=after.get(PERFORMANCE, ""),
        confirmed=after.get(CONFIRMATION) or after.get(CONCLUSION, ""),
    )  # fmt: skip


def _afterwards(keys: list[UUID]) -> dict[UUID, dict[str, str]]:
    """What became of agreements: performed or not, confirmed or concluded by a court; `asked` until that is known."""
    found: dict[UUID, dict[str, str]] = {}
    children = visible(SYSTEM).filter(parent__in=keys, procedure__in=(PERFORMANCE, CONFIRMATION, CONCLUSION))
    for parent, procedure, outcome in children.values_list("parent", "procedure", "outcome"):
        if parent is not None:
            found.setdefault(parent, {})[procedure] = outcome or "asked"
    return found
