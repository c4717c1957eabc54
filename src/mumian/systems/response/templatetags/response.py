"""Filters and tags of the pages of response."""

from typing import Any

from django import template

from mumian.systems.response.assumed import ASSUMED
from mumian.systems.response.nearest import roads_file
from mumian.systems.response.showing import in_minutes

register = template.Library()
register.filter("stopwatch", in_minutes)


@register.inclusion_tag("response/part_ways.html")
def ways(by_road: bool | None = None) -> dict[str, Any]:
    """How ways were reckoned, and by what factor where no road is known: as said, else as incidents are now."""
    by_road = roads_file().exists() if by_road is None else by_road
    return {"by_road": by_road, "detour": ASSUMED.detour, "source": ASSUMED.source}
