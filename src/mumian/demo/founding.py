"""Founding the city: its places with their shapes and names, its units, its people and who answers for what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

import numpy as np
import shapely
from django.db import connection, transaction

from mumian.demo import naming
from mumian.demo.accounts import DEMO_POSTS, RESIDENT, hashed_password
from mumian.demo.naming import Name
from mumian.demo.plan import CODE, MIDDLE, Plan
from mumian.demo.shapes import Shapes, draw, levels
from mumian.engine import world
from mumian.engine.models import Installation, Kind
from mumian.engine.perform import keyed_id
from mumian.intake.models import Responsibility
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level
from mumian.place.region import Region
from mumian.place.storing import store

AT_ONCE = 1000


def found(plan: Plan) -> None:
    """Stores the whole city but its matters, in the caller's transaction."""
    regions = list(_regions(plan))
    store(regions)
    Installation.objects.update(name=naming.CITY.zh, name_en=naming.CITY.en, place=CODE)
    places = {region.code: Name(region.name, region.name_en) for region in regions}
    _found_organisations(places)
    _employ(sorted(places), Random(plan.seed), residents=plan.residents)
    Responsibility.objects.bulk_create(_responsibilities(places), batch_size=AT_ONCE)
    transaction.on_commit(world.forget)
    world.changed()


# --- places -----------------------------------------------------------------------------------------


def _regions(plan: Plan) -> Iterator[Region]:
    shapes = draw(plan, MIDDLE, np.random.default_rng(plan.seed))
    names = _Names(shapes, Random(plan.seed))
    people = _populations(shapes, np.random.default_rng(plan.seed))
    outlines = shapely.to_wkb(shapes.outlines)
    for numbers, outline, population in zip(shapes.numbers.tolist(), outlines, people, strict=True):
        name = naming.grid(numbers[3] + 1)
        yield Region(_code(numbers), name.zh, name.en, outline=outline, population=int(population))
    for numbers, grids, outline in levels(shapes):
        name, wkb = names.of(numbers), shapely.to_wkb(outline)
        yield Region(_code(numbers), name.zh, name.en, outline=wkb, population=int(people[grids].sum()))


def _code(numbers: Sequence[int]) -> str:
    """District, town, community and grid, counted from 0, as a code; as much of it as is given."""
    return CODE + "".join(
        f"{number + 1:0{width}d}" for number, width in zip(numbers, (2, 3, 3, 3), strict=False)
    )


class _Names:
    """The names of all places above the grids: unlike one another among towns, and within a district."""

    def __init__(self, shapes: Shapes, rng: Random) -> None:
        self._names: dict[tuple[int, ...], Name] = {}
        towns, middle = naming.stems(rng), float(np.median(shapes.density))
        for *key, density in _densities(shapes, 2):
            stem = (naming.FIRST_TOWN, "Shixi") if tuple(key) == (0, 0) else next(towns)
            self._names[tuple(key)] = naming.town(stem, urban=density > 0.35 * middle)
        left: dict[int, Iterator[tuple[str, str]]] = {}
        for *key, density in _densities(shapes, 3):
            stems = left.setdefault(key[0], naming.stems(rng))
            stem = (naming.FIRST_TOWN, "Shixi") if tuple(key) == (0, 0, 0) else next(stems)
            self._names[tuple(key)] = naming.community(stem, urban=density > 0.2 * middle)

    def of(self, numbers: tuple[int, ...]) -> Name:
        if not numbers:
            return naming.CITY
        return naming.DISTRICTS[numbers[0]] if len(numbers) == 1 else self._names[numbers]


def _densities(shapes: Shapes, depth: int) -> Iterator[tuple[int, ...]]:
    """Numbers of each place `depth` levels down, and how closely its grids lie."""
    keys, place = np.unique(shapes.numbers[:, :depth], axis=0, return_inverse=True)
    place = place.ravel()
    mean = np.bincount(place, shapes.density) / np.bincount(place)
    for key, density in zip(keys.tolist(), mean.tolist(), strict=True):
        yield (*key, density)


def _populations(shapes: Shapes, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """People in each grid: about a thousand in town, fewer in open country."""
    closeness = np.clip(shapes.density / np.median(shapes.density), 0.15, 1.6)
    people = 900 * closeness**0.35 * rng.lognormal(0, 0.35, len(closeness))
    return np.rint(people).astype(np.int64)


# --- organisations ----------------------------------------------------------------------------------


def organisation_code(place: str, kind: str) -> str:
    """The code of the unit of a kind that serves a place."""
    return f"{place}-{kind}"


def _unit_kinds() -> dict[Level, list[str]]:
    """The kinds of unit the catalogues name, by the level at which they sit."""
    kinds: dict[Level, list[str]] = {}
    rows = (
        Kind.objects.exclude(unit_kind="")
        .values_list("unit_kind", "unit_at")
        .distinct()
        .order_by("unit_kind", "unit_at")
    )
    for kind, at in rows:
        kinds.setdefault(_LEVELS[at], []).append(kind)
    return kinds


_LEVELS = {level.word: level for level in Level}


def _found_organisations(places: dict[str, Name]) -> None:
    kinds = _unit_kinds()
    heads: dict[str, Organisation] = {}
    for level in (Level.CITY, Level.DISTRICT, Level.TOWN, Level.COMMUNITY):
        here = [code for code in sorted(places) if len(code) == level]
        head = "community" if level is Level.COMMUNITY else "government"
        made = _organisations(here, [head], places, heads)
        heads = {organisation.place: organisation for organisation in made}
        others = [] if level is Level.COMMUNITY else ["centre"]
        others += [kind for kind in kinds.get(level, []) if kind != head]
        _organisations(here, others, places, heads)
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGES)


def _organisations(
    here: Sequence[str], kinds: Sequence[str], places: dict[str, Name], heads: dict[str, Organisation]
) -> list[Organisation]:
    """A unit of each kind at each place, under the head of that place or of the place above."""
    rows = []
    for place, kind in product(here, kinds):
        name = naming.unit(kind, places[place], Level.of(place))
        above = heads.get(place) or heads.get(place[: -3 if len(place) > Level.DISTRICT else -2])
        rows.append(
            Organisation(
                code=organisation_code(place, kind),
                name=name.zh,
                name_en=name.en,
                kind=kind,
                place=place,
                parent=above,
            )
        )
    return Organisation.objects.bulk_create(rows, batch_size=AT_ONCE)


_LINEAGES = """
    WITH RECURSIVE up AS (
        SELECT id AS unit, id, parent_id, 0 AS height FROM people_organisation WHERE lineage = '{}'
        UNION ALL
        SELECT up.unit, above.id, above.parent_id, up.height + 1
        FROM up JOIN people_organisation above ON above.id = up.parent_id
    )
    UPDATE people_organisation SET lineage = found.ids
    FROM (SELECT unit, array_agg(id ORDER BY height) AS ids FROM up GROUP BY unit) found
    WHERE people_organisation.id = found.unit
"""


def _responsibilities(places: dict[str, Name]) -> list[Responsibility]:
    """For each kind and each place at the level its unit sits at, that unit."""
    units = dict(Organisation.objects.values_list("code", "pk"))
    rows = []
    for code, unit_kind, at, basis in (
        Kind.objects.exclude(unit_kind="")
        .order_by("code")
        .values_list("code", "unit_kind", "unit_at", "basis")
    ):
        for place in places:
            if len(place) == _LEVELS[at]:
                unit = units[organisation_code(place, unit_kind)]
                rows.append(
                    Responsibility(kind=code, place=place, unit_id=unit, basis="；".join(basis)[:200])
                )
    return rows


# --- people -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Job:
    """A person to be found, and the posts he or she is to hold: role, kind of organisation, place."""

    place: str
    posts: tuple[tuple[str, str], ...]
    """Role, and the kind of organisation at the place (for grids: at its community)."""
    nth: int = 0


def _jobs(places: Sequence[str]) -> Iterator[_Job]:
    kinds = _unit_kinds()
    for place in places:
        level = Level.of(place)
        if level is Level.GRID:
            yield _Job(place, (("grid-worker", "community"),))
            continue
        if level is Level.COMMUNITY:  # its secretary does all there is to do
            posts = [("officer", kind) for kind in kinds[level]]
            yield _Job(place, (*posts, ("grid-leader", "community")))
            continue
        yield _Job(place, (("dispatcher", "centre"),))
        yield _Job(place, (("supervisor", "centre"),))
        if level is Level.CITY:
            yield _Job(place, (("administrator", "centre"),))
        if level is not Level.TOWN:
            yield _Job(place, (("commander", "centre"),))
        for kind, nth in product(kinds.get(level, []), range(2)):
            yield _Job(place, (("officer", kind),), nth)


def _employ(places: Sequence[str], rng: Random, *, residents: int) -> None:
    """Finds somebody for every post, and residents who have registered."""
    units = dict(Organisation.objects.values_list("code", "pk"))
    password = hashed_password()
    demo = dict(DEMO_POSTS)
    persons, posts = [], []
    for job in _jobs(places):
        (role, kind), *_ = job.posts
        at = job.place[: Level.COMMUNITY] if len(job.place) == Level.GRID else job.place
        username = demo.pop((role, job.place, kind), None)
        person = _person(f"{job.place}/{role}/{kind}/{job.nth}", rng, username, password)
        persons.append(person)
        posts += [
            Post(
                person_id=person.id,
                role_id=role,
                organisation_id=units[organisation_code(at, kind)],
                place=job.place,
            )
            for role, kind in job.posts
        ]
    persons.append(_person("resident/0", rng, RESIDENT, password))
    persons += [_person(f"resident/{number}", rng, None, password) for number in range(1, residents)]
    Person.objects.bulk_create(persons, batch_size=AT_ONCE)
    Post.objects.bulk_create(posts, batch_size=AT_ONCE)


def _person(key: str, rng: Random, username: str | None, password: str) -> Person:
    """Somebody with a made-up name. Only the demo accounts can sign in."""
    return Person(
        id=keyed_id("demo person", key),
        username=username,
        name=naming.person(rng),
        password=password if username else "!",
    )
