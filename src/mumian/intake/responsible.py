"""The responsibility table from a file: good rows go in, each bad one is reported; the same again changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from mumian.engine.models import Kind
from mumian.intake.models import Responsibility
from mumian.people.models import Organisation
from mumian.rows import Rejection, Row, survey

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind_code", "类别", "类别代码", "事项代码"),
    "place": ("place_code", "地点", "地点编码", "区划代码"),
    "organisation_code": ("unit", "unit_code", "单位代码", "责任单位代码", "责任单位"),
    "basis": ("依据", "文件"),
}
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were added, changed, found as they were, and turned away."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


def import_responsibilities(
    path: Path, *, place_of: Callable[[str], str | None], reject: Callable[[Rejection], object]
) -> Imported:
    """Adds and changes lines of the table, all in one transaction.

    An empty kind or place means all of them. Raises `TableError` where the file is no such table.
    """
    table = survey(path, COLUMNS, required=("organisation_code",))
    units = dict(Organisation.objects.values_list("code", "pk"))
    kinds = set(Kind.objects.values_list("code", flat=True))
    counts = dict.fromkeys(("added", "changed", "unchanged", "rejected"), 0)

    def turn_away(row: Rejection) -> None:
        counts["rejected"] += 1
        reject(row)

    def good(row: Row) -> Responsibility | None:
        kind, place = row.values.get("kind", ""), row.values.get("place", "")
        code = place_of(place) if place else ""
        unit = units.get(row.values["organisation_code"])
        for wrong, column, words in (
            (kind and kind not in kinds, "kind", ("目录中没有这个类别", "no catalogue has this kind")),
            (code is None, "place", ("没有这个地点", "there is no such place")),
            (unit is None, "organisation_code", ("没有这个单位", "there is no such unit")),
        ):
            if wrong:
                reason = {"zh": words[0], "en": words[1]}
                cure = {"zh": "请核对代码", "en": "Check the code"}
                turn_away(Rejection(row.line, table.columns[column], row.values[column], reason, cure))
                return None
        return Responsibility(
            kind=kind, place=code or "", unit_id=unit or 0, basis=row.values.get("basis", "")[:200]
        )

    with transaction.atomic():
        rows = table.rows()
        while some := list(islice(rows, AT_ONCE)):
            wanted: dict[tuple[str, str], Responsibility] = {}
            for row in some:
                if isinstance(row, Rejection):
                    turn_away(row)
                elif line := good(row):
                    wanted[line.kind, line.place] = line
            _store(wanted, counts)
    return Imported(**counts)


def _store(wanted: Mapping[tuple[str, str], Responsibility], counts: dict[str, int]) -> None:
    known = {
        (row.kind, row.place): row
        for row in Responsibility.objects.filter(
            kind__in={kind for kind, _ in wanted}, place__in={place for _, place in wanted}
        )
    }
    fresh, changed = [], []
    for key, line in wanted.items():
        before = known.get(key)
        if before is None:
            fresh.append(line)
        elif (before.unit_id, before.basis) != (line.unit_id, line.basis):
            before.unit_id, before.basis = line.unit_id, line.basis
            changed.append(before)
        else:
            counts["unchanged"] += 1
    Responsibility.objects.bulk_create(fresh)
    Responsibility.objects.bulk_update(changed, ["unit", "basis"])
    counts["added"] += len(fresh)
    counts["changed"] += len(changed)
