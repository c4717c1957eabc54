"""What the engine knows, as pages show it: states, places, clocks with their reasons, how far a matter has come."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mumian.engine.compiled import Compiled
from mumian.engine.compiled import Reason as Refusing
from mumian.engine.definition import ActionSpec, ClockSpec, FieldSpec, PartySpec, StateSpec
from mumian.engine.looking import Look
from mumian.engine.matter import ClockRun, Matter
from mumian.engine.models import Matter as Row
from mumian.engine.world import city
from mumian.place.codes import Level, cut
from mumian.place.loading import current_atlas
from mumian.web import words
from mumian.web.shown import Act, Clock, Option, Reason, Running, State, Step
from mumian.web.words import Text


def titled(spec: ActionSpec | ClockSpec | FieldSpec | PartySpec | StateSpec | None, name: str) -> Text:
    """The title of a part of a definition, its name where it has none."""
    return (spec.title if spec else None) or name


def state(compiled: Compiled, name: str, outcome: str = "") -> State:
    """A state as a tag; of a settled matter it says with what outcome, where that is another word."""
    spec = compiled.states.get(name)
    title = titled(spec, name)
    ending = compiled.definition.outcomes.get(outcome)
    if ending and words.in_words(ending) != words.in_words(title):
        title = _("%(state)s: %(outcome)s") % {
            "state": words.in_words(title),
            "outcome": words.in_words(ending),
        }
    tone = (spec.tone if spec else None) or ("done" if spec and spec.final else "doing")
    return State(title, tone)


def state_of(compiled: Compiled, matter: Matter | Row) -> State:
    """The state a matter is in."""
    return state(compiled, matter.state, matter.outcome)


def kind(catalogue: str | None, code: str) -> Text:
    """A kind with the kinds above it: 市容环境 / 垃圾."""
    kinds = city().kinds.get(catalogue or "", {})
    path = [code[: end + 1] for end in range(len(code)) if end + 1 == len(code) or code[end + 1] == "."]
    found = [kinds[each] for each in path if each in kinds]
    return {
        "zh": " / ".join(each.title for each in found) or code,
        "en": " / ".join(each.title_en or each.title for each in found) or code,
    }


def kind_of(compiled: Compiled, matter: Matter | Row) -> Text:
    """The kind of a matter; nothing while it has none."""
    return kind(compiled.definition.catalogue, matter.category) if matter.category else ""


def place(code: str, *, below: str = "") -> dict[str, str]:
    """The names of a place from the district down, or of what lies `below` a place that goes without saying."""
    atlas = current_atlas()
    if not code:
        return {}
    if not below or not code.startswith(below):
        return {"zh": atlas.chain(code, "zh"), "en": atlas.chain(code, "en")}
    path = [each for each in atlas.path(code) if len(each) > len(below)] or [code]
    return {language: " › ".join(atlas.name(each, language) for each in path) for language in ("zh", "en")}


def place_name(code: str) -> Text:
    """The name of a place alone."""
    atlas = current_atlas()
    return {"zh": atlas.name(code, "zh"), "en": atlas.name(code, "en")} if code else ""


def common_place(codes: Sequence[str]) -> str:
    """The smallest place in which all of them lie; empty for none."""
    shortest = min(codes, key=len, default="")
    wider = (cut(shortest, level) for level in sorted(Level, reverse=True))
    return next((code for code in wider if all(each.startswith(code) for each in codes)), "")


def unit(key: int | None) -> Text:
    """The name of a unit; nothing where there is none."""
    found = city().units.get(key) if key is not None else None
    return {"zh": found.name, "en": found.name_en or found.name} if found else ""


def undecided(compiled: Compiled, matter: Matter) -> bool:
    """Whether it is still to be said which unit has the matter."""
    actions = compiled.definition.actions
    return any(
        name == compiled.unit_field and matter.state in (spec.from_ or ())
        for action, spec in actions.items()
        for name, _required in compiled.asks[action]
    )


def address(compiled: Compiled, matter: Matter) -> str:
    """The words that were written to say where it is, unless they are but the place's name."""
    where = matter.data.get(compiled.place_field or "")
    said = str(where.get("address", "")) if isinstance(where, Mapping) else ""
    names = "".join("".join(place(matter.place).values()).split(" › ")) if matter.place else ""
    return "" if "".join(said.split()) in "".join(names.split()) else said


def named_openly(compiled: Compiled, matter: Matter | Row) -> Text:
    """What a matter may be called before anybody: by its title only if that was not taken from personal words."""
    naming = compiled.naming
    if naming and not compiled.definition.form[naming].personal and matter.title:
        return matter.title
    return kind_of(compiled, matter) or compiled.definition.title


def said(reasons: Iterable[Refusing]) -> list[str]:
    """Why something was refused, in the reader's language."""
    return [each.zh if words.language() == "zh" else each.en for each in reasons]


# --- time -------------------------------------------------------------------------------------------


def clock(compiled: Compiled, run: ClockRun, now: datetime, why: Sequence[Reason] = ()) -> Clock:
    """A clock and how much of its time is spent."""
    title = titled(compiled.clocks.get(run.name), run.name)
    return Clock(title, run.due_at, _spent(run, now), _running(run, now), why)


def clocks(look: Look, now: datetime, *, openly: bool = False) -> list[Clock]:
    """The clocks of a matter, those that run first; `openly` leaves out the words people gave as reasons."""
    runs = sorted(look.matter.clocks.values(), key=lambda run: (not run.running, run.due_at or now))
    return [clock(look.compiled, run, now, _why(look, run, openly=openly)) for run in runs]


def nearest(matter: Matter) -> ClockRun | None:
    """The running clock that is due first."""
    due = {run.due_at: run for run in matter.clocks.values() if run.running and run.due_at}
    return due[min(due)] if due else None


def _running(run: ClockRun, now: datetime) -> Running:
    if run.stopped_at is not None:
        if run.due_at is None:
            return Running.VOID
        return Running.MISSED if run.late(now) else Running.MET
    return Running.PAUSED if run.paused_at is not None else Running.RUNNING


def _spent(run: ClockRun, now: datetime) -> float:
    if run.due_at is None:
        return 0.0
    length = run.due_at - run.started_at
    gone = (run.stopped_at or run.paused_at or now) - run.started_at
    return gone / length if length > timedelta(0) else 1.0


def _why(look: Look, run: ClockRun, *, openly: bool) -> list[Reason]:
    if openly:
        run = run.but(changes=[{**change, "reason": ""} for change in run.changes])
    return [Reason({"zh": step.zh, "en": step.en}) for step in look.why_due(run)]


# --- the way ----------------------------------------------------------------------------------------


def steps(compiled: Compiled, matter: Matter, visited: Sequence[str] = ()) -> list[Step]:
    """How far a matter has come on the usual way, which is that of the definition's first scenario.

    Where it has left that way, what it has come by and where it is now are shown. `visited`: states, in order.
    """
    usual = usual_way(compiled)
    now = matter.state
    final = compiled.states[now].final if now in compiled.states else False
    if now in usual:
        reached, ahead = usual[: usual.index(now)], usual[usual.index(now) + 1 :]
    else:
        passed = max((usual.index(each) for each in visited if each in usual), default=0)
        reached, ahead = usual[: passed + 1], [] if final else usual[passed + 1 :]

    def step(name: str, status: Any) -> Step:
        return Step(titled(compiled.states.get(name), name), status)

    return [
        *(step(each, "done") for each in reached),
        step(now, "done" if final else "now"),
        *(step(each, "ahead") for each in ahead),
    ]


def usual_way(compiled: Compiled) -> list[str]:
    """The states a matter usually goes through: those of the definition's first scenario."""
    scenario = next(iter(compiled.definition.scenarios.values()), [])
    reached = [compiled.definition.actions[action].to for action in scenario]
    return list(dict.fromkeys(name for name in reached if name))


# --- what is next -----------------------------------------------------------------------------------

_ORDER = {"primary": 0, "plain": 1, "quiet": 2, "danger": 3}


def act(compiled: Compiled, action: str, url: str, matter: Matter | None = None) -> Act:
    """An action as a button; one that asks only for a mark as a button for each, with the one given already."""
    spec, form = compiled.definition.actions[action], compiled.definition.form
    needed = [name for name, required in compiled.asks[action] if required and form[name].required]
    marks = scale(form[needed[0]]) if len(needed) == 1 else []
    asks = bool(compiled.asks[action])
    scaled = needed[0] if marks else ""
    given = str(matter.data.get(scaled) or "") if matter else ""
    return Act(titled(spec, action), url, spec.tone, asks, marks, scaled, given)


def scale(spec: FieldSpec) -> list[Option]:
    """The marks of a figure that has words for each: the best first, as they are written."""
    marks = spec.choices if spec.type == "integer" else []
    return [Option(choice.value, choice.title) for choice in marks]


def in_order(possible: Mapping[str, ActionSpec]) -> list[str]:
    """Names of actions, the likeliest first."""
    return sorted(possible, key=lambda name: _ORDER[possible[name].tone])


def what_next(look: Look, now: datetime, *, yours: bool = False, openly: bool = False) -> str:
    """Whose turn it is, what is due by when, and how that came about; `openly` does not say who and where."""
    compiled, matter = look.compiled, look.matter
    if compiled.states[matter.state].final:
        return settled(compiled, matter)
    who = "" if yours or openly else words.in_words(whose_turn(compiled, matter))
    turn = _("It is with %(who)s.") % {"who": who} if who else ""
    run = nearest(matter)
    if run is None or run.due_at is None:
        return turn
    parts = {
        "clock": words.in_words(titled(compiled.clocks.get(run.name), run.name)),
        "when": words.moment(run.due_at),
        "late": words.span(now - run.due_at),
        "why": words.in_words(_why(look, run, openly=True)[0].text),
    }
    if now > run.due_at:
        due = _("%(clock)s: %(late)s late (%(when)s).") % parts
        return _sentences(turn, due, _("Please act now.") if yours else "")
    return _sentences(turn, _("%(clock)s: %(when)s at the latest (%(why)s).") % parts)


def _sentences(*said: str) -> str:
    return ("" if words.language() == "zh" else " ").join(filter(None, said))


def consequence(compiled: Compiled, spec: ActionSpec) -> str:
    """What follows from an action, in words: the state it leads to and who is told."""
    state = words.in_words(titled(compiled.states.get(spec.to or ""), spec.to or "")) if spec.to else ""
    parties = compiled.definition.parties
    told = _("; ").join(words.in_words(titled(parties.get(name), name)) for name in spec.tells)
    return _sentences(
        _("A file is prepared first; once it has been accepted, this is done.") if spec.carried else "",
        _("Afterwards: %(state)s.") % {"state": state} if state else "",
        _("Told of it: %(who)s.") % {"who": told} if told else "",
    )


def settled(compiled: Compiled, matter: Matter) -> str:
    """How a matter ended, and when."""
    parts = {
        "outcome": words.in_words(compiled.definition.outcomes.get(matter.outcome)) or _("Settled"),
        "when": words.moment(matter.closed_at) if matter.closed_at else "",
    }
    return _("%(outcome)s, %(when)s.") % parts


def whose_turn(compiled: Compiled, matter: Matter) -> Text:
    """Who is to take the likeliest next action: the party, and the unit or the place where it is found."""
    _action, party = turn(compiled, matter.state)
    spec = compiled.definition.parties.get(party)
    return _with_whereabouts(spec, party, matter) if spec else ""


def is_turn(compiled: Compiled, matter: Matter, possible: Mapping[str, ActionSpec]) -> bool:
    """Whether one who may do what is possible is the one whose turn it is, not one who may also do something."""
    return turn(compiled, matter.state)[0] in possible


def turn(compiled: Compiled, state: str) -> tuple[str, str]:
    """The likeliest action from a state that is taken in office, and the party that takes it; both empty for none."""
    actions, parties = compiled.definition.actions, compiled.definition.parties
    there = {name: spec for name, spec in actions.items() if state in (spec.from_ or ())}
    for name in in_order(there):
        for party in there[name].by:
            if party in parties and parties[party].post:
                return name, party
    return "", ""


def _with_whereabouts(spec: PartySpec, name: str, matter: Matter) -> Text:
    where = unit(matter.unit) if spec.of else place_name(matter.desk if spec.at == "desk" else matter.place)
    title, found = words.in_words(titled(spec, name)), words.in_words(where)
    return _("%(who)s (%(where)s)") % {"who": title, "where": found} if found else title


# --- answers ----------------------------------------------------------------------------------------


def answer(compiled: Compiled, spec: FieldSpec, value: Any, numbers: Mapping[UUID, str]) -> Text:
    """An answer in words; `numbers` are those of the matters answers may name."""
    match spec.type:
        case "kind":
            return kind(spec.catalogue or compiled.definition.catalogue, str(value))
        case "unit":
            return unit(value)
        case "units":
            return _("; ").join(words.in_words(unit(each)) for each in value)
        case "place":
            return place(str(value.get("place", "")))
        case "yesno":
            return _("Yes") if value else _("No")
        case "date":
            return words.day(datetime.fromisoformat(value).date())
        case "datetime":
            return words.moment(datetime.fromisoformat(value))
        case "money":
            return words.money(value)
        case "integer":
            return next((mark.title for mark in scale(spec) if mark.value == str(value)), str(value))
        case "choice" | "choices":
            titles = {choice.value: words.in_words(choice.title) for choice in spec.choices}
            return _("; ").join(
                titles.get(each, each) for each in ([value] if isinstance(value, str) else value)
            )
        case "matter":
            return numbers.get(UUID(str(value)), "")
        case "files":
            return ngettext("%(count)d file", "%(count)d files", len(value)) % {"count": len(value)}
        case "person":
            return ""
        case _:
            return str(value)
