"""What stands in the cells of a row, as values: each that cannot be used is named with its reason and cure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from mumian.rows import Rejection, Table

T = TypeVar("T")


class Unfit(Exception):
    """A value that cannot be used: its column by our name, the value, reason and cure in both languages."""

    def __init__(self, column: str, value: str, reason: tuple[str, str], cure: tuple[str, str]) -> None:
        self.column, self.value, self.reason, self.cure = column, value, reason, cure

    def rejection(self, line: int, table: Table) -> Rejection:
        reason, cure = ({"zh": zh, "en": en} for zh, en in (self.reason, self.cure))
        return Rejection(line, table.columns.get(self.column, self.column), self.value, reason, cure)


def unfit(values: Mapping[str, str], column: str, zh: str, en: str) -> Unfit:
    """What is wrong with a value, where correcting it is all the cure there is."""
    return Unfit(column, values.get(column, ""), (zh, en), ("改正后再导入", "Correct it and import again"))


def text(values: Mapping[str, str], column: str, most: int) -> str:
    """A text of at most so many characters; empty where there is none."""
    value = values.get(column, "")
    if len(value) > most:
        reason = f"超过 {most} 个字符", f"it is longer than {most} characters"
        raise Unfit(column, value, reason, ("改短", "Shorten it"))
    return value


def needed(values: Mapping[str, str], column: str, most: int) -> str:
    """A text that must be there."""
    if not values.get(column):
        raise Unfit(column, "", ("没有内容", "it is empty"), ("补上此值", "Fill it in"))
    return text(values, column, most)


def degrees(values: Mapping[str, str], column: str, most: int) -> float:
    """A coordinate that must be there, from -`most` to `most`."""
    value = needed(values, column, 32)
    try:
        found = float(value)
    except ValueError:
        found = float("nan")
    if not -most <= found <= most:
        cure = f"填 -{most} 至 {most} 的数", f"Give a number from -{most} to {most}"
        raise Unfit(column, value, ("应为度数", "it should be degrees"), cure)
    return found


def whole(values: Mapping[str, str], column: str, most: int) -> int:
    """A whole number that must be there, from 1 to `most`."""
    value = needed(values, column, 10)
    if not value.isdecimal() or not 1 <= int(value) <= most:
        cure = f"填 1 至 {most} 的数", f"Give a number from 1 to {most}"
        raise Unfit(column, value, ("应为正整数", "it should be a whole number"), cure)
    return int(value)


def listed(values: Mapping[str, str], column: str) -> list[str]:
    """Words in one cell, parted by spaces, commas, semicolons or the Chinese list comma."""
    return re.split(r"[\s、,;]+", stripped) if (stripped := values.get(column, "").strip(" 、,;")) else []


def no_such_place(value: str, column: str = "place") -> Unfit:
    reason = "没有此编码的地点", "there is no place with this code"
    return Unfit(
        column, value, reason, ("先导入地点，或改正编码", "Import the places first, or correct the code")
    )


def batches(rows: Iterable[T], size: int = 1000) -> Iterator[list[T]]:
    """The rows in portions, so that no table is held in memory."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch
