"""What every page knows: the languages, the look chosen, where one can go, and in which post one acts."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from mumian.web.words import language

LANGUAGES = (("zh-hans", "zh", "中文"), ("en", "en", "English"))
"""The code Django knows, the key our texts are kept under, and what its readers call it."""

SCHEMES = ("auto", "light", "dark")
SCHEME_COOKIE = "scheme"


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of every page (a template context processor)."""
    places = [("home", _("Home")), ("report", _("Report")), ("track", _("Track"))]
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "languages": [
            {"code": code, "name": name, "current": key == language()} for code, key, name in LANGUAGES
        ],
        "scheme": chosen_scheme(request),
        "nav": [{"url": reverse(name), "title": title, "current": name == here} for name, title in places],
    }


def chosen_scheme(request: HttpRequest) -> str:
    """Light or dark as chosen, else as the device says."""
    chosen = request.COOKIES.get(SCHEME_COOKIE, "")
    return chosen if chosen in SCHEMES else SCHEMES[0]
