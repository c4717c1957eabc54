"""Composition: which door answers at which address."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("mumian.api.urls")),
    path("open311/", include("mumian.open311.urls")),
    path("", include("mumian.field.urls")),
    *(path("", include(f"{system}.urls")) for system in settings.SYSTEMS if find_spec(f"{system}.urls")),
    path("", include("mumian.web.urls")),
]

handler400 = "mumian.web.errors.bad_request"
handler403 = "mumian.web.errors.forbidden"
handler404 = "mumian.web.errors.not_found"
handler500 = "mumian.web.errors.server_error"
