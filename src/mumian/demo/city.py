"""The founded city as stories see it: where things happen, who acts there, and when people work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from random import Random

import shapely
from django.db.models import F

from mumian.demo import naming
from mumian.demo.accounts import HOME_GRID, Account, accounts
from mumian.demo.plan import Plan
from mumian.engine import world
from mumian.engine.clocks import WorkingCalendar
from mumian.engine.limits import Limit
from mumian.engine.models import Kind
from mumian.people.actor import Actor, Scope
from mumian.people.models import Organisation, Person, Post, Role
from mumian.place.atlas import Atlas
from mumian.place.codes import Level, cut
from mumian.place.loading import current_atlas

HOME_TIMES = 40
"""About how many matters the grid of the demo account has had."""


@dataclass(frozen=True)
class DemoCity:
    """The city that was founded. What is not asked for is not loaded."""

    plan: Plan
    today: datetime
    """The moment up to which its history goes."""

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts by which a visitor enters, one a role."""
        return accounts()

    # Where

    @cached_property
    def atlas(self) -> Atlas:
        return current_atlas()

    @cached_property
    def grids(self) -> Sequence[str]:
        """All grids, in order of code."""
        return self.atlas.below("", Level.GRID)

    def any_grid(self, rng: Random) -> str:
        """A grid, the likelier the more people live in it; the demo account's own more often."""
        if rng.random() * self.plan.days * self.plan.reports_a_day < HOME_TIMES:
            return HOME_GRID
        return rng.choices(self.grids, cum_weights=self._peopled)[0]

    def point_in(self, grid: str, rng: Random) -> tuple[float, float]:
        """A point inside a grid, in degrees."""
        outline = self.atlas.outline(grid)
        assert outline is not None
        west, south, east, north = outline.bounds
        while True:
            lon, lat = round(rng.uniform(west, east), 7), round(rng.uniform(south, north), 7)
            if shapely.contains_xy(outline, lon, lat):
                return lon, lat

    def road_in(self, grid: str, rng: Random) -> str:
        """An address in a grid: 石溪北路18号."""
        community = self.atlas.name(cut(grid, Level.COMMUNITY))
        return f"{naming.stem_of(community)}{rng.choice(naming.ROADS)}{rng.randint(1, 188)}号"

    @cached_property
    def _peopled(self) -> Sequence[int]:
        return list(accumulate(self.atlas[grid].population or 1 for grid in self.grids))

    # Who

    def at_post(self, role: str, place: str) -> Actor:
        """The one who holds a role at a place."""
        return self._posts[role, place][0]

    def officers(self, unit: int) -> Sequence[Actor]:
        """Those who act for a unit."""
        return self._officers[unit]

    def unit(self, kind: str, place: str) -> int | None:
        """The unit of a kind that serves a place, if there is one."""
        return self._units.get((kind, place))

    def unit_for(self, kind: Kind, place: str) -> int:
        """The unit that answers for a kind of matter at a place."""
        return self._units[kind.unit_kind, cut(place, _LEVELS[kind.unit_at])]

    @cached_property
    def residents(self) -> Sequence[Actor]:
        """Those who have registered, the demo account first."""
        staff = Post.objects.exclude(person=None).values("person")
        people = Person.objects.exclude(pk__in=staff).order_by(F("username").asc(nulls_last=True), "pk")
        return [Actor(person=person) for person in people.values_list("pk", flat=True)]

    @cached_property
    def _units(self) -> Mapping[tuple[str, str], int]:
        return {
            (kind, place): pk for kind, place, pk in Organisation.objects.values_list("kind", "place", "pk")
        }

    @cached_property
    def _posts(self) -> Mapping[tuple[str, str], Sequence[Actor]]:
        posts = defaultdict(list)
        for actor in self._actors:
            posts[actor.role, actor.place].append(actor)
        return posts

    @cached_property
    def _officers(self) -> Mapping[int, Sequence[Actor]]:
        officers = defaultdict(list)
        for actor in self._actors:
            if actor.role == "officer" and actor.organisation is not None:
                officers[actor.organisation].append(actor)
        return officers

    @cached_property
    def _actors(self) -> Sequence[Actor]:
        scopes = {slug: Scope(scope) for slug, scope in Role.objects.values_list("slug", "scope")}
        lineages = {pk: tuple(lineage) for pk, lineage in Organisation.objects.values_list("pk", "lineage")}
        rows = Post.objects.exclude(person=None).order_by("pk")
        return [
            Actor(person, post, role, unit, lineages[unit], place, scopes[role])
            for person, post, role, unit, place in rows.values_list(
                "person", "pk", "role", "organisation", "place"
            ).iterator(chunk_size=5000)
        ]

    # When

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return world.city().world.calendar

    def kinds(self, catalogue: str) -> Mapping[str, Kind]:
        """The kinds of a catalogue by code."""
        return world.city().kinds[catalogue]

    def limit(self, kind: Kind, clock: str) -> Limit | None:
        """The limit a catalogue gives a kind for a clock."""
        text = world.city().world.limit_of(kind.catalogue_id, kind.code, clock)
        return Limit.parse(text) if text else None


_LEVELS = {level.word: level for level in Level}
