"""Answers stay with the one who gives them: in a signed cookie of his or her browser, and nowhere on the server.

A cookie rather than an address or a form value: no answer stands in an address, which histories and logs keep,
and every page is got with GET, so that going back just works. It is sent to the pages of its kind alone, ends
with the browser or after two hours, and is limited in size.
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from mumian.systems.guidance.asking import kept
from mumian.systems.guidance.kinds import Kind

HOURS = 2
MOST = 3600
"""Characters of the cookie; browsers keep 4,096 bytes."""
_SALT = "mumian.systems.guidance"


class TooLong(Exception):
    """There is more to keep than a cookie holds."""


@dataclass(slots=True)
class Given:
    """What somebody has answered so far, and the figures he or she states."""

    answers: dict[str, str] = field(default_factory=dict)
    stated: dict[str, Decimal] = field(default_factory=dict)


def given(request: HttpRequest, kind: Kind) -> Given:
    """What the reader has answered; nothing where there is no cookie, or one that is not ours or too old."""
    try:
        value: Any = signing.loads(request.COOKIES.get(_name(kind), ""), salt=_SALT, max_age=HOURS * 3600)
        stated = {str(name): Decimal(figure) for name, figure in value["f"].items()}
        return Given(kept(kind, value["a"]), stated)
    except (signing.BadSignature, KeyError, TypeError, AttributeError, InvalidOperation):
        return Given()


def keep(response: HttpResponse, kind: Kind, what: Given) -> None:
    """Gives the answers to the reader to keep. Raises `TooLong`."""
    value = {"a": kept(kind, what.answers), "f": {name: str(figure) for name, figure in what.stated.items()}}
    signed = signing.dumps(value, salt=_SALT, compress=True)
    if len(signed) > MOST:
        raise TooLong
    response.set_cookie(
        _name(kind),
        signed,
        path=_path(kind),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(response: HttpResponse, kind: Kind) -> None:
    """Takes the answers back from the reader's browser."""
    response.delete_cookie(_name(kind), path=_path(kind), samesite="Lax")


def _name(kind: Kind) -> str:
    return f"guidance-{kind.kind}"


def _path(kind: Kind) -> str:
    return reverse("guidance:kind", args=[kind.kind])
