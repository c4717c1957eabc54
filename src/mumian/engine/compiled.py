"""What deciding stands on: a definition made ready, the world around it, and what a decision or a refusal is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple

from mumian.engine.clocks import WorkingCalendar
from mumian.engine.definition import ClockSpec, FieldSpec, Procedure
from mumian.engine.fields import Known
from mumian.engine.matter import ClockRun, Data, Holder, Matter
from mumian.engine.rules import RULES, Effect, Rules, Tell


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not be done: a word for programs, and a sentence in each language."""

    code: str
    zh: str
    en: str
    field: str | None = None
    """The field of the form it is about."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not allowed, with every reason found."""

    reasons: tuple[Reason, ...]


class Decision(NamedTuple):
    """What follows from an act. A tuple, because many are made at once."""

    matter: Matter
    """As it is afterwards; `seq` and `head` are still those before, the entry is yet to be chained."""
    action: str
    body: Data
    """What the entry says."""
    openings: dict[str, list[Any]]
    """Personal values with their salts: see `record.canonical.seal`."""
    clocks: tuple[str, ...] = ()
    """Names of the clocks that changed."""
    holders: tuple[Holder, ...] = ()
    """Those who are new among its parties."""
    effects: tuple[Effect, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Field and hash of the files that came with it."""


def _no_limits(catalogue: str, kind: str, clock: str) -> str | None:
    return None


def _no_traits(catalogue: str, kind: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class World:
    """What deciding knows beside the matter: the calendar, the catalogue, what exists, the rules."""

    calendar: WorkingCalendar
    known: Known = field(default_factory=Known)
    limit_of: Callable[[str, str, str], str | None] = _no_limits
    """The limit a catalogue gives a kind for a clock: (catalogue, kind, clock)."""
    traits_of: Callable[[str, str], Mapping[str, Any]] = _no_traits
    """What a catalogue says of a kind: (catalogue, kind)."""
    rules: Rules = RULES
    top: str = ""
    """The place beyond which no desk lies: that of the installation."""
    begun: dict[tuple[Any, ...], ClockRun] = field(default_factory=dict, compare=False)
    """Clocks begun at one moment, remembered: a batch begins very many alike."""
    forms: dict[tuple[Any, ...], Any] | None = field(default=None, compare=False)
    """Forms that were read, remembered within one batch: of many acts with the very same answers it is read once."""


BUILT_IN = frozenset({"comment", "ring", "child", "merged", "migrate"})
"""Actions every matter has; a definition may not use their names."""


class Compiled:
    """A definition made ready for deciding: what its maps and lists mean for each state and action."""

    def __init__(self, definition: Procedure, version: int = 1) -> None:
        self.definition = definition
        self.version = version
        self.asks_program = {
            name: [_ask(text) for text in spec.asks] for name, spec in definition.actions.items()
        }
        """What each action asks for, and whether it must be answered."""
        self.asks = {
            action: [ask for ask in asks if not definition.form[ask[0]].program]
            for action, asks in self.asks_program.items()
        }
        """The same without what the program alone fills in: what people are asked."""
        form = definition.form
        self.questions, self.questions_program = (
            {
                action: [
                    (name, _as_asked(form[name], action), required and form[name].required)
                    for name, required in asked
                ]
                for action, asked in asks.items()
            }
            for asks in (self.asks, self.asks_program)
        )
        """What is asked of people and of the program: name, field, and whether it must be answered."""
        self.states = definition.states
        self.watched = {other for spec in definition.parties.values() for other in spec.not_}
        self.clocks = definition.clocks
        self.naming = definition.naming
        self.file_fields = frozenset(name for name, spec in definition.form.items() if spec.type == "files")
        self.past = frozenset(name for name, spec in definition.form.items() if spec.past)
        self.personal = frozenset(name for name, spec in definition.form.items() if spec.personal)
        self.tells = {
            name: (Tell(tuple(spec.tells), name),) if spec.tells else ()
            for name, spec in definition.actions.items()
        }
        self.turns = {state: _turns(definition, state) for state in definition.states}
        self.kind_field = definition.field_of_type("kind")
        kind = definition.form[self.kind_field] if self.kind_field else None
        self.catalogue = (kind and kind.catalogue) or definition.catalogue or ""
        self.unit_field = definition.field_of_type("unit")
        self.place_field = definition.field_of_type("place")
        self.guarded = frozenset(
            name
            for name, spec in definition.actions.items()
            if spec.counts
            or spec.during
            or any(
                clock in self.clocks and self.clocks[clock].in_time
                for clock in (*spec.extends, *spec.recounts)
            )
        )
        """Actions that are refused once done too often or too late."""
        self.firm = {
            name: clock.firm for name, clock in definition.clocks.items() if isinstance(clock.firm, str)
        }
        """Clocks whose end stays on a holiday while a field is yes, with that field."""
        self.sealed = {
            state: frozenset(
                definition.parties[party].post for party in spec.sealed if party in definition.parties
            )
            for state, spec in definition.states.items()
            if spec.sealed
        }
        """Sealed states, with the roles that still see a matter in them."""


def _as_asked(spec: FieldSpec, action: str) -> FieldSpec:
    """A field as one action asks for it."""
    if not isinstance(spec.posts, dict):
        return spec
    return spec.model_copy(update={"posts": spec.posts.get(action, [])})


class Turn(Enum):
    """What entering a state does to a clock."""

    START = auto()
    STOP = auto()
    VOID = auto()
    GO_ON = auto()
    """If it was stopped on the way, it goes on with the due time it had."""


def _turns(definition: Procedure, state: str) -> list[tuple[str, ClockSpec, Turn]]:
    turns = []
    for name, clock in definition.clocks.items():
        if state in clock.until or definition.states[state].final:
            turns.append((name, clock, Turn.STOP))
        elif state in clock.voids:
            turns.append((name, clock, Turn.VOID))
        elif state in clock.from_:
            turns.append((name, clock, Turn.START))
        elif state in _between(definition, clock):
            turns.append((name, clock, Turn.GO_ON))
    return turns


def _between(definition: Procedure, clock: ClockSpec) -> frozenset[str]:
    """The states in which a clock is meant to run: those reached from its start before any of its ends."""
    ends = {*clock.until, *clock.voids, *(name for name, state in definition.states.items() if state.final)}
    reached, fresh = set(clock.from_), list(clock.from_)
    while fresh:
        state = fresh.pop()
        for action in definition.actions.values():
            if action.to and state in (action.from_ or ()) and action.to not in reached | ends:
                reached.add(action.to)
                fresh.append(action.to)
    return frozenset(reached)


def _ask(text: str) -> tuple[str, bool]:
    return (text[:-1], False) if text.endswith("?") else (text, True)


def titled(title: Mapping[str, str], name: str) -> dict[str, str]:
    return {"zh": title.get("zh") or name, "en": title.get("en") or name}
