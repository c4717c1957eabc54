"""Proving that a matter can go every way a definition draws: begin, be seen through, and come to an end."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from mumian.engine.definition import (
    ActionSpec,
    PartySpec,
    Problem,
    Procedure,
    Source,
)
from mumian.engine.proving import Rule, handed_on, problem
from mumian.engine.rules import Rules


def opens_somewhere(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    for name, action in source.procedure.actions.items():
        if action.from_ is None and action.to is None:
            cure = _("Add `from:` with the states it can be done in, or `to:` if it opens a matter")
            yield problem(
                source,
                ("actions", name),
                _("`%(name)s` neither opens a matter nor has a state to act in") % {"name": name},
                cure,
            )
    if not _opening(source.procedure):
        cure = _("Leave out `from:` in the action by which one begins")
        yield problem(source, ("actions",), _("no action opens a matter"), cure)


def _opening(procedure: Procedure) -> list[ActionSpec]:
    return [action for action in procedure.actions.values() if action.from_ is None and action.to]


def _steps(procedure: Procedure) -> Iterator[tuple[str, str, str]]:
    """Each way from one state to another, with the action's name."""
    for name, action in procedure.actions.items():
        for state in action.from_ or []:
            if action.to and action.to != state:
                yield state, action.to, name


def _reached(procedure: Procedure, starts: Collection[str]) -> set[str]:
    reached, fresh = set(starts), list(starts)
    while fresh:
        state = fresh.pop()
        for before, after, _action in _steps(procedure):
            if before == state and after not in reached:
                reached.add(after)
                fresh.append(after)
    return reached


def _every_state_is_reached(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    reached = _reached(procedure, {action.to for action in _opening(procedure) if action.to})
    for state in procedure.states:
        if state not in reached:
            cure = _("Add an action with `to: %(state)s`, or remove the state") % {"state": state}
            yield problem(
                source, ("states", state), _("state `%(state)s` cannot be reached") % {"state": state}, cure
            )


def _every_state_is_left(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    finals = {name for name, state in procedure.states.items() if state.final}
    if not finals:
        yield problem(
            source, ("states",), _("no state is final, so no matter ever ends"), _("Mark one `final: true`")
        )
        return
    for state, spec in procedure.states.items():
        if not spec.final and not (_reached(procedure, {state}) & finals):
            cure = _(
                "Add an action with `from: %(state)s` that leads on, or mark the state `final: true`"
            ) % {"state": state}
            yield problem(
                source,
                ("states", state),
                _("from state `%(state)s` no end can be reached") % {"state": state},
                cure,
            )


def _finals_are_final(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    for name, action in procedure.actions.items():
        for state in action.from_ or []:
            leaves = action.to is not None and action.to != state and not procedure.states[action.to].sealed
            if procedure.states[state].final and leaves and action.within is None:
                cure = _(
                    "Say for how long it may be reopened, with `within: 10 days`; or take the state out of `from:`"
                )
                what = _("`%(name)s` leads out of the final state `%(state)s` for ever") % {
                    "name": name,
                    "state": state,
                }
                yield problem(source, ("actions", name), what, cure)
        final = action.to is not None and procedure.states[action.to].final
        sealed = action.to is not None and bool(procedure.states[action.to].sealed)
        if final and not action.outcome and not sealed:
            cure = _("Add `outcome:` with one of: %(names)s") % {"names": ", ".join(procedure.outcomes)}
            yield problem(
                source,
                ("actions", name),
                _("`%(name)s` ends the matter without saying how") % {"name": name},
                cure,
            )
        if action.outcome and not final:
            cure = _("Remove `outcome:`, or lead to a final state")
            yield problem(
                source,
                ("actions", name),
                _("`%(name)s` has an outcome but does not end the matter") % {"name": name},
                cure,
            )


def _actions_can_be_taken(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    for name, action in procedure.actions.items():
        if not any(_can_be(procedure, party, action) for party in action.by):
            cure = _("Name a party who is known by then, or `system`")
            what = _("nobody may take `%(name)s`: none of %(names)s is known when it could be taken") % {
                "name": name,
                "names": ", ".join(action.by),
            }
            yield problem(source, ("actions", name), what, cure)


def _can_be(procedure: Procedure, party: str, action: ActionSpec) -> bool:
    if party == "system":
        return True
    spec = procedure.parties[party]
    opens = action.from_ is None
    known = opens or spec.anonymous or _acts_when_opening(procedure, party)  # who has no name has the link
    if spec.person and (known or _named_somewhere(procedure, spec)):
        return True
    if spec.post is None:
        return False
    return spec.of is None or (
        spec.of in _asked(procedure, action) if opens else _ever_asked(procedure, spec.of)
    )


def _named_somewhere(procedure: Procedure, spec: PartySpec) -> bool:
    return spec.named is not None and any(
        ask.removesuffix("?") == spec.named for action in procedure.actions.values() for ask in action.asks
    )


def _acts_when_opening(procedure: Procedure, party: str) -> bool:
    return any(party in action.by for action in procedure.actions.values() if action.from_ is None) or any(
        party in action.by and procedure.parties[party].post for action in procedure.actions.values()
    )


def _ever_asked(procedure: Procedure, field: str) -> bool:
    return any(field in _asked(procedure, action) for action in procedure.actions.values())


def _asked(procedure: Procedure, action: ActionSpec) -> set[str]:
    """The fields that cannot be left empty in an action."""
    sure = {ask for ask in action.asks if not ask.endswith("?") and procedure.form[ask].required}
    return sure | action.sets.keys()


def _fields_are_asked_before(
    source: Source, rules: Rules, roles: Collection[str] | None
) -> Iterator[Problem]:
    procedure = source.procedure
    sure = _surely_answered(procedure)
    for name, action in procedure.actions.items():
        for party in action.by:
            of = procedure.parties[party].of if party != "system" else None
            for state in action.from_ or []:
                if of and of not in sure[state]:
                    what = _(
                        "`%(name)s` in state `%(state)s` needs field `%(of)s` to know its %(party)s, but it may be empty"
                    ) % {"name": name, "state": state, "of": of, "party": party}
                    cure = _("Ask for `%(of)s` on every way to `%(state)s`") % {"of": of, "state": state}
                    yield problem(source, ("actions", name), what, cure)
        if action.merges and action.merges not in _asked(procedure, action):
            what = _("`%(name)s` merges by field `%(merges)s` but does not ask for it") % {
                "name": name,
                "merges": action.merges,
            }
            yield problem(
                source,
                ("actions", name),
                what,
                _("Add `%(merges)s` to its `asks:`") % {"merges": action.merges},
            )
        for more in action.extends.values():
            if not (field := more.days):
                chosen = {choice.value for choice in procedure.form[more.of].choices} if more.of else set()
                if chosen != more.limits.keys():
                    what = _("`%(name)s` does not say by how much it extends for every choice") % {
                        "name": name
                    }
                    yield problem(
                        source,
                        ("actions", name, "extends"),
                        what,
                        _("Give each choice of the field its limit"),
                    )
                continue
            if field not in _asked(procedure, action):
                what = _("`%(name)s` extends by field `%(field)s` but does not ask for it") % {
                    "name": name,
                    "field": field,
                }
                cure = _("Add `%(field)s` to its `asks:`") % {"field": field}
                yield problem(source, ("actions", name), what, cure)
            if not (procedure.form[field].min or 0) > 0 or procedure.form[field].max is None:
                what = _("`%(field)s` sets a clock's time and has no bounds") % {"field": field}
                yield problem(source, ("form", field), what, _("Add `min: 1` and `max:`"))
        if action.opens:
            here = {ask.removesuffix("?") for ask in action.asks} | action.sets.keys()
            for own in [*handed_on(action.opens), *([action.opens.for_] if action.opens.for_ else [])]:
                if (
                    (procedure.form[own].required or own == action.opens.for_)
                    and own not in here
                    and any(own not in sure[state] for state in action.from_ or [])
                ):
                    what = _("`%(name)s` hands on field `%(own)s`, which may be empty") % {
                        "name": name,
                        "own": own,
                    }
                    yield problem(
                        source, ("actions", name), what, _("Add `%(own)s` to its `asks:`") % {"own": own}
                    )


def _surely_answered(procedure: Procedure) -> dict[str, set[str]]:
    """For each state the fields that are answered on every way to it."""
    everything = set(procedure.form)
    sure = {state: set(everything) for state in procedure.states}
    moved = True
    while moved:
        moved = False
        for action in procedure.actions.values():
            if action.to is None:
                continue
            befores = [sure[state] for state in action.from_] if action.from_ else [set[str]()]
            for before in befores:
                after = sure[action.to] & ((before | _asked(procedure, action)) - set(action.clears))
                if after != sure[action.to]:
                    sure[action.to], moved = after, True
    return sure


def _clocks_start_and_stop(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    sure = _surely_answered(procedure)
    for name, clock in procedure.clocks.items():
        path = ("clocks", name)
        for state in clock.from_:
            if not (_reached(procedure, {state}) - {state}) & set(clock.until):
                what = _("clock `%(name)s` starts in `%(state)s` but can never stop") % {
                    "name": name,
                    "state": state,
                }
                yield problem(
                    source, path, what, _("Name a state in `until:` that can be reached from there")
                )
        for state in set(clock.from_) & set(clock.until):
            cure = _("Take it out of one of the two")
            yield problem(
                source,
                path,
                _("clock `%(name)s` starts and stops in `%(state)s`") % {"name": name, "state": state},
                cure,
            )
        limit = clock.limit
        if limit.default is None and limit.rule is None:
            source_field = limit.at or limit.by
            if source_field is None or any(source_field not in sure[state] for state in clock.from_):
                what = _("clock `%(name)s` may start without a limit") % {"name": name}
                yield problem(source, (*path, "limit"), what, _("Add `default: 5 working days`"))
        for ring in clock.rings:
            if ring.act and (asked := _asked(procedure, procedure.actions[ring.act])):
                fields = ", ".join(f"`{field}`" for field in sorted(asked))
                what = _("clock `%(name)s` acts by `%(act)s`, which asks for %(fields)s") % {
                    "name": name,
                    "act": ring.act,
                    "fields": fields,
                }
                yield problem(
                    source, (*path, "rings"), what, _("Name an action that can be done without answers")
                )
        if limit.default is not None and limit.default.amount == 0:
            what = _("clock `%(name)s` is due the moment it starts and cannot be met") % {"name": name}
            yield problem(source, (*path, "limit"), what, _("Give it an amount above zero"))


PATHS: tuple[Rule, ...] = (
    _every_state_is_reached,
    _every_state_is_left,
    _finals_are_final,
    _actions_can_be_taken,
    _fields_are_asked_before,
    _clocks_start_and_stop,
)
