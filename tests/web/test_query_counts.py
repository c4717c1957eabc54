"""How many queries each page may send: `tests/query_counts.json` keeps the baseline."""

from __future__ import annotations

from typing import Any

import pytest

from mumian.engine import world
from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.intake import suggesting
from mumian.place import loading
from tests.web import city as small
from tests.web.city import DRAINS, City


@pytest.fixture(autouse=True)
def _known_by_heart(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server that has been up for a minute knows without asking."""
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", 1e9)
    monkeypatch.setattr(loading, "FRESH_FOR", 1e9)
    world.city()
    loading.current_atlas()
    for name in world.city().current:
        world.city().procedure(name)
    suggesting.suggester("grid-event")


def test_pages_anyone_may_open(city: City, visit: Any, query_budget: Any) -> None:
    done = small.reported(city)
    client = visit()
    with query_budget("web: GET /"):
        client.get("/")
    with query_budget("web: GET /report"):
        client.get("/report")
    with query_budget("web: GET /track?number="):
        client.get(f"/track?number={done.number}")
    row = Matter.objects.get()
    secret = link_after(row.pk, world.city().procedure(row.procedure), "report")
    with query_budget("web: GET /track/{number}/{secret}"):
        client.get(f"/track/{done.number}/{secret}")
    with query_budget("web: POST /report/suggest"):
        where = {"where_longitude": small.SPOT[0], "where_latitude": small.SPOT[1]}
        client.post("/report/suggest", {"what": "下水道堵塞", **where})
    with query_budget("web: POST /report"):
        client.post("/report", {"what": "下水道堵塞", "key": "k" * 32, **where})


@pytest.mark.parametrize("matters", [1, 12])
def test_the_board_asks_the_same_however_much_there_is(
    city: City, visit: Any, query_budget: Any, matters: int
) -> None:
    for _ in range(matters):
        small.assigned(city)
        small.reported(city)
    client = visit("dispatcher")
    with query_budget("web: GET /board"):
        client.get("/board?group=open")
    with query_budget("web: GET /board filtered"):
        client.get("/board?group=open&kind=03&text=下水&mine=1")


def test_the_board_acts_on_many_as_on_one(city: City, visit: Any, query_budget: Any) -> None:
    keys = [small.assigned(city).matter.hex for _ in range(6)]
    client = visit("officer")
    with query_budget("web: POST /board/act"):
        client.post("/board/act", {"action": "start", "matter": keys, "key": "k" * 32})
    assert set(Matter.objects.values_list("state", flat=True)) == {"working"}


@pytest.mark.parametrize("joined", [1, 5])
def test_a_matter_asks_the_same_however_long_its_story(
    city: City, visit: Any, query_budget: Any, joined: int
) -> None:
    done = small.assigned(city)
    for _ in range(joined):
        small.act(city, "officer", "join", done.matter, units=[city.streets.pk], task="清理杂物")
        small.act(city, "officer", "comment", done.matter, text="已联系")
    client = visit("dispatcher")
    with query_budget("web: GET /matters/{number}"):
        client.get(f"/matters/{done.number}")
    with query_budget("web: GET /matters/{number}/record"):
        client.get(f"/matters/{done.number}/record")


def test_a_form_and_what_becomes_of_it(city: City, visit: Any, query_budget: Any) -> None:
    number = small.reported(city).number
    client = visit("dispatcher")
    with query_budget("web: GET /matters/{number}/do/{action}"):
        client.get(f"/matters/{number}/do/assign")
    with query_budget("web: POST /matters/{number}/do/{action}"):
        client.post(f"/matters/{number}/do/assign", {"category": DRAINS, "unit": city.water.pk, "key": "k"})
    assert Matter.objects.get().state == "assigned"
