"""The calls of GeoReport v2."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from mumian.engine.world import city
from mumian.open311 import requests
from mumian.open311.answers import Fault, Format, faulty, listed, whole
from mumian.open311.arguments import Arguments
from mumian.open311.opening import make_request
from mumian.open311.services import definition, service_named, services
from mumian.web import words

CHANGESET = "2026-11-22T00:00:00+08:00"
"""When these calls were last changed."""
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def discovery(request: HttpRequest, written: Format) -> HttpResponse:
    """What is served, where, and how one gets a key."""
    here = city().installation
    name = words.in_words({"zh": here.name, "en": here.name_en or here.name})
    endpoint = {
        "specification": SPECIFICATION,
        "url": request.build_absolute_uri(reverse("open311:v2")).rstrip("/"),
        "changeset": CHANGESET,
        "type": "production",
        "formats": [each.media_type for each in Format],
    }
    content = {
        "changeset": CHANGESET,
        "contact": " ".join(filter(None, [name, request.build_absolute_uri("/")])),
        "key_service": _(
            "Requests can be made without a key, so many in a minute. The administrators give out keys."
        ),
        "endpoints": [endpoint],
    }
    return whole("discovery", content, written)


def service_list(request: HttpRequest, written: Format) -> HttpResponse:
    """What can be reported."""
    Arguments.of(request)
    return whole("services", [service.line() for service in services()], written)


def service_definition(request: HttpRequest, written: Format, code: str) -> HttpResponse:
    """What is asked for one service."""
    Arguments.of(request)
    if not code:
        raise Fault(400, _("The service_code was not provided."))
    return whole("service_definition", definition(service_named(code)), written)


def request_list(request: HttpRequest, written: Format) -> HttpResponseBase:
    """Makes a request, or lists those there are."""
    if request.method == "POST":
        return whole("service_requests", [make_request(request)], written, 201)
    page = requests.find(request)
    answer = listed("service_requests", page.lines(), written)
    if page.next:
        asked = {name: value for name, value in request.GET.items() if name != "page"} | {"after": page.next}
        answer["Link"] = f'<{request.build_absolute_uri(request.path)}?{urlencode(asked)}>; rel="next"'
        answer["Access-Control-Expose-Headers"] = "Link"
    return answer


def one_request(request: HttpRequest, written: Format, number: str) -> HttpResponse:
    """How one request stands."""
    return whole("service_requests", list(requests.find_one(request, number).lines()), written)


def token(request: HttpRequest, written: Format, token: str) -> HttpResponse:
    """The request a token stands for."""
    if not token:
        raise Fault(400, _("The token was not provided."))
    return whole("service_requests", [requests.find_token(request, token)], written)


def nothing_here(request: HttpRequest, written: Format) -> HttpResponse:
    """Any other address."""
    return faulty(Fault(404, _("There is nothing at this address.")), written)
