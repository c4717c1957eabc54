"""What all tables of units have in common: read in portions, each bad row named, known rows told from new ones."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from mumian.cells import Unfit, batches, needed
from mumian.people.importing import Imported, Progress, Reject
from mumian.rows import Rejection, Row, Table
from mumian.systems.response.models import EmergencyUnit

Values = dict[str, Any]
Good = list[tuple[Row, Values]]
"""Rows that can be used, each with its values by the names of the fields."""
Refused = list[tuple[Row, Unfit]]
"""Rows that could not be stored beside what is there, each with the reason."""


def each_batch(
    table: Table,
    fit: Callable[[Row], Values],
    store: Callable[[Good], tuple[Imported, Refused]],
    reject: Reject,
    progress: Progress | None,
    *,
    key: tuple[str, ...] = (),
) -> Imported:
    """Stores a table, a portion a transaction; of rows with the same values of `key` the first goes in."""
    whole = Imported()
    lines: dict[tuple[Any, ...], int] = {}
    for batch in batches(table.rows()):
        good: Good = []
        wrong: list[Rejection] = []
        for row in batch:
            if isinstance(row, Rejection):
                wrong.append(row)
                continue
            try:
                values = fit(row)
                if key:
                    _once(row, values, key, lines)
                good.append((row, values))
            except Unfit as error:
                wrong.append(error.rejection(row.line, table))
        with transaction.atomic():
            stored, refused = store(good)
        wrong += [error.rejection(row.line, table) for row, error in refused]
        for each in sorted(wrong, key=lambda one: one.line):
            reject(each)
        whole += stored + Imported(rejected=len(wrong))
        if progress:
            progress(batch[-1].line)
    return whole


def store_keyed(model: type[Model], key: tuple[str, ...], good: Good) -> tuple[Imported, Refused]:
    """Adds rows and changes those that are known by the values of `key`; what is the same already is not written."""
    rows: Any = model._default_manager
    wanted = {tuple(one[name] for name in key): one for _row, one in good}
    known = {
        tuple(getattr(each, name) for name in key): each
        for each in rows.filter(**{f"{key[0]}__in": {own[0] for own in wanted}})
    }
    written = [
        model(**one)
        for own, one in wanted.items()
        if own not in known or any(getattr(known[own], name) != value for name, value in one.items())
    ]
    if written:
        rows.bulk_create(
            written,
            update_conflicts=True,
            unique_fields=[name.removesuffix("_id") for name in key],
            update_fields=[name.removesuffix("_id") for name in good[0][1] if name not in key],
        )
    added = sum(own not in known for own in wanted)
    return Imported(added, len(written) - added, len(wanted) - len(written)), []


def units_by_code() -> dict[str, int]:
    return dict(EmergencyUnit.objects.annotate(code=F("organisation__code")).values_list("code", "pk"))


def unit_of(values: Mapping[str, str], units: Mapping[str, int]) -> int:
    """The unit of a row by its code."""
    code = needed(values, "unit_code", 64)
    if code not in units:
        raise Unfit(
            "unit_code", code, ("没有此编码的单元", "there is no unit with this code"),
            ("先导入单元，或改正编码", "Import the units first, or correct the code"),
        )  # fmt: skip
    return units[code]


def listed(values: Mapping[str, str], column: str) -> list[str]:
    """Words with semicolons or commas between, each once."""
    said = values.get(column, "")
    for mark in "；;、，|":
        said = said.replace(mark, ",")
    return list(dict.fromkeys(each.strip()[:40] for each in said.split(",") if each.strip()))


def _once(row: Row, values: Values, key: tuple[str, ...], lines: dict[tuple[Any, ...], int]) -> None:
    own = tuple(values[name] for name in key)
    first = lines.setdefault(own, row.line)
    if first != row.line:
        reason = f"与第 {first} 行是同一个", f"line {first} is of the same one"
        cure = (
            "每个只写一行；不同的，写法要能区分",
            "Give each one line; write two so that they can be told apart",
        )
        raise Unfit(key[-1], str(own[-1]), reason, cure)
