"""Hot topics: reports near one another in place, time and text, as groups with a name and their growth. Pure.

Texts are compared by the cosine of their character n-grams, the rare ones weighing most. Each group forms about
the report with the most neighbours, so that no chain of half-alike texts can tie strangers together; groups
about the same thing are then made one. A group is a topic only if a phrase tells its members from the other
reports of its place and time: what many write in the same manner about different things is none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from mumian.insight.phrases import Phrase, phrases
from mumian.intake.duplicates import metres_between
from mumian.intake.ngrams import counted, grams, plain, unit_rows

Indices = NDArray[np.int64]
Matrix = Any
"""A sparse matrix in rows."""

LETTERS = 200
"""So much of a text is compared: what it is about is said first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as it is grouped with others. Place and point (WGS-84 degrees) may be missing."""

    text: str
    at: datetime
    place: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near two reports must be to count as neighbours, and how many make a topic."""

    days: float = 45.0
    metres: float = 1500.0
    """Between points; without a point both must lie in the same community, or one says no place."""
    likeness: float = 0.15
    """Cosine of the texts."""
    least: int = 4
    burst: float = 0.5
    """The part of a topic that must have come within `days`: what trickles in all the year is not hot."""
    told: float = 0.5
    """How well its best phrase must tell a topic from the rest: the harmonic mean of recall and precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A group of reports about one thing."""

    name: tuple[str, ...]
    """One to three phrases that tell it, the most telling first."""
    members: tuple[int, ...]
    """Positions among the reports given, oldest first."""
    place: str
    """The smallest place in which all that say one lie."""
    since: datetime
    until: datetime
    lately: int
    """How many came in the last window."""
    before: int
    """How many came in the window before that."""
    days: tuple[int, ...] = field(repr=False)
    """How many came on each of the last days, the last one being `now`'s."""

    @property
    def growth(self) -> int:
        """By how many more the last window brought than the one before."""
        return self.lately - self.before


def topics(
    reports: Sequence[Report],
    *,
    now: datetime,
    window: timedelta = timedelta(days=7),
    days: int = 28,
    near: Nearness = Nearness(),
) -> list[Topic]:
    """The topics among the reports, the largest first. The order in which reports are given does not matter."""
    order = sorted(range(len(reports)), key=lambda n: (reports[n].at, reports[n].text, reports[n].place))
    ground = _Ground([reports[n] for n in order])
    groups = _groups(ground, near)
    found = [
        _topic(ground, group, name, order, now=now, window=window, days=days)
        for group in groups
        if _bursts(ground, group, near) and (name := _name(ground, group, near))
    ]
    return sorted(found, key=lambda topic: (-len(topic.members), topic.since, topic.name))


# --- reports as columns -----------------------------------------------------------------------------

_BITS = 20
_SIZES = range(2, 4)
_RARE = 0.02
"""Where no place narrows the search, only n-grams in at most this part of all texts are looked up."""
_ROWS = 2000
"""Rows of the product of texts that are held at once."""
_FOR_NEAR = 12
"""Digits of a community's code."""
_FOR_BLOCK = 9
"""Digits of a town's code: reports of one town are compared with one another."""
_DAY = 86_400.0


class _Ground:
    """The reports as arrays, with their texts as rows of unit length."""

    def __init__(self, rows: Sequence[Report]) -> None:
        self.rows = rows
        self.texts = [plain(row.text)[:LETTERS] for row in rows]
        self.at = np.array([row.at.timestamp() / _DAY for row in rows])
        self.lon = np.radians(np.array([row.lon for row in rows], dtype=float))
        self.lat = np.radians(np.array([row.lat for row in rows], dtype=float))
        self.near = _numbered([row.place[:_FOR_NEAR] for row in rows])
        self.whole = np.array([len(row.place) >= _FOR_NEAR for row in rows], dtype=bool)
        self.block = _numbered([row.place[:_FOR_BLOCK] for row in rows])
        self.words, self.common = _weighed(self.texts)

    def neighbours(self, left: Indices, right: Indices, near: Nearness) -> NDArray[np.bool_]:
        """Whether each pair is near in place and time."""
        metres = metres_between(self.lon, self.lat, left, right)
        known = (self.block[left] >= 0) & (self.block[right] >= 0)
        same = (self.near[left] == self.near[right]) | ~(self.whole[left] & self.whole[right])
        close = np.where(np.isnan(metres), same | ~known, metres <= near.metres)
        return np.asarray(close & (np.abs(self.at[left] - self.at[right]) <= near.days))


def _numbered(values: Sequence[str]) -> Indices:
    numbers: dict[str, int] = {"": -1}
    return np.array([numbers.setdefault(value, len(numbers) - 1) for value in values], dtype=np.int64)


_OFTEN = 2.0
"""Said so often, an n-gram counts half of what it can."""
_BESIDE = 100
"""As if so many other texts stood beside: among few, what all say is no less worth."""
_FIRST = 2.0
"""So many times more counts what the first sentence says."""
_STOP = re.compile(r"[。！？!?；;\n]")


def _opening(text: str) -> str:
    return _STOP.split(text, maxsplit=1)[0][:60]


def _weighed(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Texts by the n-grams that occur in several of them, squared rarity as weight; and which n-grams are common."""
    shape = (len(texts), 1 << _BITS)
    matrix = counted(*grams(texts, sizes=_SIZES, bits=_BITS)[:2], shape=shape)
    matrix += _FIRST * counted(
        *grams([_opening(text) for text in texts], sizes=_SIZES, bits=_BITS)[:2], shape=shape
    )
    found = np.bincount(matrix.indices, minlength=1 << _BITS)
    rarity = np.log((len(texts) + _BESIDE) / np.maximum(found, 1)).astype(np.float32) ** 2
    rarity[found < 5] = 0  # what hardly anyone else writes cannot be what many write about
    matrix.data = matrix.data / (matrix.data + _OFTEN) * rarity[matrix.indices]
    matrix.eliminate_zeros()
    return unit_rows(matrix), found > max(_RARE * len(texts), 50)


# --- groups -----------------------------------------------------------------------------------------


def _groups(ground: _Ground, near: Nearness) -> list[Indices]:
    if len(ground.rows) < near.least:
        return []
    graph = _graph(ground, near)
    stars = _stars(graph, near.least)
    if not stars:
        return []
    merged = _merged(ground, stars, near)
    return [group for group in _settled(ground, merged, near) if len(group) >= near.least]


def _graph(ground: _Ground, near: Nearness) -> Matrix:
    """The neighbours of each report, as a symmetric sparse matrix of ones; nobody is a neighbour of itself."""
    count = len(ground.rows)
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for some, others, words in _blocks(ground):
        for start in range(0, len(some), _ROWS):
            part = some[start : start + _ROWS]
            reach = others[_within(ground.at[others], ground.at[part], near.days)]
            alike = (words[part] @ words[reach].T).tocoo()
            enough = alike.data >= near.likeness
            one, other = part[alike.row[enough]], reach[alike.col[enough]]
            keep = (one != other) & ground.neighbours(one, other, near)
            left += [one[keep], other[keep]]
            right += [other[keep], one[keep]]
    pairs = np.concatenate(left), np.concatenate(right)
    graph = sparse.coo_matrix((np.ones(len(pairs[0]), np.int32), pairs), shape=(count, count)).tocsr()
    graph.data[:] = 1
    return graph


def _blocks(ground: _Ground) -> Iterator[tuple[Indices, Indices, Matrix]]:
    """Which reports are compared with which: those of one town, and those of no place with all there are."""
    order = np.argsort(ground.block, kind="stable")
    edges = np.flatnonzero(np.diff(ground.block[order])) + 1
    for members in np.split(order, edges):
        if ground.block[members[0]] >= 0:
            yield members, members, ground.words
    if len(nowhere := np.flatnonzero(ground.block < 0)):
        rare = ground.words.copy()
        rare.data[ground.common[rare.indices]] = 0
        rare.eliminate_zeros()
        yield nowhere, np.arange(len(ground.rows)), rare


def _within(times: NDArray[Any], of: NDArray[Any], days: float) -> NDArray[np.bool_]:
    return np.asarray((times >= of.min() - days) & (times <= of.max() + days))


def _stars(graph: Matrix, least: int) -> list[Indices]:
    """Each report that has most neighbours left, with these; until none has enough."""
    degrees = np.diff(graph.indptr).astype(np.int64)
    free = np.ones(graph.shape[0], dtype=bool)
    stars = []
    for centre in _fullest(degrees):
        if degrees[centre] < least - 1:
            break
        around = graph.indices[graph.indptr[centre] : graph.indptr[centre + 1]]
        star = np.append(around[free[around]], centre)
        stars.append(star)
        free[star] = False
        lost = np.concatenate([graph.indices[graph.indptr[n] : graph.indptr[n + 1]] for n in star])
        np.subtract.at(degrees, lost, 1)
        degrees[star] = -1
    return stars


def _fullest(degrees: Indices) -> Iterator[int]:
    """Positions by their degree as it is when asked for, greatest and then first first."""
    buckets: list[list[int]] = [[] for _ in range(int(degrees.max(initial=0)) + 1)]
    for position in range(len(degrees) - 1, -1, -1):
        buckets[max(int(degrees[position]), 0)].append(position)
    for degree in range(len(buckets) - 1, 0, -1):
        waiting = buckets[degree]
        while waiting:
            position = waiting.pop()
            if degrees[position] == degree:
                yield position
            elif degrees[position] > 0:  # it has lost some: its turn comes with fewer
                _put(buckets[int(degrees[position])], position)


def _put(bucket: list[int], position: int) -> None:
    """Keeps a bucket in falling order, so that its first comes off the end."""
    low, high = 0, len(bucket)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if bucket[middle] > position else (low, middle)
    bucket.insert(low, position)


def _centres(ground: _Ground, groups: Sequence[Indices]) -> Matrix:
    sizes = [len(group) for group in groups]
    rows = np.repeat(np.arange(len(groups)), sizes)
    picks = sparse.csr_matrix(
        (np.ones(sum(sizes), np.float32), (rows, np.concatenate(groups))),
        shape=(len(groups), len(ground.rows)),
    )
    return unit_rows((picks @ ground.words).tocsr())


_SAME = 0.3
"""Cosine of their middles from which two groups, near in place and time, are about one thing."""
_BELONGS = 0.15
"""Cosine with the middle of a group from which a report near it belongs to it."""


def _merged(ground: _Ground, stars: list[Indices], near: Nearness) -> list[Indices]:
    """Groups about the same thing made one."""
    middles = _centres(ground, stars)
    heads = np.array([star[-1] for star in stars])
    left, right = [], []
    for start in range(0, len(stars), _ROWS):
        alike = (middles[start : start + _ROWS] @ middles.T).tocoo()
        one, other = alike.row + start, alike.col
        same = (alike.data >= _SAME) & (one < other)
        near_by = ground.neighbours(heads[one[same]], heads[other[same]], _stretched(near))
        left.append(one[same][near_by])
        right.append(other[same][near_by])
    pairs = np.concatenate(left), np.concatenate(right)
    joined = sparse.coo_matrix((np.ones(len(pairs[0])), pairs), shape=(len(stars), len(stars)))
    count, label = connected_components(joined, directed=False)
    return [np.concatenate([stars[n] for n in np.flatnonzero(label == which)]) for which in range(count)]


def _stretched(near: Nearness) -> Nearness:
    """Heads of two groups may lie twice as far apart as neighbours."""
    return Nearness(days=2 * near.days, metres=2 * near.metres)


def _settled(ground: _Ground, groups: list[Indices], near: Nearness) -> list[Indices]:
    """Every report given to the group whose middle it is most like, of those that are near it."""
    middles = _centres(ground, groups)
    best = np.full(len(ground.rows), -1)
    for start in range(0, len(ground.rows), _ROWS):
        alike = (ground.words[start : start + _ROWS] @ middles.T).tocoo()
        enough = alike.data >= _BELONGS
        row, group, score = alike.row[enough] + start, alike.col[enough], alike.data[enough]
        for n in np.lexsort((group, -score, row)):
            if best[row[n]] < 0 and _touches(ground, int(row[n]), groups[group[n]], near):
                best[row[n]] = group[n]
    return [np.flatnonzero(best == which) for which in range(len(groups))]


def _touches(ground: _Ground, report: int, group: Indices, near: Nearness) -> bool:
    return bool(ground.neighbours(np.full(len(group), report), group, near).any())


# --- what a group is called, and how it grows -----------------------------------------------------------


def _bursts(ground: _Ground, group: Indices, near: Nearness) -> bool:
    at = ground.at[group]  # in order, as all are
    most = (np.searchsorted(at, at + near.days, side="right") - np.arange(len(at))).max()
    return bool(most >= near.burst * len(at))


def _name(ground: _Ground, group: Indices, near: Nearness) -> tuple[str, ...]:
    """The phrases that tell the group from what else was reported around it; none where no phrase does."""
    others = np.flatnonzero(_around(ground, group))
    inside = [ground.texts[n] for n in group]
    found = phrases(inside, [ground.texts[n] for n in np.setdiff1d(others, group)])
    if not found or found[0].tells < near.told:
        return ()
    return tuple(phrase.text for phrase in _different(found, 3))


def _around(ground: _Ground, group: Indices) -> NDArray[np.bool_]:
    """The reports of all times, of the same towns where the group lies in any."""
    blocks = np.unique(ground.block[group])
    here = np.isin(ground.block, blocks) if blocks[0] >= 0 else np.ones(len(ground.rows), dtype=bool)
    return np.asarray(here)


_SAID = 0.4
"""The part of a topic's reports in which a further phrase of its name must stand."""


def _different(found: Sequence[Phrase], most: int) -> list[Phrase]:
    """The first phrases that say something new."""
    chosen: list[Phrase] = []
    for phrase in found:
        if (phrase.recall >= _SAID or not chosen) and not any(phrase.overlaps(other) for other in chosen):
            chosen.append(phrase)
    return chosen[:most]


def _topic(
    ground: _Ground,
    group: Indices,
    name: tuple[str, ...],
    order: Sequence[int],
    *,
    now: datetime,
    window: timedelta,
    days: int,
) -> Topic:
    rows = [ground.rows[n] for n in group]  # in order of time, as all are
    ages = Counter((now.date() - row.at.astimezone(now.tzinfo).date()).days for row in rows)
    return Topic(
        name=name,
        members=tuple(order[n] for n in group),
        place=_common([row.place for row in rows if row.place]),
        since=rows[0].at,
        until=rows[-1].at,
        lately=sum(now - window < row.at <= now for row in rows),
        before=sum(now - 2 * window < row.at <= now - window for row in rows),
        days=tuple(ages[age] for age in range(days - 1, -1, -1)),
    )


def _common(places: Sequence[str]) -> str:
    """The longest code all begin with that is one of a level; empty for none."""
    if not places:
        return ""
    low, high = min(places), max(places)
    same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    return low[: max(level for level in (0, 2, 4, 6, 9, 12, 15, 18) if level <= same)]
