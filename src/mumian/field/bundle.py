"""What one takes along into the field: one's open matters, what may be done on them, and all that forms need."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, Value
from django.utils import timezone
from django.utils.translation import override

from mumian.engine.compiled import Compiled
from mumian.engine.definition import ActionSpec, FieldSpec
from mumian.engine.looking import Look
from mumian.engine.matter import ClockRun, Holder, Matter
from mumian.engine.parties import is_party
from mumian.engine.rules import RULES
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.people.models import Post
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.web import outlines, presenting, suggesting, words
from mumian.web.addresses import Addresses
from mumian.web.context import post_title
from mumian.web.forms import kinds_to_choose, persons_to_choose
from mumian.web.history import History
from mumian.web.reporting import Opening, openings
from mumian.web.shown import Event, Group

MOST = 300
"""Matters taken along, those due first; a phone need not hold a whole city."""
ENTRIES = 6
"""Of each matter, what was done last."""
SHAPE = 1
"""Counted up where the shape of the bundle changes, so that no phone goes on with one of before."""
LANGUAGES = {"zh": "zh-hans", "en": "en"}

Json = dict[str, Any]


def keys(actor: Actor) -> list[tuple[Any, int]]:
    """The open matters the actor takes along, each with the number of its last entry: one statement.

    What is confidential stays at the desk.
    """
    here = city()
    closed = [name for name in here.current if here.procedure(name).definition.confidential]
    matters = visible(actor).filter(closed_at=None).exclude(procedure__in=closed)
    small = actor.scope is Scope.UNIT or len(actor.place) >= Level.TOWN
    due = F("due_at") + Value(timedelta(0)) if small else F("due_at")  # as in web.listing: which index helps
    return list(matters.order_by(due, "pk").values_list("pk", "seq")[: MOST + 1])


def version(actor: Actor, found: Sequence[tuple[Any, int]]) -> str:
    """Changes whenever the bundle would."""
    day = timezone.localdate().isoformat()
    said = [SHAPE, actor.person, actor.post, city().stamp, len(current_atlas()), day, *found]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def bundle(post: Post, found: Sequence[tuple[Any, int]]) -> Json:
    """All of it. Texts are in each language: a text that is the same in all is given once."""
    actor, now = post.as_actor(), timezone.now()
    taken = [key for key, _seq in found[:MOST]]
    loaded = load(taken)
    here = city()
    looks = [
        Look(actor, matter, here.procedure(matter.procedure, matter.version))
        for matter in (loaded[key] for key in taken if key in loaded)
    ]
    ways = [_ahead(look, now) for look in looks]
    histories = History.of_many(looks, lambda look: Addresses(look.matter.number).file)
    kinds = _likely_kinds(looks)
    opens = openings(actor)
    used = _used(looks, ways, opens)
    asked = [spec for compiled, actions in used.values() for spec in _asked(compiled, actions).values()]
    types = {spec.type for spec in asked}
    return {
        "shape": SHAPE,
        "now": now,
        "offset": timezone.localtime(now).strftime("%z"),
        "zone": timezone.get_current_timezone_name(),
        "place": {
            "code": actor.place,
            "name": presenting.place_name(actor.place),
            "chain": presenting.place(actor.place),
        },
        "post": in_each(lambda: post_title(post)),
        "sheet": _sheet(actor.place),
        "procedures": {name: _procedure(*each) for name, each in used.items()},
        "opens": [{"procedure": _name(each.compiled), "action": each.action} for each in opens],
        "kinds": _kinds(used.values()),
        "units": _units(looks, actor) if types & {"unit", "units"} else [],
        "people": _people(actor) if "person" in types else [],
        "matters": in_each(
            lambda: [
                _matter(history, way, kinds.get(history.look.matter.id))
                for history, way in zip(histories, ways, strict=True)
            ]
        ),
        "more": len(found) > MOST,
    }


def in_each(make: Callable[[], Any]) -> Any:
    """What `make` gives, with every text in each language where they differ."""
    made = {}
    for key, code in LANGUAGES.items():
        with override(code):
            made[key] = make()
    return _merged(made["zh"], made["en"])


def _merged(zh: Any, en: Any) -> Any:
    if isinstance(zh, dict) and isinstance(en, dict) and zh.keys() == en.keys():
        return {key: _merged(value, en[key]) for key, value in zh.items()}
    if isinstance(zh, list) and isinstance(en, list) and len(zh) == len(en):
        return [_merged(one, other) for one, other in zip(zh, en, strict=True)]
    return zh if zh == en else {"zh": zh, "en": en}


def _name(compiled: Compiled) -> str:
    return f"{compiled.definition.procedure}/{compiled.version}"


# --- what may be done -------------------------------------------------------------------------------


def _ahead(look: Look, now: datetime) -> dict[str, list[str]]:
    """By state, what the actor may do: in the one the matter is in, and in those his or her own acts lead to.

    So that several steps can be taken one after another before any of them is sent.
    """
    found: dict[str, list[str]] = {}
    waiting = [look.matter]
    while waiting:
        matter = waiting.pop()
        if matter.state in found:
            continue
        possible = replace(look, matter=matter).possible(now)
        found[matter.state] = presenting.in_order(possible)
        waiting += [_after(look, matter, spec, now) for spec in possible.values() if spec.to]
    return found


def _after(look: Look, matter: Matter, spec: ActionSpec, now: datetime) -> Matter:
    """The matter as it would be, as far as that says who may act next."""
    after = matter.follow()
    after.state, after.entered_at = spec.to or after.state, now
    party = next((name for name in spec.by if is_party(look.compiled, matter, name, look.actor)), "")
    after.holders += (Holder(party, look.actor.person, look.actor.post, look.actor.organisation),)
    return after


# --- definitions ------------------------------------------------------------------------------------

Used = dict[str, tuple[Compiled, set[str]]]
"""By procedure and version, the actions whose forms are taken along."""


def _used(looks: Sequence[Look], ways: Sequence[Mapping[str, list[str]]], opens: Sequence[Opening]) -> Used:
    used: Used = {}
    for each in opens:
        used.setdefault(_name(each.compiled), (each.compiled, set()))[1].add(each.action)
    for look, way in zip(looks, ways, strict=True):
        actions = used.setdefault(_name(look.compiled), (look.compiled, set()))[1]
        actions.update(name for names in way.values() for name in names)
    return used


def _asked(compiled: Compiled, actions: Iterable[str]) -> dict[str, FieldSpec]:
    """The fields that actions ask for, in the order of the form."""
    names = {name for action in actions for name, _required in compiled.asks[action]}
    return {name: spec for name, spec in compiled.definition.form.items() if name in names}


def _procedure(compiled: Compiled, actions: set[str]) -> Json:
    definition = compiled.definition
    return {
        "title": definition.title,
        "states": {name: _state(compiled, name) for name in definition.states},
        "actions": {name: in_each(partial(_action, compiled, name)) for name in sorted(actions)},
        "form": {name: _field(compiled, spec, name) for name, spec in _asked(compiled, actions).items()},
        "naming": compiled.naming,
        "kind": compiled.kind_field,
    }


def _state(compiled: Compiled, name: str) -> Json:
    shown = presenting.state(compiled, name)
    return {
        "title": shown.title,
        "tone": shown.tone,
        "colour": shown.colour,
        "final": compiled.states[name].final,
    }


def _action(compiled: Compiled, name: str) -> Json:
    spec, form = compiled.definition.actions[name], compiled.definition.form
    return {
        "title": presenting.titled(spec, name),
        "tone": spec.tone,
        "to": spec.to,
        "asks": [[asked, required and form[asked].required] for asked, required in compiled.asks[name]],
        "said": presenting.consequence(compiled, spec),
    }


def _field(compiled: Compiled, spec: FieldSpec, name: str) -> Json:
    said: Json = {"type": spec.type, "title": presenting.titled(spec, name), "help": spec.help or None}
    said |= {"min": spec.min, "max": spec.max}
    if spec.type in ("choice", "choices"):
        said["choices"] = [[choice.value, choice.title] for choice in spec.choices]
    if spec.type == "kind":
        said["catalogue"] = _catalogue(compiled, spec)
    if spec.checklist:
        said["checklist"] = True
    return {key: value for key, value in said.items() if value is not None}


def _catalogue(compiled: Compiled, spec: FieldSpec) -> str:
    return spec.catalogue or compiled.definition.catalogue or ""


def _kinds(used: Iterable[tuple[Compiled, set[str]]]) -> Json:
    """The catalogues that forms choose from, as the pages have them."""
    wanted = {
        _catalogue(compiled, spec)
        for compiled, actions in used
        for spec in _asked(compiled, actions).values()
        if spec.type == "kind"
    }
    return {name: _groups(*kinds_to_choose(name)) for name in sorted(wanted)}


def _groups(groups: Sequence[Group], alone: Sequence[Any]) -> list[Json]:
    every = [*groups, *([Group("", alone)] if alone else [])]
    return [
        {"title": group.title, "options": [[option.value, option.title] for option in group.options]}
        for group in every
    ]


def _units(looks: Sequence[Look], actor: Actor) -> list[Json]:
    """The units that serve any of the places; the form shows those that serve its matter's."""
    places = {look.matter.place for look in looks} | {actor.place}
    serving = [
        unit
        for unit in city().units.values()
        if unit.active and any(place.startswith(unit.place) for place in places)
    ]
    return [
        {
            "value": unit.pk,
            "title": presenting.unit(unit.pk),
            "place": unit.place,
            "at": presenting.place_name(unit.place) or None,
        }
        for unit in sorted(serving, key=lambda unit: (-len(unit.place), unit.place, unit.pk))
    ]


def _people(actor: Actor) -> list[list[Any]]:
    return [[option.value, option.title] for option in persons_to_choose(actor)]


# --- places -----------------------------------------------------------------------------------------


def _sheet(place: str) -> Json | None:
    """The outlines one moves among: one's own place with its neighbours, or the parts of a wider one."""
    atlas = current_atlas()
    above = atlas.parent(place) if len(place) >= Level.GRID else place
    return outlines.parts(atlas, above or place)


# --- matters ----------------------------------------------------------------------------------------


def _matter(history: History, way: Mapping[str, list[str]], kind: str | None) -> Json:
    look = history.look
    matter, compiled = look.matter, look.compiled
    said: Json = {
        "id": matter.id.hex,
        "number": matter.number,
        "procedure": _name(compiled),
        "state": matter.state,
        "seq": matter.seq,
        "title": matter.title or presenting.named_openly(compiled, matter),
        "text": str(look.data.get(compiled.naming or "", "")),
        "place": matter.place,
        "where": presenting.place(matter.place),
        "address": presenting.address(compiled, matter),
        "lon": matter.lon,
        "lat": matter.lat,
        "kind": presenting.kind_of(compiled, matter),
        "category": matter.category,
        "likely": kind if kind != matter.category else None,
        "unit": presenting.unit(matter.unit),
        "reports": matter.reports if matter.reports > 1 else None,
        "turn": presenting.whose_turn(compiled, matter),
        "yours": presenting.turn(compiled, matter.state)[0] in way[matter.state],
        "may": way,
        "clocks": [_clock(look, run) for run in matter.clocks.values() if run.running and run.due_at],
        "lists": _checklists(look),
        "events": [_event(seq, event) for seq, event in history.last(ENTRIES)],
        "files": [
            {"title": brought.title, "thumb": file.thumbnail, "url": file.url, "name": file.name}
            for brought in history.files
            for file in brought.files
        ],
    }
    return {key: value for key, value in said.items() if value not in (None, "", [], {})}


def _clock(look: Look, run: ClockRun) -> Json:
    why = [{"zh": step.zh, "en": step.en} for step in look.why_due(run)]
    title = presenting.titled(look.compiled.clocks.get(run.name), run.name)
    return {"title": title, "from": run.started_at, "due": run.due_at, "why": why}


def _checklists(look: Look) -> Json:
    """What is to be looked at, by field."""
    form = look.compiled.definition.form
    found = {
        name: RULES.checklists[spec.checklist](look.matter)
        for name, spec in form.items()
        if spec.checklist and spec.checklist in RULES.checklists
    }
    return {name: items for name, items in found.items() if items}


def _event(seq: int, event: Event) -> Json:
    said: Json = {
        "seq": seq,
        "at": event.at,
        "title": words.in_words(event.title),
        "who": words.in_words(event.who),
        "text": words.in_words(event.text),
        "facts": [[words.in_words(name), words.in_words(value)] for name, value in event.facts],
    }
    return {key: value for key, value in said.items() if value}


def _likely_kinds(looks: Sequence[Look]) -> dict[Any, str]:
    """The kind that is surely meant, of matters that have none yet and could be given one."""
    found: dict[Any, str] = {}
    by_procedure: dict[str, list[Look]] = {}
    for look in looks:
        if look.compiled.kind_field and not look.matter.category:
            by_procedure.setdefault(_name(look.compiled), []).append(look)
    for group in by_procedure.values():
        found |= suggesting.sure_kinds(group[0].compiled, [look.matter for look in group])
    return found
