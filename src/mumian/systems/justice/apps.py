"""Justice as a Django application; `engine.publishing` finds its definitions and data here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from mumian.engine.looking import Look
    from mumian.people.models import Post
    from mumian.web.shown import Panel

AGENCIES = ("police-officer", "prosecutor", "judge", "executing-officer")


class JusticeConfig(AppConfig):
    name = "mumian.systems.justice"
    label = "justice"
    verbose_name = _("Justice")
    system = Path(__file__).parent
    doors = (
        {
            "view": "justice:defence",
            "title": _("For lawyers"),
            "text": _("Mandates, reading of files, meetings, requests, investigation orders."),
        },
        {
            "view": "justice:verify",
            "title": _("Verify an investigation order"),
            "text": _("Somebody shows you an order of a court: see whether it is genuine and valid."),
        },
    )
    pages: ClassVar = {
        "handover": "justice:handover",
        "handover-received": "justice:handover",
        "defence-mandate": "justice:mandate",
        "file-reading": "justice:reading",
        "investigation-order": "justice:order",
    }
    """Procedures whose matters have a page of their own here."""

    @staticmethod
    def ways(post: Post) -> list[tuple[str, StrOrPromise]]:
        """Where those in a post can go from every page."""
        ways: list[tuple[str, StrOrPromise]] = []
        if post.role_id in (*AGENCIES, "legal-aid-officer"):
            ways.append(("justice:desk", _("Terms")))
        if post.role_id == "case-supervisor":
            ways.append(("justice:desk", _("Process supervision")))
        if post.role_id in AGENCIES:
            ways.append(("justice:handovers", _("Hand-overs")))
        if post.role_id == "lawyer":
            ways.append(("justice:defence", _("Defence")))
        return ways

    @staticmethod
    def panels(seen: Look) -> list[Panel]:
        """What stands beside a matter of a case on its page."""
        from mumian.systems.justice import aid, stages

        return [*aid.panels(seen), *stages.panels(seen)]
