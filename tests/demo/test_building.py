"""The demo city in the database: complete, and alive."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction
from django.db.models import Count

from mumian import demo
from mumian.demo import DemoCity
from mumian.demo.plan import CODE, PLANS
from mumian.engine import world
from mumian.engine.installing import install
from mumian.engine.models import Kind, Matter
from mumian.engine.visible import visible
from mumian.errors import MumianError
from mumian.intake.models import Responsibility
from mumian.people.actor import Actor
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level
from mumian.place.loading import forget_atlas
from mumian.place.models import Place
from mumian.record.models import Entry
from mumian.systems.grid.patrols import plan_patrols

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
SHORT = replace(PLANS["small"], days=20, reports_a_day=12)


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker) -> Iterator[DemoCity]:
    """A demo city with a short past, for all tests here; it goes again afterwards."""
    patch = pytest.MonkeyPatch()
    patch.setitem(PLANS, "small", SHORT)
    with django_db_blocker.unblock(), transaction.atomic():
        install()
        built = demo.build("small", today=TODAY)
        connection.check_constraints()  # once here, else at the end of every test
        yield built
        transaction.set_rollback(True)
    patch.undo()
    _forget()


def _forget() -> None:
    world.forget()
    forget_atlas()


def _as(username: str) -> Actor:
    return Post.objects.select_related("role", "organisation").get(person__username=username).as_actor()


def _everything() -> list[tuple[object, ...]]:
    columns = (
        "id",
        "seq",
        "state",
        "title",
        "place",
        "lon",
        "category",
        "late",
        "closed_at",
        "due_at",
        "mark",
    )
    return list(Matter.objects.order_by("id").values_list(*columns))


def test_all_places_are_there_each_in_the_one_above(city):
    levels = dict(Place.objects.values_list("level").annotate(Count("code")))
    assert levels == {Level.CITY: 1, Level.DISTRICT: 2, Level.TOWN: 6, Level.COMMUNITY: 24, Level.GRID: 240}
    assert not Place.objects.exclude(code=CODE).filter(parent="").exists()
    assert not Place.objects.filter(name_en="").exists()


def test_names_are_not_shared_by_towns_nor_by_communities_of_one_district(city):
    towns = Place.objects.filter(level=Level.TOWN).values_list("name", flat=True)
    assert len(set(towns)) == len(towns)
    for district in Place.objects.filter(level=Level.DISTRICT):
        names = (
            Place.objects.within(district.code).filter(level=Level.COMMUNITY).values_list("name", flat=True)
        )
        assert len(set(names)) == len(names)


def test_every_kind_has_a_unit_with_officers_wherever_a_matter_may_be(city):
    for kind in Kind.objects.exclude(unit_kind=""):
        for grid in city.grids[::40]:
            assert city.officers(city.unit_for(kind, grid))


def test_the_responsibility_table_names_one_unit_for_each_kind_in_each_grid(city):
    rows = Responsibility.objects.values_list("kind", "place", "unit")
    table = {(kind, place): unit for kind, place, unit in rows}
    for kind in Kind.objects.exclude(unit_kind=""):
        for grid in city.grids[::40]:
            found = [
                table[kind.code, grid[:digits]] for digits in range(16) if (kind.code, grid[:digits]) in table
            ]
            assert found == [city.unit_for(kind, grid)]


def test_every_lineage_leads_from_the_unit_itself_up_to_the_city(city):
    alone = Organisation.objects.filter(
        kind="emergency-unit"
    )  # who helps in one sees no other unit's matters
    assert all(unit.lineage == [unit.pk] for unit in alone)
    top = Organisation.objects.exclude(kind="emergency-unit").get(parent=None)
    for unit in Organisation.objects.exclude(kind="emergency-unit").select_related("parent"):
        assert unit.lineage[0] == unit.pk
        assert unit.lineage[-1] == top.pk
        assert unit.lineage[1:] == (unit.parent.lineage if unit.parent else [])


def test_every_grid_has_a_worker_and_every_town_a_dispatcher(city):
    workers = Post.objects.filter(role="grid-worker").values_list("place", flat=True)
    assert sorted(workers) == list(city.grids)
    towns = Place.objects.filter(level=Level.TOWN).values_list("code", flat=True)
    assert set(towns) <= set(Post.objects.filter(role="dispatcher").values_list("place", flat=True))


def test_the_demo_accounts_can_sign_in_and_nobody_else_can(city):
    names = {account.name for account in city.accounts}
    loop = {"resident", "grid", "dispatcher", "officer", "supervisor", "commander", "admin"}
    help_and_peace = {"duty", "responder", "organiser", "mediator", "neighbour", "court"}
    justice = {
        "police", "prosecutor", "upper-prosecutor", "judge", "upper-judge", "warden", "detention", "lawyer", "aid",
        "monitor", "keeper",
    }  # fmt: skip
    assert names == loop | help_and_peace | justice
    for account in city.accounts:
        person = Person.objects.get(username=account.name)
        assert check_password(account.password, person.password)
        assert "·" in account.role
    assert not any(person.has_usable_password() for person in Person.objects.exclude(username__in=names))


def test_matters_are_in_every_state_and_have_ended_in_every_way(city):
    events = Matter.objects.filter(procedure="grid-event")
    definition = world.city().procedure("grid-event").definition
    assert set(events.values_list("state", flat=True)) == set(definition.states)
    assert set(events.exclude(outcome="").values_list("outcome", flat=True)) == set(definition.outcomes)
    tasks = Matter.objects.filter(procedure="joint-task").values_list("state", flat=True)
    assert {"asked", "answered"} <= set(tasks)
    done = Entry.objects.filter(subject__in=events.values("id")).values_list("action", flat=True)
    assert set(definition.actions) <= set(done)


def test_most_of_the_old_is_closed_and_most_of_that_was_in_time(city):
    events = Matter.objects.filter(procedure="grid-event")
    closed = events.exclude(closed_at=None)
    assert closed.count() > 0.6 * events.count()
    assert 0.02 < closed.filter(late=True).count() / closed.count() < 0.2


def test_hazards_are_checked_again_and_patrols_walked(city):
    rechecks = Matter.objects.filter(procedure="hazard-recheck")
    assert set(rechecks.values_list("state", flat=True)) >= {"due", "safe"}
    assert set(Matter.objects.filter(procedure="patrol").values_list("state", flat=True)) >= {
        "planned",
        "walked",
    }


def test_the_program_goes_on_with_the_patrols_that_are_planned(city):
    assert plan_patrols(TODAY) == 0
    assert plan_patrols(TODAY + timedelta(days=7)) > 0


def test_nothing_happens_before_the_past_begins_or_after_today(city):
    at = (
        Entry.objects.filter(subject__in=Matter.objects.values("id"))
        .order_by("at")
        .values_list("at", flat=True)
    )
    first, *_, last = at
    assert TODAY - timedelta(days=SHORT.days) <= first < last <= TODAY


def test_each_matter_lies_in_the_grid_it_names(city):
    rows = Matter.objects.filter(procedure="grid-event").values_list("place", "lon", "lat")
    places, lon, lat = zip(*rows, strict=True)
    assert list(city.atlas.locate(np.array(lon), np.array(lat))) == list(places)


@pytest.mark.parametrize(
    ("username", "states"),
    [
        ("dispatcher", {"reported", "assigned", "working", "paused", "checking", "unfixable"}),
        ("officer", {"assigned", "working", "paused", "checking"}),
        ("grid", {"reported", "checking"}),
    ],
)
def test_each_account_has_something_to_do_today(city, username, states):
    there = visible(_as(username)).filter(closed_at=None).values_list("state", flat=True)
    assert states <= set(there)


def test_the_resident_has_reported_and_can_follow(city):
    resident = Actor(person=Person.objects.get(username="resident").pk)
    assert visible(resident).count() > 3


def test_building_again_changes_nothing_and_asks_little(city, django_assert_max_num_queries):
    before = _everything()
    with django_assert_max_num_queries(5):
        again = demo.build("small")
        assert again.accounts == city.accounts
    assert again.today == TODAY
    assert _everything() == before


def test_another_scale_is_refused_with_the_cure(city):
    with pytest.raises(MumianError, match="--scale small"):
        demo.build("city")
