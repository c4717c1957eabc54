"""The outlines maps are drawn from: what lies one level below a place, as GeoJSON (RFC 7946)."""

from typing import Any
from weakref import WeakKeyDictionary

import orjson
import shapely
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from mumian.engine.world import city
from mumian.place.atlas import Atlas
from mumian.place.loading import current_atlas

TOP = "all"
"""In the address: the whole of what the installation is for."""
FINENESS = 1 / 1500
"""Of the breadth of what is shown: what is finer than that is not sent."""

_kept: WeakKeyDictionary[Atlas, dict[str, bytes]] = WeakKeyDictionary()


def _version(request: HttpRequest, code: str) -> str:
    return f'"{id(current_atlas()):x}"'


@require_GET
@cache_control(public=True, max_age=300)
@condition(etag_func=_version)
def outlines(request: HttpRequest, code: str) -> HttpResponse:
    """The places one level below, or the place itself where nothing is below; properties code, name_zh,
    name_en, level, and lon and lat of where its name may stand; bbox in WGS-84 degrees."""
    atlas = current_atlas()
    kept = _kept.setdefault(atlas, {})
    if code not in kept:
        found = parts(atlas, city().world.top if code == TOP else code)
        if found is None:
            raise Http404
        kept[code] = orjson.dumps(found)
    return HttpResponse(kept[code], content_type="application/geo+json")


def parts(atlas: Atlas, code: str) -> dict[str, Any] | None:
    """The same as a value; nothing where no outline is known."""
    below = [each for each in atlas.children(code) if atlas.outline(each) is not None]
    shapes = {each: atlas.outline(each) for each in below or [code]}
    known = {each: shape for each, shape in shapes.items() if shape is not None}
    if not known:
        return None
    west, south, east, north = (round(float(edge), 6) for edge in shapely.total_bounds([*known.values()]))
    # One after another, so that what two of them share is made coarser the same way by both.
    codes = [*known]
    coarse = shapely.coverage_simplify(
        [known[each] for each in codes], max(east - west, north - south) * FINENESS
    )
    return {
        "type": "FeatureCollection",
        "bbox": [west, south, east, north],
        "name": code,
        "features": [_feature(atlas, each, shape) for each, shape in zip(codes, coarse, strict=True)],
    }


def _feature(atlas: Atlas, code: str, shape: shapely.Geometry) -> dict[str, Any]:
    names = {f"name_{language}": atlas.name(code, language) for language in ("zh", "en")}
    largest = max(shapely.get_parts(shape), key=shapely.area)
    middle = largest.representative_point()
    return {
        "type": "Feature",
        "properties": {
            "code": code,
            "level": len(code),
            **names,
            "lon": round(middle.x, 6),
            "lat": round(middle.y, 6),
        },
        "geometry": shapely.geometry.mapping(shapely.set_precision(shape, 1e-6, mode="pointwise")),
    }
