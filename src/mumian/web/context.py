"""What every page knows: the languages, the look chosen, where one can go, and in which post one acts."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from mumian.people.actor import Scope
from mumian.people.models import Post
from mumian.place.codes import Level
from mumian.web import presenting
from mumian.web.command.scope import widest
from mumian.web.words import in_words, language

LANGUAGES = (("zh-hans", "zh", "中文"), ("en", "en", "English"))
"""The code Django knows, the key our texts are kept under, and what its readers call it."""

SCHEMES = ("auto", "light", "dark")
SCHEME_COOKIE = "scheme"


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of every page (a template context processor)."""
    who = _who(request)
    places = [
        ("web:home", _("Home")),
        ("web:report", _("Report")),
        ("web:track", _("Track")),
        ("web:around", _("Around you")),
    ]
    if who and who["posts"]:
        places[:1] = [("web:board", _("Board"))]
        if widest(request.actor):  # type: ignore[attr-defined]
            places.insert(1, ("web:command", _("Command")))
        if request.post_held.role.administers:  # type: ignore[attr-defined]
            places.insert(1, ("web:admin", _("Administration")))
        if _walks(request.post_held):  # type: ignore[attr-defined]
            places.insert(0, ("field:home", _("In the field")))
        for config in apps.get_app_configs():  # what a system adds for those in a post
            if hasattr(config, "ways"):
                places[0:0] = config.ways(request.post_held)  # type: ignore[attr-defined]
    else:
        for config in apps.get_app_configs():  # and what it adds for everybody
            if hasattr(config, "open_ways"):
                places += config.open_ways()
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "languages": [
            {"code": code, "name": name, "current": key == language()} for code, key, name in LANGUAGES
        ],
        "scheme": chosen_scheme(request),
        "base_map": settings.BASE_MAP,
        "base_map_attribution": settings.BASE_MAP_ATTRIBUTION,
        "nav": [{"url": reverse(name), "title": title, "current": name == here} for name, title in places],
        "who": who,
    }


def chosen_scheme(request: HttpRequest) -> str:
    """Light or dark as chosen, else as the device says."""
    chosen = request.COOKIES.get(SCHEME_COOKIE, "")
    return chosen if chosen in SCHEMES else SCHEMES[0]


def post_title(post: Post) -> str:
    """A post in words: for whom, as what, and where, if that is not where the organisation is anyway."""
    parts = [str(post.organisation), str(post.role)]
    if post.place and post.place != post.organisation.place:
        parts.append(in_words(presenting.place_name(post.place)))
    return " · ".join(parts)


def _walks(post: Post) -> bool:
    """Whether the post is that of somebody out in a grid."""
    return bool(post) and post.role.scope == Scope.PLACE and len(post.place) >= Level.GRID


def _who(request: HttpRequest) -> dict[str, Any] | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    held, current = request.posts_held, request.post_held  # type: ignore[attr-defined]
    return {
        "name": str(user),
        "post": post_title(current) if current else "",
        "posts": [
            {
                "url": reverse("web:post", args=[post.pk]),
                "title": post_title(post),
                "current": post == current,
            }
            for post in held
        ],
    }
