"""Importing a table from the command line: a bar while it runs, bad rows shown and written to a report."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from mumian.cli.frame import complaints, console, language

if TYPE_CHECKING:
    from mumian.rows import Rejection

SHOWN = 100
"""Rejected rows that are shown; all of them go into the report."""

File = Annotated[Path, typer.Argument(help="CSV 文件 · The file.", exists=True, dir_okay=False)]
Report = Annotated[Path | None, typer.Option(help="逐行报告 · Where rejected rows are named, as CSV.")]


class Imported(Protocol):
    """How many rows an import added, changed, found as they were, and turned away."""

    @property
    def added(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def rejected(self) -> int: ...


def import_table(
    file: Path, report: Path | None, run: Callable[..., Imported], kept: Callable[[Imported], None]
) -> Imported:
    """Runs an import, tells `kept` of it where it has changed something, and shows what came of it."""
    rejections = _Rejections(report)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with rejections, Progress(*columns, console=complaints) as bar:
        lines = _lines(file)
        task = bar.add_task(file.name, total=lines)
        done = run(file, reject=rejections.add, progress=lambda line: bar.update(task, completed=line))
        bar.update(task, completed=lines)
    if done.added or done.changed:
        kept(done)
    _tell(done, rejections)
    return done


def import_recorded(
    file: Path, report: Path | None, action: str, run: Callable[..., Imported], *, subject: UUID
) -> None:
    """Runs an import of reference data: it is put on the record under `subject`, and other processes look again.

    Exits with 1 where rows were turned away.
    """
    from mumian.engine import world
    from mumian.record.writing import append

    def kept(done: Imported) -> None:
        world.changed()
        counts = {"added": done.added, "changed": done.changed, "rejected": done.rejected}
        append(subject, action, {"file": file.name, **counts}, person=None, post=None)

    if import_table(file, report, run, kept).rejected:
        raise typer.Exit(1)


def place_of(text: str) -> str | None:
    """The code of a place of this city that a table names; nothing where there is none."""
    from mumian.place.codes import CodeError, normalise
    from mumian.place.loading import current_atlas

    try:
        code = normalise(text)
    except CodeError:
        return None
    return code if code in current_atlas() else None


class _Rejections:
    """Bad rows: the first of them are kept to be shown, all are written into the report."""

    def __init__(self, report: Path | None) -> None:
        self.report, self.shown = report, list[Any]()

    def __enter__(self) -> None:
        self._file = self.report.open("w", encoding="utf-8-sig", newline="") if self.report else None
        self._writer = csv.writer(self._file) if self._file else None
        if self._writer:
            self._writer.writerow(["line", "column", "value", "原因", "办法", "reason", "cure"])

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, row: Rejection) -> None:
        if len(self.shown) < SHOWN:
            self.shown.append(row)
        if self._writer:
            said = (words[each] for each in ("zh", "en") for words in (row.reason, row.cure))
            self._writer.writerow([row.line, row.column, row.value, *said])


def _tell(done: Imported, rejections: _Rejections) -> None:
    zh = language() != "en"
    words = "zh" if zh else "en"
    for row in rejections.shown:
        where = (f"第 {row.line} 行" if zh else f"line {row.line}") + (f" {row.column}" if row.column else "")
        value = f" “{row.value}”" if row.value else ""
        complaints.print(f"✗ {where}{value}: {row.reason[words]} → {row.cure[words]}", highlight=False)
    if done.rejected > len(rejections.shown):
        more = done.rejected - len(rejections.shown)
        complaints.print(f"… 另有 {more:,} 行" if zh else f"… and {more:,} more", highlight=False)
    console.print(
        f"新增 {done.added:,}，更改 {done.changed:,}，未变 {done.unchanged:,}，未导入 {done.rejected:,}"
        if zh
        else f"{done.added:,} added, {done.changed:,} changed, {done.unchanged:,} as they were, "
        f"{done.rejected:,} rejected",
        highlight=False,
    )


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(piece.count(b"\n") for piece in iter(lambda: content.read(1 << 20), b""))
