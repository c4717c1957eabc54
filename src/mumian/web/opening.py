"""Opening a matter of any procedure one may begin, with what is known already filled in.

A page that knows something offers it (`offer`): its button posts the values, signed, to the page that opens the
procedure, where they are kept in a cookie of that address alone until the form is sent. So they stand in no address,
and outlast signing in where the procedure wants to know who one is. What does not fit a field is left out.

That page is `/open/<procedure>`, or a system's own, named by `opens` of its AppConfig: it calls `keep_offered` where
`is_offered`, shows `offered`, and calls `forget_offered` when all is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.engine.compiled import Reason
from mumian.engine.looking import link_after
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.world import city
from mumian.intake.locating import Unlocated, locate
from mumian.people.actor import Actor
from mumian.place.loading import current_atlas
from mumian.web import errors, presenting
from mumian.web.forms import Form, Sent
from mumian.web.matters import would_fail
from mumian.web.reporting import CHANNEL, Opening, form_key, openings
from mumian.web.shown import PlaceAnswer
from mumian.web.words import Text

KEPT_SECONDS = 3600
MOST = 3600
"""Characters of the values, signed; browsers keep 4,096 bytes in a cookie."""
_COOKIE, _SALT = "opening", "mumian.web.opening"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a button needs to carry values into the form that opens a matter."""

    url: str
    values: str
    title: Text


def offer(procedure: str, values: Mapping[str, str]) -> Offer | None:
    """Values by field for the form that opens a matter of a procedure; nothing where there is no such procedure.

    Texts that would be too much for a cookie are cut short.
    """
    if procedure not in city().current:
        return None
    kept = dict(values)
    while len(signed := signing.dumps(kept, salt=_SALT, compress=True)) > MOST:
        longest = max(kept, key=lambda name: len(kept[name]))
        kept[longest] = kept[longest][: len(kept[longest]) * 3 // 4]
    return Offer(page_of(procedure), signed, city().procedure(procedure).definition.title)


def page_of(procedure: str) -> str:
    """Where one opens a matter of a procedure: on the page of its system, where that has one."""
    found = (getattr(config, "opens", {}).get(procedure, "") for config in apps.get_app_configs())
    own = next(filter(None, found), "")
    return reverse(own) if own else reverse("web:open", args=[procedure])


def is_offered(request: HttpRequest) -> bool:
    """Whether a page that knows something sends what it offers."""
    return "values" in request.POST


def keep_offered(request: HttpRequest, procedure: str) -> HttpResponse:
    """Keeps what was offered, and goes to the form. What we did not sign is not believed."""
    response = redirect(page_of(procedure))
    values = request.POST["values"]
    if len(values) <= MOST and _read(values):
        response.set_cookie(
            _COOKIE,
            values,
            max_age=KEPT_SECONDS,
            path=page_of(procedure),
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def offered(request: HttpRequest, form: Form) -> dict[str, object]:
    """What was offered, as far as it fits the form, by field as a form shows it."""
    shown: dict[str, object] = {}
    for name, value in _read(request.COOKIES.get(_COOKIE, "")).items():
        if name not in form.asked:
            continue
        spec, _required = form.asked[name]
        if spec.type == "place":
            shown[name] = _where(value, name, form)
        elif spec.type == "kind":
            if value in city().kinds.get(spec.catalogue or form.compiled.definition.catalogue or "", {}):
                shown[name] = value
        elif spec.type in ("text", "integer", "decimal", "money", "date"):
            shown[name] = value[: spec.max] if spec.type == "text" else value
    return shown


def _where(said: str, field: str, form: Form) -> PlaceAnswer:
    """A place by its code or in words; words that do not lead to one place are shown as they are."""
    try:
        found = locate({field: said}, form.compiled.definition)[field]
    except Unlocated:
        return PlaceAnswer(said)
    code = found.get("place", "")
    known = code in current_atlas()
    return PlaceAnswer(
        "" if said == code else said, code if known else "", presenting.place(code) if known else ""
    )


def forget_offered(response: HttpResponse, procedure: str) -> None:
    """Takes back what was kept, once it is sent."""
    response.delete_cookie(_COOKIE, path=page_of(procedure), samesite="Lax")


@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def open_matter(request: HttpRequest, procedure: str) -> HttpResponse:
    """The form with what is known filled in, and what becomes of it."""
    if is_offered(request):
        return keep_offered(request, procedure)
    if (own := page_of(procedure)) != request.path:
        return redirect(own)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    opening = next((each for each in openings(actor) if each.name == procedure), None)
    if opening is None:
        if procedure in city().current and actor.person is None:
            return redirect_to_login(request.get_full_path())
        raise Http404
    form = Form(opening.compiled, opening.action, actor, without=_left_out(opening))
    if request.method != "POST":
        return _page(request, opening, form, Sent(shown=offered(request, form)), fresh=True)
    return _take(request, opening, form)


def _read(values: str) -> dict[str, str]:
    try:
        read: Any = signing.loads(values, salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return {}
    return {str(name): str(value) for name, value in read.items() if value} if isinstance(read, dict) else {}


def _left_out(opening: Opening) -> frozenset[str]:
    """What one without a post is not asked; but here the kind is, which may be known already."""
    return opening.kept_from_public - {opening.compiled.kind_field or ""}


def _take(request: HttpRequest, opening: Opening, form: Form) -> HttpResponse:
    if form.actor.person is None:
        try:
            limit_public(request)
        except Problem as problem:
            return errors.too_many(request, problem)
    sent = form.read(request)
    act = Act(
        opening.action, form.actor, sent.data, opens=opening.name, key=form_key(request), channel=CHANNEL
    )
    if sent.faults:
        return _page(request, opening, form, sent, would_fail(act))
    [result] = perform([act])
    if isinstance(result, Refused):
        return _page(request, opening, form, sent, result.reasons)
    secret = link_after(result.matter, opening.compiled, opening.action)
    response = (
        redirect("web:received", result.number, secret) if secret else redirect("web:matter", result.number)
    )
    forget_offered(response, opening.name)
    return response


def _page(
    request: HttpRequest,
    opening: Opening,
    form: Form,
    sent: Sent,
    reasons: Sequence[Reason] = (),
    *,
    fresh: bool = False,
) -> HttpResponse:
    spec = opening.compiled.definition.actions[opening.action]
    context = {
        "title": opening.compiled.definition.title,
        "act": presenting.titled(spec, opening.action),
        "fields": form.fields(sent, reasons),
        "problems": form.others(reasons),
        "key": form_key(request),
        "filled": fresh and bool(sent.shown),
    }
    return render(request, "web/open.html", context, status=200 if fresh else 422)
