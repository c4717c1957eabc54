"""How matters are handled, for anyone to read: procedures with their states, actions, time limits, as in the definition."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mumian.engine.compiled import Compiled
from mumian.engine.definition import ActionSpec, ClockSpec, PartySpec
from mumian.engine.models import ProcedureVersion
from mumian.engine.parties import LEVELS
from mumian.engine.world import city
from mumian.web import presenting, words
from mumian.web.diagram import diagram
from mumian.web.shown import State
from mumian.web.words import Text


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing that can be done in a state: by whom, what is asked, and where it leads."""

    title: Text
    by: str
    asks: str
    to: State | None


@require_GET
def procedures(request: HttpRequest) -> HttpResponse:
    """The procedures in force."""
    here = city()
    listed = [
        {
            "title": compiled.definition.title,
            "url": reverse("web:procedure", args=[name]),
            "version": compiled.version,
            "basis": compiled.definition.basis,
            "way": [
                presenting.titled(compiled.states[each], each) for each in presenting.usual_way(compiled)
            ],
        }
        for name in sorted(here.current)
        for compiled in [here.procedure(name)]
    ]
    return render(request, "web/procedures.html", {"procedures": listed})


@require_GET
def procedure(request: HttpRequest, name: str) -> HttpResponse:
    """One procedure as it is in force."""
    here = city()
    if name not in here.current:
        raise Http404
    compiled = here.procedure(name)
    definition = compiled.definition
    versions = ProcedureVersion.objects.filter(name=name).exclude(status=ProcedureVersion.Status.DRAFT)
    context = {
        "title": definition.title,
        "basis": definition.basis,
        "diagram": diagram(compiled),
        "version": compiled.version,
        "versions": list(versions.order_by("-version").values("version", "published_at", "digest")),
        "parties": [
            (presenting.titled(spec, party), how_found(compiled, spec))
            for party, spec in definition.parties.items()
        ],
        "begins": [
            _doing(compiled, each, spec) for each, spec in definition.actions.items() if spec.from_ is None
        ],
        "states": [
            {"state": presenting.state(compiled, state), "doings": _doings(compiled, state)}
            for state in definition.states
        ],
        "clocks": [_clock(compiled, each, spec) for each, spec in definition.clocks.items()],
        "outcomes": list(definition.outcomes.values()),
        "keep": definition.keep.default.words(),
    }
    return render(request, "web/procedure.html", context)


def _doings(compiled: Compiled, state: str) -> list[Doing]:
    there = {name: spec for name, spec in compiled.definition.actions.items() if state in (spec.from_ or ())}
    return [_doing(compiled, name, there[name]) for name in presenting.in_order(there)]


def _doing(compiled: Compiled, name: str, spec: ActionSpec) -> Doing:
    parties, form = compiled.definition.parties, compiled.definition.form
    by = [
        presenting.titled(parties[party], party) if party in parties else _("The program")
        for party in spec.by
    ]
    asks = [presenting.titled(form[field], field) for field, _required in compiled.asks[name]]
    leads = presenting.state(compiled, spec.to, spec.outcome or "") if spec.to else None
    return Doing(presenting.titled(spec, name), _listed(by), _listed(asks), leads)


def how_found(compiled: Compiled, spec: PartySpec) -> str:
    """How a party is found, in words."""
    if spec.person:
        return _("by name, or without one") if spec.anonymous else _("by name")
    parts = []
    if spec.at == "desk":
        parts.append(_("of the desk it lies on"))
    elif spec.at:
        parts.append(_("of its %(level)s") % {"level": words.in_words(LEVELS[spec.at].titles).lower()})
    if spec.of:
        parts.append(_("of the unit that has it"))
    if spec.not_:
        others = _listed(
            presenting.titled(compiled.definition.parties.get(party), party) for party in spec.not_
        )
        parts.append(_("never the same person as: %(who)s") % {"who": others})
    return _(", ").join(parts)


def _clock(compiled: Compiled, name: str, spec: ClockSpec) -> dict[str, Any]:
    limit, rules = spec.limit, []
    if limit.at:
        rules.append(_("the time that was promised"))
    if limit.by:
        rules.append(_("as the catalogue says for the kind"))
    if limit.rule:
        rules.append(_("reckoned for each"))
    if limit.default:
        rules.append(words.in_words(limit.default.words()))
    return {
        "title": presenting.titled(spec, name),
        "from": _listed(presenting.titled(compiled.states[each], each) for each in spec.from_),
        "until": _listed(presenting.titled(compiled.states[each], each) for each in spec.until),
        "limit": _(", else ").join(rules),
        "basis": spec.basis,
    }


def _listed(texts: Iterable[Text]) -> str:
    return _("; ").join(words.in_words(text) for text in texts)
