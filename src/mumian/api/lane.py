"""A lane of its own for what programs call, the API and Open311: their requests pass by what only pages need.

Policies for scripts and frames, messages and languages belong to pages, and the API checks CSRF where a session
writes. Measured, this is half of the time the program spends on a request before and after its work.
"""

from collections.abc import Callable
from functools import lru_cache

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch, resolve

from mumian.web.middleware import ActorMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PROGRAMS, DOCS = ("/api/v1/", "/open311/"), "/api/v1/docs"


class ApiLane:
    """A middleware that stands before those of the pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self._pages = get_response
        self._api = SessionMiddleware(AuthenticationMiddleware(ActorMiddleware(_answer)))  # type: ignore[arg-type]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(PROGRAMS) and path != DOCS:
            return self._api(request)  # type: ignore[return-value]
        return self._pages(request)


def _answer(request: HttpRequest) -> HttpResponseBase:
    request.resolver_match = match = _found(request.path_info)
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(answer, HttpResponse) and "Content-Length" not in answer.headers:
        answer.headers["Content-Length"] = str(len(answer.content))
    return answer


@lru_cache(maxsize=256)
def _found(path: str) -> ResolverMatch:
    """What answers a path: programs ask at few."""
    return resolve(path)
