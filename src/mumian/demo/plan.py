"""How large the demo city is: a town's worth to try on a laptop, or a whole city."""

from collections.abc import Mapping
from dataclasses import dataclass

CODE = "4498"
"""A city in the number range of its province that GB/T 2260 gives to none."""
MIDDLE = (111.35, 21.75)
"""Longitude and latitude about which it is drawn, in degrees."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is built, and the seed from which all of it follows."""

    seed: int
    districts: int
    towns: int
    communities: int
    grids: int
    radius: float
    """Of its land, in km, roughly."""
    river: float
    """How wide the river enters it, in km."""
    centres: int
    """Lesser centres about the land."""
    open_country: float
    """Share of the grids that lie evenly all over the land; the others gather around the centres."""
    residents: int
    """How many residents have registered by name."""
    reports_a_day: float
    days: int = 120
    """How far back its history goes."""


PLANS: Mapping[str, Plan] = {
    "small": Plan(
        seed=1, districts=2, towns=6, communities=24, grids=240, radius=3.6, river=0.24, centres=3, open_country=0.8,
        residents=150, reports_a_day=17,
    ),
    "city": Plan(
        seed=9, districts=11, towns=176, communities=2850, grids=20_849, radius=42, river=0.7, centres=14,
        open_country=0.24, residents=3000, reports_a_day=400,
    ),
}  # fmt: skip
