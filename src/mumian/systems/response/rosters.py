"""Shifts: signed up for, offered, taken over, given up. Two of one responder never overlap, and all of it is on the record."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from mumian.engine.perform import keyed_id
from mumian.errors import MumianError
from mumian.people.actor import Actor
from mumian.record.writing import append
from mumian.systems.response.models import Responder, Shift

LONGEST = timedelta(hours=24)


class NoShift(MumianError):
    """A time for which somebody cannot be on duty."""


@transaction.atomic
def add(responder: Responder, begins: datetime, ends: datetime, by: Actor) -> Shift:
    """Puts a responder on duty from `begins` until `ends`. Raises `NoShift` where that is not possible.

    The responder's row is held from looking until storing, so that two who sign up the same one at once wait for
    each other: an exclusion constraint would need an extension of the database that is not everywhere.
    """
    _check(begins, ends)
    Responder.objects.select_for_update().get(pk=responder.pk)
    _free(responder, begins, ends)
    shift = Shift.objects.create(
        unit_id=responder.unit_id, responder=responder, during=DateTimeTZRange(begins, ends)
    )
    _note(shift, "sign-up", by)
    return shift


@transaction.atomic
def offer(shift: Shift, by: Actor, *, offered: bool = True) -> None:
    """Lets another of the unit take a shift; until somebody does, it stays with whom it is."""
    Shift.objects.filter(pk=shift.pk).update(offered=offered)
    _note(shift, "offer" if offered else "keep", by)


@transaction.atomic
def take(shift: Shift, responder: Responder, by: Actor) -> None:
    """Takes over a shift that was offered in one's own unit. Raises `NoShift`."""
    Responder.objects.select_for_update().get(pk=responder.pk)
    shift = Shift.objects.select_for_update().get(pk=shift.pk)
    if not shift.offered or shift.unit_id != responder.unit_id:
        raise NoShift(
            _("The shift"), reason=_("it is not on offer any more"), cure=_("Look at the roster again")
        )
    _free(responder, shift.during.lower, shift.during.upper)
    shift.responder, shift.offered = responder, False
    shift.save(update_fields=["responder", "offered"])
    _note(shift, "take", by)


@transaction.atomic
def give_up(shift: Shift, by: Actor) -> None:
    """Takes a shift off the roster."""
    _note(shift, "give-up", by)
    shift.delete()


def unit_subject(unit: int) -> UUID:
    """Under which the record keeps what was corrected of a unit."""
    return keyed_id("emergency-unit", str(unit))


def _check(begins: datetime, ends: datetime) -> None:
    if ends <= begins or ends - begins > LONGEST:
        raise NoShift(
            _("The shift"),
            reason=_("it must end after it begins, and last no longer than 24 hours"),
            cure=_("Correct its beginning or its end"),
        )


def _free(responder: Responder, begins: datetime, ends: datetime) -> None:
    if Shift.objects.filter(responder=responder, during__overlap=(begins, ends)).exists():
        raise NoShift(
            _("The shift of %(name)s") % {"name": responder.name},
            reason=_("it overlaps with another one on the roster"),
            cure=_("Choose another time, or give up the other shift"),
        )


def _note(shift: Shift, action: str, by: Actor) -> None:
    body = {
        "unit": shift.unit_id, "responder": shift.responder_id,
        "begins": shift.during.lower.isoformat(), "ends": shift.during.upper.isoformat(),
    }  # fmt: skip
    append(keyed_id("shift", str(shift.pk)), action, body, person=by.person, post=by.post)
