"""The place field of a form: from a point, a code or a name to the deepest place of the city."""

from collections.abc import Mapping
from typing import Any

from mumian.engine.compiled import Reason
from mumian.engine.definition import Procedure
from mumian.place.coordinates import CoordinateSystem, to_wgs84
from mumian.place.loading import current_atlas
from mumian.place.names import Candidate

SURE = 0.9
"""From this score on the name was written out: see `place.names.Candidate`."""


class Unlocated(Exception):
    """A place given by a name that does not lead to one place: the reason, and those that may be meant."""

    def __init__(self, reason: Reason, candidates: list[Candidate]) -> None:
        self.reason, self.candidates = reason, candidates
        super().__init__(reason.en)


def locate(data: Mapping[str, Any], procedure: Procedure) -> dict[str, Any]:
    """The answers, with the procedure's place field led to the deepest place it means.

    The field may hold a code, or `{place, lon, lat, address, system}` with any of them. A place that was chosen
    stays. Else a point says where it is, in WGS-84 or in the `system` named (`gcj02`, `bd09`); it is kept in
    WGS-84. Else the address does, if it names one place. Raises `Unlocated` where it does not. What is no such
    value is left for the engine to refuse.
    """
    answers = dict(data)
    field = procedure.field_of_type("place")
    where = answers.get(field) if field else None
    if isinstance(where, str):
        where = {"place": where.strip()} if where.strip().isdigit() else {"address": where}
    if field and isinstance(where, Mapping):
        answers[field] = _located(where, field, procedure)
    return answers


def _located(where: Mapping[str, Any], field: str, procedure: Procedure) -> dict[str, Any]:
    kept = {name: value for name, value in where.items() if value not in (None, "")}
    system = kept.pop("system", CoordinateSystem.WGS84)
    point = _point(kept, system, field)
    if point:
        kept["lon"], kept["lat"] = point
    if kept.get("place"):
        return kept
    if point:
        if code := current_atlas().locate_one(*point):
            kept["place"] = code
    elif isinstance(address := kept.get("address"), str) and address.strip():
        kept["place"] = _named(address, field, procedure)
    return kept


def _point(where: Mapping[str, Any], system: object, field: str) -> tuple[float, float] | None:
    try:
        lon, lat = float(where["lon"]), float(where["lat"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return None
    if system not in list(CoordinateSystem):
        known = "、".join(CoordinateSystem)
        zh, en = (
            f"没有坐标系 {system}；可用：{known}",
            f"No coordinate system is called {system}; use one of: {known}",
        )
        raise Unlocated(Reason("unlocated", zh, en, field), [])
    if system == CoordinateSystem.WGS84:
        return lon, lat
    east, north = to_wgs84([lon], [lat], CoordinateSystem(str(system)))
    return float(east[0]), float(north[0])


def _named(address: str, field: str, procedure: Procedure) -> str:
    candidates = current_atlas().find(address)
    best = [each for each in candidates if each.score >= SURE and each.score == candidates[0].score]
    if len(best) == 1:
        return best[0].code
    title = procedure.form[field].title
    zh, en = title.get("zh", field), title.get("en", field)
    if candidates:
        said = (
            f"{zh}：可能是 {_listed(candidates, 'zh')}，请选定",
            f"{en}: it may be {_listed(candidates, 'en')}",
        )
    else:
        said = (
            f"{zh}：没有叫这个名字的地点，请在地图上选点",
            f"{en}: no place has this name; choose a point on the map",
        )
    raise Unlocated(Reason("unlocated", *said, field), candidates)


def _listed(candidates: list[Candidate], language: str) -> str:
    atlas = current_atlas()
    return "、".join(f"{atlas.chain(each.code, language)} ({each.code})" for each in candidates)
