"""What a reader is told when something did not work: what, why, and what to do. Never a trace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mumian.api.problems import Problem
from mumian.errors import MumianError
from mumian.web import words
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


def no_post(request: HttpRequest) -> HttpResponse:
    """One who is known, but works in no post, asks for a desk."""
    return _page(
        request,
        403,
        _("This is a desk of the city"),
        _("You hold no post today, so there is no work of yours to show."),
        _("If you should have one, ask those who give posts; to report or track something you need none."),
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
    return _bare(
        500,
        _("Something broke on our side"),
        _("It is not your fault, and what was accepted before is kept."),
        _("Try again in a minute. If it stays like this, tell the people who run this site."),
    )


def too_many(request: HttpRequest, problem: Problem) -> HttpResponse:
    """More was sent from one address than the public rate allows; the same rate as that of the API."""
    key = words.language()
    answer = _page(request, problem.status, problem.thing[key], problem.reason[key], problem.cure[key])
    for name, value in problem.headers.items():
        answer[name] = value
    return answer


def database_away(request: HttpRequest) -> HttpResponse:
    """Drawn without the request's context, which may need the database."""
    return _bare(
        503,
        _("The database is away for a moment"),
        _("What was not confirmed is not stored; what was accepted before is kept."),
        _("Go back and send it again in a minute; it will not be done twice."),
    )


def said(request: HttpRequest, error: MumianError, status: int = 400) -> HttpResponse:
    """An error of the program's own kind, in its own words."""
    return _page(request, status, error.thing, error.reason, error.cure)


def _page(request: HttpRequest, status: int, title: object, reason: object, cure: object) -> HttpResponse:
    context = {"status": status, "title": title, "reason": reason, "cure": cure}
    return render(request, "web/error.html", context, status=status)


def _bare(status: int, title: str, reason: str, cure: str) -> HttpResponse:
    context = {"status": status, "title": title, "reason": reason, "cure": cure, "scheme": SCHEMES[0]}
    return HttpResponse(render_to_string("web/error.html", context), status=status)
