"""In which coordinate system a file of outlines is: by what it says and by what is known already."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from mumian.errors import MumianError
from mumian.place.coordinates import CoordinateSystem, Floats, in_china, to_wgs84


class UnknownSystemError(MumianError):
    """A file whose coordinates may mean several things, some 500 m apart."""


@dataclass(frozen=True, slots=True)
class Detected:
    """The system found, and how, for the reader."""

    system: CoordinateSystem
    note: str


def detect(
    path: Path,
    *,
    crs: str | None,
    properties: Mapping[str, Any],
    bounds: Floats,
    pairs: Iterable[tuple[Floats, Floats]],
) -> Detected:
    """The coordinate system of a file by its `crs` member, by known outlines, or by marks of its maker.

    `properties` are those of one feature, `bounds` (west, south, east, north) hold all features, and `pairs`
    are the bounds of outlines in the file and of the same outlines as known in WGS-84. Raises
    `UnknownSystemError` rather than guess, for a wrong guess shifts every place by half a kilometre.
    """
    if crs:
        return Detected(_of_crs(path, crs), _("the file says so: %(crs)s") % {"crs": crs})
    if not in_china(bounds[[0, 2]], bounds[[1, 3]]).any():
        return Detected(CoordinateSystem.WGS84, _("outside China there is no other (RFC 7946)"))
    if system := _by_comparison(list(pairs)):
        return Detected(system, _("so the outlines fit those that are known"))
    if _AUTONAVI_MARKS.issubset(properties):
        return Detected(
            CoordinateSystem.GCJ02, _("the features carry the marks of AutoNavi's district files")
        )
    raise UnknownSystemError(
        path,
        reason=_("it does not say in which coordinate system it is, and no known place tells"),
        cure=_("Say it: --crs wgs84, --crs gcj02 or --crs bd09"),
    )


_AUTONAVI_MARKS = {"adcode", "acroutes"}
_NEAR = 150.0  # metres: farther off, two outlines are not the same one
_METRES_PER_DEGREE = 111_320.0
_NAMES = {
    CoordinateSystem.WGS84: re.compile(
        r"crs:?84|wgs ?:?_?-?84|\b(4326|4490|4979)\b|cgcs ?2000", re.IGNORECASE
    ),
    CoordinateSystem.GCJ02: re.compile(r"gcj-?_?02", re.IGNORECASE),
    CoordinateSystem.BD09: re.compile(r"bd-?_?09", re.IGNORECASE),
}


def _of_crs(path: Path, crs: str) -> CoordinateSystem:
    for system, pattern in _NAMES.items():
        if pattern.search(crs):
            return system
    raise UnknownSystemError(
        path,
        reason=_("its coordinate system %(crs)s is not one that is read here") % {"crs": crs},
        cure=_("Convert it to WGS-84 (EPSG:4326), for example with ogr2ogr -t_srs EPSG:4326"),
    )


def _by_comparison(pairs: list[tuple[Floats, Floats]]) -> CoordinateSystem | None:
    """The system in which the outlines lie near the known ones and by far nearer than in any other."""
    if not pairs:
        return None
    theirs, known = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    apart = {system: _apart(theirs, known, system) for system in CoordinateSystem}
    nearest, second = sorted(apart, key=lambda system: apart[system])[:2]
    return nearest if apart[nearest] < min(_NEAR, apart[second] / 2) else None


def _apart(theirs: Floats, known: Floats, system: CoordinateSystem) -> float:
    """The median distance in metres of the four sides of the outlines' bounds."""
    west, south = to_wgs84(theirs[:, 0], theirs[:, 1], system)
    east, north = to_wgs84(theirs[:, 2], theirs[:, 3], system)
    off = np.column_stack([west, south, east, north]) - known
    off[:, [0, 2]] *= np.cos(np.radians(known[:, [1]]))
    return float(np.median(np.abs(off))) * _METRES_PER_DEGREE
