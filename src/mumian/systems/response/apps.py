"""Minimum emergency units as a Django application; `engine.systems` finds its definitions and data here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from mumian.people.models import Post


class ResponseConfig(AppConfig):
    name = "mumian.systems.response"
    label = "response"
    verbose_name = _("Emergency response")
    system = Path(__file__).parent

    doors = (
        {
            "view": "response:raise",
            "title": _("Call for help now"),
            "text": _(
                "Violence, an accident, fire, somebody lying still: those nearest who can help are called at once."
            ),
        },
    )

    @staticmethod
    def ways(post: Post) -> list[tuple[str, StrOrPromise]]:
        """Where those in a post can go from every page."""
        if post.role_id == "responder":
            return [("response:mine", _("My alert")), ("response:roster", _("Roster"))]
        if post.role_id == "grid-worker":
            return [("response:raise", _("Call for help"))]
        if post.role_id == "duty-officer":
            return [
                ("response:desk", _("Response")),
                ("response:roster", _("Roster")),
                ("response:review", _("Review")),
                ("response:coverage", _("Coverage")),
            ]
        return []
