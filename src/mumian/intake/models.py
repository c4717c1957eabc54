"""Intake's own tables: who is responsible for what where, how far imports have come, what was learned."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Responsibility(models.Model):
    """A line of the responsibility table: this unit answers for these kinds at these places."""

    kind = models.CharField(
        max_length=128, blank=True, db_collation="C", help_text=_("A kind or one above it; empty for all.")
    )
    place = models.CharField(
        max_length=24, blank=True, db_collation="C", help_text=_("A place and all in it; empty for all.")
    )
    unit = models.ForeignKey(
        "people.Organisation", on_delete=models.CASCADE, help_text=_("Who answers for it.")
    )
    basis = models.CharField(max_length=200, blank=True, help_text=_("The document that says so."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "place"], name="one_unit_responsible")
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} @ {self.place or '*'}"


class ImportRun(models.Model):
    """One import of one file, and how far it has come: the next start goes on from there."""

    source = models.CharField(max_length=64, help_text=_("Where the rows come from."))
    file = models.CharField(max_length=300, help_text=_("The file's name."))
    digest = models.CharField(
        max_length=64, help_text=_("SHA-256 of the file's size, beginning and mapping.")
    )
    line = models.PositiveBigIntegerField(default=0, help_text=_("Line of the last row dealt with."))
    rows = models.PositiveBigIntegerField(default=0)
    added = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0, help_text=_("Rows that had been imported before."))
    rejected = models.PositiveBigIntegerField(default=0)
    noted = models.PositiveBigIntegerField(default=0, help_text=_("Rows that went in with a remark."))
    told = models.PositiveBigIntegerField(default=0, help_text=_("Bytes of the report of rows so far."))
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "digest"], name="import_run_file")]

    def __str__(self) -> str:
        return f"{self.source}: {self.file}"


class Learned(models.Model):
    """Something learned from the city's own history, with how well it did on what it had not seen."""

    name = models.SlugField(max_length=64, primary_key=True, help_text=_("What it is for, such as routing."))
    model = models.BinaryField(help_text=_("The model, as skops writes it."))
    measured = models.JSONField(default=dict, help_text=_("How well it did on held-out matters."))
    learned_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
