"""Proving that every name in a definition leads somewhere, and every text is there in each language."""

from collections.abc import Collection, Iterator
from typing import get_args

from django.utils.translation import gettext as _

from mumian.engine.compiled import BUILT_IN
from mumian.engine.definition import (
    LANGUAGES,
    FieldType,
    Problem,
    Procedure,
    Source,
)
from mumian.engine.proving import Rule, handed_on, problem
from mumian.engine.rules import Rules


def _states_exist(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    there = source.procedure.states
    for path, state in _states_named(source.procedure):
        if state not in there:
            yield problem(
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
            yield problem(
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
            yield problem(
                source,
                path,
                _("there is no field `%(field)s`") % {"field": field},
                _("Use one of: %(names)s; or add it to `form:`") % {"names": ", ".join(form)},
            )
        elif wanted and form[field].type not in wanted:
            yield problem(
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
        for own in handed_on(action.opens, action.answers, action.carried):
            yield ("actions", name), own, ()
        if action.carried and action.carried.unless:
            yield ("actions", name, "carried"), action.carried.unless, ("text",)
        if action.carried and action.carried.absent:
            yield ("actions", name, "carried"), action.carried.absent, ("units",)
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
            for own in handed_on(ring.opens):
                if own not in ("$clock", "$due"):
                    yield ("clocks", name, "rings"), own, ()


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
                yield problem(
                    source, ("actions", name), _("there is no clock `%(clock)s`") % {"clock": clock}, cure
                )
        if action.outcome and action.outcome not in procedure.outcomes:
            cure = _("Use one of: %(names)s; or add it to `outcomes:`") % {
                "names": ", ".join(procedure.outcomes)
            }
            yield problem(
                source,
                ("actions", name),
                _("there is no outcome `%(outcome)s`") % {"outcome": action.outcome},
                cure,
            )
        unless = action.carried.unless if action.carried else None
        if unless and f"{unless}?" not in action.asks:
            yield problem(
                source,
                ("actions", name, "carried"),
                _("`%(name)s` is done at once where `%(field)s` is answered, and does not ask for it")
                % {"name": name, "field": unless},
                _("Add `%(field)s?` to its `asks:`") % {"field": unless},
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
                yield problem(
                    source,
                    ("clocks", name, "rings"),
                    _("there is no action `%(act)s`") % {"act": ring.act},
                    cure,
                )
    for name, post in _posts_named(procedure):
        if roles is not None and post not in roles:
            yield problem(
                source,
                ("form", name, "posts"),
                _("there is no role `%(post)s`") % {"post": post},
                _("Use one of: %(names)s; or add it to the system's roles.yaml")
                % {"names": ", ".join(sorted(roles))},
            )
    for name, party in procedure.parties.items():
        if party.post and roles is not None and party.post not in roles:
            cure = _("Use one of: %(names)s; or add it to the system's roles.yaml") % {
                "names": ", ".join(sorted(roles))
            }
            yield problem(
                source,
                ("parties", name, "post"),
                _("there is no role `%(post)s`") % {"post": party.post},
                cure,
            )
    for scenario, path in procedure.scenarios.items():
        for number, step in enumerate(path):
            if step not in procedure.actions:
                cure = _("Use one of: %(names)s") % {"names": ", ".join(procedure.actions)}
                yield problem(
                    source,
                    ("scenarios", scenario, number),
                    _("there is no action `%(step)s`") % {"step": step},
                    cure,
                )


def _posts_named(procedure: Procedure) -> Iterator[tuple[str, str]]:
    """The posts that fields of units name, with the field."""
    for name, asked in procedure.form.items():
        lists = asked.posts.values() if isinstance(asked.posts, dict) else [asked.posts]
        yield from ((name, post) for posts in lists for post in posts)


def _rules_known(
    source: Source, path: tuple[str, ...], names: list[str], known: Collection[str], sort: str
) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            cure = _("Write it in the system's rules.py, or use one of: %(names)s") % {
                "names": ", ".join(known) or "none yet"
            }
            yield problem(
                source, path, _("there is no %(sort)s `%(name)s`") % {"sort": sort, "name": name}, cure
            )


def _names_free(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    procedure = source.procedure
    for name in procedure.actions:
        if name in BUILT_IN:
            yield problem(
                source,
                ("actions", name),
                _("`%(name)s` is an action every matter has already") % {"name": name},
                _("Choose another name"),
            )
    if procedure.confidential == "persons" and not any(spec.person for spec in procedure.parties.values()):
        yield problem(
            source,
            ("confidential",),
            _("only those who take part by name may see it, and no party is known by name"),
            _("Add `person: true` to a party, or write `confidential: true`"),
        )
    for name, state in procedure.states.items():
        if state.sealed and not state.final:
            yield problem(
                source,
                ("states", name),
                _("`%(name)s` is sealed and not final") % {"name": name},
                _("Add `final: true`: what is sealed is over"),
            )
        for party in state.sealed:
            if party in procedure.parties and procedure.parties[party].post is None:
                yield problem(
                    source,
                    ("states", name, "sealed"),
                    _("`%(party)s` is no post, and sealed matters are seen in office alone")
                    % {"party": party},
                    _("Name a party with `post:`"),
                )
    for action in procedure.actions.values():
        counted = procedure.form.get(action.counts) if action.counts else None
        if counted and (not counted.program or counted.max is None):
            yield problem(
                source,
                ("form", str(action.counts)),
                _("`%(name)s` counts how often something was done") % {"name": str(action.counts)},
                _("Add `program: true` and `max:`"),
            )
    if "system" in procedure.parties:
        yield problem(
            source, ("parties", "system"), _("`system` is the program itself"), _("Choose another name")
        )
    for kind in ("place", "kind", "unit"):
        fields = [name for name, spec in procedure.form.items() if spec.type == kind]
        for extra in fields[1:]:
            yield problem(
                source,
                ("form", extra),
                _("a matter has one %(kind)s, and `%(fields)s` is it already")
                % {"kind": kind, "fields": fields[0]},
                _("Remove one of the two, or ask for the other as text"),
            )
    for name, spec in procedure.form.items():
        if spec.type in ("choice", "choices") and not spec.choices:
            yield problem(
                source,
                ("form", name),
                _("`%(name)s` offers nothing to choose") % {"name": name},
                _("Add `choices:`"),
            )
        if spec.type == "kind" and not (spec.catalogue or procedure.catalogue):
            yield problem(
                source,
                ("form", name),
                _("`%(name)s` is of no catalogue") % {"name": name},
                _("Add `catalogue:` to the procedure or the field"),
            )


def _texts_complete(source: Source, rules: Rules, roles: Collection[str] | None) -> Iterator[Problem]:
    for path, words in _texts(source.procedure):
        missing = [language for language in LANGUAGES if not words.get(language, "").strip()]
        if missing:
            yield problem(
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


NAMES: tuple[Rule, ...] = (
    _states_exist,
    _parties_exist,
    _fields_exist,
    _the_rest_exists,
    _names_free,
    _texts_complete,
)
