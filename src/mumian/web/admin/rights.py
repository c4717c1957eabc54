"""Who may do what, explained: for one post, on a matter or in general, each action with yes or no, why, and by which rule."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mumian.engine.compiled import Compiled
from mumian.engine.decide import may
from mumian.engine.definition import ActionSpec, read
from mumian.engine.looking import look
from mumian.engine.matter import Matter
from mumian.engine.models import ProcedureVersion
from mumian.engine.numbers import read_number
from mumian.engine.parties import is_party, may_see
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import SYSTEM, Actor, Scope
from mumian.people.models import Post
from mumian.web import presenting, words
from mumian.web.admin.guard import actor_of, administers
from mumian.web.admin.people import AT_ONCE, in_full, post_told
from mumian.web.procedures import how_found
from mumian.web.words import Text


@dataclass(frozen=True, slots=True)
class Right:
    """Whether somebody may do an action: yes, no, or on some matters; why; and the line of the rule."""

    title: Text
    answer: str
    why: str
    line: int

    @property
    def colour(self) -> str:
        return {"yes": "leaf", "some": "amber"}.get(self.answer, "neutral")


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do under one procedure."""

    name: str
    title: Text
    version: int
    actions: list[Right]


@administers
@require_GET
def rights(request: HttpRequest) -> HttpResponse:
    """Somebody is chosen by name or post, perhaps a matter by number, and every answer is given with its reason."""
    text, chosen, asked = (request.GET.get(name, "").strip() for name in ("text", "post", "number"))
    post = in_full(Post.objects.filter(pk=chosen)).first() if chosen.isdigit() else None
    context: dict[str, Any] = {"text": text, "number": asked, "post": post_told(post) if post else None}
    if post is None:
        context["posts"] = [post_told(each) for each in _found(text)] if text else []
        return render(request, "web/admin/rights.html", context)
    actor = post.as_actor()
    matter = _matter(request, asked) if asked else None
    if asked and matter is None:
        context["problem"] = _("No matter has this number.")
    if matter:
        compiled = city().procedure(matter.procedure, matter.version)
        context |= {
            "matter": {
                "number": matter.number,
                "title": presenting.named_openly(compiled, matter),
                "state": presenting.state_of(compiled, matter),
            },
            "sees": may_see(compiled, matter, actor),
            "why_sees": why_sees(compiled, matter, actor),
            "rights": [_on(compiled, matter, actor)],
        }
    else:
        here = city()
        context |= {
            "scope": scope_of(actor),
            "closed": _closed(actor),
            "rights": [_in_general(here.procedure(name), actor) for name in sorted(here.current)],
        }
    return render(request, "web/admin/rights.html", context)


def _found(text: str) -> list[Post]:
    named = in_full(Post.objects.all())
    by_person = named.filter(person__name__icontains=text) | named.filter(person__username__startswith=text)
    by_post = (
        named.filter(role__title=text)
        | named.filter(role=text)
        | named.filter(organisation__name__icontains=text)
    )
    return list((by_person | by_post)[:AT_ONCE])


def _matter(request: HttpRequest, asked: str) -> Matter | None:
    """The matter, as far as the administrator who asks may see it."""
    number = read_number(asked)
    key = (
        visible(actor_of(request)).filter(number=number).values_list("pk", flat=True).first()
        if number
        else None
    )
    found = look(SYSTEM, key) if key else None
    return found.matter if found else None


# --- seeing -----------------------------------------------------------------------------------------


def scope_of(actor: Actor) -> str:
    """Which matters one sees in a post, in words."""
    place = words.in_words(presenting.place(actor.place)) if actor.place else ""
    match actor.scope:
        case Scope.ALL:
            return _("All matters: the role sees everything.")
        case Scope.PLACE:
            return _("The matters at %(place)s and in all places within it.") % {"place": place}
        case Scope.UNIT:
            unit = words.in_words(presenting.unit(actor.organisation))
            return _("The matters assigned to %(unit)s or to a unit above it.") % {"unit": unit}
        case _:
            return _("Only the matters the person takes part in by name.")


def why_sees(compiled: Compiled, matter: Matter, actor: Actor) -> str:
    """Why one sees a matter or does not."""
    own = actor.person is not None and any(holder.person == actor.person for holder in matter.holders)
    if own:
        return _("The person takes part in it by name.")
    if compiled.definition.confidential == "persons":
        return _("Only those who take part by name see it, whatever their post.")
    if compiled.definition.closed_to(actor.role, sees_all=actor.scope is Scope.ALL):
        return _("The procedure is confidential, and this role takes no part in it.")
    said = {"scope": scope_of(actor), "place": words.in_words(presenting.place(matter.place)),
            "unit": words.in_words(presenting.unit(matter.unit)) or _("no unit")}  # fmt: skip
    return _("The post sees: %(scope)s This matter lies at %(place)s and is with %(unit)s.") % said


def _closed(actor: Actor) -> list[Text]:
    """Confidential procedures that stay closed to the post."""
    here = city()
    return [
        definition.title
        for name in sorted(here.current)
        for definition in [here.procedure(name).definition]
        if definition.closed_to(actor.role, sees_all=actor.scope is Scope.ALL)
    ]


# --- acting -----------------------------------------------------------------------------------------


def _on(compiled: Compiled, matter: Matter, actor: Actor) -> Rights:
    """Each action on one matter as it is now, as the engine itself decides."""
    world, now = city().world, timezone.now()

    def right(name: str, spec: ActionSpec) -> Right:
        refused = may(compiled, matter, name, actor=actor, now=now, world=world)
        if refused is None:
            parties = [
                party for party in spec.by if party == "system" or is_party(compiled, matter, party, actor)
            ]
            return Right(presenting.titled(spec, name), "yes", _as(compiled, parties), _line(compiled, name))
        return Right(
            presenting.titled(spec, name), "no", presenting.said([refused])[0], _line(compiled, name)
        )

    return _rights(compiled, [right(name, spec) for name, spec in compiled.definition.actions.items()])


def _in_general(compiled: Compiled, actor: Actor) -> Rights:
    """Each action on matters in general: which of them the post may do, and on which matters."""
    return _rights(
        compiled,
        [_general(compiled, name, spec, actor) for name, spec in compiled.definition.actions.items()],
    )


def _general(compiled: Compiled, name: str, spec: ActionSpec, actor: Actor) -> Right:
    parties = compiled.definition.parties
    by_post = [party for party in spec.by if party in parties and parties[party].post == actor.role]
    by_name = [party for party in spec.by if party in parties and parties[party].person]
    title, line = presenting.titled(spec, name), _line(compiled, name)
    if by_post:
        bounds = "; ".join(filter(None, (how_found(compiled, parties[party]) for party in by_post)))
        return Right(
            title, "some" if bounds else "yes", " ".join(filter(None, [_as(compiled, by_post), bounds])), line
        )
    if by_name:
        if spec.from_ is None:
            return Right(title, "yes", _as(compiled, by_name), line)
        why = _("Where the person has acted before as: %(who)s") % {"who": _listed(compiled, by_name)}
        return Right(title, "some", why, line)
    who = _listed(compiled, spec.by) or _("The program")
    return Right(title, "no", _("Only: %(who)s") % {"who": who}, line)


def _rights(compiled: Compiled, actions: list[Right]) -> Rights:
    definition = compiled.definition
    return Rights(definition.procedure, definition.title, compiled.version, actions)


def _as(compiled: Compiled, parties: list[str]) -> str:
    return _("As: %(who)s") % {"who": _listed(compiled, parties)}


def _listed(compiled: Compiled, parties: list[str]) -> str:
    specs = compiled.definition.parties
    return _("; ").join(
        words.in_words(presenting.titled(specs[name], name)) if name in specs else _("The program")
        for name in parties
    )


def _line(compiled: Compiled, action: str) -> int:
    return _lines(compiled.definition.procedure, compiled.version).get(action, 0)


@lru_cache(maxsize=64)
def _lines(name: str, version: int) -> dict[str, int]:
    """On which line of the definition each action stands; a published version never changes."""
    text = ProcedureVersion.objects.values_list("text", flat=True).get(name=name, version=version)
    source = read(text, name)
    return {action: source.line("actions", action) for action in source.procedure.actions}
