"""A matter goes to the unit that the table names, else to the one that history tells, else to the dispatcher."""

import csv
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.intake.classify import TextModel
from mumian.intake.keeping import ModelError
from mumian.intake.learning import Facts, Ground, Past
from mumian.intake.routing import Responsibility, ResponsibilityTable, RoutingModel, TableError, learn_routing

KINDS = ["05.01.01", "05.01.02", "05.02.01", "06.01.01"]
PLACES = ["440310101001", "440310101002", "440310102001"]
DAY = date(2018, 9, 1)


def row(kind: str, place: str, unit: str, basis: str = "") -> Responsibility:
    return Responsibility(kind=kind, place=place, unit=unit, basis=basis)


def facts(kind: str, place: str, *, channel: str = "12345", on: date = DAY) -> Facts:
    return Facts(features={"kind": kind, "place": place, "channel": channel}, on=on)


def past(kind: str, place: str, unit: str, *, on: date, channel: str = "12345") -> Past:
    known = facts(kind, place, channel=channel, on=on)
    return Past(features=known.features, on=on, label=unit)


@pytest.fixture(scope="module")
def history() -> list[Past]:
    chance = random.Random(7)
    found = []
    for n in range(300):
        kind, place = chance.choice(KINDS), chance.choice(PLACES)
        unit = f"community-{place}" if kind.startswith("05") else chance.choice(["water", "roads"])
        found.append(past(kind, place, unit, on=DAY + timedelta(days=n // 5)))
    return found


@pytest.fixture(scope="module")
def model(history: list[Past]) -> RoutingModel:
    return learn_routing(history)[0]


def test_the_smallest_place_wins_and_then_the_narrowest_kind() -> None:
    table = ResponsibilityTable(
        [
            row("", "", "district"),
            row("05.01", "440310", "bureau"),
            row("", "440310101", "town"),
            row("05", "440310101", "town-cleaning", "市容条例第八条"),
        ]
    )
    found = table.find("05.01.02", "440310101003")
    assert found is not None
    assert found.code == "town-cleaning"
    assert found.reason is not None
    assert (found.reason.ground, found.reason.basis) == (Ground.TABLE, "市容条例第八条")
    assert [
        each.code if (each := table.find(kind, place)) else None
        for kind, place in [("06", "440310101003"), ("05.01", "440310102"), ("06", "440310102")]
    ] == ["town", "bureau", "district"]


def test_a_kind_is_above_another_only_at_a_dot() -> None:
    table = ResponsibilityTable([row("5.1", "", "one")])
    assert table.find("5.10", "4403") is None
    assert table.find("5.1.7", "4403") is not None


def test_a_table_that_names_two_units_for_one_thing_is_refused() -> None:
    with pytest.raises(TableError, match="both a and b"):
        ResponsibilityTable([row("05", "4403", "a"), row("05", "4403", "b")])


codes = st.lists(st.sampled_from("12"), max_size=3).map(".".join)
areas = st.lists(st.sampled_from(["44", "03", "10"]), max_size=3).map("".join)


@given(st.dictionaries(st.tuples(areas, codes), st.sampled_from("abc"), max_size=8), areas, codes)
def test_what_the_table_finds_is_the_greatest_of_the_lines_that_hold(
    lines: dict[tuple[str, str], str], place: str, kind: str
) -> None:
    table = ResponsibilityTable([row(above, area, unit) for (area, above), unit in lines.items()])
    holding = [
        (len(area), len(above), unit)
        for (area, above), unit in lines.items()
        if place.startswith(area) and (not above or f"{kind}.".startswith(f"{above}."))
    ]
    found = table.find(kind, place)
    assert (found.code if found else None) == (max(holding)[2] if holding else None)


def test_history_tells_the_unit_and_how_often_it_was_so(model: RoutingModel, history: list[Past]) -> None:
    advice = model.suggest(facts("05.01.01", PLACES[0], on=DAY + timedelta(days=80)))
    assert advice.choice == f"community-{PLACES[0]}"
    reason = advice.suggestions[0].reason
    alike = [each for each in history if each.features["kind"] == "05.01.01"]
    here = [each for each in alike if each.features["place"] == PLACES[0]]
    assert reason is not None
    assert (reason.hits, reason.total, reason.shared) == (len(here), len(here), ("kind", "place"))
    assert reason.said["en"].startswith(f"Of {len(here)} past matters of the same kind")


def test_what_history_does_not_settle_is_left_to_the_dispatcher(model: RoutingModel) -> None:
    advice = model.suggest(facts("06.01.01", PLACES[0], on=DAY + timedelta(days=80)))
    assert {each.code for each in advice.suggestions[:2]} == {"water", "roads"}
    assert advice.choice is None


def test_a_like_report_of_the_same_day_tips_the_balance(history: list[Past]) -> None:
    today = DAY + timedelta(days=70)
    morning = [past("06.01.01", PLACES[0], "roads", on=today) for _ in range(2)]
    model, _ = learn_routing([*history, *morning])
    first = model.suggest(facts("06.01.01", PLACES[0], on=today)).suggestions[0]
    other_day = model.suggest(facts("06.01.01", PLACES[0], on=today + timedelta(days=1)))
    assert first.code == "roads"
    assert first.share > max(each.share for each in other_day.suggestions if each.code == "roads")
    assert first.reason is not None
    assert first.reason.shared == ("channel", "kind", "place", "on")


def test_features_never_met_and_features_missing_give_advice_all_the_same(model: RoutingModel) -> None:
    for odd in (Facts(), facts("99.9", "110101"), Facts(features={"weather": "rain", "kind": "05"})):
        advice = model.suggest(odd)
        assert len(advice.suggestions) == 3
        assert sum(each.share for each in advice.suggestions) <= 1 + 1e-9


def test_each_of_many_gets_the_advice_it_gets_alone(model: RoutingModel, history: list[Past]) -> None:
    many = model.suggest_many(history[:20])
    for together, alone in zip(many, map(model.suggest, history[:20]), strict=True):
        assert [each.code for each in together.suggestions] == [each.code for each in alone.suggestions]
        assert [each.reason for each in together.suggestions] == [each.reason for each in alone.suggestions]


def test_a_stored_model_routes_as_before(model: RoutingModel, history: list[Past]) -> None:
    stored = RoutingModel.loads(model.dumps())
    assert stored.suggest_many(history[:50]) == model.suggest_many(history[:50])
    assert stored.measurement == model.measurement


def test_a_model_for_one_purpose_is_not_taken_for_another(model: RoutingModel) -> None:
    with pytest.raises(ModelError, match="learned for routing"):
        TextModel.loads(model.dumps())


def test_a_stored_model_routes_without_scikit_learn(model: RoutingModel, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(model.dumps())
    code = (
        "import sys, pathlib; from mumian.intake.routing import RoutingModel, Facts;"
        "model = RoutingModel.loads(pathlib.Path(sys.argv[1]).read_bytes()); model.suggest(Facts());"
        "assert not {'sklearn', 'skops'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "model")], check=True)


def pingshan(shared: Path) -> list[Past]:
    """The district's events as facts known when they were routed, with the unit that handled them."""
    numbers: dict[str, str] = {}

    def digits(code: str) -> str:
        return numbers.setdefault(code, f"{len(numbers) + 1:03d}")

    with (shared / "data/pingshan/events.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            Past(
                features={
                    "channel": event["EVENT_SRC_NAME"],
                    "nature": event["EVENT_PROPERTY_NAME"],
                    "kind": f"{event['EVENT_TYPE_ID']}.{event['MAIN_TYPE_ID']}.{event['SUB_TYPE_ID']}",
                    "place": f"440310{digits(event['STREET_ID'])}{digits(event['COMMUNITY_ID'])}",
                },
                on=date.fromisoformat(event["CREATE_TIME"]),
                label=event["DISPOSE_UNIT_ID"],
            )
            for event in csv.DictReader(file)
        ]


def split(events: Sequence[Past], seed: int) -> tuple[list[Past], list[Past]]:
    order = list(range(len(events)))
    random.Random(seed).shuffle(order)
    cut = len(events) * 4 // 5
    return [events[i] for i in sorted(order[:cut])], [events[i] for i in sorted(order[cut:])]


def test_a_districts_events_find_their_unit(shared: Path) -> None:
    known, unseen = split(pingshan(shared), seed=2018)
    model, _ = learn_routing(known)
    advice = model.suggest_many(unseen)
    ranked = [[each.code for each in one.suggestions] for one in advice]
    right = [codes[0] == event.label for codes, event in zip(ranked, unseen, strict=True)]
    within = [event.label in codes for codes, event in zip(ranked, unseen, strict=True)]
    surest = sorted(range(len(unseen)), key=lambda i: -advice[i].suggestions[0].share)
    surest = surest[: len(unseen) * 35 // 100]
    assert sum(right) / len(unseen) >= 0.70
    assert sum(within) / len(unseen) >= 0.87
    assert sum(right[i] for i in surest) / len(surest) >= 0.95
