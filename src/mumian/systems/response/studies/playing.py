"""Answers what a change of rosters would do: weeks of incidents played over the rosters as they are and as they would be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Avg, F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from scipy.sparse import csr_array, vstack

from mumian.engine.visible import visible
from mumian.errors import MumianError
from mumian.people.actor import SYSTEM
from mumian.people.models import Organisation
from mumian.place.codes import range_of
from mumian.systems.response.coverage import HOURS, Bits, Places
from mumian.systems.response.models import Alert, Study
from mumian.systems.response.network import Floats
from mumian.systems.response.rings import cards
from mumian.systems.response.rules import INCIDENT
from mumian.systems.response.simulating import Calls, Run, compare, draw, run
from mumian.systems.response.studies.ground import (
    Numbers,
    Pace,
    Units,
    Ways,
    area,
    duty,
    metres_within,
    monday,
    rostered,
    units_around,
)

LAST = 1200.0
"""Seconds from which nobody comes any more, and for which a call waits until a unit is free: the last ring."""
LOOKED_BACK = timedelta(days=364)
MOST_INCIDENTS = 200_000
ON_SCENE = 20.0
"""Minutes on the scene where no incident on record tells."""
RINGS = (1, 3, 5, 10, 20)
BIN = 30
"""Seconds of a bar of the chart."""
BUSIEST = 8

Shifts = tuple[Numbers, Floats, Floats]


def answer(place: str, asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Asked: `week`, `weeks`, `seed`, `pace`, `rate` (incidents a week; nothing for those on record), `on_scene`
    (minutes; nothing for those on record), `wanted` (units an incident), and the change: `change` (none, siting,
    roster or fewer), `siting` (a study), `roster` (units, from, until in hours of the week), `fewer` (a share)."""
    grids, pace = area(place), Pace(asked["pace"])
    past = _Past.of(place)
    units = units_around(grids.points, metres=metres_within(pace, LAST))
    shifts = rostered(units, monday(date.fromisoformat(asked["week"])))
    calls = draw(
        past.rates(asked["rate"]),
        grids.people,
        seed=asked["seed"],
        weeks=asked["weeks"],
        on_scene=60.0 * (asked["on_scene"] or past.on_scene),
        kinds=past.kinds,
        wanted=[0.0] * (asked["wanted"] - 1) + [1.0],
    )
    if not len(calls):
        raise MumianError(
            _("The weeks"),
            reason=_("nothing happened in them"),
            cure=_("Let more happen, or play more weeks"),
        )
    where, point = np.unique(calls.point, return_inverse=True)
    calls = Calls(calls.at, point.ravel(), calls.kind, calls.on_scene, calls.wanted, calls.weeks)
    ways = Ways.to(grids.points[where], grids.people[where], pace)
    reach = ways.within(units.points, LAST)
    changed = _Changed(place, asked, units, shifts, reach, ways).made()
    first = _play(calls, reach, duty(units, shifts), units)
    second = _play(calls, *changed)
    return {
        "before": _told(first, units.keys),
        "after": _told(second, changed[2].keys),
        "differences": [
            {"minutes": minutes, "mean": found.mean, "low": found.low, "high": found.high}
            for minutes in (3, 5)
            if len(np.unique(first.day)) > 1
            for found in [compare(first, second, minutes=minutes)]
        ],
        "duty_before": float(duty(units, shifts).sum()),
        "duty_after": float(changed[1].sum()),
        "calls": len(calls),
        "on_record": past.count,
        "on_scene": asked["on_scene"] or past.on_scene,
        "by_road": ways.by_road,
        "known": grids.known,
    }


@dataclass(frozen=True, slots=True)
class _Past:
    """What the record says of the last year: how many incidents, when in the week, of what kinds, how long they took."""

    count: int
    hours: Floats
    """float64[168]: the share of incidents in each hour of the week; all alike where there are none."""
    kinds: list[float]
    """The share of each kind of the cards."""
    on_scene: float
    """Minutes."""

    @classmethod
    def of(cls, place: str) -> _Past:
        low, high = range_of(place) if place else ("", ":")
        since = timezone.now() - LOOKED_BACK
        found = visible(SYSTEM).filter(
            procedure=INCIDENT, opened_at__gte=since, place__gte=low, place__lt=high
        )
        rows = found.order_by("-opened_at").values_list("opened_at", "category", "data__drill", "pk")
        real = [
            (timezone.localtime(at), category, pk)
            for at, category, drill, pk in rows[:MOST_INCIDENTS]
            if not drill
        ]
        spent = Alert.objects.filter(
            incident__in=[pk for _at, _category, pk in real[:5000]],
            on_scene_at__isnull=False,
            ended_at__isnull=False,
        ).aggregate(mean=Avg(F("ended_at") - F("on_scene_at")))["mean"]
        known = Counter(category[:2] for _at, category, _pk in real)
        shares = [float(known[code]) for code in cards()]
        return cls(
            len(real),
            _by_hour([at for at, _category, _pk in real]),
            shares if sum(shares) else [1.0] * len(shares),
            max(1.0, spent.total_seconds() / 60) if spent else ON_SCENE,
        )

    def rates(self, a_week: float | None) -> Floats:
        """float64[168]: incidents an hour, so many a week or as many as on record."""
        if a_week is None and not self.count:
            raise MumianError(
                _("The incidents"),
                reason=_("none is on record here for the last year"),
                cure=_("Say how many happen in a week"),
            )
        weeks = LOOKED_BACK.days / 7
        return self.hours * (self.count / weeks if a_week is None else a_week)


def _by_hour(times: list[datetime]) -> Floats:
    """Hours of the day and days of the week are counted each for itself, and one is added to each count: the hours of
    a week are too many to be told from what happens in a year."""
    day = 1.0 + np.bincount([at.weekday() for at in times], minlength=7)
    hour = 1.0 + np.bincount([at.hour for at in times], minlength=24)
    both = np.outer(day, hour).ravel()
    shares: Floats = both / both.sum()
    return shares


@dataclass(frozen=True, slots=True)
class _Changed:
    """How things stand after the change: reach, duty, units."""

    place: str
    asked: Mapping[str, Any]
    units: Units
    shifts: Shifts
    reach: csr_array
    ways: Ways

    def made(self) -> tuple[csr_array, Bits, Units]:
        made = {"siting": self._sited, "roster": self._other_roster, "fewer": self._fewer}
        on = duty(self.units, self.shifts)
        return made[self.asked["change"]]() if self.asked["change"] in made else (self.reach, on, self.units)

    def _fewer(self) -> tuple[csr_array, Bits, Units]:
        """Without a share of the shifts, drawn by the seed."""
        size = len(self.shifts[0])
        gone = np.random.default_rng(self.asked["seed"]).permutation(size)[
            : round(size * self.asked["fewer"])
        ]
        kept = np.ones(size, dtype=bool)
        kept[gone] = False
        number, since, until = self.shifts
        return self.reach, duty(self.units, (number[kept], since[kept], until[kept])), self.units

    def _other_roster(self) -> tuple[csr_array, Bits, Units]:
        """The units of the place by the roster given, the others by theirs."""
        low, high = range_of(self.place) if self.place else ("", ":")
        own = Organisation.objects.filter(pk__in=self.units.keys.tolist(), place__gte=low, place__lt=high)
        ours = np.isin(self.units.keys, list(own.values_list("pk", flat=True)))
        keys, since, until = (np.array(each) for each in self.asked["roster"])
        there = np.isin(keys, self.units.keys)
        number = np.searchsorted(self.units.keys, keys[there])
        new = duty(self.units, (number, since[there].astype(float), until[there].astype(float)))
        return self.reach, np.where(ours, new, duty(self.units, self.shifts)), self.units

    def _sited(self) -> tuple[csr_array, Bits, Units]:
        """With what a study of siting found."""
        study = Study.objects.filter(
            pk=self.asked["siting"], kind=Study.Kind.SITING, fault__isnull=True
        ).first()
        sites = (study.answer or {}).get("sites", []) if study else []
        if not sites:
            raise MumianError(
                _("The study of siting"),
                reason=_("it has no answer"),
                cure=_("Ask it anew, or choose another one"),
            )
        on = duty(self.units, self.shifts)
        if study and study.asked["what"] == "shifts":
            for site in sites:
                at = np.flatnonzero(self.units.keys == site["unit"])
                hours = np.arange(HOURS) % 24
                on[np.ix_((hours >= site["from"]) & (hours < site["until"]), at)] = True
            return self.reach, on, self.units
        sites = [site for site in sites for _one in range(site["units"])]
        points = Places(np.array([each["lon"] for each in sites]), np.array([each["lat"] for each in sites]))
        return (
            csr_array(vstack([self.reach, self.ways.within(points, LAST)], format="csr")),
            np.hstack([on, np.ones((HOURS, len(sites)), dtype=bool)]),
            Units(
                np.concatenate([self.units.keys, -np.arange(1, len(sites) + 1)]),
                Places(
                    np.concatenate([self.units.points.lon, points.lon]),
                    np.concatenate([self.units.points.lat, points.lat]),
                ),
                [*self.units.kinds, *([] for _site in sites)],
            ),
        )


def _play(calls: Calls, reach: csr_array, on: Bits, units: Units) -> Run:
    fit = np.array([units.fit(kind) for kind in cards()])
    return run(calls, reach, on, fit=fit, patience=LAST)


def _told(found: Run, keys: Numbers) -> dict[str, Any]:
    """What became of the calls, as figures; a unit that is new has a number below nothing."""
    came = found.seconds[found.unit >= 0]
    busy = np.nan_to_num(found.busy)
    most = np.argsort(-busy, kind="stable")[:BUSIEST]
    return {
        "within": {str(minutes): found.within(minutes) for minutes in RINGS},
        "quantiles": [
            float(each) if np.isfinite(each) else None for each in found.quantiles((0.5, 0.9, 0.99))
        ],
        "mean": float(came.mean()) if len(came) else None,
        "lost": found.lost,
        "queued": found.queued,
        "bars": np.bincount((came // BIN).astype(np.int64), minlength=1).tolist(),
        "busy": float(np.nanmean(found.busy)) if np.isfinite(found.busy).any() else 0.0,
        "busiest": [[int(keys[at]), float(busy[at])] for at in most.tolist() if busy[at] > 0],
    }
