"""Maps drawn from the program's own places: outlines one level below a place, and matters as dots in them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import shapely
from django.utils.translation import gettext as _

from mumian.place.atlas import Atlas
from mumian.place.loading import current_atlas
from mumian.web import presenting, words
from mumian.web.shown import Colour, Dot, Map, Outline

WIDTH = 420.0
TALLEST, FLATTEST = 640.0, 240.0
MARGIN = 12.0
DETAIL = 0.6
"""Units of the map: what is finer is not drawn."""
LETTER = 12.5
"""Units a Chinese character is broad; what is too long for its place is not written."""
CLOSE = 24.0
"""Units: matters in one square of this size are drawn as one dot with their number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A matter to be put on the map."""

    place: str
    longitude: float | None
    latitude: float | None
    title: str
    url: str
    colour: Colour
    count: int = 1
    """How many it stands for."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """One outline on paper: its path, the middle of it, and how broad it is."""

    code: str
    path: str
    x: float
    y: float
    breadth: float


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A place projected on paper: where degrees come to lie, and the outlines of what it is made of."""

    west: float
    north: float
    across: float
    down: float
    """Units a degree of longitude and of latitude."""
    height: float
    shapes: Sequence["_Shape"]

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        return MARGIN + (longitude - self.west) * self.across, MARGIN + (self.north - latitude) * self.down


_sheets: WeakKeyDictionary[Atlas, dict[str, _Sheet | None]] = WeakKeyDictionary()


def draw(place: str, marks: Iterable[Mark], address: Callable[[str], str]) -> Map | None:
    """The map of a place; `address` gives where a place leads to. Nothing where no outline is known."""
    atlas = current_atlas()
    kept = _sheets.setdefault(atlas, {})
    if place not in kept:
        kept[place] = _sheet(atlas, place)
    sheet = kept[place]
    if sheet is None:
        return None
    outlines = [_outline(shape, "" if shape.code == place else address(shape.code)) for shape in sheet.shapes]
    return Map(WIDTH, sheet.height, outlines, _dots(atlas, sheet, marks, address))


def _outline(shape: _Shape, url: str) -> Outline:
    name = presenting.place_name(shape.code)
    fits = sum(LETTER * (1 if each > "\u2e80" else 0.55) for each in words.in_words(name)) < shape.breadth
    return Outline(shape.path, name, url, chosen=not url, label=(shape.x, shape.y) if fits else None)


def _sheet(atlas: Atlas, place: str) -> _Sheet | None:
    parts = [code for code in atlas.children(place) if atlas.outline(code) is not None] or [place]
    shapes = [(code, shape) for code in parts if (shape := atlas.outline(code)) is not None]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds([shape for _, shape in shapes])
    narrowing = math.cos(math.radians((south + north) / 2))
    broad, tall = max((east - west) * narrowing, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * MARGIN) / broad, (TALLEST - 2 * MARGIN) / tall)
    height = min(max(tall * scale + 2 * MARGIN, FLATTEST), TALLEST)
    left = (WIDTH - 2 * MARGIN - broad * scale) / 2 / (scale * narrowing)
    above = (height - 2 * MARGIN - tall * scale) / 2 / scale
    sheet = _Sheet(west - left, north + above, scale * narrowing, scale, round(height, 1), ())
    return replace(sheet, shapes=[_shape(sheet, code, shape) for code, shape in shapes])


def _shape(sheet: _Sheet, code: str, outline: shapely.Geometry) -> _Shape:
    """An outline on paper, without what is too fine to see."""
    flat = shapely.transform(outline, lambda x, y: sheet.at(x, y), interleaved=False).simplify(DETAIL)
    middle = flat.representative_point()
    west, _south, east, _north = flat.bounds
    return _Shape(code, _path(flat), round(middle.x, 1), round(middle.y, 1), east - west)


def _path(flat: shapely.Geometry) -> str:
    rings = shapely.get_rings(shapely.get_parts(flat))
    return "".join(
        "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1].tolist()) + "Z"
        for ring in rings
    )


# --- dots -------------------------------------------------------------------------------------------

_WORST: dict[Colour, int] = {"kapok": 0, "amber": 1, "river": 2, "leaf": 3, "neutral": 4}


def _dots(atlas: Atlas, sheet: _Sheet, marks: Iterable[Mark], address: Callable[[str], str]) -> list[Dot]:
    near: dict[tuple[int, int], list[tuple[float, float, Mark]]] = {}
    for mark in marks:
        if (point := _point(atlas, mark)) is not None:
            x, y = sheet.at(*point)
            if 0 <= x <= WIDTH and 0 <= y <= sheet.height:
                near.setdefault((int(x // CLOSE), int(y // CLOSE)), []).append((x, y, mark))
    return [_dot(group, address) for group in near.values()]


def _point(atlas: Atlas, mark: Mark) -> tuple[float, float] | None:
    if mark.longitude is not None and mark.latitude is not None:
        return mark.longitude, mark.latitude
    return atlas[mark.place].centre if mark.place in atlas else None


def _dot(group: list[tuple[float, float, Mark]], address: Callable[[str], str]) -> Dot:
    x = round(sum(x for x, _, _ in group) / len(group), 1)
    y = round(sum(y for _, y, _ in group) / len(group), 1)
    marks = [mark for _, _, mark in group]
    colour = min((mark.colour for mark in marks), key=_WORST.__getitem__)
    count = sum(mark.count for mark in marks)
    if count == 1:
        return Dot(x, y, marks[0].title, marks[0].url, colour)
    names = list(dict.fromkeys(mark.title for mark in marks))
    titles = _("; ").join(names[:3]) + (" …" if len(names) > 3 else "")
    title = _("%(count)d matters: %(titles)s") % {"count": count, "titles": titles}
    return Dot(x, y, title, address(presenting.common_place([mark.place for mark in marks])), colour, count)
