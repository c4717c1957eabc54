"""Guidance before filing as a Django application."""

from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidanceConfig(AppConfig):
    name = "mumian.systems.guidance"
    label = "guidance"
    verbose_name = _("Guidance")
    system = Path(__file__).parent
    doors = (
        {
            "view": "guidance:home",
            "title": _("In dispute? See what you can expect"),
            "text": _("A few questions without your name: what the law says, what is likely, where to go."),
        },
    )
