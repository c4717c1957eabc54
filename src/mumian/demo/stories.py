"""What a system tells of the city's past: stories, each of one matter, as acts in the order they were done.

An installed system whose folder has a `demo.py` with `matters(city, rng)` brings its own stories.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps

from mumian.engine.perform import keyed_id
from mumian.people.actor import Actor

if TYPE_CHECKING:
    from mumian.demo.city import DemoCity


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a story."""

    at: datetime
    action: str
    actor: Actor
    data: Mapping[str, Any] = field(default_factory=dict)
    child: int | None = None
    """The act is on the part of the matter that was opened for this unit, on an earlier day."""


@dataclass(frozen=True, slots=True)
class Story:
    """The history of one matter. The first step opens it; steps are in order of time."""

    matter: UUID
    procedure: str
    channel: str
    steps: tuple[Step, ...]


def matter_id(*key: str) -> UUID:
    """The id of a matter of the demo city: always the same for the same words."""
    return keyed_id("demo", *key)


def tell(city: "DemoCity") -> Iterator[Story]:
    """The stories of all installed systems, in the order in which they begin."""
    told = []
    for config in apps.get_app_configs():
        if hasattr(config, "system") and importlib.util.find_spec(f"{config.name}.demo"):
            system = importlib.import_module(f"{config.name}.demo")
            told.append(system.matters(city, Random(f"{city.plan.seed} {config.label}")))
    return merge(*told, key=lambda story: story.steps[0].at)
