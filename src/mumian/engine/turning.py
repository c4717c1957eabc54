"""Clocks, as actions and states turn them: started, stopped, paused, extended; and when each rings next."""

from datetime import datetime, timedelta
from typing import Any

from mumian.engine import clocks as reckoning
from mumian.engine.clocks import BeyondCalendar, Change, Extension, Pause, WorkingCalendar
from mumian.engine.compiled import Compiled, Turn, World
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
                run = ring_next(clock, run.but(stopped_at=None), world)
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
        return ring_next(clock, ClockRun(name, now, "", origin, limit), world)
    due = reckoning.due_simply(now, limit, world.calendar)
    return ring_next(clock, ClockRun(name, now, str(limit), origin, due), world)


def _limit(
    compiled: Compiled, name: str, clock: ClockSpec, category: str, world: World
) -> tuple[Limit | None, str]:
    """The limit of the kind, else that of the definition, and which it is."""
    if clock.limit.by and category and (text := world.limit_of(compiled.catalogue, category, name)):
        return Limit.parse(text), category
    return clock.limit.default, "default"


def ring_next(clock: ClockSpec, run: ClockRun, world: World) -> ClockRun:
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


def turn_clocks(
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
    for name, more in spec.extends.items():
        run = after.clocks.get(name)
        if run and run.stopped_at is None and run.due_at is not None:
            limit = more.by or Limit(int(around.data[str(more.days)]), Span.DAY)
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
    return ring_next(clock, run.but(due_at=due), world)


def find_due(after: Matter) -> None:
    dues = [
        run.due_at
        for run in after.clocks.values()
        if run.due_at is not None and run.stopped_at is None and run.paused_at is None
    ]
    after.due_at = min(dues) if len(dues) > 1 else dues[0] if dues else None
