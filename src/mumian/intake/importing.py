"""Importing a file of reports: streamed, in batches that each go in whole, resumed where it stopped, never twice."""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from mumian.engine import world
from mumian.engine.perform import keep, perform
from mumian.intake.ahead import Ready, drafts_ahead
from mumian.intake.drafting import Batch, Drafting, Found
from mumian.intake.mapping import Mapping, require_columns
from mumian.intake.models import ImportRun
from mumian.intake.problems import Problem, Rejection
from mumian.intake.reading import Table, survey
from mumian.place.loading import forget_atlas

BATCH = 2000
"""Rows that go in together."""

Progress = Callable[[int, int | None], None]
"""Told the line reached and the last line, if that is known."""


@dataclass(slots=True)
class Summary:
    """What an import did. `rows` = `added` + `known` + `rejected`."""

    rows: int = 0
    added: int = 0
    known: int = 0
    rejected: int = 0
    noted: int = 0
    resumed_after: int = 0
    report: Path | None = None
    """The file that names every row rejected or noted, if there is any."""
    samples: list[Rejection] = field(default_factory=list)
    """The first few rejections."""


def run_import(
    path: Path,
    mapping: Mapping,
    *,
    dry_run: bool = False,
    report: Path | None = None,
    batch: int = BATCH,
    progress: Progress = lambda line, last: None,
) -> Summary:
    """Imports a file. An import that was interrupted goes on after its last batch; a second one changes nothing.

    Raises `MumianError` where nothing can be read; rows that cannot go in are named in the summary's report.
    """
    table = survey(
        path,
        encoding=mapping.file.encoding,
        sheet=mapping.file.sheet,
        delimiter=mapping.file.delimiter,
        header=mapping.file.header,
    )
    require_columns(mapping, table.header, path)
    report = report or path.with_name(f"{path.stem}.rows.csv")
    if not dry_run:
        return _Importer(path, table, mapping, report, _unfinished(path, mapping)).run(batch, progress)
    with transaction.atomic():  # all of it, and then none of it
        summary = _Importer(path, table, mapping, report, _new_run(path, mapping)).run(batch, progress)
        transaction.set_rollback(True)
    world.forget()
    forget_atlas()
    return summary


class _Importer:
    """One import under way: what was read and decided is stored here, in the order of the file."""

    def __init__(self, path: Path, table: Table, mapping: Mapping, report: Path, run: ImportRun) -> None:
        self.table, self.mapping, self.run_row = table, mapping, run
        self.drafting = Drafting(mapping)
        self.telling = _Telling(report, self.run_row.told)
        self.summary = Summary(resumed_after=self.run_row.line)

    def run(self, size: int, progress: Progress) -> Summary:
        ahead = drafts_ahead(self.table, self.drafting, self.run_row.line, size)
        with self.telling, closing(ahead) as batches:
            for batch, ready in batches:
                self._batch(batch, ready)
                progress(batch[-1].line, self.table.last_line)
            self._finish()
        self.summary.report = self.telling.path if self.telling.any else None
        return self.summary

    def _batch(self, rows: Batch, ready: Ready | None) -> None:
        """Takes rows in, all that can go in together with the mark of how far the import has come."""
        if ready is not None:
            with transaction.atomic():
                if keep(ready.rows):
                    self._note(rows, ready.found)
                    return
        draft = self.drafting.draft(rows)
        with transaction.atomic():
            self._note(rows, draft.found(perform(draft.acts, quiet=True)))

    def _note(self, rows: Batch, found: Found) -> None:
        self._tell(found)
        self._count(rows, found)

    def _tell(self, found: Found) -> None:
        for rejection in sorted(found.rejections, key=lambda rejection: rejection.line):
            self.telling.tell(rejection.line, rejection.problems, rejected=True)
        for line, problems in found.notes:
            self.telling.tell(line, problems, rejected=False)
        self.telling.keep()

    def _count(self, rows: Batch, found: Found) -> None:
        summary, row = self.summary, self.run_row
        rejected = len({rejection.line for rejection in found.rejections})
        summary.rows += len(rows)
        summary.known += found.known
        summary.rejected += rejected
        summary.added += len(rows) - found.known - rejected
        summary.noted = self.telling.noted
        summary.samples += found.rejections[: max(0, 10 - len(summary.samples))]
        row.line, row.told = rows[-1].line, self.telling.size
        row.rows += len(rows)
        row.known += found.known
        row.rejected += rejected
        row.added += len(rows) - found.known - rejected
        row.noted = summary.noted
        row.save()

    def _finish(self) -> None:
        self.run_row.finished_at = timezone.now()
        self.run_row.save()


def _unfinished(path: Path, mapping: Mapping) -> ImportRun:
    """The run of this file and mapping that was interrupted, or a new one."""
    fresh = _new_run(path, mapping)
    last = ImportRun.objects.filter(source=mapping.source, digest=fresh.digest).order_by("-id").first()
    return last if last is not None and last.finished_at is None else fresh


def _new_run(path: Path, mapping: Mapping) -> ImportRun:
    digest = hashlib.sha256(mapping.model_dump_json().encode())
    with path.open("rb") as file:
        digest.update(file.read(1 << 20))
    digest.update(str(path.stat().st_size).encode())
    return ImportRun(source=mapping.source, file=path.name, digest=digest.hexdigest())


class _Telling:
    """The report of rows: a CSV file, cut back to what was kept when an import goes on."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size, self.noted = path, size, 0
        self._file: io.BufferedRandom | None = None
        self._lines: list[list[str]] = []

    @property
    def any(self) -> bool:
        return self.size > 0

    def __enter__(self) -> "_Telling":
        if not self.size:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def tell(self, line: int, problems: Sequence[Problem], *, rejected: bool) -> None:
        """Notes what is wrong, or only odd, about a row."""
        language = "en" if get_language() == "en" else "zh"
        self.noted += not rejected
        for one in problems:
            self._lines.append(
                [
                    str(line),
                    "rejected" if rejected else "noted",
                    one.column,
                    one.value,
                    one.reason[language],
                    one.cure[language],
                ]
            )

    def keep(self) -> None:
        """Writes what was noted through to the disk; `size` is then where the file ends."""
        if not self._lines:
            return
        text = io.StringIO()
        writer = csv.writer(text)
        if not self.size:
            text.write("\ufeff")
            writer.writerow(["line", "what", "column", "value", "reason", "cure"])
        writer.writerows(self._lines)
        self._lines.clear()
        if self._file is None:
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
            self._file.truncate(self.size)
            self._file.seek(self.size)
        self._file.write(text.getvalue().encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        self.size = self._file.tell()
