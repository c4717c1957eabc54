"""Actions every matter has, whatever its definition: comments, clocks that ring, news of other matters, a new version."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mumian.engine.compiled import Compiled, Decision, Reason, Refusal, World
from mumian.engine.desks import desk_after
from mumian.engine.fields import clean
from mumian.engine.following import opened
from mumian.engine.matter import Data, Matter
from mumian.engine.parties import may_see
from mumian.engine.rules import Act, Circumstances, Effect, Tell
from mumian.engine.turning import begin_new, find_due, ring_next
from mumian.people.actor import Actor
from mumian.record.canonical import seal
from mumian.record.chain import instant


def _only_system() -> Refusal:
    return Refusal((Reason("system", "只能由系统进行", "Only the program may do this"),))


def missing() -> Refusal:
    return Refusal(
        (Reason("missing", "没有这个事项，或您无权查看", "There is no such matter, or you may not see it"),)
    )


def nothing_there(*_: object) -> Refusal:
    return missing()


def _comment(
    compiled: Compiled, matter: Matter, actor: Actor, data: Mapping[str, Any], now: datetime, world: World
) -> Decision | Refusal:
    """Somebody who sees the matter says something about it."""
    if not may_see(compiled, matter, actor):
        return missing()
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
    number = run.rung - len(clock.warn)
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
            body["desk"] = after.desk = desk_after(after, "up", world)
        if ring.tell:
            effects.append(Tell(tuple(ring.tell), "ring"))
        if (ring.act or ring.opens) and data.get("alone"):  # it was refused; the clock rings all the same
            body["refused"] = ring.act or (ring.opens and ring.opens.procedure)
        else:
            if ring.opens:
                said = {**matter.data, "$clock": name, "$due": run.due_at.isoformat() if run.due_at else ""}
                effects.append(opened(matter, ring.opens, said)[0])
                after.children_open += ring.opens.part
            if ring.act:
                effects.append(Act(matter.id, ring.act, {}))
    after.clocks[name] = ring_next(clock, run.but(rung=run.rung + 1), world)
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
    begun = begin_new(compiled, after, Circumstances(after, {}, actor, now), world, body)
    find_due(after)
    return Decision(after, "migrate", body, {}, (*dropped, *begun))


ACTIONS: dict[str, Callable[..., Decision | Refusal]] = {
    "comment": _comment,
    "ring": _ring,
    "child": _child,
    "merged": _merged,
    "migrate": _migrate,
}
