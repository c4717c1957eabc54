"""The engine as a Django application."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngineConfig(AppConfig):
    name = "mumian.engine"
    label = "engine"
    verbose_name = _("Engine")
    system = Path(__file__).parent

    def ready(self) -> None:
        from mumian.engine import heads

        heads.register()
