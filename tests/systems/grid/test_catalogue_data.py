"""What the grid ships as data: its catalogue of kinds and its patrol checklists."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mumian
from mumian.engine.limits import Limit
from mumian.yaml import load

GRID = Path(mumian.__file__).parent / "systems" / "grid"


def read(name: str) -> Any:
    return load(GRID / name)


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return read("catalogue.yaml")


@pytest.fixture(scope="module")
def patrols() -> Any:
    return read("patrols.yaml")


def minor(catalogue: Any) -> list[dict[str, Any]]:
    return [kind for major in catalogue["kinds"] for kind in major["minor"]]


def texts(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text: whatever is said in a language."""
    if isinstance(node, dict):
        if {"zh", "en"} & node.keys():
            yield path, node
        for key, below in node.items():
            yield from texts(below, f"{path}.{key}")
    elif isinstance(node, list):
        for position, below in enumerate(node):
            yield from texts(below, f"{path}.{position}")


def test_there_are_ten_major_and_47_minor_kinds(catalogue: Any) -> None:
    assert len(catalogue["kinds"]) == 10
    assert len(minor(catalogue)) == 47


def test_a_code_is_unique_and_begins_with_that_of_its_major_kind(catalogue: Any) -> None:
    for major in catalogue["kinds"]:
        assert all(kind["code"].startswith(f"{major['code']}.") for kind in major["minor"])
    codes = [major["code"] for major in catalogue["kinds"]] + [kind["code"] for kind in minor(catalogue)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", ["catalogue.yaml", "patrols.yaml"])
def test_every_text_is_there_in_both_languages(name: str) -> None:
    lacking = [path for path, words in texts(read(name)) if not (words.get("zh") and words.get("en"))]
    assert lacking == []


def test_no_title_is_used_twice(catalogue: Any) -> None:
    for language in ("zh", "en"):
        titles = Counter(kind["title"][language] for kind in minor(catalogue))
        assert max(titles.values()) == 1


def test_every_unit_named_is_listed_and_every_one_listed_is_named(catalogue: Any) -> None:
    assert {kind["unit"] for kind in minor(catalogue)} == set(catalogue["units"])
    assert {kind["at"] for kind in minor(catalogue)} <= {"district", "town", "community"}


def test_limits_can_be_read(catalogue: Any) -> None:
    for kind in minor(catalogue):
        assert set(kind["limits"]) == {"respond", "resolve"}
        for limit in kind["limits"].values():
            assert Limit.parse(limit).amount > 0


def test_no_keyword_belongs_to_two_kinds(catalogue: Any) -> None:
    owners = Counter(
        word.casefold()
        for kind in minor(catalogue)
        for language in ("zh", "en")
        for word in kind["keywords"][language]
    )
    assert [word for word, count in owners.items() if count > 1] == []


def test_a_chinese_keyword_does_not_stand_within_one_of_another_kind(catalogue: Any) -> None:
    words = [(word, kind["code"]) for kind in minor(catalogue) for word in kind["keywords"]["zh"]]
    assert [(one, other) for one, a in words for other, b in words if a != b and one in other] == []


def test_every_kind_has_enough_keywords(catalogue: Any) -> None:
    for kind in minor(catalogue):
        assert 8 <= len(kind["keywords"]["zh"]) <= 15, kind["code"]
        assert 5 <= len(kind["keywords"]["en"]) <= 8, kind["code"]


def test_what_a_failed_item_opens_is_in_the_catalogue(catalogue: Any, patrols: Any) -> None:
    assert patrols["catalogue"] == catalogue["catalogue"]
    known = {kind["code"] for kind in minor(catalogue)}
    for checklist in patrols["checklists"]:
        assert {item["kind"] for item in checklist["items"]} <= known, checklist["checklist"]


def test_checklists_can_be_worked_through(patrols: Any) -> None:
    names = [checklist["checklist"] for checklist in patrols["checklists"]]
    assert 6 <= len(names) == len(set(names)) <= 8
    assert {checklist["frequency"] for checklist in patrols["checklists"]} == set(patrols["frequencies"])
    for checklist in patrols["checklists"]:
        assert 8 <= len(checklist["items"]) <= 12, checklist["checklist"]


def test_homes_are_visited_only_where_that_was_asked_for(patrols: Any) -> None:
    visits = [each for each in patrols["checklists"] if each["checklist"] == "visits-asked-for"]
    assert [each["asked"] for each in visits] == [True]


def test_every_title_is_one_text_in_each_language_and_nothing_else(catalogue: Any) -> None:
    """A comma in an unquoted text of YAML would begin another key."""
    majors = catalogue["kinds"]
    titles = [kind["title"] for major in majors for kind in (major, *major["minor"])]

    assert {tuple(sorted(title)) for title in titles} == {("en", "zh")}
