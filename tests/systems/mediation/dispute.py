"""A small city that mediates, in the database: two sides, mediators, an organiser, a court; and a dispute in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from mumian.engine import world
from mumian.engine.files import keep
from mumian.engine.looking import look
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, Result, perform
from mumian.people.actor import SYSTEM, Actor, Scope
from mumian.people.models import Organisation, Person, Post
from mumian.systems.mediation.appointing import choose
from mumian.systems.mediation.models import Body, Mediator, MeetingRoom
from tests.web import city as small

REQUEST: dict[str, Any] = {
    "kind": "06.01", "what": "房东不退押金", "claim": "5000", "facts": "我保留了付款记录",
    "where": {"place": small.GRID, "lon": small.SPOT[0], "lat": small.SPOT[1]}, "requester_name": "陈小燕",
    "contact": "13800000001", "respondent_name": "孙房东", "respondent_contact": "13800000002",
}  # fmt: skip


def drawn() -> SimpleUploadedFile:
    """A signature drawn on a phone."""
    picture, out = Image.new("RGBA", (400, 160)), BytesIO()
    ImageDraw.Draw(picture).line([(20, 120), (120, 30), (220, 130), (380, 40)], fill="black", width=6)
    picture.save(out, "PNG")
    return SimpleUploadedFile("signature.png", out.getvalue(), "image/png")


def signature() -> list[str]:
    """One that has been sent, for an act."""
    return [keep(BytesIO(drawn().read()), "signature.png").sha256]


@dataclass(frozen=True)
class Mediating:
    """The city, with those who settle disputes in it."""

    city: small.City
    mediators: dict[str, Mediator]
    room: MeetingRoom

    def actor(self, name: str) -> Actor:
        """A side as it signs in, or somebody in the own post."""
        if name in self.city.posts:
            return self.city.posts[name].as_actor()
        return Actor(person=self.city.people[name].pk, scope=Scope.PARTY, name=name)

    def request(self, **more: Any) -> UUID:
        return do("request", self.actor("resident"), opens="people-mediation", **{**REQUEST, **more}).matter

    def asked(self, **more: Any) -> UUID:
        matter = self.request(**more)
        do("ask-other", self.actor("organiser"), matter, way="people")
        return matter

    def choosing(self, **more: Any) -> UUID:
        """The other side, who has signed in and come by its link, agrees."""
        matter = self.asked(**more)
        invited = replace(self.actor("landlord"), bearer=(matter, "respondent"))
        do("consent", invited, matter, answer="墙面有损坏")
        return matter

    def mediating(self, mediator: str = "mediator", **more: Any) -> UUID:
        matter = self.choosing(**more)
        for side in ("resident", "landlord"):
            allowed(choose(self.actor(side), matter, self.mediators[mediator].pk))
        do("accept", self.actor(mediator), matter, sworn=True)
        return matter

    def signing(self, **more: Any) -> UUID:
        matter = self.mediating(**more)
        do("draft", self.actor("mediator"), matter, draft_number=1, clauses="孙房东退还押金四千元", amount="4000",
           perform_by="2044-12-30")  # fmt: skip
        return matter

    def agreed(self, **more: Any) -> UUID:
        matter = self.signing(**more)
        do("sign-requester", self.actor("resident"), matter, signed_requester=1, signature=signature())
        do("sign-respondent", self.actor("landlord"), matter, signed_respondent=1, signature=signature())
        do("sign-mediator", self.actor("mediator"), matter, signed_mediator=1, signature=signature())
        return matter


def found(city: small.City) -> Mediating:
    """Gives a city a committee with mediators, an organiser, a court clerk, and a landlord."""
    for name, called in {"landlord": "孙房东", "organiser": "何组织", "clerk": "法小立"}.items():
        city.people[name] = Person.objects.create_person(name, small.PASSWORD, name=called)
    committee = small._unit("committee", "石溪人民调解委员会", "Shixi Mediation Committee", "mediation")
    court = small._unit("court", "越秀区人民法院", "Yuexiu District Court", "court")
    city.posts["organiser"] = small._post(
        city.people["organiser"], "mediation-organiser", committee, small.TOWN
    )
    city.posts["clerk"] = small._post(city.people["clerk"], "court-clerk", court, "440103")
    body = Body.objects.create(
        organisation=committee, fields=[], address="石溪大街 1 号", lon=113.251, lat=23.101, phone="020-1234",
        hours="周一至周五 9:00–18:00",
    )  # fmt: skip
    described: list[tuple[str, str, dict[str, Any]]] = [
        ("mediator", "王调解", {"fields": ["06"]}),
        ("second", "赵调解", {"languages": ["zh", "yue"]}),
        ("lawyer", "周律师", {"sort": "lawyer", "firm": "木棉律师事务所", "fee": "每件 300 元"}),
    ]
    mediators = {name: mediator(city, body, name, called, **more) for name, called, more in described}
    world.changed()
    return Mediating(city, mediators, MeetingRoom.objects.create(body=body, name="一号调解室"))


def mediator(city: small.City, body: Body, name: str, called: str, **more: Any) -> Mediator:
    person = Person.objects.create_person(name, small.PASSWORD, name=called)
    city.people[name] = person
    unit: Organisation = body.organisation
    Post.objects.create(person=person, role_id="mediator", organisation=unit, place=small.TOWN)
    city.posts[name] = Post.objects.select_related("role", "organisation").get(person=person)
    given = {"languages": ["zh"], "place": small.COMMUNITY, "reach": "440103", "since": 2015, **more}
    return Mediator.objects.create(person=person, body=body, code=f"M-{name}", **given)


def do(
    action: str, actor: Actor, matter: UUID | None = None, *, opens: str | None = None, **data: Any
) -> Done:
    """Something that must be allowed."""
    [result] = perform([Act(action, actor, data, matter, opens=opens)])
    return allowed(result)


def allowed(result: Result) -> Done:
    assert isinstance(result, Done), result.reasons
    return result


def codes(result: Result) -> list[str]:
    """Why something was refused."""
    assert not isinstance(result, Done)
    return [reason.code for reason in result.reasons]


def state(matter: UUID) -> str:
    return Matter.objects.get(pk=matter).state


def data(matter: UUID) -> dict[str, Any]:
    seen = look(SYSTEM, matter)
    assert seen is not None
    return seen.data
