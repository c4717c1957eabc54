"""What one side tells the mediator alone: never read by the other side, by anybody in office, or by a later court.

Tried over every door: pages, API, search, the record, what is exported and sent, hints, and the hand-over to court.
"""

import json
from dataclasses import replace
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from mumian.engine.live import Where, _concerns
from mumian.engine.looking import look
from mumian.engine.models import Matter
from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.field.bundle import keys
from mumian.notices.hooks import events
from mumian.people.actor import ANYONE, Actor, Scope
from mumian.record.models import Entry, Personal
from mumian.systems.mediation.entering import as_oneself
from mumian.systems.mediation.importing import export
from mumian.systems.mediation.jobs import close_talks
from mumian.systems.mediation.models import Case
from mumian.systems.mediation.talks import REQUESTER, RESPONDENT, TOGETHER, key_of, sorts_for, talk
from tests.systems.mediation.dispute import Mediating, codes, do, found, state
from tests.web import city as small

pytestmark = pytest.mark.django_db

SECRET = "其实三千元我也愿意接受"
NOTE = "对方可能会主张墙面损坏"


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


@pytest.fixture
def private(here: Mediating) -> tuple[UUID, UUID]:
    """A mediation, and the talk in which the requester has told the mediator something alone."""
    matter = here.mediating()
    seen = talk(here.actor("resident"), matter, REQUESTER)
    assert seen is not None
    do("say", here.actor("resident"), seen.matter.id, words=SECRET)
    do("propose", here.actor("resident"), seen.matter.id, offer=f"{SECRET}，月底前付")
    do("say", here.actor("mediator"), seen.matter.id, words=NOTE)
    return matter, seen.matter.id


OTHERS = ("landlord", "second", "organiser", "clerk", "administrator", "dispatcher", "stranger")


def everybody_else(here: Mediating) -> list[Actor]:
    administrator = here.actor("administrator")
    assert administrator.scope is Scope.ALL
    court = replace(here.actor("clerk"), scope=Scope.ALL)
    return [*map(here.actor, OTHERS), court, replace(administrator, person=None), ANYONE]


def test_the_side_and_the_mediator_read_it(here: Mediating, private: tuple[UUID, UUID]) -> None:
    for name in ("resident", "mediator"):
        seen = look(here.actor(name), private[1])
        assert seen is not None
        assert seen.data["words"] == NOTE
        assert all(
            seen.shows("words", person=entry.person, post=entry.post)
            for entry in Entry.objects.filter(subject=private[1])
        )


def test_nobody_else_finds_it_looks_at_it_or_acts_on_it(here: Mediating, private: tuple[UUID, UUID]) -> None:
    for actor in everybody_else(here):
        assert not visible(actor).filter(pk=private[1]).exists(), actor.name
        assert not visible(actor).filter(parent=private[0], procedure="mediation-talk").exists(), actor.name
        assert look(actor, private[1]) is None
        for action, data in (("say", {"words": "?"}), ("comment", {"text": "?"}), ("close", {})):
            [result] = perform([Act(action, actor, data, private[1])])
            assert codes(result) == ["missing"], (actor.name, action)


def test_each_side_may_open_its_own_talk_and_not_that_of_the_other(
    here: Mediating, private: tuple[UUID, UUID]
) -> None:
    matter, _talk = private
    assert talk(here.actor("landlord"), matter, REQUESTER) is None
    assert talk(here.actor("resident"), matter, RESPONDENT) is None
    for name in ("organiser", "clerk", "second", "administrator"):
        assert [talk(here.actor(name), matter, sort) for sort in (TOGETHER, REQUESTER, RESPONDENT)] == [
            None
        ] * 3
    [result] = perform([Act("begin", here.actor("landlord"), {"sort": "requester"}, opens="mediation-talk")])
    assert codes(result)[0] == "not-yours"
    assert talk(here.actor("landlord"), matter, RESPONDENT) is not None
    common = talk(here.actor("landlord"), matter, TOGETHER)
    assert common is not None
    do("say", here.actor("landlord"), common.matter.id, words="大家好")
    heard = look(here.actor("resident"), common.matter.id)
    assert heard is not None
    assert heard.data["words"] == "大家好"


def test_a_mediator_who_was_replaced_reads_no_more_and_the_new_one_does_not_inherit_it(
    here: Mediating, private: tuple[UUID, UUID]
) -> None:
    matter, key = private
    do("replace", here.actor("organiser"), matter, reason="回避")
    assert look(here.actor("mediator"), matter) is None
    assert sorts_for(look(here.actor("resident"), matter).matter, here.actor("mediator")) == ()  # type: ignore[union-attr]
    assert look(here.actor("second"), key) is None


def answers(client: Client, addresses: list[str], **more: Any) -> list[tuple[int, str]]:
    return [
        (response.status_code, response.content.decode())
        for address in addresses
        for response in [client.get(address, follow=True, **more)]
    ]


def pages_of(matter: Matter) -> list[str]:
    at = f"/matters/{matter.number}"
    return [at, f"{at}/record", f"{at}/do/say"]


def test_no_page_shows_it(here: Mediating, private: tuple[UUID, UUID], visit: Any) -> None:
    dispute, own = (Matter.objects.get(pk=key) for key in private)
    words = (SECRET, NOTE, own.number, "三千")
    for name in OTHERS:
        client = visit(name)
        for status, _text in answers(client, pages_of(own)):
            assert status == 404, name
        public = ["/", "/board", "/board?state=all", f"/track?number={own.number}", "/around", "/mediation"]
        lists = [f"/board?text={SECRET[:4]}", f"/board?text={own.number}", "/command"]
        for _status, text in answers(client, [*pages_of(dispute), *public[:3], *public[4:]]):
            assert not any(word in text for word in words), name
        for _status, text in answers(client, [public[3], *lists]):  # these say again what was asked for
            assert NOTE not in text, name
            assert f"/matters/{own.number}" not in text, name
    side, organiser = visit("resident"), visit("organiser")
    for page in (f"/matters/{own.number}", f"/mediation/{dispute.number}/talk/requester"):
        assert SECRET in side.get(page).content.decode()
    for status, _text in answers(side, pages_of(own)):  # the same addresses lead somewhere for those who may
        assert status == 200
    found = organiser.get(f"/board?text={dispute.number}", follow=True).content.decode()
    assert dispute.number in found
    assert dispute.title in found


def test_no_answer_of_the_api_holds_it(here: Mediating, private: tuple[UUID, UUID], visit: Any) -> None:
    dispute, own = (Matter.objects.get(pk=key) for key in private)
    api = "/api/v1/matters"
    for name in OTHERS:
        client = visit(name)
        at = [f"{api}/{own.pk}", f"{api}/{own.pk}/entries", f"{api}/by-number/{own.number}"]
        for status, text in answers(client, at):
            assert status == 404, name
            assert "三千" not in text
        of_dispute = [
            api,
            f"{api}?procedure=mediation-talk",
            f"{api}/{dispute.pk}",
            f"{api}/{dispute.pk}/entries",
        ]
        for _status, text in answers(client, of_dispute):
            assert not any(word in text for word in ("三千", NOTE, own.number, own.pk.hex, str(own.pk))), name
    listed = visit("organiser").get(api).json()
    assert dispute.number in json.dumps(listed)  # the list is not empty
    mine = visit("resident").get(f"{api}/{own.pk}/entries").json()["entries"]
    assert SECRET in [entry["personal"].get("words") for entry in mine]


def test_the_dispute_itself_does_not_know_of_it(here: Mediating, private: tuple[UUID, UUID]) -> None:
    matter, own = private
    row = Matter.objects.get(pk=matter)
    assert row.children_open == 0
    entries = Entry.objects.filter(subject=matter)
    before = entries.count()
    assert not [each for each in entries.all() if own.hex in json.dumps(each.body) or "talk" in each.action]
    do("fail", here.actor("mediator"), matter, reason="差距过大")
    close_talks(mediation=matter.hex)
    assert state(own) == "closed"
    assert entries.count() == before + 1


def test_the_record_only_commits_to_it(private: tuple[UUID, UUID]) -> None:
    for entry in Entry.objects.all():
        assert "三千" not in json.dumps(entry.body, ensure_ascii=False)
    kept = Personal.objects.filter(openings__icontains="三千").values_list("subject", flat=True)
    assert set(kept) == {private[1]}
    assert set(Matter.objects.filter(data__icontains="三千").values_list("pk", flat=True)) == {private[1]}
    assert Matter.objects.get(pk=private[1]).title == ""


def test_nothing_that_is_sent_or_taken_along_holds_it(here: Mediating, private: tuple[UUID, UUID]) -> None:
    matter, own = private
    entries = [(each.subject, each.seq) for each in Entry.objects.filter(subject__in=[matter, own])]
    public = do(
        "report", here.actor("resident"), opens="grid-event", what="路灯坏了", where={"place": small.GRID}
    ).matter
    told = events([*entries, (public, 1)])
    assert [each["subject"] for each in told] == [Matter.objects.get(pk=public).number]
    where = Where(Matter.objects.get(pk=own).place, Matter.objects.get(pk=own).unit_id)
    assert not any(_concerns(where, actor) for actor in everybody_else(here) if actor.scope is not Scope.ALL)
    for name in OTHERS:
        assert own not in {key for key, _seq in keys(here.actor(name))}, name
    assert public in {key for key, _seq in keys(here.actor("dispatcher"))}
    out = StringIO()
    for what in ("bodies", "mediators", "ties"):
        export(what, out)
    assert "三千" not in out.getvalue()
    assert set(Case.objects.values_list("matter", flat=True)) <= {matter}


def test_a_later_court_gets_none_of_it(here: Mediating, private: tuple[UUID, UUID], visit: Any) -> None:
    matter, _own = private
    do(
        "note-facts",
        here.actor("mediator"),
        matter,
        facts_number=1,
        agreed_facts="押金五千元",
        uncontested="无",
    )
    do("agree-facts-requester", here.actor("resident"), matter, facts_requester=1)
    do("agree-facts-respondent", here.actor("landlord"), matter, facts_respondent=1)
    do("write-minutes", here.actor("mediator"), matter, minutes_number=1, minutes=f"申请人表示{SECRET}")
    do("fail", here.actor("mediator"), matter, reason=f"申请人{SECRET}，对方不接受")
    do("hand-to-filing", here.actor("resident"), matter, filed=True)
    court = here.actor("clerk")
    [filing] = visible(court).filter(procedure="court-filing")
    assert filing.data["agreed_facts"] == "押金五千元"
    assert "三千" not in json.dumps(filing.data, ensure_ascii=False)
    assert not visible(court).filter(pk=matter).exists()
    assert set(visible(court).values_list("procedure", flat=True)) == {"court-filing"}
    for _status, text in answers(
        visit("clerk"), [f"/matters/{filing.number}", f"/api/v1/matters/{filing.pk}"]
    ):
        assert "押金五千元" in text or "三千" not in text
        assert "三千" not in text


def test_what_one_side_wrote_for_the_mediator_is_not_shown_to_the_other(
    here: Mediating, private: tuple[UUID, UUID], visit: Any
) -> None:
    matter, _own = private
    for name, own, others in (
        ("resident", "我保留了付款记录", "墙面有损坏"),
        ("landlord", "墙面有损坏", "我保留了付款记录"),
    ):
        seen = look(here.actor(name), matter)
        assert seen is not None
        assert own in str(seen.data)
        assert others not in str(seen.data)
        number = seen.matter.number
        at = [f"/matters/{number}", f"/api/v1/matters/{matter}", f"/api/v1/matters/{matter}/entries"]
        for status, text in answers(visit(name), at):
            assert status == 200
            assert others not in text
    assert "13800000001" not in str(look(here.actor("landlord"), matter).data)  # type: ignore[union-attr]
    for_mediator = look(here.actor("mediator"), matter)
    assert for_mediator is not None
    assert "墙面有损坏" in str(for_mediator.data)
    assert "付款记录" in str(for_mediator.data)


def interpreted(here: Mediating, matter: UUID) -> Actor:
    """Somebody who interprets in the mediation."""
    stranger = as_oneself(here.actor("stranger"))
    do("join", replace(stranger, bearer=(matter, "interpreter")), matter)
    return stranger


def test_an_interpreter_hears_what_one_side_says_alone_only_if_that_side_lets_him_or_her_in(
    here: Mediating, private: tuple[UUID, UUID], visit: Any
) -> None:
    matter, key = private
    interpreter = interpreted(here, matter)
    number = Matter.objects.get(pk=matter).number
    page = f"/mediation/{number}/talk/requester"
    assert talk(interpreter, matter, REQUESTER) is None
    assert talk(interpreter, matter, TOGETHER) is not None  # where all talk, there is an interpreter
    assert visit("stranger").get(page).status_code == 404
    for other in ("landlord", "mediator", "stranger"):
        visit(other).post(page, {"interpreter": "admit"})
        assert look(interpreter, key) is None, other
    assert SECRET not in visit("stranger").get(f"/mediation/{number}").content.decode()

    assert visit("resident").post(page, {"interpreter": "admit"}).status_code == 302
    assert SECRET in visit("stranger").get(page).content.decode()
    do("say", interpreter, key, words="我翻译")
    assert talk(interpreter, matter, RESPONDENT) is None  # the other side has not let him or her in
    assert visit("resident").post(page, {"interpreter": "dismiss"}).status_code == 302
    assert look(interpreter, key) is None
    assert visit("stranger").get(page).status_code == 404


def test_representatives_who_come_later_take_part_in_the_talks_of_their_side(here: Mediating) -> None:
    matter = here.mediating()
    seen = talk(here.actor("resident"), matter, REQUESTER)
    assert seen is not None
    do("say", here.actor("resident"), seen.matter.id, words=SECRET)
    do("name-agent-requester", here.actor("resident"), matter, agent_requester="陌律师")
    agent = as_oneself(here.actor("stranger"))
    do("join", replace(agent, bearer=(matter, "requester-agent")), matter)
    heard = talk(agent, matter, REQUESTER)
    assert heard is not None
    assert heard.data["words"] == SECRET
    assert talk(agent, matter, TOGETHER) is not None
    assert talk(agent, matter, RESPONDENT) is None
    assert talk(here.actor("resident"), matter, REQUESTER) is not None


def test_the_key_of_a_talk_is_not_enough(here: Mediating, private: tuple[UUID, UUID]) -> None:
    seen = look(here.actor("landlord"), private[0])
    assert seen is not None
    key = key_of(seen.matter, REQUESTER)  # the other side may know how it is made
    assert key == private[1]
    assert look(here.actor("landlord"), key) is None
