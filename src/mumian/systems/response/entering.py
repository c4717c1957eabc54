"""Who comes in to the pages of response: those who watch over a place, and those who answer for a unit."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from mumian.people.actor import Actor, Scope
from mumian.people.models import Post
from mumian.web import errors

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


def on_watch(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who watch over a place; a responder is led to the own page."""

    @wraps(view)
    def entering(request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        if watches(actor):
            return view(request, actor, *args, **more)
        return redirect("response:mine") if responder_post(request) else errors.no_post(request)

    return entering


def in_unit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who answer for a unit: gives the view the actor in that post."""

    @wraps(view)
    def entering(request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        if request.actor.person is None:  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path())
        post = responder_post(request)
        return view(request, post.as_actor(), *args, **more) if post else errors.no_post(request)

    return entering
