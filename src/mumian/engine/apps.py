"""The engine as a Django application."""

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class EngineConfig(AppConfig):
    name = "mumian.engine"
    label = "engine"
    verbose_name = _("Engine")
    system = Path(__file__).parent

    def ready(self) -> None:
        from mumian.engine import heads

        heads.register()
        autodiscover_modules("rules")  # what a system's definitions name registers itself
        post_migrate.connect(_make_function, sender=self)


def _make_function(using: str, **_: Any) -> None:
    from mumian.engine.few import function

    with connections[using].cursor() as cursor:
        cursor.execute(function())
