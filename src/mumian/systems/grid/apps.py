"""The grid system as a Django application; `engine.systems` finds its definitions and data here."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridConfig(AppConfig):
    name = "mumian.systems.grid"
    label = "grid"
    verbose_name = _("Grid service")
    system = Path(__file__).parent
