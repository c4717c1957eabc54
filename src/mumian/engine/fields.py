"""Values a form is answered with: checked by their type, and brought into the one form entries may hold.

No value holds a fraction: money and decimals are text, a coordinate is a whole number of 1e-7 degrees.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from mumian.engine.definition import FieldSpec

E7 = 10_000_000
"""Coordinates are kept as whole numbers of 1e-7 degrees, about a centimetre."""

GREATEST = 2**53 - 1
"""The greatest whole number every JSON reader holds exactly (RFC 8259, section 6)."""

DIGITS = 24
"""How many digits a decimal may have on either side of its point."""


class Unfit(ValueError):
    """A value that does not fit its field, said in each language."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Known:
    """What must exist for a value to be right: looked up, never guessed."""

    place: Callable[[str], bool] = lambda code: True
    unit: Callable[[int], bool] = lambda unit: True
    works: Callable[[int], bool] = lambda unit: False
    """Whether somebody works in a unit who signs in here."""
    takes: Callable[[int, Collection[str]], bool] = lambda unit, posts: True
    """Whether somebody has one of these posts in a unit, or nobody works there who signs in here."""
    kind: Callable[[str, str], bool] = lambda catalogue, code: True


def fit(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> Any:
    """The value as it is kept. Raises `Unfit`. Nothing, and text of blanks alone, are `None`."""
    if value is None or (isinstance(value, str) and not value.strip()) or value == [] or value == {}:
        return None
    return _FIT[spec.type](spec, value, known, catalogue)


def clean(text: str) -> str:
    """Text without blanks around it, and without what no text holds: control characters, halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return text.strip()


def _text(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str | None:
    if not isinstance(value, str):
        raise Unfit("应为文字", "should be text")
    text = clean(value)
    if spec.max and len(text) > spec.max:
        raise Unfit(
            f"最多 {spec.max} 字，现有 {len(text)} 字", f"at most {spec.max} characters; it has {len(text)}"
        )
    return text or None


def _integer(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> int:
    try:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("应为整数", "should be a whole number") from None
    _bounded(spec, number)
    if abs(number) > GREATEST:
        raise Unfit("数字过大", "the number is too large")
    return number


def _decimal(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        raise Unfit("应为数字", "should be a number") from None
    if not number.is_finite():
        raise Unfit("应为数字", "should be a number")
    if number.adjusted() > DIGITS:
        raise Unfit("数字过大", "the number is too large")
    if int(number.as_tuple().exponent) < -DIGITS:
        raise Unfit("小数位数过多", "the number has too many decimals")
    _bounded(spec, number)
    return format(number if number else abs(number), "f")


def _money(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    amount = Decimal(_decimal(spec, value, known, catalogue))
    if amount != amount.quantize(Decimal("0.01")):
        raise Unfit("金额最多两位小数", "an amount has at most two decimals")
    return format(amount.quantize(Decimal("0.01")), "f")


def _bounded(spec: FieldSpec, number: int | Decimal) -> None:
    if spec.min is not None and number < spec.min:
        raise Unfit(f"不能小于 {spec.min}", f"cannot be less than {spec.min}")
    if spec.max is not None and number > spec.max:
        raise Unfit(f"不能大于 {spec.max}", f"cannot be more than {spec.max}")


def _date(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    try:
        return (
            value.date() if isinstance(value, datetime) else date.fromisoformat(str(value).strip())
        ).isoformat()
    except ValueError:
        raise Unfit("应为日期，例如 2026-11-27", "should be a date such as 2026-11-27") from None


def _datetime(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        if at.tzinfo is None or not 1900 <= at.astimezone(UTC).year < 2200:
            raise ValueError
    except (ValueError, OverflowError):
        raise Unfit(
            "应为带时区的时间，例如 2026-11-27T18:00+08:00",
            "should be a time with its zone, such as 2026-11-27T18:00+08:00",
        ) from None
    return at.isoformat()


_YES = {"true": True, "yes": True, "on": True, "1": True, "是": True}
_NO = {"false": False, "no": False, "off": False, "0": False, "否": False}


def _yesno(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> bool:
    said = value if isinstance(value, bool) else {**_YES, **_NO}.get(str(value).strip().lower())
    if said is None:
        raise Unfit("应为是或否", "should be yes or no")
    return said


def _choice(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    values = [choice.value for choice in spec.choices]
    if str(value) not in values:
        raise Unfit("请选择：" + "、".join(values), "choose one of: " + ", ".join(values))
    return str(value)


def _choices(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> list[str]:
    chosen = [_choice(spec, one, known, catalogue) for one in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(chosen))


def _place(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> dict[str, Any]:
    given: Mapping[str, Any] = {"place": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        raise Unfit("应为地点编码或坐标", "should be a place code or a point")
    kept: dict[str, Any] = {}
    code = str(given.get("place") or "")
    if code:
        if not known.place(code):
            raise Unfit(f"没有编码为 {code} 的地点", f"there is no place with code {code}")
        kept["place"] = code
    if address := clean(str(given.get("address") or "")):
        kept["address"] = address[:300].rstrip()
    point = [given.get(name) for name in ("lon", "lat") if given.get(name) not in (None, "")]
    if len(point) == 1:
        raise Unfit("坐标应同时有经度和纬度", "a point has both a longitude and a latitude")
    if point:
        kept["lon"], kept["lat"] = _degrees(point[0], 180), _degrees(point[1], 90)
    if not kept:
        return None  # type: ignore[return-value]
    if "place" not in kept:
        raise Unfit(
            "该位置不在本市任何网格内，请另选地点", "this spot lies in no place of the city; choose another"
        )
    return kept


def _degrees(value: Any, most: int) -> int:
    if isinstance(value, int) and abs(value) > most:
        degrees = value
    else:
        try:
            degrees = round(float(value) * E7)
        except (TypeError, ValueError, OverflowError):
            raise Unfit("坐标应为数字", "a coordinate should be a number") from None
    if abs(degrees) > most * E7:
        raise Unfit("坐标超出范围", "the coordinate is out of range")
    return degrees


def _kind(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    if not known.kind(spec.catalogue or catalogue, str(value)):
        raise Unfit(f"目录中没有类别 {value}", f"the catalogue has no kind {value}")
    return str(value)


_ANY_NUMBER = FieldSpec.model_validate({"type": "integer"})


def _unit(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> int:
    try:
        unit = _integer(_ANY_NUMBER, value, known, catalogue)
    except Unfit:
        raise Unfit("应选择单位", "choose a unit") from None
    if not known.unit(unit):
        raise Unfit("没有这个单位，或已停用", "there is no such unit, or it is no longer active")
    if spec.posts and not known.takes(unit, spec.posts):
        raise Unfit("该单位无人办理此类事项，请另选", "nobody in that unit handles this; choose another")
    return unit


def _units(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> list[int]:
    units = [_unit(spec, one, known, catalogue) for one in (value if isinstance(value, list) else [value])]
    units = list(dict.fromkeys(units))
    if spec.max and len(units) > spec.max:
        raise Unfit(f"最多选择 {spec.max} 个单位", f"choose {spec.max} at most")
    return units


def _uuid(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> str:
    try:
        return (value if isinstance(value, UUID) else UUID(str(value))).hex
    except ValueError:
        raise Unfit("应为事项或人员编号", "should be the id of a matter or person") from None


_FILE = re.compile(r"[0-9a-f]{64}")


def _files(spec: FieldSpec, value: Any, known: Known, catalogue: str) -> list[str] | None:
    """Files are named by the SHA-256 of their content, under which they were stored before the act."""
    hashes = list(dict.fromkeys(str(one) for one in (value if isinstance(value, list) else [value]) if one))
    if not all(map(_FILE.fullmatch, hashes)):
        raise Unfit("附件应先上传", "files are uploaded first, then named by their hash")
    if len(hashes) > (spec.max or 9):
        raise Unfit(f"最多 {spec.max or 9} 个附件", f"at most {spec.max or 9} files")
    return hashes or None


_FIT: dict[str, Callable[[FieldSpec, Any, Known, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "money": _money,
    "date": _date,
    "datetime": _datetime,
    "yesno": _yesno,
    "choice": _choice,
    "choices": _choices,
    "place": _place,
    "kind": _kind,
    "unit": _unit,
    "units": _units,
    "person": _uuid,
    "files": _files,
    "matter": _uuid,
}
