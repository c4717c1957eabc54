"""A few rows at a time: stored by one call of a function the database keeps, which is one statement and one round trip.

The function is made anew after every migration from the tables as they are described here, so it never lags behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from mumian.database.rows import Columns, Row
from mumian.engine.tables import ATTACHED, CHANGED, CLOCK, MATTER, TABLES

SHAPES: Mapping[str, Columns] = {"changed": CHANGED, **TABLES, "turned": CLOCK, "attached": ATTACHED}
"""What the function is given, by name, in the order in which it is stored."""
OVERTAKEN = "40001"
"""SQLSTATE serialization_failure: a matter is not any more what it was when it was loaded."""


def store(cursor: Any, sheets: Mapping[str, Sequence[Row]]) -> None:
    """Stores rows by the names of `SHAPES`, all or none; fails with SQLSTATE `OVERTAKEN`."""
    batch = {name: [_record(SHAPES[name], row) for row in rows] for name, rows in sheets.items() if rows}
    if not batch:
        return
    text = orjson.dumps(batch, default=_bytes).decode()
    cursor.execute("SELECT mumian_store(%s::jsonb)", [text])


def _record(columns: Columns, row: Row) -> dict[str, Any]:
    return {
        name: orjson.Fragment(value) if kind == "jsonb" else value
        for (name, kind), value in zip(columns.items(), row, strict=True)
        if value is not None
    }


def _bytes(value: bytes) -> str:
    return "\\x" + value.hex()


def function() -> str:
    """The statement that makes the function."""
    return (
        "CREATE OR REPLACE FUNCTION mumian_store(batch jsonb) RETURNS void LANGUAGE plpgsql AS $$\n"
        "DECLARE touched integer;\nBEGIN\n" + "\n".join(_parts()) + "\nEND $$"
    )


def _parts() -> Iterator[str]:
    assigned = ", ".join(f"{name} = v.{name}" for name in MATTER if name != "id")
    yield (
        f"IF batch ? 'changed' THEN UPDATE engine_matter AS m SET {assigned} FROM {_given('changed')}"  # noqa: S608
        " WHERE m.id = v.id AND m.seq = v.was; GET DIAGNOSTICS touched = ROW_COUNT;"
        " IF touched <> jsonb_array_length(batch->'changed') THEN"
        f" RAISE EXCEPTION 'a matter has moved on' USING ERRCODE = '{OVERTAKEN}'; END IF; END IF;"
    )
    for table in TABLES:
        yield _inserted(table, table)
    kept = ", ".join(f'"{name}" = excluded."{name}"' for name in CLOCK if name not in ("matter_id", "name"))
    yield _inserted("turned", "engine_clock", f" ON CONFLICT (matter_id, name) DO UPDATE SET {kept}")
    yield _inserted("attached", "engine_attachment", " ON CONFLICT DO NOTHING")


def _inserted(name: str, table: str, conflict: str = "") -> str:
    names = ", ".join(f'"{column}"' for column in SHAPES[name])
    return (
        f"IF batch ? '{name}' THEN INSERT INTO {table} ({names})"  # noqa: S608 – names of our own
        f" SELECT {names} FROM {_given(name)}{conflict}; END IF;"
    )


def _given(name: str) -> str:
    shape = ", ".join(f'"{column}" {kind}' for column, kind in SHAPES[name].items())
    return f"jsonb_to_recordset(batch->'{name}') AS v ({shape})"
