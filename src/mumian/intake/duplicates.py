"""Reports that may be the same matter: of one kind, near in place and time, alike in words. A person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mumian.intake.ngrams import counted, grams, plain, unit_rows

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A report as it is compared with others. Longitude and latitude in WGS-84 degrees, both or neither."""

    id: str
    kind: str
    """Code, levels parted by dots; empty where it is not known."""
    place: str
    """Code; compared where one of two has no point."""
    at: datetime
    text: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How near two reports must be to be shown as perhaps the same."""

    metres: float = 150.0
    hours: float = 72.0
    likeness: float = 0.2
    """Cosine of the texts' characters and pairs of characters."""


DEFAULT = Thresholds()


@dataclass(frozen=True, slots=True)
class Likeness:
    """In what two reports agree, as data."""

    same_kind: bool
    """Else one kind is above the other, or both are below one, or one is not known."""
    same_place: bool
    """Whether place codes were compared, for want of a point."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report that may be the same. `metres` is `None` where there was no point to measure from."""

    id: str
    score: float
    metres: float | None
    hours: float
    likeness: float
    reason: Likeness


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reports that may be the same: the id of one, and the other as its candidate."""

    id: str
    other: Candidate


def candidates(
    new: Sighting, existing: Sequence[Sighting], thresholds: Thresholds = DEFAULT, *, most: int = 10
) -> list[Candidate]:
    """Those of `existing` that may be the same as `new`, likeliest first. A report is no candidate of itself."""
    columns = _Columns([new, *existing])
    other = np.array([n for n, each in enumerate(existing, start=1) if each.id != new.id], dtype=np.int64)
    pairs = _compared(columns, np.zeros(len(other), dtype=np.int64), other, thresholds)
    return sorted((pair.other for pair in pairs), key=lambda found: (-found.score, found.id))[:most]


def pairs_within(
    new: Sequence[Sighting], existing: Sequence[Sighting] = (), thresholds: Thresholds = DEFAULT
) -> list[Pair]:
    """Every pair of reports that may be the same, of which at least one is new, likeliest first.

    Only reports of one kind's family, near in place and time, are compared: the work grows with the neighbours.
    """
    columns = _Columns([*new, *existing])
    left, right = _neighbours(columns, thresholds)
    ids = np.array([row.id for row in columns.rows])
    fresh = (left < len(new)) & (ids[left] != ids[right])
    return sorted(
        _compared(columns, left[fresh], right[fresh], thresholds),
        key=lambda pair: (-pair.other.score, pair.id, pair.other.id),
    )


class _Columns:
    """Reports as arrays."""

    def __init__(self, rows: Sequence[Sighting]) -> None:
        self.rows = rows
        self.hours = np.array([row.at.timestamp() / 3600 for row in rows])
        self.lon = np.radians(np.array([row.lon for row in rows], dtype=float))
        self.lat = np.radians(np.array([row.lat for row in rows], dtype=float))
        self.pointed = ~(np.isnan(self.lon) | np.isnan(self.lat))
        self.place = _numbered([row.place for row in rows])
        self.family = _numbered([row.kind.partition(".")[0] for row in rows])
        kinds = _numbered([row.kind for row in rows] + [row.kind.rpartition(".")[0] for row in rows])
        self.kind, self.parent = kinds[: len(rows)], kinds[len(rows) :]

    def same_kind(self, left: Indices, right: Indices) -> Flags:
        same: Flags = (self.kind[left] == self.kind[right]) & (self.kind[left] >= 0)
        return same

    def kindred(self, left: Indices, right: Indices) -> Flags:
        """Whether the kinds are one, or one is the other's parent, or they share a parent, or one is unknown."""
        kind, parent = self.kind, self.parent
        known_parent = (parent[left] >= 0) & (parent[left] == parent[right])
        unknown = (kind[left] < 0) | (kind[right] < 0)
        one_above = (parent[left] == kind[right]) | (kind[left] == parent[right])
        kin: Flags = self.same_kind(left, right) | one_above | known_parent | unknown
        return kin

    def metres(self, left: Indices, right: Indices) -> NDArray[np.float64]:
        return metres_between(self.lon, self.lat, left, right)


def metres_between(
    lon: NDArray[np.float64], lat: NDArray[np.float64], left: Indices, right: Indices
) -> NDArray[np.float64]:
    """Great-circle distances of pairs of points in radians, by the haversine formula; NaN where one has no point."""
    up = np.sin((lat[right] - lat[left]) / 2) ** 2
    across = np.sin((lon[right] - lon[left]) / 2) ** 2
    root = np.sqrt(up + np.cos(lat[left]) * np.cos(lat[right]) * across)
    return np.asarray(2 * EARTH * np.arcsin(np.minimum(root, 1.0)))


def _numbered(values: Sequence[str]) -> Indices:
    """A number for each value, the same for the same; -1 for an empty one."""
    numbers: dict[str, int] = {"": -1}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _compared(columns: _Columns, left: Indices, right: Indices, thresholds: Thresholds) -> list[Pair]:
    """The pairs that pass every threshold. Texts are looked at last, and only where all else agrees."""
    metres = columns.metres(left, right)
    hours = np.abs(columns.hours[left] - columns.hours[right])
    pointless = np.isnan(metres)
    same_place = (columns.place[left] == columns.place[right]) & (columns.place[left] >= 0)
    near = np.where(pointless, same_place, metres <= thresholds.metres)
    keep = np.flatnonzero(near & (hours <= thresholds.hours) & columns.kindred(left, right))
    left, right, metres, hours, pointless = (
        left[keep],
        right[keep],
        metres[keep],
        hours[keep],
        pointless[keep],
    )

    likeness = _alike(columns.rows, left, right)
    same_kind = columns.same_kind(left, right)
    closeness = np.where(pointless, 0.5, 1 - metres / max(thresholds.metres, 1e-9))
    recency = 1 - hours / max(thresholds.hours, 1e-9)
    score = np.where(same_kind, 1.0, 0.8) * (0.5 * likeness + 0.3 * closeness + 0.2 * recency)
    return [
        Pair(
            columns.rows[left[i]].id,
            Candidate(
                columns.rows[right[i]].id,
                float(score[i]),
                None if pointless[i] else float(metres[i]),
                float(hours[i]),
                float(likeness[i]),
                Likeness(same_kind=bool(same_kind[i]), same_place=bool(pointless[i])),
            ),
        )
        for i in np.flatnonzero(likeness >= thresholds.likeness)
    ]


_BITS = 20
_BATCH = 20_000


def _alike(rows: Sequence[Sighting], left: Indices, right: Indices) -> NDArray[np.float64]:
    """The cosine of each pair's texts, by their characters and pairs of characters; 0 where one is empty."""
    used, at = np.unique(np.concatenate([left, right]), return_inverse=True)
    texts = [plain(rows[i].text) for i in used]
    found, column, _, _ = grams(texts, sizes=range(1, 3), bits=_BITS)
    matrix = unit_rows(counted(found, column, shape=(len(texts), 1 << _BITS)))
    first, second = at[: len(left)], at[len(left) :]
    likeness = np.zeros(len(left))
    for start in range(0, len(left), _BATCH):
        part = slice(start, start + _BATCH)
        likeness[part] = np.asarray(matrix[first[part]].multiply(matrix[second[part]]).sum(axis=1)).ravel()
    return np.clip(likeness, 0.0, 1.0)


def _neighbours(columns: _Columns, thresholds: Thresholds) -> tuple[Indices, Indices]:
    """Pairs of one family of kinds within the thresholds of place and time, and some just beyond; smaller first.

    Time is one more dimension beside the three of space, drawn so that the limit in hours is as long as that in
    metres; where there is no point, the place code is the only dimension of space.
    """
    reach = max(thresholds.metres, 1e-3)
    when = columns.hours * (reach / max(thresholds.hours, 1e-3))
    lon, lat = columns.lon, columns.lat
    globe = EARTH * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    by_point = np.column_stack([globe, when])
    by_place = np.column_stack([columns.place * (10 * reach), when])
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for number, family in enumerate(np.unique(columns.family[columns.family >= 0]).tolist() or [-1]):
        members = (columns.family == family) | (columns.family < 0)
        for space, here in ((by_point, columns.pointed), (by_place, columns.place >= 0)):
            rows = np.flatnonzero(members & here)
            if len(rows) < 2:
                continue
            found = rows[
                cKDTree(space[rows]).query_pairs(reach * (1 + 1e-9), p=np.inf, output_type="ndarray")
            ]
            both_unknown = (columns.family[found] < 0).all(axis=1)  # met in every family, taken in the first
            both_pointed = columns.pointed[found].all(axis=1) & (space is by_place)
            pairs.append(found[~both_pointed & ~(both_unknown & (number > 0))])
    every = np.concatenate(pairs)
    return every.min(axis=1), every.max(axis=1)
