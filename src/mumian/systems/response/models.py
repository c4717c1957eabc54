"""The tables of emergency units: who they are, where, what they can do, when they are on duty, what they are called to."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EmergencyUnit(models.Model):
    """A minimum emergency unit: an organisation with a point on the map and people who come at once."""

    organisation = models.OneToOneField(
        "people.Organisation",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="emergency_unit",
        help_text=_("Its name, place and where it stands among units; made with it where there was none."),
    )
    premises = models.SlugField(
        max_length=40, blank=True, help_text=_("School, mall, market, site, village.")
    )
    lon = models.FloatField(help_text=_("Degrees east, WGS-84."))
    lat = models.FloatField(help_text=_("Degrees north, WGS-84."))
    kinds = ArrayField(
        models.CharField(max_length=16),
        default=list,
        help_text=_("First two digits of the kinds of incident it may answer; empty for all."),
    )
    equipment = ArrayField(
        models.CharField(max_length=40), default=list, help_text=_("first-aid, defibrillator, fire.")
    )
    leader = models.CharField(max_length=100, blank=True, help_text=_("Who leads it."))
    phone = models.CharField(max_length=32, blank=True, help_text=_("Of its leader or its guard room."))
    active = models.BooleanField(default=True, help_text=_("Whether it is called at all."))

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lat", "lon"], name="unit_point")]


class Duty(models.TextChoices):
    """Whether a responder is ready, as he or she says by phone."""

    ROSTER = "roster", _("as the roster says")
    ON = "on", _("on duty")
    OFF = "off", _("off duty")


class Responder(models.Model):
    """One who answers for a unit: a person who signs in, or a name and a phone.

    Known by unit and name, as the roster shows them; a phone may be shared, as families do.
    """

    unit = models.ForeignKey(EmergencyUnit, on_delete=models.CASCADE, related_name="responders")
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="responding"
    )
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=32)
    skills = ArrayField(models.CharField(max_length=40), default=list)
    duty = models.CharField(max_length=8, choices=Duty.choices, default=Duty.ROSTER)
    duty_since = models.DateTimeField(null=True, blank=True)
    shares = models.BooleanField(
        default=False, help_text=_("Whether the position is shared while under way, and only then.")
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "name"], name="one_responder_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit"], name="responder_on", condition=Q(duty="on")),
        ]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """A time for which a responder is on duty.

    Two of one responder never overlap. The database could hold that by an exclusion constraint only with the
    extension btree_gist, which the server that comes with the program has not; so `rosters.add` looks and stores
    in one transaction while it holds the responder's row.
    """

    unit = models.ForeignKey(EmergencyUnit, on_delete=models.CASCADE, related_name="shifts")
    responder = models.ForeignKey(Responder, on_delete=models.CASCADE, related_name="shifts")
    during = DateTimeRangeField(help_text=_("From and until; the end is not part of it."))
    offered = models.BooleanField(
        default=False, help_text=_("Whether somebody else of the unit may take it.")
    )
    exchange = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="proposed",
        help_text=_("The shift on offer for which its responder would give this one."),
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                models.F("unit"), models.Func(models.F("during"), function="upper"), name="shift_of_unit"
            ),
        ]


class Beat(models.Model):
    """What a patrol team or a watch post walks, and when: its rounds are planned from it day by day."""

    unit = models.ForeignKey(EmergencyUnit, on_delete=models.CASCADE, related_name="beats")
    code = models.SlugField(max_length=64, unique=True, help_text=_("Its own code; stable."))
    name = models.CharField(max_length=100)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), help_text=_("1 for Monday to 7."))
    starts = ArrayField(models.TimeField(), help_text=_("When its rounds begin, in the time of the city."))
    minutes = models.PositiveSmallIntegerField(help_text=_("After so many minutes a round is to be walked."))
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class BeatPoint(models.Model):
    """A point of a beat, at which one says what was seen."""

    beat = models.ForeignKey(Beat, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveSmallIntegerField(help_text=_("Its place in the round, from 1."))
    name = models.CharField(max_length=100)
    lon = models.FloatField(help_text=_("Degrees east, WGS-84."))
    lat = models.FloatField(help_text=_("Degrees north, WGS-84."))
    look = models.CharField(max_length=200, blank=True, help_text=_("What to look at there."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["beat", "number"], name="one_point_once"),
        ]


class Alert(models.Model):
    """A unit called to an incident, as the record has it: kept in step by `alerting.settle`.

    What the record cannot hold is held here: one unit is called to one incident at a time.
    """

    matter = models.UUIDField(primary_key=True, help_text=_("The matter of the procedure unit-alert."))
    incident = models.UUIDField(db_index=True)
    unit = models.ForeignKey(EmergencyUnit, on_delete=models.PROTECT, related_name="alerts")
    ring = models.PositiveSmallIntegerField()
    seconds = models.PositiveIntegerField(help_text=_("The way there, as estimated when it was chosen."))
    drill = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default="alerted")
    answer_by = models.DateTimeField()
    alerted_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    under_way_at = models.DateTimeField(null=True)
    on_scene_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit"], name="one_alert_at_a_time", condition=Q(ended_at=None, drill=False)
            ),
            models.UniqueConstraint(
                fields=["unit"], name="one_drill_at_a_time", condition=Q(ended_at=None, drill=True)
            ),
        ]


class Position(models.Model):
    """Where a responder who agreed to it is while under way; gone when the alert ends."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, primary_key=True, related_name="position")
    lon = models.FloatField()
    lat = models.FloatField()
    at = models.DateTimeField()


class Study(models.Model):
    """A question that takes long to answer: how a week is covered, where units help, what a roster would do.

    A process of its own answers it (see `studying`). What is large lies in a folder of files named after it.
    """

    class Kind(models.TextChoices):
        COVERAGE = "coverage", _("Coverage")
        SITING = "siting", _("Siting")
        SIMULATION = "simulation", _("Simulation")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    place = models.CharField(
        max_length=18, blank=True, db_collation="C", help_text=_("What it is about; empty for everything.")
    )
    key = models.CharField(max_length=64, help_text=_("The same for the same question."))
    asked = models.JSONField(help_text=_("The question."))
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True, help_text=_("The answer, as far as it is small."))
    fault = models.JSONField(null=True, help_text=_("Thing, reason and cure where there is no answer."))

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "key", "-id"], name="study_asked")]
