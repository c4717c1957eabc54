"""Setting up an installation from what its systems bring: roles, catalogues, calendar, procedures. Idempotent."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import chinese_calendar
from django.db import transaction

from mumian.engine import world
from mumian.engine.limits import Limit
from mumian.engine.models import Calendar, CalendarDay, Catalogue, Installation, Kind
from mumian.engine.publishing import keep_contents, publish_shipped, system_folders
from mumian.errors import MumianError
from mumian.people.actor import Scope
from mumian.people.models import Role
from mumian.yaml import load

CALENDAR = "cn"
HOLIDAYS_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


@transaction.atomic
def install() -> None:
    """Brings everything the systems ship into the database; what is there, or a city has changed, is left alone."""
    Installation.objects.get_or_create(pk=1, defaults={"key": secrets.token_bytes(32)})
    _install_calendar()
    for folder in system_folders():
        if (file := folder / "roles.yaml").exists():
            install_roles(_yaml(file)["roles"])
        if (file := folder / "catalogue.yaml").exists():
            content = _yaml(file)
            if not Catalogue.objects.filter(
                name=content["catalogue"], version=str(content["version"])
            ).exists():
                install_catalogue(content, str(file))
    publish_shipped()
    keep_contents()
    world.changed()


def install_roles(roles: Mapping[str, Any]) -> None:
    """Adds the roles that are not there yet: `{slug: {title: {zh, en}, scope, administers}}`."""
    Role.objects.bulk_create(
        [
            Role(
                slug=slug,
                title=role["title"]["zh"],
                title_en=role["title"]["en"],
                scope=Scope(role.get("scope", "place")).value,
                administers=role.get("administers", False),
            )
            for slug, role in roles.items()
        ],
        ignore_conflicts=True,
    )


def install_catalogue(content: Mapping[str, Any], file: str = "catalogue") -> int:
    """Adds and updates a catalogue and its kinds; returns how many kinds it has. Raises `MumianError`."""
    try:
        name = content["catalogue"]
        Catalogue.objects.update_or_create(
            name=name,
            defaults={
                "title": content["title"]["zh"],
                "title_en": content["title"].get("en", ""),
                "basis": list(content.get("basis", [])),
                "version": str(content.get("version", "")),
            },
        )
        kinds = list(_kinds(name, content["kinds"]))
    except (KeyError, TypeError, ValueError) as error:
        raise MumianError(
            file,
            reason=f"{type(error).__name__} at {error}",
            cure="Give every kind `code` and `title: {zh, en}`, and limits such as `5 working days`",
        ) from error
    save_kinds(kinds)
    return len(kinds)


def save_kinds(kinds: Iterable[Kind]) -> None:
    """Stores kinds, replacing those of the same catalogue and code."""
    Kind.objects.bulk_create(
        list(kinds),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["catalogue", "code"],
        update_fields=[
            "title",
            "title_en",
            "unit_kind",
            "unit_at",
            "limits",
            "keywords",
            "in_grid",
            "hazard",
            "basis",
            "active",
        ],
    )


def _kinds(catalogue: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[Kind]:
    for row in rows:
        limits = {clock: str(Limit.parse(text)) for clock, text in row.get("limits", {}).items()}
        basis = row.get("basis", [])
        yield Kind(
            catalogue_id=catalogue,
            code=str(row["code"]),
            title=row["title"]["zh"],
            title_en=row["title"].get("en", ""),
            unit_kind=row.get("unit", ""),
            unit_at=row.get("at", ""),
            limits=limits,
            keywords={
                language: [str(word) for word in words] for language, words in row.get("keywords", {}).items()
            },
            in_grid=bool(row.get("grid", False)),
            hazard=bool(row.get("hazard", False)),
            basis=[basis] if isinstance(basis, str) else list(basis),
        )
        yield from _kinds(catalogue, row.get("minor", row.get("kinds", [])))


def _install_calendar() -> None:
    """The State Council's working calendar, as far as it has been announced."""
    known = max(chinese_calendar.holidays)
    last = date(known.year, 12, 31)
    calendar, _ = Calendar.objects.update_or_create(
        name=CALENDAR,
        defaults={
            "zone": "Asia/Shanghai",
            "hours": [["09:00", "12:00"], ["14:00", "18:00"]],
            "weekdays": [0, 1, 2, 3, 4],
            "known": last,
        },
    )
    if calendar.days.filter(day__year=last.year).exists():
        return
    CalendarDay.objects.filter(calendar=calendar).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                calendar=calendar, day=day, working=working, name=f"{HOLIDAYS_ZH.get(name, name)} / {name}"
            )
            for day, working, name in china_days(date(2004, 1, 1), last)
        ]
    )


def china_days(first: date, last: date) -> Iterable[tuple[date, bool, str]]:
    """Days in China that differ from their weekday: `(day, is it a working day, name of the holiday)`."""
    holidays, workdays = chinese_calendar.holidays, chinese_calendar.workdays
    for day in sorted({*holidays, *workdays}):
        if first <= day <= last:
            yield day, day in workdays, workdays.get(day) or holidays[day]


def _yaml(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = load(file)
    return content
