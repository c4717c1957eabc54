"""Whom choosing sends: never one that is busy, unfit or off duty, never a farther one than one that was free."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mumian.systems.response.choosing import Candidate, Chosen, choose

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        unit=st.just(0),
        seconds=st.integers(0, 400).map(float),
        on_duty=st.booleans(),
        fit=st.sampled_from([True, True, False]),
        busy=st.sampled_from([False, False, True]),
    ),
    max_size=30,
).map(
    lambda drawn: [replace(each, unit=n) for n, each in enumerate(sorted(drawn, key=lambda one: one.seconds))]
)
WANTED = st.dictionaries(st.sampled_from([60, 180, 300]), st.integers(0, 4))


@given(CANDIDATES, WANTED)
def test_those_chosen_are_free_fit_and_on_duty_and_no_free_one_was_nearer(
    candidates: list[Candidate], wanted: dict[int, int]
) -> None:
    chosen = choose(candidates, wanted)
    by_unit = {each.unit: each for each in candidates}
    taken = {each.unit for each in chosen}
    assert len(taken) == len(chosen)
    free = {each.unit for each in candidates if each.on_duty and each.fit and not each.busy}
    assert taken <= free
    for limit, count in wanted.items():
        within = [by_unit[each.unit].seconds for each in chosen if each.limit == limit]
        left = [by_unit[unit].seconds for unit in free - taken if by_unit[unit].seconds <= limit]
        assert max(within, default=0) <= limit
        assert len(within) <= count
        assert not left or (len(within) == count and min(left) >= max(within, default=0))


def test_each_is_chosen_with_those_that_were_nearer_and_why_they_stay() -> None:
    candidates = [
        Candidate(1, 10, busy=True),
        Candidate(2, 20.2),
        Candidate(3, 30, on_duty=False, fit=False),
        Candidate(4, 40, busy=True),
        Candidate(5, 50),
        Candidate(6, 60),
    ]
    assert choose(candidates, {180: 1, 60: 1}) == [
        Chosen(2, 21, 60, "1; busy 1"),
        Chosen(5, 50, 180, "2; busy 2; off_duty 1; unfit 1"),
    ]


def test_whoever_is_beyond_the_limit_is_not_sent() -> None:
    assert choose([Candidate(1, 61), Candidate(2, 300)], {60: 2, 180: 1}) == [Chosen(1, 61, 180, "1")]
