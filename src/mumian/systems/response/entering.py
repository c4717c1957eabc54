"""Who comes in to the pages of response: those who watch over a place, and those who answer for a unit."""

from functools import wraps

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from mumian.people.actor import Actor, Scope
from mumian.people.models import Post
from mumian.web import errors
from mumian.web.entering import View, by_name

RESPONDER = "responder"


def responder_post(request: HttpRequest) -> Post | None:
    """The post in which the reader answers for a unit: the one acted in, else the first there is."""
    held: tuple[Post, ...] = tuple(request.posts_held)  # type: ignore[attr-defined]
    current: Post | None = request.post_held  # type: ignore[attr-defined]
    posts = [post for post in ([current] if current else []) + [*held] if post.role_id == RESPONDER]
    return posts[0] if posts else None


def watches(actor: Actor) -> bool:
    """Whether one looks at a place, or at everything, in one's post."""
    return actor.post is not None and actor.scope in (Scope.PLACE, Scope.ALL)


def on_watch(view: View) -> View:
    """For those who watch over a place; a responder is led to the own page."""

    @wraps(view)
    @by_name
    def entering(request: HttpRequest, actor: Actor, *args: object, **more: object) -> HttpResponseBase:
        if watches(actor):
            return view(request, actor, *args, **more)
        return redirect("response:mine") if responder_post(request) else errors.no_post(request)

    return entering


def in_unit(view: View) -> View:
    """For those who answer for a unit: gives the view the actor in that post."""

    @wraps(view)
    @by_name
    def entering(request: HttpRequest, _actor: Actor, *args: object, **more: object) -> HttpResponseBase:
        post = responder_post(request)
        return view(request, post.as_actor(), *args, **more) if post else errors.no_post(request)

    return entering
