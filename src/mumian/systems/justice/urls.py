"""Where the pages of justice are."""

from django.urls import include, path

app_name = "justice"
urlpatterns = [
    path("", include("mumian.systems.justice.packages.urls")),
    path("", include("mumian.systems.justice.defence.urls")),
]
