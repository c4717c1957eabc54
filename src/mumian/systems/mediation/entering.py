"""Who comes in to the pages of mediation, and the mediation whose number stands in the address."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from mumian.engine.looking import Look, look
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.people.actor import Actor, Scope
from mumian.systems.mediation.models import Mediator
from mumian.systems.mediation.rules import MEDIATIONS
from mumian.web import errors

View = Callable[..., HttpResponse]


def by_name(view: View) -> View:
    """For one who has signed in: gives the view the actor."""

    @wraps(view)
    def entering(request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, actor, *args, **more)

    return entering


def as_oneself(actor: Actor) -> Actor:
    """The person without the post: as one looks at one's own mediations, whatever one's office is."""
    return Actor(person=actor.person, name=actor.name, scope=Scope.PARTY)


def of_a_mediation(view: View) -> View:
    """Gives a view the mediation with the number in the address, in the post or as oneself, whichever sees it."""

    @wraps(view)
    @by_name
    def seeing(request: HttpRequest, actor: Actor, number: str, **more: object) -> HttpResponse:
        found = find(actor, number)
        if found is None:
            raise Http404
        return view(request, found, **more)

    return seeing


def find(actor: Actor, number: str) -> Look | None:
    """A mediation by its number, as somebody may see it."""
    normal = read_number(number)
    for who in (actor, as_oneself(actor)):
        rows = visible(who).filter(number=normal, procedure__in=MEDIATIONS)
        if normal and (key := rows.values_list("pk", flat=True).first()):
            return look(who, key)
    return None


def as_mediator(view: View) -> View:
    """For mediators: gives the view the actor and the line of the roster."""

    @wraps(view)
    @by_name
    def entering(request: HttpRequest, actor: Actor, **more: object) -> HttpResponse:
        own = (
            Mediator.objects.select_related("person", "body__organisation")
            .filter(person=actor.person)
            .first()
        )
        return view(request, actor, own, **more) if own else errors.no_post(request)

    return entering


def as_organiser(view: View) -> View:
    """For those who organise mediation at a place."""

    @wraps(view)
    @by_name
    def entering(request: HttpRequest, actor: Actor, **more: object) -> HttpResponse:
        if actor.role != "mediation-organiser":
            return errors.no_post(request)
        return view(request, actor, **more)

    return entering
