"""What is planned ahead is opened: each matter once, however often the same is planned."""

from collections.abc import Iterable
from datetime import datetime

from mumian.cells import batches
from mumian.engine.perform import Act, Done, perform


def open_planned(acts: Iterable[Act], now: datetime) -> int:
    """Does acts that open matters under ids and keys of their own, a portion a transaction, and tells nobody.

    Returns how many were not open yet.
    """
    results = (result for batch in batches(acts) for result in perform(batch, now=now, quiet=True))
    return sum(isinstance(result, Done) and not result.repeated for result in results)
