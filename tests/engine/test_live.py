"""Hints that something has changed: who hears them, and that they say nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from mumian.engine import live
from mumian.engine.live import Listener, Where
from mumian.engine.perform import Act, perform
from mumian.people.actor import ANYONE, SYSTEM, Actor, Scope
from tests.engine.city import DISPATCHER, GRID

TOWN = Actor(place="440103001", scope=Scope.PLACE)
WATER = Actor(lineage=(7, 3), scope=Scope.UNIT)


@pytest.mark.parametrize(
    ("actor", "where", "hears"),
    [
        (TOWN, Where("440103001002003", None), True),
        (TOWN, Where("440103002", 7), False),
        (WATER, Where("440103002", 3), True),
        (WATER, Where("440103002", 4), False),
        (WATER, Where("440103002", None), False),
        (SYSTEM, Where("", None), True),
        (ANYONE, Where("440103001", 7), False),
    ],
)
def test_one_hears_of_what_may_lie_where_one_looks(actor: Actor, where: Where, hears: bool) -> None:
    listener = Listener(actor)
    listener.hear([where])
    assert listener.wait(0) is hears


def test_what_is_heard_while_one_looks_is_looked_at_again() -> None:
    listener = Listener(TOWN)
    listener.hear(None)
    listener.look()
    assert not listener.wait(0)
    listener.hear([Where("440103001", None)])
    assert listener.wait(0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(live._teller, "add", found.append)
    return found


@pytest.mark.usefixtures("standing")
@pytest.mark.database
def test_an_act_is_told_by_its_place_and_a_refusal_not_at_all(
    told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    report = Act("report", ANYONE, {"what": "积水", "where": {"place": GRID}}, opens="grid-event")
    with django_capture_on_commit_callbacks(execute=True):
        [done] = perform([report])
    assert told == [{Where(GRID, None)}]
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        perform([Act("accept", DISPATCHER, {}, done.matter), Act("assign", DISPATCHER, {})])
        perform([])
    assert told == []


@pytest.mark.usefixtures("standing")
@pytest.mark.database
def test_of_very_many_it_is_only_said_that_there_were(
    told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    what = {"what": "积水", "where": {"place": GRID}}
    with django_capture_on_commit_callbacks(execute=True):
        perform([Act("report", ANYONE, what, opens="grid-event") for _ in range(live.MOST + 1)])
    assert told == [None]


@pytest.fixture
def heard(db: None) -> Iterator[psycopg.Connection[Any]]:
    for thread in threading.enumerate():  # what the tests before have to tell is told first
        if thread.name == "telling":
            thread.join()
    with live._own_connection() as own:
        own.execute(f"LISTEN {live.CHANNEL}")
        yield own


def test_what_goes_over_the_wire_names_no_matter(heard: psycopg.Connection[Any]) -> None:
    teller = live._Teller()
    teller.add({Where("440103001", 7)})
    teller.add({Where("440103002", None)})
    [notice] = heard.notifies(timeout=5, stop_after=1)
    assert sorted(json.loads(notice.payload)) == [["440103001", 7], ["440103002", None]]


def test_after_very_many_all_look(heard: psycopg.Connection[Any]) -> None:
    teller = live._Teller()
    teller.add(None)
    teller.add({Where("440103002", None)})
    [notice] = heard.notifies(timeout=5, stop_after=1)
    assert notice.payload == ""
