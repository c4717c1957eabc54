"""An import on all cores: other processes read, settle and decide batches ahead, one stores them in order.

They only look: what they cannot do by looking – a place, a kind or a unit to be added, a matter that is more than
new rows, anything that fails – they leave to the process that stores, which does that batch by itself. So an
import means the same with and without them.
"""

import gc
import logging
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple

from django.db import connection

from mumian.database import leave_to_parent
from mumian.engine.perform import Sheets, prepare
from mumian.intake.drafting import Adding, Batch, Drafting, Found
from mumian.intake.problems import Rejection
from mumian.intake.reading import RawRow, Table
from mumian.place.loading import forget_atlas

MOST = 3
"""Processes that work ahead; more would wait for the one that stores."""
WORTH = 4
"""A file of fewer batches is done before others have begun."""

FIRST = 20
"""Of a batch, the first is this part."""

log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """A batch that has only to be stored."""

    rows: Sheets
    found: Found


def drafts_ahead(
    table: Table, drafting: Drafting, after: int, size: int
) -> Generator[tuple[Batch, Ready | None]]:
    """The batches of a file in order, each made ready by another process if there are any. To be closed.

    The first few rows are left to the caller: what has been looked up for them is then there for everyone.
    """
    rows = iter(table.rows(after=after))
    if helpers := _helpers(table, after, size):
        if first := list(islice(rows, size // FIRST + 1)):
            yield first, None
        with _crew(table, drafting, helpers) as crew:
            yield from _ahead(crew, _batches(rows, size), helpers)
    else:
        for batch in _batches(rows, size):
            yield batch, None


def _helpers(table: Table, after: int, size: int) -> int:
    """How many processes work ahead. Forking is safe from a program's own thread on Linux alone.

    What a transaction under way has changed is seen by none but its own connection.
    """
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return 0
    if connection.in_atomic_block or (table.last_line or sys.maxsize) - after < WORTH * size:
        return 0
    cores = len(os.sched_getaffinity(0))
    return min(cores, MOST) if cores > 1 else 0


def _batches(rows: Iterator[RawRow | Rejection], size: int) -> Iterator[Batch]:
    while batch := list(islice(rows, size)):
        yield batch


# --- in the process that stores -------------------------------------------------------------------------


@contextmanager
def _crew(table: Table, drafting: Drafting, helpers: int) -> Iterator[ProcessPoolExecutor]:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # nothing of it may be shared
    alive, lifeline = os.pipe()
    crew = ProcessPoolExecutor(
        helpers, get_context("fork"), initializer=_begin, initargs=(table, drafting, alive, lifeline)
    )
    try:
        yield crew
    finally:
        crew.shutdown(cancel_futures=True)
        os.close(alive)
        os.close(lifeline)


def _ahead(
    crew: ProcessPoolExecutor, batches: Iterable[Batch], helpers: int
) -> Iterator[tuple[Batch, Ready | None]]:
    """Each helper has one batch in hand and one waiting; so no more than those are held in memory."""
    given: deque[tuple[Batch, Future[Ready | None] | None]] = deque()
    for batch in batches:
        given.append((batch, _give(crew, batch)))
        if len(given) > 2 * helpers:
            yield _taken(*given.popleft())
    while given:
        yield _taken(*given.popleft())


def _give(crew: ProcessPoolExecutor, batch: Batch) -> "Future[Ready | None] | None":
    try:
        return crew.submit(_make_ready, [_packed(row) for row in batch])
    except BrokenProcessPool:
        return None


def _taken(batch: Batch, future: "Future[Ready | None] | None") -> tuple[Batch, Ready | None]:
    try:
        return batch, future.result() if future else None
    except Exception as error:  # it will show again, as it is, where the batch is done
        log.warning("lines %d and following are done without help: %s", batch[0].line, error)
        return batch, None


# --- in those that work ahead ---------------------------------------------------------------------------

_Packed = Rejection | tuple[int, tuple[str, ...]]


def _packed(row: RawRow | Rejection) -> _Packed:
    """A row without its column names, which take most of the time to send."""
    return row if isinstance(row, Rejection) else (row.line, tuple(row.values.values()))


class _Helper:
    def __init__(self, table: Table, drafting: Drafting) -> None:
        self.table, self.drafting = table, drafting
        drafting.adds = False

    def make_ready(self, rows: Iterable[_Packed]) -> Ready | None:
        try:
            draft = self.drafting.draft([self._unpacked(row) for row in rows])
        except Adding:  # by the next time another process will have done so
            self.drafting = Drafting(self.drafting.mapping, adds=False)
            forget_atlas()
            return None
        prepared = prepare(draft.acts)
        return Ready(prepared.rows, draft.found(prepared.results)) if prepared else None

    def _unpacked(self, row: _Packed) -> RawRow | Rejection:
        if isinstance(row, Rejection):
            return row
        line, cells = row
        return RawRow(line, dict(zip(self.table.header, cells, strict=True)))


_helper: _Helper


def _begin(table: Table, drafting: Drafting, alive: int, lifeline: int) -> None:
    global _helper
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who stores ends the others
    gc.freeze()  # what is shared need not be looked through, and stays shared
    os.close(lifeline)
    leave_to_parent()
    threading.Thread(target=_end_with, args=[alive], daemon=True).start()
    _helper = _Helper(table, drafting)


def _end_with(alive: int) -> None:
    """Ends this process when the one that stores is gone, in whatever way: its end of the pipe is closed then."""
    os.read(alive, 1)
    os._exit(1)


def _make_ready(rows: Any) -> Ready | None:
    return _helper.make_ready(rows)
