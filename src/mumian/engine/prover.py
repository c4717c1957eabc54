"""Proving a definition before it is published: one rule, one function, one message with line and cure."""

from collections.abc import Callable, Collection, Iterator
from typing import get_args

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mumian.engine.compiled import BUILT_IN, Compiled, Reason
from mumian.engine.definition import (
    LANGUAGES,
    ActionSpec,
    AnswerSpec,
    FieldType,
    OpenSpec,
    PartySpec,
    Problem,
    Procedure,
    Source,
)
from mumian.engine.rules import RULES, Rules
from mumian.engine.scenarios import walk

Rule = Callable[[Source, Rules, Collection[str] | None], Iterator[Problem]]


def prove(source: Source, *, rules: Rules = RULES, roles: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with a definition, by line; an empty list proves it.

    `roles` are those there are posts for; unsaid, any role is taken for known. Rules that look along paths
    run only where every name leads somewhere, so that one slip is not reported many times.
    """
    problems = [problem for rule in NAMES for problem in rule(source, rules, roles)]
    if not problems:
        problems = [problem for rule in PATHS for problem in rule(source, rules, roles)]
    if not problems:
        problems = list(_scenarios_run(source, rules, roles))
    return sorted(problems, key=lambda problem: problem.line)


def _problem(source: Source, path: tuple[str | int, ...], what: str, cure: str) -> Problem:
    return Problem(source.file, source.line(*path), what, cure)


# --- names that must lead somewhere -----------------------------------------------------------------


def _states_exist(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    there = source.procedure.states
    for path, state in _states_named(source.procedure):
        if state not in there:
            yield _problem(
                source,
                path,
                _("there is no state `%(state)s`") % {"state": state},
                _("Use one of: %(names)s; or add it to `states:`") % {"names": ", ".join(there)},
            )


def _states_named(procedure: Procedure) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, action in procedure.actions.items():
        for state in [*(action.from_ or []), *([action.to] if action.to else [])]:
            yield ("actions", name), state
    for name, clock in procedure.clocks.items():
        for state in [*clock.from_, *clock.until, *clock.voids]:
            yield ("clocks", name), state
    for old, state in procedure.migrate.items():
        yield ("migrate", old), state


def _parties_exist(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    there = [*procedure.parties, "system"]
    for path, party in _parties_named(procedure):
        if party not in there:
            yield _problem(
                source,
                path,
                _("there is no party `%(party)s`") % {"party": party},
                _("Use one of: %(names)s; or add it to `parties:`") % {"names": ", ".join(there)},
            )


def _parties_named(procedure: Procedure) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, action in procedure.actions.items():
        for party in [*action.by, *action.tells]:
            yield ("actions", name), party
    for name, spec in procedure.parties.items():
        for party in spec.not_:
            yield ("parties", name, "not"), party
    for name, field in procedure.form.items():
        for party in field.only:
            yield ("form", name, "only"), party
    for name, state in procedure.states.items():
        for party in state.sealed:
            yield ("states", name, "sealed"), party
    for name, clock in procedure.clocks.items():
        for ring in clock.rings:
            for party in ring.tell:
                yield ("clocks", name), party


def _fields_exist(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    form = source.procedure.form
    for path, field, wanted in _fields_named(source.procedure):
        if field not in form:
            yield _problem(
                source,
                path,
                _("there is no field `%(field)s`") % {"field": field},
                _("Use one of: %(names)s; or add it to `form:`") % {"names": ", ".join(form)},
            )
        elif wanted and form[field].type not in wanted:
            yield _problem(
                source,
                path,
                _("field `%(field)s` is of type %(type)s, and one of type %(names)s is needed")
                % {"field": field, "type": form[field].type, "names": " or ".join(wanted)},
                _("Name another field, or change its type"),
            )


_NO_COLUMN = tuple(sort for sort in get_args(FieldType) if sort not in ("place", "kind", "unit"))
"""Sorts of field that a matter has no column for, beside its answers."""


def _fields_named(procedure: Procedure) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    for name, action in procedure.actions.items():
        for ask in action.asks:
            yield ("actions", name, "asks"), ask.removesuffix("?"), ()
        for field in action.clears:
            yield ("actions", name, "clears"), field, _NO_COLUMN
        if action.merges:
            yield ("actions", name), action.merges, ("matter",)
        for more in action.extends.values():
            if more.days:
                yield ("actions", name), more.days, ("integer",)
            if more.of:
                yield ("actions", name), more.of, ("choice",)
        for field in action.sets:
            yield ("actions", name, "sets"), field, ()
        if action.counts:
            yield ("actions", name), action.counts, ("integer",)
        if action.opens and action.opens.for_:
            yield ("actions", name), action.opens.for_, ("units",)
        for own in _handed_on(action.opens, action.answers):
            yield ("actions", name), own, ()
    for name, spec in procedure.parties.items():
        if spec.of:
            yield ("parties", name, "of"), spec.of, ("unit",)
        if spec.named:
            yield ("parties", name, "named"), spec.named, ("person",)
    for name, clock in procedure.clocks.items():
        if clock.limit.unless:
            yield ("clocks", name, "limit"), clock.limit.unless, ("yesno",)
        if clock.limit.at:
            yield ("clocks", name, "limit"), clock.limit.at, ("datetime",)
        if clock.limit.by:
            yield ("clocks", name, "limit"), clock.limit.by, ("kind",)
        for case in clock.limit.cases:
            for field in case.if_:
                yield ("clocks", name, "limit"), field, ("yesno", "choice")
        if clock.since:
            yield ("clocks", name), clock.since, ("date", "datetime")
        if isinstance(clock.firm, str):
            yield ("clocks", name), clock.firm, ("yesno",)
        for ring in clock.rings:
            for own in _handed_on(ring.opens):
                if own not in ("$clock", "$due"):
                    yield ("clocks", name, "rings"), own, ()


def _handed_on(*specs: OpenSpec | AnswerSpec | None) -> Iterator[str]:
    """The fields whose answers go to another matter; what the engine itself knows is no field."""
    for spec in specs:
        for own in spec.with_.values() if spec else ():
            if own not in ("$number", "$case") and not own.startswith("$due."):
                yield own


def _the_rest_exists(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    for name, action in procedure.actions.items():
        for clock in [
            *action.pauses, *action.resumes, *action.extends, *action.restarts, *action.recounts, *action.during,
        ]:  # fmt: skip
            if clock not in procedure.clocks:
                cure = _("Use one of: %(names)s; or add it to `clocks:`") % {
                    "names": ", ".join(procedure.clocks) or "none yet"
                }
                yield _problem(
                    source, ("actions", name), _("there is no clock `%(clock)s`") % {"clock": clock}, cure
                )
        if action.outcome and action.outcome not in procedure.outcomes:
            cure = _("Use one of: %(names)s; or add it to `outcomes:`") % {
                "names": ", ".join(procedure.outcomes)
            }
            yield _problem(
                source,
                ("actions", name),
                _("there is no outcome `%(outcome)s`") % {"outcome": action.outcome},
                cure,
            )
        yield from _rules_known(source, ("actions", name), action.when, rules.conditions, _("condition"))
        yield from _rules_known(source, ("actions", name), action.then, rules.effects, _("effect"))
    for name, asked in procedure.form.items():
        if asked.checklist:
            yield from _rules_known(
                source, ("form", name), [asked.checklist], rules.checklists, _("checklist")
            )
    for name, spec in procedure.clocks.items():
        if spec.limit.rule:
            yield from _rules_known(
                source, ("clocks", name), [spec.limit.rule], rules.limits, _("computed limit")
            )
        for ring in spec.rings:
            if ring.act and ring.act not in procedure.actions:
                cure = _("Use one of: %(names)s") % {"names": ", ".join(procedure.actions)}
                yield _problem(
                    source,
                    ("clocks", name, "rings"),
                    _("there is no action `%(act)s`") % {"act": ring.act},
                    cure,
                )
    for name, party in procedure.parties.items():
        if party.post and roles is not None and party.post not in roles:
            cure = _("Use one of: %(names)s; or add it to the system's roles.yaml") % {
                "names": ", ".join(sorted(roles))
            }
            yield _problem(
                source,
                ("parties", name, "post"),
                _("there is no role `%(post)s`") % {"post": party.post},
                cure,
            )
    for scenario, path in procedure.scenarios.items():
        for number, step in enumerate(path):
            if step not in procedure.actions:
                cure = _("Use one of: %(names)s") % {"names": ", ".join(procedure.actions)}
                yield _problem(
                    source,
                    ("scenarios", scenario, number),
                    _("there is no action `%(step)s`") % {"step": step},
                    cure,
                )


def _rules_known(
    source: Source, path: tuple[str, ...], names: list[str], known: Collection[str], sort: str
) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            cure = _("Write it in the system's rules.py, or use one of: %(names)s") % {
                "names": ", ".join(known) or "none yet"
            }
            yield _problem(
                source, path, _("there is no %(sort)s `%(name)s`") % {"sort": sort, "name": name}, cure
            )


def _names_free(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    for name in procedure.actions:
        if name in BUILT_IN:
            yield _problem(
                source,
                ("actions", name),
                _("`%(name)s` is an action every matter has already") % {"name": name},
                _("Choose another name"),
            )
    if procedure.confidential == "persons" and not any(spec.person for spec in procedure.parties.values()):
        yield _problem(
            source,
            ("confidential",),
            _("only those who take part by name may see it, and no party is known by name"),
            _("Add `person: true` to a party, or write `confidential: true`"),
        )
    for name, state in procedure.states.items():
        if state.sealed and not state.final:
            yield _problem(
                source,
                ("states", name),
                _("`%(name)s` is sealed and not final") % {"name": name},
                _("Add `final: true`: what is sealed is over"),
            )
        for party in state.sealed:
            if party in procedure.parties and procedure.parties[party].post is None:
                yield _problem(
                    source,
                    ("states", name, "sealed"),
                    _("`%(party)s` is no post, and sealed matters are seen in office alone")
                    % {"party": party},
                    _("Name a party with `post:`"),
                )
    for action in procedure.actions.values():
        counted = procedure.form.get(action.counts) if action.counts else None
        if counted and (not counted.program or counted.max is None):
            yield _problem(
                source,
                ("form", str(action.counts)),
                _("`%(name)s` counts how often something was done") % {"name": str(action.counts)},
                _("Add `program: true` and `max:`"),
            )
    if "system" in procedure.parties:
        yield _problem(
            source, ("parties", "system"), _("`system` is the program itself"), _("Choose another name")
        )
    for kind in ("place", "kind", "unit"):
        fields = [name for name, spec in procedure.form.items() if spec.type == kind]
        for extra in fields[1:]:
            yield _problem(
                source,
                ("form", extra),
                _("a matter has one %(kind)s, and `%(fields)s` is it already")
                % {"kind": kind, "fields": fields[0]},
                _("Remove one of the two, or ask for the other as text"),
            )
    for name, spec in procedure.form.items():
        if spec.type in ("choice", "choices") and not spec.choices:
            yield _problem(
                source,
                ("form", name),
                _("`%(name)s` offers nothing to choose") % {"name": name},
                _("Add `choices:`"),
            )
        if spec.type == "kind" and not (spec.catalogue or procedure.catalogue):
            yield _problem(
                source,
                ("form", name),
                _("`%(name)s` is of no catalogue") % {"name": name},
                _("Add `catalogue:` to the procedure or the field"),
            )


def _texts_complete(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    for path, words in _texts(source.procedure):
        missing = [language for language in LANGUAGES if not words.get(language, "").strip()]
        if missing:
            yield _problem(
                source,
                path,
                _("`%(names)s` has no text in %(names2)s")
                % {"names": ".".join(map(str, path)), "names2": ", ".join(missing)},
                _("Write `title: {zh: …, en: …}`") if path[0] != "outcomes" else _("Write `{zh: …, en: …}`"),
            )


def _texts(procedure: Procedure) -> Iterator[tuple[tuple[str | int, ...], dict[str, str]]]:
    yield ("title",), procedure.title
    for room in ("parties", "form", "states", "actions", "clocks"):
        for name, spec in getattr(procedure, room).items():
            yield (room, name), spec.title
    for name, field in procedure.form.items():
        if field.help:
            yield ("form", name, "help"), field.help
        for number, choice in enumerate(field.choices):
            yield ("form", name, "choices", number), choice.title
    for name, words in procedure.outcomes.items():
        yield ("outcomes", name), words


# --- paths ------------------------------------------------------------------------------------------


def _opens_somewhere(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    for name, action in source.procedure.actions.items():
        if action.from_ is None and action.to is None:
            cure = _("Add `from:` with the states it can be done in, or `to:` if it opens a matter")
            yield _problem(
                source,
                ("actions", name),
                _("`%(name)s` neither opens a matter nor has a state to act in") % {"name": name},
                cure,
            )
    if not _opening(source.procedure):
        cure = _("Leave out `from:` in the action by which one begins")
        yield _problem(source, ("actions",), _("no action opens a matter"), cure)


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
            yield _problem(
                source, ("states", state), _("state `%(state)s` cannot be reached") % {"state": state}, cure
            )


def _every_state_is_left(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    finals = {name for name, state in procedure.states.items() if state.final}
    if not finals:
        yield _problem(
            source, ("states",), _("no state is final, so no matter ever ends"), _("Mark one `final: true`")
        )
        return
    for state, spec in procedure.states.items():
        if not spec.final and not (_reached(procedure, {state}) & finals):
            cure = _(
                "Add an action with `from: %(state)s` that leads on, or mark the state `final: true`"
            ) % {"state": state}
            yield _problem(
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
                yield _problem(source, ("actions", name), what, cure)
        final = action.to is not None and procedure.states[action.to].final
        sealed = action.to is not None and bool(procedure.states[action.to].sealed)
        if final and not action.outcome and not sealed:
            cure = _("Add `outcome:` with one of: %(names)s") % {"names": ", ".join(procedure.outcomes)}
            yield _problem(
                source,
                ("actions", name),
                _("`%(name)s` ends the matter without saying how") % {"name": name},
                cure,
            )
        if action.outcome and not final:
            cure = _("Remove `outcome:`, or lead to a final state")
            yield _problem(
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
            yield _problem(source, ("actions", name), what, cure)


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
                    yield _problem(source, ("actions", name), what, cure)
        if action.merges and action.merges not in _asked(procedure, action):
            what = _("`%(name)s` merges by field `%(merges)s` but does not ask for it") % {
                "name": name,
                "merges": action.merges,
            }
            yield _problem(
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
                    yield _problem(
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
                yield _problem(source, ("actions", name), what, cure)
            if not (procedure.form[field].min or 0) > 0 or procedure.form[field].max is None:
                what = _("`%(field)s` sets a clock's time and has no bounds") % {"field": field}
                yield _problem(source, ("form", field), what, _("Add `min: 1` and `max:`"))
        if action.opens:
            here = {ask.removesuffix("?") for ask in action.asks} | action.sets.keys()
            for own in [*_handed_on(action.opens), *([action.opens.for_] if action.opens.for_ else [])]:
                if (
                    (procedure.form[own].required or own == action.opens.for_)
                    and own not in here
                    and any(own not in sure[state] for state in action.from_ or [])
                ):
                    what = _("`%(name)s` hands on field `%(own)s`, which may be empty") % {
                        "name": name,
                        "own": own,
                    }
                    yield _problem(
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
                yield _problem(
                    source, path, what, _("Name a state in `until:` that can be reached from there")
                )
        for state in set(clock.from_) & set(clock.until):
            cure = _("Take it out of one of the two")
            yield _problem(
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
                yield _problem(source, (*path, "limit"), what, _("Add `default: 5 working days`"))
        for ring in clock.rings:
            if ring.act and (asked := _asked(procedure, procedure.actions[ring.act])):
                fields = ", ".join(f"`{field}`" for field in sorted(asked))
                what = _("clock `%(name)s` acts by `%(act)s`, which asks for %(fields)s") % {
                    "name": name,
                    "act": ring.act,
                    "fields": fields,
                }
                yield _problem(
                    source, (*path, "rings"), what, _("Name an action that can be done without answers")
                )
        if limit.default is not None and limit.default.amount == 0:
            what = _("clock `%(name)s` is due the moment it starts and cannot be met") % {"name": name}
            yield _problem(source, (*path, "limit"), what, _("Give it an amount above zero"))


def _reason(reason: Reason) -> str:
    return reason.en if (get_language() or "").startswith("en") else reason.zh


def _scenarios_run(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    if not source.procedure.scenarios:
        yield _problem(
            source, ("scenarios",), _("no scenario shows how it runs"), _("Add at least one path of actions")
        )
    compiled = Compiled(source.procedure)
    for name, path in source.procedure.scenarios.items():
        result = walk(compiled, path)
        if result.refused:
            action, refusal = result.refused
            what = _("scenario `%(name)s` stops at `%(action)s`: %(reasons)s") % {
                "name": name,
                "action": action,
                "reasons": "; ".join(_reason(reason) for reason in refusal.reasons),
            }
            cure = _("Change the path, or the actions so that it can be walked")
            yield _problem(source, ("scenarios", name, len(result.matters)), what, cure)


NAMES: tuple[Rule, ...] = (
    _states_exist,
    _parties_exist,
    _fields_exist,
    _the_rest_exists,
    _names_free,
    _texts_complete,
    _opens_somewhere,
)
PATHS: tuple[Rule, ...] = (
    _every_state_is_reached,
    _every_state_is_left,
    _finals_are_final,
    _actions_can_be_taken,
    _fields_are_asked_before,
    _clocks_start_and_stop,
)
