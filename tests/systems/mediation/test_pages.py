"""The pages of mediation: from the request to the signed agreement by clicks, and what each reader is shown."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from mumian.engine.models import Clock, Matter
from mumian.engine.numbers import link_secret
from mumian.engine.world import city as installation
from mumian.people.actor import SYSTEM
from mumian.people.models import Person
from mumian.systems.mediation.cases import keep_all, open_cases
from mumian.systems.mediation.jobs import count_again
from mumian.systems.mediation.models import Case, Mediator, Session
from mumian.systems.mediation.numbers import counted, figures
from tests.conftest import QueryBudget
from tests.systems.mediation.dispute import REQUEST, Mediating, do, drawn, found, state
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


def number_of(matter: UUID) -> str:
    return Matter.objects.get(pk=matter).number


FORM = {
    **{name: value for name, value in REQUEST.items() if name != "where"}, "where_place": small.GRID, "where": "001网格",
}  # fmt: skip


def test_the_whole_way_by_clicks(here: Mediating, visit: Visit) -> None:
    resident, landlord, organiser, mediator = map(visit, ("resident", "landlord", "organiser", "mediator"))
    page = resident.get("/mediation/ask").content.decode()
    sent = resident.post("/mediation/ask", _form(page))
    assert sent.status_code == 302, sent.content.decode()[:3000]
    matter = Matter.objects.get(procedure="people-mediation")
    at = f"/mediation/{matter.number}"
    assert sent["Location"] == at
    assert organiser.post(f"{at}/do/ask-other", {"way": "people"}).status_code == 302

    secret = link_secret(matter.pk, "respondent", installation().key)
    invited = f"/mediation/invited/{matter.number}/{secret}"
    assert "房东不退押金" in visit().get(invited).content.decode()
    assert "/sign-in" in visit().post(invited)["Location"]
    assert landlord.post(invited)["Location"] == at
    assert landlord.post(f"{at}/do/consent", {"answer": "墙面有损坏"}).status_code == 302

    for each in (resident, landlord):
        assert "王调解" in each.get(at).content.decode()
        assert each.post(f"{at}/choose", {"mediator": here.mediators["mediator"].pk}).status_code == 302
    assert state(matter.pk) == "appointed"
    assert "房东不退押金" in mediator.get("/mediation/desk").content.decode()
    assert "接受并披露" in mediator.get(at).content.decode()
    assert mediator.post(f"{at}/do/accept", {"sworn": "yes"}).status_code == 302
    assert "拟定协议" in mediator.get(at).content.decode()

    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    booking = {"mode": "on-site", "day": day, "from": "09:30", "until": "11:00", "room": here.room.pk}
    assert mediator.post(f"{at}/session", booking).status_code == 302
    taken = mediator.post(f"{at}/session", booking)
    assert taken.status_code >= 400
    assert "已被占用" in taken.content.decode() or "另一场" in taken.content.decode()
    assert Session.objects.count() == 1

    assert resident.post(f"{at}/talk/requester", {"words": "三千也行", "say": ""}).status_code == 302
    assert "三千也行" in mediator.get(f"{at}/talk/requester").content.decode()
    assert landlord.get(f"{at}/talk/requester").status_code == 404
    assert "三千也行" not in landlord.get(at).content.decode()

    draft = {"clauses": "孙房东退还押金四千元", "amount": "4000", "perform_by": "2044-12-30"}
    assert mediator.post(f"{at}/do/draft", draft).status_code == 302
    assert "四千元" in landlord.get(at).content.decode()
    assert resident.post(f"{at}/do/sign-requester", {"signature": drawn()}).status_code == 302
    assert landlord.post(f"{at}/do/sign-respondent", {"signature": drawn()}).status_code == 302
    assert mediator.post(f"{at}/do/sign-mediator", {"signature": drawn()}).status_code == 302
    assert state(matter.pk) == "agreed"
    assert resident.post(f"{at}/do/confirm-requester", {"about": "money"}).status_code == 302
    assert landlord.post(f"{at}/do/confirm-respondent", {"about": "money"}).status_code == 302
    assert Matter.objects.filter(procedure="judicial-confirmation", parent=matter.pk).count() == 1
    assert Case.objects.get(pk=matter.pk).outcome == "agreed"


def _form(page: str) -> dict[str, Any]:
    """What is sent: the place is chosen as the form offers it."""
    return {**FORM, "where_code": small.GRID}


def test_what_is_missing_is_said_and_what_was_written_is_kept(here: Mediating, visit: Visit) -> None:
    sent = visit("resident").post("/mediation/ask", {**FORM, "what": "押金不退", "respondent_name": ""})
    page = sent.content.decode()
    assert sent.status_code == 422
    assert "押金不退" in page
    assert not Matter.objects.filter(procedure="people-mediation").exists()


def test_the_organiser_appoints_all_that_wait_with_one_click(
    here: Mediating, visit: Visit, query_budget: QueryBudget
) -> None:
    matters = [here.choosing(leave_requester=True) for _ in range(2)]
    Clock.objects.filter(matter__in=matters, name="choose").update(due_at=timezone.now() - timedelta(days=1))
    visitor = visit("organiser")
    visitor.get("/mediation/organise")
    with query_budget("mediation organise"):
        page = visitor.get("/mediation/organise").content.decode()
    pairs = [text.split('"')[0] for text in page.split('name="pair" value="')[1:]]
    assert len(pairs) == 2
    assert visitor.post("/mediation/organise/appoint", {"pair": pairs}).status_code == 302
    assert {state(each) for each in matters} == {"appointed"}


def test_pages_are_closed_to_those_whose_they_are_not(here: Mediating, visit: Visit) -> None:
    matter = here.mediating()
    at = f"/mediation/{number_of(matter)}"
    for name in ("second", "clerk", "dispatcher"):
        assert visit(name).get(at).status_code == 404
        assert visit(name).get(f"{at}/talk/together").status_code == 404
    assert visit("landlord").get(f"{at}/session").status_code == 404
    for page in ("/mediation/desk", "/mediation/organise", "/mediation/numbers"):
        assert visit("resident").get(page).status_code in (403, 404)
        assert visit().get(page).status_code == 302


def test_queries_of_the_pages(here: Mediating, visit: Visit, query_budget: QueryBudget) -> None:
    matter = here.signing()
    at = f"/mediation/{number_of(matter)}"
    for name, who, address in (
        ("one", "resident", at), ("talk", "mediator", f"{at}/talk/together"), ("desk", "mediator", "/mediation/desk"),
        ("mine", "resident", "/mediation/mine"), ("find", None, "/mediation"), ("map", None, "/mediation/map.json"),
        ("numbers", "organiser", "/mediation/numbers"),
    ):  # fmt: skip
        visitor = visit(who)
        visitor.get(address)
        with query_budget(f"mediation {name}"):
            assert visitor.get(address).status_code == 200


def test_anybody_finds_mediators_by_kind_language_and_nearness(here: Mediating, visit: Visit) -> None:
    visitor = visit()
    assert "周律师" in visitor.get("/mediation?kind=06&sort=lawyer").content.decode()
    spoken = visitor.get("/mediation?language=yue").content.decode()
    assert "赵调解" in spoken
    assert "王调解" not in spoken
    near = visitor.get("/mediation?lon=113.251&lat=23.11").content.decode()
    assert "1 km" in near
    assert visitor.get("/mediation?lon=east&lat=&kind=zz&page=x").status_code == 200
    body = visitor.get(f"/mediation/bodies/{here.room.body_id}").content.decode()
    assert "石溪大街 1 号" in body
    person = Person.objects.get(username="mediator")
    person.phone = "13712345678"
    person.save()
    assert "13712345678" not in body  # that of a person is not told


def test_figures_count_honestly(here: Mediating, visit: Visit) -> None:
    for _ in range(3):
        here.agreed()
    for action, who, data in (
        ("fail", "mediator", {"reason": "差距大"}), ("stop", "landlord", {}), ("expire", "", {}),
        ("unreachable", "organiser", {"reason": "停机"}), ("reconcile", "resident", {}),
    ):  # fmt: skip
        do(action, here.actor(who) if who else SYSTEM, here.mediating(), **data)
    keep_all()
    found = counted(small.TOWN, 30)
    [whole] = figures(found, "whole")
    assert (whole.ended, whole.agreed, whole.failed) == (8, 3, 2)
    assert (whole.unwilling, whole.unreachable, whole.reconciled) == (1, 1, 1)
    assert whole.success == 3 / 5
    assert whole.filtered == 4 / 8
    for group in ("kind", "body", "mediator", "place"):
        rows = figures(found, group)
        assert sum(row.ended for row in rows) == 8, group
        assert sum(row.agreed for row in rows) == 3, group
    assert figures(counted("4419", 30), "whole") == []
    mediator = Mediator.objects.get(pk=here.mediators["mediator"].pk)
    assert (mediator.agreed, mediator.failed) == (3, 2)
    assert open_cases([mediator.pk]) == {}
    assert "5 件调成 3 件" in visit().get("/mediation").content.decode()


def test_figures_are_counted_once_an_hour_and_by_the_program_ahead_of_those_who_look(here: Mediating) -> None:
    counted(small.TOWN, 30)
    do("fail", here.actor("mediator"), here.mediating(), reason="差距大")
    keep_all()
    assert figures(counted(small.TOWN, 30), "whole") == []
    count_again()
    [whole] = figures(counted(small.TOWN, 30), "whole")
    assert whole.failed == 1
