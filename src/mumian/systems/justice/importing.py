"""The roster of lawyers from a table and to a table: good rows go in, each bad one is named."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from mumian.cells import listed, needed, unfit
from mumian.engine.world import city
from mumian.people.importing import Imported, PlaceOf, Progress, Reject
from mumian.people.models import Organisation, Person, Post
from mumian.people.rowwise import account, each_row, place_in
from mumian.rows import Row, survey
from mumian.systems.justice.models import Counsel

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("执业证号", "证号", "编号"),
    "name": ("姓名",),
    "username": ("user", "用户名", "账号"),
    "phone": ("电话", "手机"),
    "firm": ("律所", "律师事务所", "单位"),
    "unit": ("法律援助机构", "机构编码"),
    "place": ("地点编码", "地点", "区划代码"),
    "fields": ("专长", "罪名"),
    "languages": ("语言",),
    "capacity": ("最多在办", "容量"),
    "aid": ("法律援助", "参加法律援助"),
}
YES, NO = {"1", "yes", "true", "是", ""}, {"0", "no", "false", "否"}


def import_lawyers(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes lawyers by licence, each in the post of a lawyer of the unit that keeps the roster."""
    table = survey(path, COLUMNS, required=("code", "name", "unit", "place"))
    units = dict(Organisation.objects.values_list("code", "pk"))
    kinds = set(city().kinds.get("offences", ()))
    return each_row(table, lambda row: _store(row, units, kinds, place_of), reject, progress)


def _store(row: Row, units: Mapping[str, int], kinds: set[str], place_of: PlaceOf) -> str:
    values = row.values
    code, name = needed(values, "code", 64), needed(values, "name", 100)
    unit, place = units.get(values.get("unit", "")), place_in(values, "place", place_of)
    if unit is None:
        raise unfit(values, "unit", "没有这个单位；请先导入单位", "there is no such unit; import units first")
    fields = listed(values, "fields")
    if wrong := [each for each in fields if each not in kinds]:
        raise unfit(values, "fields", f"没有罪名 {wrong[0]}", f"there is no kind of offence {wrong[0]}")
    capacity, aid = values.get("capacity") or "5", values.get("aid", "").casefold()
    if not capacity.isdecimal() or int(capacity) > 200:
        raise unfit(values, "capacity", "应为不超过 200 的整数", "a whole number of at most 200")
    if aid not in YES | NO:
        raise unfit(values, "aid", "应为是或否", "yes or no")
    known = Counsel.objects.filter(code=code).select_related("person").first()
    person = known.person if known else _person(values)
    person.name, person.phone = name, values.get("phone", "")[:32]
    person.save()
    Counsel.objects.update_or_create(
        code=code,
        defaults={
            "person": person, "firm": values.get("firm", "")[:200], "place": place, "fields": fields,
            "languages": listed(values, "languages") or ["zh"], "capacity": int(capacity), "aid": aid in YES,
        },
    )  # fmt: skip
    Post.objects.get_or_create(
        person=person, role_id="lawyer", organisation_id=unit, defaults={"place": place}
    )
    return "changed" if known else "added"


def export(file: TextIO) -> int:
    """Writes the roster so that it can be imported again; returns how many rows it has."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    units = dict(
        Post.objects.filter(role_id="lawyer").values_list("person_id", "organisation__code").order_by("pk")
    )
    for each in Counsel.objects.select_related("person").order_by("code").iterator():
        writer.writerow(
            [
                each.code, each.person.name, each.person.username, each.person.phone, each.firm,
                units.get(each.person_id, ""), each.place, " ".join(each.fields), " ".join(each.languages),
                each.capacity, "yes" if each.aid else "no",
            ]
        )  # fmt: skip
        count += 1
    return count


def _person(values: Mapping[str, str]) -> Person:
    return account(values, Counsel.objects.all(), "该账号已是另一位律师", "another lawyer has this account")
