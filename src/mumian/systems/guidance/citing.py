"""Citations: `lcl 47` is article 47 of the law called `lcl` in `laws.yaml`, with the day since which it is in force."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from mumian.engine.definition import Words
from mumian.yaml import load

HERE = Path(__file__).parent
_CITATION = re.compile(r"([a-z]+[0-9]*)(?: (\d+)(?:\((\d+)\))?)?")


@dataclass(frozen=True, slots=True)
class Law:
    """A law in the version that is cited."""

    zh: str
    en: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What is cited, in words, and since when the version cited is in force."""

    words: Words
    since: date
    until: date | None


@cache
def laws() -> Mapping[str, Law]:
    """Every law that can be cited, by its short name."""
    return {name: Law(**law) for name, law in load(HERE / "laws.yaml")["laws"].items()}


@cache
def article(citation: str) -> Article:
    """What a citation means. Raises `ValueError` where there is no such law or it is not written as one."""
    return articles([citation])[0]


def articles(citations: Iterable[str]) -> list[Article]:
    """What citations mean, those of one law together. Raises `ValueError` for one that is no citation."""
    numbers: dict[str, list[tuple[str, str]]] = {}
    for citation in dict.fromkeys(citations):
        found = _CITATION.fullmatch(citation)
        if found is None or found[1] not in laws():
            raise ValueError(f"`{citation}` is not an article of a law in laws.yaml")
        numbers.setdefault(found[1], [])
        if found[2]:
            numbers[found[1]].append((found[2], found[3] or ""))
    return [
        _of(laws()[name], sorted(set(listed), key=lambda each: int(each[0])))
        for name, listed in numbers.items()
    ]


def _of(law: Law, numbers: list[tuple[str, str]]) -> Article:
    zh, en = f"《{law.zh}》", law.en
    if numbers:
        zh += f"第{'、'.join(number for number, _item in numbers)}条"
        en += f", {'arts' if len(numbers) > 1 else 'art.'} {', '.join(number for number, _item in numbers)}"
    if len(numbers) == 1 and (item := numbers[0][1]):
        zh, en = f"{zh}第{item}款（项）", f"{en} ({item})"
    return Article({"zh": zh, "en": en}, law.since, law.until)
