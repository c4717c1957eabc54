"""What an agreement of a kind usually says: where a mediator begins to draft."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mumian.yaml import load

FILE = Path(__file__).with_name("clauses.yaml")


def clauses_for(kind: str, sides: Mapping[str, str]) -> str:
    """The usual clauses of a kind, one a line, with the names of the two sides."""
    there = _read()["clauses"]
    longest = max((code for code in there if kind.startswith(code)), key=len)
    said = "\n".join([*there[longest], *_read()["closing"]])
    for side, name in sides.items():
        said = said.replace(f"{{{side}}}", name)
    return said


@cache
def _read() -> dict[str, Any]:
    read: dict[str, Any] = load(FILE)
    return read
