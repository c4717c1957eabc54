"""Who comes in to the pages of mediation, and the mediation whose number stands in the address."""

from functools import wraps

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from mumian.engine.looking import Look
from mumian.people.actor import Actor, Scope
from mumian.systems.mediation.models import Mediator
from mumian.systems.mediation.rules import MEDIATIONS
from mumian.web import entering, errors
from mumian.web.entering import View, by_name


def as_oneself(actor: Actor) -> Actor:
    """The person without the post: as one looks at one's own mediations, whatever one's office is."""
    return Actor(person=actor.person, name=actor.name, scope=Scope.PARTY)


def of_a_mediation(view: View) -> View:
    """Gives a view the mediation with the number in the address, in the post or as oneself, whichever sees it."""

    @wraps(view)
    @by_name
    def seeing(request: HttpRequest, actor: Actor, number: str, **more: object) -> HttpResponseBase:
        found = find(actor, number)
        if found is None:
            raise Http404
        return view(request, found, **more)

    return seeing


def find(actor: Actor, number: str) -> Look | None:
    """A mediation by its number, as somebody may see it."""
    return entering.find(actor, number, *MEDIATIONS) or entering.find(as_oneself(actor), number, *MEDIATIONS)


def as_mediator(view: View) -> View:
    """For mediators: gives the view the actor and the line of the roster."""

    @wraps(view)
    @by_name
    def coming(request: HttpRequest, actor: Actor, **more: object) -> HttpResponseBase:
        own = (
            Mediator.objects.select_related("person", "body__organisation")
            .filter(person=actor.person)
            .first()
        )
        return view(request, actor, own, **more) if own else errors.no_post(request)

    return coming


def as_organiser(view: View) -> View:
    """For those who organise mediation at a place."""

    @wraps(view)
    @by_name
    def coming(request: HttpRequest, actor: Actor, **more: object) -> HttpResponseBase:
        if actor.role != "mediation-organiser":
            return errors.no_post(request)
        return view(request, actor, **more)

    return coming
