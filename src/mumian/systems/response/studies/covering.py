"""Answers how the grids of the city are covered at every hour of a week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from mumian.systems.response.coverage import HOURS
from mumian.systems.response.studies.ground import (
    BEYOND,
    Numbers,
    Pace,
    Ways,
    area,
    duty,
    metres_within,
    monday,
    rostered,
    soonest,
    units_around,
)

FARTHEST = 300
"""Seconds within which coverage is asked about."""


def answer(place: str, asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Asked: `pace`, `kind`, `week` (a day of it), `who` (roster, or all as if everybody were on duty always).

    Writes by point, in the order of codes: `codes`, `people`; `seconds` uint16[sets, points]; and `any` uint16[points]
    with `unit` int64[points], how soon which unit would be there if everybody were on duty (-1 for none). By unit: `units`
    int64[u], `where` float64[2, u] in degrees, and `on` bool[sets, u].
    """
    grids, pace = area(place), Pace(asked["pace"])
    units = units_around(grids.points, metres=metres_within(pace, FARTHEST))
    units = units[units.fit(asked["kind"])]
    shifts = rostered(units, monday(date.fromisoformat(asked["week"])))
    on = np.ones((HOURS, len(units)), dtype=bool) if asked["who"] == "all" else duty(units, shifts)
    ways = Ways.to(grids.points, grids.people, pace)
    reach = ways.within(units.points, FARTHEST)
    set_of, seconds = soonest(reach, on)
    first_hour = np.unique(set_of, return_index=True)[1]
    nearest, soon = _nearest(reach, units.keys)
    for name, column in {
        "codes": np.array(grids.codes),
        "people": grids.people,
        "seconds": seconds,
        "any": soon,
        "unit": nearest,
        "units": units.keys,
        "where": np.stack([units.points.lon, units.points.lat]),
        "on": on[first_hour],
    }.items():
        np.save(folder / f"{name}.npy", column)
    return {
        "set_of": set_of.tolist(),
        "on_duty": on.sum(axis=1).tolist(),
        "units": len(units),
        "shifts": len(shifts[0]),
        "points": len(grids.codes),
        "known": grids.known,
        "by_road": ways.by_road,
    }


def _nearest(reach: csr_array, keys: Numbers) -> tuple[Numbers, np.ndarray[tuple[int], np.dtype[np.uint16]]]:
    to_points = reach.tocsc()
    order = np.lexsort((to_points.data, np.repeat(np.arange(reach.shape[1]), np.diff(to_points.indptr))))
    filled = np.diff(to_points.indptr) > 0
    first = order[to_points.indptr[:-1][filled]]
    unit = np.full(reach.shape[1], -1, dtype=np.int64)
    soon = np.full(reach.shape[1], BEYOND, dtype=np.uint16)
    unit[filled] = keys[to_points.indices[first]]
    soon[filled] = np.ceil(to_points.data[first])
    return unit, soon
