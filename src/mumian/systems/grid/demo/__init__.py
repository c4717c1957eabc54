"""The grid's part of the demo city: events from their report to their end, patrols, tasks sent down."""

from collections.abc import Iterator
from heapq import merge
from random import Random

from mumian.demo import DemoCity, Story
from mumian.systems.grid.demo.events import events
from mumian.systems.grid.demo.patrols import plan, rounds
from mumian.systems.grid.demo.tasks import tasks


def matters(city: DemoCity, rng: Random) -> Iterator[Story]:
    """All of it, in the order in which it began."""
    told = events(city, rng), rounds(city, Random(rng.random())), tasks(city, Random(city.plan.seed))
    return merge(*told, key=lambda story: story.steps[0].at)


def prepare() -> None:
    """Patrols are planned around the demo accounts."""
    plan()
