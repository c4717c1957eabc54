"""Sessions: a time, a room or a link. Two at once in one room or with one mediator are refused by the database."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mumian.engine.compiled import Reason
from mumian.engine.looking import look
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.people.actor import Actor
from mumian.systems.mediation.appointing import on_behalf_of
from mumian.systems.mediation.models import Mediator, MeetingRoom, Session

ON_SITE, VIDEO, WRITTEN = "on-site", "video", "written"
LONGEST, LONGEST_WRITTEN = timedelta(hours=8), timedelta(days=30)


class _Undo(Exception):
    """What was stored with an act that is refused is taken back."""


def book(
    actor: Actor,
    mediation: UUID,
    *,
    begins: datetime,
    ends: datetime,
    mode: str,
    room: int | None = None,
    link: str = "",
) -> Result:
    """Sets a session of a mediation, by its mediator. What is taken at that time is said; nothing else changes."""
    seen = look(actor, mediation)
    mediator = Mediator.objects.filter(person=actor.person).first() if actor.person else None
    if seen is None or mediator is None or seen.matter.data.get("mediator") != mediator.person_id.hex:
        return _refused(mediation, "not-yours", "只能由本案调解员安排", "Only its mediator sets sessions")
    if reason := _unfit(begins, ends, mode, room, link):
        return Refused(mediation, (reason,))
    there = MeetingRoom.objects.filter(pk=room or 0, active=True).first() if mode == ON_SITE else None
    if mode == ON_SITE and there is None:
        return _refused(mediation, "room", "请选择房间", "Choose a room")
    last = (
        Session.objects.filter(matter=mediation).order_by("-number").values_list("number", flat=True).first()
    )
    number = (last or 0) + 1
    data = {"session": number, "begins": begins, "ends": ends, "mode": mode}
    said = {"spot": str(there)} if there else {"link": link} if mode == VIDEO else {}
    act = Act("set-session", on_behalf_of(actor), {**data, **said}, mediation)
    result: Result | None = None
    try:
        with transaction.atomic():
            Session.objects.create(
                matter=mediation, number=number, mediator=mediator, room=there, mode=mode,
                link=link if mode == VIDEO else "", during=DateTimeTZRange(begins, ends),
            )  # fmt: skip
            [result] = perform([act])
            if isinstance(result, Refused):
                raise _Undo
    except _Undo:
        pass
    except IntegrityError as error:
        return Refused(mediation, (_taken(error),))
    assert result is not None
    return result


def cancel(actor: Actor, session: int) -> bool:
    """Sets a session free, by its mediator; whether there was one."""
    return bool(
        Session.objects.filter(pk=session, mediator__person=actor.person, cancelled=False).update(
            cancelled=True
        )
    )


def _unfit(begins: datetime, ends: datetime, mode: str, room: int | None, link: str) -> Reason | None:
    if mode not in (ON_SITE, VIDEO, WRITTEN):
        return Reason("mode", "请选择形式", "Choose how it is held", "mode")
    if not begins < ends <= begins + (LONGEST_WRITTEN if mode == WRITTEN else LONGEST):
        return Reason(
            "ends", "结束须晚于开始，且现场和视频不超过 8 小时",
            "It ends after it begins; on site and by video within 8 hours", "ends",
        )  # fmt: skip
    if mode == VIDEO and not link.startswith("https://"):
        return Reason(
            "link",
            "请填写 https 开头的会议链接",
            "Give the link of the meeting, beginning with https",
            "link",
        )
    return None


def _taken(error: IntegrityError) -> Reason:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name == "one_session_a_room":
        return Reason("taken", "该房间此时已被占用", "The room is taken at that time", "room")
    if name == "one_session_a_mediator":
        return Reason("taken", "您此时已有另一场调解", "You have another session at that time", "begins")
    if name == "one_session_number_once":
        return Reason("busy", "刚有人安排了另一场，请再试", "Another was set just now; try again")
    raise error


def _refused(matter: UUID, code: str, zh: str, en: str) -> Refused:
    return Refused(matter, (Reason(code, zh, en),))
