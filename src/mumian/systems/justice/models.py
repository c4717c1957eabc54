"""The tables of justice: who defends. Those of packages and of defence lie with them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Counsel(models.Model):
    """A lawyer who signs in, and where on the roster of legal aid he or she stands."""

    person = models.OneToOneField("people.Person", on_delete=models.CASCADE, related_name="counsel")
    code = models.CharField(max_length=64, unique=True, help_text=_("The number of the licence; stable."))
    firm = models.CharField(max_length=200, blank=True)
    fields = ArrayField(
        models.CharField(max_length=16), default=list, help_text=_("Kinds of offence; empty for all.")
    )
    languages = ArrayField(
        models.CharField(max_length=12), default=list, help_text=_("As in BCP 47: zh, yue, en.")
    )
    place = models.CharField(
        max_length=24, db_collation="C", help_text=_("The place within which one takes cases.")
    )
    aid = models.BooleanField(default=False, help_text=_("Whether one takes turns in legal aid."))
    capacity = models.PositiveSmallIntegerField(default=5, help_text=_("Open cases of legal aid at most."))
    turn_at = models.DateTimeField(null=True, blank=True, help_text=_("When one's last turn was."))
    verified_at = models.DateTimeField(null=True, blank=True, help_text=_("When the licence was checked."))
    active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["place"], name="counsel_place", condition=Q(active=True, aid=True))
        ]

    def __str__(self) -> str:
        return str(self.person)


from mumian.systems.justice.defence import models as _defence  # noqa: E402, F401  (Django looks here alone)
from mumian.systems.justice.packages import models as _packages  # noqa: E402, F401
