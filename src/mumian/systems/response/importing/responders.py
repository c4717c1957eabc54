"""Responders from a table and to a table: each is known by unit and name, so that a family may share a phone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mumian.cells import needed, text
from mumian.people.importing import Imported, Progress, Reject
from mumian.people.models import Organisation, Person, Post
from mumian.rows import Row, survey
from mumian.systems.response.importing.reading import (
    Good,
    Refused,
    Values,
    each_batch,
    listed,
    store_keyed,
    unit_of,
    units_by_code,
)
from mumian.systems.response.models import Responder

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("unit", "单元编码", "编码"),
    "name": ("姓名",),
    "phone": ("电话", "手机", "联系电话"),
    "username": ("user", "用户名", "账号"),
    "skills": ("技能", "专长"),
}
KEY = ("unit_id", "name")


def import_responders(path: Path, *, reject: Reject, progress: Progress | None = None) -> Imported:
    """Adds and changes responders of units that are known. With a user name they may sign in."""
    table = survey(path, COLUMNS, required=("unit_code", "name", "phone"))
    units = units_by_code()

    def fit(row: Row) -> Values:
        values = row.values
        return {
            "unit_id": unit_of(values, units), "name": needed(values, "name", 100), "phone": phone(values),
            "username": text(values, "username", 64), "skills": listed(values, "skills"),
        }  # fmt: skip

    return each_batch(table, fit, _store, reject, progress, key=KEY)


def rows() -> Iterator[list[object]]:
    """Every responder as a row of such a table."""
    people = Responder.objects.select_related("unit__organisation", "person").order_by("unit", "name")
    for each in people.iterator(chunk_size=2000):
        username = each.person.username if each.person else ""
        yield [each.unit.organisation.code, each.name, each.phone, username or "", ";".join(each.skills)]


def phone(values: Mapping[str, str]) -> str:
    """A number that can be rung, without its spaces."""
    return needed(values, "phone", 32).replace(" ", "")


def _store(good: Good) -> tuple[Imported, Refused]:
    people = _people(good)
    units = {one["unit_id"] for _row, one in good}
    known = {
        (unit, name): person
        for unit, name, person in Responder.objects.filter(unit__in=units).values_list(*KEY, "person")
    }
    held: list[tuple[Person, int]] = []
    for _row, one in good:
        person = people.get(one.pop("username"))
        one["person_id"] = person.pk if person else known.get((one["unit_id"], one["name"]))
        if person:
            held.append((person, one["unit_id"]))
    stored = store_keyed(Responder, KEY, good)
    _give_posts(held)
    return stored


def _people(good: Good) -> dict[str, Person]:
    """Those who may sign in, by user name; who is new cannot until a password is set."""
    given = {one["username"]: one for _row, one in good if one["username"]}
    people = {str(person.username): person for person in Person.objects.filter(username__in=given)}
    new = [
        Person(username=name, name=one["name"], phone=one["phone"], password="!")
        for name, one in given.items()
        if name not in people
    ]
    Person.objects.bulk_create(new)
    return people | {str(person.username): person for person in new}


def _give_posts(held: list[tuple[Person, int]]) -> None:
    """Each gets the post in which to act for the unit."""
    units = Organisation.objects.filter(pk__in={unit for _person, unit in held})
    places = dict(units.values_list("pk", "place"))
    Post.objects.bulk_create(
        [
            Post(person=person, role_id="responder", organisation_id=unit, place=places[unit])
            for person, unit in held
        ],
        ignore_conflicts=True,
    )
