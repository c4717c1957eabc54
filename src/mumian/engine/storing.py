"""How matters, entries and clocks go into PostgreSQL and out again: set-based, a handful of statements a batch.

Used by `perform` alone. New rows go in by COPY where there are many and by one INSERT where there are few;
changed rows are updated in one statement that also checks that nobody else has changed them meanwhile.
"""

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection

from mumian.engine.decide import Decision
from mumian.engine.matter import ClockRun, Holder, Matter
from mumian.engine.numbers import number_of
from mumian.record.chain import Entry

COPY_FROM = 64
"""From how many rows on COPY is quicker than an INSERT."""


class Overtaken(Exception):
    """Somebody else has changed a matter between loading and storing it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Parties of a matter are to be told of an entry."""

    matter: UUID
    seq: int
    parties: tuple[str, ...]
    action: str


@dataclass(slots=True)
class Changes:
    """What a batch adds beside the matters themselves."""

    entries: list[tuple[Entry, bytes]] = field(default_factory=list)
    personal: list[tuple[UUID, int, dict[str, Any]]] = field(default_factory=list)
    clocks: dict[UUID, set[str]] = field(default_factory=dict)
    holders: list[tuple[UUID, int, Holder]] = field(default_factory=list)
    files: list[tuple[UUID, int, str, str]] = field(default_factory=list)

    def add(self, entry: Entry, hash: bytes, decision: Decision) -> None:
        """Adds what one decision leads to."""
        self.entries.append((entry, hash))
        if decision.openings:
            self.personal.append((entry.subject, entry.seq, decision.openings))
        if decision.clocks:
            self.clocks.setdefault(entry.subject, set()).update(decision.clocks)
        if decision.holders:
            before = len(decision.matter.holders) - len(decision.holders)
            self.holders += [
                (entry.subject, before + place, holder) for place, holder in enumerate(decision.holders)
            ]
        self.files += [(entry.subject, entry.seq, name, file) for name, file in decision.files]

    def mark(self) -> tuple[int, int, int, int]:
        """Where the lists end now, for `cut`. Clocks need no mark: a name too many is stored unchanged."""
        return len(self.entries), len(self.personal), len(self.holders), len(self.files)

    def cut(self, mark: tuple[int, int, int, int]) -> None:
        """Takes back what was added since `mark`."""
        for rows, length in zip((self.entries, self.personal, self.holders, self.files), mark, strict=True):
            del rows[length:]  # type: ignore[attr-defined]


# --- out --------------------------------------------------------------------------------------------

_LOADED = [spec.name for spec in fields(Matter) if spec.name not in ("clocks", "holders")]
_COLUMN = {"unit": "unit_id"}
_COLUMNS = [_COLUMN.get(name, name) for name in _LOADED]
_CLOCK = [spec.name for spec in fields(ClockRun)]


def load(matters: Collection[UUID]) -> dict[UUID, Matter]:
    """The matters that are there, each with its clocks and holders: three statements."""
    if not matters:
        return {}
    ids = list(matters)
    found: dict[UUID, Matter] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_COLUMNS)} FROM engine_matter WHERE id = ANY(%s)", [ids])  # noqa: S608
        head, data = _LOADED.index("head"), _LOADED.index("data")
        for row in cursor.fetchall():
            values = list(row)
            values[head], values[data] = bytes(values[head]), _json(values[data])
            found[values[0]] = Matter(*values)
        if not found:
            return found
        cursor.execute(
            f"SELECT matter_id, {', '.join(map(_quoted, _CLOCK))} FROM engine_clock WHERE matter_id = ANY(%s)",  # noqa: S608
            [ids],
        )
        changes = _CLOCK.index("changes") + 1
        for row in cursor.fetchall():
            values = list(row)
            values[changes] = _json(values[changes])
            found[values[0]].clocks[values[1]] = ClockRun(*values[1:])
        cursor.execute(
            "SELECT matter_id, party, person, post, organisation FROM engine_holder"
            " WHERE matter_id = ANY(%s) ORDER BY matter_id, n",
            [ids],
        )
        for matter, *holder in cursor.fetchall():
            found[matter].holders += (Holder(*holder),)
    return found


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


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _quoted(name: str) -> str:
    return f'"{name}"'


# --- in ---------------------------------------------------------------------------------------------


def store(changes: Changes, matters: Sequence[tuple[Matter | None, Matter]]) -> None:
    """Stores a batch within the caller's transaction. Raises `Overtaken` if a matter has moved on."""
    if not matters:
        return
    new = [after for before, after in matters if before is None]
    fresh = {matter.id for matter in new}
    with connection.cursor() as cursor:
        _update(cursor, [(before.seq, after) for before, after in matters if before is not None])
        _insert(cursor, "engine_matter", _COLUMNS, map(_matter_row, new), len(new))
        _insert(cursor, "record_entry", _ENTRY, map(_entry_row, changes.entries), len(changes.entries))
        _insert(
            cursor,
            "record_personal",
            ["subject", "seq", "openings"],
            ((subject, seq, _dumps(openings)) for subject, seq, openings in changes.personal),
            len(changes.personal),
        )
        by_id = {after.id: after for _, after in matters}
        runs = [
            (matter, run)
            for matter, names in changes.clocks.items()
            if matter in by_id
            for name in names
            if (run := by_id[matter].clocks.get(name))
        ]
        first = [_clock_row(matter, run) for matter, run in runs if matter in fresh]
        _insert(cursor, "engine_clock", ["matter_id", *_CLOCK], iter(first), len(first))
        _upsert_clocks(cursor, [_clock_row(matter, run) for matter, run in runs if matter not in fresh])
        _insert(
            cursor,
            "engine_holder",
            ["matter_id", "n", "party", "person", "post", "organisation"],
            (
                (matter, n, holder.party, holder.person, holder.post, holder.organisation)
                for matter, n, holder in changes.holders
            ),
            len(changes.holders),
        )
        _insert_files(cursor, changes.files)


_ENTRY = ["subject", "seq", "at", "action", "person", "post", "body", "key", "hash"]


def _entry_row(pair: tuple[Entry, bytes]) -> tuple[Any, ...]:
    entry, hash = pair
    return (
        entry.subject,
        entry.seq,
        entry.at,
        entry.action,
        entry.person,
        entry.post,
        _dumps(entry.body),
        entry.key,
        hash,
    )


def _matter_row(matter: Matter) -> list[Any]:
    row = [getattr(matter, name) for name in _LOADED]
    row[_DATA] = _dumps(matter.data)
    return row


_DATA = _LOADED.index("data")


def _clock_row(matter: UUID, run: ClockRun) -> tuple[Any, ...]:
    return (
        matter,
        run.name,
        run.started_at,
        run.limit,
        run.origin,
        run.due_at,
        run.stopped_at,
        run.paused_at,
        run.pause_reason,
        _dumps(run.changes),
        run.ring_at,
        run.rung,
    )


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _insert(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], count: int) -> None:
    if not count:
        return
    names = ", ".join(map(_quoted, columns))
    if count >= COPY_FROM:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * count)
    cursor.execute(
        f"INSERT INTO {table} ({names}) VALUES {values}",  # noqa: S608
        [value for row in rows for value in row],
    )


_CHANGING = {
    "version": "integer",
    "state": "text",
    "seq": "integer",
    "head": "bytea",
    "title": "text",
    "place": "text",
    "desk": "text",
    "lon": "float8",
    "lat": "float8",
    "category": "text",
    "unit": "bigint",
    "data": "jsonb",
    "entered_at": "timestamptz",
    "closed_at": "timestamptz",
    "outcome": "text",
    "due_at": "timestamptz",
    "late": "boolean",
    "children_open": "integer",
    "reports": "integer",
    "merged_into": "uuid",
    "mark": "smallint",
}
_SET = ", ".join(f"{_COLUMN.get(name, name)} = v.{name}" for name in _CHANGING)
_UPDATE = (
    f"UPDATE engine_matter AS m SET {_SET}"
    f" FROM unnest(%s::uuid[], %s::integer[], {', '.join(f'%s::{kind}[]' for kind in _CHANGING.values())})"
    f" AS v (id, before, {', '.join(_CHANGING)}) WHERE m.id = v.id AND m.seq = v.before"
)


def _update(cursor: Any, rows: Sequence[tuple[int, Matter]]) -> None:
    if not rows:
        return
    columns: list[list[Any]] = [[after.id for _, after in rows], [before for before, _ in rows]]
    for name in _CHANGING:
        if name == "data":
            columns.append([_dumps(after.data) for _, after in rows])
        else:
            columns.append([getattr(after, name) for _, after in rows])
    cursor.execute(_UPDATE, columns)
    if cursor.rowcount != len(rows):
        raise Overtaken


_CLOCK_TYPES = {
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
_UPSERT_CLOCKS = (
    f"INSERT INTO engine_clock ({', '.join(map(_quoted, _CLOCK_TYPES))})"
    f" SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _CLOCK_TYPES.values())})"
    " ON CONFLICT (matter_id, name) DO UPDATE SET "
    + ", ".join(f'"{name}" = excluded."{name}"' for name in list(_CLOCK_TYPES)[2:])
)


def _upsert_clocks(cursor: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        cursor.execute(_UPSERT_CLOCKS, [list(column) for column in zip(*rows, strict=True)])


def _insert_files(cursor: Any, files: Sequence[tuple[UUID, int, str, str]]) -> None:
    if files:
        cursor.execute(
            "INSERT INTO engine_attachment (matter_id, sha256, seq, field)"
            " SELECT m, f, s, n FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::text[]) AS v (m, s, n, f)"
            " ON CONFLICT DO NOTHING",
            [list(column) for column in zip(*files, strict=True)],
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


def queue(notices: Sequence[Notice]) -> None:
    """Queues notices in the caller's transaction; they are sent after it."""
    from mumian.engine import jobs

    for start in range(0, len(notices), 500):
        jobs.tell.defer(
            notices=[
                {"matter": n.matter.hex, "seq": n.seq, "parties": list(n.parties), "action": n.action}
                for n in notices[start : start + 500]
            ]
        )
