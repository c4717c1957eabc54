"""Shifts from a table and to a table: two of one responder never overlap."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from mumian.cells import Unfit, needed, text
from mumian.people.importing import Imported, Progress, Reject
from mumian.rows import Row, survey
from mumian.systems.response.importing.reading import (
    Good,
    Refused,
    Values,
    each_batch,
    unit_of,
    units_by_code,
)
from mumian.systems.response.importing.responders import phone
from mumian.systems.response.models import Responder, Shift
from mumian.systems.response.rosters import LONGEST

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("unit", "单元编码", "编码"),
    "name": ("姓名",),
    "phone": ("电话", "手机", "联系电话"),
    "begins": ("from", "开始", "上岗"),
    "ends": ("until", "结束", "下岗"),
}
REQUIRED = ("unit_code", "begins", "ends")


def import_shifts(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds shifts of responders that are known: by name, or by a phone that they do not share.

    One that overlaps with another, there or in the file, is named.
    """
    table = survey(path, COLUMNS, required=REQUIRED)
    units = units_by_code()
    with_people = set(Responder.objects.values_list("unit", flat=True).distinct())

    def fit(row: Row) -> Values:
        one = span(row, units)
        if one["unit_id"] not in with_people:
            raise Unfit(
                "unit_code", row.values["unit_code"], ("此单元没有队员", "the unit has no responders"),
                ("先导入队员", "Import its responders first"),
            )  # fmt: skip
        return one | {"who": _who(row.values)}

    return each_batch(table, fit, _store, reject, progress)


def span(row: Row, units: Mapping[str, int]) -> Values:
    """The unit of a row, and from when until when it says that somebody is on duty."""
    unit, begins, ends = (
        unit_of(row.values, units),
        _moment(row.values, "begins"),
        _moment(row.values, "ends"),
    )
    if not begins < ends <= begins + LONGEST:
        raise Unfit(
            "ends", row.values["ends"],
            ("须晚于开始，且不超过 24 小时", "it must be after the beginning, by no more than 24 hours"),
            ("改正起止时间", "Correct the beginning or the end"),
        )  # fmt: skip
    return {"unit_id": unit, "begins": begins, "ends": ends}


def rows() -> Iterator[list[object]]:
    """Every shift as a row of such a table."""
    shifts = Shift.objects.select_related("unit__organisation", "responder").order_by("unit", "during")
    for each in shifts.iterator(chunk_size=2000):
        times = (timezone.localtime(at) for at in (each.during.lower, each.during.upper))
        own = each.responder
        yield [
            each.unit.organisation.code,
            own.name,
            own.phone,
            *(at.isoformat(timespec="minutes") for at in times),
        ]


def _store(good: Good) -> tuple[Imported, Refused]:
    """Holds the responders' rows while it looks and stores, so that two imports at once cannot overlap either."""
    people: dict[tuple[int, str], list[Responder]] = {}
    of_units = Responder.objects.filter(unit__in={one["unit_id"] for _row, one in good})
    for person in of_units.select_for_update().order_by("pk"):
        for column in ("name", "phone"):
            people.setdefault((person.unit_id, f"{column} {getattr(person, column)}"), []).append(person)
    taken = _taken(good)
    shifts: list[Shift] = []
    refused: Refused = []
    unchanged = 0
    for row, one in good:
        begins, ends, (column, who) = one["begins"], one["ends"], one["who"]
        found = people.get((one["unit_id"], f"{column} {who}"), [])
        if len(found) != 1:
            reason, cure = _SHARED if found else _NOBODY
            refused.append((row, Unfit(column, who, reason, cure)))
            continue
        others = taken.setdefault(found[0].pk, [])
        if (begins, ends) in others:
            unchanged += 1
        elif clash := next((other for other in others if begins < other[1] and other[0] < ends), None):
            refused.append((row, Unfit("begins", row.values["begins"], _overlaps(*clash), _LEAVE_OUT)))
        else:
            others.append((begins, ends))
            shifts.append(
                Shift(unit_id=one["unit_id"], responder=found[0], during=DateTimeTZRange(begins, ends))
            )
    Shift.objects.bulk_create(shifts)
    return Imported(len(shifts), 0, unchanged), refused


def _taken(good: Good) -> dict[int, list[tuple[datetime, datetime]]]:
    """When responders of these units are on duty already, within the time of these shifts."""
    taken: dict[int, list[tuple[datetime, datetime]]] = {}
    if good:
        whole = DateTimeTZRange(min(one["begins"] for _, one in good), max(one["ends"] for _, one in good))
        there = Shift.objects.filter(unit__in={one["unit_id"] for _, one in good}, during__overlap=whole)
        for key, during in there.values_list("responder", "during"):
            taken.setdefault(key, []).append((during.lower, during.upper))
    return taken


_NOBODY = (
    ("此单元没有该队员", "the unit has no such responder"),
    ("先导入队员，或改正姓名或电话", "Import the responders first, or correct the name or the phone"),
)
_SHARED = (
    ("此单元有多名队员用该电话", "several responders of the unit share this phone"),
    ("写上姓名", "Give the name"),
)
_LEAVE_OUT = ("改正时间，或删去其一", "Correct the times, or leave one out")


def _overlaps(begins: datetime, ends: datetime) -> tuple[str, str]:
    said = f"{timezone.localtime(begins):%Y-%m-%d %H:%M}–{timezone.localtime(ends):%H:%M}"
    return f"与 {said} 的班次重叠", f"it overlaps with the shift of {said}"


def _who(values: Mapping[str, str]) -> tuple[str, str]:
    """By which column a responder is known, and what stands there."""
    return ("name", text(values, "name", 100)) if values.get("name") else ("phone", phone(values))


def _moment(values: Mapping[str, str], column: str) -> datetime:
    value = needed(values, column, 40)
    try:
        at = datetime.fromisoformat(value.replace("/", "-"))
    except ValueError:
        raise Unfit(
            column, value, ("应为时间", "it should be a time"),
            ("例如 2026-11-27 08:00", "Write it like 2026-11-27 08:00"),
        ) from None  # fmt: skip
    return at if at.tzinfo else timezone.make_aware(at)
