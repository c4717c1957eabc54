"""Many rows into PostgreSQL: by COPY where there are many, in one statement where there are few.

Columns are given as `{name: PostgreSQL type}`; a value of type jsonb is given as its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.pq import Format

COPY_FROM = 48
"""From how many rows on COPY is quicker than one statement with all values."""

CHUNK = 2000
"""Rows formatted at a time."""

Columns = Mapping[str, str]
Row = Sequence[Any]


def binary_cursor() -> Any:
    """A cursor whose results come in PostgreSQL's binary form: instants, ids and bytes need not be read from text."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    raw.format = Format.BINARY
    return connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)


class RowsMissed(Exception):
    """A statement has touched other than the rows it was meant for."""


class Script:
    """Statements that go to the server together, in one round trip, where nothing has to be known between them."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self._statements: list[str] = []
        self._values: list[Any] = []
        self._counts: list[int | None] = []

    def add(self, sql: str, values: Sequence[Any], *, rows: int | None = None) -> None:
        """Adds a statement; `rows` is how many it must touch."""
        self._statements.append(sql)
        self._values += values
        self._counts.append(rows)

    def run(self) -> None:
        """Sends what was added. Raises `RowsMissed`."""
        if not self._statements:
            return
        self.cursor.execute(";".join(self._statements), self._values)
        counts, self._statements, self._values, self._counts = self._counts, [], [], []
        for place, count in enumerate(counts):
            if place:
                self.cursor.nextset()
            if count is not None and self.cursor.rowcount != count:
                raise RowsMissed

    def insert(self, table: str, columns: Columns, rows: Sequence[Row]) -> None:
        """Adds rows to a table."""
        if not rows:
            return
        if len(rows) >= COPY_FROM:
            self.run()
            copy(self.cursor, table, columns, rows)
            return
        names = ", ".join(f'"{name}"' for name in columns)
        one = f"({', '.join(['%s'] * len(columns))})"
        self.add(
            f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * len(rows))}",  # noqa: S608
            [value for row in rows for value in row],
        )

    def staged(self, name: str, columns: Columns, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        """Makes rows readable in a statement: what to write after FROM, named `v`, and its parameters.

        Many rows are copied into a temporary table that goes when the transaction ends.
        """
        names = ", ".join(f'"{column}"' for column in columns)
        if len(rows) < COPY_FROM:
            one = f"({', '.join(f'%s::{kind}' for kind in columns.values())})"
            values = ", ".join([one] * len(rows))
            return f"(VALUES {values}) AS v ({names})", [value for row in rows for value in row]
        shape = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        self.add(f"DROP TABLE IF EXISTS pg_temp.{name}", [])
        self.add(f"CREATE TEMPORARY TABLE {name} ({shape}) ON COMMIT DROP", [])
        self.run()
        copy(self.cursor, name, columns, rows)
        return f"{name} AS v", []


def copy(cursor: Any, table: str, columns: Columns, rows: Iterable[Row]) -> None:
    """Adds rows by COPY, formatted here: several times quicker than value by value."""
    names = ", ".join(f'"{name}"' for name in columns)
    forms = {kind: _FORMATS[kind]() for kind in set(columns.values())}
    shape = [forms[kind] for kind in columns.values()]
    remaining = iter(rows)
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
        while chunk := list(islice(remaining, CHUNK)):
            lines = [
                "\t".join(
                    ["\\N" if value is None else form(value) for form, value in zip(shape, row, strict=True)]
                )
                for row in chunk
            ]
            sink.write("\n".join(lines) + "\n")


def uuids(ids: Iterable[UUID]) -> str:
    """Many ids as one parameter, for `= ANY(%s::uuid[])`: a tenth of the time of a list of values."""
    return "{" + ",".join(map(str, ids)) + "}"


class _Texts:
    """Texts of values that come again and again as the same object: a batch's ids and instants."""

    def __init__(self, form: Callable[[Any], str]) -> None:
        self._form = form
        self._known: dict[int, tuple[Any, str]] = {}

    def __call__(self, value: Any) -> str:
        known = self._known.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        if len(self._known) > _REMEMBERED:
            self._known = {}
        text = self._form(value)
        self._known[id(value)] = value, text
        return text


_REMEMBERED = 20_000


def _text(value: str) -> str:
    """Escapes as the text form of COPY wants it (PostgreSQL manual, COPY, “Text Format”)."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value or "\t" in value or "\r" in value:
        value = value.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return value


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _boolean(value: bool) -> str:
    return "t" if value else "f"


_FORMATS: dict[str, Callable[[], Callable[[Any], str]]] = {
    "uuid": lambda: _Texts(str),
    "smallint": lambda: str,
    "integer": lambda: str,
    "bigint": lambda: str,
    "float8": lambda: repr,
    "boolean": lambda: _boolean,
    "text": lambda: _text,
    "jsonb": lambda: _text,
    "bytea": lambda: _bytes,
    "timestamptz": lambda: _Texts(datetime.isoformat),
}
