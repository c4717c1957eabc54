"""One form of bytes for one content, held against an independent implementation of RFC 8785."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mumian.record.canonical import canonical, commitment, seal

names = st.text(st.characters(max_codepoint=127), max_size=12)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
)


@given(values)
def test_the_form_of_what_entries_may_hold_is_that_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_the_order_of_names_does_not_matter_and_blanks_are_not_written():
    assert canonical({"b": [1, True, None], "a": "木棉\n"}) == '{"a":"木棉\\n","b":[1,true,null]}'.encode()


@given(values, values, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_a_commitment_proves_one_value_with_one_salt(one, other, salt, another):
    promised = commitment(one, salt)
    assert promised == commitment(one, salt)
    assert len(promised) == 64
    assert (promised == commitment(other, salt)) is (canonical(one) == canonical(other))
    assert (promised == commitment(one, another)) is (salt == another)


@given(st.dictionaries(names, values, max_size=5))
def test_sealing_gives_a_commitment_and_an_opening_to_each_value(personal):
    commitments, openings = seal(personal)
    assert commitments.keys() == openings.keys() == personal.keys()
    for name, (salt, value) in openings.items():
        assert value == personal[name]
        assert commitments[name] == commitment(value, bytes.fromhex(salt))


def test_two_seals_of_one_value_share_nothing():
    first, second = seal({"phone": "13800000000", "again": "13800000000"}), seal({"phone": "13800000000"})
    promised = {*first[0].values(), *second[0].values()}
    assert len(promised) == 3
