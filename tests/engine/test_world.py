"""What the engine knows beside matters: kept in memory, and looked at again when it has changed elsewhere."""

import pytest
from django.db.models import F

from mumian.engine import world
from mumian.engine.installing import install
from mumian.engine.models import CalendarDay, Installation, Kind
from mumian.engine.rules import Rules
from mumian.people.models import Organisation
from tests.engine.city import CITY, WATER, at

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def looking(monkeypatch):
    """The world is looked at at every turn."""
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", 0)


def elsewhere() -> None:
    """What `changed` does, in another process."""
    Installation.objects.update(stamp=F("stamp") + 1)


def test_a_unit_closed_elsewhere_is_no_longer_known(looking):
    assert world.city().world.known.unit(WATER)
    Organisation.objects.filter(pk=WATER).update(active=False)
    assert world.city().world.known.unit(WATER)  # nobody has said so yet
    elsewhere()
    assert not world.city().world.known.unit(WATER)
    assert WATER in world.city().units  # matters it has had can still name it


def test_what_is_unchanged_is_kept(looking):
    assert world.city() is world.city()


def test_within_a_second_nobody_asks_the_database(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", 1e9)
    world.city()
    with django_assert_num_queries(0):
        world.city()


def test_a_change_here_is_seen_at_once():
    Kind.objects.filter(catalogue="grid", code="01.01").update(active=False)
    world.changed()
    known = world.city().world.known
    assert not known.kind("grid", "01.01")
    assert known.kind("grid", "01.02")
    assert not known.kind("no-such", "01.02")


def test_places_are_known_by_their_codes():
    assert world.city().world.known.place(CITY)
    assert not world.city().world.known.place("9999")


def test_a_kind_takes_the_limit_of_the_kind_above_it():
    limits = world.LimitOf({"grid": {"06": {"resolve": "9 days"}, "06.03": {"respond": "1 hour"}}})
    assert limits("grid", "06.03", "respond") == "1 hour"
    assert limits("grid", "06.03", "resolve") == "9 days"
    assert limits("grid", "06.03.01", "resolve") == "9 days"
    assert limits("grid", "06", "respond") is None
    assert limits("grid", "", "resolve") is None
    assert limits("other", "06", "resolve") is None


def test_the_desk_ends_at_the_place_of_the_installation():
    Installation.objects.update(place=CITY)
    world.changed()
    assert world.city().world.top == CITY


def test_the_stored_calendar_is_chinas():
    calendar = world.city().world.calendar
    assert calendar.is_working(at("2026-02-14 00:00").date())
    assert not calendar.is_working(at("2026-02-16 00:00").date())
    assert calendar.why(at("2026-02-16 00:00").date()) == "春节 / Spring Festival"
    assert CalendarDay.objects.filter(day="2026-02-28", working=True).exists()


def test_installing_again_changes_nothing():
    before = {table: list(table.objects.order_by("pk").values()) for table in (Kind, CalendarDay)}
    key = bytes(Installation.objects.get().key)
    install()
    assert {table: list(table.objects.order_by("pk").values()) for table in (Kind, CalendarDay)} == before
    assert bytes(Installation.objects.get().key) == key


def test_two_rules_of_one_name_from_two_systems_are_refused():
    rules = Rules()

    def one(around):
        return None

    def other(around):
        return None

    other.__module__ = "another.system"
    rules.condition("sunny")(one)
    rules.condition("sunny")(one)  # a module loaded again
    with pytest.raises(ValueError, match="two rules are called sunny"):
        rules.condition("sunny")(other)
