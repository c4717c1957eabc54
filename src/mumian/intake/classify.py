"""From the words of a report to a kind of the catalogue: by keywords at first, by the city's own history later."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
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

    SURE = 0.6
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
        for word in hits:
            for code in word.codes:
                scores[code] = scores.get(code, 0.0) + word.weight
        whole = sum(scores.values()) + self.DOUBT
        ranked = sorted(scores, key=lambda code: (-scores[code], code))[:top]
        suggestions = tuple(
            Suggestion(
                code,
                scores[code] / whole,
                Reason(Ground.KEYWORDS, words=tuple(word.text for word in hits if code in word.codes)),
            )
            for code in ranked
        )
        return Advice(suggestions, sure=suggestions[0].share >= self.SURE)

    def suggest_many(self, texts: Iterable[str], *, top: int = 3) -> list[Advice]:
        return [self.suggest(text, top=top) for text in texts]

    def _hits(self, text: str) -> "list[_Word]":
        """Words found, each once. A word within a longer one found does not count."""
        starts, hits, at = self._starts, [], 0
        while at < len(text):
            words = starts.get(text[at : at + 2], ())
            if text[at] in self._single:
                words = (*words, *starts[text[at]])
            step = 1
            for word in words:
                if word.stands_at(text, at):
                    step = len(word.text)
                    if word not in hits:
                        hits.append(word)
                    break
            at += step
        return hits


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
    """From title and text to a sparse matrix: hashed character n-grams, those of the title once more by themselves."""

    bits: int
    rarity: NDArray[np.float32]
    """The inverse document frequency of each n-gram; 0 for one met in a single text."""

    SIZES = range(1, 4)
    TITLE = 1
    """The salt that sets the title's n-grams apart."""
    WEIGHTS = 8_000_000
    """Weights a model may have: 32 MB."""

    @classmethod
    def learn(cls, facts: Sequence[Facts], *, labels: int) -> "Wording":
        bits = int(np.clip(math.log2(cls.WEIGHTS / labels), 12, 18))
        empty = cls(bits, np.ones(1 << bits, dtype=np.float32))
        met = np.zeros(1 << bits)
        for start in range(0, len(facts), _BATCH):
            rows = empty._counts(facts[start : start + _BATCH])
            for matrix in rows:
                met += np.bincount(matrix.indices, minlength=1 << bits)
        rarity = np.log((1 + len(facts)) / (1 + met)) + 1
        return cls(bits, np.where(met > 1, rarity, 0).astype(np.float32))

    def matrix(self, facts: Sequence[Facts]) -> Any:
        """A row for each of the facts."""
        fields = []
        for counts in self._counts(facts):
            counts.data = (1 + np.log(counts.data)) * self.rarity[counts.indices]
            fields.append(unit_rows(counts))
        return fields[0] + fields[1]

    def _counts(self, facts: Sequence[Facts]) -> list[Any]:
        shape = (len(facts), 1 << self.bits)
        return [
            counted(*grams(texts, sizes=self.SIZES, bits=self.bits, salt=salt)[:2], shape=shape)
            for salt, texts in enumerate(
                ([_whole(each) for each in facts], [plain(each.title) for each in facts])
            )
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
        return replace(
            advice,
            suggestions=tuple(
                replace(each, reason=Reason(Ground.WORDING, words=self.explain(facts, each.code)))
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
        _, hashed, starts, sizes = grams([text], sizes=self.wording.SIZES, bits=self.wording.bits)
        rest = weights[hashed].mean(axis=1)
        weight = self.wording.rarity[hashed] * (weights[hashed, column] - rest)
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
            "bits": self.wording.bits,
            "temperature": self.calibration.temperature,
            "threshold": self.calibration.threshold,
            "measurement": self.measurement.as_dict() if self.measurement else None,
        }
        arrays = {"labels": self.labels, "rarity": self.wording.rarity, **self.committee.arrays()}
        return keeping.write(PURPOSE, about, arrays)

    @classmethod
    def loads(cls, data: bytes) -> "TextModel":
        """The model that `dumps` stored. Raises `ModelError`."""
        about, arrays = keeping.read(data, PURPOSE)
        return cls(
            labels=arrays["labels"],
            wording=Wording(about["bits"], arrays["rarity"]),
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
    matrix = wording.matrix(pasts)
    used = np.unique(matrix.indices)
    committee = learning.train_linear(matrix[:, used], truth, strength=20.0)
    ((compact, biases),) = committee.members[0]
    weights = np.zeros((1 << wording.bits, compact.shape[1]), dtype=np.float32)
    weights[used] = compact
    return TextModel(labels, wording, Committee((((weights, biases),),)))
