"""The tables of defence: rooms of detention centres and who meets in them when, and orders anyone can verify."""

from datetime import time
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class VideoRoom(models.Model):
    """A room of a detention centre from which one speaks with one's lawyer. It has a line and no recorder."""

    centre = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="video_rooms")
    name = models.CharField(max_length=100)
    opens = models.TimeField(default=time(9), help_text=_("When its first slot begins."))
    closes = models.TimeField(default=time(17), help_text=_("When its last slot is over."))
    minutes = models.PositiveSmallIntegerField(default=60, help_text=_("How long a slot is."))
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["centre", "name"], name="one_video_room_a_name")
        ]

    def __str__(self) -> str:
        return self.name


def _only(field: str) -> Func:
    """A number as a range of itself: what an index of ranges compares without an extension for scalars."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


class Booking(models.Model):
    """A slot taken. No room, no lawyer and no client is in two at once: the database holds that.

    Only who, when and the link are kept; of what is said nothing.
    """

    matter = models.UUIDField(unique=True)
    room = models.ForeignKey(VideoRoom, on_delete=models.PROTECT, related_name="bookings")
    counsel = models.ForeignKey("justice.Counsel", on_delete=models.PROTECT, related_name="bookings")
    client = models.BigIntegerField(help_text=_("Who is met, as a number made from case and name."))
    during = DateTimeRangeField(help_text=_("From and until; the end is not part of it."))
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name=f"one_video_meeting_a_{field}",
                expressions=[(_only(field), "&&"), ("during", "&&")],
                condition=Q(cancelled=False),
            )
            for field in ("room", "counsel", "client")
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.during.lower:%Y-%m-%d %H:%M}"


class Order(models.Model):
    """An investigation order as anyone who has its code may know it: nothing of the case."""

    matter = models.UUIDField(unique=True)
    code = models.CharField(max_length=20, unique=True)
    court = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    counsel = models.ForeignKey("justice.Counsel", on_delete=models.PROTECT, related_name="orders")
    addressee = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, help_text=_("issued, used, answered or withdrawn."))

    def __str__(self) -> str:
        return self.code
