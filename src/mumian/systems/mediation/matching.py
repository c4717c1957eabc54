"""Many disputes to many mediators at once: a cheapest assignment that breaks no hard rule, with its reasons. Pure.

Hard: the mediator goes to the place, handles the kind, speaks the languages, has room for one more, and is not
barred by a tie to a side. Soft, and added up as a cost: how far, how special, how busy, how well so far.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

NEAR = ((12, 0), (9, 10), (6, 30), (0, 60))
"""Digits of a place code that both share, and what the way costs: same community, town, district, city."""
GENERAL = 15
"""A mediator for all kinds, beside one for this kind."""
BUSY = 8
"""Each case one has already, or is given in the same matching."""
UNPROVEN = 20
"""At most: one who never came to an agreement so far. A record of few cases is taken for half good."""
NOBODY = 1_000_000
"""A dispute left without a mediator, so that none is where one could be found."""
MOST_AT_ONCE = 12
"""Cases given to one mediator in one matching, at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A dispute that needs a mediator."""

    key: object
    place: str
    kind: str
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fit:
    """A mediator who may be given disputes."""

    key: object
    place: str
    reach: str
    fields: frozenset[str] = frozenset()
    """First two digits of kinds; empty for all."""
    languages: frozenset[str] = frozenset()
    load: int = 0
    capacity: int = 1
    agreed: int = 0
    failed: int = 0

    @property
    def free(self) -> int:
        return max(0, min(self.capacity - self.load, MOST_AT_ONCE))

    @property
    def doubt(self) -> int:
        """Nothing for one who always brings about agreements, `UNPROVEN` for one who never does."""
        rate = (self.agreed + 2) / (self.agreed + self.failed + 4)
        return round(UNPROVEN * (1 - rate))


@dataclass(frozen=True, slots=True)
class Cost:
    """What speaks against a pair, part by part."""

    way: int
    general: int
    busy: int
    doubt: int

    @property
    def total(self) -> int:
        return self.way + self.general + self.busy + self.doubt


@dataclass(frozen=True, slots=True)
class Given:
    """A dispute and the mediator it is given, if there is one."""

    dispute: int
    mediator: int | None
    cost: int


@dataclass(frozen=True, slots=True)
class Matching:
    """Who gets what, and what it costs together."""

    given: tuple[Given, ...]
    total: int = field(default=0)

    @property
    def unmatched(self) -> int:
        return sum(each.mediator is None for each in self.given)


Barred = Collection[tuple[int, int]]
"""Dispute and mediator who are never brought together, by their numbers."""


def match(disputes: Sequence[Asked], mediators: Sequence[Fit], barred: Barred = ()) -> Matching:
    """The cheapest assignment: as many disputes as can be are given a mediator, none above his or her capacity.

    A mediator of capacity c is c columns, each dearer than the one before; a column of its own stands for nobody.
    """
    if not disputes:
        return Matching(())
    rows, columns = pairs(disputes, mediators, barred)
    cost = costs(disputes, mediators, rows, columns)
    free = np.array([each.free for each in mediators], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(free)]).astype(np.int64)
    repeated = free[columns]
    which = np.arange(repeated.sum()) - np.repeat(np.cumsum(repeated) - repeated, repeated)
    slot_rows = np.concatenate([np.repeat(rows, repeated), np.arange(len(disputes))])
    slots = np.concatenate(
        [np.repeat(first[columns], repeated) + which, first[-1] + np.arange(len(disputes))]
    )
    weight = np.concatenate([np.repeat(cost, repeated) + which * BUSY, np.full(len(disputes), NOBODY)])
    # One is added, for a weight of zero would be no edge.
    graph = csr_matrix(
        (weight.astype(np.float64) + 1, (slot_rows, slots)),
        shape=(len(disputes), int(first[-1]) + len(disputes)),
    )
    chosen_rows, chosen = min_weight_full_bipartite_matching(graph)
    spent = np.asarray(graph[chosen_rows, chosen]).ravel().astype(np.int64) - 1
    owner = np.repeat(np.arange(len(mediators)), free)
    given = tuple(
        Given(int(row), int(owner[slot]) if slot < first[-1] else None, int(paid))
        for row, slot, paid in zip(chosen_rows, chosen, spent, strict=True)
    )
    return Matching(given, int(spent.sum()))


def pairs(disputes: Sequence[Asked], mediators: Sequence[Fit], barred: Barred = ()) -> tuple[Ints, Ints]:
    """Every pair that no hard rule forbids: numbers of disputes and of mediators."""
    allowed = _within_reach(disputes, mediators) & _of_the_kind(disputes, mediators)
    for needed in {each.languages for each in disputes if each.languages}:
        speak = np.array([needed <= each.languages for each in mediators], dtype=bool)
        those = np.array([each.languages == needed for each in disputes], dtype=bool)
        allowed[those] &= speak
    allowed[:, [each.free == 0 for each in mediators]] = False
    if barred:
        one, other = zip(*barred, strict=True)
        allowed[list(one), list(other)] = False
    rows, columns = np.nonzero(allowed)
    return rows.astype(np.int64), columns.astype(np.int64)


def costs(disputes: Sequence[Asked], mediators: Sequence[Fit], rows: Ints, columns: Ints) -> Ints:
    """What each pair costs, before the mediator is given anything else."""
    cost = np.full(len(rows), NEAR[-1][1], dtype=np.int64)
    for digits, way in reversed(NEAR[:-1]):
        here, there = _numbered(
            [each.place[:digits] for each in disputes], [each.place[:digits] for each in mediators]
        )
        whole = np.array([len(each.place) >= digits for each in mediators], dtype=bool)
        cost[(here[rows] == there[columns]) & whole[columns]] = way
    general = np.array([not each.fields for each in mediators], dtype=np.int64) * GENERAL
    own = np.array([each.doubt + each.load * BUSY for each in mediators], dtype=np.int64)
    return cost + (general + own)[columns]


def cost_of(dispute: Asked, mediator: Fit) -> Cost:
    """The same for one pair, part by part: the reasons that are shown."""
    way = next(
        way
        for digits, way in NEAR
        if len(mediator.place) >= digits and dispute.place[:digits] == mediator.place[:digits]
    )
    return Cost(way, 0 if mediator.fields else GENERAL, mediator.load * BUSY, mediator.doubt)


def ranked(dispute: Asked, mediators: Sequence[Fit], barred: Collection[int] = ()) -> list[tuple[int, Cost]]:
    """Those who may be given one dispute, the fittest first."""
    _rows, columns = pairs([dispute], mediators, [(0, each) for each in barred])
    found = [(int(each), cost_of(dispute, mediators[each])) for each in columns]
    return sorted(found, key=lambda each: (each[1].total, each[0]))


def _within_reach(disputes: Sequence[Asked], mediators: Sequence[Fit]) -> Truths:
    allowed = np.zeros((len(disputes), len(mediators)), dtype=bool)
    digits_of = np.array([len(each.reach) for each in mediators])
    for digits in set(digits_of.tolist()):
        those = np.nonzero(digits_of == digits)[0]
        here, there = _numbered(
            [each.place[:digits] for each in disputes], [mediators[each].reach for each in those.tolist()]
        )
        allowed[:, those] = here[:, None] == there[None]
    return allowed


def _of_the_kind(disputes: Sequence[Asked], mediators: Sequence[Fit]) -> Truths:
    kinds = sorted({each.kind[:2] for each in disputes})
    handles = np.array(
        [[not each.fields or kind in each.fields for each in mediators] for kind in kinds], dtype=bool
    )
    number = {kind: position for position, kind in enumerate(kinds)}
    return handles.reshape(len(kinds), len(mediators))[[number[each.kind[:2]] for each in disputes]]


def _numbered(here: list[str], there: list[str]) -> tuple[Ints, Ints]:
    """The same text gets the same number in both."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(text, len(numbers)) for text in [*here, *there]]
    return np.array(found[: len(here)], dtype=np.int64), np.array(found[len(here) :], dtype=np.int64)
