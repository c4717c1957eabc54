"""A small city for the tests of the pages: one street, its water office and its grid, and those who work there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils import timezone
from PIL import Image

from mumian.engine import world
from mumian.engine.installing import install
from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Organisation, Person, Post
from mumian.place.loading import forget_atlas
from mumian.place.region import Region
from mumian.place.storing import store

PASSWORD = "a long password"
TOWN, COMMUNITY = "440103001", "440103001001"
GRID, NEXT_GRID = "440103001001001", "440103001001002"
SPOT, NEXT_SPOT = (113.251, 23.101), (113.253, 23.101)
OUTSIDE = (116.4, 39.9)
DRAINS = "03.04"
"""The kind of blocked drains in the catalogue, for which a water office answers."""


@dataclass(frozen=True)
class City:
    """The posts by name, and the units."""

    posts: dict[str, Post]
    people: dict[str, Person]
    water: Organisation
    streets: Organisation

    def actor(self, name: str) -> Actor:
        return self.posts[name].as_actor()


def found() -> City:
    """Stores the city: what the systems ship, places with outlines, units, people in their posts."""
    install()
    _place()
    centre = _unit("centre", "石溪综治中心", "Shixi Centre", "governance")
    water = _unit("water", "石溪水务所", "Shixi Water", "water")
    streets = _unit("streets", "石溪执法队", "Shixi Streets", "urban-management")
    people = {
        name: Person.objects.create_person(name, PASSWORD, name=called, phone="020-8411-0000")
        for name, called in {
            "dispatcher": "刘欣月", "officer": "何志强", "colleague": "张杰", "worker": "赵清国",
            "supervisor": "黄庆", "stranger": "王远", "administrator": "周明", "resident": "陈小燕", "both": "李平",
        }.items()
    }  # fmt: skip
    posts = {
        name: _post(people[name], role, organisation, place)
        for name, role, organisation, place in [
            ("dispatcher", "dispatcher", centre, TOWN),
            ("officer", "officer", water, TOWN),
            ("colleague", "officer", water, TOWN),
            ("worker", "grid-worker", centre, GRID),
            ("supervisor", "supervisor", centre, TOWN),
            ("stranger", "dispatcher", centre, "440103002"),
            ("both", "dispatcher", centre, TOWN),
            ("administrator", "administrator", centre, "4401"),
        ]
    }
    posts["both-worker"] = _post(people["both"], "grid-worker", centre, NEXT_GRID)
    world.changed()
    forget_atlas()
    return City(posts, people, water, streets)


def _place() -> None:
    west, east = shapely.box(113.25, 23.10, 113.252, 23.102), shapely.box(113.252, 23.10, 113.254, 23.102)
    south = shapely.box(113.25, 23.098, 113.254, 23.10)
    community, town = shapely.union_all([west, east]), shapely.union_all([west, east, south])
    store(
        [
            Region("4401", "木棉市", "Mumian City", outline=shapely.to_wkb(town)),
            Region("440103", "越秀区", "Yuexiu", outline=shapely.to_wkb(town)),
            Region(TOWN, "石溪街道", "Shixi", outline=shapely.to_wkb(town)),
            Region(COMMUNITY, "石溪社区", "Shixi Community", outline=shapely.to_wkb(community)),
            Region("440103001002", "平安社区", "Ping'an Community", outline=shapely.to_wkb(south)),
            Region(GRID, "001网格", "Grid 001", outline=shapely.to_wkb(west)),
            Region(NEXT_GRID, "002网格", "Grid 002", outline=shapely.to_wkb(east)),
            Region("440103002", "南湖街道", "Nanhu"),
            Region("440103002001", "平安社区", "Ping'an Community"),
        ]
    )


def _unit(code: str, name: str, name_en: str, kind: str) -> Organisation:
    unit = Organisation.objects.create(code=code, name=name, name_en=name_en, kind=kind, place=TOWN)
    unit.lineage = [unit.pk]
    unit.save()
    return unit


def _post(person: Person, role: str, organisation: Organisation, place: str) -> Post:
    post = Post.objects.create(person=person, role_id=role, organisation=organisation, place=place)
    return Post.objects.select_related("role", "organisation").get(pk=post.pk)


# --- what happens in it -----------------------------------------------------------------------------


def reported(
    city: City, what: str = "下水道堵塞，污水外溢。老人容易滑倒", spot: Any = SPOT, **more: Any
) -> Done:
    """A report by somebody without a name."""
    code = {SPOT: GRID, NEXT_SPOT: NEXT_GRID}[spot]
    data = {"what": what, "where": {"place": code, "lon": spot[0], "lat": spot[1]}, **more}
    return _done(Act("report", ANYONE, data, opens="grid-event", channel="web"))


def assigned(city: City, **more: Any) -> Done:
    """A report that was assigned to the water office."""
    matter = reported(city, **more).matter
    return act(city, "dispatcher", "assign", matter, category=DRAINS, unit=city.water.pk)


def checking(city: City) -> Done:
    """A report that the water office says is settled."""
    matter = assigned(city).matter
    act(city, "officer", "start", matter)
    return act(city, "officer", "finish", matter, result="已疏通")


def closed(city: City) -> Done:
    """A report that was settled and checked."""
    return act(city, "worker", "accept", checking(city).matter)


def act(city: City, who: str, action: str, matter: Any, **data: Any) -> Done:
    """Something that must be allowed."""
    return _done(Act(action, city.actor(who), data, matter))


def _done(act: Act) -> Done:
    [result] = perform([act], now=timezone.now())
    assert isinstance(result, Done), result
    return result


def picture(colour: tuple[int, int, int] = (120, 140, 160)) -> bytes:
    """A small photograph."""
    held = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(held, "JPEG")
    return held.getvalue()
