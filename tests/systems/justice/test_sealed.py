"""When the records of a minor are sealed, which of them, and who keeps them; that no door leads there, `test_leaks` shows."""

from __future__ import annotations

import pytest

from mumian.engine.models import Matter
from mumian.notices.models import Hook
from mumian.systems.justice.bench import measure_warnings
from mumian.systems.justice.cases import matters_of
from mumian.systems.justice.jobs import seal_case
from mumian.systems.justice.packages import sending
from tests.systems.justice import whole as agencies
from tests.systems.justice.whole import Whole, rights, stage
from tests.web.city import GRID, City

NAME = "陈小勇"


@pytest.fixture
def whole(city: City) -> Whole:
    return agencies.found(city)


@pytest.fixture
def sealed(whole: Whole) -> Matter:
    """The review of a minor's case that was not prosecuted, sealed with all there is of the case."""
    case = whole.detained(minor=True, name=NAME)
    for right in rights(case).values():
        if right.data["right"] != "legal-aid":
            whole.do("police", "give", right, done_at="2026-03-02T10:00+08:00", how="已通知")
    whole.do("police", "release", case, reason="取保")
    whole.do("police", "transfer", case, to=whole.to("procuratorate"), facts="轻微")
    review = stage(case, "prosecution-review")
    whole.do("procuratorate", "not-prosecute", review, ground="discretion", reason="情节轻微")
    seal_case(case=case.pk.hex)
    return stage(case, "prosecution-review")


def test_the_whole_case_is_sealed_and_its_keeper_sees_what_his_agency_has(whole, sealed, visit):
    case = Matter.objects.get(pk=sealed.data["case"])
    there = Matter.objects.filter(pk__in=matters_of(case.pk)).exclude(closed_at=None)
    assert set(there.values_list("state", flat=True)) == {"sealed"}
    assert "investigation" not in whole.sees("police")
    assert "investigation" in whole.sees("police-keeper")
    assert visit("procuratorate-keeper").get(f"/matters/{sealed.number}").status_code == 200
    assert visit("procuratorate-keeper").get(f"/matters/{case.number}").status_code == 404


def test_a_sentence_of_five_years_or_less_is_sealed_while_it_is_carried_out_and_a_longer_one_is_not(whole):
    for months, state in ((60, "sealed"), (61, "handed")):
        case = whole.detained(on="2026-03-02 10:00", minor=True, name=f"{NAME}{months}")
        whole.do("police", "release", case, on="2026-03-03 10:00", reason="取保")
        whole.do("police", "transfer", case, on="2026-03-10 10:00", to=whole.to("procuratorate"), facts="有")
        review = stage(case, "prosecution-review")
        whole.do(
            "procuratorate", "prosecute", review, on="2026-03-20 10:00", to=whole.to("court"), facts="有"
        )
        seal_case(case=case.pk.hex)
        assert stage(case, "prosecution-review").state == "prosecuted"  # the case goes on
        verdict = {"verdict": "convicted", "sentence_months": months, "served_at": "2026-03-25T10:00+08:00"}
        whole.do(
            "court",
            "announce",
            stage(case, "first-trial"),
            on="2026-03-25 11:00",
            decision="judgment",
            **verdict,
        )
        whole.do("system", "take-effect", stage(case, "first-trial"), on="2026-04-07 10:00")
        whole.do(
            "court", "hand-over", stage(case, "first-trial"), on="2026-04-08 10:00", to=whole.to("prison")
        )
        seal_case(case=case.pk.hex)
        assert stage(case, "first-trial").state == state
        assert stage(case, "execution").state == "received"


def test_a_file_that_only_names_the_number_waits_for_all_who_are_in_the_case(whole):
    minor = whole.detained(minor=True, name=NAME, filed_as="越公刑〔2026〕1号")
    adult = whole.detained(name="成年人", filed_as="越公刑〔2026〕1号")
    police, to = whole.city.posts["police"].as_actor(), whole.units["procuratorate"]
    done = sending.prepare(police, receiver=to, case="越公刑〔2026〕1号", purpose="other", now=whole.now)
    file = Matter.objects.get(pk=done.matter)
    whole.send("police", file)
    whole.accept(file)
    for case in (minor, adult):
        whole.do("police", "drop", case, on="2026-03-03 10:00", reason="不构成犯罪")
    seal_case(case=minor.pk.hex)
    assert Matter.objects.get(pk=minor.pk).state == "sealed"
    assert Matter.objects.get(pk=file.pk).state == "accepted"  # another is in it, whose case is not sealed
    Matter.objects.filter(pk=adult.pk).update(state="sealed")
    seal_case(case=minor.pk.hex)
    received = Matter.objects.get(parent=file.pk)
    assert {Matter.objects.get(pk=file.pk).state, received.state} == {"sealed"}


def test_a_sealed_record_is_told_to_nobody(whole, sealed):
    from mumian.notices.hooks import events

    assert not Hook.objects.exists()
    assert events([(sealed.pk, sealed.seq)]) == []


# --- the round of warnings --------------------------------------------------------------------------


def test_a_round_of_warnings_misses_no_term_and_takes_away_what_was_made_up(whole):
    figures = {figure.name: figure for figure in measure_warnings(GRID, cases=240)}
    assert figures["justice_warnings_missed"].met
    assert "960 running terms" in figures["justice_warnings_missed"].against_what
    assert not Matter.objects.filter(channel="bench").exists()
