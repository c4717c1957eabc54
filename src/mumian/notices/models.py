"""Who wants to be told and by what way, which other systems listen, and what is on its way to them.

Addresses are personal data: they lie here, apart from the record, and are deleted when they are no longer needed.
"""

import secrets
from base64 import b64encode
from typing import ClassVar

import uuid_utils.compat as uuid7s
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How somebody is told."""

    MAIL = "mail", _("by e-mail")
    PUSH = "push", _("by a message on a device")


class Subscription(models.Model):
    """Somebody wants to be told: the holder of a matter's secret link of that matter, or a person of all their work."""

    id = models.UUIDField(primary_key=True, default=uuid7s.uuid7, editable=False)
    matter = models.UUIDField(null=True, db_index=True, help_text=_("The matter whose link is held."))
    party = models.CharField(max_length=64, blank=True, help_text=_("As which party the link lets one act."))
    person = models.UUIDField(
        null=True, db_index=True, help_text=_("The person, if not the holder of a link.")
    )
    way = models.CharField(max_length=4, choices=Way.choices)
    address = models.CharField(
        max_length=1000, help_text=_("E-mail address, or where the device is reached.")
    )
    keys = models.JSONField(default=dict, help_text=_("The device's keys (RFC 8291): p256dh, auth."))
    language = models.CharField(max_length=10, default="zh-hans", help_text=_("The language of its notices."))
    made_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, help_text=_("When the owner of the address was last asked."))
    confirmed_at = models.DateTimeField(null=True, help_text=_("When the owner of the address agreed."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["matter", "party", "person", "way", "address"],
                name="one_subscription_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.pk}"


class NoMail(models.Model):
    """A person who wants no notices by e-mail."""

    person = models.UUIDField(primary_key=True)
    since = models.DateTimeField(default=timezone.now)


def fresh_secret() -> str:
    """A secret to sign with, as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


class Hook(models.Model):
    """Another system that is told of entries as CloudEvents."""

    title = models.CharField(max_length=100, help_text=_("Which system it is."))
    url = models.CharField(max_length=1000, help_text=_("Where events are sent."))
    secret = models.CharField(max_length=100, default=fresh_secret, help_text=_("Signs what is sent."))
    procedure = models.CharField(
        max_length=64, blank=True, help_text=_("Only of this procedure; empty for all.")
    )
    place = models.CharField(max_length=24, blank=True, help_text=_("Only at this place; empty for all."))
    actions = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text=_("Only these actions; none for all."),
    )
    gone = models.BooleanField(default=False, help_text=_("Whether the other side wants no more (410)."))
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.UUIDField(null=True)

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One event on its way to one hook."""

    class State(models.TextChoices):
        WAITING = "waiting", _("on its way")
        DONE = "done", _("delivered")
        GIVEN_UP = "given-up", _("given up")

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subject = models.UUIDField()
    seq = models.PositiveIntegerField()
    event = models.JSONField(help_text=_("The CloudEvent as it is sent."))
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    said = models.CharField(max_length=200, blank=True, help_text=_("What the other side answered last."))
    made_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, help_text=_("When it was last tried."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hook", "subject", "seq"], name="one_delivery_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["hook", "state", "-made_at"], name="delivery_state"),
            models.Index(fields=["made_at"], name="delivery_made"),
        ]
