"""Where the calls are: each at an address that ends in its format."""

from typing import Any

from django.urls import path, re_path

from mumian.open311 import views
from mumian.open311.answers import door


def _call(address: str, view: Any, *methods: str, name: str = "") -> Any:
    return re_path(rf"^{address}\.(?P<suffix>xml|json)$", door(view, *methods or ("GET",)), name=name)


nothing_here = door(views.nothing_here, "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

app_name = "open311"
urlpatterns = [
    _call("(?:v2/)?discovery", views.discovery),
    _call("v2/services", views.service_list),
    _call(r"v2/services/(?P<code>[^/]*)", views.service_definition),
    _call("v2/requests", views.request_list, "GET", "POST"),
    _call(r"v2/requests/(?P<number>[^/]*)", views.one_request),
    _call(r"v2/tokens/(?P<token>[^/]*)", views.token),
    path("v2/", nothing_here, {"suffix": "xml"}, name="v2"),
    re_path("", lambda request: nothing_here(request, suffix="xml")),
]
