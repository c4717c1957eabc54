"""What is the same for all: procedures and their forms, catalogues, places, units."""

from typing import Annotated

from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from mumian.api.acting import AskedBy
from mumian.api.forms import form_schema
from mumian.api.problems import missing, unfit
from mumian.api.shapes import (
    CatalogueGiven,
    KindGiven,
    PlaceCode,
    PlaceGiven,
    Places,
    PlaceSearch,
    PlaceWhole,
    ProcedureGiven,
    Procedures,
    ProcedureWhole,
    Slug,
    UnitFilter,
    Units,
    VersionGiven,
    chain,
    possible,
    unit_given,
)
from mumian.engine.compiled import Compiled, Reason
from mumian.engine.decide import may
from mumian.engine.definition import ActionSpec
from mumian.engine.matter import Matter
from mumian.engine.models import Kind, ProcedureVersion
from mumian.engine.perform import new_id
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.place.coordinates import CoordinateSystem, to_wgs84
from mumian.place.loading import current_atlas
from mumian.place.names import Candidate

router = Router(tags=["reference"])

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("/procedures", response=Procedures, operation_id="list_procedures", summary="List procedures")
def list_procedures(request: AskedBy) -> Procedures:
    """The procedures in force, and with which actions the caller may open a matter of each."""
    here = city()
    return Procedures(
        procedures=[
            ProcedureGiven(
                name=name,
                version=version,
                title=here.procedure(name, version).definition.title,
                may=possible(_opening_acts(here.procedure(name, version), request.auth)),
            )
            for name, version in sorted(here.current.items())
        ]
    )


def _opening_acts(compiled: Compiled, actor: Actor) -> dict[str, ActionSpec]:
    new, now, world = (
        Matter(new_id(), compiled.definition.procedure, compiled.version),
        timezone.now(),
        city().world,
    )
    return {
        name: spec
        for name, spec in compiled.definition.actions.items()
        if may(compiled, new, name, actor=actor, now=now, world=world) is None
    }


@router.get(
    "/procedures/{name}",
    response=ProcedureWhole,
    by_alias=True,
    exclude_defaults=True,
    operation_id="procedure",
    summary="Read a procedure",
)
def one_procedure(request: AskedBy, name: Slug, version: Version | None = None) -> ProcedureWhole:
    """A procedure's definition, in the version in force or the one asked for, and what versions there are."""
    rows = _versions(name)
    compiled = _compiled(name, version, rows)
    versions = [VersionGiven.model_validate(row, from_attributes=True) for row in rows]
    return ProcedureWhole(
        name=name, version=compiled.version, definition=compiled.definition, versions=versions
    )


@router.get(
    "/procedures/{name}/form/{action}",
    response=dict[str, object],
    operation_id="form",
    summary="Read the form of an action",
)
def form(request: AskedBy, name: Slug, action: Slug, version: Version | None = None) -> dict[str, object]:
    """The JSON Schema of the `data` that an action asks for."""
    compiled = _compiled(name, version, _versions(name))
    if action not in compiled.definition.actions:
        raise missing()
    return form_schema(compiled, action)


def _versions(name: str) -> list[ProcedureVersion]:
    """Those that are or were in force, newest first; drafts are not shown."""
    rows = ProcedureVersion.objects.filter(name=name).exclude(status=ProcedureVersion.Status.DRAFT)
    return list(rows.defer("text").order_by("-version"))


def _compiled(name: str, version: int | None, rows: list[ProcedureVersion]) -> Compiled:
    here = city()
    if version is None:
        version = here.current.get(name)
    if version not in {row.version for row in rows}:
        raise missing()
    return here.procedure(name, version)


@router.get(
    "/catalogues/{name}", response=CatalogueGiven, operation_id="catalogue", summary="Read a catalogue"
)
def catalogue(request: AskedBy, name: Slug) -> CatalogueGiven:
    """The kinds of matter of a catalogue, in order of code."""
    kinds = city().kinds.get(name)
    if kinds is None:
        raise missing()
    return CatalogueGiven(name=name, kinds=[_kind(kinds[code]) for code in sorted(kinds)])


def _kind(kind: Kind) -> KindGiven:
    return KindGiven(
        code=kind.code,
        title={"zh": kind.title, "en": kind.title_en or kind.title},
        unit_kind=kind.unit_kind,
        unit_at=kind.unit_at,
        limits=kind.limits,
        in_grid=kind.in_grid,
        hazard=kind.hazard,
        basis=kind.basis,
    )


@router.get("/places", response=Places, operation_id="find_places", summary="Find places")
def find_places(request: AskedBy, asked: Query[PlaceSearch]) -> Places:
    """The places a name or a text may mean, or the deepest place that contains a point; likeliest first."""
    atlas = current_atlas()
    if (asked.lon is None) != (asked.lat is None):
        name = "lat" if asked.lat is None else "lon"
        raise unfit([Reason("required", "经纬度须同时给出", "Longitude and latitude go together", name)])
    if asked.lon is not None and asked.lat is not None:
        lon, lat = to_wgs84([asked.lon], [asked.lat], CoordinateSystem(asked.system))
        code = atlas.locate_one(float(lon[0]), float(lat[0]))
        return Places(places=[_place(code)] if code else [])
    if asked.q is not None:
        found = atlas.find(asked.q, within=asked.within or "", limit=asked.limit)
        return Places(places=[_place(each.code, each) for each in found])
    return Places(places=[_place(code) for code in atlas.children(asked.within or "")[: asked.limit]])


@router.get("/places/{code}", response=PlaceWhole, operation_id="place", summary="Read a place")
def one_place(request: AskedBy, code: PlaceCode) -> PlaceWhole:
    """A place, those above it and those directly in it."""
    atlas = current_atlas()
    if code not in atlas:
        raise missing()
    region = atlas[code]
    return PlaceWhole(
        **_place(code).model_dump(),
        aliases=list(region.aliases),
        centre=region.centre,
        population=region.population,
        above=[_place(above) for above in atlas.path(code)[:-1]],
        below=[_place(below) for below in atlas.children(code)],
    )


def _place(code: str, candidate: Candidate | None = None) -> PlaceGiven:
    region = current_atlas()[code]
    return PlaceGiven(
        code=code,
        level=region.level.word,
        title={"zh": region.called("zh"), "en": region.called("en")},
        chain=chain(code),
        score=candidate.score if candidate else None,
        why=candidate.reason.titles if candidate else None,
    )


@router.get("/units", response=Units, operation_id="list_units", summary="List units")
def list_units(request: AskedBy, asked: Query[UnitFilter]) -> Units:
    """The units to which matters can be assigned, in order of id."""
    found = [
        unit.pk
        for unit in city().units.values()
        if unit.active
        and unit.pk > (asked.after or 0)
        and asked.kind in (None, unit.kind)
        and asked.parent in (None, unit.parent_id)
        and unit.place.startswith(asked.place or "")
    ]
    shown = sorted(found)[: asked.limit]
    units = [unit for key in shown if (unit := unit_given(key))]
    return Units(units=units, next=shown[-1] if len(found) > len(shown) else None)
