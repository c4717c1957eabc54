"""Names: the same place under its many forms, places mentioned in a text, and honest doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.place.atlas import Atlas
from mumian.place.codes import Level
from mumian.place.names import Reason, clean, common, stem
from tests.place.tilings import region

PLACES = {
    "440310": "坪山区",
    "440310001": "坪山街道",
    "440310001001": "六联社区",
    "440310001002": "和平社区",
    "440310003": "碧岭街道",
    "440310003001": "碧岭社区居民委员会",
    "440310006": "龙田街道",
    "440310006001": "老坑社区居民委员会",
    "440310006001012": "012网格",
    "440310006002": "龙田社区",
    "440310006002012": "012网格",
    "441323113": "白花镇",
    "441323113001": "石溪社区居委会",
    "441323113240": "石溪村民委员会",
    "441323113241": "和平村委会",
}


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(
        [
            *(region(code, name=name) for code, name in PLACES.items()),
            region("440104", name="越秀区", name_en="Yuexiu District", aliases=("东山区",)),
        ]
    )


def found(atlas: Atlas, text: str, **scope: object) -> list[str]:
    return [candidate.code for candidate in atlas.find(text, **scope)]  # type: ignore[arg-type]


def test_a_name_as_it_stands_is_exact(atlas: Atlas) -> None:
    (only,) = atlas.find("龙田街道")
    assert (only.code, only.score, only.reason) == ("440310006", 1.0, Reason.EXACT)


@pytest.mark.parametrize(
    "written", ["老坑社区", "老坑社区居委会", "老坑社区居民委员会", "老坑", " 老坑 社区 ", "老坑居委会"]
)
def test_a_community_is_found_under_every_form_of_its_name(atlas: Atlas, written: str) -> None:
    assert found(atlas, written) == ["440310006001"]


@pytest.mark.parametrize("written", ["龙田街", "龙田街道办", "龙田街道办事处"])
def test_a_subdistrict_is_found_under_every_form_of_its_name(atlas: Atlas, written: str) -> None:
    assert found(atlas, written) == ["440310006"]


def test_names_in_english_and_aliases_find_their_place_too(atlas: Atlas) -> None:
    for written in ("Yuexiu District", "yuexiu", "YUEXIU  district", "东山区"):
        assert found(atlas, written) == ["440104"]


def test_a_village_and_a_community_of_one_stem_are_told_apart(atlas: Atlas) -> None:
    assert found(atlas, "石溪村") == ["441323113240"]
    assert found(atlas, "石溪社区") == ["441323113001"]


def test_an_ambiguous_name_gives_every_place_with_the_same_score(atlas: Atlas) -> None:
    first, second = atlas.find("龙田")
    assert {first.code, second.code} == {"440310006", "440310006002"}
    assert first.score == second.score


def test_the_deepest_place_that_fits_the_chain_comes_first(atlas: Atlas) -> None:
    assert found(atlas, "龙田街道老坑社区") == ["440310006001"]
    assert found(atlas, "坪山区龙田街道龙田社区012网格有人乱倒垃圾")[0] == "440310006002012"
    assert found(atlas, "坪山六联社区的路灯坏了")[0] == "440310001001"


def test_an_ambiguous_place_in_a_text_is_settled_by_the_place_named_beside_it(atlas: Atlas) -> None:
    assert found(atlas, "白花镇和平那边的路塌了")[0] == "441323113241"


def test_places_that_contradict_each_other_are_both_doubtful(atlas: Atlas) -> None:
    candidates = atlas.find("坪山街道老坑社区")
    assert {candidate.code for candidate in candidates} == {"440310001", "440310006001"}
    assert all(candidate.score < 0.9 for candidate in candidates)


def test_a_stem_within_a_text_is_but_a_guess(atlas: Atlas) -> None:
    assert all(candidate.score < 0.7 for candidate in atlas.find("希望大家和平相处"))


def test_a_misspelt_name_gives_what_is_similar_with_a_low_score(atlas: Atlas) -> None:
    best = atlas.find("碧玲社区", within="440310")[0]
    assert (best.code, best.reason) == ("440310003001", Reason.SIMILAR)
    assert best.score < 0.7


def test_a_text_without_places_gives_none(atlas: Atlas) -> None:
    assert atlas.find("楼上半夜装修,噪音很大,睡不着觉,请尽快派人来处理一下,谢谢你们了") == []
    assert atlas.find("") == []


def test_one_may_look_within_a_place_and_at_one_level_only(atlas: Atlas) -> None:
    assert found(atlas, "和平", within="4413") == ["441323113241"]
    assert found(atlas, "龙田", level=Level.TOWN) == ["440310006"]
    assert found(atlas, "龙田街道老坑社区", level=Level.TOWN) == ["440310006"]


def test_numbers_within_other_numbers_are_not_taken_for_places(atlas: Atlas) -> None:
    assert atlas.find("电话1380120123，尾号012") == []


def test_many_texts_are_answered_in_their_order(atlas: Atlas) -> None:
    first, second, third = atlas.find_many(["老坑", "六联", "老坑"])
    assert first == third != second


def test_town_and_community_together_lead_to_one_code(atlas: Atlas) -> None:
    assert (
        atlas.code_of({Level.TOWN: "龙田街道", Level.COMMUNITY: "老坑社区"}, within="440310")
        == "440310006001"
    )
    assert atlas.code_of({Level.TOWN: "", Level.COMMUNITY: "老坑"}) == "440310006001"


@pytest.mark.parametrize(
    "names",
    [
        {Level.TOWN: "坪山街道", Level.COMMUNITY: "老坑社区"},
        {Level.TOWN: "没有的街道", Level.COMMUNITY: "老坑社区"},
        {Level.COMMUNITY: "石溪"},
        {Level.TOWN: ""},
    ],
)
def test_names_that_do_not_lead_to_one_place_lead_to_none(atlas: Atlas, names: dict[Level, str]) -> None:
    assert atlas.code_of(names) == ""


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_looked_up(text: str) -> None:
    atlas = Atlas(region(code, name=name) for code, name in PLACES.items())
    assert all(0 < candidate.score <= 1 for candidate in atlas.find(text))


@given(st.text("石溪村社区街道镇居民委员会老坑", min_size=1, max_size=12))
def test_the_forms_of_a_name_have_forms_no_shorter(name: str) -> None:
    for form in (clean, common, stem):
        assert form(form(name)) == form(name)
