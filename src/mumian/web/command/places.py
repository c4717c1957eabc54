"""The place asked for in command, and the way from it up and down."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from mumian.people.actor import Actor
from mumian.place.codes import within
from mumian.place.loading import current_atlas
from mumian.web import errors
from mumian.web.command.scope import widest


def in_command(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives a view the actor and the place asked for. One that is not seen is answered like one there is not."""

    @wraps(view)
    def entering(request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        if actor.post is None:
            return errors.no_post(request)
        top = widest(actor)
        place = (request.POST if request.method == "POST" else request.GET).get("place") or top
        if not top or not within(place, top) or place not in current_atlas():
            raise Http404
        return view(request, actor, place, *args, **more)

    return entering


def address(place: str, show: str = "") -> str:
    """Where the command of a place is."""
    pairs = {"place": place, **({"show": show} if show else {})}
    return f"{reverse('web:command')}?{urlencode(pairs)}"


def way(actor: Actor, place: str) -> list[str]:
    """The places from the widest one may see down to this one."""
    top = widest(actor)
    return [code for code in current_atlas().path(place) if code.startswith(top)]


def parts_of(place: str) -> tuple[str, ...]:
    """The places one level below."""
    return current_atlas().children(place)
