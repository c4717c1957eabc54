"""The record's two tables: entries, which are never changed, and the personal values they commit to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing that happened to one subject. The database itself refuses to change or delete it."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.UUIDField(help_text=_("What it happened to: a matter, a procedure, a post."))
    seq = models.PositiveIntegerField(
        help_text=_("Its number among the subject's entries, from 1 without gaps.")
    )
    at = models.DateTimeField(help_text=_("When."))
    action = models.CharField(max_length=64, help_text=_("What was done."))
    person = models.UUIDField(null=True, help_text=_("By whom; empty for the anonymous and for the program."))
    post = models.BigIntegerField(null=True, help_text=_("In which post."))
    body = models.JSONField(help_text=_("The content: state, data, commitments to personal values."))
    key = models.CharField(
        max_length=128, null=True, help_text=_("The client's key: the same act twice is one.")
    )
    hash = models.BinaryField(max_length=32, help_text=_("SHA-256 of the content and of the entry before."))

    class Meta:
        verbose_name = _("entry")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject", "key"], name="one_key_once", condition=models.Q(key__isnull=False)
            )
        ]


class Personal(models.Model):
    """Personal values an entry commits to, with their salts. Erasing a row leaves the chain whole."""

    pk = models.CompositePrimaryKey("subject", "seq")
    subject = models.UUIDField()
    seq = models.PositiveIntegerField()
    openings = models.JSONField(help_text=_("By name: salt in hexadecimal, and the value."))

    class Meta:
        verbose_name = _("personal values")
