"""The roster of lawyers from a table and to a table: good rows go in, each bad one is named."""

import csv
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.db import transaction

from mumian.engine.world import city
from mumian.people.importing import Imported, PlaceOf, Progress, Reject
from mumian.people.models import Organisation, Person, Post
from mumian.rows import Rejection, Row, survey
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
AT_ONCE = 500


class _Unfit(Exception):
    """A value that cannot be used: its column and, in both languages, why."""

    def __init__(self, column: str, zh: str, en: str) -> None:
        self.column, self.zh, self.en = column, zh, en


def import_lawyers(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes lawyers by licence, each in the post of a lawyer of the unit that keeps the roster."""
    table = survey(path, COLUMNS, required=("code", "name", "unit", "place"))
    units = dict(Organisation.objects.values_list("code", "pk"))
    kinds = set(city().kinds.get("offences", ()))
    whole, rows = Imported(), iter(table.rows())
    while batch := list(islice(rows, AT_ONCE)):
        with transaction.atomic():
            for row in batch:
                if isinstance(row, Rejection):
                    reject(row)
                    whole += Imported(rejected=1)
                    continue
                try:
                    whole += _store(row, units, kinds, place_of)
                except _Unfit as error:
                    value, where = (
                        row.values.get(error.column, ""),
                        table.columns.get(error.column, error.column),
                    )
                    cure = {"zh": "改正后再导入", "en": "Correct it and import again"}
                    reject(Rejection(row.line, where, value, {"zh": error.zh, "en": error.en}, cure))
                    whole += Imported(rejected=1)
        if progress:
            progress(batch[-1].line)
    return whole


def _store(row: Row, units: Mapping[str, int], kinds: set[str], place_of: PlaceOf) -> Imported:
    values = row.values
    code, name = _needed(values, "code", 64), _needed(values, "name", 100)
    unit, place = units.get(values.get("unit", "")), place_of(_needed(values, "place", 24))
    if unit is None:
        raise _Unfit("unit", "没有这个单位；请先导入单位", "there is no such unit; import units first")
    if place is None:
        raise _Unfit("place", "没有此编码的地点", "there is no place with this code")
    fields = _list(values, "fields")
    if wrong := [each for each in fields if each not in kinds]:
        raise _Unfit("fields", f"没有罪名 {wrong[0]}", f"there is no kind of offence {wrong[0]}")
    capacity, aid = values.get("capacity") or "5", values.get("aid", "").casefold()
    if not capacity.isdecimal() or int(capacity) > 200:
        raise _Unfit("capacity", "应为不超过 200 的整数", "a whole number of at most 200")
    if aid not in YES | NO:
        raise _Unfit("aid", "应为是或否", "yes or no")
    known = Counsel.objects.filter(code=code).select_related("person").first()
    person = known.person if known else _person(values)
    person.name, person.phone = name, values.get("phone", "")[:32]
    person.save()
    Counsel.objects.update_or_create(
        code=code,
        defaults={
            "person": person, "firm": values.get("firm", "")[:200], "place": place, "fields": fields,
            "languages": _list(values, "languages") or ["zh"], "capacity": int(capacity), "aid": aid in YES,
        },
    )  # fmt: skip
    Post.objects.get_or_create(
        person=person, role_id="lawyer", organisation_id=unit, defaults={"place": place}
    )
    return Imported(changed=1) if known else Imported(added=1)


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
    """The person of a new lawyer: known by user name, else one who cannot sign in yet."""
    username = values.get("username", "")[:64] or None
    found = Person.objects.filter(username=username).first() if username else None
    if found is not None and Counsel.objects.filter(person=found).exists():
        raise _Unfit("username", "该账号已是另一位律师", "another lawyer has this account")
    return found or Person(username=username, password="!")


def _needed(values: Mapping[str, str], column: str, most: int) -> str:
    text = values.get(column, "")
    if not text:
        raise _Unfit(column, "不能为空", "it is empty")
    if len(text) > most:
        raise _Unfit(column, f"最多 {most} 字", f"at most {most} characters")
    return text


def _list(values: Mapping[str, str], column: str) -> list[str]:
    return values.get(column, "").replace("、", " ").replace(",", " ").replace(";", " ").split()
