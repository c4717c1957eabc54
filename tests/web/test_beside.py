"""Two matters side by side: what tells whether they are the same, and merging one into the other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mumian.engine.models import Matter
from tests.conftest import QueryBudget
from tests.web.city import NEXT_SPOT, City, reported

pytestmark = pytest.mark.django_db


def two(city: City) -> tuple[str, str]:
    return reported(city).number, reported(city, "下水道又堵了", NEXT_SPOT).number


def test_both_are_told_with_how_far_apart_they_lie(city: City, visit: Any) -> None:
    one, other = two(city)
    page = visit("dispatcher").get(f"/matters/{one}/beside/{other}").content.decode()
    assert "下水道堵塞" in page
    assert "下水道又堵了" in page
    assert re.search(r"相距\s*2\d\d\s*米", page)


def test_the_matter_page_leads_there(city: City, visit: Any) -> None:
    one, other = reported(city).number, reported(city).number
    page = visit("dispatcher").get(f"/matters/{one}").content.decode()
    assert f"/matters/{one}/beside/{other}" in page


def test_one_is_merged_into_the_other_with_one_button(city: City, visit: Any) -> None:
    one, other = two(city)
    client = visit("dispatcher")
    page = client.get(f"/matters/{one}/beside/{other}").content.decode()
    form = re.search(rf'<form method="post" action="(/matters/{one}/do/\w+)">(.*?)</form>', page, re.S)
    assert form is not None
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    assert client.post(form[1], sent).status_code == 302
    merged = Matter.objects.get(number=one)
    assert merged.merged_into == Matter.objects.get(number=other).pk
    assert Matter.objects.get(number=other).reports == 2


def test_who_may_not_see_one_of_them_sees_neither(city: City, visit: Any) -> None:
    one, other = two(city)
    assert visit("officer").get(f"/matters/{one}/beside/{other}").status_code == 404
    assert visit("dispatcher").get(f"/matters/{one}/beside/{one}").status_code == 404


def test_it_asks_the_database_little(city: City, visit: Any, query_budget: QueryBudget) -> None:
    one, other = two(city)
    client = visit("dispatcher")
    client.get(f"/matters/{one}/beside/{other}")
    with query_budget("web: GET /matters/{number}/beside/{other}"):
        client.get(f"/matters/{one}/beside/{other}")
