"""What a system tells of the city's past: stories, each of one matter, as acts in the order they were done.

An installed system that has a module `demo` brings its own: `matters(city, rng)` tells its stories. Where there are
such, `prepare()` sets up what they need once the city is founded, `afterwards(city)` does what stories cannot tell,
and `ACCOUNTS` names those among its people by whom a visitor enters.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from importlib import import_module
from importlib.util import find_spec
from random import Random
from types import ModuleType
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
    part: int | str | None = None
    """Unsaid, it is on the matter itself; else on what the matter opened, on an earlier day, for this
    unit or by this procedure."""


@dataclass(frozen=True, slots=True)
class Story:
    """The history of one matter. The first step opens it; steps are in order of time."""

    matter: UUID
    procedure: str
    channel: str
    steps: tuple[Step, ...]
    key: str | None = None
    """The key of the act that opens it, where the program would use one."""


def matter_id(*key: str) -> UUID:
    """The id of a matter of the demo city: always the same for the same words."""
    return keyed_id("demo", *key)


def tell(city: "DemoCity") -> Iterator[Story]:
    """The stories of all installed systems, in the order in which they begin."""
    told = [module.matters(city, Random(f"{city.plan.seed} {module.__name__}")) for module in _modules()]
    return merge(*told, key=lambda story: story.steps[0].at)


def prepare() -> None:
    """Sets up what the systems' stories need."""
    for module in _modules():
        if hasattr(module, "prepare"):
            module.prepare()


def afterwards(city: "DemoCity") -> None:
    """Does what the systems cannot tell as stories, once the past is lived through; done again, nothing is twice."""
    for module in _modules():
        if hasattr(module, "afterwards"):
            module.afterwards(city)


def account_names() -> list[str]:
    """The user names by which a visitor enters the systems' pages."""
    return [name for module in _modules() for name in getattr(module, "ACCOUNTS", ())]


def _modules() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        if hasattr(config, "system") and find_spec(f"{config.name}.demo"):
            yield import_module(f"{config.name}.demo")
