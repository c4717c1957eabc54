"""How matters, entries and clocks go into PostgreSQL and out again: set-based, a handful of statements a batch.

Used by `perform` alone. New rows are inserted; changed rows are updated in one statement, which also checks
that nobody else has changed them meanwhile. Of few rows all this is one statement: see `few`.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple, Self
from uuid import UUID

import orjson
from django.db import IntegrityError, OperationalError, connection

from mumian.database.rows import Columns, Row, binary_cursor, copy, paste, sheets, stage, uuids
from mumian.engine import few
from mumian.engine.compiled import Decision
from mumian.engine.matter import ClockRun, Holder, Matter
from mumian.engine.tables import ATTACHED, CLOCK, ENTRY, HOLDER, MATTER, TABLES
from mumian.record.chain import Entry


class Overtaken(Exception):
    """Somebody else has changed a matter between loading and storing it."""


@dataclass(slots=True)
class Changes:
    """What a batch adds beside the matters themselves."""

    entries: list[Row] = field(default_factory=list)
    personal: list[tuple[UUID, int, dict[str, Any]]] = field(default_factory=list)
    holders: list[tuple[UUID, int, Holder]] = field(default_factory=list)
    files: list[tuple[UUID, int, str, str]] = field(default_factory=list)

    def add(self, entry: Entry, body: bytes, digest: bytes, decision: Decision) -> None:
        """Adds what one decision leads to; `body` is that of the entry in its canonical form."""
        self.entries.append((*entry[:_BODY], body.decode(), entry.key, digest))
        if decision.openings:
            self.personal.append((entry.subject, entry.seq, decision.openings))
        if decision.holders:
            before = len(decision.matter.holders) - len(decision.holders)
            self.holders += [
                (entry.subject, before + place, holder) for place, holder in enumerate(decision.holders)
            ]
        self.files += [(entry.subject, entry.seq, name, file) for name, file in decision.files]

    def mark(self) -> tuple[int, int, int, int]:
        """Where the lists end now, for `cut`."""
        return len(self.entries), len(self.personal), len(self.holders), len(self.files)

    def cut(self, mark: tuple[int, int, int, int]) -> None:
        """Takes back what was added since `mark`."""
        for rows, length in zip((self.entries, self.personal, self.holders, self.files), mark, strict=True):
            del rows[length:]  # type: ignore[attr-defined]


# --- out --------------------------------------------------------------------------------------------

_BODY = list(ENTRY).index("body")
_ID, _SEQ, _DATA, _HEAD = (list(MATTER).index(name) for name in ("id", "seq", "data", "head"))
_CHANGES = list(CLOCK).index("changes") - 1
"""Where a clock's changes lie, after its matter."""


def _select(columns: Columns, table: str, key: str, order: str = "") -> str:
    """Reads rows by matter; a matter that is only looked up by its id comes as the id's bytes, read in no time."""
    whole = key == "id"
    names = ", ".join(
        f"uuid_send({name})"
        if name == key and not whole
        else f'"{name}"::text'
        if kind == "jsonb"
        else f'"{name}"'
        for name, kind in columns.items()
    )
    return f"SELECT {names} FROM {table} WHERE {key} = ANY(%s::uuid[]){order}"  # noqa: S608


_SELECT_MATTERS = _select(MATTER, "engine_matter", "id")
_SELECT_CLOCKS = _select(CLOCK, "engine_clock", "matter_id")
_SELECT_HOLDERS = _select(HOLDER, "engine_holder", "matter_id", " ORDER BY matter_id, n")


def load(matters: Collection[UUID]) -> dict[UUID, Matter]:
    """The matters that are there, each with its clocks and holders: three statements."""
    if not matters:
        return {}
    ids = uuids(matters)
    found: dict[bytes, Matter] = {}
    with binary_cursor() as cursor:
        cursor.execute(_SELECT_MATTERS, [ids])
        for row in cursor.fetchall():
            values = list(row)
            values[_HEAD], values[_DATA] = bytes(values[_HEAD]), orjson.loads(values[_DATA])
            found[values[0].bytes] = Matter(*values)
        if not found:
            return {}
        cursor.execute(_SELECT_CLOCKS, [ids])
        for matter, *values in cursor.fetchall():
            values[_CHANGES] = orjson.loads(values[_CHANGES]) if values[_CHANGES] != "[]" else []
            found[matter].clocks[values[0]] = ClockRun(*values)
        cursor.execute(_SELECT_HOLDERS, [ids])
        for matter, _, *holder in cursor.fetchall():
            found[matter].holders += (Holder(*holder),)
    return {matter.id: matter for matter in found.values()}


def known(matters: Collection[UUID]) -> set[UUID]:
    """Of these matters, those that are there."""
    with binary_cursor() as cursor:
        cursor.execute("SELECT id FROM engine_matter WHERE id = ANY(%s::uuid[])", [uuids(matters)])
        return {key for (key,) in cursor.fetchall()}


def repetitions(keys: Sequence[tuple[UUID | None, str | None]]) -> dict[tuple[UUID, str], int]:
    """Of acts by matter and key, those already on the record, with their seq."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, key, seq FROM record_entry"
            " JOIN unnest(%s::uuid[], %s::text[]) AS wanted (s, k) ON subject = s AND key = k",
            [[matter for matter, _ in keys], [key for _, key in keys]],
        )
        return {(subject, key): seq for subject, key, seq in cursor.fetchall()}


def is_deadlock(error: OperationalError) -> bool:
    """Whether two batches waited for each other and the database has ended this one."""
    return _state(error) == "40P01"


def _state(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def is_repetition(error: IntegrityError) -> bool:
    """Whether storing failed because the same act or matter was stored by somebody else just now."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    return name in {"one_key_once", "engine_matter_pkey", "record_entry_pkey"}


# --- in ---------------------------------------------------------------------------------------------


class Turned(NamedTuple):
    """One matter that has changed: as it is stored, if it is, as it is to be, and which clocks have turned."""

    stored: Matter | None
    matter: Matter
    clocks: frozenset[str]


class Work:
    """One matter in a batch: as it was loaded, if it was there, and as it is now."""

    __slots__ = ("clocks", "loaded", "matter", "stored")

    def __init__(self, loaded: Matter | None) -> None:
        self.loaded = self.stored = self.matter = loaded
        self.clocks: set[str] = set()
        """Which have turned since it was stored."""

    def turned(self) -> Turned | None:
        """What is to be stored of it, which then counts as stored."""
        if self.matter is None or self.matter is self.stored:
            return None
        turned = Turned(self.stored, self.matter, frozenset(self.clocks))
        self.stored, self.clocks = self.matter, set()
        return turned


TURN = 0.0005
"""Seconds after which a thread lets another go on."""


class Behind:
    """Stores portions of a batch, one after the other, while the next is being decided.

    They go through the caller's connection and transaction, which does one thing at a time: whoever has something
    else to ask of it waits before. Leaving the block waits too, and raises what storing raised. Meanwhile threads
    take turns more often than usual, as the one that stores has little to do each time the server has answered.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._stored: Future[None] | None = None
        self._turns = sys.getswitchinterval()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            if self._thread:
                self._thread.shutdown()
                sys.setswitchinterval(self._turns)

    def store(self, changes: Changes, turned: Sequence[Turned]) -> None:
        """Begins to store a portion, once the one before is stored."""
        self.wait()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "storing")
            sys.setswitchinterval(TURN)
        self._stored = self._thread.submit(_store, connection.cursor(), changes, turned)

    def wait(self) -> None:
        """Waits until all is stored. Raises what storing raised."""
        stored, self._stored = self._stored, None
        if stored:
            stored.result()


FEW = 48
"""From how many entries on COPY and set-based statements are quicker than one call with all of them."""


def store(changes: Changes, turned: Sequence[Turned]) -> None:
    """Stores a batch, all or nothing if in a transaction. Raises `Overtaken` if a matter has moved on."""
    _store(connection.cursor(), changes, turned)


def stored_at_once(changes: Changes) -> bool:
    """Whether `store` stores it by one statement, which needs no transaction around it."""
    return len(changes.entries) < FEW


def _store(opened: Any, changes: Changes, turned: Sequence[Turned]) -> None:
    new, old, started, clocks = _sorted_out(turned)
    added = _added(changes, new, started)
    with opened as cursor:
        if stored_at_once(changes):
            changed = [[*_matter_row(now), was.seq] for was, now in old]
            _store_few(cursor, {"changed": changed, **added, "turned": clocks, "attached": changes.files})
            return
        _update(cursor, old)
        for table, rows in added.items():
            if rows:
                copy(cursor, table, TABLES[table], rows)
        _upsert_clocks(cursor, clocks)
        _insert_files(cursor, changes.files)


def _store_few(cursor: Any, sheets: Mapping[str, Sequence[Row]]) -> None:
    try:
        few.store(cursor, sheets)
    except OperationalError as error:
        if _state(error) == few.OVERTAKEN:
            raise Overtaken from None
        raise


Sheets = dict[str, bytes]
"""Rows by table, in the text form of COPY."""


def written_out(changes: Changes, turned: Sequence[Turned]) -> Sheets | None:
    """What a batch adds, for `store_written` in another process; nothing where it does more than add rows."""
    new, old, started, _ = _sorted_out(turned)
    if old or changes.files:
        return None
    tables = _added(changes, new, started)
    return {table: b"".join(sheets(TABLES[table], added)) for table, added in tables.items() if added}


def store_written(written: Sheets) -> None:
    """Stores rows that were written out, within the caller's transaction."""
    with connection.cursor() as cursor:
        for table, sheet in written.items():
            paste(cursor, table, TABLES[table], [sheet])


def _added(changes: Changes, matters: Sequence[Row], clocks: Sequence[Row]) -> dict[str, Sequence[Row]]:
    """The rows a batch adds by table, in the order in which they are stored."""
    return {
        "engine_matter": matters,
        "record_entry": changes.entries,
        "record_personal": [(subject, seq, _dumps(opened)) for subject, seq, opened in changes.personal],
        "engine_clock": clocks,
        "engine_holder": [(matter, n, *holder) for matter, n, holder in changes.holders],
    }


def _sorted_out(
    turned: Sequence[Turned],
) -> tuple[list[Row], list[tuple[Matter, Matter]], list[Row], list[Row]]:
    """New matters, changed ones as they were and are, clocks that are new, clocks that have turned.

    Whether a clock is new can be told from the matter as it is stored, for it is changed only if it is that still.
    """
    new: list[Row] = []
    old: list[tuple[Matter, Matter]] = []
    started: list[Row] = []
    changed: list[Row] = []
    for stored, matter, clocks in sorted(turned, key=_by_id):
        there: Collection[str] = stored.clocks if stored else ()
        for name in clocks:
            if run := matter.clocks.get(name):
                (changed if name in there else started).append(_clock_row(matter.id, run))
        if stored is None:
            new.append(_matter_row(matter))
        else:
            old.append((stored, matter))
    return new, old, started, changed


def _by_id(turned: Turned) -> int:
    """The order in which batches touch matters, so that two hardly ever wait for each other in a circle."""
    return turned.matter.id.int


_matter_values: Callable[[Matter], tuple[Any, ...]] = attrgetter(
    *(spec.name for spec in fields(Matter) if spec.name not in ("clocks", "holders"))
)
_clock_values = attrgetter(*(spec.name for spec in fields(ClockRun)))


def _matter_row(matter: Matter) -> Row:
    row = list(_matter_values(matter))
    row[_DATA] = _dumps(matter.data)
    return row


def _clock_row(matter: UUID, run: ClockRun) -> Row:
    row = [matter, *_clock_values(run)]
    row[_CHANGES + 1] = _dumps(run.changes) if run.changes else "[]"
    return row


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _update(cursor: Any, works: Sequence[tuple[Matter, Matter]]) -> None:
    """Updates matters from what they were to what they are, in the columns in which any of them has changed.

    What is alike for all is sent once.
    """
    if not works:
        return
    before = list(zip(*(_matter_values(was) for was, _ in works), strict=True))
    after = list(zip(*(_matter_values(now) for _, now in works), strict=True))
    columns, values = {"id": "uuid", "was": "integer"}, [after[_ID], before[_SEQ]]
    assigned, alike = [], []
    for (name, kind), was, now in zip(MATTER.items(), before, after, strict=True):
        if was == now:
            continue
        if name == "data":
            now = tuple(map(_dumps, now))
        if now.count(now[0]) == len(now):
            assigned.append(f"{name} = %s::{kind}")
            alike.append(now[0])
        else:
            assigned.append(f"{name} = v.{name}")
            columns[name] = kind
            values.append(now)
    stage(cursor, "acted", columns, list(zip(*values, strict=True)))
    cursor.execute(
        f"UPDATE engine_matter AS m SET {', '.join(assigned)} FROM acted AS v"  # noqa: S608
        " WHERE m.id = v.id AND m.seq = v.was",
        alike,
    )
    if cursor.rowcount != len(works):
        raise Overtaken


_CLOCK_NAMES = ", ".join(f'"{name}"' for name in CLOCK)
_CLOCK_SET = ", ".join(f'"{name}" = excluded."{name}"' for name in list(CLOCK)[2:])


def _upsert_clocks(cursor: Any, rows: Sequence[Row]) -> None:
    if rows:
        stage(cursor, "turned", CLOCK, rows)
        cursor.execute(
            f"INSERT INTO engine_clock ({_CLOCK_NAMES}) SELECT {_CLOCK_NAMES} FROM turned"  # noqa: S608
            f" ON CONFLICT (matter_id, name) DO UPDATE SET {_CLOCK_SET}"
        )


def _insert_files(cursor: Any, files: Sequence[Row]) -> None:
    if files:
        stage(cursor, "attached", ATTACHED, files)
        cursor.execute(
            "INSERT INTO engine_attachment (matter_id, seq, field, sha256)"
            " SELECT matter_id, seq, field, sha256 FROM attached ON CONFLICT DO NOTHING"
        )
