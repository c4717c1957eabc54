"""The pages as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mumian.web"
    label = "web"
