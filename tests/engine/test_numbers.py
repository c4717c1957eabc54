"""The number people quote: unique, checked, forgiving, and not to be guessed from its neighbours."""

from itertools import combinations, pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.engine.numbers import ALPHABET, link_secret, number_of, read_number

KEY = bytes(range(32))
THERE_ARE = 2**35
counts = st.integers(0, THERE_ARE - 1)


def letters(number: str) -> str:
    return number.replace("-", "")


def test_no_two_matters_have_the_same_number():
    sample = [*range(5_000), *range(THERE_ARE - 5_000, THERE_ARE)]
    assert len({number_of(count, KEY) for count in sample}) == len(sample)


@given(counts, counts)
def test_different_counts_have_different_numbers(one, other):
    assert (number_of(one, KEY) == number_of(other, KEY)) is (one == other)


@pytest.mark.parametrize("count", [-1, THERE_ARE])
def test_beyond_the_last_number_there_is_none(count):
    with pytest.raises(OverflowError, match="beyond the 34359738368 numbers"):
        number_of(count, KEY)


def test_neighbours_do_not_look_alike_and_another_key_gives_other_numbers():
    numbers = [letters(number_of(count, KEY)) for count in range(1000)]
    alike = [sum(a == b for a, b in zip(one, two, strict=True)) for one, two in pairwise(numbers)]
    assert sum(alike) / len(alike) < 0.5  # of eight characters, a quarter of one by chance
    assert number_of(1, KEY) != number_of(1, KEY[::-1])


@given(counts)
def test_a_number_is_read_as_it_was_written(count):
    number = number_of(count, KEY)
    assert read_number(number) == number
    assert len(number) == 9
    assert set(letters(number)) <= set(ALPHABET)


@given(counts, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(count, place, wrong):
    right = letters(number_of(count, KEY))
    typed = right[:place] + wrong + right[place + 1 :]
    assert (read_number(typed) is not None) is (typed == right)


def test_of_all_swaps_of_neighbours_only_0_with_z_is_not_found():
    """One pair of 496: 99.8 % of swaps are found."""
    missed = set()
    for one, other in combinations(ALPHABET, 2):
        for place in range(7):
            for check in ALPHABET:
                body = ["5"] * 7 + [check]
                body[place], body[place + 1] = one, other
                swapped = body.copy()
                swapped[place], swapped[place + 1] = other, one
                if read_number("".join(body)) and read_number("".join(swapped)):
                    missed.add((one, other))
    assert missed == {("0", "Z")}


@given(counts)
def test_case_blanks_hyphens_width_and_letters_that_look_like_digits_are_forgiven(count):
    number = number_of(count, KEY)
    plain = letters(number)
    for typed in (
        plain,
        plain.lower(),
        f"  {plain[:2]} {plain[2:5]}-{plain[5:]} ",
        plain.replace("0", "O").replace("1", "I"),
        plain.replace("0", "o").replace("1", "l"),
        number.translate({ord(letter): ord(letter) + 0xFEE0 for letter in number}),  # typed full-width
    ):
        assert read_number(typed) == number


@pytest.mark.parametrize("typed", ["", "7K3M", "UUUU-UUUU", "木棉木棉木棉木棉", "0000-00000", "0000-0001"])
def test_what_cannot_be_a_number_is_not_one(typed):
    assert read_number(typed) is None


def test_a_link_secret_is_of_one_matter_one_party_and_one_installation():
    matter, other = UUID(int=1), UUID(int=2)
    secret = link_secret(matter, "reporter", KEY)
    assert secret == link_secret(matter, "reporter", KEY)
    assert len(secret) == 20
    others = {
        link_secret(other, "reporter", KEY),
        link_secret(matter, "owner", KEY),
        link_secret(matter, "reporter", KEY[::-1]),
    }
    assert len(others - {secret}) == 3


def test_link_secrets_use_every_character_at_every_place():
    secrets = [link_secret(UUID(int=n), "reporter", KEY) for n in range(1000)]
    assert all({secret[place] for secret in secrets} == set(ALPHABET) for place in range(20))
