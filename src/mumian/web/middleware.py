"""Who acts in a request: the signed-in person in the post chosen, or nobody in particular."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Person, Post

POST_KEY = "post"


class ActorMiddleware:
    """Sets `request.actor` (lazily) and `request.post_held`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.post_held = SimpleLazyObject(lambda: _post(request))  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _post(request: HttpRequest) -> Post | None:
    """The post one acts in: the one chosen, else the first one holds. One query."""
    person = request.session.get(SESSION_KEY)
    if person is None or not request.user.is_authenticated:
        return None
    today = timezone.localdate()
    posts = Post.objects.filter(person_id=person).select_related("role", "organisation").order_by("id")
    held = [post for post in posts if post.held_on(today)]
    chosen = request.session.get(POST_KEY)
    return next((post for post in held if post.pk == chosen), held[0] if held else None)


def _actor(request: HttpRequest) -> Actor:
    post = request.post_held  # type: ignore[attr-defined]
    if post:
        return post.as_actor()  # type: ignore[no-any-return]
    if isinstance(request.user, Person):
        return Actor(person=request.user.pk, name=str(request.user))
    return ANYONE
