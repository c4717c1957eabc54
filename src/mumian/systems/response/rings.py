"""The rings of help and the response cards, as `rings.yaml` and `cards.yaml` have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mumian.engine.definition import Words
from mumian.yaml import load

HERE = Path(__file__).parent
GRAVITIES = ("ordinary", "serious", "grave")


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """The units that can be there within so many minutes, and when they are called."""

    number: int
    """Counted from 1."""
    minutes: int
    units: int
    """How many are called."""
    title: Words
    after: Mapping[str, int | None]
    """Seconds after the incident was raised, by gravity; nothing where it waits for a call for more."""


@dataclass(frozen=True, slots=True)
class Card:
    """What to do and what not to do at incidents of a kind."""

    kind: str
    title: Words
    first: Words
    call: str
    """The number to ring."""
    do: tuple[Words, ...]
    never: tuple[Words, ...]


@cache
def rings() -> tuple[Ring, ...]:
    """All rings, the nearest first."""
    return tuple(
        Ring(
            number,
            int(one["minutes"]),
            int(one["units"]),
            one["title"],
            {
                gravity: None if (after := one["after"][gravity]) == "never" else int(after)
                for gravity in GRAVITIES
            },
        )
        for number, one in enumerate(read("rings.yaml")["rings"], 1)
    )


@cache
def answer_within() -> int:
    """Seconds after which an alert that nobody answered goes to the next unit."""
    return int(read("rings.yaml")["answer_within"])


@cache
def cards() -> Mapping[str, Card]:
    """Cards by the first two digits of the kind."""
    return {
        one["kind"]: Card(
            one["kind"], one["title"], one["first"], one["call"], tuple(one["do"]), tuple(one["not"])
        )
        for one in read("cards.yaml")["cards"]
    }


def card(category: str) -> Card | None:
    """The card for a kind of incident; nothing where its kind is not known yet."""
    return cards().get(category[:2])


def read(name: str) -> Any:
    """What one of the files of this folder says."""
    return load(HERE / name)
