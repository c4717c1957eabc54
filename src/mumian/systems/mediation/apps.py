"""Mediation as a Django application; `engine.publishing` finds its definitions and data here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from mumian.people.models import Post


class MediationConfig(AppConfig):
    name = "mumian.systems.mediation"
    label = "mediation"
    verbose_name = _("Mediation")
    system = Path(__file__).parent
    pages: ClassVar = {"people-mediation": "mediation:one", "court-mediation": "mediation:one"}
    """Procedures whose matters have a page of their own here."""
    opens: ClassVar = {"people-mediation": "mediation:ask"}
    """Procedures that are opened on a page of their own."""

    @staticmethod
    def ways(post: Post) -> list[tuple[str, StrOrPromise]]:
        """Where those in a post can go from every page."""
        if post.role_id == "mediator":
            return [("mediation:desk", _("My mediations"))]
        if post.role_id == "mediation-organiser":
            return [("mediation:organise", _("Mediation")), ("mediation:numbers", _("Figures"))]
        return [("mediation:numbers", _("Figures"))] if post.role_id == "court-clerk" else []

    @staticmethod
    def open_ways() -> list[tuple[str, StrOrPromise]]:
        """Where anybody can go from every page."""
        return [("mediation:find", _("Mediation"))]
