"""What a measurement says: a figure, what it was held against, and their ratio."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured path."""

    name: str
    """The key under which it is reported: import, act, http_report, board, locate, server_mb, and those of systems."""
    value: float
    unit: str
    against: float | None
    against_what: str
    ratio: float | None
    aim: str
    met: bool

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f", ratio {self.ratio:.2f}"
        return f"{self.name}: {shown(self.value)} {self.unit}{ratio}, aim {self.aim}"

    def as_dict(self) -> dict[str, Any]:
        """As the JSON output gives it."""
        return {
            "value": self.value,
            "unit": self.unit,
            "against": self.against,
            "against_what": self.against_what,
            "ratio": self.ratio,
            "aim": self.aim,
            "met": self.met,
        }


def shown(value: float) -> str:
    """A figure for the eye: 4,380, or 0.163 where it is small."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


class Watch:
    """Seconds of wall-clock time, filled in when the block ends."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Watch]:
    """Times a block, beginning with a clean slate for the garbage collector."""
    gc.collect()
    watch = Watch()
    start = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - start


def best(count: int, measure: Callable[[], float]) -> float:
    """The least of several measurements: what the machine's other work disturbed least."""
    return min(measure() for _ in range(count))
