"""The pages of justice: the desk of terms, a case beside its matters with its rights, the turn of legal aid."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.people.models import Person, Post
from mumian.systems.justice import figures
from mumian.systems.justice.assigning import Case, Lawyer, ranked
from mumian.systems.justice.importing import export, import_lawyers
from mumian.systems.justice.models import Counsel
from tests.engine.city import at
from tests.systems.justice import whole as agencies
from tests.systems.justice.test_stages import PLEA
from tests.systems.justice.whole import Whole, rights, stage
from tests.web import city as small
from tests.web.city import GRID, City

NOW = timezone.localtime().replace(second=0, microsecond=0)


def day(days: float) -> str:
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def whole(city: City) -> Whole:
    return agencies.found(city)


@pytest.fixture
def visit(visit):
    """Everybody reads English here."""
    return lambda who: visit(who, language="en")


def at_review(whole: Whole) -> Matter:
    """A theft that the police handed over for prosecution; one right was given."""
    case = whole.detained(on=day(-20))
    whole.do(
        "police", "give", rights(case)["family"], on=day(-19.9), done_at=f"{day(-19.9)}:00+08:00", how="电话"
    )
    whole.do("police", "request-arrest", case, on=day(-18), to=whole.to("procuratorate"), facts="有录像")
    whole.do("procuratorate", "approve", stage(case, "arrest-review"), on=day(-15), reason="有社会危险性")
    whole.do("police", "execute-arrest", case, on=day(-15), arrested_at=f"{day(-15)}:00+08:00")
    whole.do("police", "transfer", case, on=day(-3), to=whole.to("procuratorate"), facts="事实清楚")
    return case


def test_a_supervisor_sees_every_running_term_and_how_cases_go(whole, visit, query_budget):
    case = at_review(whole)
    review = stage(case, "prosecution-review")
    whole.do("procuratorate", "return", review, on=day(-2), wanted="查明赃物去向")
    client = visit("case-supervisor")
    client.get("/justice")
    with query_budget("justice-desk-supervisor"):
        page = client.get("/justice").text
    for said in (
        "Process supervision",
        "Further investigation",
        "查明赃物去向",
        "The way of cases",
        "Arrest refused",
    ):
        assert said in page
    assert page.count("张某") >= 2


def test_an_agency_sees_its_own_terms_and_a_stranger_no_desk(whole, visit, query_budget):
    at_review(whole)
    client = visit("procuratorate")
    client.get("/justice")
    with query_budget("justice-desk"):
        page = client.get("/justice").text
    assert "Review for prosecution" in page
    assert "The way of cases" not in page
    assert "张某" not in visit("court").get("/justice").text
    assert visit("dispatcher").get("/justice").status_code == 403


def test_terms_are_paged_by_key(whole, visit):
    for number in range(8):
        whole.detained(on=day(-1 - number / 100), name=f"嫌疑人{number:02}")
    first = visit("case-supervisor").get("/justice").text
    assert "after=" in first
    after = first.split('href="?after=')[1].split('"')[0]
    second = visit("case-supervisor").get(f"/justice?after={after}").text
    shown = re.findall(r'/matters/([\w-]+)"', first), re.findall(r'/matters/([\w-]+)"', second)
    assert (len(shown[0]), len(shown[1])) == (30, 10)
    assert not set(shown[0]) & set(shown[1])
    assert visit("case-supervisor").get("/justice?after=nonsense").status_code == 200


def test_the_case_and_its_rights_stand_beside_its_matters(whole, visit, query_budget):
    case = at_review(whole)
    client = visit("police")
    client.get(f"/matters/{case.number}")
    with query_budget("justice-case"):
        page = client.get(f"/matters/{case.number}").text
    assert "The case" in page
    assert "Family told" in page
    assert stage(case, "prosecution-review").number not in page  # it is the procuratorate's
    review = stage(case, "prosecution-review")
    page = visit("procuratorate").get(f"/matters/{review.number}").text
    assert "Review of arrest" in page
    assert "Criminal investigation" not in page
    assert visit("procuratorate").get(f"/matters/{case.number}").status_code == 404
    whole.do("procuratorate", "plea", review, on=day(-1), **PLEA)


# --- legal aid --------------------------------------------------------------------------------------


def test_what_is_urgent_stands_first_on_the_desk_of_legal_aid(whole, visit):
    facts = {"offence": "04.01", "where": {"place": GRID}, "unit": whole.units["aid"], "reason": "困难"}
    for name, urgent in (("张某", False), ("急某", True)):
        whole.do("aid", "ask", opens="legal-aid", on=day(-1), name=name, urgent=urgent, **facts)
    page = visit("aid").get("/justice").text
    assert page.index(">Urgent<") < page.index("急某") < page.index("张某")


def test_a_supervisor_sees_how_long_files_wait_between_agencies(here, visit, monkeypatch):
    monkeypatch.setattr(figures, "FEWEST", 1)
    here.accepted()
    person = Person.objects.create_person("watch", small.PASSWORD, name="监控人")
    here.city.people["watch"] = person
    Post.objects.create(
        person=person, role_id="case-supervisor", organisation=here.units["procuratorate"], place="440103"
    )
    page = visit("watch").get("/justice").text
    assert "Files taken over" in page
    assert "from delivery to acceptance" in page


def test_the_figures_are_those_counted_by_hand(whole, monkeypatch, visit):
    """Two cases: one arrested, prosecuted in custody, tried on the fast track; one not arrested and not prosecuted."""
    monkeypatch.setattr(figures, "FEWEST", 1)
    do = whole.do
    one = whole.detained(on="2026-03-02 10:00")
    do("police", "request-arrest", one, on="2026-03-03 10:00", to=whole.to("procuratorate"), facts="有录像")
    do("procuratorate", "approve", stage(one, "arrest-review"), on="2026-03-05 10:00", reason="有必要")
    do("police", "execute-arrest", one, on="2026-03-05 12:00", arrested_at="2026-03-05T12:00+08:00")
    do("police", "transfer", one, on="2026-03-12 10:00", to=whole.to("procuratorate"), facts="清楚")
    review = stage(one, "prosecution-review")
    do("procuratorate", "plea", review, on="2026-03-13 10:00", **PLEA)
    to_court = {"to": whole.to("court"), "facts": "应当追究"}
    whole.begin("procuratorate", "prosecute", review, on="2026-03-22 10:00", **to_court)
    file = whole.file(review, "prosecute")
    whole.send("procuratorate", file, on="2026-03-22 10:00")
    whole.accept(file, on="2026-03-22 16:00")
    trial = stage(one, "first-trial")
    do("court", "choose-track", trial, on="2026-03-23 10:00", track="fast", over_one_year=False)
    verdict = {"verdict": "convicted", "sentence_months": 4, "served_at": "2026-03-26T10:00+08:00"}
    do("court", "announce", trial, on="2026-03-26 11:00", decision="judgment", **verdict)
    do("system", "take-effect", trial, on="2026-04-07 10:00")
    do("court", "hand-over", trial, on="2026-04-08 10:00", to=whole.to("prison"))
    other = whole.detained(on="2026-03-02 10:00", name="李某")
    do("police", "request-arrest", other, on="2026-03-03 10:00", to=whole.to("procuratorate"), facts="有录像")
    refusal = {"ground": "no-need", "refusal": "无社会危险性"}
    do("procuratorate", "refuse", stage(other, "arrest-review"), on="2026-03-07 10:00", **refusal)
    do("police", "release", other, on="2026-03-07 11:00", reason="不批准逮捕")
    do("police", "transfer", other, on="2026-03-08 10:00", to=whole.to("procuratorate"), facts="清楚")
    ended = stage(other, "prosecution-review")
    do("procuratorate", "not-prosecute", ended, on="2026-03-12 10:00", ground="discretion", reason="轻微")

    found = figures.reckoned("440103", at("2026-05-01 10:00"))
    handed, returned = found.pop("handed"), found.pop("returned")
    assert returned == []
    took = {name: round(days, 3) for name, days in found.pop("took").items()}
    assert found == {
        "arrests": 2, "refused": 1, "reviews": 2, "ended": 1, "prosecuted": 1, "held": 1, "trials": 1, "fast": 1,
    }  # fmt: skip
    # in the middle of 10 and 6 days, 2 and 4, 10 and 4; one trial of 17 days from when its file had come
    assert took == {"investigation": 8, "arrest-review": 3, "prosecution-review": 7, "first-trial": 17}
    hours = {each["unit"]: (each["count"], round(each["hours"], 3), each["again"]) for each in handed}
    units = whole.units
    assert hours == {units["procuratorate"]: (4, 0, 0), units["court"]: (1, 6, 0), units["prison"]: (1, 0, 0)}
    assert figures.reckoned("440104", at("2026-05-01 10:00"))["arrests"] == 0
    assert figures.keep(at("2026-05-01 10:00")) == 1
    page = visit("case-supervisor").get("/justice").text
    assert "As of " in page
    assert ">50%<" in page.replace(" ", "")


def lawyer(number: int, **more: Any) -> Lawyer:
    given: dict[str, Any] = {
        "fields": (),
        "languages": ("zh",),
        "place": "440103",
        "capacity": 5,
        "load": 0,
        "turn_at": None,
    }
    return Lawyer(UUID(int=number), f"律师{number}", "石溪律所", **{**given, **more})


def turn(day: int) -> datetime:
    return datetime.fromisoformat(f"2026-03-{day:02}T10:00+08:00")


THEFT = Case("04.01", "440103001001001", "zh")


def order(*lawyers: Lawyer, case: Case = THEFT) -> list[int]:
    return [each.lawyer.person.int for each in ranked(lawyers, case)]


def test_the_field_comes_first_then_the_turn_then_the_load():
    assert order(lawyer(1, turn_at=turn(9)), lawyer(2, turn_at=turn(2)), lawyer(3)) == [3, 2, 1]
    assert order(lawyer(1), lawyer(2, fields=("04",), turn_at=turn(9)), lawyer(3, fields=("03",))) == [
        2,
        1,
        3,
    ]
    assert order(lawyer(1, load=3, turn_at=turn(2)), lawyer(2, load=1, turn_at=turn(2))) == [2, 1]


def test_nobody_is_named_who_has_no_room_works_elsewhere_cannot_speak_or_had_it_before():
    full, far = lawyer(1, load=5), lawyer(2, place="440104")
    mute, before = lawyer(3, languages=("en",)), lawyer(4)
    case = Case("04.01", THEFT.place, "zh", frozenset({before.person}))
    assert order(full, far, mute, before, lawyer(5), case=case) == [5]


def test_every_candidate_comes_with_reasons():
    [first] = ranked([lawyer(1, fields=("04",), load=2, turn_at=turn(2))], THEFT)
    assert first.en == ("the field fits", "last turn on 2026-03-02", "2 of at most 5 in hand")
    assert len(first.zh) == len(first.en)


def roster(tmp_path: Path, *rows: str) -> tuple[Any, list[Any]]:
    file = tmp_path / "roster.csv"
    file.write_text("执业证号,姓名,法律援助机构,地点编码,专长,最多在办\n" + "\n".join(rows), encoding="utf-8")
    turned_away: list[Any] = []
    places = {"440103": "440103"}
    return import_lawyers(file, place_of=places.get, reject=turned_away.append), turned_away


def test_a_roster_comes_from_a_table_and_goes_to_one(whole, tmp_path):
    good, odd = "L1,李律师,aid,440103,04.01,5", "L2,王律师,nowhere,440103,,5"
    done, turned_away = roster(tmp_path, good, odd, "L3,赵律师,aid,440103,99,5", "L4,钱律师,aid,440103,,many")
    assert (done.added, done.rejected) == (1, 3)
    assert [each.line for each in turned_away] == [3, 4, 5]
    with (tmp_path / "out.csv").open("w+", encoding="utf-8", newline="") as file:
        assert export(file) == 1
        assert "L1,李律师" in (tmp_path / "out.csv").read_text(encoding="utf-8") or file.tell()
    assert roster(tmp_path, good)[0].changed == 1


def test_the_one_who_is_next_is_named_by_one_click_with_the_reasons(whole, visit, tmp_path):
    roster(tmp_path, "L1,李律师,aid,440103,04.01,5", "L2,王律师,aid,440103,,5")
    case = whole.detained(minor=True)
    whole.do("police", "notify-aid", rights(case)["legal-aid"], to=whole.to("aid"))
    asked = stage(case, "legal-aid")
    client = visit("aid")
    page = client.get(f"/matters/{asked.number}").text
    assert page.index("李律师") < page.index("王律师")
    chosen = Counsel.objects.get(code="L1").person_id
    client.post(f"/justice/aid/{asked.number}/name", {"lawyer": chosen.hex})
    asked.refresh_from_db()
    assert (asked.state, asked.data["lawyer"]) == ("assigned", chosen.hex)
    assert "专长对口" in asked.data["why"] or "the field fits" in asked.data["why"]
    assert client.post(f"/justice/aid/{asked.number}/name", {"lawyer": chosen.hex}).status_code == 302
    assert (
        visit("police").post(f"/justice/aid/{asked.number}/name", {"lawyer": chosen.hex}).status_code == 404
    )
