"""Notices as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "mumian.notices"
    label = "notices"
    verbose_name = _("Notices")
