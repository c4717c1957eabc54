"""How long something may take: `4 working hours`, `5 working days`, `10 days`, `1 month`."""

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
    WORKING_MINUTE = "working minute"
    WORKING_HOUR = "working hour"
    DAY = "day"
    WORKING_DAY = "working day"
    MONTH = "month"


_FORM = re.compile(r"^\s*(\d{1,5})\s+(working\s+)?(minute|hour|day|month)s?\s*$")
_ZH = {
    Span.MINUTE: "分钟",
    Span.HOUR: "小时",
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

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Reads `5 working days`. Raises `ValueError` saying what can be written."""
        return _parse(text)

    def __str__(self) -> str:
        return f"{self.amount} {self.span}{'' if self.amount == 1 else 's'}"

    def words(self) -> dict[str, str]:
        """The limit as people read it."""
        return {"zh": f"{self.amount} {_ZH[self.span]}", "en": str(self)}

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
    if not found or (found[2] and found[3] == "month"):
        raise ValueError(
            f"“{text}” is not a limit; write a number and minutes, hours, days or months, "
            "the first three also as working minutes, working hours, working days"
        )
    span = f"working {found[3]}" if found[2] else found[3]
    return Limit(int(found[1]), Span(span))
