"""How long something may take: `4 working hours`, `5 working days`, `24 full hours`, `1 month and 15 days`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Span(StrEnum):
    """What a limit is counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    FULL_HOUR = "full hour"
    """Hours that run from the hour after the one it happened in (民法典 201, 刑诉法 105)."""
    WORKING_MINUTE = "working minute"
    WORKING_HOUR = "working hour"
    DAY = "day"
    WORKING_DAY = "working day"
    MONTH = "month"


_FORM = re.compile(
    r"^\s*(\d{1,5})\s+(working\s+|full\s+)?(minute|hour|day|month)s?(?:\s+and\s+(\d{1,3})\s+days?)?(\s+firm)?\s*$"
)
_ZH = {
    Span.MINUTE: "分钟",
    Span.HOUR: "小时",
    Span.FULL_HOUR: "小时",
    Span.WORKING_MINUTE: "工作分钟",
    Span.WORKING_HOUR: "个工作小时",
    Span.DAY: "日",
    Span.WORKING_DAY: "个工作日",
    Span.MONTH: "个月",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time in one kind of span."""

    amount: int
    span: Span
    days: int = 0
    """Days after so many months: half a month is 15 days (刑诉法解释 202)."""
    firm: bool = False
    """Whether its end stays where it falls, on a holiday too: while somebody is in custody (刑诉法 105)."""

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Reads `5 working days`. Raises `ValueError` saying what can be written."""
        return _parse(text)

    def __str__(self) -> str:
        return self.words()["en"] + (" firm" if self.firm else "")

    def words(self) -> dict[str, str]:
        """The limit as people read it."""
        zh, en = (
            f"{self.amount} {_ZH[self.span]}",
            f"{self.amount} {self.span}{'' if self.amount == 1 else 's'}",
        )
        if not self.days:
            return {"zh": zh, "en": en}
        return {
            "zh": f"{zh}又 {self.days} 日",
            "en": f"{en} and {self.days} day{'' if self.days == 1 else 's'}",
        }

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.to_string_ser_schema(when_used="always")
        return core_schema.is_instance_schema(cls, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "examples": ["4 working hours", "5 working days", "10 days", "1 month"]}


@lru_cache(maxsize=4096)
def _parse(text: str) -> Limit:
    found = _FORM.match(text)
    span = f"{found[2].strip()} {found[3]}" if found and found[2] else found[3] if found else ""
    if not found or span not in set(Span) or (found[4] and span != Span.MONTH):
        raise ValueError(
            f"“{text}” is not a limit; write a number and minutes, hours, days or months, "
            "the first three also as working minutes, working hours, working days, hours as full hours, "
            "months also with days: 1 month and 15 days"
        )
    return Limit(int(found[1]), Span(span), int(found[4] or 0), bool(found[5]))
