"""Places written to the database: many at a time, adding and completing, never losing what is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

import shapely
from django.db import connection, transaction
from django.utils import timezone

from mumian.place.codes import Level
from mumian.place.loading import forget_atlas
from mumian.place.models import Place
from mumian.place.region import Region

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many places an import added, changed, and found as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(
            self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged
        )


def store(regions: Iterable[Region], *, progress: Progress | None = None) -> Stored:
    """Adds places and changes those that are known, all or none of them; the same again changes nothing.

    Where a region leaves something empty, what is known stays. A name that is given up stays as an alias.
    `progress` is told how many places are done.
    """
    stored, regions = Stored(), iter(regions)
    with transaction.atomic():
        while batch := {region.code: region for region in islice(regions, _BATCH)}:
            stored += _store_batch(batch)
            if progress:
                progress(stored.added + stored.changed + stored.unchanged)
        if stored.added:
            _find_parents()
        transaction.on_commit(forget_atlas)
    forget_atlas()
    return stored


_BATCH = 1000
_CHANGEABLE = ("name", "name_en", "aliases", "outline", "lon", "lat", "population", "changed_at")
_PARENTS = """
    UPDATE place_place SET parent = found.parent
    FROM (
        SELECT below.code, max(above.code) AS parent
        FROM place_place below
        CROSS JOIN unnest(%s::int[]) AS digits
        JOIN place_place above ON above.code = left(below.code, digits) AND digits < length(below.code)
        GROUP BY below.code
    ) found
    WHERE place_place.code = found.code AND place_place.parent <> found.parent
"""


def _store_batch(batch: Mapping[str, Region]) -> Stored:
    known = {
        place.code: place.region() for place in Place.objects.select_for_update().filter(code__in=list(batch))
    }
    merged = [_merged(known.get(code), _centred(region)) for code, region in batch.items()]
    written = [region for region in merged if region != known.get(region.code)]
    now = timezone.now()
    Place.objects.bulk_create(
        [_row(region, now) for region in written],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=_CHANGEABLE,
    )
    added = len(batch) - len(known)
    return Stored(added, changed=len(written) - added, unchanged=len(batch) - len(written))


def _merged(known: Region | None, brought: Region) -> Region:
    if known is None:
        return brought
    name, name_en = brought.name or known.name, brought.name_en or known.name_en
    aliases = dict.fromkeys((*known.aliases, *brought.aliases, known.name, known.name_en))
    return Region(
        code=known.code,
        name=name,
        name_en=name_en,
        aliases=tuple(alias for alias in aliases if alias and alias not in (name, name_en)),
        outline=brought.outline or known.outline,
        centre=brought.centre or known.centre,
        population=known.population if brought.population is None else brought.population,
    )


def _centred(region: Region) -> Region:
    """With a centre that lies inside the outline, where there is one and no centre was given."""
    if region.outline is None or region.centre is not None:
        return region
    outline = shapely.from_wkb(region.outline)
    centre = outline.centroid
    inside = centre if outline.intersects(centre) else outline.representative_point()
    return replace(region, centre=(inside.x, inside.y))


def _row(region: Region, now: datetime) -> Place:
    lon, lat = region.centre or (None, None)
    return Place(
        code=region.code,
        level=int(region.level),
        name=region.name,
        name_en=region.name_en,
        aliases=list(region.aliases),
        outline=region.outline,
        lon=lon,
        lat=lat,
        population=region.population,
        changed_at=now,
    )


def _find_parents() -> None:
    """Sets each parent to the longest existing code that begins the place's own, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE place_place")  # else the rows just stored are taken for few
        cursor.execute(_PARENTS, [[int(level) for level in Level]])
