"""The table of places."""

from decimal import Decimal
from typing import ClassVar, NamedTuple, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Extract
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mumian.place.codes import Level, range_of
from mumian.place.region import Region


class Stamp(NamedTuple):
    """What changes whenever any place does, so that whoever keeps places in memory knows to load them again.

    It sums the times of change rather than taking the last: a change that is committed late counts too.
    """

    places: int
    seconds: Decimal | None


class PlaceQuerySet(models.QuerySet["Place"]):
    """Places, narrowed by code."""

    def within(self, prefix: str) -> Self:
        """The place and all in it."""
        low, high = range_of(prefix)
        return self.filter(code__gte=low, code__lt=high)

    def stamp(self) -> Stamp:
        """The state of the table, in one query."""
        seconds = models.Sum(Extract("changed_at", "epoch"), output_field=models.DecimalField())
        return Stamp(**self.aggregate(places=models.Count("*"), seconds=seconds))


class Place(models.Model):
    """A region, from province to micro-grid. Its code says in which others it lies."""

    code = models.CharField(
        max_length=18,
        primary_key=True,
        db_collation="C",
        help_text=_("The significant part of its division code."),
    )
    level = models.PositiveSmallIntegerField(
        choices=[(int(level), level.word) for level in Level],
        help_text=_("How deep it lies: the number of digits of its code."),
    )
    parent = models.CharField(
        max_length=18,
        blank=True,
        db_collation="C",
        db_index=True,
        help_text=_("The code of the nearest place above that is known here; empty at the top."),
    )
    name = models.CharField(max_length=200, help_text=_("Its name in Chinese."))
    name_en = models.CharField(max_length=200, blank=True, help_text=_("Its name in English."))
    aliases = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text=_("Other names it is known by, former ones included."),
    )
    outline = models.BinaryField(null=True, help_text=_("Its (multi)polygon as WKB, in WGS-84."))
    lon = models.FloatField(null=True, blank=True, help_text=_("Longitude of its centre, degrees in WGS-84."))
    lat = models.FloatField(null=True, blank=True, help_text=_("Latitude of its centre, degrees in WGS-84."))
    population = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("How many people live there.")
    )
    changed_at = models.DateTimeField(
        default=timezone.now, editable=False, db_index=True, help_text=_("When it was last changed.")
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9]{2,18}$"), name="place_code_is_digits"
            )
        ]

    def __str__(self) -> str:
        return self.region().called(get_language() or "zh")

    def region(self) -> Region:
        """The place as a value."""
        return Region(
            code=self.code,
            name=self.name,
            name_en=self.name_en,
            aliases=tuple(self.aliases),
            outline=None if self.outline is None else bytes(self.outline),
            centre=None if self.lon is None or self.lat is None else (self.lon, self.lat),
            population=self.population,
        )
