"""What is assumed of ways and of those who come, as `ways.yaml` has it; nobody has measured it for the city."""

import os
from dataclasses import dataclass
from typing import Any

from mumian.engine.definition import Words
from mumian.errors import MumianError
from mumian.systems.response.rings import read


@dataclass(frozen=True, slots=True)
class Assumed:
    """Speeds in metres a second."""

    detour: float
    """Road metres per straight metre where no road is known.

    Ballou, Rahardja, Sakai, 'Selected country circuity factors for road travel distance estimation', Transportation
    Research A 36 (2002) 843-848, give 1.33 for ways between places in China (their countries range from 1.12 to 2.10).
    """
    running: float
    riding: float
    getting_started: float
    """Seconds until one rides."""
    source: Words
    """Where the factor is from, to be shown where it is used."""


def _assumed() -> Assumed:
    said: dict[str, Any] = read("ways.yaml")
    return Assumed(**{**said, "detour": _detour(os.environ.get("MUMIAN_DETOUR") or said["detour"])})


def _detour(said: str | float) -> float:
    """A factor from 1 to 5; nobody gets anywhere on less than a straight line."""
    try:
        factor = float(said)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 5:
        raise MumianError(
            f"MUMIAN_DETOUR={said}",
            reason="it is no detour factor",
            cure="Give metres of road per metre in a straight line, such as 1.33",
        )
    return factor


ASSUMED = _assumed()
