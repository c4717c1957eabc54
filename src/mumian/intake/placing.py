"""Where reports of a batch lie: by code, by point, or by names, new places being added where the mapping says so."""

from collections.abc import Callable, Sequence

from mumian.intake.mapping import Mapping
from mumian.intake.report import Report
from mumian.place.atlas import Atlas
from mumian.place.codes import Level, normalise
from mumian.place.coordinates import to_wgs84
from mumian.place.loading import current_atlas
from mumian.place.numbering import Numbering
from mumian.place.region import Region
from mumian.place.storing import store

Where = dict[str, str | float]
"""A value for a field of type place: code, longitude and latitude in WGS-84, address."""


class Placing:
    """Finds the places of reports, batch by batch, and remembers names it has found."""

    def __init__(self, mapping: Mapping, *, create: bool, before_adding: Callable[[], None]) -> None:
        self.spec, self.create, self.before_adding = mapping.place, create, before_adding
        self.title = mapping.title.get("zh", mapping.mapping)
        self.within = normalise(self.spec.within) if self.spec.within else ""
        self._named: dict[tuple[str, ...], str] = {}

    def places(self, reports: Sequence[Report]) -> list[Where | None]:
        """The place of each report; nothing where it lies nowhere that is known here."""
        atlas = self._atlas()
        points = self._points(reports)
        located = iter(self._located(atlas, points))
        found: list[Where | None] = []
        for report, point in zip(reports, points, strict=True):
            by_point = next(located) if point else ""
            code = self._code(atlas, report, by_point)
            where: Where = {"place": code} if code else {}
            if point and code:
                where |= {"lon": point[0], "lat": point[1]}
            if address := report.extra.get("address"):
                where["address"] = str(address)
            found.append(where if code else None)
        return found

    def _atlas(self) -> Atlas:
        atlas = current_atlas()
        if self.within and self.within not in atlas and self.create:
            self.before_adding()
            store([Region(code=self.within, name=self.title)])
            atlas = current_atlas()
        return atlas

    def _points(self, reports: Sequence[Report]) -> list[tuple[float, float] | None]:
        given = [(report.lon, report.lat or 0.0) for report in reports if report.lon is not None]
        if not given or self.spec.point is None:
            return [None] * len(reports)
        lon, lat = to_wgs84(
            [point[0] for point in given], [point[1] for point in given], self.spec.point.system
        )
        converted = iter(zip(lon.tolist(), lat.tolist(), strict=True))
        return [next(converted) if report.lon is not None else None for report in reports]

    def _located(self, atlas: Atlas, points: Sequence[tuple[float, float] | None]) -> list[str]:
        given = [point for point in points if point]
        if not given:
            return []
        codes: list[str] = atlas.locate([p[0] for p in given], [p[1] for p in given]).tolist()
        return codes

    def _code(self, atlas: Atlas, report: Report, by_point: str) -> str:
        if report.place_code:
            code = normalise(report.place_code)
            return code if code in atlas else ""
        by_name = self._by_name(atlas, report.place_names) if any(report.place_names) else ""
        return max(by_point, by_name, self.within if self.within in atlas else "", key=len)

    def _by_name(self, atlas: Atlas, names: tuple[str, ...]) -> str:
        if names not in self._named:
            self._named[names] = self._find(atlas, names)
        return self._named[names]

    def _find(self, atlas: Atlas, names: tuple[str, ...]) -> str:
        levels = [level for level in Level if level > len(self.within)][: len(names)]
        named = {level: name for level, name in zip(levels, names, strict=True) if name}
        if code := atlas.code_of(named, within=self.within):
            return code
        return self._add(atlas, named) if self.create else ""

    def _add(self, atlas: Atlas, named: dict[Level, str]) -> str:
        parent, numbering = self.within, Numbering(atlas)
        for level, name in named.items():
            code = numbering.known(name, parent=parent, level=level)
            if not code:
                self.before_adding()
                code = numbering.give(name, parent=parent, level=level)
                store([Region(code=code, name=name)])
            parent = code
        return parent
