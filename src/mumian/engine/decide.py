"""Deciding: from a matter, an action, and one who acts, to what follows, or the reasons why not. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from mumian.engine import clocks as reckoning
from mumian.engine.built_in import ACTIONS, missing, nothing_there
from mumian.engine.clocks import BeyondCalendar
from mumian.engine.compiled import BUILT_IN, Compiled, Decision, Reason, Refusal, World, titled
from mumian.engine.definition import ActionSpec, CarriedSpec
from mumian.engine.desks import desk_stays, move_desk
from mumian.engine.fields import E7, Unfit, fit
from mumian.engine.following import answered, begun, opened
from mumian.engine.matter import Data, Matter
from mumian.engine.parties import (
    could_open,
    has_acted,
    is_party,
    may_see,
    named_holders,
    new_holders,
    party_of,
)
from mumian.engine.rules import FOLLOWING, Act, Circumstances, Effect, Open
from mumian.engine.turning import bars, change_clocks, find_due, recount_firm, turn_clocks
from mumian.people.actor import Actor
from mumian.record.canonical import seal

GREATEST_MARK = 2**15 - 1
_NOT_WITHOUT = Reason(
    "carried",
    "接收单位已接入本系统，请不填此项，通过系统移送",
    "Those who are to receive it work here; leave this empty and hand it over through the program",
)


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
            known = ACTIONS[action] if matter.state else nothing_there
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
    seen = matter
    if not matter.state and compiled.unit_field in answers:  # one opens it for one's own unit
        seen = matter.follow()
        seen.unit = answers[compiled.unit_field]
    party = party_of(compiled, seen, spec, actor, place)
    if party is None:
        return _told(compiled, matter, actor, _not_yours(compiled, spec, actor, matter))
    if not compiled.past.isdisjoint(answers):
        unfit = [*unfit, *_not_yet(compiled, answers, now, world)]
    if unfit:
        return Refusal(tuple(unfit))
    if action in compiled.guarded and (barred := bars(compiled, matter, action, spec, now, world)):
        return Refusal((barred,))
    if spec.when or spec.desk:
        around = Circumstances(matter, {**matter.data, **answers}, actor, now)
        if failed := _failed_conditions(spec, around, world):
            return Refusal(failed)
    if spec.carried and not actor.system:
        if not (spec.carried.unless and spec.carried.unless in answers):
            return _begin(compiled, matter, action, spec.carried, party, actor, answers, now)
        there = {**matter.data, **answers}.get(spec.carried.absent or "")
        if any(map(world.known.works, there or ())):
            return Refusal((replace(_NOT_WITHOUT, field=spec.carried.unless),))
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
    if matter.state and party_of(compiled, matter, spec, actor, matter.place) is None:
        return _not_yours(compiled, spec, actor, matter)
    if not matter.state and not any(
        could_open(compiled.definition.parties[name], actor)
        for name in spec.by
        if name in compiled.definition.parties
    ):
        return _not_yours(compiled, spec, actor, matter)
    if action in compiled.guarded and (barred := bars(compiled, matter, action, spec, now, world)):
        return barred
    if failed := _failed_conditions(spec, Circumstances(matter, matter.data, actor, now), world):
        return failed[0]
    return None


# --- is it allowed? ---------------------------------------------------------------------------------


def _told(compiled: Compiled, matter: Matter, actor: Actor, reason: Reason) -> Refusal:
    """Why not; but what one may not see is answered like what does not exist."""
    if not matter.state or may_see(compiled, matter, actor):
        return Refusal((reason,))
    if matter.state in compiled.sealed:
        return missing()
    involved = any(is_party(compiled, matter, name, actor) for name in compiled.definition.parties)
    return Refusal((reason,)) if involved else missing()


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
    title = titled(spec.title, action)
    if spec.from_ is None:
        return Reason("open", f"“{title['zh']}”只能用于新事项", f"“{title['en']}” only opens a new matter")
    there = (
        titled(compiled.states[matter.state].title, matter.state)
        if matter.state
        else {"zh": "未立", "en": "new"}
    )
    can = [titled(compiled.states[state].title, state) for state in spec.from_]
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
    title, words = titled(spec.title, action), within.words()
    return Reason(
        "within",
        f"“{title['zh']}”须在{words['zh']}内进行，现已超过",
        f"“{title['en']}” is possible within {words['en']} only, and that time is over",
    )


def _not_yours(compiled: Compiled, spec: ActionSpec, actor: Actor, matter: Matter) -> Reason:
    parties = compiled.definition.parties
    who = [titled(parties[name].title, name) for name in spec.by if name in parties]
    barred = [name for name in spec.by if name in parties and has_acted(matter, actor, parties[name].not_)]
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


# --- what was answered ------------------------------------------------------------------------------


def _read_form(
    compiled: Compiled, action: str, data: Mapping[str, Any], actor: Actor, world: World
) -> tuple[Data, list[Reason]]:
    """The answers as they are kept, and what is wrong with them. They may be shared with other acts."""
    if world.forms is None:
        return _read(compiled, action, data, actor, world)
    asked = compiled, action, actor.system, id(data)
    known = world.forms.get(asked)
    if known is None:  # the answers are kept with it, so that no others come to have the same id
        known = world.forms[asked] = data, _read(compiled, action, data, actor, world)
    return known[1]


def _read(
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
                title = titled(field_spec.title, name)
                said = f"{title['zh']}：{error.zh}", f"{title['en']}: {error.en}"
                unfit.append(Reason("unfit", *said, name))
                continue
        if value is not None:
            answers[name] = value
        elif needed:
            title = titled(field_spec.title, name)
            unfit.append(Reason("required", f"请填写{title['zh']}", f"{title['en']} is needed", name))
    if len(data) > len(answers):
        names = {name for name, *_ in questions}
        unfit += [
            Reason("not-asked", f"“{action}”不需要字段 {name}", f"“{action}” does not ask for {name}", name)
            for name in data
            if name not in names
        ]
    return answers, unfit


def _not_yet(compiled: Compiled, answers: Data, now: datetime, world: World) -> list[Reason]:
    """Times that should have been and are yet to come."""
    found = []
    for name in sorted(compiled.past & answers.keys()):
        at = datetime.fromisoformat(answers[name])
        if (at if at.tzinfo else at.replace(tzinfo=world.calendar.zone)) > now:
            title = titled(compiled.definition.form[name].title, name)
            said = f"{title['zh']}不能晚于现在", f"{title['en']} cannot be later than now"
            found.append(Reason("unfit", *said, name))
    return found


def _place_of(compiled: Compiled, answers: Data) -> str:
    where = answers.get(compiled.place_field) if compiled.place_field else None
    return where["place"] if where else ""


def _failed_conditions(spec: ActionSpec, around: Circumstances, world: World) -> tuple[Reason, ...]:
    failed = []
    for name in spec.when:
        if words := world.rules.conditions[name](around):
            failed.append(Reason(name, words["zh"], words["en"]))
    if spec.desk and (stays := desk_stays(around.matter, spec, world)):
        failed.append(stays)
    return tuple(failed)


# --- what follows -----------------------------------------------------------------------------------


def _begin(
    compiled: Compiled,
    matter: Matter,
    action: str,
    carried: CarriedSpec,
    party: str,
    actor: Actor,
    answers: Data,
    now: datetime,
) -> Decision:
    """What carries the action begins; the matter itself stays as it is, and its clocks run on."""
    after = matter.follow()
    body: Data = {"party": party, "procedure": compiled.definition.procedure, "version": compiled.version}
    body["begins"] = carried.procedure
    openings = _say_answers(compiled, answers, body)
    holders = new_holders(compiled, after, party, actor)
    return Decision(after, action, body, openings, (), holders, tuple(begun(after, carried, action, answers)))


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
    if spec.sets:
        answers = {**answers, **spec.sets}
        after.data.update(spec.sets)
    if spec.counts:
        answers = {**answers, spec.counts: int(matter.data.get(spec.counts, 0)) + 1}
        after.data[spec.counts] = answers[spec.counts]
    body: Data = {"party": party, "procedure": compiled.definition.procedure, "version": compiled.version}
    if actor.system:
        body["via"] = actor.name
    openings = _say_answers(compiled, answers, body)
    _take_columns(compiled, after, answers)
    move_desk(after, spec, world, body)
    _move_state(compiled, after, spec, now, body)
    around = Circumstances(after, answers, actor, now, _traits(compiled, after, spec, world))
    changed = change_clocks(compiled, after, spec, around, world, body)
    if compiled.firm:
        changed |= recount_firm(compiled, after, around, world, body)
    if spec.pauses or spec.resumes or spec.extends or spec.restarts or spec.recounts:
        changed |= turn_clocks(compiled, after, spec, around, world, body)
    find_due(after)
    effects = _effects(compiled, matter, after, action, spec, around, world)
    holders = (*named_holders(compiled, after, answers), *new_holders(compiled, after, party, actor))
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


def _move_state(compiled: Compiled, after: Matter, spec: ActionSpec, now: datetime, body: Data) -> None:
    if after.opened_at is None:
        after.opened_at = now
    if spec.to is None:
        return
    if spec.to != after.state or after.entered_at is None:
        after.entered_at = now
    after.state = spec.to
    body["state"] = spec.to
    if spec.to in compiled.sealed and after.closed_at is not None:  # when it ended and how stays as it was
        return
    if compiled.states[spec.to].final:
        after.closed_at = now
        after.outcome = spec.outcome or ""
        body["outcome"] = after.outcome
    elif after.closed_at is not None:
        after.closed_at, after.outcome, after.merged_into = None, "", None


def _effects(
    compiled: Compiled,
    before: Matter,
    after: Matter,
    action: str,
    spec: ActionSpec,
    around: Circumstances,
    world: World,
) -> tuple[Effect, ...]:
    if not (spec.opens or spec.merges or spec.then or spec.answers or after.parent):
        return compiled.tells[action]
    effects: list[Effect] = []
    if spec.opens:
        effects += opened(after, spec.opens, {**after.data, **around.data})
    if spec.answers:
        effects += answered(after, spec.answers, {**after.data, **around.data})
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
