"""Who is a lawyer here: one whose licence a legal aid centre has checked; and what a lawyer begins, on which mandate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from mumian.engine.compiled import Reason
from mumian.engine.looking import Look, look
from mumian.engine.models import Matter as Row
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation, Post
from mumian.systems.justice.cases import first_of, matters_of
from mumian.systems.justice.defence.rules import (
    IN_PERSON,
    LICENCE,
    MANDATE,
    ORDER,
    READING,
    REMOTE,
    REQUEST,
)
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages.models import Parcel
from mumian.systems.justice.packages.rules import RECEIVED
from mumian.systems.justice.packages.sending import on_behalf_of

BEGINS = {READING: "open", REQUEST: "ask", IN_PERSON: "ask", REMOTE: "book", ORDER: "apply"}
"""What stands on a mandate, and the action that begins it."""
ELSEWHERE = {IN_PERSON: "executing-officer", REMOTE: "executing-officer", ORDER: "judge"}
"""What goes to another agency than the mandate's, and who answers there."""
READABLE = ("prosecution", "trial", "appeal")
"""For what a file is handed over when counsel may read it: review for prosecution and all after it (刑事诉讼法 40)."""
STAGES = (
    "investigation", "arrest-review", "prosecution-review", "first-trial", "second-instance", "retrial",
    "private-prosecution",
)  # fmt: skip
"""The stages of a case that counsel can have a mandate in."""
MOST = 10


def counsel_of(actor: Actor) -> Counsel | None:
    """The lawyer somebody is, if verified."""
    if actor.person is None:
        return None
    rows = Counsel.objects.filter(person=actor.person, active=True, verified_at__isnull=False)
    return rows.select_related("person").first()


def ask_to_be_verified(actor: Actor, centre: int, data: Mapping[str, Any]) -> Result:
    """A lawyer shows the licence to a legal aid centre."""
    if actor.person is None:
        return _refused("by-name", "请先登录", "Sign in first")
    if not Post.objects.filter(organisation=centre, role_id="legal-aid-officer").exists():
        return _refused("unit", "请选择法律援助机构", "Choose a legal aid centre", "unit")
    licence = " ".join(str(data.get("licence", "")).split())
    if Counsel.objects.filter(code=licence).exclude(person=actor.person).exists():
        return _refused(
            "licence", "该执业证号已由他人核验；如有误请联系法律援助机构",
            "Somebody else was verified with this number; if that is wrong, ask the centre", "licence",
        )  # fmt: skip
    said = {**data, "unit": centre, "lawyer": actor.person.hex}
    return perform([Act("ask", on_behalf_of(actor), said, opens=LICENCE)])[0]


def enter(matter: UUID) -> None:
    """Makes a lawyer of one whose licence was verified: a line of the roster and a post. Again is the same."""
    seen = look(SYSTEM, matter)
    if seen is None or seen.matter.state != "verified":
        return
    data = seen.matter.data
    person, licence = UUID(data["lawyer"]), " ".join(str(data["licence"]).split())
    centre = Organisation.objects.get(pk=seen.matter.unit or 0)
    with transaction.atomic():
        Counsel.objects.update_or_create(
            person_id=person,
            defaults={
                "code": licence, "firm": data["firm"], "place": centre.place, "verified_at": timezone.now(), "active": True,
            },
        )  # fmt: skip
        Post.objects.update_or_create(
            person_id=person,
            role_id="lawyer",
            organisation=centre,
            place=centre.place,
            defaults={"ends": None},
        )


def strike(matter: UUID) -> None:
    """One whose licence was withdrawn is no lawyer here any more."""
    seen = look(SYSTEM, matter)
    if seen is None or seen.matter.state != "withdrawn":
        return
    person = UUID(seen.matter.data["lawyer"])
    Counsel.objects.filter(person=person).update(active=False, verified_at=None)
    Post.objects.filter(person=person, role_id="lawyer").delete()


# --- on a mandate -----------------------------------------------------------------------------------


def file_mandate(
    actor: Actor,
    data: Mapping[str, Any],
    *,
    about: UUID | None = None,
    now: datetime | None = None,
    key: str | None = None,
) -> Result:
    """A lawyer files a mandate with the agency that handles a case; where he or she sees a matter of it, below that.

    From legal aid the client's name comes with the matter. With the same `key` it is the same mandate.
    """
    if counsel_of(actor) is None:
        return _NOT_VERIFIED
    assert actor.person is not None
    said = {**data, "lawyer": actor.person.hex}
    above = look(actor, about) if about is not None else None
    parent = above.matter.id if above is not None else None
    if above is not None and above.data.get("name"):
        said["client"] = above.data["name"]
    act = Act("file", on_behalf_of(actor), said, opens=MANDATE, channel=FOLLOWING, parent=parent, key=key)
    return perform([act], now=now)[0]


def mandate_of(actor: Actor, mandate: UUID) -> Look | None:
    """A mandate as its own lawyer has it, once it is confirmed."""
    seen = look(actor, mandate)
    own = seen is not None and actor.person is not None and seen.matter.data.get("lawyer") == actor.person.hex
    if seen is None or not own or seen.matter.procedure != MANDATE or seen.matter.state != "confirmed":
        return None
    return seen


def begin(
    actor: Actor,
    mandate: UUID,
    procedure: str,
    data: Mapping[str, Any],
    *,
    unit: int | None = None,
    now: datetime | None = None,
) -> Result:
    """Something a lawyer begins on a confirmed mandate. Names, case and agency come from it, and so cannot differ."""
    now = now or timezone.now()
    act = prepared(actor, mandate, procedure, data, unit=unit)
    return act if isinstance(act, Refused) else perform([act], now=now)[0]


def prepared(
    actor: Actor, mandate: UUID, procedure: str, data: Mapping[str, Any], *, unit: int | None = None
) -> Act | Refused:
    """The act by which it begins, or why it may not."""
    if counsel_of(actor) is None:
        return _NOT_VERIFIED
    seen = mandate_of(actor, mandate)
    if seen is None:
        return _refused("mandate", "委托手续尚未确认，或已终止", "The mandate is not confirmed, or has ended")
    said = seen.matter.data
    role = ELSEWHERE.get(procedure)
    if role is None:
        unit = seen.matter.unit
    elif unit is None or not Post.objects.filter(organisation=unit, role_id=role).exists():
        return _refused("unit", "请选择接收机关", "Choose the agency", "unit")
    if procedure == READING and not readable(seen):
        return _refused(
            "not-yet",
            "本案在该机关尚未进入审查起诉阶段，不能阅卷（刑诉法 40）",
            "The case is not under review for prosecution there, so its file cannot be read yet (Criminal Procedure Law 40)",
        )
    known = {"unit": unit, "lawyer": said["lawyer"], "client": said["client"], "mandate": mandate.hex}
    if procedure in (READING, REQUEST, ORDER):
        known["case"] = said["case"]
    return Act(
        BEGINS[procedure],
        on_behalf_of(actor),
        {**data, **known},
        opens=procedure,
        channel=FOLLOWING,
        parent=mandate,
    )


def readable(mandate: Look) -> list[Parcel]:
    """The files of a mandate's case that its agency has accepted for review or trial; sealed ones are not among them.

    Of which case it is, the agency has said: whatever else stands in words is nothing.
    """
    of = _stage(mandate)
    if of is None:
        return []
    keys = [of.pk] if of.procedure == RECEIVED else matters_of(first_of(of.data, of.pk))
    rows = visible(SYSTEM).filter(
        pk__in=keys, procedure=RECEIVED, unit_id=mandate.matter.unit, state="accepted"
    )
    accepted = set(rows.filter(data__purpose__in=READABLE).values_list("pk", "data__version"))
    found = Parcel.objects.filter(received__in=[key for key, _version in accepted]).select_related("sender")
    return [each for each in found.order_by("made_at") if (each.received, each.version) in accepted]


def _stage(mandate: Look) -> Row | None:
    """The stage, or the received file, that the agency has said a mandate is for; none of somebody else's."""
    said, client = mandate.matter.data.get("stage"), mandate.matter.data["client"]
    rows = (
        visible(SYSTEM).filter(pk=UUID(said), unit_id=mandate.matter.unit) if said else visible(SYSTEM).none()
    )
    of = rows.filter(procedure__in=(*STAGES, RECEIVED)).first()
    return of if of and _same(of.data.get("name", client), client) else None


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def stages(mandate: Look) -> list[Row]:
    """What a mandate may be for, as far as those see it who are to say so: their own stages of the case it came from
    legal aid with, else those of a person of the client's name; where there are none, files received under its number.
    """
    matter = mandate.matter
    mine = visible(mandate.actor).filter(unit_id=matter.unit).exclude(state="sealed")
    came = (
        visible(SYSTEM)
        .filter(pk=matter.parent or matter.id, data__has_key="case")
        .exclude(pk=matter.id)
        .first()
    )
    if came is not None:
        keys = matters_of(first_of(came.data, came.pk))
        found = list(mine.filter(pk__in=keys, procedure__in=STAGES).order_by("-opened_at"))
    else:
        named = mine.filter(procedure__in=STAGES, closed_at=None, title=matter.data["client"])
        found = list(named.order_by("-opened_at", "-pk")[:MOST])
    of_its_own = mine.filter(procedure=RECEIVED, title=matter.data["case"])
    return found or list(of_its_own.order_by("-opened_at", "-pk")[:MOST])


def own(actor: Actor, *procedures: str) -> list[Row]:
    """What a lawyer takes part in, the newest first."""
    rows = visible(actor).filter(procedure__in=procedures)
    return list(rows.order_by("-opened_at", "-pk")[:200])


def _refused(code: str, zh: str, en: str, field: str | None = None) -> Refused:
    return Refused(None, (Reason(code, zh, en, field),))


_NOT_VERIFIED = _refused(
    "not-verified", "执业证尚未核验，请先申请核验", "Your licence is not verified; ask for that first"
)
