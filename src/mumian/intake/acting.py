"""From a report whose place, kind and unit are known to the acts that carry its matter to where the row says it is."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from mumian.engine.clocks import due_simply
from mumian.engine.compiled import Compiled
from mumian.engine.limits import Limit
from mumian.engine.perform import Act, keyed_id
from mumian.engine.world import City
from mumian.intake.mapping import Mapping
from mumian.intake.placing import Where
from mumian.intake.report import End, Report
from mumian.people.actor import Actor, Scope

NOT_SAID = "来源未记录 · not recorded at the source"
JUST_LATE = timedelta(minutes=1)


class Settled(NamedTuple):
    """What intake found out about a report beside what the row says."""

    where: Where | None
    kind: str | None
    unit: int | None
    ground: str = ""
    """Why this unit, where the row does not say it."""


class Acting:
    """Makes acts of reports, for one mapping."""

    def __init__(self, mapping: Mapping, city: City) -> None:
        self.mapping, self.city = mapping, city
        self.compiled: Compiled = city.procedure(mapping.procedure)
        self.actor = Actor(system=True, role="system", scope=Scope.ALL, name=f"import {mapping.source}")
        self.opening = next(
            name for name, spec in self.compiled.definition.actions.items() if spec.from_ is None
        )
        self.clock = _promise(self.compiled)
        form, asks = self.compiled.definition.form, self.compiled.asks_program
        self._asked = {
            action: [
                (
                    name,
                    NOT_SAID if required and form[name].required and form[name].type == "text" else None,
                    form[name].max,
                )
                for name, required in asked
            ]
            for action, asked in asks.items()
        }
        """What an action asks for: its name, what to say where a source says nothing, how long it may be."""
        owned = {self.compiled.kind_field, self.compiled.unit_field} - {None}
        self._needed = {
            action: [name for name, required in asked if required and name in owned]
            for action, asked in asks.items()
        }
        self._paths: dict[tuple[str | None, tuple[str, ...]], tuple[list[str], int]] = {}

    def matter_of(self, key: str) -> UUID:
        """The id of the matter that a row's key names: the same at every import."""
        return keyed_id("import", self.mapping.source, key)

    def acts(self, report: Report, settled: Settled, matter: UUID) -> list[Act]:
        """The acts of one report, in order. Without a known unit it is left to a dispatcher.

        One that is just reported is assigned to the unit found for it, saying why.
        """
        path, ending = self._path(report.end)
        closed_at = self._closed_at(report, settled)
        values = self._values(report, settled)
        acts = [
            Act(
                path[0],
                self.actor,
                self._answers(path[0], values),
                matter,
                opens=self.mapping.procedure,
                key=report.key,
                at=closed_at if ending == 0 and closed_at else report.reported_at,
                channel=report.channel or "",
            )
        ]
        for step, action in enumerate(path[1:], 1):
            if not self._answerable(action, values):
                break
            at = closed_at if step >= ending and closed_at else report.reported_at
            acts.append(Act(action, self.actor, self._answers(action, values), matter, at=at))
        if report.end is None and settled.unit and settled.ground:
            values["remark"] = settled.ground
            acts.append(Act("assign", self.actor, self._answers("assign", values), matter))
        return acts

    def _path(self, end: End | None) -> tuple[list[str], int]:
        """The actions, and from which on they happened at the end rather than at the beginning."""
        how = (end.scenario, end.actions) if end else (None, ())
        if how not in self._paths:
            definition = self.compiled.definition
            path = list(definition.scenarios[how[0]] if how[0] else how[1]) or [self.opening]
            stops = set(definition.clocks[self.clock].until) if self.clock else set[str]()
            stops |= {name for name, state in definition.states.items() if state.final}
            targets = [definition.actions[action].to for action in path]
            ending = next((step for step, target in enumerate(targets) if target in stops), len(path))
            self._paths[how] = path, ending
        return self._paths[how]

    def _closed_at(self, report: Report, settled: Settled) -> datetime | None:
        """When it was closed; where only 'in time' or 'late' is known, at the due time or just after it."""
        if report.closed_at or report.end is None or report.end.outcome is None:
            return report.closed_at
        due = report.due_at or self._would_be_due(report.reported_at, settled.kind)
        if due is None:
            return report.reported_at
        return due if report.end.on_time is not False else due + JUST_LATE

    def _would_be_due(self, start: datetime, kind: str | None) -> datetime | None:
        if self.clock is None:
            return None
        catalogue = self.compiled.definition.catalogue or ""
        text = self.city.world.limit_of(catalogue, kind, self.clock) if kind else None
        limit = Limit.parse(text) if text else self.compiled.definition.clocks[self.clock].limit.default
        return due_simply(start, limit, self.city.world.calendar) if limit else None

    def _values(self, report: Report, settled: Settled) -> dict[str, Any]:
        compiled = self.compiled
        values: dict[str, Any] = dict(report.extra)
        for name, value in (
            (compiled.naming, report.what),
            (compiled.place_field, settled.where),
            (compiled.kind_field, settled.kind),
            (compiled.unit_field, settled.unit),
        ):
            if name:
                values[name] = value
        if self.clock:
            limit = compiled.clocks[self.clock].limit
            if limit.at and report.due_at:
                values[limit.at] = report.due_at
            elif limit.unless and self.mapping.times.due and not report.due_at:
                values[limit.unless] = True
        return values

    def _answerable(self, action: str, values: dict[str, Any]) -> bool:
        """Whether kind and unit are known where the action needs them."""
        return all(values.get(name) for name in self._needed[action])

    def _answers(self, action: str, values: dict[str, Any]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for name, fallback, most in self._asked[action]:
            value = values.get(name, fallback)
            if value is None:
                value = fallback
            if value is not None:
                answers[name] = value[:most] if most and isinstance(value, str) else value
        return answers


def _promise(compiled: Compiled) -> str | None:
    """The clock that promises an end to whoever reported."""
    clocks = compiled.definition.clocks
    return next((name for name, spec in clocks.items() if spec.kind != "step"), next(iter(clocks), None))
