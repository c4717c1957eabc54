"""Many rows into PostgreSQL, by COPY.

Columns are given as `{name: PostgreSQL type}`; a value of type jsonb is given as its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.pq import Format

CHUNK = 400
"""Rows formatted at a time: what fits into the socket, so that the server works on some while more are formatted."""

Columns = Mapping[str, str]
Row = Sequence[Any]


def binary_cursor() -> Any:
    """A cursor whose results come in PostgreSQL's binary form: instants, ids and bytes need not be read from text."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    raw.format = Format.BINARY
    return _watched(raw)


def prepared_cursor() -> Any:
    """A cursor whose statements the server keeps: for one asked so often that planning it takes longer than its answer.

    Values are bound by the server, so one whose type does not follow from its place is given with it (`%s::text`).
    """
    connection.ensure_connection()
    return _watched(_Prepared(connection.connection))


class _Prepared(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **more: Any) -> _Prepared:
        return super().execute(query, params, prepare=True, **more)


def _watched(raw: Any) -> Any:
    """The cursor as Django gives one, which tells and counts its statements."""
    return connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw)


def stage(cursor: Any, name: str, columns: Columns, rows: Sequence[Row]) -> None:
    """Copies rows into a temporary table, which goes when the transaction ends."""
    shape = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    cursor.execute(
        f"DROP TABLE IF EXISTS pg_temp.{name}; CREATE TEMPORARY TABLE {name} ({shape}) ON COMMIT DROP"
    )
    copy(cursor, name, columns, rows)


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
    with cursor.db.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
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
    """For values that come again and again, in several columns: a batch's instants."""
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


def _ids(column: _Column) -> Iterable[str]:
    return [_NULL if value is None else f"{value.int:032x}" for value in column]


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _boolean(value: bool) -> str:
    return "t" if value else "f"


_FORMATS: dict[str, Callable[[], Callable[[_Column], Iterable[str]]]] = {
    "uuid": lambda: _ids,
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
