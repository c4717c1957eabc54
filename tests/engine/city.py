"""A small city for the engine's tests: its places, units and people, in memory and in the database.

One district has two towns; beside it lies a city without districts. The people are actors, each in one post,
and the same in the database once `found` has been called.
"""

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from mumian.engine import publishing, world
from mumian.engine.clocks import WorkingCalendar
from mumian.engine.compiled import Compiled, Decision, Refusal, World
from mumian.engine.decide import decide
from mumian.engine.definition import Source, read
from mumian.engine.fields import Known
from mumian.engine.installing import HOLIDAYS_ZH, china_days, install
from mumian.engine.matter import Matter
from mumian.people.actor import ANYONE, SYSTEM, Actor, Scope
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level, parents
from mumian.place.loading import forget_atlas
from mumian.place.models import Place

ZONE = ZoneInfo("Asia/Shanghai")

CITY, DISTRICT, TOWN, OTHER_TOWN = "4401", "440103", "440103001", "440103002"
COMMUNITY, GRID, NEXT_GRID, FAR_GRID = "440103001001", "440103001001001", "440103001001002", "440103002001001"
PLAIN_CITY, PLAIN_TOWN, PLAIN_GRID = "4419", "441900003", "441900003001001"
PLACES = sorted(
    {place for grid in (GRID, NEXT_GRID, FAR_GRID, PLAIN_GRID) for place in (grid, *parents(grid))}
)

CENTRE, WATER, WATER_TEAM, PARKS = 1, 2, 3, 4
LINEAGES = {CENTRE: (CENTRE,), WATER: (WATER,), WATER_TEAM: (WATER_TEAM, WATER), PARKS: (PARKS,)}
KINDS = {"01", "01.01", "02.05"}
LIMITS = {
    "01": {"resolve": "3 working days"},
    "01.01": {"respond": "30 minutes"},
    "02.05": {"resolve": "7 days"},
}

_POSTS: dict[int, tuple[str, str, int, str]] = {}


def _actor(name: str, role: str, unit: int, place: str, scope: Scope = Scope.PLACE) -> Actor:
    post = len(_POSTS) + 1
    _POSTS[post] = (name, role, unit, place)
    return Actor(
        person=uuid5(UUID(int=0), name),
        post=post,
        role=role,
        organisation=unit,
        lineage=LINEAGES[unit],
        place=place,
        scope=scope,
        name=name,
    )


DISPATCHER = _actor("dispatcher", "dispatcher", CENTRE, TOWN)
OTHER_DISPATCHER = _actor("other town's dispatcher", "dispatcher", CENTRE, OTHER_TOWN)
DISTRICT_DISPATCHER = _actor("district's dispatcher", "dispatcher", CENTRE, DISTRICT)
CITY_DISPATCHER = _actor("city's dispatcher", "dispatcher", CENTRE, CITY)
PLAIN_DISPATCHER = _actor("plain city's dispatcher", "dispatcher", CENTRE, PLAIN_CITY)
PLAIN_TOWN_DISPATCHER = _actor("plain town's dispatcher", "dispatcher", CENTRE, PLAIN_TOWN)
SUPERVISOR = _actor("supervisor", "supervisor", CENTRE, TOWN)
OFFICER = _actor("officer", "officer", WATER, TOWN, Scope.UNIT)
SECOND_OFFICER = _actor("second officer", "officer", WATER, TOWN, Scope.UNIT)
TEAM_OFFICER = _actor("team's officer", "officer", WATER_TEAM, TOWN, Scope.UNIT)
GARDENER = _actor("gardener", "officer", PARKS, TOWN, Scope.UNIT)
WORKER = _actor("worker", "grid-worker", CENTRE, GRID)
SECOND_WORKER = _actor("second worker", "grid-worker", CENTRE, GRID)
NEXT_WORKER = _actor("next grid's worker", "grid-worker", CENTRE, NEXT_GRID)
FAR_WORKER = _actor("far worker", "grid-worker", CENTRE, FAR_GRID)
ADMINISTRATOR = _actor("administrator", "administrator", CENTRE, CITY, Scope.ALL)
RESIDENT = Actor(person=uuid5(UUID(int=0), "resident"), name="resident")
OTHER_RESIDENT = Actor(person=uuid5(UUID(int=0), "other resident"), name="other resident")

STAFF = (
    DISPATCHER, OTHER_DISPATCHER, DISTRICT_DISPATCHER, CITY_DISPATCHER, PLAIN_DISPATCHER, PLAIN_TOWN_DISPATCHER,
    SUPERVISOR, OFFICER, SECOND_OFFICER, TEAM_OFFICER, GARDENER, WORKER, SECOND_WORKER, NEXT_WORKER, FAR_WORKER,
    ADMINISTRATOR,
)  # fmt: skip
EVERYONE = (*STAFF, RESIDENT, OTHER_RESIDENT, ANYONE)

REPORT: dict[str, Any] = {
    "what": "下水道堵塞。污水外溢",
    "where": {"place": GRID, "lon": 113.26, "lat": 23.1},
}
ASSIGN: dict[str, Any] = {"category": "02.05", "unit": WATER}


def at(text: str) -> datetime:
    """A time on the city's wall clock: `2026-03-02 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = at("2026-03-02 09:00")
"""An ordinary Monday, followed by an ordinary week."""


# --- in memory --------------------------------------------------------------------------------------


@cache
def china() -> WorkingCalendar:
    """China's working calendar of 2024 to 2026."""
    days = {
        day: (working, f"{HOLIDAYS_ZH[name]} / {name}")
        for day, working, name in china_days(date(2024, 1, 1), date(2026, 12, 31))
    }
    return WorkingCalendar("china", ZONE, days=days, known=date(2026, 12, 31))


def _limit_of(catalogue: str, kind: str, clock: str) -> str | None:
    return world.LimitOf({"grid": LIMITS})(catalogue, kind, clock)


WORLD = World(
    china(),
    Known(
        place=PLACES.__contains__,
        unit=LINEAGES.__contains__,
        kind=lambda catalogue, code: catalogue == "grid" and code in KINDS,
    ),
    _limit_of,
)


@cache
def shipped() -> dict[str, Source]:
    """The definitions that come with the program, by name."""
    return {source.procedure.procedure: source for source in publishing.shipped()}


@cache
def procedure(name: str, version: int = 1) -> Compiled:
    """A shipped definition, ready for deciding."""
    return Compiled(shipped()[name].procedure, version)


SMALL = """\
procedure: small
title: {zh: 小事, en: Small matter}
catalogue: grid
parties:
  asker: {title: {zh: 提出人, en: Asker}, person: true}
  doer:  {title: {zh: 办理人, en: Doer}, post: officer, of: unit}
form:
  what: {type: text, names: true, title: {zh: 什么, en: What}}
  unit: {type: unit, title: {zh: 单位, en: Unit}}
states:
  open:   {title: {zh: 在办, en: Open}}
  closed: {title: {zh: 办结, en: Closed}, final: true}
actions:
  ask: {title: {zh: 提出, en: Ask}, to: open, by: asker, asks: [what, unit]}
  do:  {title: {zh: 办理, en: Do}, from: open, to: closed, by: doer, outcome: done}
clocks:
  do: {title: {zh: 办理, en: Do}, from: open, until: closed, limit: 5 working days}
outcomes:
  done: {zh: 完成, en: Done}
keep: {default: 5 days}
scenarios:
  done: [ask, do]
"""
"""The smallest definition that is proved, for tests to change."""


def changed(*changes: tuple[str, str], text: str = SMALL) -> str:
    """The small definition with parts of its text replaced, each of which is there once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def made(*changes: tuple[str, str], version: int = 1) -> Compiled:
    """The small definition with changes, ready for deciding."""
    return Compiled(read(changed(*changes)).procedure, version)


class Course:
    """One matter taken through a procedure act by act, without a database."""

    def __init__(self, compiled: Compiled | str = "grid-event", *, parent: UUID | None = None) -> None:
        self.compiled = procedure(compiled) if isinstance(compiled, str) else compiled
        self.matter = Matter(
            UUID(int=1), self.compiled.definition.procedure, self.compiled.version, parent=parent
        )
        self.now = MONDAY
        self.world = WORLD

    def decide(self, action: str, actor: Actor = SYSTEM, /, **data: Any) -> Decision | Refusal:
        return decide(
            self.compiled, self.matter, action, actor=actor, data=data, now=self.now, world=self.world
        )

    def act(self, action: str, actor: Actor = SYSTEM, /, *, on: str | None = None, **data: Any) -> Decision:
        """Does what must be allowed."""
        self.now = at(on) if on else self.now
        decision = self.decide(action, actor, **data)
        assert isinstance(decision, Decision), decision.reasons
        self.matter = replace(decision.matter, seq=self.matter.seq + 1)
        return decision

    def refusal(self, action: str, actor: Actor = SYSTEM, /, **data: Any) -> list[str]:
        """The codes of the reasons why something is not allowed."""
        decision = self.decide(action, actor, **data)
        assert isinstance(decision, Refusal), f"{action} was allowed"
        assert all(reason.zh.strip() and reason.en.strip() for reason in decision.reasons)
        return [reason.code for reason in decision.reasons]

    def allows(self, action: str, actor: Actor, /, **data: Any) -> bool:
        return isinstance(self.decide(action, actor, **data), Decision)

    def due(self, clock: str) -> str:
        """When a clock is due, on the wall clock."""
        run = self.matter.clocks[clock]
        assert run.due_at is not None
        return run.due_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def reported(reporter: Actor = RESIDENT, **more: Any) -> Course:
    """A grid event that was just reported, on Monday at nine."""
    course = Course()
    course.act("report", reporter, **{**REPORT, **more})
    return course


def assigned(**more: Any) -> Course:
    """One that was assigned to the water company at ten."""
    course = reported()
    course.act("assign", DISPATCHER, on="2026-03-02 10:00", **{**ASSIGN, **more})
    return course


def working() -> Course:
    """One that an officer of the water company began at eleven."""
    course = assigned()
    course.act("start", OFFICER, on="2026-03-02 11:00")
    return course


def checking() -> Course:
    """One that the officer called finished at two."""
    course = working()
    course.act("finish", OFFICER, on="2026-03-02 14:00", result="已疏通")
    return course


def task() -> Course:
    """A joint task that the gardeners were asked to do."""
    course = Course("joint-task", parent=UUID(int=9))
    course.act("ask", unit=PARKS, task="清淤", where=GRID)
    return course


def who_may(course: Course, action: str, **data: Any) -> set[str]:
    """The names of those, of everyone, who may do an action."""
    return {actor.name for actor in EVERYONE if course.allows(action, actor, **data)}


# --- in the database --------------------------------------------------------------------------------


def found() -> None:
    """Stores the city: what the systems ship, the places, the units, the people in their posts."""
    install()
    Place.objects.bulk_create(
        [
            Place(code=code, level=Level.of(code), parent=next(parents(code), ""), name=f"地点{code}")
            for code in PLACES
        ]
    )
    Organisation.objects.bulk_create(
        [
            Organisation(pk=pk, code=f"unit-{pk}", name=f"单位{pk}", lineage=list(LINEAGES[pk]), place=TOWN)
            for pk in LINEAGES
        ]
    )
    people = [actor for actor in EVERYONE if actor.person]
    Person.objects.bulk_create([Person(id=actor.person, name=actor.name) for actor in people])
    Post.objects.bulk_create(
        [
            Post(pk=pk, person_id=uuid5(UUID(int=0), name), role_id=role, organisation_id=unit, place=place)
            for pk, (name, role, unit, place) in _POSTS.items()
        ]
    )
    world.changed()
    forget_atlas()
