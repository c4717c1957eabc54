"""A small city for the tests of the API: one street of water, a dispatcher, an officer, a grid worker."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import shapely
from django.db import connection, transaction
from django.test import Client

from mumian.engine import world
from mumian.engine.installing import install
from mumian.people.models import Organisation, Person, Post, Token
from mumian.place import loading
from mumian.place.region import Region
from mumian.place.storing import store

TOWN, COMMUNITY = "440103001", "440103001001"
GRID, OTHER_GRID = "440103001001001", "440103001001002"
SPOT, OTHER_SPOT = (113.251, 23.101), (113.253, 23.101)


@dataclass(frozen=True)
class City:
    """Who there is: units, posts, and a token for each post."""

    water: Organisation
    posts: dict[str, Post]
    tokens: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="package")
def _built(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city, built once for all tests of the API and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        built = _build()
        connection.check_constraints()  # once here, else at the end of every test
        yield built
        transaction.set_rollback(True)
    world.forget()
    loading.forget_atlas()


@pytest.fixture
def city(_built: City, db: None, monkeypatch: pytest.MonkeyPatch) -> City:
    """The city; what is kept of it in memory is not looked at again, so that statements can be counted."""
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", math.inf)
    monkeypatch.setattr(loading, "FRESH_FOR", math.inf)
    return _built


def _build() -> City:
    install()
    square = shapely.box(113.25, 23.10, 113.252, 23.102), shapely.box(113.252, 23.10, 113.254, 23.102)
    both = shapely.union_all(square)
    store(
        [
            Region("4401", "木棉市", "Mumian City"),
            Region("440103", "越秀区", "Yuexiu"),
            Region(TOWN, "石溪街道", "Shixi", outline=shapely.to_wkb(both)),
            Region(COMMUNITY, "石溪社区", "Shixi Community", outline=shapely.to_wkb(both)),
            Region(GRID, "001网格", "Grid 001", outline=shapely.to_wkb(square[0])),
            Region(OTHER_GRID, "002网格", "Grid 002", outline=shapely.to_wkb(square[1])),
            Region("440103002", "南湖街道", "Nanhu"),
            Region("440103002001", "平安社区", "Ping'an Community"),
            Region("440103001002", "平安社区", "Ping'an Community"),
        ]
    )
    water = _unit("water", "石溪水务所", "Shixi Water", TOWN)
    centre = _unit("centre", "石溪综治中心", "Shixi Centre", TOWN)
    posts = {
        "dispatcher": _post("dispatcher", centre, TOWN),
        "officer": _post("officer", water, TOWN),
        "worker": _post("grid-worker", centre, GRID),
        "stranger": _post("dispatcher", centre, "440103002"),
        "administrator": _post("administrator", centre, "4401"),
    }
    world.changed()
    return City(water, posts, {name: Token.issue(post, name) for name, post in posts.items()})


def _unit(code: str, name: str, name_en: str, place: str) -> Organisation:
    unit = Organisation.objects.create(code=code, name=name, name_en=name_en, kind=code, place=place)
    unit.lineage = [unit.pk]
    unit.save()
    return unit


def _post(role: str, organisation: Organisation, place: str) -> Post:
    person = Person.objects.create_person(f"{role}-{place}", "a long password", name=f"{role} {place}")
    return Post.objects.create(person=person, role_id=role, organisation=organisation, place=place)


class Caller:
    """A program that calls the API as one of the posts, or as anyone."""

    def __init__(self, token: str | None = None, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **headers}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers={**self.headers, **(headers or {})})

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return self.client.post(
            f"/api/v1/{path}",
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={**self.headers, **(headers or {})},
        )

    def report(self, where: Any = None, **more: Any) -> Any:
        data = {"what": "下水道堵塞。污水外溢", "where": where or {"lon": SPOT[0], "lat": SPOT[1]}}
        data |= more.pop("data", {})
        return self.post("matters", {"procedure": "grid-event", "action": "report", "data": data, **more})

    def act(self, matter: str, action: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        headers = more.pop("headers", None)
        return self.post(f"matters/{matter}/actions/{action}", {"data": data or {}, **more}, headers)


@pytest.fixture
def call(city: City) -> Callable[..., Caller]:
    """`call("officer")` calls as that post, `call()` as anyone."""
    return lambda who=None, **headers: Caller(city.tokens[who] if who else None, **headers)


@pytest.fixture(autouse=True)
def _no_public_rate(settings: Any) -> None:
    settings.PUBLIC_RATE = "0"


@pytest.fixture
def key() -> str:
    return str(uuid4())
