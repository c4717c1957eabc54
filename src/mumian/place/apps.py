"""The place room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaceConfig(AppConfig):
    name = "mumian.place"
    label = "place"
    verbose_name = _("Places")
