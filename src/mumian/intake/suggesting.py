"""What intake suggests for a report: its kind from the text, its unit, and reports nearby that may be the same.

The unit comes from the responsibility table; where that is silent, from the catalogue, which says what sort of
unit answers for a kind and at which level; where that is silent too, from the city's own history. Every
suggestion says why, and where none is sure enough a person decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from mumian.engine.models import Matter
from mumian.engine.parties import LEVELS
from mumian.engine.visible import visible
from mumian.engine.world import City, city
from mumian.intake.acting import Settled
from mumian.intake.classify import CatalogueKind, KeywordClassifier, TextModel
from mumian.intake.duplicates import DEFAULT, Candidate, Sighting, candidates
from mumian.intake.learning import Advice, Facts, Ground, Reason, Suggestion
from mumian.intake.models import Learned
from mumian.intake.models import Responsibility as ResponsibilityRow
from mumian.intake.placing import Where
from mumian.intake.report import Report
from mumian.intake.routing import Responsibility, ResponsibilityTable, RoutingModel
from mumian.people.actor import SYSTEM
from mumian.place.codes import Level, cut, range_of

NOTHING = Advice((), sure=False)
KINDS, UNITS = "kinds", "units"
"""What is learned, by the name under which it is kept: `kinds.grid-event`."""


def learned_name(what: str, procedure: str) -> str:
    """The name under which a model for a procedure is kept."""
    return f"{what}.{procedure}"[:64]


def suggester(procedure: str) -> "Suggester":
    """What suggests for a procedure in the city as it is now; made once for each state of the city."""
    here = city()
    return _suggester(procedure, here.stamp, bytes(here.installation.key))


@lru_cache(maxsize=8)
def _suggester(procedure: str, stamp: int, key: bytes) -> "Suggester":
    return Suggester(procedure, city())


class Suggester:
    """Suggests kinds and units for matters of one procedure."""

    def __init__(self, procedure: str, here: City) -> None:
        definition = here.procedure(procedure).definition
        self.procedure = procedure
        self.kinds_known = here.kinds.get(definition.catalogue or "", {})
        leaves = {code for code in self.kinds_known if not _has_below(code, self.kinds_known)}
        self.keywords = KeywordClassifier(
            CatalogueKind(
                code,
                {"zh": kind.title, "en": kind.title_en},
                [word for words in kind.keywords.values() for word in words],
            )
            for code, kind in self.kinds_known.items()
            if code in leaves and kind.keywords
        )
        self.table = ResponsibilityTable(
            Responsibility(kind=row.kind, place=row.place, unit=str(row.unit_id), basis=row.basis)
            for row in ResponsibilityRow.objects.filter(unit__active=True)
        )
        self.sort = {
            (unit.kind, unit.place): str(key) for key, unit in here.units.items() if unit.active and unit.kind
        }
        self.active = {str(key) for key, unit in here.units.items() if unit.active}
        models = {
            row.name: bytes(row.model)
            for row in Learned.objects.filter(
                name__in=[learned_name(what, procedure) for what in (KINDS, UNITS)]
            )
        }
        text, units = models.get(learned_name(KINDS, procedure)), models.get(learned_name(UNITS, procedure))
        self.text = TextModel.loads(text) if text else None
        self.routing = RoutingModel.loads(units) if units else None

    # --- kinds --------------------------------------------------------------------------------------

    def kind(self, text: str) -> Advice:
        """The likeliest kinds of a text."""
        learned = self.text.suggest(Facts(text=text)) if self.text and text else NOTHING
        return self._better(learned, self.keywords.suggest(text))

    def kind_many(self, texts: Sequence[str]) -> list[Advice]:
        """The likeliest kind of each text, without learned reasons."""
        named = self.keywords.suggest_many(texts, top=1)
        if self.text is None:
            return named
        learned = self.text.suggest_many([Facts(text=text) for text in texts], top=1)
        return [self._better(*pair) for pair in zip(learned, named, strict=True)]

    def _better(self, learned: Advice, named: Advice) -> Advice:
        """What was learned, if it is sure or keywords say nothing; kinds no longer in the catalogue are left out."""
        known = tuple(one for one in learned.suggestions if one.code in self.kinds_known)
        learned = Advice(known, learned.sure and known[:1] == learned.suggestions[:1])
        return learned if learned.sure or (learned.suggestions and not named.sure) else named

    # --- units --------------------------------------------------------------------------------------

    def unit(self, facts: Facts) -> Advice:
        """The likeliest units for a matter whose kind and place are known."""
        return self.unit_many([facts])[0]

    def unit_many(self, facts: Sequence[Facts]) -> list[Advice]:
        """The likeliest units for each matter."""
        found = [self._responsible(one) for one in facts]
        silent = [place for place, advice in enumerate(found) if not advice.sure]
        if self.routing and silent:
            learned = self.routing.suggest_many([facts[place] for place in silent])
            for place, advice in zip(silent, learned, strict=True):
                active = tuple(one for one in advice.suggestions if one.code in self.active)
                found[place] = Advice(active, advice.sure and active[:1] == advice.suggestions[:1])
        return found

    def _responsible(self, facts: Facts) -> Advice:
        kind, place = facts.features.get("kind", ""), facts.features.get("place", "")
        if line := self.table.find(kind, place):
            return Advice((line,), sure=True)
        unit = self._of_sort(kind, place) if kind and place else None
        if unit is None:
            return NOTHING
        reason = Reason(Ground.TABLE, basis=self.kinds_known[kind].title)
        return Advice((Suggestion(unit, 1.0, reason),), sure=True)

    def _of_sort(self, kind: str, place: str) -> str | None:
        """The unit of the sort the catalogue names, at the level it names, for this place."""
        row = self.kinds_known.get(kind)
        if row is None or not row.unit_kind or row.unit_at not in LEVELS:
            return None
        level: Level = LEVELS[row.unit_at]
        return self.sort.get((row.unit_kind, cut(place, level))) if len(place) >= level else None

    # --- a batch of an import -----------------------------------------------------------------------

    def settle(
        self,
        reports: Sequence[Report],
        wheres: Sequence[Where | None],
        kinds: Sequence[str | None],
        units: Sequence[int | None],
    ) -> list[Settled]:
        """Kind and unit of each report: as the row names them, else as suggested where that is sure."""
        chosen = list(kinds)
        unknown = [place for place, kind in enumerate(kinds) if kind is None]
        advice = self.kind_many([reports[place].what for place in unknown])
        for place, advised in zip(unknown, advice, strict=True):
            chosen[place] = advised.choice
        loose = [place for place, unit in enumerate(units) if unit is None and chosen[place]]
        routes = self.unit_many(
            [
                _facts(
                    chosen[place],
                    wheres[place],
                    reports[place].channel,
                    reports[place].reported_at if self.routing else None,
                )
                for place in loose
            ]
        )
        settled = [Settled(*one) for one in zip(wheres, chosen, units, strict=True)]
        for place, route in zip(loose, routes, strict=True):
            if route.choice:
                ground = _ground(route.suggestions[0].reason)
                settled[place] = Settled(wheres[place], chosen[place], int(route.choice), ground)
        return settled


def _has_below(code: str, kinds: Mapping[str, object]) -> bool:
    prefix = f"{code}."
    return any(other.startswith(prefix) for other in kinds)


@lru_cache(maxsize=4096)
def _ground(reason: Reason | None) -> str:
    """Why a unit was chosen, for the remark of the one who assigns it: the program speaks both languages."""
    return f"{reason.said['zh']} · {reason.said['en']}" if reason else "·"


def _facts(kind: str | None, where: Where | None, channel: str | None, at: datetime | None) -> Facts:
    features = {"kind": kind or "", "place": str((where or {}).get("place", "")), "channel": channel or ""}
    return Facts(features=features, on=timezone.localdate(at) if at else None)


# --- what a page or the API asks ------------------------------------------------------------------------


def suggest_kinds(procedure: str, text: str) -> Advice:
    """The likeliest kinds of what somebody writes."""
    return suggester(procedure).kind(text)


def suggest_units(matters: Iterable[Matter]) -> dict[object, Advice]:
    """The likeliest units of matters that are yet to be assigned, by id; all at once."""
    by_procedure: dict[str, list[Matter]] = {}
    for matter in matters:
        by_procedure.setdefault(matter.procedure, []).append(matter)
    found: dict[object, Advice] = {}
    for procedure, rows in by_procedure.items():
        asked = suggester(procedure)
        kinds = asked.kind_many([row.title for row in rows])
        facts = [
            _facts(row.category or advice.choice, {"place": row.place}, row.channel, row.opened_at)
            for row, advice in zip(rows, kinds, strict=True)
        ]
        found.update(zip((row.pk for row in rows), asked.unit_many(facts), strict=True))
    return found


@dataclass(frozen=True, slots=True)
class Near:
    """An open matter nearby that may be the same."""

    matter: Matter
    metres: int | None
    """How far away; nothing where one of the two has no point."""
    likeness: float


LOOKED_AT = 400
"""Open matters of a community that are compared, the latest."""
DAYS = 14


def near(
    procedure: str, lon: float | None, lat: float | None, place: str, kind: str, text: str, *, most: int = 3
) -> list[Near]:
    """Open matters that may be the same as what is being reported, likeliest first. One query."""
    now = timezone.now()
    new = Sighting(id="", kind=kind, place=place, at=now, text=text, lon=lon, lat=lat)
    return _alike(procedure, new, most)


def same_as(matter: Matter, *, most: int = 5) -> list[Near]:
    """Open matters that may be the same as one that is there. One query."""
    return _alike(matter.procedure, _sighting(matter), most)


def _alike(procedure: str, new: Sighting, most: int) -> list[Near]:
    if not new.place:
        return []
    low, high = range_of(cut(new.place, Level.COMMUNITY))
    rows = {
        str(row.pk): row
        for row in visible(SYSTEM)
        .filter(procedure=procedure, place__gte=low, place__lt=high, closed_at=None)
        .filter(opened_at__gte=new.at - timedelta(days=DAYS))
        .order_by("-opened_at")[:LOOKED_AT]
        if str(row.pk) != new.id
    }
    found = candidates(new, [_sighting(row) for row in rows.values()], DEFAULT, most=most)
    return [_near(rows, one) for one in found]


def _near(rows: Mapping[str, Matter], one: Candidate) -> Near:
    return Near(rows[one.id], None if one.metres is None else round(one.metres), one.likeness)


def _sighting(row: Matter) -> Sighting:
    return Sighting(
        id=str(row.pk),
        kind=row.category,
        place=row.place,
        at=row.opened_at,
        text=row.title,
        lon=row.lon,
        lat=row.lat,
    )


def history(procedure: str) -> Iterator[Matter]:
    """Closed matters of a procedure, oldest first, streamed: what can be learned from."""
    rows = visible(SYSTEM).filter(procedure=procedure, closed_at__isnull=False).order_by("opened_at")
    yield from rows.iterator(chunk_size=2000)
