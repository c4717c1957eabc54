"""Verifying the whole record as a stream: every subject's chain, against the heads their owners know."""

import heapq
from collections.abc import Callable, Iterator
from itertools import count, groupby
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from mumian.record.chain import Entry, Fault, verify

Head = tuple[UUID, int, bytes]
HeadSource = Callable[[], Iterator[Head]]
"""Last seq and hash of every subject an owner knows, in order of subject."""

HEAD_SOURCES: list[HeadSource] = []
"""Rooms that own subjects register here what their rows say is the last entry."""

_ENTRIES = """
    SELECT e.subject, e.seq, e.at, e.action, e.person, e.post, e.body::text, e.key, e.hash, p.openings::text
    FROM record_entry e LEFT JOIN record_personal p ON p.subject = e.subject AND p.seq = e.seq
    ORDER BY e.subject, e.seq
"""


def verify_all(progress: Callable[[int], None] = lambda entries: None) -> Iterator[Fault]:
    """Every fault in the record. Streams; `progress` is told how many more entries were looked at."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if outermost:  # one picture of the whole record, however long the walk takes
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Both tables are walked in the order of their keys, whatever the planner knows of them.
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield from _merge(_subjects(progress), _heads())


def _merge(subjects: Iterator[tuple[UUID, list[Any]]], heads: Iterator[Head]) -> Iterator[Fault]:
    head = next(heads, None)
    for subject, rows in subjects:
        while head is not None and head[0] < subject:
            yield from verify(head[0], [], head=(head[1], head[2]))
            head = next(heads, None)
        known = head is not None and head[0] == subject
        yield from verify(subject, rows, head=(head[1], head[2]) if known and head else None)
        if known:
            head = next(heads, None)
    while head is not None:
        yield from verify(head[0], [], head=(head[1], head[2]))
        head = next(heads, None)


def _heads() -> Iterator[Head]:
    return heapq.merge(*(source() for source in HEAD_SOURCES), key=lambda head: head[0])


_streams = count(1)


def stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a query, fetched a few thousand at a time."""
    connection.ensure_connection()
    with connection.connection.cursor(name=f"stream_{next(_streams)}") as cursor:
        cursor.itersize = 5000
        cursor.execute(sql)
        yield from cursor


def _subjects(progress: Callable[[int], None]) -> Iterator[tuple[UUID, list[Any]]]:
    for subject, rows in groupby(stream(_ENTRIES), key=lambda row: row[0]):
        entries = []
        for _, seq, at, action, person, post, body, key, stored, openings in rows:
            entry = Entry(subject, seq, at, action, person, post, _json(body), key)
            entries.append((entry, bytes(stored), _json(openings) if openings else None))
        progress(len(entries))
        yield subject, entries


def _json(text: str) -> Any:
    """The value written; what no reader of ours can read was never written by us and stays text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
