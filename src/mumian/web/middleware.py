"""Who acts in a request, and what is said where the program itself meets an obstacle."""

import logging
from collections.abc import Callable

import django.db
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from mumian.errors import MumianError
from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Person, Post
from mumian.web import errors

POST_KEY = "post"
"""Where the session keeps the post one has chosen to act in."""

log = logging.getLogger(__name__)


class ActorMiddleware:
    """Sets `request.posts_held`, `request.post_held` and `request.actor`, each read when it is first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.posts_held = SimpleLazyObject(lambda: _posts(request))  # type: ignore[attr-defined]
        request.post_held = SimpleLazyObject(lambda: _post(request))  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An error of the program's own kind, or a database that is away, in words; other errors go on their way."""
        if isinstance(error, MumianError):
            return errors.said(request, error)
        if isinstance(error, django.db.OperationalError | django.db.InterfaceError):
            log.error("the database is away: %s", error)
            return errors.database_away(request)
        return None


def _posts(request: HttpRequest) -> tuple[Post, ...]:
    """The posts the signed-in person holds today. One query."""
    person = request.session.get(SESSION_KEY)
    if person is None or not request.user.is_authenticated:
        return ()
    today = timezone.localdate()
    posts = Post.objects.filter(person_id=person).select_related("role", "organisation").order_by("id")
    return tuple(post for post in posts if post.held_on(today))


def _post(request: HttpRequest) -> Post | None:
    """The post one acts in: the one chosen, else the first one holds."""
    held: tuple[Post, ...] = tuple(request.posts_held)  # type: ignore[attr-defined]
    chosen = request.session.get(POST_KEY) if held else None
    return next((post for post in held if post.pk == chosen), held[0] if held else None)


def _actor(request: HttpRequest) -> Actor:
    post = request.post_held  # type: ignore[attr-defined]
    if post:
        return post.as_actor()  # type: ignore[no-any-return]
    if isinstance(request.user, Person):
        return Actor(person=request.user.pk, name=str(request.user))
    return ANYONE
