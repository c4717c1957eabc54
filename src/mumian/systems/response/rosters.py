"""Shifts: signed up for, offered, taken over, swapped, given up; all on the record. Two of one responder never overlap."""

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
    """Lets another of the unit take a shift, or exchange one for it; until somebody does, it stays with whom it is."""
    Shift.objects.filter(pk=shift.pk).update(offered=offered, exchange=None)
    Shift.objects.filter(exchange=shift).update(exchange=None)
    _note(shift, "offer" if offered else "keep", by)


@transaction.atomic
def take(shift: Shift, responder: Responder, by: Actor) -> None:
    """Takes over a shift that was offered in one's own unit. Raises `NoShift`."""
    Responder.objects.select_for_update().get(pk=responder.pk)
    shift = Shift.objects.select_for_update().get(pk=shift.pk)
    if not shift.offered or shift.unit_id != responder.unit_id:
        raise _not_on_offer()
    Shift.objects.filter(exchange=shift).update(exchange=None)
    _free(responder, shift.during.lower, shift.during.upper)
    shift.responder, shift.offered = responder, False
    shift.save(update_fields=["responder", "offered"])
    _note(shift, "take", by)


@transaction.atomic
def propose(own: Shift, wanted: Shift, by: Actor) -> None:
    """Proposes one's own shift in exchange for one of the unit that is on offer. Raises `NoShift`."""
    wanted = Shift.objects.select_for_update().get(pk=wanted.pk)
    if not wanted.offered or wanted.unit_id != own.unit_id or wanted.responder_id == own.responder_id:
        raise _not_on_offer()
    _exchangeable(own, wanted)
    own.exchange = wanted
    own.save(update_fields=["exchange"])
    _note(own, "propose", by)


@transaction.atomic
def swap(proposed: Shift, by: Actor) -> None:
    """Accepts a proposal: the two shifts change hands at once. Raises `NoShift`."""
    wanted = Shift.objects.select_for_update().filter(pk=proposed.exchange_id or 0).first()
    own = Shift.objects.select_for_update().select_related("responder").get(pk=proposed.pk)
    if wanted is None or own.exchange_id != wanted.pk or not wanted.offered:
        raise _not_on_offer()
    pair = Responder.objects.select_for_update().filter(pk__in=[own.responder_id, wanted.responder_id])
    list(pair.order_by("pk"))
    _exchangeable(own, wanted)
    Shift.objects.filter(exchange=wanted).update(exchange=None)
    own.exchange, wanted.offered = None, False
    own.responder, wanted.responder = wanted.responder, own.responder
    for each in (own, wanted):
        each.save(update_fields=["responder", "offered", "exchange"])
        _note(each, "swap", by)


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


def _not_on_offer() -> NoShift:
    return NoShift(
        _("The shift"), reason=_("it is not on offer any more"), cure=_("Look at the roster again")
    )


def _exchangeable(one: Shift, other: Shift) -> None:
    """Each must be free at the time of the other's shift, apart from the own one that is given."""
    _free(one.responder, other.during.lower, other.during.upper, given=one)
    _free(other.responder, one.during.lower, one.during.upper, given=other)


def _free(responder: Responder, begins: datetime, ends: datetime, *, given: Shift | None = None) -> None:
    others = Shift.objects.filter(responder=responder, during__overlap=(begins, ends))
    if (others.exclude(pk=given.pk) if given else others).exists():
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
