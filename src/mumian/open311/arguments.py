"""What a caller gives: arguments by name, under the names clients use for them; an empty one is an absent one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from mumian.engine.world import city
from mumian.open311.answers import Fault

ALIASES = {"count": "page_size", "start": "start_date", "end": "end_date", "address": "address_string"}
"""What clients say, and what the standard calls it."""
LONGEST = timedelta(days=90)
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\d*\])?")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a request; those of the body come before those of the address."""

    given: Mapping[str, list[str]]

    @classmethod
    def of(cls, request: HttpRequest) -> "Arguments":
        """Reads them. Raises `Fault` for a jurisdiction that is not ours."""
        given: dict[str, list[str]] = {}
        for source in (request.POST, request.GET):
            for name, values in source.lists():
                said = [str(value).strip() for value in values if str(value).strip()]
                if said:
                    given.setdefault(name, said)
        for alias, name in ALIASES.items():
            if alias in given:
                given.setdefault(name, given[alias])
        arguments = cls(given)
        _ours(arguments.one("jurisdiction_id"), request)
        return arguments

    def one(self, name: str) -> str:
        """The value of an argument, the last if there are several; empty for none."""
        return self.given.get(name, [""])[-1]

    def many(self, name: str) -> list[str]:
        """The values of an argument that may be repeated, or hold several between commas."""
        said = (part.strip() for value in self.given.get(name, []) for part in value.split(","))
        return list(dict.fromkeys(filter(None, said)))

    def attributes(self) -> dict[str, list[str]]:
        """The values of `attribute[code]` and `attribute[code][]`, by code."""
        found: dict[str, list[str]] = {}
        for name, values in self.given.items():
            if matched := _ATTRIBUTE.fullmatch(name):
                found.setdefault(matched[1], []).extend(values)
        return found

    def yes(self, name: str) -> bool:
        return self.one(name).lower() in {"true", "1", "yes"}

    def count(self, name: str, default: int, most: int) -> int:
        """A whole number from 1; more than `most` is as much as `most`. Raises `Fault`."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
            raise Fault(
                400, _("%(name)s should be a whole number from 1: %(text)s") % {"name": name, "text": text}
            )
        return min(int(text), most)

    def degrees(self, name: str, most: int) -> float | None:
        """A coordinate; nothing where it is absent. Raises `Fault`."""
        text = self.one(name)
        if not text:
            return None
        try:
            degrees = float(text)
        except ValueError:
            degrees = float("nan")
        if not -most <= degrees <= most:
            raise Fault(
                400,
                _("%(name)s should be degrees from -%(most)s to %(most)s: %(text)s")
                % {"name": name, "most": most, "text": text},
            )
        return degrees

    def period(self) -> tuple[datetime, datetime]:
        """From when to when requests are meant: the last 90 days unless said otherwise. Raises `Fault`."""
        first, last = (self._moment(name) for name in ("start_date", "end_date"))
        if first is None:
            last = last or timezone.now()
            first = last - LONGEST
        elif last is None:
            last = first + LONGEST
        if first > last:
            raise Fault(400, _("start_date is after end_date."))
        if last - first > LONGEST:
            raise Fault(400, _("start_date and end_date may be at most 90 days apart."))
        return first, last

    def _moment(self, name: str) -> datetime | None:
        return moment(name, self.one(name)) if self.one(name) else None


def moment(name: str, text: str) -> datetime:
    """A time in W3C form; one without a zone, or a day alone, is meant in the city's. Raises `Fault`."""
    said = re.sub(r" (?=\d\d:?\d\d$)", "+", text)  # a plus that was not escaped arrives as a blank
    try:
        found = parse_datetime(said)
        if found is None and (day := parse_date(said)):
            found = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (its zone is given below)
    except ValueError:
        found = None
    if found is None or not 1900 < found.year < 3000:
        raise Fault(
            400,
            _("%(name)s should be a time such as 2026-11-27T18:00:00+08:00: %(text)s")
            % {"name": name, "text": text},
        )
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _ours(jurisdiction: str, request: HttpRequest) -> None:
    """One city is served, so it need not be named; if it is, by its code or by this address."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if jurisdiction and jurisdiction not in {city().installation.place, host, host.removeprefix("www.")}:
        raise Fault(404, _("The jurisdiction_id %(name)s was not found.") % {"name": jurisdiction})
