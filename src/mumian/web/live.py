"""What changes is seen without a reload: server-sent events (HTML Living Standard, 9.2) that say that it is time to look again."""

import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine import live
from mumian.people.actor import Actor

QUIET = 20.0
"""Seconds after which a line is sent that says nothing, so that a connection that is gone is noticed."""
LASTS = 600.0
"""Seconds after which the reader comes again, and it is asked again who that is."""
SETTLED = 0.3
"""Seconds between two looks at the least."""


@never_cache
@require_GET
def changes(request: HttpRequest) -> HttpResponseBase:
    """Events `changed`: something has, in what one may see.

    Where too many listen it answers 503, and pages look again by themselves from time to time.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.post is None:
        return HttpResponse(status=403)
    if live.listeners() >= settings.LIVE_LISTENERS:
        return HttpResponse(status=503, headers={"Retry-After": "30"})
    actor = Actor(  # read from the request now: its session and database are not there while it lasts
        person=actor.person, post=actor.post, role=actor.role, organisation=actor.organisation,
        lineage=actor.lineage, place=actor.place, scope=actor.scope,
    )  # fmt: skip
    connection.close()  # goes back to the pool; what follows needs none
    return StreamingHttpResponse(
        _events(actor), content_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


def _events(actor: Actor) -> Iterator[bytes]:
    until = time.monotonic() + LASTS
    with live.listening(actor) as listener:
        yield b"retry: 3000\n\n"
        while time.monotonic() < until:
            if listener.wait(QUIET):
                time.sleep(SETTLED)
                listener.look()
                yield b"event: changed\ndata:\n\n"
            else:
                yield b":\n\n"
