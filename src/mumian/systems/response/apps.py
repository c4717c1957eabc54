"""Minimum emergency units as a Django application; `engine.systems` finds its definitions and data here."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResponseConfig(AppConfig):
    name = "mumian.systems.response"
    label = "response"
    verbose_name = _("Emergency response")
    system = Path(__file__).parent

    def ready(self) -> None:
        from mumian.systems.response import rules  # noqa: F401  (registers them)
