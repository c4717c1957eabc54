"""Many rows into PostgreSQL: by COPY where there are many, in one statement where there are few.

Columns are given as `{name: PostgreSQL type}`; a value of type jsonb is given as its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.pq import Format

COPY_FROM = 48
"""From how many rows on COPY is quicker than one statement with all values."""

CHUNK = 400
"""Rows formatted at a time: what fits into the socket, so that the server works on some while more are formatted."""

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
        values = ", ".join(f"({', '.join(map(_place, row))})" for row in rows)
        self.add(f"INSERT INTO {table} ({names}) VALUES {values}", _given(rows))  # noqa: S608

    def staged(self, name: str, columns: Columns, rows: Sequence[Row]) -> tuple[str, list[Any]]:
        """Makes rows readable in a statement: what to write after FROM, named `v`, and its parameters.

        Many rows are copied into a temporary table that goes when the transaction ends.
        """
        names = ", ".join(f'"{column}"' for column in columns)
        if len(rows) < COPY_FROM:
            kinds = columns.values()
            values = ", ".join(f"({', '.join(map(_cast, row, kinds))})" for row in rows)
            return f"(VALUES {values}) AS v ({names})", _given(rows)
        shape = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        self.add(f"DROP TABLE IF EXISTS pg_temp.{name}", [])
        self.add(f"CREATE TEMPORARY TABLE {name} ({shape}) ON COMMIT DROP", [])
        self.run()
        copy(self.cursor, name, columns, rows)
        return f"{name} AS v", []


def _place(value: Any) -> str:
    """Where a value stands in a statement. What is empty is written out, which leaves few parameters.

    psycopg remembers how to read a statement only if it has 50 parameters or less.
    """
    return "NULL" if value is None else "%s"


def _cast(value: Any, kind: str) -> str:
    return f"{_place(value)}::{kind}"


def _given(rows: Sequence[Row]) -> list[Any]:
    return [value for row in rows for value in row if value is not None]


def copy(cursor: Any, table: str, columns: Columns, rows: Sequence[Row]) -> None:
    """Adds rows by COPY, formatted here: several times quicker than value by value."""
    paste(cursor, table, columns, sheets(columns, rows))


def sheets(columns: Columns, rows: Sequence[Row]) -> Iterator[bytes]:
    """Rows in the text form of COPY (PostgreSQL manual, COPY, “Text Format”), `CHUNK` at a time.

    They are formatted column by column, so that almost all of it happens in the loops of the interpreter.
    """
    for start in range(0, len(rows), CHUNK):
        forms = {kind: _FORMATS[kind]() for kind in set(columns.values())}
        values = zip(*rows[start : start + CHUNK], strict=True)
        texts = [forms[kind](column) for kind, column in zip(columns.values(), values, strict=True)]
        yield ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode()


def paste(cursor: Any, table: str, columns: Columns, formatted: Iterable[bytes]) -> None:
    """Adds rows that `sheets` has formatted, here or in another process."""
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
        for sheet in formatted:
            sink.write(sheet)


def uuids(ids: Iterable[UUID]) -> str:
    """Many ids as one parameter, for `= ANY(%s::uuid[])`: a tenth of the time of a list of values."""
    return "{" + ",".join(map(str, ids)) + "}"


_NULL = "\\N"
_Column = Sequence[Any]


def _each(form: Callable[[Any], str]) -> Callable[[_Column], Iterable[str]]:
    def texts(column: _Column) -> Iterable[str]:
        if None in column:
            return [_NULL if value is None else form(value) for value in column]
        return map(form, column)

    return texts


def _once(form: Callable[[Any], str]) -> Callable[[_Column], Iterable[str]]:
    """For values that come again and again, in several columns: a batch's ids and instants."""
    known = _Known(form)
    return lambda column: map(known.__getitem__, column)


class _Known(dict[Any, str]):
    def __init__(self, form: Callable[[Any], str]) -> None:
        super().__init__({None: _NULL})
        self._form = form

    def __missing__(self, value: Any) -> str:
        text = self[value] = self._form(value)
        return text


def _texts(column: _Column) -> Iterable[str]:
    """Few columns hold anything to be escaped, which is found out for all their values at once."""
    joined = "".join(filter(None, column))
    if "\\" in joined or "\n" in joined or "\t" in joined or "\r" in joined:
        return [_NULL if value is None else _escaped(value) for value in column]
    return [_NULL if value is None else value for value in column] if None in column else column


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _boolean(value: bool) -> str:
    return "t" if value else "f"


_FORMATS: dict[str, Callable[[], Callable[[_Column], Iterable[str]]]] = {
    "uuid": lambda: _once(attrgetter("hex")),
    "smallint": lambda: _each(str),
    "integer": lambda: _each(str),
    "bigint": lambda: _each(str),
    "float8": lambda: _each(repr),
    "boolean": lambda: _each(_boolean),
    "text": lambda: _texts,
    "jsonb": lambda: _texts,
    "bytea": lambda: _each(_bytes),
    "timestamptz": lambda: _once(datetime.isoformat),
}
