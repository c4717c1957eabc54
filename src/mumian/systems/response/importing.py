"""Units, responders, shifts and beats from tables and to tables: good rows go in, each bad one is named; again changes nothing."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils import timezone

from mumian.people.importing import Imported, PlaceOf, Progress, Reject, set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.rows import Rejection, Row, Table, survey
from mumian.systems.response.models import Beat, BeatPoint, EmergencyUnit, Responder, Shift
from mumian.systems.response.rings import cards
from mumian.systems.response.rosters import LONGEST

UNIT_COLUMNS: Mapping[str, tuple[str, ...]] = {
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
RESPONDER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("unit", "单元编码", "编码"),
    "name": ("姓名",),
    "phone": ("电话", "手机", "联系电话"),
    "username": ("user", "用户名", "账号"),
    "skills": ("技能", "专长"),
}
SHIFT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("unit", "单元编码", "编码"),
    "phone": ("电话", "手机", "联系电话"),
    "begins": ("from", "开始", "上岗"),
    "ends": ("until", "结束", "下岗"),
}
BEAT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("unit", "单元编码", "巡逻队编码"),
    "code": ("beat_code", "路线编码"),
    "name": ("路线名称", "巡逻路线", "名称"),
    "weekdays": ("days", "星期", "星期几"),
    "starts": ("begins", "开始时间", "出发时间"),
    "minutes": ("时长", "分钟"),
}
POINT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "beat_code": ("beat", "路线编码"),
    "number": ("序号", "顺序"),
    "name": ("巡逻点", "点位名称", "名称"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "look": ("看什么", "检查内容"),
}
AT_ONCE = 1000
KIND = "emergency-unit"
"""The kind of the organisations made for units."""


class _Unfit(Exception):
    """A value that cannot be used: column, value, reason and cure in both languages."""

    def __init__(self, column: str, value: str, reason: tuple[str, str], cure: tuple[str, str]) -> None:
        self.column, self.value, self.reason, self.cure = column, value, reason, cure

    def rejection(self, line: int, table: Table) -> Rejection:
        reason, cure = ({"zh": zh, "en": en} for zh, en in (self.reason, self.cure))
        return Rejection(line, table.columns.get(self.column, self.column), self.value, reason, cure)


def import_units(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes units, a batch a transaction; where there is no organisation of the code, it is made.

    A column that is not there leaves what is known. Raises `TableError` where the file is no such table.
    """
    table = survey(path, UNIT_COLUMNS, required=("code", "name", "place", "lon", "lat"))
    seen: dict[str, int] = {}

    def fit(row: Row) -> dict[str, Any]:
        values = row.values
        code = _needed(values, "code", 64)
        if code in seen:
            line = seen[code]
            raise _Unfit(
                "code", code, (f"第 {line} 行已有此编码", f"line {line} has this code already"),
                ("每个单元用自己的编码", "Give each unit a code of its own"),
            )  # fmt: skip
        seen[code] = row.line
        place = place_of(_needed(values, "place", 24))
        if place is None:
            raise _Unfit(
                "place", values["place"], ("没有此编码的地点", "there is no place with this code"),
                ("先导入地点，或改正编码", "Import the places first, or correct the code"),
            )  # fmt: skip
        return {
            "code": code, "name": _needed(values, "name", 200), "name_en": values.get("name_en", "")[:200], "place": place,
            "lon": _degrees(values, "lon", 180), "lat": _degrees(values, "lat", 90),
            "premises": values.get("premises", "")[:40], "kinds": _kinds(values), "equipment": _list(values, "equipment"),
            "leader": values.get("leader", "")[:100], "phone": values.get("phone", "")[:32],
        }  # fmt: skip

    given = [name for name in _OF_UNIT if name in table.columns]
    stored = _each_batch(table, fit, partial(_store_units, given=given), reject, progress)
    set_lineages()
    return stored


def import_responders(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes responders of units that are known: by unit and phone. With a user name they may sign in."""
    table = survey(path, RESPONDER_COLUMNS, required=("unit_code", "name", "phone"))
    units = _units_by_code()

    def fit(row: Row) -> dict[str, Any]:
        return {
            "unit_id": _unit(row.values, units), "name": _needed(row.values, "name", 100),
            "phone": _phone(row.values), "username": row.values.get("username", "")[:64], "skills": _list(row.values, "skills"),
        }  # fmt: skip

    return _each_batch(table, fit, _store_responders, reject, progress)


def import_shifts(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds shifts of responders that are known; one that overlaps with another, there or in the file, is named."""
    table = survey(path, SHIFT_COLUMNS, required=("unit_code", "phone", "begins", "ends"))
    units = _units_by_code()
    with_people = set(Responder.objects.values_list("unit", flat=True).distinct())

    def fit(row: Row) -> dict[str, Any]:
        unit = _unit(row.values, units)
        if unit not in with_people:
            raise _Unfit(
                "unit_code", row.values["unit_code"], ("此单元没有队员", "the unit has no responders"),
                ("先导入队员", "Import its responders first"),
            )  # fmt: skip
        begins, ends = _moment(row.values, "begins"), _moment(row.values, "ends")
        if not begins < ends <= begins + LONGEST:
            raise _Unfit(
                "ends", row.values["ends"],
                ("须晚于开始，且不超过 24 小时", "it must be after the beginning, by no more than 24 hours"),
                ("改正起止时间", "Correct the beginning or the end"),
            )  # fmt: skip
        return {"unit_id": unit, "phone": _phone(row.values), "begins": begins, "ends": ends}

    return _each_batch(table, fit, _store_shifts, reject, progress)


def import_beats(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes beats of units that are known, by their code: `1-5` or `1;3;5` as weekdays, `08:00;20:00` as starts."""
    table = survey(
        path, BEAT_COLUMNS, required=("unit_code", "code", "name", "weekdays", "starts", "minutes")
    )
    units = _units_by_code()

    def fit(row: Row) -> dict[str, Any]:
        return {
            "unit_id": _unit(row.values, units), "code": _slug(row.values, "code"), "name": _needed(row.values, "name", 100),
            "weekdays": _weekdays(row.values), "starts": _clocks(row.values), "minutes": _count(row.values, "minutes", 24 * 60),
        }  # fmt: skip

    return _each_batch(table, fit, partial(_store_keyed, Beat, ("code",)), reject, progress)


def import_points(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes the points of beats that are known, by beat and number."""
    table = survey(path, POINT_COLUMNS, required=("beat_code", "number", "name", "lon", "lat"))
    beats = dict(Beat.objects.values_list("code", "pk"))

    def fit(row: Row) -> dict[str, Any]:
        code = _needed(row.values, "beat_code", 64)
        if code not in beats:
            raise _Unfit(
                "beat_code", code, ("没有此编码的路线", "there is no beat with this code"),
                ("先导入路线，或改正编码", "Import the beats first, or correct the code"),
            )  # fmt: skip
        return {
            "beat_id": beats[code], "number": _count(row.values, "number", 200), "name": _needed(row.values, "name", 100),
            "lon": _degrees(row.values, "lon", 180), "lat": _degrees(row.values, "lat", 90),
            "look": row.values.get("look", "")[:200],
        }  # fmt: skip

    return _each_batch(table, fit, partial(_store_keyed, BeatPoint, ("beat_id", "number")), reject, progress)


# --- batches ----------------------------------------------------------------------------------------

Fit = Callable[[Row], dict[str, Any]]
Good = list[tuple[Row, dict[str, Any]]]
Store = Callable[[Good], tuple[Imported, list[tuple[int, _Unfit]]]]


def _each_batch(table: Table, fit: Fit, store: Store, reject: Reject, progress: Progress | None) -> Imported:
    whole = Imported()
    rows: Iterator[Row | Rejection] = iter(table.rows())
    while batch := list(islice(rows, AT_ONCE)):
        good: Good = []
        wrong: list[Rejection] = []
        for row in batch:
            if isinstance(row, Rejection):
                wrong.append(row)
                continue
            try:
                good.append((row, fit(row)))
            except _Unfit as error:
                wrong.append(error.rejection(row.line, table))
        with transaction.atomic():
            stored, refused = store(good)
        wrong += [error.rejection(line, table) for line, error in refused]
        for each in sorted(wrong, key=lambda one: one.line):
            reject(each)
        whole += stored + Imported(rejected=len(wrong))
        if progress:
            progress(batch[-1].line)
    return whole


_OF_UNIT = ("lon", "lat", "premises", "kinds", "equipment", "leader", "phone")


def _store_units(good: Good, *, given: list[str]) -> tuple[Imported, list[tuple[int, _Unfit]]]:
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


def _store_responders(good: Good) -> tuple[Imported, list[tuple[int, _Unfit]]]:
    names = {values["username"]: values for _row, values in good if values["username"]}
    people = {person.username: person for person in Person.objects.filter(username__in=names)}
    new = [
        Person(username=name, name=one["name"], phone=one["phone"], password="!")
        for name, one in names.items()
        if name not in people
    ]
    Person.objects.bulk_create(new)
    people |= {person.username: person for person in new}
    known = {
        (each.unit_id, each.phone): each
        for each in Responder.objects.filter(unit__in={values["unit_id"] for _row, values in good})
    }
    added = changed = 0
    refused: list[tuple[int, _Unfit]] = []
    written: dict[tuple[int, str], Responder] = {}
    seen: set[tuple[int, str]] = set()
    for row, one in good:
        key = (one["unit_id"], one["phone"])
        if key in seen:
            refused.append((row.line, _Unfit("phone", one["phone"], *_TWICE)))
            continue
        seen.add(key)
        person = people.get(one["username"])
        old = known.get(key)
        fields = {
            "name": one["name"],
            "skills": one["skills"],
            "person_id": person.pk if person else old and old.person_id,
        }
        if old and all(getattr(old, name) == value for name, value in fields.items()):
            continue
        written[key] = Responder(unit_id=key[0], phone=key[1], **fields)
        added, changed = (added, changed + 1) if old else (added + 1, changed)
    Responder.objects.bulk_create(
        written.values(),
        update_conflicts=True,
        unique_fields=["unit", "phone"],
        update_fields=["name", "skills", "person"],
    )
    _give_posts([(people[one["username"]], one["unit_id"]) for _row, one in good if one["username"]])
    return Imported(added, changed, len(good) - added - changed - len(refused)), refused


def _store_keyed(
    model: type[Beat] | type[BeatPoint], key: tuple[str, ...], good: Good
) -> tuple[Imported, list[tuple[int, _Unfit]]]:
    """Stores rows that are known by the values of `key`; of two with the same the later is turned away."""
    rows: Any = model.objects
    wanted: dict[tuple[Any, ...], dict[str, Any]] = {}
    refused: list[tuple[int, _Unfit]] = []
    for row, one in good:
        own = tuple(one[name] for name in key)
        if own in wanted:
            name = key[-1]
            refused.append((row.line, _Unfit(name, str(one[name]), *_AGAIN)))
            continue
        wanted[own] = one
    known = {
        tuple(getattr(each, name) for name in key): each
        for each in rows.filter(**{f"{key[0]}__in": {own[0] for own in wanted}})
    }
    written = [
        model(**one)
        for own, one in wanted.items()
        if own not in known or any(getattr(known[own], name) != value for name, value in one.items())
    ]
    fields = [name for name in (good[0][1] if good else ()) if name not in key]
    if written:
        rows.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=[name.removesuffix("_id") for name in key],
            update_fields=[name.removesuffix("_id") for name in fields],
        )
    added = sum(own not in known for own in wanted)
    return Imported(added, len(written) - added, len(wanted) - len(written)), refused


_AGAIN = (("表中已有此行", "the table has it already"), ("每行只写一次", "Give each once"))
_TWICE = (
    ("此单元中该电话已出现", "the phone is in this unit already"),
    (
        "队员按自己的电话区分和呼叫；共用的值班电话请填在单元的电话栏",
        "Responders are told apart and rung by their own phones; a phone they share belongs to the unit",
    ),
)
_NOBODY = (
    ("此单元没有该电话的队员", "the unit has no responder with this phone"),
    ("先导入队员，或改正电话", "Import the responders first, or correct the phone"),
)
_LEAVE_OUT = ("改正时间，或删去其一", "Correct the times, or leave one out")


def _overlaps(begins: datetime, ends: datetime) -> tuple[str, str]:
    said = f"{timezone.localtime(begins):%Y-%m-%d %H:%M}–{timezone.localtime(ends):%H:%M}"
    return f"与 {said} 的班次重叠", f"it overlaps with the shift of {said}"


def _give_posts(held: list[tuple[Person, int]]) -> None:
    """Responders who may sign in get the post in which they act for their unit."""
    places = dict(
        Organisation.objects.filter(pk__in={unit for _person, unit in held}).values_list("pk", "place")
    )
    Post.objects.bulk_create(
        [
            Post(person=person, role_id="responder", organisation_id=unit, place=places[unit])
            for person, unit in held
        ],
        ignore_conflicts=True,
    )


def _store_shifts(good: Good) -> tuple[Imported, list[tuple[int, _Unfit]]]:
    """Holds the responders' rows while it looks and stores, so that two imports at once cannot overlap either."""
    wanted = {(one["unit_id"], one["phone"]) for _row, one in good}
    people = {
        (each.unit_id, each.phone): each
        for each in Responder.objects.select_for_update()
        .filter(unit__in={unit for unit, _phone in wanted})
        .order_by("pk")
    }
    taken: dict[int, list[tuple[datetime, datetime]]] = {}
    if good:
        span = DateTimeTZRange(
            min(one["begins"] for _row, one in good), max(one["ends"] for _row, one in good)
        )
        own = [people[key].pk for key in wanted if key in people]
        for key, during in Shift.objects.filter(responder__in=own, during__overlap=span).values_list(
            "responder", "during"
        ):
            taken.setdefault(key, []).append((during.lower, during.upper))
    shifts, refused, unchanged = [], list[tuple[int, _Unfit]](), 0
    for row, one in good:
        person = people.get((one["unit_id"], one["phone"]))
        if person is None:
            refused.append((row.line, _Unfit("phone", one["phone"], *_NOBODY)))
            continue
        begins, ends = one["begins"], one["ends"]
        others = taken.setdefault(person.pk, [])
        if (begins, ends) in others:
            unchanged += 1
            continue
        if clash := next((other for other in others if begins < other[1] and other[0] < ends), None):
            refused.append((row.line, _Unfit("begins", row.values["begins"], _overlaps(*clash), _LEAVE_OUT)))
            continue
        others.append((begins, ends))
        shifts.append(Shift(unit_id=one["unit_id"], responder=person, during=DateTimeTZRange(begins, ends)))
    Shift.objects.bulk_create(shifts)
    return Imported(len(shifts), 0, unchanged), refused


# --- values -----------------------------------------------------------------------------------------


def _needed(values: Mapping[str, str], column: str, most: int) -> str:
    value = values.get(column, "")
    if not value:
        raise _Unfit(column, value, ("没有内容", "it is empty"), ("补上此值", "Fill it in"))
    if len(value) > most:
        raise _Unfit(
            column,
            value,
            (f"超过 {most} 个字符", f"it is longer than {most} characters"),
            ("改短", "Shorten it"),
        )
    return value


def _phone(values: Mapping[str, str]) -> str:
    return _needed(values, "phone", 32).replace(" ", "")


def _degrees(values: Mapping[str, str], column: str, most: int) -> float:
    value = _needed(values, column, 32)
    try:
        degrees = float(value)
    except ValueError:
        degrees = float("nan")
    if not -most <= degrees <= most:
        raise _Unfit(
            column,
            value,
            ("应为度数", "it should be degrees"),
            (f"填 -{most} 至 {most} 的数", f"Give a number from -{most} to {most}"),
        )
    return degrees


def _list(values: Mapping[str, str], column: str) -> list[str]:
    text = values.get(column, "")
    for mark in "；;、，|":
        text = text.replace(mark, ",")
    return list(dict.fromkeys(each.strip()[:40] for each in text.split(",") if each.strip()))


def _kinds(values: Mapping[str, str]) -> list[str]:
    kinds = [each.zfill(2) if each.isdigit() else each for each in _list(values, "kinds")]
    if wrong := [each for each in kinds if each not in cards()]:
        known = ", ".join(cards())
        raise _Unfit(
            "kinds",
            wrong[0],
            (f"没有此类别；有 {known}", f"there is no such kind; there are {known}"),
            ("改用其中之一", "Use one of them"),
        )
    return kinds


def _slug(values: Mapping[str, str], column: str) -> str:
    value = _needed(values, column, 64)
    if not re.fullmatch(r"[\w-]+", value, re.ASCII):
        raise _Unfit(
            column, value, ("只能用字母、数字和连字符", "it may have letters, digits and hyphens only"),
            ("改用这些字符", "Use these"),
        )  # fmt: skip
    return value


def _count(values: Mapping[str, str], column: str, most: int) -> int:
    value = _needed(values, column, 10)
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise _Unfit(
            column, value, ("应为正整数", "it should be a whole number"),
            (f"填 1 至 {most} 的数", f"Give a number from 1 to {most}"),
        )  # fmt: skip
    return int(value)


def _weekdays(values: Mapping[str, str]) -> list[int]:
    """`1-5`, `1;3;5` or `一三五`: from Monday, 1, to Sunday, 7."""
    said = values.get("weekdays", "").translate(_DAYS)
    spread = re.sub(
        r"([1-7])[-–~至]([1-7])",
        lambda found: "".join(map(str, range(int(found[1]), int(found[2]) + 1))),
        said,
    )
    days = sorted({int(each) for each in spread if each in "1234567"})
    if not days or re.search(r"[^1-7\s,，;；、]", spread):
        raise _Unfit(
            "weekdays", values.get("weekdays", ""), ("应为星期几", "it should be days of the week"),
            ("例如 1-5 或 一三五", "Write it like 1-5 or 1;3;5"),
        )  # fmt: skip
    return days


_DAYS = str.maketrans(
    {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "日": "7", "天": "7"}
)


def _clocks(values: Mapping[str, str]) -> list[time]:
    try:
        clocks = sorted({time.fromisoformat(each) for each in _list(values, "starts")})
    except ValueError:
        clocks = []
    if not clocks:
        raise _Unfit(
            "starts", values.get("starts", ""), ("应为时刻", "it should be times of the day"),
            ("例如 08:00;20:00", "Write it like 08:00;20:00"),
        )  # fmt: skip
    return clocks


def _moment(values: Mapping[str, str], column: str) -> datetime:
    value = _needed(values, column, 40)
    try:
        at = datetime.fromisoformat(value.replace("/", "-"))
    except ValueError:
        raise _Unfit(
            column,
            value,
            ("应为时间", "it should be a time"),
            ("例如 2026-11-27 08:00", "Write it like 2026-11-27 08:00"),
        ) from None
    return at if at.tzinfo else timezone.make_aware(at)


def _units_by_code() -> dict[str, int]:
    return dict(EmergencyUnit.objects.annotate(code=F("organisation__code")).values_list("code", "pk"))


def _unit(values: Mapping[str, str], units: Mapping[str, int]) -> int:
    code = _needed(values, "unit_code", 64)
    if code not in units:
        raise _Unfit(
            "unit_code", code, ("没有此编码的单元", "there is no unit with this code"),
            ("先导入单元，或改正编码", "Import the units first, or correct the code"),
        )  # fmt: skip
    return units[code]


# --- to tables --------------------------------------------------------------------------------------


def export(what: str, file: TextIO) -> int:
    """Writes units, responders, shifts, beats or points as a table that can be imported again; returns how many rows."""
    file.write("\ufeff")
    table = csv.writer(file)
    table.writerow(_HEADERS[what])
    count = 0
    for row in _ROWS[what]():
        table.writerow(row)
        count += 1
    return count


def _unit_rows() -> Iterable[list[object]]:
    rows = (
        EmergencyUnit.objects.select_related("organisation")
        .order_by("organisation__code")
        .iterator(chunk_size=2000)
    )
    for unit in rows:
        own = unit.organisation
        yield [
            own.code, own.name, own.name_en, own.place, unit.premises, unit.lon, unit.lat, ";".join(unit.kinds),
            ";".join(unit.equipment), unit.leader, unit.phone,
        ]  # fmt: skip


def _responder_rows() -> Iterable[list[object]]:
    rows = (
        Responder.objects.select_related("unit__organisation", "person")
        .order_by("unit", "name")
        .iterator(chunk_size=2000)
    )
    for each in rows:
        username = each.person.username if each.person else ""
        yield [each.unit.organisation.code, each.name, each.phone, username or "", ";".join(each.skills)]


def _shift_rows() -> Iterable[list[object]]:
    rows = (
        Shift.objects.select_related("unit__organisation", "responder")
        .order_by("unit", "during")
        .iterator(chunk_size=2000)
    )
    for each in rows:
        times = (
            timezone.localtime(at).isoformat(timespec="minutes")
            for at in (each.during.lower, each.during.upper)
        )
        yield [each.unit.organisation.code, each.responder.phone, *times]


def _beat_rows() -> Iterable[list[object]]:
    rows = Beat.objects.select_related("unit__organisation").order_by("code").iterator(chunk_size=2000)
    for each in rows:
        days, starts = (
            ";".join(map(str, each.weekdays)),
            ";".join(f"{clock:%H:%M}" for clock in each.starts),
        )
        yield [each.unit.organisation.code, each.code, each.name, days, starts, each.minutes]


def _point_rows() -> Iterable[list[object]]:
    rows = BeatPoint.objects.select_related("beat").order_by("beat__code", "number").iterator(chunk_size=2000)
    for each in rows:
        yield [each.beat.code, each.number, each.name, each.lon, each.lat, each.look]


_HEADERS = {
    "units": list(UNIT_COLUMNS), "responders": list(RESPONDER_COLUMNS), "shifts": list(SHIFT_COLUMNS),
    "beats": list(BEAT_COLUMNS), "points": list(POINT_COLUMNS),
}  # fmt: skip
_ROWS = {
    "units": _unit_rows, "responders": _responder_rows, "shifts": _shift_rows,
    "beats": _beat_rows, "points": _point_rows,
}  # fmt: skip
TABLES = tuple(_ROWS)


def without_responders() -> list[str]:
    """Codes of units to which nobody belongs: they are never called."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.code FROM response_emergencyunit u JOIN people_organisation o ON o.id = u.organisation_id"
            " WHERE u.active AND NOT EXISTS (SELECT FROM response_responder r WHERE r.unit_id = u.organisation_id)"
            " ORDER BY 1"
        )
        return [code for (code,) in cursor.fetchall()]
