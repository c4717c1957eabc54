"""What a batch of rows comes to before anything is stored: reports settled, and the acts that carry them on.

Places, kinds and units that the city does not have yet are added on the way, where the mapping says so.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from mumian.engine import perform, world
from mumian.engine.installing import save_kinds
from mumian.engine.models import Catalogue, Kind
from mumian.engine.perform import Act, Refused, Result
from mumian.intake.acting import NOT_SAID, Acting, Settled
from mumian.intake.mapping import Mapping
from mumian.intake.placing import Placing
from mumian.intake.problems import Fault, Problem, Rejection, problem
from mumian.intake.reading import RawRow
from mumian.intake.report import Report, compile_mapping
from mumian.intake.suggesting import suggester
from mumian.people.models import Organisation

Batch = Sequence[RawRow | Rejection]
"""Rows of a file that go in together."""


class Found(NamedTuple):
    """What is to be told and counted of a batch."""

    rejections: list[Rejection]
    notes: list[tuple[int, Sequence[Problem]]]
    """What is only odd, by line."""
    known: int
    """Rows whose matter is there already."""


class Draft(NamedTuple):
    """A batch of rows before the engine has been asked."""

    before: Found
    acts: list[Act]
    lines: list[int]
    """The line each act comes from."""

    def found(self, results: Sequence[Result]) -> Found:
        """What is to be told of the batch, now that it is known what became of its acts."""
        refused = _refused(self.lines, self.acts, results)
        return self.before._replace(rejections=[*self.before.rejections, *refused])


class Adding(Exception):
    """A place, a kind or a unit is to be added, and not here."""


class Drafting:
    """Makes drafts of batches by one mapping, and remembers what it has looked up."""

    def __init__(self, mapping: Mapping, *, adds: bool = True) -> None:
        self.mapping, self.adds = mapping, adds
        self.read = compile_mapping(mapping)
        self.placing = Placing(mapping, create=mapping.place.create, before_adding=self._before_adding)
        self.units: dict[tuple[str, str], int | None] = {}
        self.kinds: set[str] = set()

    def draft(self, rows: Batch) -> Draft:
        """Reads and settles rows, and makes acts of those that are not in yet.

        Raises `Adding` where something would be added to the city and `adds` says that it may not be.
        """
        read = [row if isinstance(row, Rejection) else self.read(row) for row in rows]
        reports = [one for one in read if not isinstance(one, Rejection)]
        rejections = [one for one in read if isinstance(one, Rejection)]
        settled = self._settle(reports)
        world.look_again()  # a unit or kind settled on may have been added a moment ago by another process
        acting, acts, lines = self.acting, list[Act](), list[int]()
        ids = [acting.matter_of(report.key) for report in reports]
        fresh, notes = self._unknown(reports, ids)
        for place in fresh:
            report = reports[place]
            more = acting.acts(report, settled[place], ids[place])
            acts += more
            lines += [report.line] * len(more)
        notes += [(report.line, report.notes) for report in reports if report.notes]
        return Draft(Found(rejections, notes, len(reports) - len(fresh)), acts, lines)

    def _before_adding(self) -> None:
        if not self.adds:
            raise Adding

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
        catalogue = next(iter(kinds.values())).catalogue_id
        there = set(Kind.objects.filter(catalogue=catalogue).values_list("code", flat=True))
        if there.issuperset(kinds):
            return
        self._before_adding()
        definition = world.city().procedure(self.mapping.procedure).definition
        title = self.mapping.title
        Catalogue.objects.get_or_create(
            name=catalogue,
            defaults={
                "title": title.get("zh", catalogue),
                "title_en": title.get("en", ""),
                "extends": (definition.catalogue or "") if definition.catalogue != catalogue else "",
            },
        )
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
            self._before_adding()
            found = units.create(code=own, name=name or code, place=self.placing.within)
            units.filter(pk=found.pk).update(lineage=[found.pk])
            world.changed()
        return found.pk if found else None

    def _unknown(
        self, reports: Sequence[Report], ids: Sequence[UUID]
    ) -> tuple[list[int], list[tuple[int, Sequence[Problem]]]]:
        """Positions of the reports that are not in yet, neither from before nor from this batch, and what is odd."""
        known = perform.opened(ids)
        seen, fresh = set(known), list[int]()
        notes: list[tuple[int, Sequence[Problem]]] = []
        for place, matter in enumerate(ids):
            if matter not in seen:
                seen.add(matter)
                fresh.append(place)
            elif matter not in known:
                twice = problem(Fault.KEY_REPEATED, ", ".join(self.mapping.key), reports[place].key)
                notes.append((reports[place].line, [twice]))
        return fresh, notes

    @property
    def acting(self) -> Acting:
        """Acts for the city as it is now: units and kinds may have been added."""
        here = world.city()
        if self._acting is None or self._acting.city is not here:
            self._acting = Acting(self.mapping, here)
        return self._acting

    _acting: Acting | None = None


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
