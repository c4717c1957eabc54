"""How matters, entries and clocks go into PostgreSQL and out again: set-based, a handful of statements a batch.

Used by `perform` alone. New rows are inserted; changed rows are updated in one statement, which also checks
that nobody else has changed them meanwhile.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import IntegrityError, connection

from mumian.database.rows import Row, RowsMissed, Script, binary_cursor, paste, sheets, uuids
from mumian.engine.decide import Decision
from mumian.engine.matter import ClockRun, Holder, Matter
from mumian.engine.numbers import number_of
from mumian.engine.rules import Job
from mumian.record.chain import Entry


class Overtaken(Exception):
    """Somebody else has changed a matter between loading and storing it."""


class Notice(NamedTuple):
    """Parties of a matter are to be told of an entry."""

    matter: UUID
    seq: int
    parties: tuple[str, ...]
    action: str


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

_MATTER = {
    "id": "uuid",
    "procedure": "text",
    "version": "integer",
    "state": "text",
    "seq": "integer",
    "head": "bytea",
    "number": "text",
    "title": "text",
    "place": "text",
    "desk": "text",
    "lon": "float8",
    "lat": "float8",
    "category": "text",
    "unit_id": "bigint",
    "channel": "text",
    "data": "jsonb",
    "opened_at": "timestamptz",
    "entered_at": "timestamptz",
    "closed_at": "timestamptz",
    "outcome": "text",
    "due_at": "timestamptz",
    "late": "boolean",
    "parent": "uuid",
    "children_open": "integer",
    "reports": "integer",
    "merged_into": "uuid",
    "mark": "smallint",
}
"""Columns of a matter, in the order of the fields of `matter.Matter`."""

_CLOCK = {
    "matter_id": "uuid",
    "name": "text",
    "started_at": "timestamptz",
    "limit": "text",
    "origin": "text",
    "due_at": "timestamptz",
    "stopped_at": "timestamptz",
    "paused_at": "timestamptz",
    "pause_reason": "text",
    "changes": "jsonb",
    "ring_at": "timestamptz",
    "rung": "smallint",
}
_HOLDER = {
    "matter_id": "uuid",
    "n": "smallint",
    "party": "text",
    "person": "uuid",
    "post": "bigint",
    "organisation": "bigint",
}
_ID, _SEQ, _DATA, _HEAD = (list(_MATTER).index(name) for name in ("id", "seq", "data", "head"))
_CHANGES = list(_CLOCK).index("changes")


def _select(columns: dict[str, str], table: str, key: str, order: str = "") -> str:
    names = ", ".join(f'"{name}"::text' if kind == "jsonb" else f'"{name}"' for name, kind in columns.items())
    return f"SELECT {names} FROM {table} WHERE {key} = ANY(%s::uuid[]){order}"  # noqa: S608


_SELECT_MATTERS = _select(_MATTER, "engine_matter", "id")
_SELECT_CLOCKS = _select(_CLOCK, "engine_clock", "matter_id")
_SELECT_HOLDERS = _select(_HOLDER, "engine_holder", "matter_id", " ORDER BY matter_id, n")


def load(matters: Collection[UUID]) -> dict[UUID, Matter]:
    """The matters that are there, each with its clocks and holders: three statements."""
    if not matters:
        return {}
    ids = uuids(matters)
    found: dict[UUID, Matter] = {}
    with binary_cursor() as cursor:
        cursor.execute(_SELECT_MATTERS, [ids])
        for row in cursor.fetchall():
            values = list(row)
            values[_HEAD], values[_DATA] = bytes(values[_HEAD]), orjson.loads(values[_DATA])
            found[values[0]] = Matter(*values)
        if not found:
            return found
        cursor.execute(_SELECT_CLOCKS, [ids])
        for row in cursor.fetchall():
            values = list(row)
            values[_CHANGES] = orjson.loads(values[_CHANGES])
            found[values[0]].clocks[values[1]] = ClockRun(*values[1:])
        cursor.execute(_SELECT_HOLDERS, [ids])
        for matter, _, *holder in cursor.fetchall():
            found[matter].holders += (Holder(*holder),)
    return found


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


def is_repetition(error: IntegrityError) -> bool:
    """Whether storing failed because the same act or matter was stored by somebody else just now."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    return name in {"one_key_once", "engine_matter_pkey", "record_entry_pkey"}


# --- in ---------------------------------------------------------------------------------------------

_ENTRY = {
    "subject": "uuid",
    "seq": "integer",
    "at": "timestamptz",
    "action": "text",
    "person": "uuid",
    "post": "bigint",
    "body": "jsonb",
    "key": "text",
    "hash": "bytea",
}
_BODY = list(_ENTRY).index("body")
"""An entry's columns are those of `record.chain.Entry` in their order, and its hash."""
_PERSONAL = {"subject": "uuid", "seq": "integer", "openings": "jsonb"}
_TABLES = {
    "engine_matter": _MATTER,
    "record_entry": _ENTRY,
    "record_personal": _PERSONAL,
    "engine_clock": _CLOCK,
    "engine_holder": _HOLDER,
}
_FILE = {"matter_id": "uuid", "seq": "integer", "field": "text", "sha256": "text"}


@dataclass(slots=True)
class Work:
    """One matter in a batch: as it was loaded, if it was there, as it is now, and which clocks have turned."""

    loaded: Matter | None
    matter: Matter | None
    clocks: set[str] = field(default_factory=set)


def store(changes: Changes, works: Sequence[Work]) -> None:
    """Stores a batch within the caller's transaction. Raises `Overtaken` if a matter has moved on."""
    new, old, started, turned = _sorted_out(works)
    with connection.cursor() as cursor:
        script = Script(cursor)
        try:
            _update(script, old)
            for table, added in _added(changes, new, started).items():
                script.insert(table, _TABLES[table], added)
            _upsert_clocks(script, turned)
            _insert_files(script, changes.files)
            script.run()
        except RowsMissed:
            raise Overtaken from None


Sheets = dict[str, bytes]
"""Rows by table, in the text form of COPY."""


def written_out(changes: Changes, works: Sequence[Work]) -> Sheets | None:
    """What a batch adds, for `store_written` in another process; nothing where it does more than add rows."""
    new, old, started, _ = _sorted_out(works)
    if old or changes.files:
        return None
    tables = _added(changes, new, started)
    return {table: b"".join(sheets(_TABLES[table], added)) for table, added in tables.items() if added}


def store_written(written: Sheets) -> None:
    """Stores rows that were written out, within the caller's transaction."""
    with connection.cursor() as cursor:
        for table, sheet in written.items():
            paste(cursor, table, _TABLES[table], [sheet])


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
    works: Sequence[Work],
) -> tuple[list[Row], list[tuple[Matter, Matter]], list[Row], list[Row]]:
    """New matters, changed ones as they were and are, clocks that are new, clocks that have turned.

    Whether a clock is new can be told from the matter as it was loaded, for it is stored only if it is that still.
    """
    new: list[Row] = []
    old: list[tuple[Matter, Matter]] = []
    started: list[Row] = []
    turned: list[Row] = []
    for work in sorted(works, key=_by_id):
        if work.matter is None or work.matter is work.loaded:
            continue
        there: Collection[str] = work.loaded.clocks if work.loaded else ()
        for name in work.clocks:
            if run := work.matter.clocks.get(name):
                (turned if name in there else started).append(_clock_row(work.matter.id, run))
        if work.loaded is None:
            new.append(_matter_row(work.matter))
        else:
            old.append((work.loaded, work.matter))
    return new, old, started, turned


def _by_id(work: Work) -> int:
    """The order in which all batches touch matters, so that two never wait for each other in a circle."""
    return work.matter.id.int if work.matter else 0


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
    row[_CHANGES] = _dumps(run.changes) if run.changes else "[]"
    return row


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _update(script: Script, works: Sequence[tuple[Matter, Matter]]) -> None:
    """Updates matters from what they were to what they are, in the columns in which any of them has changed."""
    if not works:
        return
    before = list(zip(*(_matter_values(was) for was, _ in works), strict=True))
    after = list(zip(*(_matter_values(now) for _, now in works), strict=True))
    names = [name for name, was, now in zip(_MATTER, before, after, strict=True) if was != now]
    after[_DATA] = tuple(map(_dumps, after[_DATA]))
    kept = dict(zip(_MATTER, after, strict=True)) | {"was": before[_SEQ]}
    columns = {"id": "uuid", "was": "integer"} | {name: _MATTER[name] for name in names}
    values = list(zip(*(kept[name] for name in columns), strict=True))
    source, parameters = script.staged("acted", columns, values)
    assigned = ", ".join(f"{name} = v.{name}" for name in names)
    sql = f"UPDATE engine_matter AS m SET {assigned} FROM {source} WHERE m.id = v.id AND m.seq = v.was"  # noqa: S608
    script.add(sql, parameters, rows=len(works))


_CLOCK_NAMES = ", ".join(f'"{name}"' for name in _CLOCK)
_CLOCK_SET = ", ".join(f'"{name}" = excluded."{name}"' for name in list(_CLOCK)[2:])


def _upsert_clocks(script: Script, rows: Sequence[Row]) -> None:
    if rows:
        source, values = script.staged("turned", _CLOCK, rows)
        script.add(
            f"INSERT INTO engine_clock ({_CLOCK_NAMES}) SELECT {_CLOCK_NAMES} FROM {source}"  # noqa: S608
            f" ON CONFLICT (matter_id, name) DO UPDATE SET {_CLOCK_SET}",
            values,
        )


def _insert_files(script: Script, files: Sequence[tuple[UUID, int, str, str]]) -> None:
    if files:
        source, values = script.staged("attached", _FILE, files)
        script.add(
            "INSERT INTO engine_attachment (matter_id, seq, field, sha256)"  # noqa: S608
            f" SELECT matter_id, seq, field, sha256 FROM {source} ON CONFLICT DO NOTHING",
            values,
        )


# --- numbers ----------------------------------------------------------------------------------------

BLOCK = 256
"""Numbers are fetched from the database by the block; what a process leaves over is never used."""

_numbers: tuple[int, Iterator[int]] = (0, iter(()))
_numbers_lock = threading.Lock()


def next_number(key: bytes) -> str:
    """A number nobody has had."""
    global _numbers
    with _numbers_lock:
        owner, left = _numbers
        count = next(left, None) if owner == os.getpid() else None
        if count is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('engine_number_block')")
                (block,) = cursor.fetchone()
            left = iter(range(block * BLOCK, (block + 1) * BLOCK))
            _numbers = (os.getpid(), left)
            count = next(left)
        return number_of(count, key)


# --- notices ----------------------------------------------------------------------------------------

TOGETHER = 500
"""So many are dealt with by one job."""


def queue(notices: Sequence[Notice]) -> None:
    """Queues notices in the caller's transaction; they are sent after it, by whoever has a task of this name."""
    told = [
        {"matter": n.matter.hex, "seq": n.seq, "parties": list(n.parties), "action": n.action}
        for n in notices
    ]
    _defer("notices.tell", "notices", told)


def publish(changes: Changes) -> None:
    """Queues entries for other systems that listen, in the caller's transaction."""
    _defer("notices.publish", "entries", [[row[0].hex, row[1]] for row in changes.entries])


def queue_jobs(jobs: Sequence[Job]) -> None:
    """Queues what effects ask for, in the caller's transaction; the same job once."""
    from procrastinate.contrib.django import app

    for job in {(job.task, orjson.dumps(job.arguments)): job for job in jobs}.values():
        app.configure_task(job.task).defer(**job.arguments)


def _defer(task: str, name: str, values: Sequence[Any]) -> None:
    from procrastinate.contrib.django import app

    parts: list[dict[str, Any]] = [
        {name: list(values[start : start + TOGETHER])} for start in range(0, len(values), TOGETHER)
    ]
    if parts:
        app.configure_task(task).batch_defer(*parts)
