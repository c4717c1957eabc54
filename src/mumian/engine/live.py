"""Telling at once, in every process, that matters have changed: PostgreSQL's NOTIFY, heard by one thread a process.

What is sent is a hint to look again, not the change itself, so that losing one loses nothing. It is sent after the
commit and gathered for a moment: NOTIFY takes a lock that all committing transactions share, which must not be
taken once an act.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from django.db import connection, transaction

from mumian.engine.matter import Matter
from mumian.people.actor import Actor, Scope

CHANNEL = "mumian_changed"
GATHERED = 0.2
"""Seconds for which changes are gathered before they are told."""
MOST = 60
"""Changes told one by one; of more it is only said that there were many. A payload holds 8,000 bytes."""
RECOVERED = 3.0
"""Seconds until a listener that was cut off tries again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A matter that has changed, as far as whoever listens needs it to know whether to look."""

    number: str
    place: str
    unit: int | None


# --- telling ----------------------------------------------------------------------------------------


def tell_after_commit(matters: Sequence[tuple[Matter | None, Matter | None]]) -> None:
    """Tells, once the transaction is committed, of matters as they were and as they are."""
    told = matters if len(matters) <= MOST else ()
    changes = {
        Change(each.number, each.place, each.unit)
        for before, after in told
        if after is not None and after is not before
        for each in (before, after)
        if each is not None
    }
    if changes or not told:
        transaction.on_commit(lambda: _teller.add(changes, many=not told))


class _Teller:
    """Gathers changes and tells them from a thread of its own, so that nobody waits for it."""

    def __init__(self) -> None:
        self._gathered: set[Change] = set()
        self._many = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, changes: set[Change], *, many: bool) -> None:
        with self._lock:
            self._gathered |= changes
            self._many |= many or len(self._gathered) > MOST
            if self._thread is None:
                self._thread = threading.Thread(target=self._tell, name="telling", daemon=True)
                self._thread.start()

    def _tell(self) -> None:
        time.sleep(GATHERED)
        with self._lock:
            changes = None if self._many else self._gathered
            self._gathered, self._many, self._thread = set(), False, None
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, _payload(changes)])
        except Exception as error:  # a hint that is lost loses nothing
            log.info("changes were not told: %s", error)
        finally:
            connection.close()


def _payload(changes: set[Change] | None) -> str:
    if changes is None:
        return ""
    return orjson.dumps([[each.number, each.place, each.unit] for each in changes]).decode()


_teller = _Teller()


# --- hearing ----------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Listener:
    """One who wants to know of changes in what an actor sees."""

    actor: Actor
    _numbers: set[str] = field(default_factory=set)
    _many: bool = False
    _rung: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Whether something changed within so many seconds."""
        return self._rung.wait(seconds)

    def take(self) -> list[str] | None:
        """The numbers of what has changed since last asked; nothing where it is too much to name."""
        numbers, many = self._numbers, self._many
        self._numbers, self._many = set(), False
        self._rung.clear()
        return None if many else sorted(numbers)

    def hear(self, changes: Iterable[Change] | None) -> None:
        """Notes changes; none given stands for very many."""
        if changes is None:
            self._many = True
        else:
            found = {each.number for each in changes if _concerns(each, self.actor)}
            if not found:
                return
            self._numbers |= found
        self._rung.set()


def _concerns(change: Change, actor: Actor) -> bool:
    """Whether it may lie in what the actor sees; the page that looks again asks `visible`."""
    if actor.scope is Scope.ALL:
        return True
    if actor.scope is Scope.UNIT:
        return change.unit in actor.lineage
    return actor.scope is Scope.PLACE and bool(actor.place) and change.place.startswith(actor.place)


class _Hub:
    """Hears what is told, in one thread with one connection for all listeners of this process."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="hearing", daemon=True)
                self._thread.start()

    def remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _listen(self) -> None:
        while True:
            try:
                with _own_connection() as own:
                    own.execute(f"LISTEN {CHANNEL}")
                    self._tell(None)  # of what was told while nobody listened
                    for notice in own.notifies():
                        self._tell(_read(notice.payload))
            except (psycopg.Error, OSError) as error:
                log.info("listening was interrupted: %s", error)
            time.sleep(RECOVERED)

    def _tell(self, changes: list[Change] | None) -> None:
        with self._lock:
            listeners = [*self._listeners]
        for listener in listeners:
            listener.hear(changes)


def _own_connection() -> psycopg.Connection[Any]:
    """A connection beside the pool: it is never given back."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("pool", "cursor_factory", "context", "server_side_binding", "prepare_threshold")
    }
    return psycopg.connect(**parameters, autocommit=True)


def _read(payload: str) -> list[Change] | None:
    return [Change(*each) for each in orjson.loads(payload)] if payload else None


_hub = _Hub()


def listeners() -> int:
    """How many listen in this process."""
    return len(_hub)


@contextmanager
def listening(actor: Actor) -> Iterator[Listener]:
    """A listener for as long as the block lasts."""
    listener = Listener(actor)
    _hub.add(listener)
    try:
        yield listener
    finally:
        _hub.remove(listener)
