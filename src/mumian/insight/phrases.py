"""Phrases that tell some texts from others: whole words as they stand in the text, without a dictionary."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

_RUN = re.compile(r"[^\W_]+")
_SHORTEST, _LONGEST = 2, 10
_LEAST = 0.3
"""The part of the texts a phrase must stand in."""
_FEWEST = 3
"""The number of texts a phrase must stand in: what three have said is nobody's own words."""
_GOES_ON = 0.8
"""A phrase that so often goes on with the same character is a part of a longer one."""
_EDGES = (
    "的了在是和与及或有对就都也请被把于等这那我您你们为从到给将向由已要会能以之并还又很不着过得地个每此该使让"
)
"""Characters that seldom begin or end a name: what stands between words."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, and how well it tells the texts it stands in from the others."""

    text: str
    recall: float
    """The part of the texts in which it stands."""
    precision: float
    """The part of all texts with it that are ours."""

    @property
    def tells(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.recall * self.precision / (self.recall + self.precision)

    def overlaps(self, other: "Phrase") -> bool:
        """Whether the two share more than one character in a row."""
        pairs = {self.text[n : n + 2] for n in range(len(self.text) - 1)}
        return any(other.text[n : n + 2] in pairs for n in range(len(other.text) - 1))


def phrases(ours: Sequence[str], others: Sequence[str]) -> list[Phrase]:
    """The phrases of `ours`, the most telling first; of two that tell alike, the longer."""
    runs = [_RUN.findall(text) for text in ours]
    counts = _counted(runs, at_least=max(_FEWEST, _LEAST * len(ours)))
    whole = {trimmed for text in _whole(counts) if len(trimmed := _trimmed(text)) >= _SHORTEST}
    rest = "\n".join(others)
    found = []
    for text in whole:
        here = sum(text in each for each in ours)
        there = sum(text in each for each in others) if text in rest else 0
        found.append(Phrase(text, here / len(ours), here / (here + there)))
    return sorted(found, key=lambda phrase: (-_worth(phrase), phrase.text))


def _trimmed(text: str) -> str:
    """A phrase without what only leads over to it: half a number of a house, words between words."""
    return text.strip(_EDGES).lstrip("号").rstrip("0123456789").strip(_EDGES)


def _worth(phrase: Phrase) -> float:
    return phrase.tells * (1 + 0.25 * log(min(len(phrase.text), 8) / 2))


def _counted(runs: Sequence[Sequence[str]], *, at_least: float) -> dict[str, int]:
    """In how many texts each run of characters stands, of those that stand in enough of them."""
    counts: dict[str, int] = {}
    kept: set[str] | None = None
    for size in range(_SHORTEST, _LONGEST + 2):
        longer = Counter(
            piece
            for text in runs
            for piece in {
                run[n : n + size]
                for run in text
                for n in range(len(run) - size + 1)
                if kept is None or (run[n : n + size - 1] in kept and run[n + 1 : n + size] in kept)
            }
        )
        kept = {piece for piece, count in longer.items() if count >= at_least}
        if not kept:
            break
        counts.update((piece, longer[piece]) for piece in kept)
    return counts


def _whole(counts: dict[str, int]) -> list[str]:
    """Those that do not nearly always go on in the same way."""
    longer: dict[str, int] = {}
    for text, count in counts.items():
        for part in (text[:-1], text[1:]):
            longer[part] = max(longer.get(part, 0), count)
    return [
        text
        for text, count in counts.items()
        if len(text) <= _LONGEST and longer.get(text, 0) < _GOES_ON * count
    ]
