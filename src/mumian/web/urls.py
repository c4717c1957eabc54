"""Where the pages are."""

from django.urls import path
from django.views.i18n import set_language

from mumian.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("report", views.report, name="report"),
    path("track", views.track, name="track"),
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", views.SignOut.as_view(), name="sign-out"),
    path("language", set_language, name="language"),
    path("scheme", views.scheme, name="scheme"),
]
