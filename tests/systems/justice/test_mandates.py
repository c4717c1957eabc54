"""A mandate is of the case its agency has said it is of: by that alone follows what a lawyer reads, never by words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.people.actor import Actor
from mumian.systems.justice.defence import counsel, reading
from mumian.systems.justice.defence.rules import READING
from mumian.systems.justice.models import Counsel
from tests.systems.justice import whole as agencies
from tests.systems.justice.bar import act, did, refused, seen_by
from tests.systems.justice.whole import Whole, rights, stage
from tests.web.city import City

NUMBER = "越公刑〔2026〕318号"


@pytest.fixture
def whole(city: City) -> Whole:
    found = agencies.found(city)
    person = city.people["lawyer"]
    Counsel.objects.create(person=person, code="14401202010123456", place="44", verified_at=timezone.now())
    return found


def at_review(whole: Whole, **more: Any) -> Matter:
    """A case under review for prosecution, with the files for arrest and for review accepted; its number is no other's."""
    case = whole.detained(on="2026-03-02 10:00", **{"filed_as": NUMBER, **more})
    whole.do("police", "request-arrest", case, to=whole.to("procuratorate"), facts="有")
    whole.do("procuratorate", "approve", stage(case, "arrest-review"), reason="有")
    whole.do("police", "execute-arrest", case, arrested_at="2026-03-02T10:00+08:00")
    return whole.do(
        "police", "transfer", case, on="2026-03-09 10:00", to=whole.to("procuratorate"), facts="事实清楚"
    )


def lawyer(whole: Whole) -> Actor:
    return whole.city.posts["lawyer"].as_actor()


def mandate(whole: Whole, agency: str, of: Matter | None, client: str = "张某", case: str = NUMBER) -> UUID:
    """A mandate as it was filed in words, and what the agency says it is of."""
    said = {"unit": whole.units[agency], "client": client, "case": case, "ground": "entrusted"}
    key = did(counsel.file_mandate(lawyer(whole), said))
    joined = {"stage": of.pk.hex} if of else {}
    return act(whole.city.posts[agency].as_actor(), key, "confirm", case=case, **joined)


def read(whole: Whole, own: UUID) -> list[tuple[str, str]]:
    """For what, and from which case, each file is that may be read on a mandate."""
    matter = did(counsel.begin(lawyer(whole), own, READING, {}))
    files = reading.files_of(seen_by(lawyer(whole), matter))
    about = [UUID(Matter.objects.get(pk=each.sent or UUID(int=0)).data["about"]) for each in files]
    return [(each.purpose, Matter.objects.get(pk=key).number) for each, key in zip(files, about, strict=True)]


def test_two_cases_of_one_number_and_name_are_told_apart_by_what_the_agency_says(whole: Whole) -> None:
    one, other = at_review(whole), at_review(whole)
    own = mandate(whole, "procuratorate", stage(one, "prosecution-review"), case="随便写的案号")
    assert read(whole, own) == [("prosecution", one.number)]  # nor the file for arrest, which came before
    assert read(whole, mandate(whole, "procuratorate", stage(other, "arrest-review"))) == [
        ("prosecution", other.number)
    ]


def test_without_a_case_with_anothers_or_at_another_agency_nothing_is_read(whole: Whole) -> None:
    case, somebody = at_review(whole), at_review(whole, name="李某")
    review = stage(case, "prosecution-review")
    notice = rights(case)["family"]
    for agency, of in (
        ("procuratorate", None),
        ("procuratorate", stage(somebody, "prosecution-review")),
        ("procuratorate", case),  # the police's
        ("procuratorate", notice),
        ("police", case),  # before review there is nothing to read
        ("court", review),  # the court's own file has not come
    ):
        assert refused(counsel.begin(lawyer(whole), mandate(whole, agency, of), READING, {})) == [
            "not-yet"
        ], agency


def test_a_mandate_at_the_court_reads_what_the_court_has_accepted(whole: Whole) -> None:
    case = at_review(whole)
    review = stage(case, "prosecution-review")
    whole.begin("procuratorate", "prosecute", review, to=whole.to("court"), facts="盗窃")
    file = whole.file(review, "prosecute")
    assert file is not None
    whole.send("procuratorate", file)
    own = mandate(whole, "court", Matter.objects.get(pk=whole.come(file).matter.id))
    assert refused(counsel.begin(lawyer(whole), own, READING, {})) == ["not-yet"]
    whole.accept(file)
    act(whole.city.posts["court"].as_actor(), own, "join", stage=stage(case, "first-trial").pk.hex)
    assert read(whole, own) == [("trial", review.number)]


def test_a_file_that_comes_again_after_further_investigation_is_of_the_case(whole: Whole) -> None:
    case = at_review(whole)
    review = stage(case, "prosecution-review")
    whole.do("procuratorate", "return", review, wanted="查赃物去向")
    work = stage(case, "further-investigation")
    whole.do("police", "submit", work, on="2026-03-20 10:00", found="已查清")
    own = mandate(whole, "procuratorate", review)
    assert read(whole, own) == [("prosecution", case.number), ("prosecution", work.number)]


def test_from_legal_aid_the_case_and_the_client_are_known(whole: Whole, visit: Any) -> None:
    case, other = at_review(whole, minor=True), at_review(whole, minor=True)
    right = Matter.objects.get(parent=case.pk, procedure="right", data__right="legal-aid")
    whole.do("police", "notify-aid", right, to=whole.to("aid"))
    aid = stage(case, "legal-aid")
    whole.do("aid", "assign", aid, lawyer=whole.city.people["lawyer"].pk, why="轮到")
    there = f"/justice/defence/new?about={aid.pk.hex}"
    assert there in visit("lawyer").get(f"/matters/{aid.number}").content.decode()
    said = {"unit": whole.units["procuratorate"], "case": "不知道", "ground": "aid"}
    own = visit("lawyer").post(there, said)["Location"]
    assert Matter.objects.get(procedure="defence-mandate").data["client"] == "张某"
    page = visit("procuratorate").get(own).content.decode()
    number = stage(case, "prosecution-review").number
    assert f'value="{number}"' in page
    assert stage(other, "prosecution-review").number not in page
    assert visit("procuratorate").post(f"{own}/join", {"stage": number}).status_code == 302
    joined = Matter.objects.get(procedure="defence-mandate")
    assert joined.state == "confirmed"
    assert read(whole, joined.pk) == [("prosecution", case.number)]
