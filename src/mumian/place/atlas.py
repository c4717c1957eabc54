"""The atlas: all places of a city in memory, found by point, by name and by code."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from mumian.place.codes import Level, parents, range_of
from mumian.place.locating import Locator
from mumian.place.names import Candidate, Gazetteer
from mumian.place.region import Region


class Atlas:
    """Places by point, name and code. It is built once and never changes, so threads may share it."""

    def __init__(self, regions: Iterable[Region]) -> None:
        places: dict[str, Region] = {}
        outlines: dict[str, shapely.Geometry] = {}
        for region in regions:
            if region.outline is not None:
                outlines[region.code] = shapely.from_wkb(region.outline)
            places[region.code] = replace(region, outline=None)  # kept once, as geometry
        self._places = dict(sorted(places.items()))
        self.codes = tuple(self._places)
        """All codes in order: each place before the places in it."""
        self._children = self._family()
        deepest_first = sorted(outlines, key=lambda code: (-len(code), code))
        self._outlines = outlines
        self._locator = Locator([outlines[code] for code in deepest_first])
        self._located = np.array([*deepest_first, ""], dtype=object)  # '' stands last, at Locator's -1
        self._gazetteer = Gazetteer(
            {
                code: [name for name in (place.name, place.name_en, *place.aliases) if name]
                for code, place in self._places.items()
                if place.name or place.name_en
            }
        )

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, code: str) -> bool:
        return code in self._places

    def __getitem__(self, code: str) -> Region:
        """The place, without its outline. Raises `KeyError` for a code that stands for none."""
        return self._places[code]

    # By point

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.object_]:
        """The codes of the deepest places that contain the points (WGS-84 degrees, one dimension).

        It is '' for points in none and for what is no number. A point on a shared edge gets the place with
        the lower code.
        """
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        codes: NDArray[np.object_] = self._located[self._locator(x, y)]
        return codes

    def locate_one(self, lon: float, lat: float) -> str:
        """The code of the deepest place that contains the point (WGS-84 degrees); '' for none."""
        return str(self._located[self._locator.one(lon, lat)])

    def outline(self, code: str) -> shapely.Geometry | None:
        """The outline in WGS-84, where it is known."""
        return self._outlines.get(code)

    # By name

    def find(
        self, text: str, *, within: str = "", level: Level | None = None, limit: int = 5
    ) -> list[Candidate]:
        """The places that `text` names or speaks of, likeliest first."""
        return self._gazetteer.find(text, within=within, level=level, limit=limit)

    def find_many(
        self, texts: Iterable[str], *, within: str = "", level: Level | None = None, limit: int = 5
    ) -> list[list[Candidate]]:
        """`find` for each text; equal texts are looked up once."""
        return self._gazetteer.find_many(texts, within=within, level=level, limit=limit)

    def code_of(self, names: Mapping[Level, str], *, within: str = "") -> str:
        """The place to which names lead, as `{Level.TOWN: …, Level.COMMUNITY: …}`; '' unless it is one."""
        return self._gazetteer.code_of(names, within=within)

    # By code

    def name(self, code: str, language: str = "zh") -> str:
        """The name in `zh` or `en`; the code itself where no such place is known."""
        place = self._places.get(code)
        return place.called(language) if place else code

    def chain(self, code: str, language: str = "zh", *, top: Level = Level.DISTRICT) -> str:
        """The names from `top` down to the place: 越秀区 › 石溪街道 › 石溪社区 › 012网格."""
        path = [each for each in self.path(code) if len(each) >= top] or [code]
        return " › ".join(self.name(each, language) for each in path)

    def path(self, code: str) -> tuple[str, ...]:
        """The codes of the places above, widest first, and the code itself, as far as they are known."""
        return (*(above for above in reversed([*parents(code)]) if above in self._places), code)

    def parent(self, code: str) -> str:
        """The code of the nearest place above that is known; '' for none."""
        return next((above for above in parents(code) if above in self._places), "")

    def children(self, code: str = "") -> tuple[str, ...]:
        """The codes directly below, in order; those below none for ''."""
        return tuple(self._children.get(code, ()))

    def below(self, prefix: str, level: Level) -> list[str]:
        """The codes at one level within a place, in order."""
        low, high = range_of(prefix)
        run = self.codes[bisect_left(self.codes, low) : bisect_left(self.codes, high)]
        return [code for code in run if len(code) == level]

    def _family(self) -> dict[str, list[str]]:
        children: defaultdict[str, list[str]] = defaultdict(list)
        for code in self.codes:
            children[self.parent(code)].append(code)
        return dict(children)
