"""The demo city's emergency units with their rosters, and incidents and a drill of the last weeks."""

from collections.abc import Iterator
from random import Random

from mumian.demo import DemoCity, Story
from mumian.systems.response.demo.incidents import live_through
from mumian.systems.response.demo.units import DUTY, RESPONDER, found, roster

ACCOUNTS = (DUTY, RESPONDER)


def matters(city: DemoCity, rng: Random) -> Iterator[Story]:
    """None: whom an incident calls is known only while it happens, see `afterwards`."""
    return iter(())


def prepare() -> None:
    """Units and their people."""
    found()


def afterwards(city: DemoCity) -> None:
    """Rosters around the city's today, and what was called for in its last weeks."""
    roster(city)
    live_through(city)
