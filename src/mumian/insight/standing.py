"""How a city stands: what is open and late now, in a place and in each part of it, and how its days have gone.

Counted are matters that somebody reports and that have a kind; confidential procedures are not. What is open
and what happened today is read live from the indexes of matters, the days before from `DayFigure`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from mumian.engine.compiled import Compiled
from mumian.engine.models import Matter
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.insight.models import DayFigure, Reckoning
from mumian.people.actor import Actor
from mumian.place.codes import range_of

DAYS = 30
"""So many days are looked back on, today among them."""
NO_KIND = "-"
"""Stands for matters that have not been given a kind yet."""
PAST = "days"
"""Under this name `Reckoning` keeps when the days before were reckoned."""


@dataclass(slots=True)
class Tally:
    """What was counted of one place, one kind or one day."""

    open: int = 0
    late: int = 0
    """Of those open: with a time limit that is over."""
    opened: int = 0
    settled: int = 0
    in_time: int = 0
    """Of those settled: with every time limit kept."""

    @property
    def on_time(self) -> float | None:
        """The share of those settled that were settled in time; none where nothing was settled."""
        return self.in_time / self.settled if self.settled else None

    @property
    def late_share(self) -> float:
        """The share of those open that are late."""
        return self.late / self.open if self.open else 0.0

    def add(self, *, opened: int = 0, settled: int = 0, in_time: int = 0) -> None:
        self.opened += opened
        self.settled += settled
        self.in_time += in_time


@dataclass(frozen=True, slots=True)
class Standing:
    """The picture of a place. Sums over `DAYS` are in `whole`, `parts` and `kinds`; today's alone in `today`."""

    place: str
    whole: Tally
    today: Tally
    parts: Mapping[str, Tally]
    """By code, every part one level below."""
    kinds: Mapping[str, Tally]
    """By the code of a kind no other stands above, or `NO_KIND`."""
    days: Mapping[date, Tally]
    """Every day, the oldest first."""
    now: datetime
    past_at: datetime | None
    """When the days before today were reckoned; none if they have not been yet."""


def counted() -> dict[str, Compiled]:
    """The procedures whose matters are counted: those somebody reports and that have a kind, none confidential."""
    here = city()
    found = {name: here.procedure(name) for name in sorted(here.current)}
    return {name: each for name, each in found.items() if _is_counted(each)}


def _is_counted(compiled: Compiled) -> bool:
    definition = compiled.definition
    opening = (spec.by for spec in definition.actions.values() if spec.from_ is None)
    reported = any(party != "system" for by in opening for party in by)
    return reported and compiled.kind_field is not None and not definition.confidential


def settled_states(procedures: Mapping[str, Compiled]) -> list[str]:
    """The states in which a matter is settled, not withdrawn or dropped."""
    return sorted(
        {
            name
            for each in procedures.values()
            for name, spec in each.states.items()
            if spec.final and spec.tone != "void"
        }
    )


def settled(matters: "QuerySet[Matter]", procedures: Mapping[str, Compiled]) -> "QuerySet[Matter]":
    """Those of the matters that were settled by themselves, not by being merged into another."""
    return matters.filter(closed_at__isnull=False, state__in=settled_states(procedures), merged_into=None)


def within(matters: "QuerySet[Matter]", place: str) -> "QuerySet[Matter]":
    """Those of the matters that lie in the place."""
    low, high = range_of(place)
    return matters.filter(place__gte=low, place__lt=high)


def standing(actor: Actor, place: str, parts: Sequence[str], now: datetime) -> Standing:
    """The picture of a place and its parts as the actor may see them: six statements at most, each on an index."""
    picture = _Picture(place, parts, timezone.localtime(now).date())
    procedures = counted()
    matters = within(visible(actor).filter(procedure__in=list(procedures)), place).order_by()
    picture.open(matters, now)
    picture.today(matters, settled(matters, procedures), midnight(now))
    picture.past()
    past_at = Reckoning.objects.filter(pk=PAST).values_list("at", flat=True).first()
    return Standing(
        place, picture.whole, picture.now, picture.parts, picture.kinds, picture.days, now, past_at
    )


def midnight(now: datetime) -> datetime:
    """When the city's day began."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def top_kind(category: str) -> str:
    """The kind above a kind that no other stands above."""
    return category.partition(".")[0] or NO_KIND


@dataclass(slots=True)
class _Picture:
    """A standing in the making."""

    place: str
    codes: Sequence[str]
    day: date
    whole: Tally = field(default_factory=Tally)
    now: Tally = field(default_factory=Tally)
    parts: dict[str, Tally] = field(init=False)
    kinds: dict[str, Tally] = field(default_factory=dict)
    days: dict[date, Tally] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = {code: Tally() for code in self.codes}
        self.days = {self.day - timedelta(days=ago): Tally() for ago in range(DAYS - 1, -1, -1)}

    def kind(self, code: str) -> Tally:
        return self.kinds.setdefault(code, Tally())

    def open(self, matters: "QuerySet[Matter]", now: datetime) -> None:
        """What is open, from the index of open matters alone."""
        depth = max(map(len, self.codes), default=len(self.place))
        found = matters.filter(closed_at=None).values(part=Left("place", depth), kind=F("category"))
        for row in found.annotate(open=Count("*"), late=Count("place", filter=Q(due_at__lt=now))):
            for tally in self._of(row["part"], top_kind(row["kind"])):
                tally.open += row["open"]
                tally.late += row["late"]

    def today(self, matters: "QuerySet[Matter]", ended: "QuerySet[Matter]", since: datetime) -> None:
        """What happened since midnight, from the indexes of when matters were opened and closed."""
        depth = max(map(len, self.codes), default=len(self.place))
        opened = matters.filter(opened_at__gte=since).values(part=Left("place", depth), kind=F("category"))
        closed = ended.filter(closed_at__gte=since).values(part=Left("place", depth), kind=F("category"))
        in_time = Count("place", filter=Q(late=False))
        for part, kind, count in opened.annotate(n=Count("*")).values_list("part", "kind", "n"):
            self._happened(part, kind, opened=count)
        for part, kind, count, kept in closed.annotate(n=Count("*"), kept=in_time).values_list(
            "part", "kind", "n", "kept"
        ):
            self._happened(part, kind, settled=count, in_time=kept)

    def _happened(self, part: str, category: str, **counts: int) -> None:
        for tally in (*self._of(part, top_kind(category)), self.now, self.days[self.day]):
            tally.add(**counts)

    def _of(self, part: str, kind: str) -> list[Tally]:
        """The whole, the part in which a place lies, and the kind."""
        found = [self.whole, self.kind(kind)]
        if code := next((code for code in self._beginnings(part) if code in self.parts), ""):
            found.append(self.parts[code])
        return found

    def _beginnings(self, place: str) -> list[str]:
        return [place[:length] for length in sorted({len(code) for code in self.codes})]

    def past(self) -> None:
        """The days before today."""
        figures = DayFigure.objects.filter(day__gte=min(self.days), day__lt=self.day)
        own = Q(place=self.place)
        for row in figures.filter(own | Q(place__in=list(self.codes), kind="")):
            counts = {"opened": row.opened, "settled": row.settled, "in_time": row.in_time}
            if row.place != self.place:
                self.parts[row.place].add(**counts)
            elif row.kind:
                self.kind(row.kind).add(**counts)
            else:
                self.whole.add(**counts)
                self.days[row.day].add(**counts)
