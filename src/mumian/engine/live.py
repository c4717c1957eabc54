"""Telling at once, in every process, that matters have changed: PostgreSQL's NOTIFY, heard by one thread a process.

What is sent is a hint to look again, not the change and not which matter it is: nothing can leak, and losing one
loses nothing. It is sent after the commit and gathered for a moment: NOTIFY takes a lock that all committing
transactions share, which must not be taken once an act.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
import psycopg
from django.db import connection, transaction

from mumian.engine.matter import Matter
from mumian.people.actor import Actor, Scope

CHANNEL = "mumian_changed"
GATHERED = 0.2
"""Seconds for which changes are gathered before they are told."""
MOST = 60
"""Places told one by one; of more it is only said that there were many. A payload holds 8,000 bytes."""
RECOVERED = 3.0
"""Seconds until a listener that was cut off tries again."""

log = logging.getLogger(__name__)


class Where(NamedTuple):
    """Where a matter that has changed is found: what tells whether a listener has to look. Not which matter it is."""

    place: str
    unit: int | None


# --- telling ----------------------------------------------------------------------------------------


def tell_after_commit(matters: Sequence[tuple[Matter | None, Matter | None]]) -> None:
    """Tells, once the transaction is committed, of matters as they were and as they are."""
    changed = [pair for pair in matters if pair[1] is not None and pair[1] is not pair[0]]
    if len(changed) > MOST:
        tell_of_many_after_commit()
    elif changed:
        places = {Where(each.place, each.unit) for pair in changed for each in pair if each is not None}
        transaction.on_commit(lambda: _teller.add(places))


def tell_of_many_after_commit() -> None:
    """Tells that very many have changed, here and there: everybody looks again."""
    transaction.on_commit(lambda: _teller.add(None))


class _Teller:
    """Gathers changes and tells them from a thread of its own, so that nobody waits for it."""

    def __init__(self) -> None:
        self._gathered: set[Where] | None = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, places: set[Where] | None) -> None:
        with self._lock:
            everywhere = places is None or self._gathered is None or len(self._gathered | places) > MOST
            self._gathered = None if everywhere else (self._gathered or set()) | (places or set())
            if self._thread is None:
                self._thread = threading.Thread(target=self._tell, name="telling", daemon=True)
                self._thread.start()

    def _tell(self) -> None:
        time.sleep(GATHERED)
        with self._lock:
            places, self._gathered, self._thread = self._gathered, set(), None
        payload = "" if places is None else orjson.dumps([tuple(each) for each in places]).decode()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
        except Exception as error:  # a hint that is lost loses nothing
            log.info("changes were not told: %s", error)
        finally:
            connection.close()


_teller = _Teller()


# --- hearing ----------------------------------------------------------------------------------------


class Listener:
    """One who wants to know of changes in what an actor sees."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._rung = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Whether something changed since last asked, or does within so many seconds."""
        return self._rung.wait(seconds)

    def look(self) -> None:
        """What has changed so far is looked at now."""
        self._rung.clear()

    def hear(self, places: Iterable[Where] | None) -> None:
        """Notes where something changed; none given stands for everywhere."""
        if places is None or any(_concerns(each, self._actor) for each in places):
            self._rung.set()


def _concerns(where: Where, actor: Actor) -> bool:
    """Whether it may lie in what the actor sees; the page that looks again asks `visible`."""
    if actor.scope is Scope.ALL:
        return True
    if actor.scope is Scope.UNIT:
        return where.unit in actor.lineage
    return actor.scope is Scope.PLACE and bool(actor.place) and where.place.startswith(actor.place)


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

    def _tell(self, places: list[Where] | None) -> None:
        with self._lock:
            listeners = [*self._listeners]
        for listener in listeners:
            listener.hear(places)


def _own_connection() -> psycopg.Connection[Any]:
    """A connection beside the pool: it is never given back."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("pool", "cursor_factory", "context", "server_side_binding", "prepare_threshold")
    }
    return psycopg.connect(**parameters, autocommit=True)


def _read(payload: str) -> list[Where] | None:
    return [Where(*each) for each in orjson.loads(payload)] if payload else None


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
