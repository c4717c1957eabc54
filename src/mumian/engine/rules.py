"""What a definition cannot say, named from it: conditions, effects and computed limits in pure Python.

A system's `rules.py` registers its rules when the program starts. A rule looks only at what it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from mumian.engine.limits import Limit
from mumian.engine.matter import Data, Matter
from mumian.people.actor import Actor


class Circumstances(NamedTuple):
    """All a rule may look at. A tuple, because one is made for every act."""

    matter: Matter
    """As it is before the act (for effects and limits: as it is after it)."""
    data: Data
    actor: Actor
    now: datetime
    kind: Mapping[str, Any] = MappingProxyType({})
    """What the catalogue says of the matter's kind: `hazard`, `in_grid`, `unit_kind`."""


@dataclass(frozen=True, slots=True)
class Open:
    """An effect: another matter is opened as a child of this one."""

    procedure: str
    action: str
    data: Data
    unit: int | None = None
    part: bool = True
    """Whether it is a part of this one, which waits for it, or only follows from it."""


@dataclass(frozen=True, slots=True)
class Act:
    """An effect: the program acts on another matter."""

    matter: UUID
    action: str
    data: Data
    at: datetime | None = None
    """When it counts as done, if not with what it follows from."""


@dataclass(frozen=True, slots=True)
class Tell:
    """An effect: parties get a notice once the act is stored."""

    parties: tuple[str, ...]
    action: str


@dataclass(frozen=True, slots=True)
class Job:
    """An effect: a job is queued with the act, and done after it; unless the act is done quietly."""

    task: str
    arguments: Data


PART, FOLLOWING = "child", "follow-up"
"""The channel of a child: a part of its parent, or something that followed from it."""

Effect = Open | Act | Tell | Job
Condition = Callable[[Circumstances], Mapping[str, str] | None]
"""Gives nothing where it holds, and words in each language where it does not."""
Consequence = Callable[[Circumstances], list[Effect]]
Reckoning = Callable[[Circumstances], Limit | datetime]
Checklist = Callable[[Matter], list[Mapping[str, str]]]
"""The things to look at on a matter, in each language; they are numbered from 1."""


@dataclass(frozen=True)
class Rules:
    """Rules by name, of each sort."""

    conditions: dict[str, Condition] = field(default_factory=dict)
    effects: dict[str, Consequence] = field(default_factory=dict)
    limits: dict[str, Reckoning] = field(default_factory=dict)
    checklists: dict[str, Checklist] = field(default_factory=dict)

    def condition(self, name: str) -> Callable[[Condition], Condition]:
        """Registers a condition for `when:`."""
        return _register(self.conditions, name)

    def effect(self, name: str) -> Callable[[Consequence], Consequence]:
        """Registers an effect for `then:`."""
        return _register(self.effects, name)

    def limit(self, name: str) -> Callable[[Reckoning], Reckoning]:
        """Registers a computed limit for `limit: {rule: …}`."""
        return _register(self.limits, name)

    def checklist(self, name: str) -> Callable[[Checklist], Checklist]:
        """Registers what is to be looked at, for `checklist:` of a field."""
        return _register(self.checklists, name)


def _register(table: dict[str, Any], name: str) -> Callable[[Any], Any]:
    def remember(rule: Any) -> Any:
        if name in table and table[name].__module__ != rule.__module__:
            raise ValueError(
                f"two rules are called {name}: in {table[name].__module__} and {rule.__module__}"
            )
        table[name] = rule
        return rule

    return remember


RULES = Rules()
"""The rules of this installation."""


@RULES.condition("children-done")
def children_done(circumstances: Circumstances) -> Mapping[str, str] | None:
    """Every child of the matter is closed."""
    if left := circumstances.matter.children_open:
        return {"zh": f"还有 {left} 个子事项未办结", "en": f"{left} of its parts are not closed yet"}
    return None


@RULES.condition("below-ones-post")
def below_ones_post(circumstances: Circumstances) -> Mapping[str, str] | None:
    """The place of the matter, once it is said, is that of the actor's post or lies in it."""
    where = circumstances.data.get("where")
    place = where.get("place", "") if isinstance(where, Mapping) else circumstances.matter.place
    if not place or circumstances.actor.system or place.startswith(circumstances.actor.place):
        return None
    return {"zh": "该地点不在您的岗位所辖范围内", "en": "That place does not lie in that of your post"}


@RULES.condition("sent-from-ones-post")
def sent_from_ones_post(circumstances: Circumstances) -> Mapping[str, str] | None:
    """The actor's post is one of those that have acted on the matter before."""
    actor = circumstances.actor
    if actor.system or any(holder.post == actor.post for holder in circumstances.matter.holders):
        return None
    return {"zh": "只能由下达任务的岗位进行", "en": "Only the post that sent it may do this"}
