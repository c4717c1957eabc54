"""Justice as a Django application; `engine.publishing` finds its definitions and data here."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JusticeConfig(AppConfig):
    name = "mumian.systems.justice"
    label = "justice"
    verbose_name = _("Justice")
    system = Path(__file__).parent

    def ready(self) -> None:
        from mumian.systems.justice import rules  # noqa: F401  (registers them)
