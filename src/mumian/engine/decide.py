"""Deciding: from a matter, an action, and one who acts, to what follows, or the reasons why not. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, NamedTuple
from uuid import UUID

from mumian.engine import clocks as reckoning
from mumian.engine.clocks import BeyondCalendar, Change, Extension, Pause, WorkingCalendar
from mumian.engine.definition import ActionSpec, ClockSpec, PartySpec, Procedure
from mumian.engine.fields import E7, Known, Unfit, clean, fit
from mumian.engine.limits import Limit, Span
from mumian.engine.matter import ClockRun, Data, Holder, Matter
from mumian.engine.rules import FOLLOWING, RULES, Act, Circumstances, Effect, Open, Rules, Tell
from mumian.people.actor import Actor, Scope
from mumian.place.codes import Level, cut, parents, within
from mumian.record.canonical import seal
from mumian.record.chain import instant


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


GREATEST_MARK = 2**15 - 1
LONGEST_REASON = 2000
"""Characters of why a clock was paused or extended that are kept with the clock; the matter keeps all."""

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
                action: [(name, form[name], required and form[name].required) for name, required in asked]
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


def decide(
    compiled: Compiled,
    matter: Matter,
    action: str,
    *,
    actor: Actor,
    data: Mapping[str, Any],
    now: datetime,
    world: World,
) -> Decision | Refusal:
    """What follows if `actor` does `action` on `matter` with the answers `data` at `now`.

    A matter that is yet to be opened has an empty state.
    """
    try:
        if action in BUILT_IN:
            known = _BUILT_IN[action] if matter.state else _nothing_there
            return known(compiled, matter, actor, data, now, world)
        return _decide(compiled, matter, action, actor, data, now, world)
    except BeyondCalendar:
        words = "所涉日期超出工作日历的范围", "A date it leads to lies beyond the working calendar"
        return Refusal((Reason("calendar", *words),))


def _decide(
    compiled: Compiled,
    matter: Matter,
    action: str,
    actor: Actor,
    data: Mapping[str, Any],
    now: datetime,
    world: World,
) -> Decision | Refusal:
    spec = compiled.definition.actions.get(action)
    if spec is None:
        return _told(compiled, matter, actor, _unknown(compiled, action))
    if wrong := _wrong_state(compiled, matter, action, spec, now, world):
        return _told(compiled, matter, actor, wrong)
    answers, unfit = _read_form(compiled, action, data, actor, world)
    place = matter.place if matter.state else _place_of(compiled, answers)
    party = _party(compiled, matter, spec, actor, place)
    if party is None:
        return _told(compiled, matter, actor, _not_yours(compiled, spec, actor, matter))
    if unfit:
        return Refusal(tuple(unfit))
    if spec.when or spec.desk:
        around = Circumstances(matter, {**matter.data, **answers}, actor, now)
        if failed := _failed_conditions(spec, around, world):
            return Refusal(failed)
    return _follow(compiled, matter, action, spec, party, actor, answers, now, world)


def may(
    compiled: Compiled, matter: Matter, action: str, *, actor: Actor, now: datetime, world: World
) -> Reason | None:
    """Why the actor may not do the action, before any form is filled in; nothing if the form can be shown."""
    spec = compiled.definition.actions.get(action)
    if spec is None:
        return _unknown(compiled, action)
    if wrong := _wrong_state(compiled, matter, action, spec, now, world):
        return wrong
    if matter.state and _party(compiled, matter, spec, actor, matter.place) is None:
        return _not_yours(compiled, spec, actor, matter)
    if not matter.state and not any(
        _could_open(compiled.definition.parties[name], actor)
        for name in spec.by
        if name in compiled.definition.parties
    ):
        return _not_yours(compiled, spec, actor, matter)
    if failed := _failed_conditions(spec, Circumstances(matter, matter.data, actor, now), world):
        return failed[0]
    return None


def _could_open(party: PartySpec, actor: Actor) -> bool:
    if actor.system:
        return True
    if party.person and (party.anonymous or actor.person is not None):
        return True
    return party.post is not None and party.post == actor.role


# --- is it allowed? ---------------------------------------------------------------------------------


def _told(compiled: Compiled, matter: Matter, actor: Actor, reason: Reason) -> Refusal:
    """Why not; but what one may not see is answered like what does not exist."""
    if not matter.state or may_see(compiled, matter, actor):
        return Refusal((reason,))
    involved = any(is_party(compiled, matter, name, actor) for name in compiled.definition.parties)
    return Refusal((reason,)) if involved else _missing()


def _unknown(compiled: Compiled, action: str) -> Reason:
    names = ", ".join(compiled.definition.actions)
    return Reason(
        "unknown-action",
        f"没有动作 {action}；可用：{names}",
        f"There is no action {action}; there are: {names}",
    )


def _wrong_state(
    compiled: Compiled, matter: Matter, action: str, spec: ActionSpec, now: datetime, world: World
) -> Reason | None:
    if not matter.state if spec.from_ is None else matter.state in spec.from_:
        return _too_late(matter, action, spec, now, world) if spec.within else None
    title = _titled(spec.title, action)
    if spec.from_ is None:
        return Reason("open", f"“{title['zh']}”只能用于新事项", f"“{title['en']}” only opens a new matter")
    there = (
        _titled(compiled.states[matter.state].title, matter.state)
        if matter.state
        else {"zh": "未立", "en": "new"}
    )
    can = [_titled(compiled.states[state].title, state) for state in spec.from_]
    return Reason(
        "state",
        f"事项现为“{there['zh']}”，“{title['zh']}”只能在“{'、'.join(c['zh'] for c in can)}”时进行",
        f"The matter is “{there['en']}”; “{title['en']}” is possible only when it is "
        f"“{', '.join(c['en'] for c in can)}”",
    )


def _too_late(matter: Matter, action: str, spec: ActionSpec, now: datetime, world: World) -> Reason | None:
    """Whether the time within which the action is possible is over."""
    within = spec.within
    if not within or not matter.entered_at or now <= reckoning.due(matter.entered_at, within, world.calendar):
        return None
    title, words = _titled(spec.title, action), within.words()
    return Reason(
        "within",
        f"“{title['zh']}”须在{words['zh']}内进行，现已超过",
        f"“{title['en']}” is possible within {words['en']} only, and that time is over",
    )


def _party(compiled: Compiled, matter: Matter, spec: ActionSpec, actor: Actor, place: str) -> str | None:
    """As which party the actor may do the action. The program may stand for any; the record says it did."""
    if actor.system:
        return spec.by[0]
    for name in spec.by:
        if name != "system" and is_party(compiled, matter, name, actor, place):
            return name
    return None


def is_party(compiled: Compiled, matter: Matter, name: str, actor: Actor, place: str | None = None) -> bool:
    """Whether the actor is this party of the matter."""
    spec = compiled.definition.parties.get(name)
    if spec is None:
        return False
    if spec.not_ and _acted(matter, actor, spec.not_):
        return False
    if spec.person and _is_person(matter, name, spec, actor):
        return True
    if spec.post is None or spec.post != actor.role or actor.post is None:
        return False
    if spec.at is not None and not _at(spec.at, matter, matter.place if place is None else place, actor):
        return False
    return spec.of is None or matter.unit in actor.lineage


def _is_person(matter: Matter, name: str, spec: PartySpec, actor: Actor) -> bool:
    if not matter.state:
        return spec.anonymous or actor.person is not None
    if actor.bearer == (matter.id, name):
        return True
    return actor.person is not None and any(
        holder.party == name and holder.person == actor.person and _still(spec.named, holder, matter)
        for holder in matter.holders
    )


def _still(named: str | None, holder: Holder, matter: Matter) -> bool:
    """Whether a party known by a field is still the one it names: another may have taken the place."""
    return named is None or holder.person is None or matter.data.get(named) == holder.person.hex


def _at(level: str, matter: Matter, place: str, actor: Actor) -> bool:
    if level == "desk":
        return actor.place == (matter.desk or place)
    whole = LEVELS[level]
    target = cut(place, whole)
    if actor.place == target:
        return True
    # Where the matter is not located so deep, any post of that level inside it may act.
    return len(place) < whole and bool(actor.place) and actor.place.startswith(place)


LEVELS = {level.word: level for level in Level}


def _acted(matter: Matter, actor: Actor, parties: list[str]) -> bool:
    return any(holder.party in parties and _same(holder, actor) for holder in matter.holders)


def _same(holder: Holder, actor: Actor) -> bool:
    """Whether this one has acted: a person is known by name, a program in a vacant post by the post."""
    if holder.person is None and actor.person is None:
        return actor.post is not None and holder.post == actor.post
    return holder.person == actor.person


def _not_yours(compiled: Compiled, spec: ActionSpec, actor: Actor, matter: Matter) -> Reason:
    parties = compiled.definition.parties
    who = [_titled(parties[name].title, name) for name in spec.by if name in parties]
    barred = [name for name in spec.by if name in parties and _acted(matter, actor, parties[name].not_)]
    if barred:
        return Reason(
            "not-yourself",
            "办理的人不能自己核查，须由他人进行",
            "One who has handled the matter cannot check it; somebody else must",
        )
    return Reason(
        "not-yours",
        f"只能由{'、'.join(w['zh'] for w in who)}进行" if who else "只能由系统进行",
        f"Only {', '.join(w['en'] for w in who) or 'the program'} may do this",
    )


def _titled(title: Mapping[str, str], name: str) -> dict[str, str]:
    return {"zh": title.get("zh") or name, "en": title.get("en") or name}


# --- what was answered ------------------------------------------------------------------------------


def _read_form(
    compiled: Compiled, action: str, data: Mapping[str, Any], actor: Actor, world: World
) -> tuple[Data, list[Reason]]:
    answers: Data = {}
    unfit: list[Reason] = []
    questions = (compiled.questions_program if actor.system else compiled.questions)[action]
    for name, field_spec, needed in questions:
        value = data.get(name)
        if value is not None:
            try:
                value = fit(field_spec, value, world.known, compiled.definition.catalogue or "")
            except Unfit as error:
                title = _titled(field_spec.title, name)
                said = f"{title['zh']}：{error.zh}", f"{title['en']}: {error.en}"
                unfit.append(Reason("unfit", *said, name))
                continue
        if value is not None:
            answers[name] = value
        elif needed:
            title = _titled(field_spec.title, name)
            unfit.append(Reason("required", f"请填写{title['zh']}", f"{title['en']} is needed", name))
    if len(data) > len(answers):
        names = {name for name, *_ in questions}
        unfit += [
            Reason("not-asked", f"“{action}”不需要字段 {name}", f"“{action}” does not ask for {name}", name)
            for name in data
            if name not in names
        ]
    return answers, unfit


def _place_of(compiled: Compiled, answers: Data) -> str:
    where = answers.get(compiled.place_field) if compiled.place_field else None
    return where["place"] if where else ""


def _failed_conditions(spec: ActionSpec, around: Circumstances, world: World) -> tuple[Reason, ...]:
    failed = []
    for name in spec.when:
        if words := world.rules.conditions[name](around):
            failed.append(Reason(name, words["zh"], words["en"]))
    if spec.desk and (stays := _desk_stays(around.matter, spec, world)):
        failed.append(stays)
    return tuple(failed)


# --- what follows -----------------------------------------------------------------------------------


def _follow(
    compiled: Compiled,
    matter: Matter,
    action: str,
    spec: ActionSpec,
    party: str,
    actor: Actor,
    answers: Data,
    now: datetime,
    world: World,
) -> Decision:
    after = matter.follow()
    after.data.update(answers)
    for name in spec.clears:
        after.data.pop(name, None)
    body: Data = {"party": party, "procedure": compiled.definition.procedure, "version": compiled.version}
    if actor.system:
        body["via"] = actor.name
    openings = _say_answers(compiled, answers, body)
    _take_columns(compiled, after, answers)
    _move_desk(after, spec, world, body)
    _move_state(compiled, after, spec, now, body)
    around = Circumstances(after, answers, actor, now, _traits(compiled, after, spec, world))
    changed = _change_clocks(compiled, after, spec, around, world, body)
    if spec.pauses or spec.resumes or spec.extends:
        changed |= _turn_clocks(compiled, after, spec, around, world, body)
    _find_due(after)
    effects = _effects(compiled, matter, after, action, spec, around, world)
    holders = (*_named_holders(compiled, after, answers), *_new_holders(compiled, after, party, actor))
    files: tuple[tuple[str, str], ...] = ()
    if not compiled.file_fields.isdisjoint(answers):
        files = tuple(
            (name, file) for name in compiled.file_fields & answers.keys() for file in answers[name]
        )
    return Decision(after, action, body, openings, tuple(changed), holders, effects, files)


def _traits(compiled: Compiled, after: Matter, spec: ActionSpec, world: World) -> Mapping[str, Any]:
    """What the catalogue says of the kind, where a rule may want to know."""
    if not spec.then or not after.category:
        return {}
    return world.traits_of(compiled.definition.catalogue or "", after.category)


def _say_answers(compiled: Compiled, answers: Data, body: Data) -> dict[str, list[Any]]:
    """Puts plain answers into the entry's body, and of personal ones only commitments."""
    if compiled.personal.isdisjoint(answers):
        if answers:
            body["data"] = answers
        return {}
    personal = {name: value for name, value in answers.items() if name in compiled.personal}
    if plain := {name: value for name, value in answers.items() if name not in personal}:
        body["data"] = plain
    body["personal"], openings = seal(personal)
    return openings


def _take_columns(compiled: Compiled, after: Matter, answers: Data) -> None:
    """Answers that say where, what kind, whose and how it is called become the matter's own columns."""
    if compiled.place_field and (where := answers.get(compiled.place_field)):
        after.place = where["place"]
        after.lon = where["lon"] / E7 if "lon" in where else None
        after.lat = where["lat"] / E7 if "lat" in where else None
    if compiled.kind_field and (kind := answers.get(compiled.kind_field)):
        after.category = kind
    if compiled.unit_field and (unit := answers.get(compiled.unit_field)):
        after.unit = unit
    if compiled.naming and (words := answers.get(compiled.naming)) and not after.title:
        after.title = name_of(words)
    if isinstance(mark := answers.get("mark"), int) and abs(mark) <= GREATEST_MARK:
        after.mark = mark


def name_of(words: str, most: int = 60) -> str:
    """What a matter is called: the first sentence of what was said, cut to `most` characters."""
    first = words.strip().split("\n", 1)[0]
    for stop in ("。", "！", "？", "；"):
        first = first.split(stop, 1)[0]
    return first if len(first) <= most else first[: most - 1] + "…"


def _move_desk(after: Matter, spec: ActionSpec, world: World, body: Data) -> None:
    before = after.desk
    if not within(after.place, after.desk):  # it was moved to another place
        after.desk = cut(after.place, Level.of(after.desk))
    after.desk = _desk(after, spec.desk, world) if spec.desk else after.desk or after.place
    if spec.desk or (before and after.desk != before):
        body["desk"] = after.desk


def _desk(matter: Matter, move: str, world: World) -> str:
    """The desk it comes to lie on. Up ends at the top of the installation, down at the matter's own place."""
    desk, place = matter.desk or matter.place, matter.place
    if move == "up":
        above = next(parents(desk), desk)
        return above if within(above, world.top) else desk
    if move == "down":
        below = (cut(place, level) for level in Level)
        return next((code for code in below if len(code) > len(desk)), place)
    return cut(place, LEVELS[move])


def _desk_stays(matter: Matter, spec: ActionSpec, world: World) -> Reason | None:
    """An action that is there to move the desk is refused where it would not."""
    if (
        spec.to is not None
        or spec.desk not in ("up", "down")
        or _desk(matter, spec.desk, world) != matter.desk
    ):
        return None
    if spec.desk == "up":
        return Reason("desk", "已在最高一级，不能再上报", "It lies on the highest desk already")
    return Reason("desk", "已在所在地一级，不能再下派", "It lies on the desk of its own place already")


def _move_state(compiled: Compiled, after: Matter, spec: ActionSpec, now: datetime, body: Data) -> None:
    if after.opened_at is None:
        after.opened_at = now
    if spec.to is None:
        return
    if spec.to != after.state or after.entered_at is None:
        after.entered_at = now
    after.state = spec.to
    body["state"] = spec.to
    if compiled.states[spec.to].final:
        after.closed_at = now
        after.outcome = spec.outcome or ""
        body["outcome"] = after.outcome
    elif after.closed_at is not None:
        after.closed_at, after.outcome, after.merged_into = None, "", None


# --- clocks -----------------------------------------------------------------------------------------


def _change_clocks(
    compiled: Compiled, after: Matter, spec: ActionSpec, around: Circumstances, world: World, body: Data
) -> set[str]:
    """Clocks start, stop and end as the state entered says; one stopped too early goes on where work goes back."""
    changed: set[str] = set()
    notes: Data = {}
    for name, clock, turn in compiled.turns[spec.to] if spec.to else ():
        run = after.clocks.get(name)
        match turn:
            case Turn.STOP if run and run.stopped_at is None:
                run = _stop(run, around.now)
                late = run.late(around.now)
                after.late |= late
                notes[name] = {"stopped": instant(around.now), "late": late}
            case Turn.VOID if run and run.stopped_at is None:
                run = run.but(due_at=None, stopped_at=around.now, ring_at=None)
                notes[name] = {"voided": instant(around.now)}
            case Turn.START if run is None or run.stopped_at is not None:
                run = _start(compiled, name, clock, after, around, world)
                if run is None:
                    continue
                notes[name] = {"limit": run.limit, "origin": run.origin}
                if run.due_at:
                    notes[name]["due"] = instant(run.due_at)
            case Turn.GO_ON if run and run.stopped_at is not None and run.due_at is not None:
                run = _ring_next(clock, run.but(stopped_at=None), world)
                notes[name] = {"resumed": instant(around.now)}
            case _:
                continue
        after.clocks[name] = run
        changed.add(name)
    if notes:
        body["clocks"] = notes
    return changed


def _note(body: Data, clock: str, **what: Any) -> None:
    body.setdefault("clocks", {})[clock] = what


def _stop(run: ClockRun, now: datetime) -> ClockRun:
    stopped = run.paused_at or now
    return ClockRun(
        run.name, run.started_at, run.limit, run.origin, run.due_at, stopped, None, run.pause_reason,
        run.changes, None, run.rung,
    )  # fmt: skip


def _start(
    compiled: Compiled, name: str, clock: ClockSpec, matter: Matter, around: Circumstances, world: World
) -> ClockRun | None:
    """The clock as it begins, or nothing where it does not run. Where only moment and kind tell, it is shared."""
    source = clock.limit
    if source.unless and matter.data.get(source.unless):
        return None
    if source.at and (promised := matter.data.get(source.at)):
        return _begun(clock, name, datetime.fromisoformat(promised), "promised", around.now, world)
    if source.rule:
        return _begun(clock, name, world.rules.limits[source.rule](around), source.rule, around.now, world)
    alike = compiled, name, matter.category, around.now
    if (run := world.begun.get(alike)) is None:
        limit, origin = _limit(compiled, name, clock, matter.category, world)
        if limit is None:
            return None
        if len(world.begun) >= REMEMBERED:
            world.begun.clear()
        run = world.begun[alike] = _begun(clock, name, limit, origin, around.now, world)
    return run


REMEMBERED = 4096


def _begun(
    clock: ClockSpec, name: str, limit: Limit | datetime, origin: str, now: datetime, world: World
) -> ClockRun:
    if isinstance(limit, datetime):
        return _ring_next(clock, ClockRun(name, now, "", origin, limit), world)
    due = reckoning.due_simply(now, limit, world.calendar)
    return _ring_next(clock, ClockRun(name, now, str(limit), origin, due), world)


def _limit(
    compiled: Compiled, name: str, clock: ClockSpec, category: str, world: World
) -> tuple[Limit | None, str]:
    """The limit of the kind, else that of the definition, and which it is."""
    if clock.limit.by and category and (text := world.limit_of(compiled.catalogue, category, name)):
        return Limit.parse(text), category
    return clock.limit.default, "default"


def _ring_next(clock: ClockSpec, run: ClockRun, world: World) -> ClockRun:
    """The run, which was made just now, with when it rings next: first its warning, then its rings in order."""
    run.ring_at = ring_time(clock, run, world)
    return run


def ring_time(clock: ClockSpec, run: ClockRun, world: World) -> datetime | None:
    """When ring number `run.rung` goes off: 0 is the warning if there is one; nothing after the last.

    Never before the clock began: a time promised may be over by then.
    """
    if run.due_at is None or not run.running:
        return None
    number = run.rung
    if clock.warn is not None:
        if number == 0:
            return max(run.started_at, before(run.due_at, clock.warn, world.calendar))
        number -= 1
    if number >= len(clock.rings):
        return None
    after = clock.rings[number].after
    try:
        rings = reckoning.due(run.due_at, after, world.calendar) if after else run.due_at
    except BeyondCalendar:
        return None
    return max(run.started_at, rings)


def before(due: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """An instant so long before a due time; working spans are taken as the same share of whole days."""
    minutes = _MINUTES.get(limit.span)
    if minutes is not None:
        return due - timedelta(minutes=minutes * limit.amount)
    return due - timedelta(days=limit.amount * (30 if limit.span == "month" else 1))


_MINUTES = {Span.MINUTE: 1, Span.HOUR: 60, Span.WORKING_MINUTE: 1, Span.WORKING_HOUR: 60}


def _turn_clocks(
    compiled: Compiled, after: Matter, spec: ActionSpec, around: Circumstances, world: World, body: Data
) -> set[str]:
    """Pauses, resumes and extends clocks as the action says."""
    changed = set()
    reason = str(around.data.get("reason", ""))[:LONGEST_REASON]
    for name in spec.pauses:
        run = after.clocks.get(name)
        if run and run.running and run.due_at is not None:
            after.clocks[name] = run.but(paused_at=around.now, pause_reason=reason, ring_at=None)
            _note(body, name, paused=instant(around.now))
            changed.add(name)
    for name in spec.resumes:
        run = after.clocks.get(name)
        if run and run.paused_at is not None and run.stopped_at is None:
            pause = {
                "since": run.paused_at.isoformat(),
                "until": around.now.isoformat(),
                "reason": run.pause_reason,
            }
            moved = run.but(paused_at=None, pause_reason="", changes=[*run.changes, pause])
            after.clocks[name] = _reckon_again(compiled.clocks[name], moved, world)
            _note(body, name, due=instant(_due(after.clocks[name])), resumed=instant(around.now))
            changed.add(name)
    for name, limit in spec.extends.items():
        run = after.clocks.get(name)
        if run and run.stopped_at is None and run.due_at is not None:
            moved = run.but(changes=[*run.changes, {"by": str(limit), "reason": reason}], rung=0)
            after.clocks[name] = _reckon_again(compiled.clocks[name], moved, world)
            _note(body, name, due=instant(_due(after.clocks[name])), extended=str(limit))
            changed.add(name)
    return changed


def _due(run: ClockRun) -> datetime:
    assert run.due_at is not None
    return run.due_at


def changes_of(run: ClockRun) -> list[Change]:
    """The pauses and extensions of a clock, as values."""
    return [
        Extension(Limit.parse(change["by"]), change.get("reason", ""))
        if "by" in change
        else Pause(
            datetime.fromisoformat(change["since"]),
            datetime.fromisoformat(change["until"]),
            change.get("reason", ""),
        )
        for change in run.changes
    ]


def _reckon_again(clock: ClockSpec, run: ClockRun, world: World) -> ClockRun:
    if run.limit:
        due = reckoning.due(run.started_at, Limit.parse(run.limit), world.calendar, changes_of(run))
    else:
        due = _due(run)
        change = changes_of(run)[-1]
        if isinstance(change, Pause):
            due += change.until - change.since if change.since < due else timedelta(0)
        else:
            due = reckoning.due(due, change.by, world.calendar)
    return _ring_next(clock, run.but(due_at=due), world)


def _find_due(after: Matter) -> None:
    dues = [
        run.due_at
        for run in after.clocks.values()
        if run.due_at is not None and run.stopped_at is None and run.paused_at is None
    ]
    after.due_at = min(dues) if len(dues) > 1 else dues[0] if dues else None


# --- parties and effects ----------------------------------------------------------------------------


def _new_holders(compiled: Compiled, after: Matter, party: str, actor: Actor) -> tuple[Holder, ...]:
    """One who acts is remembered as that party, once; a person party also without a name."""
    if actor.system or (actor.person is None and actor.post is None):
        return ()
    if any(holder.party == party and _same(holder, actor) for holder in after.holders):
        return ()
    new = Holder(party, actor.person, actor.post, actor.organisation)
    after.holders = (*after.holders, new)
    return (new,)


def _named_holders(compiled: Compiled, after: Matter, answers: Data) -> tuple[Holder, ...]:
    """Those whom the answers name as a party take part from now on, before they have acted."""
    new = tuple(
        holder
        for party, named in compiled.definition.named.items()
        if named in answers
        and (holder := Holder(party, UUID(answers[named]), None, None)) not in after.holders
    )
    after.holders = (*after.holders, *new)
    return new


def _effects(
    compiled: Compiled,
    before: Matter,
    after: Matter,
    action: str,
    spec: ActionSpec,
    around: Circumstances,
    world: World,
) -> tuple[Effect, ...]:
    if not (spec.opens or spec.merges or spec.then or after.parent):
        return compiled.tells[action]
    effects: list[Effect] = []
    if spec.opens:
        effects += _opened(after, spec, around)
    if spec.merges:
        target = UUID(around.data[spec.merges])
        after.merged_into = target
        effects.append(Act(target, "merged", {"matter": after.id.hex, "reports": after.reports}))
    for name in spec.then:
        effects += world.rules.effects[name](around)
    after.children_open += sum(isinstance(effect, Open) and effect.part for effect in effects)
    if (
        after.parent
        and after.channel != FOLLOWING
        and (before.closed_at is None) is not (after.closed_at is None)
    ):
        said = {"outcome": after.outcome} if after.closed_at else {"again": True}
        effects.append(Act(after.parent, "child", {"matter": after.id.hex, **said}))
    return (*effects, *compiled.tells[action])


def _opened(after: Matter, spec: ActionSpec, around: Circumstances) -> list[Effect]:
    assert spec.opens is not None
    opens = spec.opens
    values = {**after.data, **around.data}
    data = {child: values[own] for child, own in opens.with_.items() if own in values}
    if opens.for_ is None:
        return [Open(opens.procedure, opens.action, data)]
    return [
        Open(opens.procedure, opens.action, {**data, "unit": unit}, unit)
        for unit in values.get(opens.for_, [])
    ]


# --- actions every matter has -----------------------------------------------------------------------


def may_see(compiled: Compiled, matter: Matter, actor: Actor) -> bool:
    """Whether the actor may look at the matter: the same rule as `visible`, for one matter in hand."""
    if actor.system:
        return True
    if actor.bearer is not None:
        return actor.bearer[0] == matter.id
    definition = compiled.definition
    outside = actor.scope is not Scope.ALL and actor.role not in {p.post for p in definition.parties.values()}
    closed = definition.confidential == "persons" or (definition.confidential and outside)
    if actor.scope is Scope.ALL:
        return not closed
    if actor.scope is Scope.PLACE and actor.place:
        return matter.place.startswith(actor.place) and not closed
    if actor.scope is Scope.UNIT and actor.organisation is not None:
        return matter.unit in actor.lineage and not closed
    return actor.person is not None and any(
        holder.person == actor.person and _still(definition.named.get(holder.party), holder, matter)
        for holder in matter.holders
    )


def _only_system() -> Refusal:
    return Refusal((Reason("system", "只能由系统进行", "Only the program may do this"),))


def _missing() -> Refusal:
    return Refusal(
        (Reason("missing", "没有这个事项，或您无权查看", "There is no such matter, or you may not see it"),)
    )


def _nothing_there(*_: object) -> Refusal:
    return _missing()


def _comment(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """Somebody who sees the matter says something about it."""
    if not may_see(compiled, matter, actor):
        return _missing()
    text = clean(str(data.get("text") or ""))
    if not text or len(text) > 2000:
        return Refusal((Reason("required", "请写 1 至 2000 字", "Write 1 to 2,000 characters", "text"),))
    body: Data = {}
    body["personal"], openings = seal({"text": text})
    return Decision(matter.follow(), "comment", body, openings)


def _ring(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """A clock rings: its warning, its due time, or an escalation."""
    name = str(data.get("clock", ""))
    run, clock = matter.clocks.get(name), compiled.clocks.get(name)
    if not actor.system:
        return _only_system()
    if run is None or clock is None or run.ring_at is None or run.ring_at > now:
        return Refusal((Reason("silent", f"时限 {name} 现在不响", f"Clock {name} does not ring now"),))
    number = run.rung - (1 if clock.warn is not None else 0)
    after = matter.follow()
    body: Data = {
        "clock": name,
        "warns" if number < 0 else "overdue": instant(run.due_at) if run.due_at else None,
    }
    effects: list[Effect] = []
    if number >= 0:
        ring = clock.rings[number]
        body["ring"] = number
        if ring.desk == "up":
            body["desk"] = after.desk = _desk(after, "up", world)
        if ring.tell:
            effects.append(Tell(tuple(ring.tell), "ring"))
        if ring.act and data.get("alone"):  # the act was tried and refused; the clock rings all the same
            body["refused"] = ring.act
        elif ring.act:
            effects.append(Act(matter.id, ring.act, {}))
    after.clocks[name] = _ring_next(clock, run.but(rung=run.rung + 1), world)
    return Decision(after, "ring", body, {}, (name,), effects=tuple(effects))


def _child(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """A child of the matter has come to its end, or goes on again after it."""
    if not actor.system:
        return _only_system()
    after = matter.follow()
    if data.get("again"):
        after.children_open += 1
        return Decision(after, "child", {"child": data["matter"], "again": True}, {})
    after.children_open = max(0, matter.children_open - 1)
    return Decision(after, "child", {"child": data["matter"], "outcome": data.get("outcome", "")}, {})


def _merged(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """Another report of the same thing was merged into the matter, unless that was itself merged elsewhere."""
    if not actor.system:
        return _only_system()
    if matter.merged_into is not None:
        words = "该事项自身已并入他件，请并入另一件", "That one is itself merged into another; choose another"
        return Refusal((Reason("merged", *words),))
    after = matter.follow()
    after.reports += int(data.get("reports", 1))
    return Decision(after, "merged", {"from": data["matter"], "reports": after.reports}, {})


def _migrate(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """The matter goes over to the version of its procedure given as `compiled`."""
    if not actor.system:
        return _only_system()
    definition = compiled.definition
    if compiled.version == matter.version:
        words = f"事项已是第 {matter.version} 版", f"The matter is of version {matter.version} already"
        return Refusal((Reason("version", *words),))
    state = definition.migrate.get(matter.state, matter.state)
    if state not in definition.states:
        words = (
            f"新版本没有状态 {matter.state}；请在 migrate 中写明去向",
            f"The new version has no state for {matter.state}; say under `migrate:` where it goes",
        )
        return Refusal((Reason("state", *words),))
    if definition.states[state].final is (matter.closed_at is None):
        words = (
            f"{matter.state} → {state} 会使事项终结或重开",
            f"{matter.state} → {state} would end it or begin it again",
        )
        return Refusal((Reason("state", *words),))
    after = matter.follow()
    body: Data = {"from": matter.version, "version": compiled.version, "state": state}
    after.version, after.state = compiled.version, state
    dropped = [
        name for name, run in after.clocks.items() if name not in compiled.clocks and run.stopped_at is None
    ]
    for name in dropped:
        after.clocks[name] = after.clocks[name].but(stopped_at=now, paused_at=None, due_at=None, ring_at=None)
    _find_due(after)
    return Decision(after, "migrate", body, {}, tuple(dropped))


_BUILT_IN: dict[str, Callable[..., Decision | Refusal]] = {
    "comment": _comment,
    "ring": _ring,
    "child": _child,
    "merged": _merged,
    "migrate": _migrate,
}
