"""An action on many matters at once – against one set-based UPDATE and INSERT of the same rows."""

from django.db import connection, transaction

from mumian.bench.ground import Ground
from mumian.bench.importing import empty
from mumian.bench.result import Figure, timed
from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import ANYONE


def measure_act(ground: Ground, count: int) -> Figure:
    """Matters a second that a dispatcher assigns in one batch."""
    ours = theirs = float("inf")
    for _ in range(2):
        ours = min(ours, _assign(ground, count))
        theirs = min(theirs, _same_by_sql())
    return Figure(
        "act",
        count / ours,
        "matters/s",
        count / theirs,
        "one UPDATE … RETURNING and INSERT of the same rows",
        theirs / ours,
        "≥ 0.4",
        theirs / ours >= 0.4,
    )


def _assign(ground: Ground, count: int) -> float:
    empty()
    reports = [
        Act(
            "report",
            ANYONE,
            {"what": f"第 {number} 件：路灯不亮", "where": {"place": ground.here[number % len(ground.here)]}},
            opens="grid-event",
        )
        for number in range(count)
    ]
    opened = perform(reports, quiet=True)
    with connection.cursor() as cursor:
        for table in ("engine_matter", "engine_clock"):
            cursor.execute(f"DROP TABLE IF EXISTS before_{table}")
            cursor.execute(f"CREATE TABLE before_{table} AS TABLE {table}")
        cursor.execute("ANALYZE engine_matter, engine_clock, record_entry")
    actor = ground.dispatcher.as_actor()
    answers = {"category": ground.kinds[0].code, "unit": ground.unit.pk}
    acts = [Act("assign", actor, answers, result.matter) for result in opened]
    with timed() as watch:
        results = perform(acts, quiet=True)
    assert all(isinstance(result, Done) for result in results), results[0]
    return watch.seconds


def _same_by_sql() -> float:
    """The rows that the action left, written again over what was there before it."""
    with connection.cursor() as cursor:
        for sql in _STAGE:
            cursor.execute(sql)
    with timed() as watch, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UPDATE)
        cursor.fetchall()
        for sql in _INSERT:
            cursor.execute(sql)
    return watch.seconds


_COLUMNS = (
    "version", "state", "seq", "head", "title", "place", "desk", "lon", "lat", "category", "unit_id", "data",
    "entered_at", "closed_at", "outcome", "due_at", "late", "children_open", "reports", "merged_into", "mark",
)  # fmt: skip
_CLOCK = (
    "started_at",
    '"limit"',
    "origin",
    "due_at",
    "stopped_at",
    "paused_at",
    "pause_reason",
    "changes",
    "ring_at",
    "rung",
)
_STAGE = (
    "DROP TABLE IF EXISTS after_matter, after_clock, after_entry, after_holder",
    "CREATE TABLE after_matter AS TABLE engine_matter",
    "CREATE TABLE after_clock AS TABLE engine_clock",
    "CREATE TABLE after_entry AS SELECT * FROM record_entry WHERE seq = 2",
    "CREATE TABLE after_holder AS SELECT * FROM engine_holder WHERE n = 1",
    "TRUNCATE engine_matter, engine_clock, engine_holder, engine_attachment",
    "INSERT INTO engine_matter SELECT * FROM before_engine_matter",
    "INSERT INTO engine_clock SELECT * FROM before_engine_clock",
    "CREATE TABLE IF NOT EXISTS kept_entry AS TABLE record_entry WITH NO DATA",
    "TRUNCATE kept_entry",
    "INSERT INTO kept_entry SELECT * FROM record_entry WHERE seq = 1",
    "TRUNCATE record_entry",
    "INSERT INTO record_entry SELECT * FROM kept_entry",
    "ANALYZE engine_matter, engine_clock, record_entry, after_matter, after_clock, after_entry, after_holder",
)
_UPDATE = (
    "UPDATE engine_matter m SET "
    + ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
    + " FROM after_matter v WHERE m.id = v.id AND m.seq = v.seq - 1 RETURNING m.id"
)
_INSERT = (
    "INSERT INTO record_entry SELECT * FROM after_entry",
    "INSERT INTO engine_holder SELECT * FROM after_holder",
    "INSERT INTO engine_clock SELECT * FROM after_clock ON CONFLICT (matter_id, name) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _CLOCK),
)
