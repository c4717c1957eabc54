"""A case: its first matter, and all that other agencies do with it below it; and what else is of it, by its number."""

from collections.abc import Iterable
from uuid import UUID

from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM

FILES, MANDATE = ("handover", "handover-received"), "defence-mandate"


def matters_of(case: UUID) -> list[UUID]:
    """The ids of every matter of a case, its first matter first. What of them somebody sees, `visible` says."""
    return _below([case])


def all_of(case: UUID) -> list[Matter]:
    """Everything of a case: its matters, and the files and mandates that only name it by its number, with what is below.

    A mandate is of the case its agency has said it is of, and of the one whose number and client it names. A file is
    of all who are in a case of its number, and so is left out while the number also stands for somebody whose case is
    not among these.
    """
    rows = _rows(_below([case]))
    numbers = {row.data["case"] for row in rows if row.procedure in FILES}
    numbers |= {row.data["filed_as"] for row in rows if row.data.get("filed_as")} | {
        row.number for row in rows
    }
    named = visible(SYSTEM).filter(unit_id__in={row.unit_id for row in rows}, data__case__in=sorted(numbers))
    found = [row for row in rows if row.pk == case]
    names = {" ".join(str(row.data.get("name", "")).split()) for row in found}
    more = [
        row.pk for row in named.filter(procedure=MANDATE) if " ".join(row.data["client"].split()) in names
    ]
    said = visible(SYSTEM).filter(procedure=MANDATE, unit_id__in={row.unit_id for row in rows})
    more += said.filter(data__stage__in=[row.pk.hex for row in rows]).values_list("pk", flat=True)
    if not _of_others(numbers, rows):
        more += named.filter(procedure__in=FILES).values_list("pk", flat=True)
    return rows + _rows(set(_below(more)) - {row.pk for row in rows})


def _of_others(numbers: Iterable[str], rows: list[Matter]) -> bool:
    """Whether somebody else's case has the same number."""
    same = visible(SYSTEM).filter(procedure="investigation", data__filed_as__in=sorted(numbers))
    same = same.filter(unit_id__in={row.unit_id for row in rows})
    return same.exclude(pk__in=[row.pk for row in rows]).exclude(state="sealed").exists()


def _below(keys: Iterable[UUID]) -> list[UUID]:
    found = fresh = list(keys)
    while fresh:
        fresh = list(visible(SYSTEM).filter(parent__in=fresh).values_list("pk", flat=True))
        found = found + fresh
    return found


def _rows(keys: Iterable[UUID]) -> list[Matter]:
    return list(visible(SYSTEM).filter(pk__in=list(keys)))


def first_of(data: dict[str, object], matter: UUID) -> UUID:
    """The first matter of the case that a matter with these answers belongs to."""
    said = data.get("case")
    return UUID(said) if isinstance(said, str) else matter
