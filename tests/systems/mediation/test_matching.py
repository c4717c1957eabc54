"""Matching disputes and mediators: never against a hard rule, never dearer than it must be."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from mumian.systems.mediation.matching import (
    BUSY,
    NOBODY,
    Asked,
    Fit,
    Matching,
    cost_of,
    match,
    ranked,
)

PLACES = ["440103001001", "440103001002", "440103002001", "440104001001", "440104002002"]
KINDS = ["01.03", "06.01", "08.01"]
TONGUES = [frozenset[str](), frozenset({"yue"}), frozenset({"en"})]


def permitted(dispute: Asked, mediator: Fit) -> bool:
    return (
        dispute.place.startswith(mediator.reach)
        and (not mediator.fields or dispute.kind[:2] in mediator.fields)
        and dispute.languages <= mediator.languages
    )


asked = st.builds(Asked, st.none(), st.sampled_from(PLACES), st.sampled_from(KINDS), st.sampled_from(TONGUES))
fits = st.builds(
    Fit,
    st.none(),
    st.sampled_from(PLACES),
    st.sampled_from(["4401", "440103", "440104", "440103001"]),
    st.sampled_from([frozenset[str](), frozenset({"01"}), frozenset({"06", "08"})]),
    st.sampled_from([frozenset({"zh"}), frozenset({"zh", "yue"}), frozenset({"zh", "en", "yue"})]),
    st.integers(0, 3),
    st.integers(0, 5),
    st.integers(0, 9),
    st.integers(0, 9),
)


def dense(disputes: list[Asked], mediators: list[Fit], barred: set[tuple[int, int]]) -> int:
    """The least total cost, reckoned another way: every place at every mediator as a column of a full table."""
    columns = [(number, nth) for number, each in enumerate(mediators) for nth in range(each.free)]
    table = np.full((len(disputes), len(columns) + len(disputes)), NOBODY, dtype=float)
    for row, dispute in enumerate(disputes):
        for column, (number, nth) in enumerate(columns):
            if permitted(dispute, mediators[number]) and (row, number) not in barred:
                table[row, column] = cost_of(dispute, mediators[number]).total + nth * BUSY
    rows, chosen = linear_sum_assignment(table)
    return int(table[rows, chosen].sum())


def holds(disputes: list[Asked], mediators: list[Fit], barred: set[tuple[int, int]], found: Matching) -> None:
    assert [each.dispute for each in found.given] == list(range(len(disputes)))
    for each in found.given:
        if each.mediator is not None:
            assert permitted(disputes[each.dispute], mediators[each.mediator])
            assert (each.dispute, each.mediator) not in barred
    for number, cases in Counter(each.mediator for each in found.given).items():
        assert number is None or cases <= mediators[number].free
    assert found.total == sum(each.cost for each in found.given)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(asked, max_size=9),
    st.lists(fits, max_size=6),
    st.sets(st.tuples(st.integers(0, 8), st.integers(0, 5))),
)
def test_it_costs_what_the_best_of_all_assignments_costs_and_breaks_no_hard_rule(
    disputes: list[Asked], mediators: list[Fit], ties: set[tuple[int, int]]
) -> None:
    barred = {(row, column) for row, column in ties if row < len(disputes) and column < len(mediators)}
    found = match(disputes, mediators, barred)
    holds(disputes, mediators, barred, found)
    if disputes:
        assert found.total == dense(disputes, mediators, barred)


@given(asked, st.lists(fits, max_size=6), st.sets(st.integers(0, 5)))
def test_for_one_dispute_the_first_of_those_ranked_is_the_one_matched(
    dispute: Asked, mediators: list[Fit], ties: set[int]
) -> None:
    barred = {each for each in ties if each < len(mediators)}
    order = ranked(dispute, mediators, barred)
    assert all(permitted(dispute, mediators[number]) and number not in barred for number, _cost in order)
    [given_to] = match([dispute], mediators, [(0, each) for each in barred]).given
    assert (order[0][1].total if order else NOBODY) == given_to.cost


def a_city(
    disputes: int, mediators: int, seed: int = 1
) -> tuple[list[Asked], list[Fit], set[tuple[int, int]]]:
    """A city of eleven districts with disputes, mediators of whom one in ten goes everywhere, and ties."""
    rng = np.random.default_rng(seed)

    def place() -> str:
        return f"4401{rng.integers(1, 12):02}{rng.integers(1, 17):03}{rng.integers(1, 15):03}"

    asked = [
        Asked(
            n,
            place(),
            f"{rng.integers(1, 14):02}.01",
            frozenset({"yue"}) if rng.random() < 0.1 else frozenset(),
        )
        for n in range(disputes)
    ]
    found = []
    for n in range(mediators):
        home, tongues = place(), {"zh"} | ({"yue"} if rng.random() < 0.6 else set())
        fields = frozenset(f"{each:02}" for each in rng.integers(1, 14, rng.integers(0, 5)))
        reach = "4401" if rng.random() < 0.1 else home[:6]
        found.append(
            Fit(n, home, reach, fields, frozenset(tongues), int(rng.integers(0, 6)), int(rng.integers(2, 9)),
                int(rng.integers(0, 40)), int(rng.integers(0, 20)))
        )  # fmt: skip
    ties = {(int(rng.integers(disputes)), int(rng.integers(mediators))) for _ in range(disputes // 5)}
    return asked, found, ties


def test_a_city_full_of_disputes_is_matched_at_once() -> None:
    disputes, mediators, barred = a_city(5000, 3831)
    found = match(disputes, mediators, barred)
    holds(disputes, mediators, barred, found)
    assert found.unmatched < 50


def test_one_with_no_room_left_and_one_who_is_barred_get_nothing() -> None:
    dispute = Asked("a", PLACES[0], "06.01")
    full = Fit("full", PLACES[0], "4401", load=3, capacity=3)
    tied = Fit("tied", PLACES[0], "4401", capacity=3)
    far = Fit("far", PLACES[4], "4401", capacity=3)
    [given_to] = match([dispute], [full, tied, far], [(0, 1)]).given
    assert given_to.mediator == 2
    assert match([dispute], [full], ()).unmatched == 1


def test_the_same_work_is_shared_out() -> None:
    disputes = [Asked(n, PLACES[0], "06.01") for n in range(6)]
    mediators = [Fit(n, PLACES[0], "4401", capacity=6) for n in range(3)]
    found = match(disputes, mediators)
    assert set(Counter(each.mediator for each in found.given).values()) == {2}
