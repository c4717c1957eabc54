"""What is reckoned ahead so that pages only read it: the figures of past days, and the hot topics."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class DayFigure(models.Model):
    """How many reported matters were opened and settled in a place on a day, in all and by kind."""

    pk = models.CompositePrimaryKey("place", "kind", "day")
    place = models.CharField(max_length=24, db_collation="C", help_text=_("A place of any level."))
    kind = models.CharField(
        max_length=32,
        db_collation="C",
        blank=True,
        help_text=_("The kind no other stands above; empty for all."),
    )
    day = models.DateField(help_text=_("A day by the city's clock."))
    opened = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(
        default=0, help_text=_("Of those settled: with every time limit kept.")
    )


class HotTopic(models.Model):
    """Reports near one another in place, time and text, as they were found last."""

    name = ArrayField(models.CharField(max_length=40), help_text=_("Phrases that tell it."))
    place = models.CharField(max_length=24, db_collation="C", blank=True, help_text=_("In which it lies."))
    members = ArrayField(models.UUIDField(), help_text=_("Its matters, oldest first."))
    places = ArrayField(models.CharField(max_length=24), help_text=_("Where each of them lies."))
    times = ArrayField(models.DateTimeField(), help_text=_("When each of them was opened."))

    def __str__(self) -> str:
        return " · ".join(self.name)


class Reckoning(models.Model):
    """When something was reckoned last, and what came of it where that is kept here."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    figures = models.JSONField(default=dict, help_text=_("Figures of a system, as it reads them."))

    def __str__(self) -> str:
        return self.name
