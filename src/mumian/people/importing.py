"""Organisations and posts from tables: good rows go in, each bad one is reported; the same again changes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

from mumian.cells import Unfit, batches, needed, no_such_place, text
from mumian.people.models import Organisation, Person, Post, Role
from mumian.rows import Rejection, Row, Table, survey

Reject = Callable[[Rejection], None]
Progress = Callable[[int], None]
PlaceOf = Callable[[str], str | None]
"""The normal form of a place code; nothing where there is no such place. This room does not know places."""

ORGANISATION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("organisation_code", "代码", "编码", "机构代码", "单位代码", "机构编码", "单位编码"),
    "name": ("organisation", "名称", "机构名称", "单位名称", "单位"),
    "name_en": ("英文名", "英文名称"),
    "kind": ("类别", "类型", "单位类别"),
    "parent_code": ("parent", "上级", "上级代码", "上级编码", "上级单位代码"),
    "place": ("place_code", "地点", "地点编码", "区划代码", "所在地编码"),
}
POST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "username": ("user", "用户名", "账号", "登录名"),
    "name": ("姓名",),
    "role": ("角色", "职务"),
    "organisation_code": ("organisation", "单位代码", "机构代码", "单位编码", "机构编码"),
    "place": ("place_code", "地点", "地点编码", "区划代码", "网格编码"),
    "begins": ("from", "开始", "开始日期", "任职日期"),
    "ends": ("until", "结束", "结束日期", "离任日期"),
    "phone": ("电话", "手机", "联系电话"),
    "email": ("邮箱", "电子邮箱"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows an import added, changed, found as they were, and turned away."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.rejected + other.rejected,
        )


def import_organisations(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes units, all in one transaction; the tree and every `lineage` are right afterwards.

    A parent may stand below its children in the file, or be known already. A column that is not there leaves
    what is known. Only the tree is held in memory. `reject` is told of each bad row, `progress` the last line
    dealt with. Raises `TableError` where the file is no such table.
    """
    table = survey(path, ORGANISATION_COLUMNS, required=("code", "name"))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE people_organisation IN SHARE ROW EXCLUSIVE MODE")
        tree = _Tree(table, place_of, reject)
        stored = Imported(rejected=tree.rejected)
        for batch in batches(tree.good_rows()):
            stored += _store_units(table, batch, tree, place_of)
            if progress:
                progress(batch[-1].line)
        _set_parents(tree.moved())
        set_lineages()
    return stored


def import_posts(
    path: Path, *, place_of: PlaceOf, reject: Reject, progress: Progress | None = None
) -> Imported:
    """Adds and changes persons and the posts they hold, a batch a transaction: interrupted, it can be run again.

    A post is one person, role, organisation and place; given again, its days are those given last. Without a
    user name it is vacant. Without a place it is at the organisation's. Persons new here cannot sign in until
    they get a password. All else as `import_organisations`.
    """
    table = survey(path, POST_COLUMNS, required=("role", "organisation_code"))
    roles = frozenset(Role.objects.values_list("slug", flat=True))
    stored = Imported()
    for batch in batches(table.rows()):
        with transaction.atomic():
            stored += _PostBatch(table, roles, place_of, reject).store(batch)
        if progress:
            progress(batch[-1].line)
    return stored


def _place(values: Mapping[str, str], place_of: PlaceOf) -> str:
    value = values.get("place", "")
    place = place_of(value) if value else ""
    if place is None:
        raise no_such_place(value)
    return place


# --- organisations ----------------------------------------------------------------------------------


class _Tree:
    """The tree as it will be: which rows of the file are good, and what is above each unit."""

    def __init__(self, table: Table, place_of: PlaceOf, reject: Reject) -> None:
        self.rejected = 0
        self._table, self._reject = table, reject
        rows = Organisation.objects.values_list("code", "parent__code").iterator(chunk_size=1000)
        self.known: dict[str, str] = {code: parent or "" for code, parent in rows}
        self._good: dict[str, tuple[int, str]] = {}
        for row in table.rows():
            if isinstance(row, Rejection):
                self._turn_away(row)
            else:
                self._look_at(row, place_of)
        self._settle()

    def parent(self, code: str) -> str:
        """The code above, '' at the top."""
        return self._good[code][1] if code in self._good else self.known.get(code, "")

    def good_rows(self) -> Iterator[Row]:
        """The rows of the file that go in, read once more."""
        for row in self._table.rows():
            if isinstance(row, Row) and self._good.get(row.values["code"], (0, ""))[0] == row.line:
                yield row

    def moved(self) -> list[tuple[str, str]]:
        """Units whose parent is not the one known, each with its new one."""
        return [
            (code, parent) for code, (_, parent) in self._good.items() if self.known.get(code, "") != parent
        ]

    def _look_at(self, row: Row, place_of: PlaceOf) -> None:
        try:
            code = needed(row.values, "code", 64)
            needed(row.values, "name", 200)
            text(row.values, "name_en", 200)
            text(row.values, "kind", 40)
            _place(row.values, place_of)
            if code in self._good:
                line = self._good[code][0]
                raise Unfit(
                    "code",
                    code,
                    (f"第 {line} 行已有此代码", f"line {line} has this code already"),
                    ("每个单位用自己的代码", "Give each unit a code of its own"),
                )
        except Unfit as error:
            self._turn_away(error.rejection(row.line, self._table))
        else:
            self._good[code] = row.line, row.values.get("parent_code", self.known.get(code, ""))

    def _settle(self) -> None:
        """Turns away what hangs on nothing and what goes round in a circle, until the rest is a tree."""
        while wrong := {**self._without_parent(), **self._in_circles()}:
            for code, error in wrong.items():
                self._turn_away(error.rejection(self._good.pop(code)[0], self._table))

    def _without_parent(self) -> dict[str, Unfit]:
        return {
            code: Unfit(
                "parent_code",
                parent,
                ("没有此代码的单位", "there is no unit with this code"),
                ("补上上级单位，或改正代码", "Add the unit above, or correct the code"),
            )
            for code, (_, parent) in self._good.items()
            if parent and parent not in self._good and parent not in self.known
        }

    def _in_circles(self) -> dict[str, Unfit]:
        found: dict[str, Unfit] = {}
        done: set[str] = set()
        for start in self._good:
            path: dict[str, None] = {}
            code = start
            while code and code not in done and code not in path:
                path[code] = None
                code = self.parent(code)
            if code in path:
                steps = [*path]
                circle = steps[steps.index(code) :]
                shown = " › ".join([*circle[:8], *(["…"] if len(circle) > 8 else []), code])
                for member in circle:
                    if member in self._good:
                        found[member] = Unfit(
                            "parent_code",
                            self.parent(member),
                            (f"上级绕成一圈：{shown}", f"the units above go round in a circle: {shown}"),
                            ("改正其中一个的上级", "Correct the parent of one of them"),
                        )
            done |= path.keys()
        return found

    def _turn_away(self, rejection: Rejection) -> None:
        self.rejected += 1
        self._reject(rejection)


_UNIT_FIELDS = ("name", "name_en", "kind", "place")


def _store_units(table: Table, rows: list[Row], tree: _Tree, place_of: PlaceOf) -> Imported:
    given = [name for name in _UNIT_FIELDS if name in table.columns]
    known = {
        unit.code: unit for unit in Organisation.objects.filter(code__in=[row.values["code"] for row in rows])
    }
    written, moved = [], 0
    for row in rows:
        code = row.values["code"]
        fields = {name: row.values[name] for name in given}
        if "place" in fields:
            fields["place"] = _place(row.values, place_of)
        there = known.get(code)
        if there is None or any(getattr(there, name) != value for name, value in fields.items()):
            written.append(Organisation(code=code, **fields))
        elif tree.parent(code) != tree.known[code]:
            moved += 1
    Organisation.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["code"], update_fields=given
    )
    added = len(rows) - len(known)
    changed = len(written) - added + moved
    return Imported(added, changed, len(rows) - added - changed)


def _set_parents(moved: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        for batch in batches(moved):
            cursor.execute(
                "UPDATE people_organisation o SET parent_id = p.id"
                " FROM unnest(%s::text[], %s::text[]) AS v (code, parent)"
                " LEFT JOIN people_organisation p ON p.code = v.parent WHERE o.code = v.code",
                [[code for code, _ in batch], [parent for _, parent in batch]],
            )


_LINEAGES = """
    WITH RECURSIVE tree (id, lineage) AS (
        SELECT id, ARRAY[id] FROM people_organisation WHERE parent_id IS NULL
        UNION ALL
        SELECT below.id, below.id || tree.lineage
        FROM people_organisation below JOIN tree ON below.parent_id = tree.id
    )
    UPDATE people_organisation o SET lineage = tree.lineage FROM tree
    WHERE tree.id = o.id AND o.lineage IS DISTINCT FROM tree.lineage
"""


def set_lineages() -> None:
    """Brings every `lineage` in step with the tree, in one statement; only those that differ are written."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGES)


# --- posts ------------------------------------------------------------------------------------------

PostKey = tuple[UUID | None, str, int, str]
"""Person, role, organisation, place."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row of posts that has been read."""

    username: str
    person: Mapping[str, str]
    role: str
    organisation: int
    place: str
    days: Mapping[str, date | None]


class _PostBatch:
    """Some rows of posts, stored in a handful of statements."""

    def __init__(self, table: Table, roles: frozenset[str], place_of: PlaceOf, reject: Reject) -> None:
        self._table, self._roles, self._place_of, self._reject = table, roles, place_of, reject
        self._person_fields = [name for name in ("name", "phone", "email") if name in table.columns]
        self._days = [name for name in ("begins", "ends") if name in table.columns]

    def store(self, rows: list[Row | Rejection]) -> Imported:
        codes = {row.values["organisation_code"] for row in rows if isinstance(row, Row)}
        units = {unit.code: unit for unit in Organisation.objects.filter(code__in=codes)}
        wanted, rejected = [], 0
        for row in rows:
            try:
                if isinstance(row, Row):
                    wanted.append(self._read(row.values, units))
                    continue
                rejection = row
            except Unfit as error:
                rejection = error.rejection(row.line, self._table)
            rejected += 1
            self._reject(rejection)
        persons = self._store_persons({each.username: each.person for each in wanted if each.username})
        return self._store_posts(wanted, persons) + Imported(rejected=rejected)

    def _read(self, values: Mapping[str, str], units: Mapping[str, Organisation]) -> _Wanted:
        role, code = (
            needed(values, "role", 40),
            needed(values, "organisation_code", 64),
        )
        if role not in self._roles:
            known = ", ".join(sorted(self._roles))
            raise Unfit(
                "role",
                role,
                (f"没有此角色；有 {known}", f"there is no such role; there are {known}"),
                ("改用其中之一", "Use one of them"),
            )
        if code not in units:
            raise Unfit(
                "organisation_code",
                code,
                ("没有此代码的单位", "there is no unit with this code"),
                ("先导入单位，或改正代码", "Import the units first, or correct the code"),
            )
        place = _place(values, self._place_of) or units[code].place
        if not place:
            raise Unfit(
                "place",
                "",
                ("没有地点，单位也没有", "it is empty, and so is that of the unit"),
                ("补上此值", "Fill it in"),
            )
        days = {name: _day(values, name) for name in self._days}
        if (begins := days.get("begins")) and (ends := days.get("ends")) and ends < begins:
            raise Unfit(
                "ends",
                values["ends"],
                ("早于开始日期", "it is before the first day"),
                ("改正日期", "Correct it"),
            )
        person = {
            "name": text(values, "name", 100),
            "phone": text(values, "phone", 32),
            "email": _email(values),
        }
        return _Wanted(
            text(values, "username", 64),
            {name: person[name] for name in self._person_fields},
            role,
            units[code].pk,
            place,
            days,
        )

    def _store_persons(self, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, UUID]:
        known = {person.username: person for person in Person.objects.filter(username__in=[*wanted])}
        written = [
            Person(username=username, password=make_password(None), **fields)
            for username, fields in wanted.items()
            if (there := known.get(username)) is None
            or any(getattr(there, name) != value for name, value in fields.items())
        ]
        if written and self._person_fields:
            Person.objects.bulk_create(
                written, update_conflicts=True, unique_fields=["username"], update_fields=self._person_fields
            )
        elif written:
            Person.objects.bulk_create(written, ignore_conflicts=True)
        rows = Person.objects.filter(username__in=[*wanted]).values_list("username", "pk")
        return {username: key for username, key in rows if username is not None}

    def _store_posts(self, wanted: list[_Wanted], persons: Mapping[str, UUID]) -> Imported:
        posts = {
            (persons.get(each.username), each.role, each.organisation, each.place): each.days
            for each in wanted
        }
        known = self._known(posts)
        new = [self._post(key, days) for key, days in posts.items() if key not in known]
        changed = []
        for key, post in known.items():
            if any(getattr(post, name) != day for name, day in posts[key].items()):
                for name, day in posts[key].items():
                    setattr(post, name, day)
                changed.append(post)
        Post.objects.bulk_create(new)
        if changed:
            Post.objects.bulk_update(changed, self._days)
        return Imported(len(new), len(changed), len(wanted) - len(new) - len(changed))

    def _known(self, posts: Mapping[PostKey, Any]) -> dict[PostKey, Post]:
        """Of these posts, those that are there; of vacant ones that are there twice, the first."""
        held = Post.objects.filter(person__in={person for person, *_ in posts if person})
        vacant = Post.objects.filter(
            person=None, organisation__in={organisation for person, _, organisation, _ in posts if not person}
        )
        found: dict[PostKey, Post] = {}
        for post in (*held, *vacant.order_by("pk")):
            key = post.person_id, post.role_id, post.organisation_id, post.place
            if key in posts:
                found.setdefault(key, post)
        return found

    def _post(self, key: PostKey, days: Mapping[str, date | None]) -> Post:
        person, role, organisation, place = key
        return Post(person_id=person, role_id=role, organisation_id=organisation, place=place, **days)


def _day(values: Mapping[str, str], column: str) -> date | None:
    value = values.get(column, "")
    if not value:
        return None
    try:
        year, month, day = map(int, value.replace("/", "-").replace(".", "-").split("-"))
        return date(year, month, day)
    except ValueError:
        raise Unfit(
            column,
            value,
            ("不是日期", "it is not a date"),
            ("写作 2026-11-27", "Write it as 2026-11-27"),
        ) from None


def _email(values: Mapping[str, str]) -> str:
    value = text(values, "email", 254)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise Unfit(
            "email",
            value,
            ("不是邮箱地址", "it is not an e-mail address"),
            ("改正或留空", "Correct it or leave it empty"),
        ) from None
    return value
