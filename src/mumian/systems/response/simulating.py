"""A week of incidents played through, moment by moment: how soon help comes, who is busy, who goes without.

Calls are drawn once and then met by one roster after another, so that two rosters differ by what they do and not
by chance (common random numbers). The same seed always gives the same calls, and the same calls the same run.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.stats import t as student

from mumian.errors import MumianError
from mumian.systems.response.coverage import HOURS
from mumian.systems.response.network import Floats

Ints = NDArray[np.int64]
Bits = NDArray[np.bool_]
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Calls:
    """n incidents by time: `at` float64[n] seconds from Monday 0:00, `point` int64[n] where, `kind` int64[n],
    `on_scene` float64[n] seconds that each unit stays, `wanted` int64[n] units; over so many `weeks`."""

    at: Floats
    point: Ints
    kind: Ints
    on_scene: Floats
    wanted: Ints
    weeks: int

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Run:
    """What became of n calls.

    `seconds` float64[n] from the call to the first unit's arrival, not a number if none came; `waited` float64[n]
    of it until a unit was free; `unit` int64[n] the first unit, -1 for none; `sent` int64[n] how many. `busy`
    float64[units], busy seconds per second on duty (over 1 where work outlasts the shift; not a number for units
    never on duty). `day` int64[n].
    """

    seconds: Floats
    waited: Floats
    unit: Ints
    sent: Ints
    busy: Floats
    day: Ints

    @property
    def lost(self) -> int:
        """Calls to which nobody came."""
        return int(np.count_nonzero(self.unit < 0))

    @property
    def queued(self) -> int:
        """Calls that waited for a unit and got one."""
        return int(np.count_nonzero((self.waited > 0) & (self.unit >= 0)))

    def within(self, minutes: float) -> float:
        """The share of all calls that were reached in so many minutes; those lost were not."""
        return float(np.mean(self.seconds <= minutes * 60)) if len(self.seconds) else 0.0

    def quantiles(self, shares: Sequence[float] = (0.5, 0.9, 0.99)) -> Floats:
        """Seconds within which such shares of the calls reached were reached."""
        reached = self.seconds[self.unit >= 0]
        return np.quantile(reached, shares) if len(reached) else np.full(len(shares), np.nan)


@dataclass(frozen=True, slots=True)
class Difference:
    """Second run less the first, with a 95 % confidence interval from the days, on each of which both met the same
    calls."""

    mean: float
    low: float
    high: float


def draw(
    rates: ArrayLike,
    people: ArrayLike,
    *,
    seed: int,
    weeks: int = 1,
    on_scene: float = 1200.0,
    spread: float = 0.6,
    kinds: Sequence[float] = (1.0,),
    wanted: Sequence[float] = (1.0,),
) -> Calls:
    """Calls as a Poisson process whose rate changes by the hour of the week.

    `rates` float[168] calls an hour; `people` float[points], where they happen in proportion; `on_scene` mean
    seconds, log-normal with `spread` the standard deviation of its logarithm; `kinds` and `wanted` are the
    shares of kind 0, 1, … and of calls for 1, 2, … units. Within an hour the times of a Poisson number of calls
    are independent and uniform, which is exact for a rate constant within the hour. Each column has random
    numbers of its own, so that changing one leaves the others.
    """
    each_hour, weight = np.asarray(rates, dtype=float), np.asarray(people, dtype=float)
    if each_hour.shape != (HOURS,) or not np.isfinite(each_hour).all() or (each_hour < 0).any():
        raise MumianError("rates", reason="they are not 168 numbers of at least 0", cure="Give calls an hour")
    if not weight.sum() > 0 or (weight < 0).any():
        raise MumianError(
            "people", reason="there are none anywhere", cure="Give at least one point its people"
        )
    when, where, stay, kind, number = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(5))
    counts = when.poisson(np.tile(each_hour, weeks))
    at = np.sort((np.repeat(np.arange(HOURS * weeks), counts) + when.random(counts.sum())) * HOUR)
    size = len(at)
    return Calls(
        at=at,
        point=_by_share(where, weight, size),
        kind=_by_share(kind, np.asarray(kinds, float), size),
        on_scene=stay.lognormal(np.log(on_scene) - spread**2 / 2, spread, size),
        wanted=_by_share(number, np.asarray(wanted, float), size) + 1,
        weeks=weeks,
    )


def run(
    calls: Calls,
    reach: csr_array,
    duty: Bits,
    *,
    fit: ArrayLike | None = None,
    patience: float = 0.0,
    warm_up: float = 0.0,
) -> Run:
    """Plays the calls: each is met by the nearest units on duty, free and fit, which are busy for the way there and
    the time on the scene. Nobody leaves an incident for another, nor when the shift ends.

    `reach` sparse [units, points] seconds from `Ground.reach`: who is not in it does not come. `duty`
    bool[168, units]. `fit` bool[kinds, units], by default all. A call that finds no unit waits `patience`
    seconds, first come first served, and is lost then; calls in the first `warm_up` seconds are played and not
    counted. Raises MumianError if the shapes do not fit.
    """
    units, points = reach.shape
    able = (
        np.ones((int(calls.kind.max(initial=0)) + 1, units), bool) if fit is None else np.asarray(fit, bool)
    )
    if duty.shape != (HOURS, units) or able.shape[1] != units or len(able) <= calls.kind.max(initial=0):
        raise MumianError(
            "simulation", reason=f"rosters or kinds do not fit {units} units", cure="Give one column a unit"
        )
    if not 0 <= patience < np.inf:
        raise MumianError(
            f"patience {patience:g} s", reason="nobody waits that long", cure="Give seconds from 0"
        )
    if len(calls) and calls.point.max() >= points:
        raise MumianError("simulation", reason="calls come from unknown points", cure="Draw them anew")
    play = _Play(calls, csr_array(reach.T), duty, able.tolist(), patience)
    play.through()
    counted = calls.at >= warm_up
    on_duty = duty.sum(axis=0) * HOUR * calls.weeks
    return Run(
        seconds=play.seconds[counted],
        waited=play.waited[counted],
        unit=play.unit[counted],
        sent=play.sent[counted],
        busy=np.divide(play.busy, on_duty, out=np.full(units, np.nan), where=on_duty > 0),
        day=(calls.at[counted] // DAY).astype(np.int64),
    )


def compare(first: Run, second: Run, *, minutes: float) -> Difference:
    """By how much the share reached within so many minutes grows from the first run to the second.

    Both must have met the same calls. Days are the batches: calls of one day depend on one another.
    """
    if not np.array_equal(first.day, second.day) or len(np.unique(first.day)) < 2:
        raise MumianError(
            "runs",
            reason="they did not meet the same calls on two days or more",
            cure="Run both on the same calls",
        )
    change = (second.seconds <= minutes * 60).astype(float) - (first.seconds <= minutes * 60)
    days, number = np.unique(first.day, return_inverse=True)
    size = np.bincount(number)
    mean = float(change.mean())
    apart = (np.bincount(number, change) - mean * size) / size.mean()
    error = float(np.sqrt((apart**2).sum() / (len(days) - 1) / len(days)))
    wide = float(student.ppf(0.975, len(days) - 1)) * error
    return Difference(mean, mean - wide, mean + wide)


def erlang_b(units: int, load: float) -> float:
    """The share of calls lost when `units` stand at one place, `load` is calls an hour × mean busy hours, and a call
    that finds all busy is lost; true for any distribution of busy times.

    Erlang, 'Solution of some problems in the theory of probabilities of significance in automatic telephone
    exchanges' (1917), by the usual recursion.
    """
    lost = 1.0
    for count in range(1, units + 1):
        lost = load * lost / (count + load * lost)
    return lost


def _by_share(random: np.random.Generator, shares: Floats, size: int) -> Ints:
    """Numbers drawn in proportion to shares, each from one random number."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, random.random(size), side="right"), len(shares) - 1)


@dataclass(slots=True)
class _Play:
    """One run in progress. A unit is in `out` until a moment; those that wait are served as units come free."""

    calls: Calls
    near: csr_array
    duty: Bits
    able: list[list[bool]]
    patience: float
    seconds: Floats = field(init=False)
    waited: Floats = field(init=False)
    unit: Ints = field(init=False)
    sent: Ints = field(init=False)
    busy: Floats = field(init=False)
    free: list[bool] = field(init=False)
    ready: list[bool] = field(init=False)
    hour: int = field(init=False, default=0)
    out: list[tuple[float, int]] = field(init=False, default_factory=list)
    waiting: deque[int] = field(init=False, default_factory=deque)
    ranked: dict[int, list[tuple[float, int]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        size, units = len(self.calls), self.near.shape[1]
        self.seconds, self.waited = np.full(size, np.nan), np.zeros(size)
        self.unit, self.sent = np.full(size, -1, dtype=np.int64), np.zeros(size, dtype=np.int64)
        self.busy, self.free = np.zeros(units), [True] * units
        self.ready = self.duty[0].tolist()

    def through(self) -> None:
        """From the first call to the last, and until nobody waits."""
        for call, at in enumerate(self.calls.at.tolist()):
            self._until(at)
            if not self._meet(call, at) and self.patience > 0:
                self.waiting.append(call)
        self._until(np.inf)

    def _until(self, moment: float) -> None:
        """Lets pass what comes before the moment: units come free, shifts change, the patience of some ends."""
        while True:
            free = self.out[0][0] if self.out else np.inf
            shift = (self.hour + 1) * HOUR
            if moment == np.inf and not self.waiting:
                return
            if min(free, shift) > moment:
                return
            if free <= shift:
                self.free[heapq.heappop(self.out)[1]] = True
            else:
                self.hour += 1
                self.ready = self.duty[self.hour % HOURS].tolist()
            if self.waiting:
                self._serve(min(free, shift))

    def _serve(self, at: float) -> None:
        for _ in range(len(self.waiting)):
            call = self.waiting.popleft()
            waited = at - float(self.calls.at[call])
            if waited > self.patience:
                self.waited[call] = self.patience
            elif not self._meet(call, at):
                self.waiting.append(call)

    def _meet(self, call: int, at: float) -> bool:
        """Sends the nearest; False if there is none."""
        calls, free, ready = self.calls, self.free, self.ready
        able, wanted = self.able[calls.kind[call]], int(calls.wanted[call])
        on_scene, sent = float(calls.on_scene[call]), 0
        for way, unit in self._nearest(int(calls.point[call])):
            if ready[unit] and free[unit] and able[unit]:
                if not sent:
                    self.waited[call] = at - calls.at[call]
                    self.seconds[call], self.unit[call] = self.waited[call] + way, unit
                free[unit] = False
                self.busy[unit] += way + on_scene
                heapq.heappush(self.out, (at + way + on_scene, unit))
                sent += 1
                if sent == wanted:
                    break
        self.sent[call] = sent
        return sent > 0

    def _nearest(self, point: int) -> list[tuple[float, int]]:
        """The units that reach a point, soonest first; equally soon by number."""
        if point not in self.ranked:
            row = slice(self.near.indptr[point], self.near.indptr[point + 1])
            self.ranked[point] = sorted(
                zip(self.near.data[row].tolist(), self.near.indices[row].tolist(), strict=True)
            )
        return self.ranked[point]
