"""Whom to send: of those who may come, nearest first, those that are ready, fit and free, each with its reason."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a unit that was nearer was not sent."""

    BUSY = "busy"
    OFF_DUTY = "off_duty"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit as it stands now, and the seconds of its way."""

    unit: int
    seconds: float
    on_duty: bool = True
    fit: bool = True
    busy: bool = False

    @property
    def against(self) -> list[Why]:
        """All that keeps it from coming."""
        kept = {Why.BUSY: self.busy, Why.OFF_DUTY: not self.on_duty, Why.UNFIT: not self.fit}
        return [why for why, is_so in kept.items() if is_so]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A unit that can come, and how soon."""

    unit: int
    seconds: int
    limit: int
    """The limit for which it was chosen, one of those wanted."""
    because: str
    """Why it and no nearer one, for the record: `1` is the nearest that could go; `2; busy 1` that one was busy."""


def choose(candidates: Iterable[Candidate], wanted: Mapping[int, int]) -> list[Chosen]:
    """Within each limit in seconds so many as are wanted, each the nearest that nothing keeps and none twice.

    Candidates are given nearest first. Whoever could serve several limits serves the narrowest that wants more.
    """
    left = dict(sorted(wanted.items()))
    passed: Counter[str] = Counter()
    chosen: list[Chosen] = []
    for each in candidates:
        if against := each.against:
            passed.update(against)
            continue
        limit = next((limit for limit, count in left.items() if count and each.seconds <= limit), None)
        if limit is not None:
            left[limit] -= 1
            because = "; ".join([str(len(chosen) + 1), *(f"{why} {n}" for why, n in sorted(passed.items()))])
            chosen.append(Chosen(each.unit, math.ceil(each.seconds), limit, because))
    return chosen
