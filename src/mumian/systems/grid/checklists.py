"""The patrol checklists, as `patrols.yaml` has them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mumian.engine.definition import Words
from mumian.engine.limits import Limit, Span
from mumian.yaml import load

FILE = Path(__file__).with_name("patrols.yaml")
PERIODS = {"weekly": Limit(7, Span.DAY), "monthly": Limit(1, Span.MONTH)}
"""How long a round may take; those not named are called for when needed and have a week."""
WHEN_NEEDED = Limit(7, Span.DAY)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at, and the kind of matter it becomes where it is not right."""

    title: Words
    kind: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is looked at on a round."""

    name: str
    title: Words
    frequency: str
    items: tuple[Item, ...]

    @property
    def period(self) -> Limit:
        return PERIODS.get(self.frequency, WHEN_NEEDED)


@cache
def checklists() -> dict[str, Checklist]:
    """All checklists by name."""
    content = load(FILE)
    return {
        one["checklist"]: Checklist(
            one["checklist"],
            one["title"],
            one["frequency"],
            tuple(Item({"zh": item["zh"], "en": item["en"]}, item["kind"]) for item in one["items"]),
        )
        for one in content["checklists"]
    }
