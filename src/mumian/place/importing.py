"""Places from files: tables of codes, and GeoJSON outlines. Good rows go in, and each bad one is reported."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from django.utils.translation import gettext as _

from mumian.place.codes import Level, normalise
from mumian.place.columns import Columns, columns_of
from mumian.place.coordinates import CoordinateSystem
from mumian.place.detecting import Detected, detect
from mumian.place.gathering import Gathering, Rejection
from mumian.place.loading import load_atlas
from mumian.place.outlines import Outlines
from mumian.place.reading import FileError, crs_of, features, header_of, rows
from mumian.place.storing import Progress, Stored, store
from mumian.place.tables import regions_of_rows

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `notes` say what it found out on the way, such as the coordinate system."""

    stored: Stored
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...] = ()


def import_csv(
    path: Path, *, within: str = "", columns: Columns | None = None, progress: Progress | None = None
) -> Imported:
    """Stores the places of a table: one a row, or one a level in each row.

    Columns are recognised by their usual names unless `columns` says which they are. Places without a code
    are known by name in the place above (at the top, in `within`) or get a new code. All goes in together or,
    when interrupted, nothing; a second import changes nothing. `progress` is told how many rows are read.
    Raises `FileError` where the file is no such table.
    """
    header = header_of(path)
    columns = columns or columns_of(header)
    if not {"code", *(level.word for level in Level)} & columns.keys():
        raise FileError(
            path,
            reason=_("no column is known to hold places: %(columns)s") % {"columns": ", ".join(header)},
            cure=_("Call the columns code and name, or say which column holds what"),
        )
    gathering = Gathering(load_atlas(), normalise(within) if within else "")
    stored = store(regions_of_rows(_counted(rows(path), progress), columns, gathering))
    return Imported(stored, tuple(gathering.rejected))


def import_geojson(
    path: Path,
    *,
    within: str = "",
    level: Level | None = None,
    system: CoordinateSystem | None = None,
    columns: Columns | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Stores the outlines of a FeatureCollection, converted to WGS-84 and made valid.

    Features without a code are known by name in their parent or in `within`, or get a new code at `level`.
    Where `system` is not said it is found, and the notes say how (see `detect`). All else as `import_csv`.
    """
    first = next(features(path), None)
    columns = columns or columns_of(first.properties if first else ())
    if first is None or ("code" not in columns and not within):
        raise FileError(
            path,
            reason=_("nothing says the codes of the places: %(names)s")
            % {"names": ", ".join(first.properties if first else ())},
            cure=_("Say which property holds them, or in which place the outlines lie (--within 4419)"),
        )
    gathering = Gathering(load_atlas(), normalise(within) if within else "")
    outlines = Outlines(columns, gathering, level=level)
    outlines.guess_level(features(path))
    found = Detected(system, "") if system else _detect(path, outlines, gathering)
    stored = store(outlines.regions(_counted(features(path), progress), found.system))
    return Imported(stored, tuple(gathering.rejected), tuple(_notes(found, outlines)))


def _detect(path: Path, outlines: Outlines, gathering: Gathering) -> Detected:
    """Compares outlines with those known of the same places; where there are none, with the place around."""
    crs = crs_of(path)
    sides = [] if crs else list(outlines.sides(features(path)))
    pairs = [(theirs, known) for theirs, known in sides if known is not None]
    around = gathering.atlas.outline(gathering.scope)
    bounds = np.array([theirs for theirs, _known in sides]).reshape(-1, 4)
    whole = np.array([*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)]) if sides else _NOWHERE
    if around is not None and not pairs:
        pairs = [(whole, np.array(around.bounds))]
    properties = next(features(path)).properties
    return detect(path, crs=crs, properties=properties, bounds=whole, pairs=pairs)


def _notes(found: Detected, outlines: Outlines) -> Iterator[str]:
    yield _("Coordinates: %(system)s") % {"system": found.system.name} + (
        f" ({found.note})" if found.note else ""
    )
    if outlines.repaired:
        yield _("%(count)d outlines crossed themselves and were made valid") % {"count": outlines.repaired}


def _counted(items: Iterable[Read], progress: Progress | None) -> Iterator[Read]:
    number = 0
    for number, item in enumerate(items, 1):
        yield item
        if progress and number % _STEP == 0:
            progress(number)
    if progress:
        progress(number)


_NOWHERE = np.zeros(4)
_STEP = 100
