"""The tables of mediation: who mediates and where, who is tied to whom, rooms, sessions, and a line for each case."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class BodySort(models.TextChoices):
    """What sort of organisation mediates."""

    COMMITTEE = "committee", _("people's committee")
    INDUSTRY = "industry", _("body of a trade")
    FIRM = "firm", _("law firm")
    CENTRE = "centre", _("mediation centre")
    COURT = "court", _("centre at a court")


class Body(models.Model):
    """An organisation that mediates, as residents find it."""

    organisation = models.OneToOneField(
        "people.Organisation", on_delete=models.CASCADE, primary_key=True, related_name="mediation_body"
    )
    sort = models.CharField(max_length=10, choices=BodySort.choices, default=BodySort.COMMITTEE)
    fields = ArrayField(
        models.CharField(max_length=16), default=list, help_text=_("Kinds of dispute; empty for all.")
    )
    address = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True, help_text=_("Degrees east, WGS-84."))
    lat = models.FloatField(null=True, blank=True, help_text=_("Degrees north, WGS-84."))
    phone = models.CharField(max_length=32, blank=True)
    hours = models.CharField(max_length=100, blank=True, help_text=_("When one can come."))
    fee = models.CharField(max_length=100, blank=True, help_text=_("What it costs; empty for nothing."))
    active = models.BooleanField(default=True)


class MediatorSort(models.TextChoices):
    """How one came to mediate."""

    FULL_TIME = "full-time", _("full-time")
    PART_TIME = "part-time", _("part-time")
    LAWYER = "lawyer", _("lawyer")
    INVITED = "invited", _("invited")


class Mediator(models.Model):
    """One who mediates: a person who signs in, with what the public may know of him or her."""

    person = models.OneToOneField("people.Person", on_delete=models.CASCADE, related_name="mediating")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="mediators")
    code = models.CharField(max_length=64, unique=True, help_text=_("The number of the licence; stable."))
    sort = models.CharField(max_length=10, choices=MediatorSort.choices, default=MediatorSort.FULL_TIME)
    fields = ArrayField(
        models.CharField(max_length=16), default=list, help_text=_("Kinds of dispute; empty for all.")
    )
    languages = ArrayField(
        models.CharField(max_length=12), default=list, help_text=_("As in BCP 47: zh, yue, en.")
    )
    place = models.CharField(max_length=24, db_collation="C", help_text=_("Where one works."))
    reach = models.CharField(max_length=24, db_collation="C", help_text=_("The place within which one goes."))
    capacity = models.PositiveSmallIntegerField(default=10, help_text=_("Open cases at most."))
    firm = models.CharField(max_length=200, blank=True, help_text=_("Employer or law firm, for conflicts."))
    since = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Year one began."))
    hours = models.CharField(max_length=100, blank=True)
    fee = models.CharField(max_length=100, blank=True, help_text=_("Empty for nothing."))
    profile = models.CharField(max_length=400, blank=True, help_text=_("A few public words."))
    agreed = models.PositiveIntegerField(
        default=0, help_text=_("Cases that came to an agreement; see cases.tally.")
    )
    failed = models.PositiveIntegerField(default=0, help_text=_("Cases that failed."))
    active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["reach"], name="mediator_reach", condition=Q(active=True))]

    def __str__(self) -> str:
        return str(self.person)


class TieSort(models.TextChoices):
    """Why one may not mediate for somebody."""

    RELATION = "relation", _("relative or close person")
    CLIENT = "client", _("client of the mediator")
    ROLE = "role", _("had a part in the matter before")
    FIRM = "firm", _("of the same firm")


class Tie(models.Model):
    """A mediator's tie to a person or a firm: whoever is so named, that mediator never gets the dispute."""

    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="ties")
    sort = models.CharField(max_length=10, choices=TieSort.choices)
    name = models.CharField(max_length=200, db_index=True, help_text=_("Of the person or firm, in full."))
    person = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mediator", "sort", "name"], name="one_tie_once")
        ]


class MeetingRoom(models.Model):
    """A room in which people meet."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=100)
    seats = models.PositiveSmallIntegerField(default=8)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


def _only(field: str) -> Func:
    """A number as a range of itself: what an index of ranges compares without an extension for scalars."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


class Session(models.Model):
    """A time at which a dispute is mediated. No room and no mediator is in two at once: the database holds that."""

    matter = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()
    mediator = models.ForeignKey(Mediator, on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(MeetingRoom, null=True, blank=True, on_delete=models.PROTECT)
    during = DateTimeRangeField(help_text=_("From and until; the end is not part of it."))
    mode = models.CharField(max_length=10)
    link = models.URLField(max_length=500, blank=True)
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="one_session_a_room",
                expressions=[(_only("room"), "&&"), ("during", "&&")],
                condition=Q(cancelled=False, room__isnull=False),
            ),
            ExclusionConstraint(
                name="one_session_a_mediator",
                expressions=[(_only("mediator"), "&&"), ("during", "&&")],
                condition=Q(cancelled=False) & ~Q(mode="written"),
            ),
            models.UniqueConstraint(fields=["matter", "number"], name="one_session_number_once"),
        ]


class Case(models.Model):
    """A mediation as figures need it, kept in step with its matter by `cases.keep`; no word of it, no name."""

    matter = models.UUIDField(primary_key=True)
    procedure = models.CharField(max_length=64)
    stage = models.CharField(max_length=10, blank=True)
    way = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=16, db_collation="C")
    place = models.CharField(max_length=24, db_collation="C")
    body = models.ForeignKey(Body, null=True, on_delete=models.SET_NULL, related_name="cases")
    mediator = models.ForeignKey(Mediator, null=True, on_delete=models.SET_NULL, related_name="cases")
    state = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    filed = models.BooleanField(default=False)
    performed = models.CharField(max_length=16, blank=True)
    confirmed = models.CharField(max_length=16, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["closed_at"], name="case_closed"),
            models.Index(fields=["place", "closed_at"], name="case_place_closed"),
            models.Index(fields=["mediator"], name="case_open_mediator", condition=Q(closed_at=None)),
        ]


class Counted(models.Model):
    """The figures of a place over so many days as they were counted, so that a page need not count them again."""

    place = models.CharField(max_length=24, db_collation="C")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text=_("When they were counted."))
    groups = models.JSONField(help_text=_("By group, the most first: a key and its figures."))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["place", "days"], name="one_count_once")]
