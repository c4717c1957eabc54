"""The number people quote: eight letters and digits, the last a check; unique, and not guessable in sequence.

A number is the running count of matters sent through a permutation with a secret key (a Feistel network on
35 bits), written in Crockford's base 32, which has no I, L, O or U, with a check character by the Luhn
algorithm modulo 32 (ISO/IEC 7812-1 annex B, generalised), which finds every wrong character and every swap of
neighbours but that of 0 and Z.
"""

import hashlib
import hmac
import unicodedata
from functools import lru_cache
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_DIGITS = 7
_LEFT, _RIGHT = 18, 17
_ROUNDS = [(bytes([turn]), (1 << (_RIGHT if turn % 2 else _LEFT)) - 1) for turn in range(4)]


def number_of(count: int, key: bytes) -> str:
    """The number of the `count`-th matter, such as `7K3M-Q2XD`. Raises `OverflowError` beyond 2**35."""
    if not 0 <= count < 1 << (_LEFT + _RIGHT):
        raise OverflowError(f"matter {count} is beyond the {1 << (_LEFT + _RIGHT)} numbers there are")
    mixed = _permute(count, key)
    first, second, third, last = mixed >> 25, mixed >> 15 & 1023, mixed >> 5 & 1023, mixed & 31
    check = -(_SUMS[first] + _SUMS[second] + _SUMS[third] + _SUMS[last << 5]) % 32
    return f"{_PAIRS[first]}{_PAIRS[second]}-{_PAIRS[third]}{ALPHABET[last]}{ALPHABET[check]}"


def read_number(text: str) -> str | None:
    """The number a person typed, in its normal form; nothing if it cannot be one.

    Case, full width, blanks, hyphens, and the letters I, L, O for 1, 1, 0 are forgiven.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    letters = [_VALUES.get(letter) for letter in plain if letter.isalnum()]
    values = [value for value in letters if value is not None]
    if len(values) != _DIGITS + 1 or len(letters) != len(values) or _check(values[:-1]) != values[-1]:
        return None
    normal = "".join(ALPHABET[value] for value in values)
    return f"{normal[:4]}-{normal[4:]}"


def link_secret(matter: UUID, party: str, key: bytes) -> str:
    """The secret with which someone without a name acts as a party of a matter. 100 bits; nothing is stored."""
    digest = hmac.digest(key, matter.bytes + party.encode(), "sha256")
    value = int.from_bytes(digest[:13], "big") >> 4
    return "".join(ALPHABET[value >> (5 * place) & 31] for place in range(20))


def _permute(count: int, key: bytes) -> int:
    left, right = count >> _RIGHT, count & (1 << _RIGHT) - 1
    keyed = _keyed(key)
    for turn, mask in _ROUNDS:
        round_ = keyed.copy()
        round_.update(right.to_bytes(4, "big") + turn)
        left, right = right, left ^ int.from_bytes(round_.digest(), "big") & mask
    return left << _RIGHT | right


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> "hashlib.blake2b":
    return hashlib.blake2b(key=key[:64], digest_size=4)


def _check(values: list[int]) -> int:
    total = 0
    for place, value in enumerate(reversed(values)):
        doubled = value * 2 if place % 2 == 0 else value
        total += doubled // 32 + doubled % 32
    return -total % 32


_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SUMS = [-_check([first, second, 0]) % 32 for first in range(32) for second in range(32)]
"""What two neighbouring letters add to the sum that `_check` makes up to a multiple of 32."""
