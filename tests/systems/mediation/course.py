"""A dispute taken through its mediation act by act, without a database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from mumian.engine.fields import Known
from mumian.people.actor import SYSTEM, Actor, Scope
from tests.engine.city import CENTRE, DISTRICT, GRID, TOWN, WORLD, Course

NOBODY = UUID(int=0)


def person(name: str) -> Actor:
    return Actor(person=uuid5(NOBODY, name), name=name)


def official(name: str, role: str, place: str, post: int) -> Actor:
    return Actor(
        person=uuid5(NOBODY, name), post=post, role=role, organisation=CENTRE, lineage=(CENTRE,), place=place,
        scope=Scope.PLACE, name=name,
    )  # fmt: skip


REQUESTER, RESPONDENT, MEDIATOR, OTHER_MEDIATOR = map(person, ("陈申请", "李对方", "王调解", "赵调解"))
ORGANISER = official("何组织", "mediation-organiser", TOWN, 901)
COURT = official("法院立案", "court-clerk", DISTRICT, 902)

REQUEST: dict[str, Any] = {
    "kind": "06.01", "what": "房东不退押金", "claim": "5000", "facts": "我有微信记录", "where": {"place": GRID},
    "requester_name": "陈申请", "contact": "13800000001", "respondent_name": "李对方", "respondent_contact": "13800000002",
}  # fmt: skip
COMMISSION = {
    **{name: value for name, value in REQUEST.items() if name != "facts"},
    "way": "people", "requester_agrees": True, "stage": "before",
}  # fmt: skip
SIGNED = ["0" * 64]
"""A signature, by the hash of its picture."""
PAYMENT = {"amount": "4000", "perform_by": "2044-12-30"}
CHOSEN = {"mediator": MEDIATOR.person, "how": "chosen"}


class Dispute(Course):
    """One mediation, with those who take part in it."""

    def __init__(self, procedure: str = "people-mediation") -> None:
        super().__init__(procedure)
        known = replace(WORLD.known, kind=lambda catalogue, code: catalogue == "disputes")
        assert isinstance(known, Known)
        self.world = replace(WORLD, known=known)

    @property
    def invited(self) -> Actor:
        """The respondent with the link that was sent, signed in."""
        return replace(RESPONDENT, bearer=(self.matter.id, "respondent"))

    def asked(self, on: str = "2026-03-02 09:00", **more: Any) -> Dispute:
        if self.matter.procedure == "court-mediation":
            self.act("commission", COURT, on=on, **(COMMISSION | more))
        else:
            self.act("request", REQUESTER, on=on, **(REQUEST | more))
            self.act("ask-other", ORGANISER, on=on, way="people")
        return self

    def choosing(self, on: str = "2026-03-02 10:00", **more: Any) -> Dispute:
        self.asked(on, **more)
        self.act("consent", self.invited, on=on)
        return self

    def appointed(self, on: str = "2026-03-02 11:00", **more: Any) -> Dispute:
        self.choosing(on, **more)
        self.act("choose-requester", SYSTEM, on=on, choice_requester=MEDIATOR.person)
        self.act("choose-respondent", SYSTEM, on=on, choice_respondent=MEDIATOR.person)
        self.act("appoint", SYSTEM, on=on, **CHOSEN)
        return self

    def mediating(self, on: str = "2026-03-02 12:00", **more: Any) -> Dispute:
        self.appointed(on, **more)
        if self.matter.procedure == "court-mediation":
            self.act("join", replace(REQUESTER, bearer=(self.matter.id, "requester")), on=on)
        self.act("accept", MEDIATOR, on=on, sworn=True)
        return self

    def signing(self, on: str = "2026-03-02 13:00", **more: Any) -> Dispute:
        self.mediating(on, **more)
        self.act("draft", MEDIATOR, on=on, draft_number=1, clauses="李对方退还押金 4000 元", **PAYMENT)
        return self

    def agreed(self, on: str = "2026-03-02 14:00", **more: Any) -> Dispute:
        self.signing(on, **more)
        self.act("sign-requester", REQUESTER, on=on, signed_requester=1, signature=SIGNED)
        self.act("sign-respondent", RESPONDENT, on=on, signed_respondent=1, signature=SIGNED)
        self.act("sign-mediator", MEDIATOR, on=on, signed_mediator=1, signature=SIGNED)
        self.act("take-effect", SYSTEM, on=on)
        return self
