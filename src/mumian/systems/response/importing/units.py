"""Units from a table and to a table; where there is no organisation of the code, it is made."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from django.db import connection

from mumian.cells import Unfit, degrees, needed, no_such_place, text
from mumian.people.importing import Imported, PlaceOf, Progress, Reject, set_lineages
from mumian.people.models import Organisation
from mumian.rows import Row, survey
from mumian.systems.response.importing.reading import Good, Refused, Values, each_batch, listed
from mumian.systems.response.models import EmergencyUnit
from mumian.systems.response.rings import cards

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("unit_code", "单元编码", "编码", "代码"),
    "name": ("unit", "单元名称", "名称"),
    "name_en": ("英文名", "英文名称"),
    "place": ("place_code", "地点编码", "地点", "网格编码"),
    "premises": ("类型", "场所", "场所类型"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "kinds": ("可处置类别", "事件类别"),
    "equipment": ("装备", "器材"),
    "leader": ("负责人", "组长"),
    "phone": ("电话", "联系电话"),
}
KIND = "emergency-unit"
"""The kind of the organisations made for units."""
OF_UNIT = ("lon", "lat", "premises", "kinds", "equipment", "leader", "phone")


def import_units(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes units by code; a column that is not there leaves what is known.

    Raises `TableError` where the file is no such table.
    """
    table = survey(path, COLUMNS, required=("code", "name", "place", "lon", "lat"))

    def fit(row: Row) -> Values:
        values = row.values
        place = place_of(needed(values, "place", 24))
        if place is None:
            raise no_such_place(values["place"])
        return {
            "code": needed(values, "code", 64), "name": needed(values, "name", 200), "place": place,
            "name_en": text(values, "name_en", 200), "lon": degrees(values, "lon", 180), "lat": degrees(values, "lat", 90),
            "premises": text(values, "premises", 40), "kinds": _kinds(values), "equipment": listed(values, "equipment"),
            "leader": text(values, "leader", 100), "phone": text(values, "phone", 32),
        }  # fmt: skip

    given = [name for name in OF_UNIT if name in table.columns]
    stored = each_batch(table, fit, partial(_store, given=given), reject, progress, key=("code",))
    set_lineages()
    return stored


def rows() -> Iterator[list[object]]:
    """Every unit as a row of such a table."""
    units = EmergencyUnit.objects.select_related("organisation").order_by("organisation__code")
    for unit in units.iterator(chunk_size=2000):
        own = unit.organisation
        yield [
            own.code, own.name, own.name_en, own.place, unit.premises, unit.lon, unit.lat, ";".join(unit.kinds),
            ";".join(unit.equipment), unit.leader, unit.phone,
        ]  # fmt: skip


def without_responders() -> list[str]:
    """Codes of units to which nobody belongs: they are never called."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.code FROM response_emergencyunit u JOIN people_organisation o ON o.id = u.organisation_id"
            " WHERE u.active AND NOT EXISTS (SELECT FROM response_responder r WHERE r.unit_id = u.organisation_id)"
            " ORDER BY 1"
        )
        return [code for (code,) in cursor.fetchall()]


def _store(good: Good, *, given: list[str]) -> tuple[Imported, Refused]:
    found = [values for _row, values in good]
    codes = [values["code"] for values in found]
    known = {
        unit.organisation.code: unit
        for unit in EmergencyUnit.objects.filter(organisation__code__in=codes).select_related("organisation")
    }
    there = Organisation.objects.in_bulk(codes, field_name="code")
    Organisation.objects.bulk_create(
        [
            Organisation(code=one["code"], name=one["name"], name_en=one["name_en"], kind=KIND, place=one["place"])
            for one in found if one["code"] not in there or there[one["code"]].kind == KIND
        ],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "name_en", "place"],
    )  # fmt: skip
    keys = dict(Organisation.objects.filter(code__in=codes).values_list("code", "pk"))
    written = [
        EmergencyUnit(organisation_id=keys[one["code"]], **{name: one[name] for name in given})
        for one in found
        if (old := known.get(one["code"])) is None
        or any(getattr(old, name) != one[name] for name in given)
        or old.organisation.name != one["name"]
    ]
    EmergencyUnit.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["organisation"], update_fields=given
    )
    added = len(found) - len(known)
    return Imported(added, len(written) - added, len(found) - len(written)), []


def _kinds(values: Mapping[str, str]) -> list[str]:
    kinds = [each.zfill(2) if each.isdigit() else each for each in listed(values, "kinds")]
    if wrong := [each for each in kinds if each not in cards()]:
        known = ", ".join(cards())
        reason = f"没有此类别；有 {known}", f"there is no such kind; there are {known}"
        raise Unfit("kinds", wrong[0], reason, ("改用其中之一", "Use one of them"))
    return kinds
