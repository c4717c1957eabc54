"""Where the app is. Its worker answers for all below `/field`."""

from django.urls import path

from mumian.field import views

app_name = "field"
urlpatterns = [
    path("field", views.shell, name="home"),
    path("field/worker.js", views.worker, name="worker"),
    path("field/manifest.webmanifest", views.manifest, name="manifest"),
    path("field/icon-<int:size>.png", views.icon, name="icon"),
    path("field/me.json", views.me, name="me"),
    path("field/bundle.json", views.data, name="bundle"),
]
