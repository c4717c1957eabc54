"""The front door, the way in and out, and what one chooses for oneself: a language, a look, a post."""

from typing import Any

from django.apps import apps
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.web.context import SCHEME_COOKIE, SCHEMES
from mumian.web.errors import bad_request, too_many
from mumian.web.middleware import POST_KEY

A_YEAR = 365 * 24 * 60 * 60
OFFLINE_COOKIE = "field"
"""Names on the device whose offline data it may open: nobody's after signing in or out."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front door."""
    doors = [door for config in apps.get_app_configs() for door in getattr(config, "doors", ())]
    return render(request, "web/home.html", {"signed_in": request.user.is_authenticated, "doors": doors})


class SignIn(LoginView):
    """Sign in by user name and password, at the rate at which anybody may send something."""

    template_name = "web/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            limit_public(request)
        except Problem as problem:
            return too_many(request, problem)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        response.delete_cookie(OFFLINE_COOKIE, samesite="Lax")
        return response


class SignOut(LogoutView):
    """Sign out and return to the front door."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.delete_cookie(OFFLINE_COOKIE, samesite="Lax")
        return response


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where one begins after signing in: those who hold a post at their board."""
    return redirect("web:board" if request.post_held else "web:home")  # type: ignore[attr-defined]


@require_POST
def post(request: HttpRequest, post: int) -> HttpResponse:
    """Chooses the post one acts in from now on."""
    if post not in {held.pk for held in request.posts_held}:  # type: ignore[attr-defined]
        raise Http404
    request.session[POST_KEY] = post
    return redirect("web:board")


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
