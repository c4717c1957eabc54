"""Beats of patrol teams and watch posts, and the points of each, from tables and to tables."""

import re
from collections.abc import Iterator, Mapping
from datetime import time
from functools import partial
from pathlib import Path

from mumian.cells import Unfit, degrees, needed, text, whole
from mumian.people.importing import Imported, Progress, Reject
from mumian.rows import Row, survey
from mumian.systems.response.importing.reading import (
    Values,
    each_batch,
    listed,
    store_keyed,
    unit_of,
    units_by_code,
)
from mumian.systems.response.models import Beat, BeatPoint

COLUMNS: Mapping[str, tuple[str, ...]] = {
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


def import_beats(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes beats of units that are known, by their code: `1-5` or `1;3;5` as weekdays, `08:00;20:00` as starts."""
    table = survey(path, COLUMNS, required=("unit_code", "code", "name", "weekdays", "starts", "minutes"))
    units = units_by_code()

    def fit(row: Row) -> Values:
        values = row.values
        return {
            "unit_id": unit_of(values, units), "code": _code(values), "name": needed(values, "name", 100),
            "weekdays": _weekdays(values), "starts": _clocks(values), "minutes": whole(values, "minutes", 24 * 60),
        }  # fmt: skip

    return each_batch(table, fit, partial(store_keyed, Beat, ("code",)), reject, progress, key=("code",))


def import_points(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes the points of beats that are known, by beat and number."""
    table = survey(path, POINT_COLUMNS, required=("beat_code", "number", "name", "lon", "lat"))
    beats = dict(Beat.objects.values_list("code", "pk"))
    key = ("beat_id", "number")

    def fit(row: Row) -> Values:
        values = row.values
        code = needed(values, "beat_code", 64)
        if code not in beats:
            raise Unfit(
                "beat_code", code, ("没有此编码的路线", "there is no beat with this code"),
                ("先导入路线，或改正编码", "Import the beats first, or correct the code"),
            )  # fmt: skip
        return {
            "beat_id": beats[code], "number": whole(values, "number", 200), "name": needed(values, "name", 100),
            "lon": degrees(values, "lon", 180), "lat": degrees(values, "lat", 90), "look": text(values, "look", 200),
        }  # fmt: skip

    return each_batch(table, fit, partial(store_keyed, BeatPoint, key), reject, progress, key=key)


def rows() -> Iterator[list[object]]:
    """Every beat as a row of such a table."""
    for each in Beat.objects.select_related("unit__organisation").order_by("code").iterator(chunk_size=2000):
        days, starts = ";".join(map(str, each.weekdays)), ";".join(f"{at:%H:%M}" for at in each.starts)
        yield [each.unit.organisation.code, each.code, each.name, days, starts, each.minutes]


def point_rows() -> Iterator[list[object]]:
    """Every point as a row of such a table."""
    points = BeatPoint.objects.select_related("beat").order_by("beat__code", "number")
    for each in points.iterator(chunk_size=2000):
        yield [each.beat.code, each.number, each.name, each.lon, each.lat, each.look]


def _code(values: Mapping[str, str]) -> str:
    value = needed(values, "code", 64)
    if not re.fullmatch(r"[\w-]+", value, re.ASCII):
        raise Unfit(
            "code", value, ("只能用字母、数字和连字符", "it may have letters, digits and hyphens only"),
            ("改用这些字符", "Use these"),
        )  # fmt: skip
    return value


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
        raise Unfit(
            "weekdays", values.get("weekdays", ""), ("应为星期几", "it should be days of the week"),
            ("例如 1-5 或 一三五", "Write it like 1-5 or 1;3;5"),
        )  # fmt: skip
    return days


_DAYS = str.maketrans("一二三四五六日天", "12345677")


def _clocks(values: Mapping[str, str]) -> list[time]:
    try:
        clocks = sorted({time.fromisoformat(each) for each in listed(values, "starts")})
    except ValueError:
        clocks = []
    if not clocks:
        raise Unfit(
            "starts", values.get("starts", ""), ("应为时刻", "it should be times of the day"),
            ("例如 08:00;20:00", "Write it like 08:00;20:00"),
        )  # fmt: skip
    return clocks
