"""Organisations, mediators and their ties from tables and to tables: good rows go in, each bad one is named."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from mumian.cells import listed, needed, unfit
from mumian.engine.world import city
from mumian.people.importing import Imported, PlaceOf, Progress, Reject, set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.people.rowwise import account, each_row, place_in
from mumian.rows import Row, survey
from mumian.systems.mediation.models import Body, BodySort, Mediator, MediatorSort, Tie, TieSort

BODY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("机构编码", "编码", "代码"),
    "name": ("机构名称", "名称"),
    "name_en": ("英文名", "英文名称"),
    "sort": ("类型", "类别"),
    "fields": ("调解领域", "领域"),
    "place": ("地点编码", "地点", "区划代码"),
    "address": ("地址",),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "phone": ("电话", "联系电话"),
    "hours": ("时间", "接待时间"),
    "fee": ("收费", "费用"),
}
MEDIATOR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("调解员编号", "证号", "编号"),
    "name": ("姓名",),
    "username": ("user", "用户名", "账号"),
    "phone": ("电话", "手机"),
    "body_code": ("body", "机构编码", "调解组织"),
    "sort": ("类型", "类别"),
    "fields": ("调解领域", "领域"),
    "languages": ("语言",),
    "place": ("地点编码", "地点", "工作地点"),
    "reach": ("服务范围",),
    "capacity": ("最多在办", "容量"),
    "firm": ("单位", "律所", "工作单位"),
    "since": ("从业年份", "开始年份"),
    "hours": ("时间",),
    "fee": ("收费", "费用"),
    "profile": ("简介",),
}
TIE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mediator_code": ("mediator", "调解员编号"),
    "sort": ("关系", "类型"),
    "name": ("姓名或名称", "姓名", "名称"),
}
KIND = "mediation-body"
"""The kind of the organisations made for bodies."""


def import_bodies(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes organisations that mediate, by code. Raises `TableError` where the file is no such table."""
    table = survey(path, BODY_COLUMNS, required=("code", "name", "place"))

    def store(row: Row) -> str:
        values = row.values
        organisation, made = Organisation.objects.update_or_create(
            code=needed(values, "code", 64),
            defaults={
                "name": needed(values, "name", 200), "name_en": values.get("name_en", "")[:200],
                "place": place_in(values, "place", place_of),
            },
            create_defaults={
                "name": needed(values, "name", 200), "name_en": values.get("name_en", "")[:200],
                "place": place_in(values, "place", place_of), "kind": KIND,
            },
        )  # fmt: skip
        Body.objects.update_or_create(
            organisation=organisation,
            defaults={
                "sort": _one_of(values, "sort", BodySort, BodySort.COMMITTEE), "fields": _fields(values),
                "lon": _degrees(values, "lon", 180), "lat": _degrees(values, "lat", 90),
                **{name: values.get(name, "") for name in ("address", "phone", "hours", "fee")},
            },
        )  # fmt: skip
        return "added" if made else "changed"

    done = each_row(table, store, reject, progress)
    set_lineages()
    return done


def import_mediators(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes mediators, by code, each with the post in which he or she works."""
    table = survey(path, MEDIATOR_COLUMNS, required=("code", "name", "body_code", "place"))
    bodies = {body.organisation.code: body for body in Body.objects.select_related("organisation")}

    def store(row: Row) -> str:
        values = row.values
        code, body = needed(values, "code", 64), bodies.get(values.get("body_code", ""))
        if body is None:
            raise unfit(
                values,
                "body_code",
                "没有这个调解组织；请先导入组织",
                "no such organisation; import them first",
            )
        place = place_in(values, "place", place_of)
        reach = (
            place_in(values, "reach", place_of) if values.get("reach") else body.organisation.place or place
        )
        known = Mediator.objects.filter(code=code).select_related("person").first()
        person = known.person if known else _person(values)
        person.name, person.phone = needed(values, "name", 100), values.get("phone", "")[:32]
        person.save()
        Mediator.objects.update_or_create(
            code=code,
            defaults={
                "person": person, "body": body, "place": place, "reach": reach, "fields": _fields(values),
                "sort": _one_of(values, "sort", MediatorSort, MediatorSort.FULL_TIME),
                "languages": listed(values, "languages") or ["zh"],
                "capacity": _number(values, "capacity", 10, 200) or 0, "since": _number(values, "since", None, 2100),
                **{name: values.get(name, "") for name in ("firm", "hours", "fee", "profile")},
            },
        )  # fmt: skip
        Post.objects.get_or_create(
            person=person, role_id="mediator", organisation_id=body.pk, defaults={"place": reach}
        )
        return "changed" if known else "added"

    return each_row(table, store, reject, progress)


def import_ties(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds ties of mediators to persons and firms: for these they never mediate."""
    table = survey(path, TIE_COLUMNS, required=("mediator_code", "sort", "name"))
    known = dict(Mediator.objects.values_list("code", "pk"))

    def store(row: Row) -> str:
        mediator = known.get(row.values.get("mediator_code", ""))
        if mediator is None:
            raise unfit(row.values, "mediator_code", "没有这个调解员", "there is no such mediator")
        sort = _one_of(row.values, "sort", TieSort, TieSort.RELATION)
        _tie, made = Tie.objects.get_or_create(
            mediator_id=mediator, sort=sort, name=needed(row.values, "name", 200)
        )
        return "added" if made else "unchanged"

    return each_row(table, store, reject, progress)


def export(what: str, file: TextIO) -> int:
    """Writes bodies, mediators or ties so that the file can be imported again; returns how many rows it has."""
    columns, rows = _EXPORTS[what]
    writer = csv.writer(file)
    writer.writerow(columns)
    count = 0
    for row in rows():
        writer.writerow(row)
        count += 1
    return count


def _bodies() -> Iterator[list[Any]]:
    for body in Body.objects.select_related("organisation").order_by("organisation__code").iterator():
        unit = body.organisation
        yield [
            unit.code, unit.name, unit.name_en, body.sort, " ".join(body.fields), unit.place, body.address,
            body.lon, body.lat, body.phone, body.hours, body.fee,
        ]  # fmt: skip


def _mediators() -> Iterator[list[Any]]:
    for each in Mediator.objects.select_related("person", "body__organisation").order_by("code").iterator():
        yield [
            each.code, each.person.name, each.person.username, each.person.phone, each.body.organisation.code,
            each.sort, " ".join(each.fields), " ".join(each.languages), each.place, each.reach, each.capacity,
            each.firm, each.since, each.hours, each.fee, each.profile,
        ]  # fmt: skip


def _ties() -> Iterator[list[Any]]:
    rows = Tie.objects.order_by("mediator__code", "sort", "name")
    yield from map(list, rows.values_list("mediator__code", "sort", "name").iterator())


_EXPORTS: dict[str, tuple[Mapping[str, Any], Callable[[], Iterator[list[Any]]]]] = {
    "bodies": (BODY_COLUMNS, _bodies),
    "mediators": (MEDIATOR_COLUMNS, _mediators),
    "ties": (TIE_COLUMNS, _ties),
}


# --- rows -------------------------------------------------------------------------------------------


def _fields(values: Mapping[str, str]) -> list[str]:
    fields = listed(values, "fields")
    known = {code[:2] for code in city().kinds.get("disputes", ())}
    if wrong := [each for each in fields if each not in known]:
        raise unfit(values, "fields", f"没有纠纷类型 {wrong[0]}", f"there is no kind of dispute {wrong[0]}")
    return fields


def _one_of(values: Mapping[str, str], column: str, choices: Any, unsaid: str) -> str:
    """The value, given as itself or as its name in any language."""
    text = values.get(column, "")
    if not text:
        return unsaid
    for value, label in choices.choices:
        if text in (value, str(label)):
            return str(value)
    raise unfit(values, column, "可用：" + "、".join(choices.values), "one of: " + ", ".join(choices.values))


def _number(values: Mapping[str, str], column: str, unsaid: int | None, most: int) -> int | None:
    text = values.get(column, "")
    if not text:
        return unsaid
    if not text.isdecimal() or int(text) > most:
        raise unfit(values, column, f"应为不超过 {most} 的整数", f"a whole number of at most {most}")
    return int(text)


def _degrees(values: Mapping[str, str], column: str, most: int) -> float | None:
    text = values.get(column, "")
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = most + 1.0
    if not abs(degrees) <= most:
        raise unfit(values, column, "不是坐标", "it is no coordinate")
    return degrees


def _person(values: Mapping[str, str]) -> Person:
    return account(
        values, Mediator.objects.all(), "该账号已是另一位调解员", "another mediator has this account"
    )
