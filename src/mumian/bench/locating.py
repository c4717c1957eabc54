"""Points to grids, in bulk."""

import numpy as np

from mumian.bench.ground import Ground
from mumian.bench.result import Figure, best, timed
from mumian.place.loading import current_atlas


def measure_locate(ground: Ground, points: int) -> Figure:
    """Points a second located among all grids."""
    chance = np.random.default_rng(1)
    lon = chance.uniform(ground.lon.min(), ground.lon.max(), points)
    lat = chance.uniform(ground.lat.min(), ground.lat.max(), points)
    atlas = current_atlas()
    atlas.locate(lon[:1000], lat[:1000])

    def once() -> float:
        with timed() as watch:
            atlas.locate(lon, lat)
        return watch.seconds

    rate = points / best(3, once)
    aim = 1_000_000
    return Figure(
        "locate",
        rate,
        "points/s",
        float(aim),
        f"among {len(ground.grids):,} grids",
        rate / aim,
        "≥ 1,000,000",
        rate >= aim,
    )
