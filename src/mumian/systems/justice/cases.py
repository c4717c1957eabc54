"""A case: its first matter, and all that other agencies do with it below, found by what opened what."""

from uuid import UUID

from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM


def matters_of(case: UUID) -> list[UUID]:
    """The ids of every matter of a case, its first matter first. What of them somebody sees, `visible` says."""
    found, fresh = [case], [case]
    while fresh:
        fresh = list(visible(SYSTEM).filter(parent__in=fresh).values_list("pk", flat=True))
        found += fresh
    return found


def first_of(data: dict[str, object], matter: UUID) -> UUID:
    """The first matter of the case that a matter with these answers belongs to."""
    said = data.get("case")
    return UUID(said) if isinstance(said, str) else matter
