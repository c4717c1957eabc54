"""Those sent are free, fit and nearest; nobody is sent twice; every unit passed over has a reason that is true."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.errors import MumianError
from mumian.systems.response.bench import METRE, square_city
from mumian.systems.response.choosing import Answer, Board, Incident, Responder, Unit, Why
from mumian.systems.response.network import Mode
from mumian.systems.response.travelling import DETOUR, ByRoad, Straight, Travel

CITY = square_city(8, 150.0)
KINDS, EQUIPMENT, SKILLS = ["violence", "fire"], ["aed", "hose"], ["first-aid", "language"]


def unit(key: int, x: float, y: float = 0.0, *, kinds: str = "violence fire", equipment: str = "") -> Unit:
    """At so many metres from (0, 0)."""
    return Unit(key, x * METRE, y * METRE, frozenset(kinds.split()), frozenset(equipment.split()))


def board_of(*units: Unit, each: int = 1, by_road: bool = False, **more: object) -> Board:
    """Every unit with as many responders, named (unit, number), all on duty."""
    lon, lat = [one.lon for one in units], [one.lat for one in units]
    travel = ByRoad(CITY, lon, lat) if by_road else Straight(lon, lat, Mode.WALK)
    people = [Responder((one.key, n), one.key) for one in units for n in range(each)]
    board = Board(units, travel, people, **more)  # type: ignore[arg-type]
    for person in people:
        board.on_duty(person.key)
    return board


def fire(key: int = 1, x: float = 0.0, **more: object) -> Incident:
    return Incident(key=key, lon=x * METRE, lat=0.0, kind="fire", **more)  # type: ignore[arg-type]


def keys(answer: Answer) -> list[object]:
    return [chosen.unit for chosen in answer.chosen]


def test_the_nearest_go_first_each_in_its_ring() -> None:
    board = board_of(unit(1, 900), unit(2, 40), unit(3, 200))
    (answer,) = board.choose([fire(wanted=3)])
    assert [(chosen.unit, chosen.ring, chosen.rank) for chosen in answer.chosen] == [
        (2, 1, 1),
        (3, 5, 2),
        (1, 20, 3),
    ]
    assert answer.chosen[0].seconds == pytest.approx(40 * DETOUR * 3.6 / 5)
    assert (answer.short, answer.passed) == (0, 0)


def test_each_that_was_nearer_is_told_with_every_reason() -> None:
    board = board_of(
        unit(1, 10), unit(2, 20), unit(3, 30, kinds="violence"), unit(4, 40, kinds="violence"),
        unit(5, 50, equipment="aed"), unit(6, 60, equipment="aed"), unit(7, 70, equipment="aed"),
    )  # fmt: skip
    board.off_duty((1, 0))
    board.take(2)
    board.take(4)
    (answer,) = board.choose([fire(equipment=frozenset({"aed"}), asked=frozenset({5}))])
    assert keys(answer) == [6]
    assert {passed.unit: passed.why for passed in answer.passed_over} == {
        1: (Why.OFF_DUTY, Why.EQUIPMENT),
        2: (Why.BUSY, Why.EQUIPMENT),
        3: (Why.UNFIT, Why.EQUIPMENT),
        4: (Why.BUSY, Why.UNFIT, Why.EQUIPMENT),
        5: (Why.ASKED,),
    }


def test_skills_and_numbers_are_of_those_on_duty() -> None:
    units = [unit(1, 10), unit(2, 20)]
    people = [
        Responder("a", 1, frozenset({"first-aid"})),
        Responder("b", 1),
        Responder("c", 2, frozenset({"first-aid"})),
        Responder("d", 2),
    ]
    board = Board(units, Straight([10 * METRE, 20 * METRE], [0, 0], Mode.WALK), people)
    for person in "bcd":
        board.on_duty(person)
    (answer,) = board.choose([fire(skills=frozenset({"first-aid"}), responders=2)])
    assert keys(answer) == [2]
    assert answer.passed_over[0].why == (Why.SKILL, Why.TOO_FEW)
    board.release(2)
    board.off_duty("c")
    (answer,) = board.choose([fire(skills=frozenset({"first-aid"}))])
    assert (keys(answer), answer.short) == ([], 1)


def test_whoever_is_beyond_the_last_ring_is_not_sent() -> None:
    board = board_of(unit(1, 100), unit(2, 5000))
    (answer,) = board.choose([fire(wanted=2)])
    assert (keys(answer), answer.short) == ([1], 1)
    assert board.choose([replace(fire(2), lon=1.0, wanted=1)])[0].short == 1


def test_units_may_be_asked_for_ring_by_ring() -> None:
    board = board_of(unit(1, 100), unit(2, 150), unit(3, 400))
    (answer,) = board.choose([fire(wanted=2, within=180.0)])
    assert keys(answer) == [1, 2]
    (answer,) = board.choose([fire(wanted=2, within=300.0, asked=frozenset({1, 2}))])
    assert (keys(answer), answer.short) == ([], 2)


def test_a_unit_at_a_drill_is_called_to_what_is_real_but_not_the_reverse() -> None:
    board = board_of(unit(1, 100))
    assert keys(board.choose([fire(1, drill=True)])[0]) == [1]
    assert keys(board.choose([fire(2, drill=True)])[0]) == []
    assert keys(board.choose([fire(3)])[0]) == [1]
    board.release(1)
    board.take(1)
    assert keys(board.choose([fire(4, drill=True)])[0]) == []


def test_rings_are_a_setting() -> None:
    board = board_of(unit(1, 100), rings=(2, 4))
    assert board.choose([fire()])[0].chosen[0].ring == 2


def test_the_gravest_of_several_is_served_first_and_none_is_sent_twice() -> None:
    board = board_of(unit(1, 100), unit(2, 300))
    slight, grave = board.choose([fire(1, 100), fire(2, 150, gravity=3)])
    assert (keys(slight), keys(grave)) == ([2], [1])


def test_a_unit_that_is_free_again_is_sent_again() -> None:
    board = board_of(unit(1, 100))
    assert keys(board.choose([fire(1)])[0]) == [1]
    assert keys(board.choose([fire(2)])[0]) == []
    board.release(1)
    assert keys(board.choose([fire(3)])[0]) == [1]
    assert not board.take(1)


def test_equipment_comes_and_goes() -> None:
    board = board_of(unit(1, 100), unit(2, 200, equipment="aed"))
    board.equip(2, frozenset())
    board.equip(1, frozenset({"aed", "rope"}))
    assert keys(board.choose([fire(equipment=frozenset({"aed", "rope"}))])[0]) == [1]


def test_a_place_off_the_roads_is_reckoned_straight() -> None:
    board = board_of(unit(1, 100), unit(2, 100, -2000), by_road=True)
    (answer,) = board.choose([replace(fire(), lat=-1800 * METRE, wanted=1)])
    assert keys(answer) == [2]
    assert answer.chosen[0].seconds == pytest.approx(np.hypot(100, 200) * DETOUR * 3.6 / 5, rel=1e-3)


def test_who_is_unknown_or_twice_is_refused() -> None:
    board = board_of(unit(1, 100))
    with pytest.raises(MumianError, match="not on the board"):
        board.on_duty("nobody")
    with pytest.raises(MumianError, match="not on the board"):
        board.choose([fire(1), fire(2, asked=frozenset({7}))])
    with pytest.raises(MumianError, match="no place"):
        board.choose([replace(fire(1), lon=float("nan"))])
    assert keys(board.choose([fire(3)])[0]) == [1]  # the refusal took nobody
    with pytest.raises(MumianError, match="same key"):
        board_of(unit(1, 100), unit(1, 200))
    travel = Straight([0.0], [0.0], Mode.WALK)
    with pytest.raises(MumianError, match="twice"):
        Board([unit(1, 0)], travel, [Responder("a", 1), Responder("a", 1)])
    assert Board([unit(1, 0)], travel).empty == [1]


def test_threads_that_choose_at_once_never_share_a_unit() -> None:
    board = board_of(*(unit(n, 3.0 * n) for n in range(400)))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: board.choose([fire(n, 3.0 * n, wanted=4)])[0], range(100)))
    sent = [key for answer in found for key in keys(answer)]
    assert len(sent) == len(set(sent)) == 400


words = st.sampled_from
some_kinds = st.sets(words(KINDS)).map(frozenset)
some_equipment = st.sets(words(EQUIPMENT)).map(frozenset)
some_skills = st.sets(words(SKILLS)).map(frozenset)
position = st.tuples(st.integers(0, 1050), st.integers(0, 1050))
unit_facts = st.tuples(
    position, some_kinds, some_equipment, st.booleans(), st.lists(st.tuples(st.booleans(), some_skills), max_size=3)
)  # fmt: skip
incident_facts = st.tuples(
    position, words(KINDS), some_equipment, some_skills, st.integers(1, 4), st.integers(0, 2), st.integers(1, 2)
)  # fmt: skip


@given(
    st.lists(unit_facts, min_size=1, max_size=12),
    st.lists(incident_facts, min_size=1, max_size=4),
    st.booleans(),
)
def test_whatever_the_city_the_sent_are_free_fit_and_nearest(
    facts: list[Any], events: list[Any], by_road: bool
) -> None:
    first, oracle = _choose(facts, events, by_road)
    again, _ = _choose(facts, events, by_road)
    assert first == again  # deterministic
    taken: set[object] = set()
    order = sorted(range(len(events)), key=lambda at: -events[at][5])
    for at in order:
        answer, (able, seconds) = first[at], oracle[at]
        free = sorted((seconds[n], n) for n in able - taken if seconds[n] <= 1200)
        wanted = events[at][4]
        assert keys(answer) == [n for _, n in free[:wanted]]
        assert answer.short == max(0, wanted - len(free))
        farthest = max((chosen.seconds for chosen in answer.chosen), default=0) if not answer.short else 1200
        nearer = {n for n, took in enumerate(seconds) if took <= farthest and (n not in able or n in taken)}
        assert {passed.unit for passed in answer.passed_over} == nearer
        assert all(passed.why for passed in answer.passed_over)
        taken |= set(keys(answer))


def _choose(
    facts: list[Any], events: list[Any], by_road: bool
) -> tuple[list[Answer], list[tuple[set[int], list[float]]]]:
    """The answers, and for each incident who may go and every unit's seconds, told the plain way."""
    units = [
        Unit(n, x * METRE, y * METRE, kinds, equipment)
        for n, ((x, y), kinds, equipment, _, _) in enumerate(facts)
    ]
    lon, lat = [one.lon for one in units], [one.lat for one in units]
    travel = ByRoad(CITY, lon, lat) if by_road else Straight(lon, lat, Mode.WALK)
    people = [
        (n, m, here, skills) for n, fact in enumerate(facts) for m, (here, skills) in enumerate(fact[4])
    ]
    board = Board(units, travel, [Responder((n, m), n, skills) for n, m, _, skills in people])
    for n, m, here, _ in people:
        if here:
            board.on_duty((n, m))
    for n, fact in enumerate(facts):
        if fact[3]:
            board.take(n)
    incidents, oracle = [], []
    for key, ((x, y), kind, equipment, skills, wanted, gravity, responders) in enumerate(events):
        incidents.append(
            Incident(
                key=key,
                lon=x * METRE,
                lat=y * METRE,
                kind=kind,
                equipment=equipment,
                skills=skills,
                wanted=wanted,
                gravity=gravity,
                responders=responders,
            )
        )  # fmt: skip
        able = set()
        for n, (_, kinds, has, busy, staff) in enumerate(facts):
            there = [skill for here, skill in staff if here]
            known = frozenset().union(*there)
            if (
                not busy
                and kind in kinds
                and equipment <= has
                and skills <= known
                and len(there) >= responders
            ):
                able.add(n)
        oracle.append((able, _all_seconds(travel, x * METRE, y * METRE, len(units))))
    return board.choose(incidents), oracle


def _all_seconds(travel: Travel, lon: float, lat: float, count: int) -> list[float]:
    seconds = np.full(count, np.inf)
    numbers, found = travel.near(lon, lat, limit=1e9)
    seconds[numbers] = found
    return list(seconds.tolist())
