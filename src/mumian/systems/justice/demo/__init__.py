"""The demo city's criminal cases: its agencies, an account for each role, and cases in every stage."""

from collections.abc import Iterator
from random import Random

from mumian.demo import DemoCity, Story
from mumian.systems.justice.demo.agencies import ACCOUNTS as OF_CASES
from mumian.systems.justice.demo.agencies import found
from mumian.systems.justice.demo.cases import live_through
from mumian.systems.justice.demo.handing import WARDEN, hand_over
from mumian.systems.justice.demo.handing import found as found_defence

ACCOUNTS = (*OF_CASES, WARDEN)
__all__ = ["ACCOUNTS", "afterwards", "matters", "prepare"]


def matters(city: DemoCity, rng: Random) -> Iterator[Story]:
    """None: a case is one matter after another, see `afterwards`."""
    return iter(())


def prepare() -> None:
    """The agencies, those who work there, and the roster of lawyers."""
    found()
    found_defence()


def afterwards(city: DemoCity) -> None:
    """Cases of the last months, each lived through act by act."""
    live_through(city)
    hand_over(city)
