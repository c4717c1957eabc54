"""Tables whose rows are stored one by one, each all or nothing: rosters of a system, with the accounts of those on them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from mumian.cells import Unfit, batches, needed, no_such_place, unfit
from mumian.people.importing import Imported, PlaceOf, Progress, Reject
from mumian.people.models import Person
from mumian.rows import Rejection, Row, Table

AT_ONCE = 500


def each_row(
    table: Table, store: Callable[[Row], str], reject: Reject, progress: Progress | None
) -> Imported:
    """Stores the rows of a table; `store` says whether one was `added`, `changed` or `unchanged`, or raises `Unfit`."""
    whole = Imported()
    for batch in batches(table.rows(), AT_ONCE):
        with transaction.atomic():
            for row in batch:
                whole += Imported(**{_stored(table, row, store, reject): 1})
        if progress:
            progress(batch[-1].line)
    return whole


def _stored(table: Table, row: Row | Rejection, store: Callable[[Row], str], reject: Reject) -> str:
    if isinstance(row, Rejection):
        reject(row)
        return "rejected"
    try:
        with transaction.atomic():
            return store(row)
    except Unfit as error:
        reject(error.rejection(row.line, table))
        return "rejected"


def place_in(values: Mapping[str, str], column: str, place_of: PlaceOf) -> str:
    """The place in a column, which must be there."""
    code = needed(values, column, 24)
    place = place_of(code)
    if place is None:
        raise no_such_place(code, column)
    return place


def account(values: Mapping[str, str], taken: "QuerySet[Any]", zh: str, en: str) -> Person:
    """The person of a new row: known by user name, unless a row of `taken` has the account; else without one."""
    username = values.get("username", "")[:64] or None
    found = Person.objects.filter(username=username).first() if username else None
    if found is not None and taken.filter(person=found).exists():
        raise unfit(values, "username", zh, en)
    return found or Person(username=username, password="!")
