"""What the engine knows beside matters, kept in memory: definitions, calendar, catalogue, units, places.

Published versions never change, so they are kept for good. The rest is looked at again when the
installation's stamp has moved, at most once a second.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from datetime import time as time_of_day
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from mumian.engine import definition
from mumian.engine.clocks import WorkingCalendar
from mumian.engine.compiled import Compiled, World
from mumian.engine.fields import Known
from mumian.engine.models import Calendar, Installation, Kind, ProcedureVersion
from mumian.errors import MumianError
from mumian.people.models import Organisation, Post
from mumian.place.loading import current_atlas

LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class City:
    """Everything of this installation that deciding and storing need."""

    installation: Installation
    key: bytes
    world: World
    current: Mapping[str, int]
    """The version in which a new matter of a procedure is opened."""
    kinds: Mapping[str, Mapping[str, Kind]]
    """By catalogue and code."""
    units: Mapping[int, Organisation]
    stamp: int

    def procedure(self, name: str, version: int | None = None) -> Compiled:
        """A published definition, in the version given or the current one."""
        if version is None:
            version = self.current.get(name)
            if version is None:
                raise MumianError(
                    f"procedure {name}",
                    reason="it is not published here",
                    cure=f"Publish it with `mumian procedures publish {name}`, or choose one of: "
                    + ", ".join(sorted(self.current)),
                )
        return _compiled(name, version)


_city: City | None = None
_looked = 0.0
_lock = threading.Lock()


def city() -> City:
    """The installation as it is, at most a second old."""
    global _city, _looked
    kept = _city  # another thread may forget it meanwhile
    if kept is not None and time.monotonic() - _looked < LOOK_AGAIN_SECONDS:
        return kept
    with _lock:
        installation, kept = Installation.objects.get(), _city
        if kept is None or kept.stamp != installation.stamp or kept.key != bytes(installation.key):
            kept = _city = _load(installation)
        _looked = time.monotonic()
        return kept


def changed() -> None:
    """Says that reference data has changed: other processes look again within a second, this one at once."""
    Installation.objects.update(stamp=F("stamp") + 1)
    forget()
    transaction.on_commit(forget)


def look_again() -> None:
    """Makes the next `city()` ask whether another process has changed anything, however lately it has asked."""
    global _looked
    _looked = 0.0


def forget() -> None:
    """Makes the next `city()` look again."""
    global _city
    _city = None
    _compiled.cache_clear()


@lru_cache(maxsize=256)
def _compiled(name: str, version: int) -> Compiled:
    rows = ProcedureVersion.objects.values_list("content", "text")
    return _made_ready(*rows.get(name=name, version=version), name, version)


@lru_cache(maxsize=256)
def _made_ready(content: str, text: str, name: str, version: int) -> Compiled:
    """The same text is read once, however often the world is looked at again."""
    if content:
        return Compiled(definition.again(content), version)
    return Compiled(definition.read(text, f"{name} version {version}").procedure, version)


def calendar_of(row: Calendar) -> WorkingCalendar:
    """A stored calendar, ready for reckoning."""
    days: dict[date, tuple[bool, str]] = {day.day: (day.working, day.name) for day in row.days.all()}
    hours = tuple((time_of_day.fromisoformat(a), time_of_day.fromisoformat(b)) for a, b in row.hours)
    return WorkingCalendar(
        row.name,
        ZoneInfo(row.zone),
        hours=hours,
        weekdays=frozenset(row.weekdays),
        days=days,
        known=row.known,
    )


def _load(installation: Installation) -> City:
    calendar = calendar_of(Calendar.objects.prefetch_related("days").get(name=installation.calendar))
    kinds: dict[str, dict[str, Kind]] = {}
    for kind in Kind.objects.filter(active=True).select_related("catalogue"):
        kinds.setdefault(kind.catalogue_id, {})[kind.code] = kind
        if kind.catalogue.extends:
            kinds.setdefault(kind.catalogue.extends, {}).setdefault(kind.code, kind)
    units = Organisation.objects.in_bulk()
    active = frozenset(key for key, unit in units.items() if unit.active)
    known = Known(
        place=lambda code: code in current_atlas(),
        unit=active.__contains__,
        works=lambda unit: bool(_posts_in(unit)),
        takes=lambda unit, posts: not (there := _posts_in(unit)) or not there.isdisjoint(posts),
        kind=lambda catalogue, code: code in kinds.get(catalogue, ()),
    )
    current = {
        row["name"]: row["version"]
        for row in ProcedureVersion.objects.filter(status=ProcedureVersion.Status.PUBLISHED)
        .order_by("version")
        .values("name", "version")
    }
    world = World(calendar, known, limit_of=_limits(kinds), traits_of=_traits(kinds), top=installation.place)
    return City(installation, bytes(installation.key), world, current, kinds, units, installation.stamp)


def _posts_in(unit: int) -> set[str]:
    """The roles in which somebody works in a unit."""
    return set(
        Post.objects.filter(organisation=unit, person__is_active=True).values_list("role_id", flat=True)
    )


def _traits(kinds: Mapping[str, Mapping[str, Kind]]) -> Callable[[str, str], Mapping[str, Any]]:
    def traits(catalogue: str, code: str) -> Mapping[str, Any]:
        kind = kinds.get(catalogue, {}).get(code)
        if kind is None:
            return {}
        return {"hazard": kind.hazard, "in_grid": kind.in_grid, "unit_kind": kind.unit_kind}

    return traits


def _limits(kinds: Mapping[str, Mapping[str, Kind]]) -> "LimitOf":
    return LimitOf(
        {name: {code: kind.limits for code, kind in codes.items()} for name, codes in kinds.items()}
    )


@dataclass(frozen=True, slots=True)
class LimitOf:
    """The limit a catalogue gives a kind for a clock; a kind without one takes that of the kind above it."""

    limits: Mapping[str, Mapping[str, Mapping[str, str]]]

    def __call__(self, catalogue: str, kind: str, clock: str) -> str | None:
        codes = self.limits.get(catalogue, {})
        while kind:
            if found := codes.get(kind, {}).get(clock):
                return found
            kind = kind.rpartition(".")[0]
        return None
