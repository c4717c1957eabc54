"""To the unit responsible: by the responsibility table, and where it is silent by what was done before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mumian.errors import MumianError
from mumian.intake import keeping, learning
from mumian.intake.keeping import Arrays
from mumian.intake.learning import (
    Advice,
    Calibration,
    Committee,
    Facts,
    Ground,
    Labels,
    Measurement,
    Past,
    Reason,
    Shares,
    Suggestion,
)

PURPOSE = "routing"
WANTED = 0.95
"""Share of right choices asked of a routing model that chooses by itself."""
MOST = 100_000
"""Matters a routing model learns from: the latest."""


class TableError(MumianError):
    """A responsibility table that contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """This unit answers for these kinds at these places."""

    kind: str
    """A kind and all below it; empty for every kind."""
    place: str
    """A place and all within it; empty for everywhere."""
    unit: str
    basis: str = ""


class ResponsibilityTable:
    """Who is responsible: the line with the smallest place wins, and among those the one with the narrowest kind."""

    def __init__(self, rows: Iterable[Responsibility]) -> None:
        self._rows: dict[tuple[str, str], Responsibility] = {}
        for row in rows:
            if self._rows.setdefault((row.place, row.kind), row).unit != row.unit:
                raise TableError(
                    f"responsibility for {row.kind or 'every kind'} at {row.place or 'every place'}",
                    reason=f"both {self._rows[row.place, row.kind].unit} and {row.unit} are named",
                    cure="Leave one line for each kind and place",
                )
        self._lengths = sorted({len(place) for place, _ in self._rows}, reverse=True)

    def find(self, kind: str, place: str) -> Suggestion | None:
        """The unit responsible for a kind at a place, and the line that says so; nothing where none does."""
        kinds = [*reversed(_prefixes(kind)), ""]
        for length in self._lengths:
            if length <= len(place):
                for above in kinds:
                    if row := self._rows.get((place[:length], above)):
                        return Suggestion(row.unit, 1.0, Reason(Ground.TABLE, basis=row.basis))
        return None


@lru_cache(maxsize=4096)
def _prefixes(kind: str) -> Sequence[str]:
    """A kind's code and those above it, from the top: `05.02` → `05`, `05.02`."""
    parts = kind.split(".") if kind else []
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


@dataclass(frozen=True, slots=True)
class Traits:
    """From features to numbers: each kind and place at its levels, the others as they are, and how recent the day is."""

    values: Mapping[str, Mapping[str, int]]
    """Name of a trait, then its values, numbered."""
    last: date | None
    """The last day of the history learned from."""

    WEEKS = 104

    @classmethod
    def learn(cls, facts: Sequence[Facts]) -> "Traits":
        met: dict[str, dict[str, int]] = {}
        for each in facts:
            for name, value in _spread(each.features).items():
                numbered = met.setdefault(name, {})
                numbered.setdefault(value, len(numbered))
        return cls(met, max((each.on for each in facts if each.on), default=None))

    def codes(self, facts: Sequence[Facts]) -> dict[str, NDArray[np.int64]]:
        """The number of each fact's value, trait by trait; -1 where it has none or one never met."""
        spread = [_spread(each.features) for each in facts]
        codes = {
            name: np.array([known.get(each.get(name, ""), -1) for each in spread], dtype=np.int64)
            for name, known in self.values.items()
        }
        days = [(self.last - each.on).days if self.last and each.on else None for each in facts]
        # Weeks are counted back from the last day, so that the newest is whole and what comes after belongs to it.
        codes["week"] = np.array(
            [-1 if ago is None else min(max(ago, 0) // 7, self.WEEKS - 1) for ago in days], dtype=np.int64
        )
        codes["on"] = np.array([each.on.toordinal() if each.on else -1 for each in facts], dtype=np.int64)
        return codes

    def matrix(self, codes: Mapping[str, NDArray[np.int64]]) -> Any:
        """A column for each value of each trait, 1 where a fact has it."""
        rows, columns, offset = [], [], 0
        for name, known in [*self.values.items(), ("week", range(self.WEEKS))]:
            has = np.flatnonzero(codes[name] >= 0)
            rows.append(has)
            columns.append(codes[name][has] + offset)
            offset += len(known)
        ones = np.ones(sum(map(len, rows)), dtype=np.float32)
        at = (np.concatenate(rows).astype(np.int32), np.concatenate(columns).astype(np.int32))
        return sparse.coo_matrix((ones, at), shape=(len(codes["week"]), offset)).tocsr()


def _spread(features: Mapping[str, str]) -> dict[str, str]:
    """The features, with the levels above of kind and place; places no finer than communities."""
    levels = _levels(features.get("kind", ""), features.get("place", ""))
    return {**{name: value for name, value in features.items() if value}, **levels}


@lru_cache(maxsize=20_000)
def _levels(kind: str, place: str) -> Mapping[str, str]:
    levels = {f"kind.{n}": above for n, above in enumerate(_prefixes(kind)[:-1], start=1)}
    if kind:
        levels.setdefault("kind.1", kind)
    if place:
        levels["place"] = place[:12]
    return levels | {f"place.{length}": place[:length] for length in (6, 9) if len(place) >= length}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many past matters with the same traits went to which unit."""

    shared: tuple[str, ...]
    """The traits' names."""
    sizes: tuple[int, ...]
    """How many values each trait can take: what makes one key of several codes."""
    keys: NDArray[np.int64]
    counts: Any
    """Sparse: a row for each key and an empty last one, a column for each unit."""

    @classmethod
    def of(
        cls,
        shared: tuple[str, ...],
        sizes: tuple[int, ...],
        codes: Mapping[str, NDArray[np.int64]],
        right: NDArray[np.int64],
        units: int,
    ) -> "Tally":
        cell = _cells(shared, sizes, codes)
        known = cell >= 0
        keys, row = np.unique(cell[known], return_inverse=True)
        ones = np.ones(len(row), dtype=np.float32)
        counts = sparse.coo_matrix((ones, (row, right[known])), shape=(len(keys) + 1, units)).tocsr()
        return cls(shared, sizes, keys, counts)

    def rows(self, codes: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
        """Where in `counts` each fact's past is found; the empty row where there is none."""
        cell = _cells(self.shared, self.sizes, codes)
        none = len(self.keys)
        if not none:
            return np.zeros(len(cell), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, cell), none - 1)
        return np.where(self.keys[at] == cell, at, none)


def _cells(
    shared: tuple[str, ...], sizes: tuple[int, ...], codes: Mapping[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """One number for each combination of codes; -1 where one is missing."""
    total: NDArray[np.int64] = np.zeros(len(codes["on"]), dtype=np.int64)
    missing = np.zeros(len(total), dtype=bool)
    for name, size in zip(shared, sizes, strict=True):
        code = codes.get(name, np.full(len(total), -1))
        missing |= (code < 0) | (code >= size)
        total = total * size + code
    return np.where(missing, -1, total)


_SAME_DAY = ("channel", "kind", "place", "on")
_TALLIES = (("kind", "place"), ("kind", "place.9"), ("kind",), ("kind.1", "place"), ("kind.1",))
"""What a reason may count, the most telling first."""
_ENOUGH = 5
"""Matters that make a count worth telling."""
_SAME_DAY_WEIGHT = 0.75
"""What a like report of the same day weighs against the model as a whole; likelihood on held-out events of a
district was greatest at 0.73 to 0.81, and near 0 for the days before."""
_DAYS = date.max.toordinal()
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class RoutingModel:
    """Suggests the unit, as learned from where matters went before."""

    labels: Labels
    """The units."""
    traits: Traits
    committee: Committee
    same_day: Tally
    tallies: tuple[Tally, ...]
    calibration: Calibration = field(default_factory=Calibration)
    measurement: Measurement | None = None

    def suggest(self, facts: Facts, *, top: int = 3) -> Advice:
        """The likeliest units, each with its reason."""
        return self.suggest_many([facts], top=top)[0]

    def suggest_many(self, facts: Sequence[Facts], *, top: int = 3) -> list[Advice]:
        """The likeliest units of each, with reasons."""
        found: list[Advice] = []
        for start in range(0, len(facts), _BATCH):
            codes = self.traits.codes(facts[start : start + _BATCH])
            shares = self.calibration.apply(self._shares(codes))
            ranked = learning.best(shares, top)
            found += self._advice(shares, ranked, self._reasons(codes, ranked))
        return found

    def raw_shares(self, facts: Sequence[Facts]) -> Shares:
        """Shares before they are calibrated."""
        parts = [
            self._shares(self.traits.codes(facts[start : start + _BATCH]))
            for start in range(0, len(facts), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)))

    def _shares(self, codes: Mapping[str, NDArray[np.int64]]) -> Shares:
        shares = self.committee.shares(self.traits.matrix(codes))
        shares += _SAME_DAY_WEIGHT * self.same_day.counts[self.same_day.rows(codes)].toarray()
        blended: Shares = shares / shares.sum(axis=1, keepdims=True)
        return blended

    def _advice(self, shares: Shares, ranked: NDArray[np.int64], reasons: list[list[Reason]]) -> list[Advice]:
        values = np.take_along_axis(shares, ranked, 1).tolist()
        return [
            Advice(tuple(map(Suggestion, units, row, because)), sure=row[0] >= self.calibration.threshold)
            for units, row, because in zip(self.labels[ranked].tolist(), values, reasons, strict=True)
        ]

    def _reasons(
        self, codes: Mapping[str, NDArray[np.int64]], ranked: NDArray[np.int64]
    ) -> list[list[Reason]]:
        """For each suggestion the count of the first tally with enough matters, of which one at least went there."""
        count = np.zeros(ranked.shape, dtype=np.int64)
        total, which = np.zeros_like(count), np.full(ranked.shape, -1)
        for number, (tally, least) in enumerate(
            [(self.same_day, 1), *((tally, _ENOUGH) for tally in self.tallies)]
        ):
            rows = tally.rows(codes)
            counts = tally.counts[rows]
            whole = np.asarray(counts.sum(axis=1)).astype(np.int64).reshape(-1, 1)
            here = np.stack(
                [np.asarray(tally.counts[rows, column]).ravel() for column in ranked.T], axis=1
            ).astype(np.int64)
            new = (which < 0) & (whole >= least) & (here > 0)
            count, total = np.where(new, here, count), np.where(new, whole, total)
            which = np.where(new, number, which)
        names = [self.same_day.shared, *(tally.shared for tally in self.tallies), ()]
        reason = lru_cache(maxsize=None)(  # a batch says few things, but often
            lambda w, c, t: Reason(Ground.HISTORY, shared=names[w], hits=c, total=t)
        )
        return [[reason(*each) for each in row] for row in np.stack([which, count, total], axis=2).tolist()]

    def dumps(self) -> bytes:
        """The model and its measurement as a skops archive."""
        about = {
            "values": {name: list(known) for name, known in self.traits.values.items()},
            "last": self.traits.last.isoformat() if self.traits.last else None,
            "tallies": [[tally.shared, tally.sizes] for tally in (self.same_day, *self.tallies)],
            "temperature": self.calibration.temperature,
            "threshold": self.calibration.threshold,
            "measurement": self.measurement.as_dict() if self.measurement else None,
        }
        arrays: Arrays = {"labels": self.labels, **self.committee.arrays()}
        for number, tally in enumerate((self.same_day, *self.tallies)):
            arrays |= {
                f"tally.{number}.keys": tally.keys,
                f"tally.{number}.data": tally.counts.data,
                f"tally.{number}.indices": tally.counts.indices,
                f"tally.{number}.indptr": tally.counts.indptr,
            }
        return keeping.write(PURPOSE, about, arrays)

    @classmethod
    def loads(cls, data: bytes) -> "RoutingModel":
        """The model that `dumps` stored. Raises `ModelError`."""
        about, arrays = keeping.read(data, PURPOSE)
        units = len(arrays["labels"])
        tallies = [
            Tally(tuple(shared), tuple(sizes), arrays[f"tally.{n}.keys"], _counts(arrays, n, units))
            for n, (shared, sizes) in enumerate(about["tallies"])
        ]
        return cls(
            labels=arrays["labels"],
            traits=Traits(
                {
                    name: {value: n for n, value in enumerate(known)}
                    for name, known in about["values"].items()
                },
                date.fromisoformat(about["last"]) if about["last"] else None,
            ),
            committee=Committee.of(arrays),
            same_day=tallies[0],
            tallies=tuple(tallies[1:]),
            calibration=Calibration(about["temperature"], about["threshold"]),
            measurement=Measurement.of(about["measurement"]) if about["measurement"] else None,
        )


def learn_routing(
    history: Iterable[Past], *, wanted: float = WANTED, seed: int = 0, now: datetime | None = None
) -> tuple[RoutingModel, Measurement]:
    """A model of units by features, and how well it does. Raises `LearningError` where history is too short."""
    pasts = learning.latest(history, MOST)
    model, calibration, measurement = learning.learn(pasts, _fit, wanted=wanted, seed=seed, now=now)
    return replace(model, calibration=calibration, measurement=measurement), measurement


def _fit(pasts: Sequence[Past]) -> RoutingModel:
    truth = np.array([past.label for past in pasts])
    labels, right = np.unique(truth, return_inverse=True)
    traits = Traits.learn(pasts)
    codes = traits.codes(pasts)
    sizes = {name: len(known) for name, known in traits.values.items()} | {"on": _DAYS}
    tallies = [
        Tally.of(shared, tuple(sizes.get(name, 0) for name in shared), codes, right, len(labels))
        for shared in (_SAME_DAY, *_TALLIES)
    ]
    committee = learning.train_networks(traits.matrix(codes), truth, members=10, hidden=96, seed=0)
    return RoutingModel(labels, traits, committee, tallies[0], tuple(tallies[1:]))


def _counts(arrays: Arrays, number: int, units: int) -> Any:
    data, indices, indptr = (arrays[f"tally.{number}.{part}"] for part in ("data", "indices", "indptr"))
    return sparse.csr_matrix((data, indices, indptr), shape=(len(indptr) - 1, units))
