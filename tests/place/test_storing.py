"""Storing places, and the atlas that each process keeps of them."""

from datetime import timedelta

import pytest
import shapely
from django.db.models import F

from mumian.place import loading
from mumian.place.loading import current_atlas, forget_atlas
from mumian.place.models import Place
from mumian.place.storing import Stored, store
from tests.place.tilings import region, square

pytestmark = pytest.mark.django_db

CITY, DISTRICT, TOWN = "4401", "440104", "440104001"


def test_storing_the_same_again_changes_nothing() -> None:
    places = [region(CITY, square(113, 23), "广州市"), region(TOWN, name="洪桥街道", population=3)]
    assert store(places) == Stored(added=2)
    assert store(places) == Stored(unchanged=2)


def test_what_is_left_empty_stays_as_it_is_known() -> None:
    store([region(CITY, square(113, 23), "广州市", name_en="Guangzhou", aliases=("羊城",), population=5)])
    assert store([region(CITY, name="广州市")]) == Stored(unchanged=1)
    assert store([region(CITY, name="广州市", aliases=("穗",))]) == Stored(changed=1)
    place = Place.objects.get()
    assert (place.name_en, place.aliases, place.population) == ("Guangzhou", ["羊城", "穗"], 5)
    assert place.outline is not None


def test_a_name_that_is_given_up_stays_as_an_alias() -> None:
    store([region(TOWN, name="东山街道")])
    store([region(TOWN, name="洪桥街道")])
    assert current_atlas().find("东山街道")[0].code == TOWN


def test_the_centre_lies_inside_even_a_crescent() -> None:
    crescent = square(113, 23).difference(square(113.1, 23.1, 2))
    store([region(CITY, crescent)])
    place = Place.objects.get()
    assert shapely.contains_xy(crescent, place.lon, place.lat)


def test_a_place_that_comes_later_becomes_the_parent_of_those_below() -> None:
    store([region(CITY), region(TOWN)])
    assert Place.objects.get(code=TOWN).parent == CITY
    store([region(DISTRICT)])
    assert Place.objects.get(code=TOWN).parent == DISTRICT


def test_places_are_narrowed_to_those_within_another() -> None:
    store([region(CITY), region(DISTRICT), region(TOWN), region("4402"), region("44")])
    assert list(Place.objects.within(CITY).values_list("code", flat=True)) == [CITY, DISTRICT, TOWN]
    assert Place.objects.within("").count() == 5


def test_many_places_are_stored_with_few_queries(django_assert_max_num_queries: object) -> None:
    places = [region(f"{TOWN}{number:03}", square(113, 23)) for number in range(1, 999)]
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert store(places) == Stored(added=998)


def test_progress_is_told_in_places() -> None:
    told: list[int] = []
    store((region(f"{TOWN}{number:03}") for number in range(1, 999)), progress=told.append)
    assert told == [998]


def test_a_place_is_called_by_its_name_in_the_readers_language() -> None:
    place = Place(code=CITY, name="广州市", name_en="Guangzhou")
    assert str(place) == "广州市"
    assert place.region().called("en") == "Guangzhou"


def test_the_atlas_is_kept_and_asks_nothing_while_it_is_fresh(django_assert_num_queries: object) -> None:
    store([region(CITY)])
    atlas = current_atlas()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert current_atlas() is atlas


def test_the_atlas_stays_as_long_as_no_place_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "FRESH_FOR", -1)
    store([region(CITY)])
    assert current_atlas() is current_atlas()


def test_a_change_by_another_process_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "FRESH_FOR", -1)
    store([region(CITY, name="广州市"), region("4402")])
    assert current_atlas().name(CITY) == "广州市"
    Place.objects.filter(code=CITY).update(name="穗", changed_at=F("changed_at") + timedelta(microseconds=1))
    assert current_atlas().name(CITY) == "穗"
    Place.objects.filter(code="4402").delete()
    assert "4402" not in current_atlas()


def test_a_change_in_this_process_is_seen_at_once() -> None:
    store([region(CITY, name="广州市")])
    assert current_atlas().name(CITY) == "广州市"
    store([region(CITY, name="穗城")])
    assert current_atlas().name(CITY) == "穗城"


def test_the_atlas_is_loaded_with_one_query_for_its_places_and_one_for_its_stamp(
    django_assert_num_queries: object,
) -> None:
    store([region(CITY), region(TOWN)])
    forget_atlas()
    with django_assert_num_queries(2):  # type: ignore[operator]
        current_atlas()
