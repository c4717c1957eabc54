"""The tables of a matter, as they are written: columns with their types, in the order of the values they come from."""

from mumian.database.rows import Columns

MATTER: Columns = {
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
CHANGED: Columns = {**MATTER, "was": "integer"}
"""Those of one that is stored already, and the `seq` it must still have."""

CLOCK: Columns = {
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
HOLDER: Columns = {
    "matter_id": "uuid",
    "n": "smallint",
    "party": "text",
    "person": "uuid",
    "post": "bigint",
    "organisation": "bigint",
}
ENTRY: Columns = {
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
"""Columns of an entry: those of `record.chain.Entry` in their order, and its hash."""
PERSONAL: Columns = {"subject": "uuid", "seq": "integer", "openings": "jsonb"}
"""Personal values with their salts, beside the entry that commits to them."""
TABLES: dict[str, Columns] = {
    "engine_matter": MATTER,
    "record_entry": ENTRY,
    "record_personal": PERSONAL,
    "engine_clock": CLOCK,
    "engine_holder": HOLDER,
}
"""To which rows are only added by a batch, in the order in which they are."""
ATTACHED: Columns = {"matter_id": "uuid", "seq": "integer", "field": "text", "sha256": "text"}
