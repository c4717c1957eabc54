"""Where the pages of justice are."""

from django.urls import include, path

from mumian.systems.justice import aid, desk

app_name = "justice"
urlpatterns = [
    path("justice", desk.desk, name="desk"),
    path("justice/aid/<str:number>/name", aid.name_lawyer, name="name-lawyer"),
    path("", include("mumian.systems.justice.packages.urls")),
    path("", include("mumian.systems.justice.defence.urls")),
]
