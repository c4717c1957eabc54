"""Importing a file of reports: streamed, in batches that each go in whole, resumed where it stopped, never twice."""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from mumian.engine import world
from mumian.engine.installing import save_kinds
from mumian.engine.models import Catalogue, Kind, Matter
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.intake.acting import NOT_SAID, Acting, Settled
from mumian.intake.mapping import Mapping, require_columns
from mumian.intake.models import ImportRun
from mumian.intake.placing import Placing
from mumian.intake.problems import Fault, Problem, Rejection, problem
from mumian.intake.reading import RawRow, Table, survey
from mumian.intake.report import Report, compile_mapping
from mumian.intake.suggesting import suggester
from mumian.people.models import Organisation
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
    """One import under way."""

    def __init__(self, path: Path, table: Table, mapping: Mapping, report: Path, run: ImportRun) -> None:
        self.table, self.mapping, self.run_row = table, mapping, run
        self.read = compile_mapping(mapping)
        self.placing = Placing(mapping, create=mapping.place.create)
        self.units: dict[tuple[str, str], int | None] = {}
        self.kinds: set[str] = set()
        self.telling = _Telling(report, self.run_row.told)
        self.summary = Summary(resumed_after=self.run_row.line)

    def run(self, size: int, progress: Progress) -> Summary:
        rows = iter(self.table.rows(after=self.run_row.line))
        with self.telling:
            while batch := list(islice(rows, size)):
                self._batch(batch)
                progress(batch[-1].line, self.table.last_line)
            self._finish()
        self.summary.report = self.telling.path if self.telling.any else None
        return self.summary

    def _batch(self, rows: Sequence[RawRow | Rejection]) -> None:
        """Takes rows in, all that can go in together with the mark of how far the import has come."""
        read = [row if isinstance(row, Rejection) else self.read(row) for row in rows]
        reports = [one for one in read if not isinstance(one, Rejection)]
        rejections = [one for one in read if isinstance(one, Rejection)]
        settled = self._settle(reports)
        with transaction.atomic():
            fresh = self._unknown(reports)
            rejections += self._take_in([(reports[place], settled[place]) for place in fresh])
            self._tell(reports, rejections)
            self._count(rows, len(reports) - len(fresh), rejections)

    def _settle(self, reports: Sequence[Report]) -> list[Settled]:
        wheres = self.placing.places(reports)
        kinds = self._kinds(reports)
        units = [self._unit(report) for report in reports]
        return suggester(self.mapping.procedure).settle(reports, wheres, kinds, units)

    def _kinds(self, reports: Sequence[Report]) -> list[str | None]:
        """The kind each row names; kinds the city does not have yet are added from their titles."""
        spec = self.mapping.kind
        if spec is None:
            return [None] * len(reports)
        new: dict[str, Kind] = {}
        for report in reports:
            if report.kind and report.kind not in self.kinds:
                self.kinds.add(report.kind)
                if report.kind_titles:
                    new.update(_kinds_of(report, spec.catalogue or self.mapping.source))
        if new:
            self._save_kinds(new)
        return [report.kind for report in reports]

    def _save_kinds(self, kinds: dict[str, Kind]) -> None:
        definition = world.city().procedure(self.mapping.procedure).definition
        catalogue = next(iter(kinds.values())).catalogue_id
        title = self.mapping.title
        Catalogue.objects.get_or_create(
            name=catalogue,
            defaults={
                "title": title.get("zh", catalogue),
                "title_en": title.get("en", ""),
                "extends": (definition.catalogue or "") if definition.catalogue != catalogue else "",
            },
        )
        there = set(Kind.objects.filter(catalogue=catalogue).values_list("code", flat=True))
        save_kinds(kind for code, kind in kinds.items() if code not in there)
        world.changed()

    def _unit(self, report: Report) -> int | None:
        """The unit a row names, by code or name; one the city does not have is added if the mapping says so."""
        named = (report.unit_code or "", report.unit_name or "")
        if named == ("", ""):
            if report.end is None or report.end.outcome is None:
                return None
            named = ("not-recorded", NOT_SAID)  # it was settled, so some unit did it
        if named not in self.units:
            self.units[named] = self._find_unit(*named)
        return self.units[named]

    def _find_unit(self, code: str, name: str) -> int | None:
        own = f"{self.mapping.source}:{code or name}"[:64]
        units = Organisation.objects
        found = units.filter(code=own).first() or (units.filter(code=code).first() if code else None)
        if found is None and not self.mapping.unit.create:
            found = units.filter(name=name).first()
        if found is None and self.mapping.unit.create:
            found = units.create(code=own, name=name or code, place=self.placing.within)
            units.filter(pk=found.pk).update(lineage=[found.pk])
            world.changed()
        return found.pk if found else None

    def _unknown(self, reports: Sequence[Report]) -> list[int]:
        """Positions of the reports that are not in yet: neither from an earlier import nor from this batch."""
        ids = [self.acting.matter_of(report.key) for report in reports]
        known = set(Matter.objects.filter(pk__in=ids).values_list("pk", flat=True))
        seen, fresh = set(known), []
        for place, matter in enumerate(ids):
            if matter not in seen:
                seen.add(matter)
                fresh.append(place)
            elif matter not in known:
                twice = problem(Fault.KEY_REPEATED, ", ".join(self.mapping.key), reports[place].key)
                self.telling.tell(reports[place].line, [twice], rejected=False)
        return fresh

    @property
    def acting(self) -> Acting:
        """Acts for the city as it is now: units and kinds may have been added."""
        here = world.city()
        if self._acting is None or self._acting.city is not here:
            self._acting = Acting(self.mapping, here)
        return self._acting

    _acting: Acting | None = None

    def _take_in(self, fresh: Iterable[tuple[Report, Settled]]) -> list[Rejection]:
        acts: list[Act] = []
        lines: list[int] = []
        acting = self.acting
        for report, settled in fresh:
            more = list(acting.acts(report, settled))
            if report.end is None and settled.unit and settled.ground:
                more += acting.routed(report, settled)
            acts += more
            lines += [report.line] * len(more)
        return list(_refused(lines, acts, perform(acts, quiet=True)))

    def _tell(self, reports: Sequence[Report], rejections: Sequence[Rejection]) -> None:
        for rejection in sorted(rejections, key=lambda rejection: rejection.line):
            self.telling.tell(rejection.line, rejection.problems, rejected=True)
        for report in reports:
            if report.notes:
                self.telling.tell(report.line, report.notes, rejected=False)
        self.telling.keep()

    def _count(self, rows: Sequence[RawRow | Rejection], known: int, rejections: Sequence[Rejection]) -> None:
        summary, row = self.summary, self.run_row
        rejected = len({rejection.line for rejection in rejections})
        summary.rows += len(rows)
        summary.known += known
        summary.rejected += rejected
        summary.added += len(rows) - known - rejected
        summary.noted = self.telling.noted
        summary.samples += rejections[: max(0, 10 - len(summary.samples))]
        row.line, row.told = rows[-1].line, self.telling.size
        row.rows += len(rows)
        row.known += known
        row.rejected += rejected
        row.added += len(rows) - known - rejected
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


def _kinds_of(report: Report, catalogue: str) -> Iterator[tuple[str, Kind]]:
    """The kind of a report and those above it, one for each title."""
    assert report.kind is not None
    parts = report.kind.split(".")
    if len(parts) != len(report.kind_titles):
        parts = [report.kind]
    titles = report.kind_titles if len(parts) > 1 else report.kind_titles[-1:]
    for depth, title in enumerate(titles, 1):
        code = ".".join(parts[:depth])
        yield code, Kind(catalogue_id=catalogue, code=code, title=title[:100])


def _refused(lines: Sequence[int], acts: Sequence[Act], results: Sequence[Result]) -> Iterator[Rejection]:
    """The first refusal of each row, as a rejection if the matter could not be opened."""
    told: set[int] = set()
    for line, act, result in zip(lines, acts, results, strict=True):
        if isinstance(result, Refused) and line not in told:
            told.add(line)
            yield Rejection(line, tuple(Problem.refused(act.action, reason) for reason in result.reasons))


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
