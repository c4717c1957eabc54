"""Clocks, as actions and states turn them: started, stopped, paused, extended; and when each rings next."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mumian.engine import clocks as reckoning
from mumian.engine.clocks import Anew, BeyondCalendar, Change, Extension, Pause, WorkingCalendar
from mumian.engine.compiled import Compiled, Reason, Turn, World, titled
from mumian.engine.definition import ActionSpec, ClockSpec
from mumian.engine.limits import Limit, Span
from mumian.engine.matter import ClockRun, Data, Matter
from mumian.engine.rules import Circumstances
from mumian.record.chain import instant

LONGEST_REASON = 2000
"""Characters of why a clock was paused or extended that are kept with the clock; the matter keeps all."""


def change_clocks(
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
                late = run.late(around.now) and not clock.lapses
                after.late |= late
                notes[name] = {"stopped": instant(around.now), "late": late}
            case Turn.VOID if run and run.stopped_at is None:
                run = run.but(due_at=None, stopped_at=around.now, ring_at=None)
                notes[name] = {"voided": instant(around.now)}
            case Turn.START if run is None or run.stopped_at is not None:
                anew = run is not None and run.due_at is None
                run = _start(compiled, name, clock, after, around, world, anew=anew)
                if run is None:
                    continue
                if anew and clock.kind == "statutory":
                    run = run.but(changes=[{"anew": around.now.isoformat()}])
                notes[name] = _begins(run)
            case Turn.GO_ON if run and run.stopped_at is not None and run.due_at is not None:
                run = ring_next(clock, run.but(stopped_at=None), world)
                notes[name] = {"resumed": instant(around.now)}
            case _:
                continue
        after.clocks[name] = run
        changed.add(name)
    if notes:
        body["clocks"] = notes
    return changed


def begin_new(compiled: Compiled, after: Matter, around: Circumstances, world: World, body: Data) -> set[str]:
    """Clocks of a new version that a matter has not had begin as it goes over, if they run in the state it is in."""
    changed: set[str] = set()
    for name, clock, turn in compiled.turns[after.state]:
        if turn not in (Turn.START, Turn.GO_ON) or name in after.clocks:
            continue
        if (run := _start(compiled, name, clock, after, around, world)) is not None:
            after.clocks[name] = run
            _note(body, name, **_begins(run))
            changed.add(name)
    return changed


def _begins(run: ClockRun) -> Data:
    due = {"due": instant(run.due_at)} if run.due_at else {}
    return {"limit": run.limit, "origin": run.origin, **due}


def _note(body: Data, clock: str, **what: Any) -> None:
    body.setdefault("clocks", {})[clock] = what


def _stop(run: ClockRun, now: datetime) -> ClockRun:
    stopped = run.paused_at or now
    return ClockRun(
        run.name, run.started_at, run.limit, run.origin, run.due_at, stopped, None, run.pause_reason,
        run.changes, None, run.rung,
    )  # fmt: skip


def _start(
    compiled: Compiled,
    name: str,
    clock: ClockSpec,
    matter: Matter,
    around: Circumstances,
    world: World,
    anew: bool = False,
) -> ClockRun | None:
    """The clock as it begins, or nothing where it does not run. Where only moment and kind tell, it is shared.

    One that begins `anew` runs from now, whatever it ran from the first time.
    """
    if clock.limit.unless and matter.data.get(clock.limit.unless):
        return None
    if _is_its_own(clock, matter):
        limit, origin = _found(compiled, name, clock, matter, around, world)
        began = around.now if anew else _since(clock, matter, around.now, world)
        return None if limit is None else _begun(clock, name, limit, origin, began, world)
    alike = compiled, name, matter.category, around.now
    if (run := world.begun.get(alike)) is None:
        limit, origin = _found(compiled, name, clock, matter, around, world)
        if limit is None:
            return None
        if len(world.begun) >= REMEMBERED:
            world.begun.clear()
        run = world.begun[alike] = _begun(clock, name, limit, origin, around.now, world)
    return run


def _is_its_own(clock: ClockSpec, matter: Matter) -> bool:
    """Whether more than its kind tells how long it runs and from when."""
    source = clock.limit
    if clock.since or source.rule or source.cases or isinstance(clock.firm, str):
        return True
    return source.at is not None and bool(matter.data.get(source.at))


REMEMBERED = 4096


def _begun(
    clock: ClockSpec, name: str, limit: Limit | datetime, origin: str, now: datetime, world: World
) -> ClockRun:
    if isinstance(limit, datetime):
        return ring_next(clock, ClockRun(name, now, "", origin, limit), world)
    due = reckoning.due_simply(now, limit, world.calendar)
    return ring_next(clock, ClockRun(name, now, str(limit), origin, due), world)


def _found(
    compiled: Compiled, name: str, clock: ClockSpec, matter: Matter, around: Circumstances, world: World
) -> tuple[Limit | datetime | None, str]:
    """What the clock is limited to, as things stand, and where that comes from."""
    source = clock.limit
    if source.at and (promised := matter.data.get(source.at)):
        return datetime.fromisoformat(promised), "promised"
    limit: Limit | datetime | None
    if source.rule:
        limit, origin = world.rules.limits[source.rule](around), source.rule
    elif (case := next((case for case in source.cases if case.holds(matter.data)), None)) is not None:
        limit, origin = case.limit, "case"
    else:
        limit, origin = _limit(compiled, name, clock, matter.category, world)
    if isinstance(limit, Limit) and limit.firm is not (firm := _is_firm(clock, matter)):
        limit = replace(limit, firm=firm)
    return limit, origin


def _is_firm(clock: ClockSpec, matter: Matter) -> bool:
    return clock.firm if isinstance(clock.firm, bool) else matter.data.get(clock.firm) is True


def _since(clock: ClockSpec, matter: Matter, now: datetime, world: World) -> datetime:
    """When it happened what the term runs from; never later than now, so that no term is longer than it is."""
    said = matter.data.get(clock.since) if clock.since else None
    if said is None:
        return now
    at = datetime.fromisoformat(said)
    return min(at if at.tzinfo else at.replace(tzinfo=world.calendar.zone), now)


def recount(
    compiled: Compiled, name: str, after: Matter, around: Circumstances, world: World, body: Data
) -> bool:
    """Finds a running clock's limit again, from the same beginning; whether that changed when it is due."""
    run, clock = after.clocks.get(name), compiled.clocks[name]
    if run is None or run.stopped_at is not None or not run.limit:
        return False
    limit, origin = _found(compiled, name, clock, after, around, world)
    if not isinstance(limit, Limit) or str(limit) == run.limit:
        return False
    run = _reckon_again(clock, run.but(limit=str(limit), origin=origin, rung=0), world)
    after.clocks[name] = run
    _note(body, name, limit=run.limit, due=instant(_due(run)))
    return True


def recount_firm(
    compiled: Compiled, after: Matter, around: Circumstances, world: World, body: Data
) -> set[str]:
    """One who comes out of custody, or into it: the terms that run on are counted as is now right."""
    return {
        name
        for name, field in compiled.firm.items()
        if field in around.data and recount(compiled, name, after, around, world, body)
    }


def _limit(
    compiled: Compiled, name: str, clock: ClockSpec, category: str, world: World
) -> tuple[Limit | None, str]:
    """The limit of the kind, else that of the definition, and which it is."""
    if clock.limit.by and category and (text := world.limit_of(compiled.catalogue, category, name)):
        return Limit.parse(text), category
    return clock.limit.default, "default"


def ring_next(clock: ClockSpec, run: ClockRun, world: World) -> ClockRun:
    """The run, which was made just now, with when it rings next: first its warnings, then its rings in order.

    Of warnings that would have come before it began, as the term is shorter, only the last one is given.
    """
    if run.due_at is not None:
        while run.rung + 1 < len(clock.warn) and (
            before(run.due_at, clock.warn[run.rung], world.calendar) < run.started_at
        ):
            run.rung += 1
    run.ring_at = ring_time(clock, run, world)
    return run


def ring_time(clock: ClockSpec, run: ClockRun, world: World) -> datetime | None:
    """When ring number `run.rung` goes off: first the warnings if there are any; nothing after the last.

    Never before the clock began: a time promised may be over by then.
    """
    if run.due_at is None or not run.running:
        return None
    number = run.rung
    if number < len(clock.warn):
        return max(run.started_at, before(run.due_at, clock.warn[number], world.calendar))
    number -= len(clock.warn)
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


_MINUTES = {Span.MINUTE: 1, Span.HOUR: 60, Span.FULL_HOUR: 60, Span.WORKING_MINUTE: 1, Span.WORKING_HOUR: 60}


def turn_clocks(
    compiled: Compiled, after: Matter, spec: ActionSpec, around: Circumstances, world: World, body: Data
) -> set[str]:
    """Restarts, recounts, pauses, resumes and extends clocks as the action says."""
    changed = set()
    reason = str(around.data.get("reason", ""))[:LONGEST_REASON]
    because: Data = {"reason": reason, **({"basis": spec.basis} if spec.basis else {})}
    for name in spec.restarts:
        old = after.clocks.get(name)
        run = _start(compiled, name, compiled.clocks[name], after, around, world, anew=True)
        if run is not None and (old is None or old.stopped_at is None):
            after.clocks[name] = run = run.but(changes=[{"anew": around.now.isoformat(), **because}])
            _note(body, name, restarted=instant(around.now), limit=run.limit, due=instant(_due(run)))
            changed.add(name)
    changed |= {name for name in spec.recounts if recount(compiled, name, after, around, world, body)}
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
                **because,
                "since": run.paused_at.isoformat(),
                "until": around.now.isoformat(),
                "reason": run.pause_reason,
            }
            moved = run.but(paused_at=None, pause_reason="", changes=[*run.changes, pause])
            after.clocks[name] = _reckon_again(compiled.clocks[name], moved, world)
            _note(body, name, due=instant(_due(after.clocks[name])), resumed=instant(around.now))
            changed.add(name)
    for name, more in spec.extends.items():
        run = after.clocks.get(name)
        if run and run.stopped_at is None and run.due_at is not None:
            limit = more.limit({**after.data, **around.data})
            moved = run.but(changes=[*run.changes, {"by": str(limit), **because}], rung=0)
            after.clocks[name] = _reckon_again(compiled.clocks[name], moved, world)
            _note(body, name, due=instant(_due(after.clocks[name])), extended=str(limit))
            changed.add(name)
    return changed


def _due(run: ClockRun) -> datetime:
    assert run.due_at is not None
    return run.due_at


def changes_of(run: ClockRun) -> list[Change]:
    """The pauses, extensions and beginnings anew of a clock, as values."""
    return [_change(said, said.get("reason", ""), tuple(said.get("basis", ()))) for said in run.changes]


def _change(said: Data, reason: str, basis: tuple[str, ...]) -> Change:
    if "by" in said:
        return Extension(Limit.parse(said["by"]), reason, basis)
    if "anew" in said:
        return Anew(datetime.fromisoformat(said["anew"]), reason, basis)
    since, until = datetime.fromisoformat(said["since"]), datetime.fromisoformat(said["until"])
    return Pause(since, until, reason, basis)


def _reckon_again(clock: ClockSpec, run: ClockRun, world: World) -> ClockRun:
    if run.limit:
        due = reckoning.due(run.started_at, Limit.parse(run.limit), world.calendar, changes_of(run))
    else:
        due = _due(run)
        change = changes_of(run)[-1]
        if isinstance(change, Pause):
            due += change.until - change.since if change.since < due else timedelta(0)
        elif isinstance(change, Extension):
            due = reckoning.due(due, change.by, world.calendar)
    return ring_next(clock, run.but(due_at=due), world)


def bars(
    compiled: Compiled, matter: Matter, action: str, spec: ActionSpec, now: datetime, world: World
) -> Reason | None:
    """Why an action comes too often, or too late to extend a term; nothing where it does not."""
    by = (
        f"（{'；'.join(spec.basis)}）" if spec.basis else "",
        f" ({'; '.join(spec.basis)})" if spec.basis else "",
    )
    if spec.counts:
        counted = compiled.definition.form[spec.counts]
        if counted.max is not None and int(matter.data.get(spec.counts, 0)) >= counted.max:
            title, cure = titled(spec.title, action), counted.help
            return Reason(
                "too-often",
                f"“{title['zh']}”最多 {counted.max} 次，已用完{by[0]}{_then(cure, 'zh')}",
                f"“{title['en']}” is possible {counted.max} times at most, and was done{by[1]}{_then(cure, 'en')}",
                spec.counts,
            )
    for name in dict.fromkeys((*spec.during, *spec.extends, *spec.recounts)):
        clock, run = compiled.clocks[name], matter.clocks.get(name)
        if not (clock.in_time or name in spec.during) or (
            run and run.stopped_at is None and run.due_at and now <= (run.paused_at or run.due_at)
        ):
            continue
        title = titled(clock.title, name)
        ended = world.calendar.local(run.due_at) if run and run.due_at else None
        zh, en = (
            (f"已于 {ended:%Y-%m-%d %H:%M} 届满", f"ended on {ended:%Y-%m-%d %H:%M}")
            if ended
            else ("没有在计", "does not run")
        )
        void = name in spec.extends
        return Reason(
            "term-over",
            f"“{title['zh']}”{zh}{'，届满后的延长无效（检察规则 309）' if void else ''}{_then(clock.expired, 'zh')}",
            f"“{title['en']}” {en}{'; an extension after its end is void (检察规则 309)' if void else ''}"
            f"{_then(clock.expired, 'en')}",
        )
    return None


def _then(cure: Mapping[str, str], language: str) -> str:
    return f"；{cure[language]}" if language == "zh" and cure else f". {cure[language]}" if cure else ""


def find_due(after: Matter) -> None:
    dues = [
        run.due_at
        for run in after.clocks.values()
        if run.due_at is not None and run.stopped_at is None and run.paused_at is None
    ]
    after.due_at = min(dues) if len(dues) > 1 else dues[0] if dues else None
