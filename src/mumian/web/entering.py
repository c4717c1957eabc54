"""Who comes in to a page, and the matter whose number stands in its address."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mumian.engine.looking import Look, look
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.people.actor import Actor

View = Callable[..., HttpResponseBase]


def by_name(view: View) -> View:
    """For one who has signed in: gives the view the actor."""

    @wraps(view)
    def entering(request: HttpRequest, *args: object, **more: object) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, actor, *args, **more)

    return entering


def find(actor: Actor, number: str, *procedures: str) -> Look | None:
    """The matter of one of these procedures with a number, if the actor sees it. Looking is put on the record."""
    normal = read_number(number)
    rows = visible(actor).filter(number=normal, procedure__in=procedures)
    key = rows.values_list("pk", flat=True).first() if normal else None
    return look(actor, key) if key else None
