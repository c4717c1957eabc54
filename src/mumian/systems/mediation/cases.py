"""The line a mediation has in the figures, kept in step with its matter; and how busy and how successful each is."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Count, Q

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


def keep(matters: Iterable[UUID]) -> int:
    """Brings the lines of these mediations up to date; returns how many were written. A few statements."""
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
    return len(lines)


def keep_all() -> int:
    """Looks at every mediation there is, part by part: for the night, and after an import."""
    rows, last, count = visible(SYSTEM).filter(procedure__in=MEDIATIONS), UUID(int=0), 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        count += keep(keys)
        last = keys[-1]
    return count


def loads(mediators: Collection[int] | None = None) -> dict[int, tuple[int, int, int]]:
    """How many cases each mediator has open, has brought to agreement, and has seen fail."""
    cases = Case.objects.exclude(mediator=None)
    if mediators is not None:
        cases = cases.filter(mediator__in=mediators)
    counted = cases.values_list("mediator").annotate(
        open=Count("pk", filter=Q(closed_at=None)),
        agreed=Count("pk", filter=Q(outcome=AGREED)),
        failed=Count("pk", filter=Q(outcome__in=FAILED)),
    )
    return {key: (open_, agreed, failed) for key, open_, agreed, failed in counted if key is not None}


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
