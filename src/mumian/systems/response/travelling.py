"""How long units take to a point: by road where there is one, else by a straight line with a detour factor."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from mumian.systems.response.assumed import ASSUMED
from mumian.systems.response.network import EARTH, Ends, Floats, Footing, Mode, Network, grown

Numbers: TypeAlias = NDArray[np.int64]


DETOUR = ASSUMED.detour
SPEED = {Mode.WALK: 5 / 3.6, Mode.DRIVE: 25 / 3.6}
"""Metres a second where no road is known: a walker, and a car on side streets."""

_ROUNDING = 1.05
"""A straight line on the plane may come out longer than the road over the globe, by less than this on a network
no higher than a province."""


class Travel(Protocol):
    """Travel times from n places that are known beforehand, such as units. For one thread at a time."""

    def near(self, lon: float, lat: float, *, limit: float) -> tuple[Numbers, Floats]:
        """Every place from which a point (degrees) is reached within `limit` seconds: their numbers int64[m],
        ascending, and their seconds float64[m]."""


class Straight:
    """Straight lines times `DETOUR` at the usual speed of the mode. Exact to 0.1 % within 100 km."""

    def __init__(self, lon: ArrayLike, lat: ArrayLike, mode: Mode) -> None:
        self._x, self._y = np.radians(np.array(lon, dtype=float)), np.radians(np.array(lat, dtype=float))
        self._narrow = np.sqrt(np.cos(self._y))
        self._from_south = np.argsort(self._y)
        self._heights = self._y[self._from_south]
        self._pace = DETOUR / SPEED[mode]

    def near(self, lon: float, lat: float, *, limit: float) -> tuple[Numbers, Floats]:
        """As `Travel` says."""
        numbers, metres = self.around(lon, lat, limit / self._pace)
        return numbers, metres * self._pace

    def around(self, lon: float, lat: float, most: float) -> tuple[Numbers, Floats]:
        """Every place within so many metres in a straight line, as `near` has them, and the metres.

        Only those in a belt as high as that, north and south of the point, are looked at.
        """
        x, y = float(np.radians(lon)), float(np.radians(lat))
        high = most / EARTH + 1e-12  # more than the roots below can lose
        south, north = np.searchsorted(self._heights, [y - high, y + high])
        belt = np.sort(self._from_south[south:north])
        east = (self._x[belt] - x) * (self._narrow[belt] * np.cos(y) ** 0.5)
        metres: Floats = EARTH * np.sqrt(east * east + (self._y[belt] - y) ** 2)
        within = metres <= most
        return belt[within], metres[within]


class Hurried:
    """Responders run, or get on a scooter or into a patrol car, whichever is quicker: walking times made shorter.

    What is nearest on foot stays nearest, for the time hurried only ever grows with the time walked.
    """

    def __init__(self, walking: Travel) -> None:
        self._walking = walking

    def near(self, lon: float, lat: float, *, limit: float) -> tuple[Numbers, Floats]:
        """As `Travel` says."""
        numbers, seconds = self._walking.near(lon, lat, limit=unhurried(limit))
        return numbers, hurried(seconds)


def hurried(walked: Floats) -> Floats:
    """The seconds of those who hurry, for ways that take so many seconds at a walk."""
    return np.minimum(walked / _RUN, ASSUMED.getting_started + walked / _RIDE)


def unhurried(seconds: float) -> float:
    """How far one who hurries gets in so many seconds, in seconds at a walk."""
    return max(seconds * _RUN, (seconds - ASSUMED.getting_started) * _RIDE)


_RUN, _RIDE = (speed / SPEED[Mode.WALK] for speed in (ASSUMED.running, ASSUMED.riding))


class ByRoad:
    """Times on a network, searched backwards from the point so that one search serves all places.

    Only places that a straight line at the network's highest speed could bring there within the limit are looked
    at; none that is nearer can be missed. Places or points far from any road are reckoned by a straight line.
    """

    def __init__(self, network: Network, lon: ArrayLike, lat: ArrayLike) -> None:
        self._network = network
        self._straight = Straight(lon, lat, network.mode)
        self._footing = network.stand(lon, lat)
        self._leave = network.leave(self._footing)
        nowhere = Ends(np.zeros((2, 1), dtype=np.int32), np.zeros((2, 1)))
        self._backwards = grown(csr_array(network.graph.T), nowhere)

    def near(self, lon: float, lat: float, *, limit: float) -> tuple[Numbers, Floats]:
        """As `Travel` says; what it costs grows with what lies within the limit."""
        end = self._network.stand(lon, lat)
        if not end.standing[0]:
            return self._straight.near(lon, lat, limit=limit)
        could, metres = self._straight.around(lon, lat, limit * self._network.fastest * _ROUNDING)
        starts = self._footing[could]
        leave = Ends(self._leave.node[:, could], self._leave.seconds[:, could])
        seconds = leave.least(self._search(end, limit))
        seconds = np.minimum(seconds, self._network.direct(starts, end))
        off = ~starts.standing
        seconds[off] = metres[off] * DETOUR / SPEED[self._network.mode]
        within = seconds <= limit
        return could[within], seconds[within]

    def _search(self, end: Footing, limit: float) -> Floats:
        """float64[nodes + 1]: seconds from every node to the point, whose two arcs are written into the last node
        of the graph turned round."""
        arrive = self._network.arrive(end)
        self._backwards.data[-2:] = arrive.seconds[:, 0]
        self._backwards.indices[-2:] = arrive.node[:, 0]
        found: Floats = dijkstra(self._backwards, indices=self._network.nodes, limit=limit)
        return found
