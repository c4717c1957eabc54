"""Who mediates: chosen by both, or appointed; never one who is tied to a side, whoever asks for it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from mumian.engine.models import Clock
from mumian.engine.perform import Act, perform
from mumian.record.models import Entry
from mumian.systems.mediation.appointing import appoint, appoint_all, candidates, choose, match_waiting
from mumian.systems.mediation.models import Case, Mediator, Tie, TieSort
from tests.systems.mediation.dispute import Mediating, allowed, codes, data, do, found, state
from tests.web import city as small

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


def names(here: Mediating, matter: UUID) -> list[str]:
    from mumian.engine.storing import load

    return [each.mediator.person.name for each in candidates(load([matter])[matter])]


def test_both_name_the_same_and_that_one_is_asked(here: Mediating) -> None:
    matter = here.choosing()
    allowed(choose(here.actor("resident"), matter, here.mediators["mediator"].pk))
    assert state(matter) == "choosing"
    allowed(choose(here.actor("landlord"), matter, here.mediators["mediator"].pk))
    assert state(matter) == "appointed"
    assert data(matter)["how"] == "chosen"
    entry = Entry.objects.filter(subject=matter, action="appoint").get()
    assert entry.person == here.city.people["landlord"].pk
    assert entry.body["via"] == "mediation"


def test_where_the_other_side_leaves_it_ones_choice_is_enough(here: Mediating) -> None:
    matter = here.choosing(leave_requester=True)
    allowed(choose(here.actor("landlord"), matter, here.mediators["second"].pk))
    assert state(matter) == "appointed"


@pytest.mark.parametrize("sort", list(TieSort))
def test_one_tied_to_a_side_is_neither_offered_nor_chosen_nor_appointed(
    here: Mediating, sort: TieSort
) -> None:
    Tie.objects.create(mediator=here.mediators["mediator"], sort=sort, name="孙房东")
    matter = here.choosing(leave_requester=True)
    assert "王调解" not in names(here, matter)
    assert codes(choose(here.actor("landlord"), matter, here.mediators["mediator"].pk)) == ["conflict"]
    expire_choice(matter)
    assert codes(appoint(here.actor("organiser"), matter, here.mediators["mediator"].pk)) == ["conflict"]
    assert state(matter) == "choosing"


def test_a_mediator_of_the_firm_that_is_a_side_is_left_out(here: Mediating) -> None:
    matter = here.choosing(respondent_name="木棉律师事务所")
    assert "周律师" not in names(here, matter)


def test_a_mediator_of_the_same_firm_as_a_representative_is_left_out(here: Mediating) -> None:
    colleague = Mediator.objects.get(pk=here.mediators["second"].pk)
    colleague.firm = "木棉律师事务所"
    colleague.save()
    matter = here.choosing()
    from dataclasses import replace

    agent = replace(here.actor("second"), bearer=(matter, "respondent-agent"))
    do("join", agent, matter)
    assert names(here, matter) == ["王调解"]


def test_one_who_was_replaced_is_not_asked_again(here: Mediating) -> None:
    matter = here.mediating()
    do("replace", here.actor("organiser"), matter, reason="与一方是同事")
    assert "王调解" not in names(here, matter)


def test_the_program_cannot_be_led_round_by_the_act_itself(here: Mediating) -> None:
    matter = here.choosing()
    person = here.mediators["mediator"].person_id.hex
    for who in ("organiser", "landlord", "mediator"):
        [result] = perform([Act("appoint", here.actor(who), {"mediator": person, "how": "chosen"}, matter)])
        assert codes(result)[0] in ("not-yours", "missing")


def test_the_organiser_appoints_when_the_time_to_choose_is_over(here: Mediating) -> None:
    matter = here.choosing()
    organiser = here.actor("organiser")
    assert codes(appoint(organiser, matter, here.mediators["second"].pk)) == ["choice-is-over"]
    expire_choice(matter)
    assert codes(appoint(here.actor("mediator"), matter, here.mediators["second"].pk)) == ["missing"]
    allowed(appoint(organiser, matter, here.mediators["second"].pk, why="就近"))
    assert data(matter)["how"] == "appointed"
    assert Case.objects.get(pk=matter).mediator == here.mediators["second"]


def test_language_and_room_for_one_more_are_hard_rules(here: Mediating) -> None:
    matter = here.choosing(language="yue")
    assert names(here, matter) == ["赵调解"]
    Mediator.objects.filter(pk=here.mediators["second"].pk).update(capacity=0)
    assert names(here, matter) == []
    refused = choose(here.actor("resident"), matter, here.mediators["second"].pk)
    assert codes(refused) == ["full"]


def test_all_that_wait_are_matched_at_once_and_appointed_with_one_click(here: Mediating) -> None:
    matters = [here.choosing(leave_requester=True) for _ in range(3)]
    for each in matters:
        expire_choice(each)
    proposals = match_waiting(here.actor("organiser"))
    assert {each.matter.id for each in proposals} == set(matters)
    wanted = [
        (each.matter.id, each.candidate.mediator.pk, "") for each in proposals if each.candidate is not None
    ]
    assert len(wanted) == 3
    for result in appoint_all(here.actor("organiser"), wanted):
        allowed(result)
    assert match_waiting(here.actor("organiser")) == []
    assert match_waiting(here.actor("resident")) == []


def expire_choice(matter: UUID) -> None:
    """The time both sides have to choose has run out."""
    past = timezone.now() - timedelta(days=1)
    Clock.objects.filter(matter=matter, name="choose").update(due_at=past)
