"""Mediation as a Django application; `engine.publishing` finds its definitions and data here."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediationConfig(AppConfig):
    name = "mumian.systems.mediation"
    label = "mediation"
    verbose_name = _("Mediation")
    system = Path(__file__).parent

    def ready(self) -> None:
        from mumian.systems.mediation import rules  # noqa: F401  (registers them)
