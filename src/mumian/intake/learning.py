"""Learning to choose from a city's own history: what is learned, how sure it may be, and when to be silent.

Text and routing are learned alike: facts become a sparse matrix, a committee of small networks gives each label
a share, the shares are calibrated on held-out history, and below a threshold nothing is chosen.
"""

import hashlib
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mumian.errors import MumianError
from mumian.intake.keeping import Arrays

Shares = NDArray[np.float64]
"""A row for each matter, a column for each label; each row sums to 1."""
Labels = NDArray[np.str_]
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Weights and biases."""

FOLDS = 5
SMALL = 2000
"""Up to so many matters every fold is measured; beyond, one fold says enough."""


class LearningError(MumianError):
    """A history from which nothing can be learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a matter when it is to be classified or routed."""

    features: Mapping[str, str] = field(default_factory=dict)
    """Such as channel, kind (code, levels parted by dots), place (code), nature."""
    title: str = ""
    text: str = ""
    on: date | None = None
    """The day it was reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past(Facts):
    """A matter of the past, with the label it rightly got: its kind, or the unit that handled it."""

    label: str


class Ground(StrEnum):
    """What a suggestion rests on."""

    KEYWORDS = "keywords"
    WORDING = "wording"
    TABLE = "table"
    HISTORY = "history"


class Reason(NamedTuple):
    """Why something is suggested, as data; `said` puts it into words."""

    ground: Ground
    words: tuple[str, ...] = ()
    """Keywords found, or the n-grams that weighed most."""
    shared: tuple[str, ...] = ()
    """What the past matters counted had in common with this one."""
    hits: int = 0
    """How many of them got this label …"""
    total: int = 0
    """… of how many."""
    basis: str = ""
    """The document behind a line of the responsibility table."""

    @property
    def said(self) -> dict[str, str]:
        """The reason in each language."""
        quoted_zh, quoted_en = "".join(f"“{word}”" for word in self.words), ", ".join(self.words)
        match self.ground:
            case Ground.KEYWORDS:
                return {"zh": f"含关键词{quoted_zh}", "en": f"It names {quoted_en}"}
            case Ground.WORDING:
                return {
                    "zh": f"措辞近似以往事项：{quoted_zh}",
                    "en": f"Worded like past matters: {quoted_en}",
                }
            case Ground.TABLE:
                by = f"（{self.basis}）" if self.basis else ""
                return {
                    "zh": f"依职责表{by}",
                    "en": "By the responsibility table" + (f" ({self.basis})" if self.basis else ""),
                }
            case Ground.HISTORY if not self.total:
                return {"zh": "由相近的以往事项推得", "en": "Inferred from past matters that are alike"}
            case Ground.HISTORY:
                zh = "、".join(_SHARED[name][0] for name in self.shared)
                en = ", ".join(_SHARED[name][1] for name in self.shared)
                return {
                    "zh": f"以往{zh}的事项 {self.total} 件中，{self.hits} 件由其办理",
                    "en": f"Of {self.total} past matters of {en}, {self.hits} went there",
                }


_SHARED = {
    "on": ("同日", "the same day"),
    "channel": ("同渠道", "the same channel"),
    "kind": ("同类", "the same kind"),
    "kind.1": ("同大类", "the same major kind"),
    "place": ("同社区", "the same community"),
    "place.9": ("同镇街", "the same town"),
}


class Suggestion(NamedTuple):
    """A label, its share of certainty (0 to 1), and why. A tuple, because many are made at once."""

    code: str
    share: float
    reason: Reason | None


class Advice(NamedTuple):
    """Suggestions, likeliest first, and whether the first may be taken without asking a person."""

    suggestions: tuple[Suggestion, ...]
    sure: bool

    @property
    def choice(self) -> str | None:
        """The label to take; nothing where a person should decide."""
        return self.suggestions[0].code if self.sure else None


@dataclass(frozen=True, slots=True)
class Committee:
    """Networks of one or two layers, whose answers are averaged. A network of one layer is linear."""

    members: tuple[tuple[Layer, ...], ...]

    def shares(self, matrix: Any) -> Shares:
        """The mean of the members' shares, for the rows of a sparse matrix."""
        total = sum((_shares_of(member, matrix) for member in self.members), np.float32(0))
        return np.asarray(total, dtype=np.float64) / len(self.members)

    def arrays(self) -> Arrays:
        return {
            f"layer.{m}.{n}.{name}": values
            for m, member in enumerate(self.members)
            for n, layer in enumerate(member)
            for name, values in zip(("weights", "biases"), layer, strict=True)
        }

    @classmethod
    def of(cls, arrays: Arrays) -> "Committee":
        """The committee whose `arrays` these are."""
        found: dict[int, list[Layer]] = {}
        places = sorted(
            {tuple(map(int, name.split(".")[1:3])) for name in arrays if name.startswith("layer.")}
        )
        for m, n in places:
            found.setdefault(m, []).append(
                (arrays[f"layer.{m}.{n}.weights"], arrays[f"layer.{m}.{n}.biases"])
            )
        return cls(tuple(map(tuple, found.values())))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What makes shares mean what they say, and from which share on a choice is made."""

    temperature: float = 1.0
    threshold: float = 1.0

    def apply(self, shares: Shares) -> Shares:
        """Shares of which, over many matters, so many per cent turn out right."""
        powered: Shares = np.maximum(shares, 1e-9) ** (1 / self.temperature)
        normal: Shares = powered / powered.sum(axis=1, keepdims=True)
        return normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """How well a model does on history it was not shown. Rates are from 0 to 1."""

    rows: int
    held_out: int
    labels: int
    accuracy: float
    within_three: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    """The mean gap between share and success over ten equal groups."""
    wanted: float
    """The precision that was asked for."""
    precision: float
    """Right choices among those made; the threshold for each half of the matters was found on the other."""
    coverage: float
    """Choices made among all matters, likewise."""
    curve: tuple[tuple[float, float], ...]
    """(coverage, precision) of the surest 5 %, 10 %, … 100 %."""
    learned_at: str
    fingerprint: str
    """SHA-256 of the history."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> "Measurement":
        return cls(**{**about, "curve": tuple((c, p) for c, p in about["curve"])})


class Fitted(Protocol):
    """A model before it is calibrated."""

    @property
    def labels(self) -> Labels: ...

    def raw_shares(self, facts: Sequence[Facts]) -> Shares: ...


Model = TypeVar("Model", bound=Fitted)


def latest(history: Iterable[Past], most: int) -> list[Past]:
    """The last `most` matters that have a label. Raises `LearningError` if they do not tell labels apart."""
    pasts = list(deque((past for past in history if past.label), maxlen=most))
    found = {past.label for past in pasts}
    if len(found) < 2 or len(pasts) < 2 * FOLDS:
        raise LearningError(
            "history",
            reason=f"{len(pasts)} matters with {len(found)} different labels are too few to learn from",
            cure=f"Give at least {2 * FOLDS} matters with two labels or more",
        )
    return pasts


def learn(
    pasts: Sequence[Past],
    fit: Callable[[Sequence[Past]], Model],
    *,
    wanted: float,
    seed: int,
    now: datetime | None = None,
) -> tuple[Model, Calibration, Measurement]:
    """The model fitted on all of history, calibrated and measured on what models fitted on a part had not seen."""
    truth = np.array([past.label for past in pasts])
    labels, right = np.unique(truth, return_inverse=True)
    fold = _folds(right, seed)
    shares: list[Shares] = []
    seen: list[int] = []
    for number in range(FOLDS if len(pasts) <= SMALL else 1):
        out = np.flatnonzero(fold == number).tolist()
        fitted = fit([pasts[i] for i in np.flatnonzero(fold != number).tolist()])
        part = np.zeros((len(out), len(labels)))
        part[:, np.searchsorted(labels, fitted.labels)] = fitted.raw_shares([pasts[i] for i in out])
        shares.append(part)
        seen += out
    raw, answers = np.concatenate(shares), right[seen]
    temperature = _temperature(raw, answers)
    calibrated = Calibration(temperature).apply(raw)
    sure, hit = calibrated.max(axis=1), calibrated.argmax(axis=1) == answers
    measurement = _measure(
        calibrated,
        answers,
        rows=len(pasts),
        wanted=wanted,
        learned_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        fingerprint=_fingerprint(pasts),
    )
    return fit(pasts), Calibration(temperature, _threshold(sure, hit, wanted)), measurement


def train_linear(matrix: Any, labels: Labels, *, strength: float) -> Committee:
    """A logistic regression, rare labels weighing as much as frequent ones. Imports scikit-learn."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300, tol=1e-3)
    if len(np.unique(labels)) == 1:
        return _constant(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before the last digit is meant
        model.fit(matrix, labels)
    return Committee((_layers([model.coef_.T], [model.intercept_]),))


def train_networks(matrix: Any, labels: Labels, *, members: int, hidden: int, seed: int) -> Committee:
    """Networks with one hidden layer, alike but for their random start. Imports scikit-learn."""
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    if len(np.unique(labels)) == 1:
        return _constant(matrix)
    found = []
    for number in range(members):
        model = MLPClassifier(
            (hidden,),
            alpha=1e-3,
            learning_rate_init=4e-3,
            batch_size=int(np.clip(matrix.shape[0] // 30, 32, 512)),
            max_iter=8,
            random_state=seed + number,
        )
        with warnings.catch_warnings(), threadpool_limits(1):  # the matrices are small: threads only wait
            warnings.simplefilter("ignore")  # eight rounds are meant: more learn the past by heart
            model.fit(matrix, labels)
        found.append(_layers(model.coefs_, model.intercepts_))
    return Committee(tuple(found))


def best(shares: Shares, top: int) -> NDArray[np.int64]:
    """The columns of the `top` greatest shares of each row, greatest first."""
    top = min(top, shares.shape[1])
    some = np.argpartition(-shares, top - 1, axis=1)[:, :top]
    return np.take_along_axis(some, np.argsort(-np.take_along_axis(shares, some, 1), axis=1), 1)


def _shares_of(member: tuple[Layer, ...], matrix: Any) -> NDArray[np.float32]:
    *inner, (weights, biases) = member
    for hidden_weights, hidden_biases in inner:
        matrix = np.maximum(matrix @ hidden_weights + hidden_biases, 0)
    scores: NDArray[np.float32] = matrix @ weights + biases
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def _layers(weights: Sequence[Any], biases: Sequence[Any]) -> tuple[Layer, ...]:
    """Layers as float32. Of two labels scikit-learn scores only the second: the first is given a score of 0."""
    layers = [
        (np.asarray(w, np.float32), np.asarray(b, np.float32)) for w, b in zip(weights, biases, strict=True)
    ]
    last_weights, last_biases = layers[-1]
    if len(last_biases) == 1:
        layers[-1] = (np.pad(last_weights, ((0, 0), (1, 0))), np.pad(last_biases, (1, 0)))
    return tuple(layers)


def _constant(matrix: Any) -> Committee:
    return Committee((((np.zeros((matrix.shape[1], 1), np.float32), np.zeros(1, np.float32)),),))


def _folds(right: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """A fold for each matter, every label spread evenly over them."""
    order = np.lexsort((np.random.default_rng(seed).random(len(right)), right))
    fold = np.empty(len(right), dtype=np.int64)
    fold[order] = np.arange(len(right)) % FOLDS
    return fold


def _temperature(shares: Shares, right: NDArray[np.int64]) -> float:
    """The exponent's inverse under which the right labels are least surprising."""
    from scipy.optimize import minimize_scalar

    logs = np.log(np.maximum(shares, 1e-9))

    def surprise(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        truth = scaled[np.arange(len(right)), right]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - truth))

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))


def _threshold(sure: Shares, hit: NDArray[np.bool_], wanted: float) -> float:
    """The least share from which on at least `wanted` of the choices are right; 2 (never) if there is none."""
    order = np.argsort(-sure, kind="stable")
    running = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    last = np.append(np.diff(sure[order]) < 0, True)  # equal shares are taken together or not at all
    enough = np.flatnonzero((running >= wanted) & last)
    return float(sure[order[enough[-1]]]) if len(enough) else 2.0


def _measure(
    shares: Shares, right: NDArray[np.int64], *, rows: int, wanted: float, learned_at: str, fingerprint: str
) -> Measurement:
    ranked = best(shares, 3)
    first, sure = ranked[:, 0], shares.max(axis=1)
    hit = first == right
    order = np.argsort(-sure, kind="stable")
    running = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    cuts = [max(round(len(order) * step / 20), 1) for step in range(1, 21)]
    half = np.random.default_rng(0).permutation(len(right)) % 2 == 0
    taken = np.where(half, _at_least(sure, hit, ~half, wanted), _at_least(sure, hit, half, wanted))
    groups = np.array_split(order, min(10, len(order)))
    return Measurement(
        rows=rows,
        held_out=len(right),
        labels=shares.shape[1],
        accuracy=float(hit.mean()),
        within_three=float((ranked == right[:, None]).any(axis=1).mean()),
        macro_f1=_macro_f1(first, right),
        log_loss=float(-np.log(np.maximum(shares[np.arange(len(right)), right], 1e-9)).mean()),
        calibration_error=float(np.mean([abs(sure[g].mean() - hit[g].mean()) for g in groups])),
        wanted=wanted,
        precision=float(hit[taken].mean()) if taken.any() else 0.0,
        coverage=float(taken.mean()),
        curve=tuple((cut / len(order), float(running[cut - 1])) for cut in cuts),
        learned_at=learned_at,
        fingerprint=fingerprint,
    )


def _at_least(
    sure: Shares, hit: NDArray[np.bool_], known: NDArray[np.bool_], wanted: float
) -> NDArray[np.bool_]:
    return sure >= _threshold(sure[known], hit[known], wanted)


def _macro_f1(first: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """The mean over labels that occur of the harmonic mean of precision and recall."""
    scores = [
        2 * np.sum((first == label) & (right == label)) / (np.sum(first == label) + np.sum(right == label))
        for label in np.union1d(first, right)
    ]
    return float(np.mean(scores))


def _fingerprint(pasts: Iterable[Past]) -> str:
    digest = hashlib.sha256()
    for past in pasts:
        row = (sorted(past.features.items()), past.title, past.text, str(past.on), past.label)
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
