"""What was changed here, by whom and when, as the record has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mumian.people.models import Person
from mumian.record.models import Entry

PEOPLE = UUID("6d756d69-616e-8000-8000-70656f706c65")
"""Under which the record keeps what was done to people and units as a whole."""
_NAMESPACE = UUID("6d756d69-616e-8000-8000-61646d696e00")
MOST = 50


def subject_of(sort: str, key: object) -> UUID:
    """The subject under which the record keeps the history of one thing: a unit, a post, a calendar, a catalogue."""
    return uuid5(_NAMESPACE, f"{sort}:{key}")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, what, by whom, and what the entry says of it."""

    at: datetime
    title: str
    who: str
    facts: str


def history(*subjects: UUID) -> list[Change]:
    """The latest changes of these subjects, newest first: two statements."""
    rows = list(Entry.objects.filter(subject__in=subjects).order_by("-at", "-seq")[:MOST])
    people = Person.objects.in_bulk({row.person for row in rows if row.person})
    return [
        Change(row.at, _title(row.action), _who(row, people), ", ".join(_facts(row.body))) for row in rows
    ]


def _title(action: str) -> str:
    return str(_TITLES.get(action, action))


def _who(row: Entry, people: Mapping[UUID, Person]) -> str:
    found = people.get(row.person) if row.person else None
    return str(found) if found else _("The program")


def _facts(body: Mapping[str, Any]) -> Iterable[str]:
    for name, value in body.items():
        if name != "sha256":
            yield f"{_FACTS.get(name, name)}: {_told(value)}"


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return " / ".join(str(_FACTS.get(str(each), each)) for each in value) or "–"
    if isinstance(value, Mapping):
        return " / ".join(f"{key} {_told(each)}" for key, each in value.items()) or "–"
    return "–" if value in (None, "") else str(value)


_TITLES = {
    "publish": gettext_lazy("Published"),
    "add": gettext_lazy("Added"),
    "change": gettext_lazy("Changed"),
    "remove": gettext_lazy("Removed"),
    "end": gettext_lazy("Ended"),
    "invite": gettext_lazy("Invited to choose a password"),
    "password": gettext_lazy("Password changed"),
    "token": gettext_lazy("Token given out"),
    "revoke": gettext_lazy("Token taken back"),
    "import-organisations": gettext_lazy("Units imported"),
    "import-posts": gettext_lazy("Posts imported"),
    "import-responsibilities": gettext_lazy("Responsibilities imported"),
}
_FACTS = {
    "version": gettext_lazy("version"),
    "fields": gettext_lazy("what"),
    "file": gettext_lazy("file"),
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "rejected": gettext_lazy("not taken"),
    "unchanged": gettext_lazy("as they were"),
    "post": gettext_lazy("post"),
    "title": gettext_lazy("name"),
    "title_en": gettext_lazy("name in English"),
    "name": gettext_lazy("name"),
    "name_en": gettext_lazy("name in English"),
    "ends": gettext_lazy("ends"),
    "begins": gettext_lazy("begins"),
    "kind": gettext_lazy("kind"),
    "place": gettext_lazy("place"),
    "unit": gettext_lazy("unit"),
    "basis": gettext_lazy("basis"),
    "code": gettext_lazy("code"),
    "parent": gettext_lazy("above it"),
    "active": gettext_lazy("in use"),
    "role": gettext_lazy("role"),
    "organisation": gettext_lazy("unit"),
    "phone": gettext_lazy("telephone"),
    "email": gettext_lazy("e-mail"),
    "username": gettext_lazy("user name"),
    "is_active": gettext_lazy("may sign in"),
    "day": gettext_lazy("day"),
    "working": gettext_lazy("working day"),
    "limits": gettext_lazy("time limits"),
    "keywords": gettext_lazy("keywords"),
    "unit_kind": gettext_lazy("kind of unit responsible"),
    "unit_at": gettext_lazy("level of the unit"),
    "in_grid": gettext_lazy("a grid may settle it"),
    "hazard": gettext_lazy("checked again later"),
}
