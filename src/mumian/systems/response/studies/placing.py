"""Answers where more units, or more shifts, help most: the location models of `siting` put to the city as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack

from mumian.errors import MumianError
from mumian.place.codes import range_of
from mumian.systems.response.coverage import HOURS, Bits, Places
from mumian.systems.response.models import EmergencyUnit
from mumian.systems.response.network import Floats
from mumian.systems.response.siting import (
    Plan,
    cover_all,
    cover_expected,
    cover_most,
    cover_twice,
    least_mean,
    least_worst,
)
from mumian.systems.response.studies.ground import (
    Area,
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

MOST = {"most": 25_000, "all": 4_000, "twice": 4_000, "expected": 4_000, "mean": 1_500, "worst": 1_500}
"""Points a model is put to; where there are more, communities stand for their grids."""
MOST_DRAWN = 1500
"""Units there are already that are kept with an answer to be drawn."""
LAST = 1200.0
"""Seconds that stand for every longer way, and for none."""
LONGEST = 60.0
"""Seconds the solver may take."""
BLOCKS = ((0, 8), (8, 16), (16, 24))
"""The hours of a shift that is sited: the same every day."""
ONCE = 0.5
"""What being reached once counts where being reached twice counts the rest."""


def answer(place: str, asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Asked: `model`, `count`, `minutes`, `pace`, `kind`, `week`, `when` (an hour, or week), `what` (units or
    shifts), `sites` (places or premises), `whom` (missed or all), `busy`."""
    question = _Question.put(place, asked)
    plan, sites = question.shifts() if asked["what"] == "shifts" else question.units()
    return {**question.told(plan, sites), **question.basis()}


@dataclass(frozen=True, slots=True)
class _Sites:
    """Where something could be added: n points, what they are called by, the block of hours, and what each reaches:
    seconds, sparse [n, points]."""

    points: Places
    codes: list[str]
    units: list[int]
    blocks: list[int]
    reach: csr_array

    def __len__(self) -> int:
        return len(self.points)


@dataclass(slots=True)
class _Question:
    place: str
    asked: Mapping[str, Any]
    area: Area
    pace: Pace
    ways: Ways
    units_now: Units
    on: Bits
    """bool[168, u]: who is on duty."""
    reach_now: csr_array
    """The seconds from each unit to each point within `LAST` or the minutes asked about."""
    hours: Numbers
    """Those looked at."""

    @classmethod
    def put(cls, place: str, asked: Mapping[str, Any]) -> _Question:
        pace, model = Pace(asked["pace"]), asked["model"]
        grids = area(place, most=MOST[model])
        within = LAST if model in ("mean", "worst") else asked["minutes"] * 60.0
        around = units_around(grids.points, metres=metres_within(pace, within))
        around = around[around.fit(asked["kind"])]
        on = duty(around, rostered(around, monday(date.fromisoformat(asked["week"]))))
        ways = Ways.to(grids.points, grids.people, pace)
        reach = ways.within(around.points, within)
        hours = np.arange(HOURS) if asked["when"] == "week" else np.array([int(asked["when"])])
        question = cls(place, asked, grids, pace, ways, around, on, reach, hours)
        if asked["when"] == "week" and model not in ("most", "all"):
            question.hours = np.array([question._thinnest()])
        return question

    @property
    def limit(self) -> float:
        return float(self.asked["minutes"] * 60.0)

    def units(self) -> tuple[Plan, _Sites]:
        """Where more units help most, each of them always there."""
        sites = self._candidates()
        model, count = self.asked["model"], min(int(self.asked["count"]), len(sites))
        missed = self.missed()
        people = self.area.people
        weight = people if self.asked["whom"] == "all" else np.where(missed > 0, people, 0.0)
        near = self._near(sites)
        if model == "most":
            return cover_most(near, people * missed, count, limit=LONGEST), sites
        if model == "all":
            needed = np.flatnonzero((people > 0) & (missed > 0) & (np.diff(near.indptr) > 0))
            if not len(needed):
                raise _NOTHING
            return cover_all(near[needed], limit=LONGEST), sites
        already = self._already()
        if model == "twice":
            there = [already >= 1, already >= 2]
            plan = cover_twice(
                _beside(near, there), weight, count, first=ONCE, standing=_last(sites, 2), limit=LONGEST
            )
        elif model == "expected":
            bits = [(already >> bit) & 1 > 0 for bit in range(int(already.max(initial=0)).bit_length())]
            plan = cover_expected(
                _beside(near, bits),
                weight,
                count,
                busy=self.asked["busy"],
                at_most=[count] * len(sites) + [0] * len(bits),
                standing=[0] * len(sites) + [1 << bit for bit in range(len(bits))],
                limit=LONGEST,
            )
        else:
            times = np.column_stack([self._times(sites), self._now()])
            standing = _last(sites, 1)
            plan = (
                least_mean(times, weight, count, standing=standing, limit=LONGEST)
                if model == "mean"
                else least_worst(times[weight > 0], count, standing=standing, limit=LONGEST)
            )
        return plan, sites

    def shifts(self) -> tuple[Plan, _Sites]:
        """Which units had best be on duty for eight hours more of every day."""
        sites = self._candidates()
        points, count = len(self.area.codes), int(self.asked["count"])
        reached = self._reached()
        rows, columns, weight = [], [], []
        always_on = {
            block: set(self.units_now.keys[self.on[_hours_of(block)].all(axis=0)].tolist())
            for block in range(len(BLOCKS))
        }
        near = self._near(sites).tocoo()
        for block in range(len(BLOCKS)):
            missed = (~reached[_hours_of(block)]).sum(axis=0) / HOURS
            weight.append(self.area.people * missed)
            wanted = np.array([unit not in always_on[block] for unit in sites.units], dtype=bool)
            kept = wanted[near.col]
            rows.append(near.row[kept] + block * points)
            columns.append(near.col[kept] + block * len(sites))
        row, column = np.concatenate(rows), np.concatenate(columns)
        size = (points * len(BLOCKS), len(sites) * len(BLOCKS))
        reach = csr_array(coo_array((np.ones(len(row)), (row, column)), shape=size))
        plan = cover_most(reach, np.concatenate(weight), min(count, size[1]), limit=LONGEST)
        every = np.tile(np.arange(len(sites)), len(BLOCKS))
        return plan, _Sites(
            sites.points[every],
            [sites.codes[each] for each in every],
            [sites.units[each] for each in every],
            np.repeat(np.arange(len(BLOCKS)), len(sites)).tolist(),
            csr_array(reach.T),
        )

    def told(self, plan: Plan, sites: _Sites) -> dict[str, Any]:
        """What is added, in the order in which it helps, and how things stand before and after."""
        chosen = np.flatnonzero(plan.units[: len(sites)])
        many = plan.units[chosen]
        people, missed = self.area.people, self.missed()
        shifts = self.asked["what"] == "shifts"
        if shifts:
            reach, weight = sites.reach[chosen] > 0, self._missed_by_block()
        else:
            near = sites.reach[chosen]
            near.data = np.where(near.data <= self.limit, 1.0, 0.0)
            near.eliminate_zeros()
            reach, weight = near > 0, people * missed
        order, added = _in_order(csr_array(reach), weight)
        total = float(people.sum()) or 1.0
        share = 1 - float(people @ missed) / total
        found, now = [], share
        for at, more in zip(order, added, strict=True):
            site = int(chosen[at])
            begins, ends = BLOCKS[sites.blocks[site]] if shifts else (0, 24)
            found.append(
                {
                    "code": sites.codes[site],
                    "unit": sites.units[site],
                    "lon": round(float(sites.points.lon[site]), 6),
                    "lat": round(float(sites.points.lat[site]), 6),
                    "from": begins,
                    "until": ends,
                    "units": int(many[at]),
                    "people": float(more),
                    "before": now,
                    "after": now + float(more) / total,
                }
            )
            now += float(more) / total
        return {
            "sites": found,
            "before": share,
            "after": now,
            "figures": [] if shifts else self._figures(plan, sites),
            "objective": plan.objective,
            "bound": plan.bound,
            "gap": plan.gap,
            "status": plan.status.value,
            "seconds": plan.seconds,
            "candidates": len(sites),
        }

    def basis(self) -> dict[str, Any]:
        """On what it was reckoned."""
        missed = self.missed() > 0
        return {
            "points": len(self.area.codes),
            "level": len(self.area.codes[0]),
            "people": float(self.area.people.sum()),
            "known": self.area.known,
            "missed": int(np.count_nonzero(missed)),
            "hour": None if len(self.hours) == HOURS else int(self.hours[0]),
            "by_road": self.ways.by_road,
            "limit": LONGEST,
            "units": len(self.units_now),
            "there": self._there(),
        }

    def missed(self) -> Floats:
        """float64[points]: the share of the hours looked at in which nobody is there in time."""
        found: Floats = 1 - self._reached()[self.hours].mean(axis=0)
        return found

    def _reached(self) -> Bits:
        """bool[168, points]."""
        near = self.reach_now.copy()
        near.data = np.where(near.data <= self.limit, 1.0, 0.0)
        sets, set_of = np.unique(self.on, axis=0, return_inverse=True)
        found: Bits = (csr_array(sets.astype(float)) @ near).toarray() > 0
        return found[set_of.ravel()]

    def _missed_by_block(self) -> Floats:
        reached = self._reached()
        return np.concatenate(
            [
                self.area.people * (~reached[_hours_of(block)]).sum(axis=0) / HOURS
                for block in range(len(BLOCKS))
            ]
        )

    def _thinnest(self) -> int:
        return int(np.argmin(self._reached() @ self.area.people))

    def _on_now(self) -> Bits:
        found: Bits = self.on[int(self.hours[0])]
        return found

    def _already(self) -> NDArray[np.int64]:
        """int64[points]: how many units on duty at the hour reach each point in time."""
        near = self.reach_now[np.flatnonzero(self._on_now())]
        in_time = near.indices[near.data <= self.limit]
        return np.bincount(in_time, minlength=near.shape[1]).astype(np.int64)

    def _now(self) -> Floats:
        """float64[points]: seconds until the nearest on duty at the hour is there."""
        return _least(self.reach_now[np.flatnonzero(self._on_now())])

    def _times(self, sites: _Sites) -> Floats:
        """float64[points, sites]."""
        times = np.full((len(self.area.codes), len(sites)), LAST)
        entries = sites.reach.tocoo()
        times[entries.col, entries.row] = entries.data
        return times

    def _near(self, sites: _Sites) -> csr_array:
        """Which site reaches which point in time: sparse [points, sites] of ones."""
        near = csr_array(sites.reach.T)
        near.data = np.where(near.data <= self.limit, 1.0, 0.0)
        near.eliminate_zeros()
        return near

    def _there(self) -> list[list[float]]:
        """Where units stand now, for the map; nothing where they are too many to be told apart."""
        points, here = self.units_now.points, self.area.points
        inside = (points.lon >= here.lon.min()) & (points.lon <= here.lon.max())
        inside &= (points.lat >= here.lat.min()) & (points.lat <= here.lat.max())
        where = np.column_stack([points.lon, points.lat])[inside]
        return [] if len(where) > MOST_DRAWN else np.round(where, 6).tolist()

    def _candidates(self) -> _Sites:
        within = LAST if self.asked["model"] in ("mean", "worst") else self.limit
        if self.asked["sites"] == "places" and self.asked["what"] == "units":
            points, codes = self.area.points, list(self.area.codes)
            units = [0] * len(codes)
        else:
            points, codes, units = self._premises()
        return _Sites(points, codes, units, [0] * len(points), self.ways.within(points, within))

    def _premises(self) -> tuple[Places, list[str], list[int]]:
        low, high = range_of(self.place) if self.place else ("", ":")
        rows = list(
            EmergencyUnit.objects.filter(organisation__place__gte=low, organisation__place__lt=high)
            .order_by("pk")
            .values_list("pk", "organisation__place", "lon", "lat", "active", "kinds")
        )
        kind = self.asked["kind"]
        if self.asked["what"] == "shifts":
            rows = [row for row in rows if row[4] and (not kind or not row[5] or kind in row[5])]
        if not rows:
            raise MumianError(
                _("The place"),
                reason=_("it has no emergency units"),
                cure=_("Import units first, or choose the middles of grids"),
            )
        units, codes, lon, lat, _active, _kinds = zip(*rows, strict=True)
        return Places(np.array(lon), np.array(lat)), list(codes), list(units)

    def _figures(self, plan: Plan, sites: _Sites) -> list[dict[str, Any]]:
        """What the model looks at, before and after: named figures."""
        model, people = self.asked["model"], self.area.people
        total = float(people.sum()) or 1.0
        chosen = np.flatnonzero(plan.units[: len(sites)])
        if model in ("mean", "worst"):
            now = self._now()
            after = np.minimum(now, _least(sites.reach[chosen]))
            least = np.flatnonzero(people > 0)
            return [
                {
                    "name": "mean",
                    "before": float(now @ people) / total,
                    "after": float(after @ people) / total,
                },
                {"name": "worst", "before": float(now[least].max()), "after": float(after[least].max())},
            ]
        if model in ("twice", "expected"):
            already = self._already()
            times = already + self._near(sites)[:, chosen] @ plan.units[chosen]
            if model == "twice":
                pair = [float(people @ (each >= 2)) / total for each in (already, times)]
            else:
                busy = float(self.asked["busy"])
                pair = [float(people @ (1 - busy**each)) / total for each in (already, times)]
            return [{"name": model, "before": pair[0], "after": pair[1]}]
        return []


_NOTHING = MumianError(
    _("The place"),
    reason=_("nobody is out of reach whom one of these sites would reach"),
    cure=_("Ask for fewer minutes, another hour or other sites"),
)


def _hours_of(block: int) -> Numbers:
    """The hours of the week in a block of every day."""
    begins, ends = BLOCKS[block]
    hour = np.arange(HOURS)
    return hour[(hour % 24 >= begins) & (hour % 24 < ends)]


def _in_order(reach: csr_array, weight: Floats) -> tuple[list[int], list[float]]:
    """Sites in the order in which each adds most to those before, and what it adds."""
    open_, left = weight.copy(), list(range(reach.shape[0]))
    order, added = [], []
    while left:
        more = reach[left] @ open_
        best = int(np.argmax(more))
        site = left.pop(best)
        order.append(site)
        added.append(float(more[best]))
        open_[reach.indices[reach.indptr[site] : reach.indptr[site + 1]]] = 0.0
    return order, added


def _least(reach: csr_array) -> Floats:
    """float64[points]: the least seconds, `LAST` where there are none."""
    least = np.full(reach.shape[1], LAST)
    np.minimum.at(least, reach.indices, reach.data)
    return least


def _beside(near: csr_array, more: list[Bits]) -> csr_array:
    """The sites, and one more for each column of points that something there reaches already."""
    return csr_array(hstack([near, *(csr_array(each[:, None].astype(float)) for each in more)], format="csr"))


def _last(sites: _Sites, count: int) -> list[bool]:
    return [False] * len(sites) + [True] * count
