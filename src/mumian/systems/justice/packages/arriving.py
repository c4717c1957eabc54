"""A whole package that comes in as one file: piece by piece onto the disk, and then checked by a job, not by a request."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from mumian.errors import MumianError
from mumian.people.actor import Actor
from mumian.people.models import Post
from mumian.systems.justice.packages import sending, uploading
from mumian.systems.justice.packages.faults import Fault, Faulty, Sort
from mumian.systems.justice.packages.manifest import LARGEST_FILE, Document
from mumian.systems.justice.packages.models import Arrival
from mumian.systems.justice.packages.sending import NotDone
from mumian.systems.justice.packages.uploading import Unfit

CHECK = "justice.check-arrival"
LARGEST = 4 * LARGEST_FILE
STEP = 16 * 1024 * 1024
"""After so many bytes it is noted how far the check is."""
KEPT = timedelta(days=7)
"""For so long one can go on with a broken sending, and read what was wrong."""


def announce(actor: Actor, *, title: str, size: int, said: str = "") -> Arrival:
    """Says that a package will come to the actor's agency. The same again while it is coming goes on with it."""
    title = " ".join(title.split())[:200]
    if not 1 <= size <= LARGEST or not title:
        raise Unfit(
            title or _("package"), reason=_("it is empty or too large"), cure=_("Choose the file again")
        )
    said = said.lower() if len(said) == 64 else ""
    known = {"agency_id": actor.organisation, "title": title, "size": size, "said": said}
    there = Arrival.objects.filter(**known, state=Arrival.COMING).order_by("-pk").first()
    return there or Arrival.objects.create(**known, post_id=actor.post)


def of(actor: Actor, key: int) -> Arrival | None:
    """A package that comes to the actor's agency."""
    return Arrival.objects.filter(pk=key, agency_id=actor.organisation).first()


def come(arrival: Arrival) -> None:
    """All of it is here: it is checked as soon as the queue gets to it. Again is once."""
    if Arrival.objects.filter(pk=arrival.pk, state=Arrival.COMING).update(state=Arrival.CHECKING):
        app.configure_task(CHECK).defer(arrival=arrival.pk)


def check(key: int) -> None:
    """Checks a package that has come and takes it in, or keeps what is wrong with it; its file goes either way."""
    arrival = Arrival.objects.filter(pk=key, state=Arrival.CHECKING).first()
    if arrival is None:
        return
    arrival.checked = noted = 0  # one that was broken off is checked from its beginning

    def passed(document: Document) -> None:
        nonlocal noted
        arrival.checked += document.size
        if arrival.checked - noted >= STEP:
            noted = arrival.checked
            arrival.save(update_fields=["checked"])

    file, post = uploading.coming(arrival), Post.objects.filter(pk=arrival.post_id or 0).first()
    try:
        if post is None:
            raise NotDone(sending.NOT_YOURS)
        parcel = sending.take_in(file, post.as_actor(), passed=passed)
        arrival.state, arrival.received = Arrival.TAKEN, parcel.received
    except Faulty as error:
        arrival.state, arrival.faults = Arrival.FAULTY, [asdict(each) for each in error.faults]
    except MumianError as error:
        said = [{"sort": Sort.NO_PACKAGE, "thing": arrival.title, "detail": error.reason}]
        arrival.state, arrival.faults = Arrival.FAULTY, said
    arrival.save()
    file.unlink(missing_ok=True)


def faults(arrival: Arrival) -> list[Fault]:
    """What was wrong with it."""
    return [Fault(Sort(each["sort"]), each["thing"], each["detail"]) for each in arrival.faults]


def forget(*, before: timedelta = KEPT) -> None:
    """What nobody went on with is thrown away."""
    for arrival in Arrival.objects.filter(at__lt=timezone.now() - before).exclude(state=Arrival.CHECKING):
        uploading.coming(arrival).unlink(missing_ok=True)
        arrival.delete()
