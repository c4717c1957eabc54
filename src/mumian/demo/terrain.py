"""Where the city lies: a coast with bays and islands, a river with an island town, a tributary, dense centres.

Lengths are in kilometres east and north of the city's middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class River:
    """A course as points downstream, and half the river's width at each."""

    course: Floats
    half_width: Floats

    def beside(self, offset: float) -> Floats:
        """Points beside the course, `offset` half-widths to its left; to its right if negative."""
        along = np.gradient(self.course, axis=0)
        left = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
        points: Floats = self.course + offset * self.half_width[:, None] * left
        return points


@dataclass(frozen=True)
class Terrain:
    """Land and water, and where people live."""

    radius: float
    rivers: Sequence[River]
    islands: Floats
    """Rows of east, north and radius, in the sea."""
    centres: Floats
    """Rows of weight, east, north and spread: where people live closely."""
    waves: Floats
    """Rows of amplitude, wave numbers east and north, and phase: what makes borders wander."""

    def is_land(self, points: Floats, *, margin: float = 1.0) -> Flags:
        """Whether points (n × 2) lie on the city's land, `margin` half-widths away from its rivers' courses."""
        x, y = (points / self.radius).T
        wander = self._wander(points) / self.radius
        angle = np.arctan2(y, x)
        border = 1 + 0.10 * np.sin(2 * angle + 0.6) + 0.07 * np.sin(3 * angle - 1.1) + 0.9 * wander
        coast = -0.60 + 0.09 * np.sin(2.3 * x + 0.4) + 0.05 * np.sin(6.1 * x - 0.5) + 1.1 * wander
        dry: Flags = (np.hypot(x, y) < border) & (y > coast)
        for east, north, radius in self.islands / self.radius:
            dry |= np.hypot(x - east, y - north) < radius + 0.5 * wander
        for river in self.rivers:
            near = np.flatnonzero(dry)
            away, nearest = cKDTree(river.course).query(
                points[near], distance_upper_bound=margin * float(river.half_width.max())
            )
            reached = np.isfinite(away)
            dry[near[reached]] = away[reached] > margin * river.half_width[nearest[reached]]
        return dry

    def sample(self, count: int, open_country: float, rng: np.random.Generator) -> Floats:
        """Points as close together as people live, on land and water; a share of them evenly all over."""
        weights, east, north, spread = self.centres.T
        share = rng.multinomial(count, [*((1 - open_country) * weights / weights.sum()), open_country])
        near = [rng.normal((east[i], north[i]), spread[i], (n, 2)) for i, n in enumerate(share[:-1])]
        around = rng.uniform(-1.3 * self.radius, 1.3 * self.radius, (share[-1], 2))
        return np.concatenate([*near, around])

    def warped(self, points: Floats) -> Floats:
        """Points moved a little, so that a line straight between moved points wanders on the ground."""
        turned = points[:, ::-1] * (1, -1)
        return points + 0.8 * np.column_stack([self._wander(points), self._wander(turned + self.radius)])

    def _wander(self, points: Floats) -> Floats:
        amplitude, east, north, phase = self.waves.T
        total: Floats = np.sin(points @ np.array([east, north]) + phase) @ amplitude
        return total


def lay_out(radius: float, river_width: float, centres: int, rng: np.random.Generator) -> Terrain:
    """A terrain of about `radius` km with a river `river_width` km wide where it enters the city."""
    rivers = _rivers(radius, river_width)
    islands = radius * np.array([(0.62, -0.80, 0.085), (0.80, -0.73, 0.045), (-0.38, -0.83, 0.05)])
    return Terrain(radius, rivers, islands, _centres(radius, centres, rivers[0], rng), _waves(radius, rng))


def _rivers(radius: float, width: float) -> tuple[River, ...]:
    t = np.linspace(0, 1, 1500)
    east = -0.42 + 0.55 * t + 0.10 * np.sin(2.2 * np.pi * t + 0.3) + 0.025 * np.sin(7 * np.pi * t)
    main = np.column_stack([east, 1.35 - 2.3 * t])
    half = width * (0.5 + 0.35 * t + 3.2 * np.clip(t - 0.70, 0, 1) ** 1.5 * 2)
    fork = (t > 0.40) & (t < 0.70)
    bulge = np.sin(np.pi * (t[fork] - 0.40) / 0.30)
    branch = main[fork] + np.column_stack([0.13 * bulge, 0.02 * bulge])
    s = np.linspace(1, 0, 800)[:, None]
    mouth = main[np.searchsorted(t, 0.36)]
    tributary = mouth + s * (np.array([1.35, 0.62]) - mouth)
    tributary[:, 1] += (0.07 * np.sin(2.6 * np.pi * s) + 0.02 * np.sin(9 * np.pi * s))[:, 0]
    return (
        River(main * radius, half),
        River(branch * radius, 0.7 * half[fork]),
        River(tributary * radius, width * (0.32 - 0.14 * s[:, 0])),
    )


def _centres(radius: float, count: int, river: River, rng: np.random.Generator) -> Floats:
    """The old town by the island, a second one across the river, and lesser ones about the land."""
    east, north = river.course[int(0.56 * len(river.course))] / radius
    rows = [
        (0.34, east + 0.10, north + 0.04, 0.13),
        (0.16, east - 0.10, north + 0.02, 0.09),
        (0.08, east + 0.30, north + 0.16, 0.07),
    ]
    for angle in np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(0, 0.4, count):
        away = rng.uniform(0.45, 0.85)
        place = away * np.cos(angle), max(away * np.sin(angle), -0.42)
        rows.append((0.42 / count, *place, rng.uniform(0.03, 0.07)))
    return np.array([(weight, radius * x, radius * y, radius * s) for weight, x, y, s in rows])


def _waves(radius: float, rng: np.random.Generator) -> Floats:
    lengths = np.array([0.62, 0.47, 0.33, 0.24, 0.17, 0.12, 0.085, 0.06]) * radius
    angles, phases = rng.uniform(0, 2 * np.pi, (2, len(lengths)))
    numbers = 2 * np.pi / lengths
    return np.column_stack([0.055 * lengths, numbers * np.cos(angles), numbers * np.sin(angles), phases])
