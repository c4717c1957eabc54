"""The demo city's mediation: organisations, mediators, an organiser, a court clerk, and disputes in every state."""

from collections.abc import Iterator
from random import Random

from mumian.demo import DemoCity, Story
from mumian.systems.mediation.demo.disputes import live_through
from mumian.systems.mediation.demo.roster import CLERK, MEDIATOR, NEIGHBOUR, ORGANISER, found

ACCOUNTS = (ORGANISER, MEDIATOR, NEIGHBOUR, CLERK)


def matters(city: DemoCity, rng: Random) -> Iterator[Story]:
    """None: a mediation is between persons known by name, see `afterwards`."""
    return iter(())


def prepare() -> None:
    """Who mediates, and where."""
    found()


def afterwards(city: DemoCity) -> None:
    """Disputes of the last weeks, settled and not, and some that are going on."""
    live_through(city)
