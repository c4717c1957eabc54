"""The people room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "mumian.people"
    label = "people"
    verbose_name = _("People")
