"""Places from files: tables of codes, and GeoJSON outlines. Good rows go in, and each bad one is reported."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from mumian.place.codes import Level, normalise
from mumian.place.columns import COLUMNS, Columns, columns_of
from mumian.place.coordinates import CoordinateSystem
from mumian.place.detecting import Detected, detect
from mumian.place.gathering import Gathering, Reject
from mumian.place.geojson import Feature, FileError, crs_of, features
from mumian.place.loading import load_atlas
from mumian.place.outlines import Outlines
from mumian.place.storing import Progress, Stored, store
from mumian.place.tables import regions_of
from mumian.rows import Table, TableError, survey


@dataclass(frozen=True, slots=True)
class Imported:
    """How many places an import added, changed and found as they were, and how many rows it turned away.

    `notes` say what it found out on the way, such as the coordinate system.
    """

    added: int
    changed: int
    unchanged: int
    rejected: int
    notes: tuple[str, ...] = ()


def import_csv(
    path: Path,
    *,
    within: str = "",
    columns: Columns | None = None,
    reject: Reject | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Stores the places of a table: one a row, or one a level in each row.

    Columns are recognised by their usual names unless `columns` says which they are. Places without a code
    are known by name in the place above (at the top, in `within`) or get a new code. All goes in together or,
    when interrupted, nothing; a second import changes nothing. `reject` is told of each bad row, `progress`
    the last line dealt with. Raises `TableError` where the file is no such table.
    """
    table = _table(path, columns)
    gathering = Gathering(load_atlas(), normalise(within) if within else "", reject)
    return _imported(store(regions_of(table, gathering, progress)), gathering)


def import_geojson(
    path: Path,
    *,
    within: str = "",
    level: Level | None = None,
    system: CoordinateSystem | None = None,
    columns: Columns | None = None,
    reject: Reject | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Stores the outlines of a FeatureCollection, converted to WGS-84 and made valid.

    Features without a code are known by name in their parent or in `within`, or get a new code at `level`.
    Where `system` is not said it is found, and the notes say how (see `detect`). All else as `import_csv`.
    Raises `FileError` where the file is none, and `UnknownSystemError`.
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
    gathering = Gathering(load_atlas(), normalise(within) if within else "", reject)
    outlines = Outlines(columns, gathering, level=level)
    outlines.guess_level(features(path))
    found = Detected(system, "") if system else _detect(path, outlines, gathering)
    stored = store(outlines.regions(_told(features(path), progress), found.system))
    return _imported(stored, gathering, *_notes(found, outlines))


def _imported(stored: Stored, gathering: Gathering, *notes: str) -> Imported:
    return Imported(stored.added, stored.changed, stored.unchanged, gathering.rejected, notes)


def _table(path: Path, columns: Columns | None) -> Table:
    if columns:
        table = survey(path, dict.fromkeys(columns.values(), ()), required=list(columns.values()))
        return replace(table, columns={ours: table.columns[theirs] for ours, theirs in columns.items()})
    table = survey(path, COLUMNS, required=())
    if not {"code", *(level.word for level in Level)} & table.columns.keys():
        raise TableError(
            path,
            reason=_("no column is known to hold places"),
            cure=_("Call the columns code and name, or say which column holds what"),
        )
    return table


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


def _told(found: Iterable[Feature], progress: Progress | None) -> Iterator[Feature]:
    for feature in found:
        yield feature
        if progress:
            progress(feature.line)


_NOWHERE = np.zeros(4)
