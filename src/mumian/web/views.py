"""The pages that anyone may open."""

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from mumian.web.context import SCHEME_COOKIE, SCHEMES
from mumian.web.errors import bad_request

A_YEAR = 365 * 24 * 60 * 60


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html", {"signed_in": request.user.is_authenticated})


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    return render(request, "web/report.html")


@require_GET
def track(request: HttpRequest) -> HttpResponse:
    return render(request, "web/track.html", {"number": request.GET.get("number", "")})


class SignIn(LoginView):
    """Sign in by user name and password."""

    template_name = "web/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Sign out and return to the front door."""


@require_POST
def scheme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice of light or dark on the device that made it."""
    chosen = request.POST.get("scheme")
    if chosen not in SCHEMES:
        return bad_request(request)
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(SCHEME_COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return response
