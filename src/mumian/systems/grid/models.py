"""The grid's own table: which patrols are walked where."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class PatrolPlan(models.Model):
    """A checklist that is walked in every grid of a place, again and again."""

    checklist = models.SlugField(max_length=64, help_text=_("Name of the checklist."))
    place = models.CharField(max_length=24, db_collation="C", help_text=_("In every grid of this place."))
    active = models.BooleanField(default=True, help_text=_("Whether rounds are planned."))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checklist", "place"], name="one_plan_once")]

    def __str__(self) -> str:
        return f"{self.checklist} @ {self.place}"
