"""The places of a GeoJSON file: outlines in one of three coordinate systems, with or without codes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry import shape

from mumian.errors import MumianError
from mumian.place.codes import Level, normalise
from mumian.place.columns import Columns
from mumian.place.coordinates import CoordinateSystem, Floats, outline_to_wgs84
from mumian.place.gathering import Gathering, RowError
from mumian.place.geojson import Feature
from mumian.place.region import Region


class Outlines:
    """Reads features as places. `level` is that of places without a code, where the file does not tell it."""

    def __init__(self, columns: Columns, gathering: Gathering, *, level: Level | None = None) -> None:
        self._columns, self._gathering, self._level = columns, gathering, level
        self.repaired = 0

    def regions(self, features: Iterable[Feature], system: CoordinateSystem) -> Iterator[Region]:
        """A place for each feature, in WGS-84. What cannot be used is reported to `gathering`, with its line."""
        for feature in features:
            try:
                region = self._place(feature)
                outline = outline_to_wgs84(self._polygons(feature), system)
                if not self._gathering.is_new(region):
                    raise RowError(
                        region.code,
                        reason=_("it has an outline already in this file"),
                        cure=_("Join the outlines of one place to a multipolygon"),
                    )
                yield replace(region, outline=shapely.to_wkb(outline))
            except MumianError as error:
                column = self._columns.get("code") or self._columns.get("name", "")
                value = self._value(feature, "code") or self._value(feature, "name")
                self._gathering.refuse(feature.line, column, value, error)

    def sides(self, features: Iterable[Feature]) -> Iterator[tuple[Floats, Floats | None]]:
        """The bounds of each outline as it stands in the file, and of the same place where it is known."""
        for feature in features:
            try:
                outline, code = _outline(feature.geometry), self._known_code(feature)
            except MumianError:
                continue  # it is reported when it is read as a place
            known = self._gathering.atlas.outline(code)
            yield np.array(outline.bounds), None if known is None else np.array(known.bounds)

    def guess_level(self, features: Iterable[Feature]) -> None:
        """Sets the level, where it was not said, to that at which most features are known by name."""
        names = [self._value(feature, "name") for feature in islice(features, _ENOUGH)]
        found = self._gathering.atlas.find_many(names, within=self._gathering.scope, limit=1)
        levels = Counter(Level.of(best.code) for best, *_others in filter(None, found) if best.score >= _SURE)
        if self._level is None and levels:
            self._level = levels.most_common(1)[0][0]

    def _value(self, feature: Feature, meaning: str) -> str:
        value = feature.properties.get(self._columns.get(meaning, ""))
        if isinstance(value, Mapping):  # AutoNavi's parent: {"adcode": 440100}
            value = value.get("adcode")
        return "" if value is None else str(value).strip()

    def _place(self, feature: Feature) -> Region:
        name = self._value(feature, "name")
        if digits := self._value(feature, "code"):
            return Region(normalise(digits), name, self._value(feature, "name_en"))
        parent = self._parent(feature)
        return self._gathering.by_name(name, parent=parent, level=self._level or _below(parent))

    def _known_code(self, feature: Feature) -> str:
        if digits := self._value(feature, "code"):
            return normalise(digits)
        found = self._gathering.atlas.find(
            self._value(feature, "name"), within=self._parent(feature), limit=2
        )
        alone = len(found) == 1 or (len(found) == 2 and found[0].score > found[1].score)
        return found[0].code if alone and found[0].score >= _SURE else ""

    def _parent(self, feature: Feature) -> str:
        digits = self._value(feature, "parent")
        return normalise(digits) if digits else self._gathering.scope

    def _polygons(self, feature: Feature) -> shapely.Geometry:
        """The outline made valid."""
        outline = _outline(feature.geometry)
        if outline.is_valid:
            return outline
        self.repaired += 1
        parts = shapely.get_parts(shapely.make_valid(outline))
        areas = [part for part in parts if part.geom_type in _POLYGONS]
        if not areas:
            raise RowError(
                feature.geometry["type"] if feature.geometry else "",
                reason=_("the outline encloses no area"),
                cure=_("Draw it anew"),
            )
        return shapely.union_all(areas)


_ENOUGH = 100  # features tell what there is to know about a file
_SURE = 0.9
_POLYGONS = ("Polygon", "MultiPolygon")


def _below(parent: str) -> Level:
    return min((level for level in Level if level > len(parent)), default=Level.MICRO_GRID)


def _outline(geometry: Mapping[str, Any] | None) -> shapely.Geometry:
    """The polygon or multipolygon as it stands. Raises `RowError` for all else."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if geometry is None or kind not in _POLYGONS:
        raise RowError(
            kind or _("No geometry"),
            reason=_("it is no outline"),
            cure=_("Give a Polygon or MultiPolygon"),
        )
    try:
        outline = shapely.force_2d(shape(geometry))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise RowError(kind, reason=str(error), cure=_("Export the outline again")) from error
    west, south, east, north = outline.bounds
    if outline.is_empty or not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise RowError(
            kind,
            reason=_("its coordinates are not longitudes and latitudes in degrees"),
            cure=_("Convert the file to WGS-84 (EPSG:4326), longitude first"),
        )
    return outline
