"""Who comes in: one who acts in a post whose role administers. Everything changed here is on the record."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from mumian.people.actor import Actor
from mumian.record.canonical import Json
from mumian.record.writing import append
from mumian.web import errors

Params = ParamSpec("Params")
View = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def administers(view: View[Params]) -> View[Params]:
    """A page for administrators alone; others are told so, and one who is not known is asked who he or she is."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        post: Any = request.post_held  # type: ignore[attr-defined]
        if not post or not post.role.administers:
            return errors.forbidden(request)
        return view(request, *args, **kwargs)

    return never_cache(guarded)


def actor_of(request: HttpRequest) -> Actor:
    """The administrator, in the post he or she acts in."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def record(request: HttpRequest, subject: UUID, action: str, body: Mapping[str, Json]) -> None:
    """Puts a change on the record: what, by whom, in which post. No personal values: which fields, not what they hold."""
    actor = actor_of(request)
    append(subject, action, body, person=actor.person, post=actor.post)
