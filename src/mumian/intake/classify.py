"""From the words of a report to a kind of the catalogue: by keywords at first, by the city's own history later."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mumian.intake import keeping, learning
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
from mumian.intake.ngrams import counted, grams, plain, unit_rows

PURPOSE = "text"
WANTED = 0.9
"""Share of right choices asked of a text model that chooses by itself."""
MOST = 20_000
"""Matters a text model learns from: the latest. More take long and teach little."""


@dataclass(frozen=True, slots=True)
class CatalogueKind:
    """A kind of matter as the catalogue describes it."""

    code: str
    title: Mapping[str, str]
    """By language."""
    keywords: Sequence[str] = ()


class KeywordClassifier:
    """Finds the kinds whose keywords or titles a text names. Longer words and words of fewer kinds count more."""

    SURE = 0.55
    """The share from which on the first kind may be taken."""
    DOUBT = 1.0
    """What speaks for none of the kinds, in characters of a word that only one kind has."""

    def __init__(self, kinds: Iterable[CatalogueKind]) -> None:
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for kind in kinds:
            for word in (*kind.title.values(), *kind.keywords):
                if plain(word):
                    owners[plain(word)].add(kind.code)
        self._starts: dict[str, list[_Word]] = {}
        """Words by their first two characters, the longest first: few texts meet more than a handful."""
        for word in sorted(owners, key=len, reverse=True):
            self._starts.setdefault(word[:2], []).append(_Word.of(word, owners[word]))
        self._single = frozenset(word for word in owners if len(word) == 1)

    def suggest(self, text: str, *, top: int = 3) -> Advice:
        """The likeliest kinds of a text; none where no keyword occurs."""
        hits = self._hits(plain(text))
        if not hits:
            return Advice((), sure=False)
        scores: dict[str, float] = {}
        named: dict[str, list[str]] = {}
        for word in hits:
            for code in word.codes:
                scores[code] = scores.get(code, 0.0) + word.weight
                named.setdefault(code, []).append(word.text)
        whole = sum(scores.values()) + self.DOUBT
        ranked = sorted((-score, code) for code, score in scores.items())[:top]
        suggestions = tuple(
            [
                Suggestion(code, -score / whole, Reason(Ground.KEYWORDS, tuple(named[code])))
                for score, code in ranked
            ]
        )
        return Advice(suggestions, sure=suggestions[0].share >= self.SURE)

    def suggest_many(self, texts: Iterable[str], *, top: int = 3) -> list[Advice]:
        return [self.suggest(text, top=top) for text in texts]

    def _hits(self, text: str) -> "list[_Word]":
        """Words found, each once. A word within a longer one found does not count."""
        starts, single, end = self._starts, self._single, 0
        hits: dict[str, _Word] = {}
        for at, pair in enumerate(map(add, text, text[1:] + " ")):
            if at < end or (pair not in starts and pair[0] not in single):
                continue
            for word in (*starts.get(pair, ()), *starts.get(pair[0], ())):
                if word.stands_at(text, at):
                    end = at + len(word.text)
                    hits[word.text] = word
                    break
        return list(hits.values())


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    codes: frozenset[str]
    weight: float
    bounded: bool
    """Whether it must stand as a word of its own, as in scripts that write spaces."""

    @classmethod
    def of(cls, text: str, codes: set[str]) -> "_Word":
        spaced = text.isascii()
        length = len(text) / 2.5 if spaced else len(text)  # a letter says less than a character
        return cls(text, frozenset(codes), length / math.sqrt(len(codes)), spaced)

    def stands_at(self, text: str, at: int) -> bool:
        if not text.startswith(self.text, at):
            return False
        if not self.bounded:
            return True
        before, rest = text[at - 1 : at], text[at + len(self.text) :]
        rest = rest.removeprefix("s")  # a plural
        return not (_letter(before) or _letter(rest[:1]))


def _letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


@dataclass(frozen=True, slots=True)
class Wording:
    """From title and text to a sparse matrix of character n-grams, those of the title once more by themselves."""

    keys: NDArray[np.int64]
    """Hashes of the n-grams known, ascending: those met in more than one text."""
    rarity: NDArray[np.float32]
    """The inverse document frequency of each."""

    SIZES = range(1, 4)
    BITS = 40
    """So many that n-grams do not meet by chance: a rare one must not pass for a frequent one."""
    WEIGHTS = 8_000_000
    """Weights a model may have: 32 MB."""

    @classmethod
    def learn(cls, facts: Sequence[Facts], *, labels: int) -> "Wording":
        """The n-grams of these texts; where they are too many, the most frequent."""
        keys, met = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for start in range(0, len(facts), _BATCH):
            batch = facts[start : start + _BATCH]
            # A column of its own for each text, so that an n-gram counts once in each.
            once = [np.unique(np.stack(each), axis=1)[1] for each in cls._grams(batch)]
            found = np.concatenate([keys, *once])
            keys, at = np.unique(found, return_inverse=True)
            met = np.bincount(at, weights=np.concatenate([met, np.ones(len(found) - len(met))]))
        often = np.flatnonzero(met > 1)
        most = cls.WEIGHTS // labels
        often = np.sort(often[np.argsort(-met[often], kind="stable")[:most]])
        rarity = np.log((1 + len(facts)) / (1 + met[often])) + 1
        return cls(keys[often], rarity.astype(np.float32))

    def matrix(self, facts: Sequence[Facts]) -> Any:
        """A row for each of the facts, a column for each n-gram known."""
        fields = []
        for rows, keys in self._grams(facts):
            column = self.columns(keys)
            known = np.flatnonzero(column >= 0)
            counts = counted(rows[known], column[known], shape=(len(facts), len(self.keys)))
            counts.data = (1 + np.log(counts.data)) * self.rarity[counts.indices]
            fields.append(unit_rows(counts))
        return fields[0] + fields[1]

    def columns(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each n-gram is found; -1 for one that is not known."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    @classmethod
    def _grams(cls, facts: Sequence[Facts]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Text number and hash of every n-gram, of the whole and, salted, of the titles."""
        fields = ([_whole(each) for each in facts], [plain(each.title) for each in facts])
        return [
            grams(texts, sizes=cls.SIZES, bits=cls.BITS, salt=salt)[:2] for salt, texts in enumerate(fields)
        ]


_BATCH = 1000
"""Texts whose n-grams are held at once."""


def _whole(facts: Facts) -> str:
    return plain(f"{facts.title}\n{facts.text}")


@dataclass(frozen=True, slots=True)
class TextModel:
    """Suggests a kind from the wording, as learned from matters whose kind is known."""

    labels: Labels
    wording: Wording
    committee: Committee
    calibration: Calibration = field(default_factory=Calibration)
    measurement: Measurement | None = None

    def suggest(self, facts: Facts, *, top: int = 3) -> Advice:
        """The likeliest kinds, each with the n-grams that weighed most for it."""
        advice = self.suggest_many([facts], top=top)[0]
        return advice._replace(
            suggestions=tuple(
                each._replace(reason=Reason(Ground.WORDING, words=self.explain(facts, each.code)))
                for each in advice.suggestions
            ),
        )

    def suggest_many(self, facts: Sequence[Facts], *, top: int = 3) -> list[Advice]:
        """The likeliest kinds of each, without reasons: `explain` gives them for those that are looked at."""
        found: list[Advice] = []
        for start in range(0, len(facts), _BATCH):
            shares = self.calibration.apply(self.raw_shares(facts[start : start + _BATCH]))
            ranked = learning.best(shares, top)
            values = np.take_along_axis(shares, ranked, 1).tolist()
            for codes, row in zip(self.labels[ranked].tolist(), values, strict=True):
                found.append(
                    Advice(
                        tuple(Suggestion(code, share, None) for code, share in zip(codes, row, strict=True)),
                        sure=row[0] >= self.calibration.threshold,
                    )
                )
        return found

    def explain(self, facts: Facts, code: str, *, most: int = 4) -> tuple[str, ...]:
        """The n-grams of the text that spoke most for this kind rather than the others, none within another."""
        column = int(np.searchsorted(self.labels, code))
        ((weights, _),) = self.committee.members[0]
        text = _whole(facts)
        _, keys, starts, sizes = grams([text], sizes=self.wording.SIZES, bits=self.wording.BITS)
        at = self.wording.columns(keys)
        known = np.flatnonzero(at >= 0)
        at, starts, sizes = at[known], starts[known], sizes[known]
        weight = self.wording.rarity[at] * (weights[at, column] - weights[at].mean(axis=1))
        found: list[str] = []
        for i in np.argsort(-weight, kind="stable"):
            gram = text[starts[i] : starts[i] + sizes[i]].strip()
            if len(found) == most or weight[i] <= 0:
                break
            if len(gram) > 1 and not any(gram in other or other in gram for other in found):
                found.append(gram)
        return tuple(found)

    def raw_shares(self, facts: Sequence[Facts]) -> Shares:
        """Shares before they are calibrated."""
        parts = [
            self.committee.shares(self.wording.matrix(facts[start : start + _BATCH]))
            for start in range(0, len(facts), _BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)))

    def dumps(self) -> bytes:
        """The model and its measurement as a skops archive."""
        about = {
            "temperature": self.calibration.temperature,
            "threshold": self.calibration.threshold,
            "measurement": self.measurement.as_dict() if self.measurement else None,
        }
        arrays = {
            "labels": self.labels,
            "keys": self.wording.keys,
            "rarity": self.wording.rarity,
            **self.committee.arrays(),
        }
        return keeping.write(PURPOSE, about, arrays)

    @classmethod
    def loads(cls, data: bytes) -> "TextModel":
        """The model that `dumps` stored. Raises `ModelError`."""
        about, arrays = keeping.read(data, PURPOSE)
        return cls(
            labels=arrays["labels"],
            wording=Wording(arrays["keys"], arrays["rarity"]),
            committee=Committee.of(arrays),
            calibration=Calibration(about["temperature"], about["threshold"]),
            measurement=Measurement.of(about["measurement"]) if about["measurement"] else None,
        )


def learn_text(
    history: Iterable[Past], *, wanted: float = WANTED, seed: int = 0, now: datetime | None = None
) -> tuple[TextModel, Measurement]:
    """A model of kinds by wording, and how well it does. Raises `LearningError` where history is too short."""
    pasts = learning.latest(history, MOST)
    model, calibration, measurement = learning.learn(pasts, _fit, wanted=wanted, seed=seed, now=now)
    return replace(model, calibration=calibration, measurement=measurement), measurement


def _fit(pasts: Sequence[Past]) -> TextModel:
    truth = np.array([past.label for past in pasts])
    labels = np.unique(truth)
    wording = Wording.learn(pasts, labels=len(labels))
    committee = learning.train_linear(wording.matrix(pasts), truth, strength=20.0)
    return TextModel(labels, wording, committee)
