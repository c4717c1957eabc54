"""Names of places as people write them: which places a name or a text may mean, with score and reason.

A name is known in three forms: as it stands (石溪社区居民委员会), as it is commonly said
(石溪社区), and its stem (石溪). A text may name a chain of places (龙田街道老坑社区); the deepest place that
fits the chain comes first.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from mumian.place.codes import Level, parents, range_of

_NAMES_KEPT = 4096  # grids are called alike in every community


class Reason(StrEnum):
    """Why a place is a candidate."""

    EXACT = "exact"
    SHORTENED = "shortened"
    MENTIONED = "mentioned"
    SIMILAR = "similar"

    @property
    def titles(self) -> dict[str, str]:
        """The reason in both languages."""
        return _REASONS[self]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant, with a score between 0 and 1. Equal scores say that the name is ambiguous.

    From 0.9 the name was written out, or a stem that is all of the query; below 0.7 it is a guess.
    """

    code: str
    name: str
    score: float
    reason: Reason


class Gazetteer:
    """Finds places by name. `names` gives each code its names; at least one; the first is the one shown."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._codes = sorted(names)
        self._shown = [names[code][0] for code in self._codes]
        by_name: defaultdict[str, set[int]] = defaultdict(set)
        by_stem: defaultdict[str, set[int]] = defaultdict(set)
        for place, code in enumerate(self._codes):
            for name in map(clean, names[code]):
                by_name[name].add(place)
                by_name[common(name)].add(place)
                by_stem[stem(name)].add(place)
        self._by_name = {key: tuple(sorted(places)) for key, places in by_name.items() if key}
        self._by_stem = {key: tuple(sorted(places)) for key, places in by_stem.items() if key}

    def find(
        self, text: str, *, within: str = "", level: Level | None = None, limit: int = 5
    ) -> list[Candidate]:
        """The places that `text` names or speaks of, likeliest first; none if it names none."""
        query, scope = clean(text), self._scope(within, level)
        found = self._named(query, scope) or self._mentioned(query, scope) or self._similar(query, scope)
        found.sort(key=lambda hit: (-hit.score, hit.place))
        return [
            Candidate(self._codes[hit.place], self._shown[hit.place], round(hit.score, 3), hit.reason)
            for hit in found[:limit]
        ]

    def find_many(
        self, texts: Iterable[str], *, within: str = "", level: Level | None = None, limit: int = 5
    ) -> list[list[Candidate]]:
        """`find` for each text; equal texts are looked up once."""
        texts = list(texts)
        found = {text: self.find(text, within=within, level=level, limit=limit) for text in set(texts)}
        return [found[text] for text in texts]

    def code_of(self, names: Mapping[Level, str], *, within: str = "") -> str:
        """The place to which names lead, such as town and community; '' unless it is one alone.

        Blank names are passed over. Each name must be the place's own but for its suffix.
        """
        code = within
        for level in sorted(names):
            if query := clean(names[level]):
                found = self._named(query, self._scope(code, level))
                best = max((hit.score for hit in found), default=0.0)
                places = [hit.place for hit in found if hit.score == best]
                if len(places) != 1:
                    return ""
                code = self._codes[places[0]]
        return code if code != within else ""

    def _scope(self, within: str, level: Level | None) -> "_Scope":
        low, high = range_of(within)
        return _Scope(self._codes, bisect_left(self._codes, low), bisect_left(self._codes, high), level)

    def _named(self, query: str, scope: "_Scope") -> list["_Hit"]:
        """The places of which this is the whole name: as it stands, as it is commonly said, or its stem."""
        if places := scope.of(self._by_name.get(query, ())):
            exact = [_Hit(place, 1.0, Reason.EXACT) for place in places if clean(self._shown[place]) == query]
            return exact or [_Hit(place, 0.97, Reason.SHORTENED) for place in places]
        if places := scope.of(self._by_name.get(common(query), ())):
            return [_Hit(place, 0.95, Reason.SHORTENED) for place in places]
        bare = stem(query)
        score = 0.9 if bare == query else 0.75  # the query has a suffix, and of another kind than the place
        return [_Hit(place, score, Reason.SHORTENED) for place in scope.of(self._by_stem.get(bare, ()))]

    def _mentioned(self, query: str, scope: "_Scope") -> list["_Hit"]:
        """The places of which a longer text speaks, but for those that only lead to a deeper one."""
        mentions = self._narrowed(list(self._mentions(query, scope.at_any_level())))
        scores: dict[int, float] = {}
        for mention in mentions:
            others = [other for other in mentions if other is not mention]
            for place in scope.of(mention.places):
                code = self._codes[place]
                lineage = {code, *parents(code)}
                fitting = sum(not lineage.isdisjoint(other.codes) for other in others)
                against = sum(other.by_name and not other.fits(code, lineage) for other in others)
                score = (
                    (0.9 if mention.by_name else 0.55) + min(0.04 * fitting, 0.08) - min(0.2 * against, 0.4)
                )
                scores[place] = max(score, scores.get(place, 0.0))
        leading = {above for place in scores for above in parents(self._codes[place])}
        return [
            _Hit(place, score, Reason.MENTIONED)
            for place, score in scores.items()
            if self._codes[place] not in leading
        ]

    def _mentions(self, text: str, scope: "_Scope") -> Iterator["_Mention"]:
        """From left to right, the longest names in scope that the text holds."""
        at = 0
        while at < len(text):
            for name in self._beginnings.get(text[at : at + 2], ()):
                if text.startswith(name, at) and _stands_alone(text, at, at + len(name)):
                    by_name = name in self._by_name
                    if places := scope.of((self._by_name if by_name else self._by_stem)[name]):
                        yield self._mention(places, by_name)
                        at += len(name) - 1
                        break
            at += 1

    def _narrowed(self, mentions: list["_Mention"]) -> list["_Mention"]:
        """With what many places are called (012网格) meaning those in the places that are named beside it."""
        around = [code for mention in mentions if len(mention.places) <= _FEW for code in mention.codes]
        return [
            mention
            if len(mention.places) <= _FEW
            else self._mention(
                [place for code in around for place in self._scope(code, None).of(mention.places)]
                or mention.places[:_FEW],
                mention.by_name,
            )
            for mention in mentions
        ]

    def _mention(self, places: Sequence[int], by_name: bool) -> "_Mention":
        return _Mention(places, frozenset(self._codes[place] for place in places[: _FEW + 1]), by_name)

    @cached_property
    def _beginnings(self) -> dict[str, tuple[str, ...]]:
        """Names and stems that can be told in a text, by their first two characters, longest first."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name in (*self._by_name, *self._by_stem):
            if len(name) >= 2 and not name.isdigit():
                found[name[:2]].add(name)
        return {
            head: tuple(sorted(names, key=lambda name: (-len(name), name))) for head, names in found.items()
        }

    def _similar(self, query: str, scope: "_Scope") -> list["_Hit"]:
        """The places with a name that shares at least half of its pairs of characters with the query."""
        if len(query) > _LONGEST_NAME:
            return []
        hits: dict[int, float] = {}
        for pairs in map(_pairs, {common(query), stem(query)}):
            shared = Counter(name for pair in pairs for name in self._by_pair.get(pair, ()))
            for name, count in shared.items():
                alike = 2 * count / (len(pairs) + len(name) + 1)
                if alike >= _ALIKE:
                    for place in scope.of(self._by_name.get(name) or self._by_stem[name]):
                        hits[place] = max(alike * 0.7, hits.get(place, 0.0))
        return [_Hit(place, score, Reason.SIMILAR) for place, score in hits.items()]

    @cached_property
    def _by_pair(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._by_name.keys() | self._by_stem.keys():
            if name.isdigit():
                continue
            for pair in _pairs(name):
                found[pair].append(name)
        return dict(found)


def clean(name: str) -> str:
    """A name ready for comparison: one form of each character, no capitals, no needless spaces."""
    return _SPACES.sub("", " ".join(unicodedata.normalize("NFKC", name).casefold().split()))


@lru_cache(_NAMES_KEPT)
def common(name: str) -> str:
    """A clean name with its official suffix as commonly said: 石溪社区居民委员会 → 石溪社区."""
    for official, said in _SUFFIXES:
        rest = name.removesuffix(official)
        if rest != name and len(rest) >= 2:
            return rest if rest.endswith(("村", "社区")) and said in ("村", "社区") else rest + said
    return name


@lru_cache(_NAMES_KEPT)
def stem(name: str) -> str:
    """A clean name without its kind of place: 石溪社区居民委员会, 石溪村 → 石溪. Two characters stay."""
    while (shorter := _without_kind(common(name))) != name:
        name = shorter
    return name


class _Hit(NamedTuple):
    place: int
    score: float
    reason: Reason


class _Scope(NamedTuple):
    """Which places are looked for: a run of the ordered codes, and one level of them or all."""

    codes: Sequence[str]
    low: int
    high: int
    level: Level | None

    def of(self, places: Sequence[int]) -> Sequence[int]:
        """Those of some places, which are in order, that are looked for."""
        run = places[bisect_left(places, self.low) : bisect_left(places, self.high)]
        return run if self.level is None else [p for p in run if len(self.codes[p]) == self.level]

    def at_any_level(self) -> "_Scope":
        return self._replace(level=None)


class _Mention(NamedTuple):
    """A name within a text, the places it may mean, and whether it is a name in full or but a stem."""

    places: Sequence[int]
    codes: frozenset[str]
    by_name: bool

    def fits(self, code: str, lineage: set[str]) -> bool:
        """Whether a place meant here is above the place, is it, or lies in it."""
        return not lineage.isdisjoint(self.codes) or any(other.startswith(code) for other in self.codes)


_REASONS = {
    Reason.EXACT: {"zh": "名称相同", "en": "the same name"},
    Reason.SHORTENED: {"zh": "名称相同，简称或别名", "en": "the same name, shortened or an alias"},
    Reason.MENTIONED: {"zh": "文中提到", "en": "mentioned in the text"},
    Reason.SIMILAR: {"zh": "名称相近", "en": "a similar name"},
}
_FEW = 50  # places: of what more are called by, a text must say where
_LONGEST_NAME = 30  # characters: what is longer is a text, not a misspelt name
_ALIKE = 0.5
_SPACES = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_SUFFIXES = (
    ("社区居民委员会", "社区"),
    ("社区居委会", "社区"),
    ("社区工作站", "社区"),
    ("居民委员会", "社区"),
    ("居委会", "社区"),
    ("村民委员会", "村"),
    ("村委会", "村"),
    ("街道办事处", "街道"),
    ("街道办", "街道"),
    ("街", "街道"),
    ("人民政府", ""),
    ("管理委员会", "管委会"),
    (" sub-district", " subdistrict"),
    (" township", " town"),
)
_KINDS = (
    *("特别行政区", "自治区", "自治州", "自治县", "管委会", "街道", "社区", "微网格", "网格"),
    *("省", "市", "区", "县", "镇", "乡", "街", "村"),
    *(" province", " city", " district", " county", " subdistrict", " town"),
    *(" community", " village", " micro-grid", " grid"),
)


def _without_kind(name: str) -> str:
    for kind in _KINDS:
        rest = name.removesuffix(kind)
        if rest != name and len(rest) >= 2:
            return rest
    return name


def _pairs(name: str) -> list[str]:
    """The pairs of neighbouring characters, both ends counting as characters."""
    return [first + second for first, second in zip("^" + name, name + "$", strict=True)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name is not part of a longer word or number; Chinese characters stand alone anyway."""
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(each.isascii() and each.isalnum() for each in text[at - 1 : at + 1])
