"""One form of bytes for one content: RFC 8785 (JSON Canonicalization Scheme) for the values entries use.

Entries hold text, whole numbers, yes or no, nothing, lists and objects with ASCII names, and never a
fraction: money is text, a coordinate is a whole number of 1e-7 degrees. For these, sorted compact JSON in
UTF-8 is exactly the form of RFC 8785; the tests hold it against an independent implementation.
"""

import hashlib
import os
from typing import Any

import orjson

Json = Any

SALT_BYTES = 16


def canonical(value: Json) -> bytes:
    """The bytes of `value` that are hashed. Raises `TypeError` for what JSON cannot say."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def commitment(value: Json, salt: bytes) -> str:
    """SHA-256 over salt and canonical value, in hexadecimal: proves the value, and without salt tells nothing."""
    return hashlib.sha256(salt + canonical(value)).hexdigest()


def seal(values: dict[str, Json]) -> tuple[dict[str, str], dict[str, list[Json]]]:
    """Splits personal values into what the chain carries and what can be erased.

    Returns `(commitments by name, [salt in hexadecimal, value] by name)`.
    """
    salts = os.urandom(SALT_BYTES * len(values))
    commitments: dict[str, str] = {}
    openings: dict[str, list[Json]] = {}
    for place, (name, value) in enumerate(values.items()):
        salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
        commitments[name] = commitment(value, salt)
        openings[name] = [salt.hex(), value]
    return commitments, openings
