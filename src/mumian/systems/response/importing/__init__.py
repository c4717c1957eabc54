"""Units, responders, shifts and beats from tables and to tables: good rows go in, each bad one is named; again changes nothing."""

import csv
from typing import TextIO

from mumian.systems.response.importing import beats, responders, shifts, units
from mumian.systems.response.importing.beats import import_beats, import_points
from mumian.systems.response.importing.responders import import_responders
from mumian.systems.response.importing.shifts import import_shifts
from mumian.systems.response.importing.units import import_units, without_responders

__all__ = [
    "TABLES",
    "export",
    "import_beats",
    "import_points",
    "import_responders",
    "import_shifts",
    "import_units",
    "without_responders",
]

TABLES = {
    "units": (units.COLUMNS, units.rows),
    "responders": (responders.COLUMNS, responders.rows),
    "shifts": (shifts.COLUMNS, shifts.rows),
    "beats": (beats.COLUMNS, beats.rows),
    "points": (beats.POINT_COLUMNS, beats.point_rows),
}


def export(what: str, file: TextIO) -> int:
    """Writes one of `TABLES` so that it can be imported again; returns how many rows it has."""
    columns, rows = TABLES[what]
    file.write("\ufeff")
    table = csv.writer(file)
    table.writerow(columns)
    count = 0
    for row in rows():
        table.writerow(row)
        count += 1
    return count
