"""Where these pages are; their names lie in the namespace `justice`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
