"""Meetings by video in a slot of a detention centre's room. Two at once are refused by the database.

They stand beside meetings in person and touch nothing of them: whoever asked for one keeps the 48 hours of article 39.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from mumian.engine.compiled import Reason
from mumian.engine.looking import look
from mumian.engine.perform import Refused, Result, new_id, perform
from mumian.people.actor import SYSTEM, Actor
from mumian.systems.justice.defence.counsel import counsel_of, mandate_of, prepared
from mumian.systems.justice.defence.models import Booking, VideoRoom
from mumian.systems.justice.defence.rules import REMOTE

AHEAD = timedelta(days=14)
"""So far ahead slots are given."""
MEET = "https://meet.jit.si/mumian-"
"""Where a meeting is held if the city names no other provider; the name of each is random and used once."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in a room."""

    room: VideoRoom
    begins: datetime
    ends: datetime
    free: bool

    @property
    def key(self) -> str:
        """By which a form names it."""
        return f"{self.room.pk}@{self.begins.isoformat()}"


def slots(centre: int, day: date, *, now: datetime | None = None) -> list[Slot]:
    """All slots of a centre's rooms on a day, those gone or taken not free. Two statements."""
    now = now or timezone.now()
    rooms = list(VideoRoom.objects.filter(centre=centre, active=True).order_by("name", "pk"))
    begins = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    taken = list(
        Booking.objects.filter(
            room__in=rooms, cancelled=False, during__overlap=(begins, begins + timedelta(days=1))
        ).values_list("room", "during")
    )
    return [
        Slot(room, start, end, now < start <= now + AHEAD and not any(
            key == room.pk and during.lower < end and start < during.upper for key, during in taken
        ))
        for room in rooms
        for start, end in _times(room, day)
    ]  # fmt: skip


def _times(room: VideoRoom, day: date) -> Iterator[tuple[datetime, datetime]]:
    start = timezone.make_aware(datetime.combine(day, room.opens))
    closes = timezone.make_aware(datetime.combine(day, room.closes))
    while (end := start + timedelta(minutes=room.minutes)) <= closes:
        yield start, end
        start = end


def book(
    actor: Actor, mandate: UUID, *, room: int, begins: datetime, link: str = "", now: datetime | None = None
) -> Result:
    """Takes a slot for a lawyer and a client. What is taken at that time is said; nothing else changes."""
    now = now or timezone.now()
    place = VideoRoom.objects.filter(pk=room, active=True).select_related("centre").first()
    counsel, seen = counsel_of(actor), mandate_of(actor, mandate)
    day = timezone.localdate(begins)
    open_that_day = slots(place.centre_id, day, now=now) if place else []
    slot = next((each for each in open_that_day if each.room == place and each.begins == begins), None)
    if place is None or slot is None:
        return _refused("slot", "没有这个时段", "There is no such slot")
    if not now < slot.begins <= now + AHEAD:
        return _refused("slot", "只能预约今后十四天内的时段", "Slots of the next fourteen days can be booked")
    if link and not link.startswith("https://"):
        return _refused("link", "会议链接须以 https 开头", "The link begins with https")
    data = {
        "begins": slot.begins, "ends": slot.ends, "spot": place.name, "link": link or MEET + uuid4().hex,
    }  # fmt: skip
    act = prepared(actor, mandate, REMOTE, data, unit=place.centre_id)
    if isinstance(act, Refused):
        return act
    assert counsel is not None
    assert seen is not None
    key = new_id()
    result: Result | None = None
    try:
        with transaction.atomic():
            Booking.objects.create(
                matter=key, room=place, counsel=counsel, during=DateTimeTZRange(slot.begins, slot.ends),
                client=client_number(seen.matter.data["case"], seen.matter.data["client"]),
            )  # fmt: skip
            [result] = perform([act._replace(matter=key)], now=now)
            if isinstance(result, Refused):
                raise _Undo
    except _Undo:
        pass
    except IntegrityError as error:
        return _taken(error)
    assert result is not None
    return result


def free(matter: UUID) -> None:
    """The slot of a meeting that was called off is free again."""
    seen = look(SYSTEM, matter)
    if seen is not None and seen.matter.state == "cancelled":
        Booking.objects.filter(matter=matter).update(cancelled=True)


def client_number(case: str, client: str) -> int:
    """A number for a client in a case: the same for whoever books, and nothing to be read from it."""
    return int.from_bytes(hashlib.sha256(f"{case}\x1f{client}".encode()).digest()[:7])


class _Undo(Exception):
    """What was stored with an act that is refused is taken back."""


def _taken(error: IntegrityError) -> Refused:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    match name:
        case "one_video_meeting_a_room":
            return _refused("taken", "该时段刚被预约，请另选", "The slot was just taken; choose another")
        case "one_video_meeting_a_counsel":
            return _refused(
                "taken", "您此时已有另一场视频会见", "You have another meeting by video at that time"
            )
        case "one_video_meeting_a_client":
            return _refused(
                "taken", "该当事人此时已有另一场视频会见", "The client has another meeting at that time"
            )
    raise error


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused(None, (Reason(code, zh, en),))
