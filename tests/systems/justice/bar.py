"""Lawyers, a legal aid centre and a detention centre beside the agencies, and what they do in a few words."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image
from pypdf import PdfWriter

from mumian.engine import world
from mumian.engine.looking import Look, look
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.people.actor import Actor, Scope
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.defence import counsel
from mumian.systems.justice.defence.models import VideoRoom
from mumian.systems.justice.packages import sending, uploading
from mumian.systems.justice.packages.models import Parcel
from tests.systems.justice.agencies import CASE, Agencies
from tests.web import city as small

LICENCE = "14401202010123456"


def did(result: Any) -> UUID:
    assert isinstance(result, Done), result
    return result.matter


def refused(result: Any) -> list[str]:
    assert isinstance(result, Refused), result
    return [each.code for each in result.reasons]


def act(actor: Actor, matter: UUID, action: str, **data: Any) -> UUID:
    return did(perform([Act(action, actor, data, matter)])[0])


def person(here: Agencies, name: str) -> Actor:
    """Somebody as he or she signs in: in the post of a lawyer once there is one."""
    post = Post.objects.filter(person=here.city.people[name], role_id="lawyer").select_related(
        "role", "organisation"
    )
    found = post.first()
    return (
        found.as_actor() if found else Actor(person=here.city.people[name].pk, scope=Scope.PARTY, name=name)
    )


def called_to(here: Agencies) -> Agencies:
    """The agencies, a legal aid centre, a detention centre with two rooms, and two who say they are lawyers."""
    for code, name, role, who in (
        ("aid", "越秀区法律援助中心", "legal-aid-officer", "aid-officer"),
        ("detention", "越秀区看守所", "executing-officer", "centre-officer"),
    ):
        unit = Organisation.objects.create(code=code, name=name, kind="justice", place="440103")
        unit.lineage = [unit.pk]
        unit.save()
        here.units[code] = unit
        here.city.people[who] = Person.objects.create_person(who, small.PASSWORD, name=who)
        post = Post.objects.create(
            person=here.city.people[who], role_id=role, organisation=unit, place="440103"
        )
        here.city.posts[who] = Post.objects.select_related("organisation", "role").get(pk=post.pk)
    for name, called in (("lin", "林律师"), ("zhou", "周律师")):
        here.city.people[name] = Person.objects.create_person(name, small.PASSWORD, name=called)
    for name in ("一号视频会见室", "二号视频会见室"):
        VideoRoom.objects.create(centre=here.units["detention"], name=name)
    world.changed()
    return here


def verified(bar: Agencies, name: str = "lin", licence: str = LICENCE) -> Actor:
    said = {"name": name, "licence": licence, "firm": "木棉律师事务所"}
    matter = did(counsel.ask_to_be_verified(person(bar, name), bar.units["aid"].pk, said))
    act(bar.actor("aid-officer"), matter, "verify", sure=True)
    counsel.enter(matter)
    return person(bar, name)


def mandate(
    bar: Agencies, lawyer: Actor, unit: str = "procuratorate", by: str = "prosecutor", case: str = CASE
) -> UUID:
    said = {"unit": bar.units[unit].pk, "client": "王某", "case": case, "ground": "entrusted"}
    matter = did(counsel.file_mandate(lawyer, said))
    act(bar.actor(by), matter, "confirm", case=case)
    received = Parcel.objects.filter(receiver=bar.units[unit], case=case, received__isnull=False).last()
    if received is not None:
        join(bar, matter, received, by)
    return matter


def join(bar: Agencies, mandate: UUID, file: Parcel, by: str = "prosecutor") -> None:
    """The agency says that a mandate is for a file it has received."""
    assert file.received is not None
    act(bar.actor(by), mandate, "join", stage=file.received.hex)


def seen_by(actor: Actor, matter: UUID) -> Look:
    seen = look(actor, matter)
    assert seen is not None
    return seen


def with_papers(bar: Agencies, purpose: str = "prosecution") -> Parcel:
    """A file of a PDF, a picture and a recording, accepted by the procuratorate."""
    matter = sending.prepare(
        bar.actor("investigator"), receiver=bar.units["procuratorate"].pk, case=CASE, purpose=purpose
    ).matter
    pdf, picture = BytesIO(), BytesIO()
    writer = PdfWriter()
    for _ in range(2):
        writer.add_blank_page(width=595, height=842)
    writer.write(pdf)
    Image.new("RGB", (600, 800), "white").save(picture, "PNG")
    seen = bar.seen("investigator", matter)
    for title, media, content in (
        ("起诉意见书", "application/pdf", pdf.getvalue()),
        ("现场照片", "image/png", picture.getvalue()),
        ("录像", "video/mp4", b"frames"),
    ):
        paper = uploading.announce(seen, title=title, kind="written", media=media, size=len(content))
        uploading.append(paper, 0, [content])
    parcel = sending.send(bar.seen("investigator", matter))
    assert parcel.received is not None
    sending.open_it(bar.seen("prosecutor", parcel.received))
    sending.accept(bar.seen("prosecutor", parcel.received))
    return parcel
