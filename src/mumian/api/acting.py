"""Who acts in a request: a token's post, the person signed in in the post chosen, a link's holder, or anyone."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.utils import check_csrf

from mumian.api.problems import forbidden, missing, unknown_caller
from mumian.engine.looking import link_holder
from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Post, Token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, made with `mumian people token`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A person signed in."},
    "link": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Link",
        "description": "The secret link of one matter.",
    },
}
"""How a caller says who it is, for OpenAPI; without any of them it is anyone."""


class AskedBy(HttpRequest):
    """A request with the one who makes it."""

    auth: Actor


def acting(request: HttpRequest) -> Actor:
    """The one who acts. Raises a `Problem`: 401 for a token that is not valid, 403 for a post not held."""
    if said := request.headers.get("Authorization"):
        return _by_token(request, said)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return _by_session(request)
    return ANYONE


def known(request: AskedBy) -> Actor:
    """The one who acts, if known. Raises a `Problem` (401) for anyone."""
    if request.auth is ANYONE:
        raise unknown_caller("此处只对登录者开放", "This is open only to those who are known")
    return request.auth


def acting_on(request: AskedBy, *, matter: UUID | None = None, number: str | None = None) -> Actor:
    """The one who acts on one matter: its secret link comes first. Raises a `Problem` (404) for a wrong one."""
    if secret := request.headers.get("X-Link"):
        holder = link_holder(secret, matter=matter, number=number)
        if holder is None:
            raise missing()
        return holder
    return request.auth


def token_holder(secret: str) -> Token | None:
    """The token with this secret and the post it acts in, if it is valid today."""
    token = (
        Token.objects.filter(hash=Token.digest(secret.strip()))
        .select_related("post__role", "post__organisation", "post__person")
        .first()
    )
    return token if token and _valid(token) else None


def _by_token(request: HttpRequest, said: str) -> Actor:
    scheme, _, secret = said.partition(" ")
    if scheme.lower() != "bearer":
        raise unknown_caller(
            "Authorization 头不是 Bearer 令牌", "The Authorization header is not a Bearer token"
        )
    token = token_holder(secret)
    if token is None:
        raise unknown_caller("令牌无效或已过期", "The token is not valid, or no longer")
    if (chosen := request.headers.get("X-Post")) and chosen != str(token.post_id):
        raise _not_held()
    return token.post.as_actor()


def _valid(token: Token) -> bool:
    person = token.post.person
    return (
        (token.ends is None or token.ends > timezone.now())
        and token.post.held_on(timezone.localdate())
        and (person is None or person.is_active)
    )


def _by_session(request: HttpRequest) -> Actor:
    if request.method not in SAFE and check_csrf(request) is not None:
        raise forbidden(
            "缺少或不符的 CSRF 令牌",
            "The CSRF token is missing or wrong",
            {
                "zh": "请在 X-CSRFToken 头中带上 csrftoken 的值",
                "en": "Send the cookie csrftoken as X-CSRFToken",
            },
        )
    chosen = request.headers.get("X-Post")
    post = _held(request, chosen) if chosen else request.post_held  # type: ignore[attr-defined]
    return post.as_actor() if post else Actor(person=request.user.pk, name=str(request.user))


def _held(request: HttpRequest, chosen: str) -> Post:
    for post in request.posts_held:  # type: ignore[attr-defined]
        if str(post.pk) == chosen:
            return cast(Post, post)
    raise _not_held()


def _not_held() -> Exception:
    return forbidden(
        "您现在不担任 X-Post 头所指的岗位",
        "You do not hold the post that the X-Post header names",
        {"zh": "请换用现任岗位的编号", "en": "Give the id of a post you hold now"},
    )
