"""The tables of hand-overs: keys of agencies, papers being put together, packages as they were sent, answers to them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgencyKey(models.Model):
    """A public key of an agency. The private one lies in a file or a device, never here."""

    organisation = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, related_name="justice_keys"
    )
    key = models.CharField(max_length=32, unique=True, help_text=_("The beginning of its SHA-256."))
    algorithm = models.CharField(max_length=20)
    public = models.BinaryField(max_length=200)
    begins = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True, help_text=_("From when it no longer counts."))

    def __str__(self) -> str:
        return self.key


class Paper(models.Model):
    """A document being put into a package that is yet to be sent; nobody but its sender sees it."""

    matter = models.UUIDField(db_index=True, help_text=_("The hand-over it is put into."))
    volume = models.PositiveSmallIntegerField(default=1)
    place = models.PositiveIntegerField(help_text=_("Its place in the volume, from 1."))
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    media = models.CharField(max_length=100)
    size = models.BigIntegerField(help_text=_("Bytes it has, or will have once all of it has come."))
    said = models.CharField(max_length=64, blank=True, help_text=_("The SHA-256 its sender says it has."))
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Empty while it is coming in."))
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["volume", "place", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["sha256"], name="paper_counted", condition=models.Q(pages__gt=0)),
        ]

    def __str__(self) -> str:
        return self.title


class Arrival(models.Model):
    """A package that comes in as one file, piece by piece, and is then checked by a job."""

    COMING, CHECKING, TAKEN, FAULTY = "coming", "checking", "taken", "faulty"

    agency = models.ForeignKey("people.Organisation", on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey("people.Post", null=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=200)
    size = models.BigIntegerField()
    said = models.CharField(max_length=64, blank=True, help_text=_("The SHA-256 of it, if one had it."))
    state = models.CharField(max_length=8, default=COMING)
    checked = models.BigIntegerField(default=0, help_text=_("Bytes of its documents that have been checked."))
    faults = models.JSONField(default=list)
    received = models.UUIDField(null=True, help_text=_("What it became here."))
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class Thing(models.Model):
    """An exhibit listed in a package that is yet to be sent."""

    matter = models.UUIDField(db_index=True)
    title = models.CharField(max_length=200)
    amount = models.CharField(max_length=100)
    kept = models.CharField(max_length=200, help_text=_("Where it lies."))

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.title


class Parcel(models.Model):
    """One version of a package as it was sent. It never changes; sending again adds another."""

    package = models.UUIDField()
    version = models.PositiveSmallIntegerField()
    sent = models.UUIDField(null=True, db_index=True, help_text=_("The sender's matter."))
    received = models.UUIDField(null=True, db_index=True, help_text=_("The receiver's matter."))
    sender = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    case = models.CharField(max_length=200, db_index=True)
    purpose = models.CharField(max_length=20)
    manifest = models.BinaryField(help_text=_("Its canonical bytes."))
    signature = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "version"], name="one_version_of_a_package_once")
        ]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"


class Answer(models.Model):
    """Why one document of a package is sent back."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveIntegerField()
    why = models.CharField(max_length=16)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parcel", "number"], name="one_answer_a_document")
        ]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.number}"


class Receipt(models.Model):
    """What the receiver says of a package, signed with its key: kept by both."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="receipts")
    state = models.CharField(max_length=16)
    text = models.BinaryField(help_text=_("Its canonical bytes."))
    signature = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parcel", "state"], name="one_receipt_a_state")
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.state}"
