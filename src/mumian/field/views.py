"""The shell of the app, its worker and manifest, who is signed in, and what one takes along."""

import hashlib
from functools import cache
from pathlib import Path

import orjson
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from mumian.api.problems import unknown_caller
from mumian.api.wire import dumps
from mumian.field import icons, texts
from mumian.field.bundle import bundle, keys, version
from mumian.people.models import Post
from mumian.web.context import chosen_scheme
from mumian.web.views import A_YEAR, OFFLINE_COOKIE

SCRIPTS = Path(__file__).parent / "static" / "field"
MAP = ("vendor/map.js",)
"""Fetched when the rest is there, so that the first load stays small."""


@require_GET
@gzip_page
@cache_control(max_age=0, must_revalidate=True)
def shell(request: HttpRequest) -> HttpResponse:
    """The page in which the app runs. It is the same for everybody, so that a phone may keep it."""
    context = {"texts": texts.in_languages(), "scheme": chosen_scheme(request), "settings": _settings()}
    return render(request, "field/shell.html", context)


def _settings() -> dict[str, object]:
    return {
        "worker": reverse("field:worker"),
        "me": reverse("field:me"),
        "bundle": reverse("field:bundle"),
        "signIn": f"{reverse('web:sign-in')}?next={reverse('field:home')}",
        "signOut": reverse("web:sign-out"),
        "board": reverse("web:board"),
        "matter": reverse("web:matter", args=["NUMBER"]),
        "icons": static("web/icons.svg"),
        "map": static(MAP[0]),
        "owner": OFFLINE_COOKIE,
    }


@require_GET
@cache_control(max_age=0, must_revalidate=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it changes whenever anything it keeps does. `?plain`: for browsers without modules in it."""
    context = {"version": _release(), "kept": _kept(), "plain": "plain" in request.GET}
    answer = render(request, "field/worker.js", context, content_type="text/javascript")
    answer["Service-Worker-Allowed"] = reverse("field:home")
    return answer


def _kept() -> list[str]:
    """What the phone keeps from the first visit on."""
    scripts = [f"field/{path.name}" for path in sorted(SCRIPTS.iterdir())]
    own = ["vendor/look.css", "web/layout.css", "web/icons.svg", "web/mark.svg", *scripts]
    return [reverse("field:home"), reverse("field:manifest"), *map(static, own)]


@cache
def _release() -> str:
    """A digest of all that is kept: scripts, styles, the page and its words."""
    whole = hashlib.sha256(orjson.dumps(texts.in_languages()))
    names = ["vendor/look.css", "web/layout.css", "web/icons.svg", "vendor/map.js"]
    files = [*sorted(SCRIPTS.iterdir()), *sorted((Path(__file__).parent / "templates" / "field").iterdir())]
    for path in [*files, *(Path(found) for name in names if (found := finders.find(name)))]:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


@require_GET
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes it an app that can be installed."""
    said = {
        "id": reverse("field:home"),
        "name": _("Mumian · in the field"),
        "short_name": _("Mumian"),
        "start_url": reverse("field:home"),
        "scope": reverse("field:home"),
        "display": "standalone",
        "background_color": icons.PAPER,
        "theme_color": "#17624A",
        "icons": [
            {
                "src": reverse("field:icon", args=[size]),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in (192, 512)
            for purpose in ("any", "maskable")
        ]
        + [{"src": static("web/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    answer = HttpResponse(dumps(said), content_type="application/manifest+json")
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    return answer


@require_GET
@cache_control(public=True, max_age=30 * 24 * 3600)
def icon(request: HttpRequest, size: int) -> HttpResponse:
    """The icon as a PNG."""
    if size not in icons.SIZES:
        raise Http404
    return HttpResponse(icons.icon(size), content_type="image/png")


@require_GET
@never_cache
def me(request: HttpRequest) -> HttpResponse:
    """Who is signed in, in which post, and the token with which acts are sent."""
    post: Post | None = request.post_held  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        return unknown_caller("请登录", "Sign in").answer(request)
    said = {
        "owner": _owner(post) if post else None,
        "post": post.pk if post else None,
        "name": str(request.user),
        "csrf": get_token(request),
        "now": timezone.now(),
    }
    return _mine(HttpResponse(dumps(said), content_type="application/json"), request, post)


@require_GET
@gzip_page
@cache_control(private=True, no_cache=True)
def data(request: HttpRequest) -> HttpResponse:
    """What one takes along in the post one acts in; 304 where nothing has changed since."""
    post: Post | None = request.post_held  # type: ignore[attr-defined]
    if not post:  # not `is None`: it is looked up only when asked for
        return unknown_caller("请以某一岗位登录", "Sign in, in a post you hold").answer(request)
    actor = post.as_actor()
    found = keys(actor)
    tag = f'"{version(actor, found)}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    said = {"owner": _owner(post), "name": str(request.user), **bundle(post, found)}
    answer = HttpResponse(dumps(said), content_type="application/json", headers={"ETag": tag})
    return _mine(answer, request, post)


def _owner(post: Post) -> str:
    """Whose data and outbox are meant: a person in one post."""
    assert post.person_id is not None
    return f"{post.person_id.hex}.{post.pk}"


def _mine(answer: HttpResponse, request: HttpRequest, post: Post | None) -> HttpResponse:
    """Leaves a note on the phone of who may open what lies on it. It is no proof to the server, and goes at sign-out."""
    if post:
        secure = request.is_secure()
        answer.set_cookie(OFFLINE_COOKIE, _owner(post), max_age=A_YEAR, samesite="Lax", secure=secure)
    return answer
