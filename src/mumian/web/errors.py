"""What a reader is told when something did not work: what, why, and what to do. Never a trace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mumian.errors import MumianError
from mumian.web.context import SCHEMES


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        400,
        _("This could not be read"),
        _("What was sent is not in a form this page understands."),
        _("Go back, check what you entered, and send it again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        _("Not from here"),
        _("The page was open too long, or your browser does not keep cookies, or your post may not do this."),
        _("Reload the page and try again; allow cookies for this site; or sign in with the post that may."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return forbidden(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same answer for what does not exist and for what one may not see."""
    return _page(
        request,
        404,
        _("There is nothing here that you can see"),
        _("The address may be mistyped, or it belongs to something you may not look at."),
        _("Check the address or the number. If you work for the city, sign in with the post that has it."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request's context, which may be what is broken."""
    context = {
        "status": 500,
        "title": _("Something broke on our side"),
        "reason": _("It is not your fault, and what was accepted before is kept."),
        "cure": _("Try again in a minute. If it stays like this, tell the people who run this site."),
        "scheme": SCHEMES[0],
    }
    return HttpResponse(render_to_string("web/error.html", context), status=500)


def said(request: HttpRequest, error: MumianError, status: int = 400) -> HttpResponse:
    """An error of the program's own kind, in its own words."""
    return _page(request, status, error.thing, error.reason, error.cure)


def _page(request: HttpRequest, status: int, title: object, reason: object, cure: object) -> HttpResponse:
    context = {"status": status, "title": title, "reason": reason, "cure": cure}
    return render(request, "web/error.html", context, status=status)
