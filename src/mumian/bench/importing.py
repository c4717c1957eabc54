"""Import: read, locate, classify, route, store – against COPY of the same final rows into the same tables."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from mumian.bench.ground import MAPPING, Ground, write_reports
from mumian.bench.result import Figure, timed
from mumian.intake.importing import run_import
from mumian.intake.models import ImportRun

TABLES = ("engine_matter", "record_entry", "record_personal", "engine_clock", "engine_holder")


def measure_import(ground: Ground, rows: int) -> Figure:
    """Rows a second through the whole of intake."""
    with TemporaryDirectory() as folder:
        warm, file = Path(folder) / "warm.csv", Path(folder) / "reports.csv"
        write_reports(warm, ground, 200, seed=2)
        run_import(warm, MAPPING)
        empty()
        write_reports(file, ground, rows)
        with timed() as ours:
            summary = run_import(file, MAPPING)
        assert summary.added == rows, summary
    copied = copy_again()
    return Figure(
        "import",
        rows / ours.seconds,
        "reports/s",
        rows / copied,
        "COPY of the same final rows",
        copied / ours.seconds,
        "≥ 0.35",
        copied / ours.seconds >= 0.35,
    )


def copy_again() -> float:
    """Seconds that COPY takes for all rows that are there now, into the same tables emptied."""
    pieces: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            kept = BytesIO()
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                for block in copy:
                    kept.write(block)
            pieces[table] = kept.getvalue()
    empty()
    with timed() as watch, connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(pieces[table])
    return watch.seconds


def empty() -> None:
    """Removes all matters and their record."""
    tables = ", ".join([*TABLES, "engine_attachment"])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")
    ImportRun.objects.all().delete()
