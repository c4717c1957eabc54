"""The field as a Django application: its templates and scripts are found here."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldConfig(AppConfig):
    name = "mumian.field"
    label = "field"
    verbose_name = _("In the field")
