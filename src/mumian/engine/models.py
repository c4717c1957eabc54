"""The engine's tables. Everything of a matter is keyed by the matter first; the rest is reference data."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """What this city is: one row."""

    name = models.CharField(
        max_length=100, default="", blank=True, help_text=_("The city's name in Chinese.")
    )
    name_en = models.CharField(
        max_length=100, default="", blank=True, help_text=_("The city's name in English.")
    )
    place = models.CharField(
        max_length=24, default="", blank=True, help_text=_("The code of the whole city.")
    )
    calendar = models.CharField(max_length=40, default="cn", help_text=_("The working calendar in use."))
    key = models.BinaryField(max_length=32, help_text=_("Mixes numbers and signs secret links; never shown."))
    listened = models.BooleanField(
        default=False, help_text=_("Whether other systems are to be told of entries.")
    )
    stamp = models.PositiveBigIntegerField(default=0, help_text=_("Counts changes of reference data."))


class ProcedureVersion(models.Model):
    """One version of a definition. Once published it never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    name = models.SlugField(max_length=64, help_text=_("The procedure's name."))
    version = models.PositiveIntegerField(help_text=_("Counted from 1."))
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    text = models.TextField(help_text=_("The definition as it was written."))
    content = models.TextField(
        blank=True, help_text=_("The same as JSON, for it is read a hundred times as fast; none in old rows.")
    )
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the text."))
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.UUIDField(null=True, blank=True)
    shipped = models.BooleanField(default=False, help_text=_("Whether it came with the program, unchanged."))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "version"], name="one_version_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Calendar(models.Model):
    """When work is done."""

    name = models.SlugField(max_length=40, primary_key=True)
    zone = models.CharField(
        max_length=64, default="Asia/Shanghai", help_text=_("IANA name of the time zone.")
    )
    hours = models.JSONField(default=list, help_text=_("Working hours of a day: [[“09:00”, “12:00”], …]."))
    weekdays = models.JSONField(default=list, help_text=_("Working weekdays, Monday is 0."))
    known = models.DateField(
        null=True, blank=True, help_text=_("Last day for which moved days are announced.")
    )

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday, or a working day moved to a weekend."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=100, help_text=_("Which holiday: Chinese / English."))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["calendar", "day"], name="one_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Catalogue(models.Model):
    """A list of kinds of matter."""

    name = models.SlugField(max_length=64, primary_key=True)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100, blank=True)
    basis = models.JSONField(default=list)
    version = models.CharField(max_length=40, blank=True)
    extends = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("The catalogue whose place its kinds may take: a city's own kinds."),
    )

    def __str__(self) -> str:
        return self.title_en if self.title_en and get_language() == "en" else self.title


class Kind(models.Model):
    """A kind of matter. Its code begins with that of the kind above it: `06` › `06.03`."""

    catalogue = models.ForeignKey(Catalogue, on_delete=models.CASCADE, related_name="kinds")
    code = models.CharField(max_length=128, db_collation="C")
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100, blank=True)
    unit_kind = models.CharField(max_length=40, blank=True, help_text=_("Kind of organisation responsible."))
    unit_at = models.CharField(
        max_length=16, blank=True, help_text=_("Level at which that organisation sits.")
    )
    limits = models.JSONField(default=dict, help_text=_("Clock: limit."))
    keywords = models.JSONField(default=dict, help_text=_("Words by language that tell this kind."))
    in_grid = models.BooleanField(default=False, help_text=_("Whether a grid can settle it itself."))
    hazard = models.BooleanField(default=False, help_text=_("Whether it is checked again later."))
    basis = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["catalogue", "code"], name="one_kind_once")]
        ordering: ClassVar = ["catalogue", "code"]

    def __str__(self) -> str:
        return self.title_en if self.title_en and get_language() == "en" else self.title


class Matter(models.Model):
    """A matter as it stands. Written by `perform` alone and read through `visible` alone."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=9, help_text=_("The number people quote."))
    procedure = models.CharField(max_length=64, db_collation="C")
    version = models.PositiveIntegerField(help_text=_("The version of the procedure it keeps."))
    state = models.CharField(max_length=64, db_collation="C")
    seq = models.PositiveIntegerField(help_text=_("Number of its last entry."))
    head = models.BinaryField(max_length=32, help_text=_("Hash of its last entry."))
    title = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=24, blank=True, db_collation="C")
    desk = models.CharField(
        max_length=24, blank=True, db_collation="C", help_text=_("Place whose desk it lies on.")
    )
    lon = models.FloatField(null=True, help_text=_("Degrees east, WGS-84."))
    lat = models.FloatField(null=True, help_text=_("Degrees north, WGS-84."))
    category = models.CharField(max_length=128, blank=True, db_collation="C")
    unit = models.ForeignKey("people.Organisation", null=True, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=40, blank=True, help_text=_("How it came in."))
    data = models.JSONField(default=dict, help_text=_("What was answered so far."))
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField(help_text=_("When it came into its state."))
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(null=True, help_text=_("The nearest due time of its running clocks."))
    late = models.BooleanField(default=False, help_text=_("Whether a clock stopped after its due time."))
    parent = models.UUIDField(null=True)
    children_open = models.PositiveIntegerField(default=0)
    reports = models.PositiveIntegerField(default=1)
    merged_into = models.UUIDField(null=True)
    mark = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("matter")
        indexes: ClassVar = [
            models.Index(fields=["number"], name="matter_number"),
            models.Index(
                fields=["place", "state", "due_at"],
                include=["procedure", "category"],
                name="matter_open_place",
                condition=models.Q(closed_at=None),
            ),
            models.Index(
                fields=["unit", "state", "due_at"],
                name="matter_open_unit",
                condition=models.Q(closed_at=None),
            ),
            models.Index(fields=["due_at", "id"], name="matter_open_due", condition=models.Q(closed_at=None)),
            models.Index(fields=["opened_at", "id"], name="matter_opened"),
            models.Index(
                fields=["closed_at"], name="matter_closed", condition=models.Q(closed_at__isnull=False)
            ),
            models.Index(fields=["parent"], name="matter_parent", condition=models.Q(parent__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class Clock(models.Model):
    """A time limit of a matter: see `matter.ClockRun`."""

    pk = models.CompositePrimaryKey("matter_id", "name")
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    name = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    limit = models.CharField(max_length=40, blank=True)
    origin = models.CharField(max_length=128, blank=True)
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=2000, blank=True)
    changes = models.JSONField(default=list)
    ring_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ring_at"], name="clock_ring", condition=models.Q(ring_at__isnull=False))
        ]


class Holder(models.Model):
    """Somebody who has acted as a party of a matter: see `matter.Holder`."""

    pk = models.CompositePrimaryKey("matter_id", "n")
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="holders", db_index=False)
    n = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=64)
    person = models.UUIDField(null=True)
    post = models.BigIntegerField(null=True)
    organisation = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person"], name="holder_person", condition=models.Q(person__isnull=False))
        ]


class Attachment(models.Model):
    """A file of a matter; its bytes lie in the store under their hash."""

    pk = models.CompositePrimaryKey("matter_id", "sha256")
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    sha256 = models.CharField(max_length=64)
    seq = models.PositiveIntegerField(help_text=_("The entry it came with."))
    field = models.CharField(max_length=64)


class StoredFile(models.Model):
    """A file in the store, before and after it belongs to a matter."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    stored_at = models.DateTimeField(auto_now_add=True)
