"""The demo city's emergency units with their rosters and rounds, and incidents and drills of the last weeks."""

from collections.abc import Iterator
from random import Random

from mumian.demo import DemoCity, Story
from mumian.systems.response.demo.incidents import live_through
from mumian.systems.response.demo.practising import practise, walk
from mumian.systems.response.demo.units import DUTY, RESPONDER, beats, found, roster

ACCOUNTS = (DUTY, RESPONDER)


def matters(city: DemoCity, rng: Random) -> Iterator[Story]:
    """None: whom an incident calls is known only while it happens, see `afterwards`."""
    return iter(())


def prepare() -> None:
    """Units and their people."""
    found()


def afterwards(city: DemoCity) -> None:
    """Rosters around the city's today, what was called for and practised in its last weeks, and rounds of these days."""
    roster(city)
    beats()
    live_through(city)
    practise(city)
    walk(city)
