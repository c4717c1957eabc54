"""The record room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordConfig(AppConfig):
    name = "mumian.record"
    label = "record"
    verbose_name = _("Record")
