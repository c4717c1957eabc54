"""What anybody may see of what was reported: kinds, places and states, and nothing anybody wrote."""

from __future__ import annotations

from typing import Any

import pytest

from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import ANYONE, SYSTEM
from tests.conftest import QueryBudget
from tests.web.city import GRID, City

pytestmark = pytest.mark.django_db

WORDS = "楼下的路灯坏了，我是三栋的老王"


def reported(city: City, kind: str) -> str:
    act = Act(
        "report", ANYONE, {"what": WORDS, "where": {"place": GRID}, "category": kind}, opens="grid-event"
    )
    [result] = perform([act], quiet=True)
    assert isinstance(result, Done)
    return result.number


def test_what_was_reported_is_listed_without_anybodys_words(city: City, visit: Any) -> None:
    number = reported(city, "03.03")
    page = visit().get("/around").content.decode()
    assert number in page
    assert "路灯照明" in page
    assert "老王" not in page


def test_quarrels_and_what_has_no_kind_yet_are_not_listed(city: City, visit: Any) -> None:
    quarrel, private = reported(city, "08.01"), reported(city, "01.01")
    perform(
        [Act("report", ANYONE, {"what": WORDS, "where": {"place": GRID}}, opens="grid-event")], quiet=True
    )
    unsorted = Matter.objects.get(category="").number
    page = visit().get("/around").content.decode()
    assert not any(number in page for number in (quarrel, private, unsorted))


def test_what_is_settled_is_listed_as_such(city: City, visit: Any) -> None:
    number = reported(city, "03.03")
    matter = Matter.objects.get(number=number)
    perform([Act("reject", SYSTEM, {"reason": "不在本市"}, matter.pk)], quiet=True)
    assert number not in visit().get("/around").content.decode()
    assert number in visit().get("/around?settled=1").content.decode()


def test_an_address_that_makes_no_sense_shows_the_whole(city: City, visit: Any) -> None:
    number = reported(city, "03.03")
    assert number in visit().get("/around?place=nowhere&after=%00x&settled=perhaps").content.decode()


def test_it_asks_the_database_little(city: City, visit: Any, query_budget: QueryBudget) -> None:
    for _ in range(5):
        reported(city, "03.03")
    client = visit()
    client.get("/around")
    with query_budget("web: GET /around"):
        client.get("/around")
