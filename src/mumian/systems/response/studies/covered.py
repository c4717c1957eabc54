"""The page of coverage: who is reached in time at an hour of the week by the rosters, and who is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from numpy.typing import NDArray

from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.place.codes import range_of
from mumian.place.loading import current_atlas
from mumian.systems.response.entering import on_watch
from mumian.systems.response.models import Study
from mumian.systems.response.showing import in_minutes
from mumian.systems.response.studies import common
from mumian.systems.response.studies.asking import State, answered, ask, folder_of, latest, state_of
from mumian.systems.response.studies.common import MINUTES, link, one_of, whole
from mumian.web import presenting, words
from mumian.web.words import Text

HOURS = 168
BEYOND = 65_535
FRESH = timedelta(minutes=15)
"""For so long an answer is shown as it is; afterwards it is shown while it is reckoned anew."""
WORST = 25
MOST_UNITS = 3000
"""Units sent to the map at once."""

Columns = NDArray[Any]


class Asked(NamedTuple):
    """What is asked on the page: part of it is reckoned beforehand, part chosen from that."""

    place: str
    hour: int
    minutes: int
    pace: str
    kind: str
    week: date
    who: str

    @classmethod
    def read(cls, request: HttpRequest, actor: Actor) -> Asked:
        """What is chosen on the page; a place that is not looked at is none."""
        return cls.of(request.GET.dict(), common.place_of(actor, request.GET.get("place")))

    @classmethod
    def of(cls, given: Mapping[str, str], place: str) -> Asked:
        """A question about a place; what is not chosen, or cannot be, goes without saying."""
        now = timezone.localtime()
        try:
            day = date.fromisoformat(given.get("week", ""))
        except ValueError:
            day = now.date()
        hour = whole(given.get("hour"), 0, HOURS - 1, now.weekday() * 24 + now.hour)
        if "day" in given:  # chosen as a day and an hour of it
            hour = whole(given.get("day"), 0, 6, 0) * 24 + whole(given.get("clock"), 0, 23, 0)
        return cls(
            place,
            hour,
            int(one_of(given.get("minutes"), [str(each) for each in MINUTES], "3")),
            one_of(given.get("pace"), common.PACES, "hurried"),
            one_of(given.get("kind"), [code for code, _title in common.kinds()], ""),
            day - timedelta(days=day.weekday()),
            one_of(given.get("who"), ("roster", "all"), "roster"),
        )

    @property
    def question(self) -> dict[str, str]:
        """What is reckoned beforehand, for all places and hours at once."""
        return {"pace": self.pace, "kind": self.kind, "week": self.week.isoformat(), "who": self.who}

    def address(self, **changes: object) -> str:
        """The same page with something else chosen."""
        return link(**{**self._asdict(), **changes})


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def coverage(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who is reached in time in a place at an hour; posted to, it is reckoned anew."""
    asked = Asked.read(request, actor)
    if request.method == "POST":
        ask(Study.Kind.COVERAGE, "", asked.question, again=True)
        return redirect(reverse("response:coverage") + asked.address())
    study, newest = _answered(asked)
    if study is None:
        return common.in_the_meantime(request, newest, {"again": asked.address(), "title": _("Coverage")})
    found = Covered(study, asked)
    if request.GET.get("format") == "csv":
        return common.sheet(f"coverage-{asked.place}-{asked.week}-{asked.hour}", Covered.HEADER, found.rows())
    return render(request, "response/coverage.html", _context(actor, asked, found, newest))


@never_cache
@require_GET
@on_watch
def units(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The units in and around the place as GeoJSON (RFC 7946): those on duty at the hour in leaf; `many` where they
    are too many to be told apart, and none is drawn. One statement."""
    asked = Asked.read(request, actor)
    study = answered(Study.Kind.COVERAGE, "", asked.question)
    if study is None:
        return JsonResponse({"type": "FeatureCollection", "features": [], "many": False})
    found = Covered(study, asked)
    numbers = found.drawn()
    many = len(numbers) > MOST_UNITS
    features = [] if many else list(found.units(numbers))
    return JsonResponse({"type": "FeatureCollection", "features": features, "many": many})


def _answered(asked: Asked) -> tuple[Study | None, Study]:
    """The newest answer there is, and the newest study, which is begun where that answer is missing or too old."""
    of = Study.Kind.COVERAGE, "", asked.question
    found, newest = answered(*of), latest(*of)
    if found and not (folder_of(found) / "codes.npy").exists():
        found = None
    done = newest is not None and state_of(newest) is State.DONE
    old = newest is None or timezone.now() - newest.asked_at > FRESH
    if newest is None or old or (done and found is None):
        newest = ask(*of, again=True)
    return found, newest


class Part(NamedTuple):
    """How a place within the one shown is covered."""

    code: str
    name: Text
    people: int
    share: float
    """Of its people that are reached."""
    url: str


class Missed(NamedTuple):
    """A grid that is not reached in time."""

    code: str
    name: Text
    above: Text
    people: int
    now: str
    """How soon somebody is there, by those on duty."""
    soonest: str
    """How soon, if everybody were on duty."""
    unit: str
    hours: int
    """Of the week, at which it is reached."""
    help: str


class Covered:
    """An answer, cut to the place asked about. The files are read as far as they are needed."""

    HEADER = (
        "code", "name", "people", "seconds", "within_1", "within_3", "within_5",
        "hours_of_week_reached", "seconds_if_all_on_duty", "nearest_unit_code",
    )  # fmt: skip

    WEEK_HEADER = ("day", "hour", "within_1", "within_3", "within_5", "units_on_duty")

    def __init__(self, study: Study, asked: Asked) -> None:
        self.study, self.asked, self._folder = study, asked, folder_of(study)
        self.said: dict[str, Any] = study.answer or {}
        low, high = range_of(asked.place) if asked.place else ("", ":")
        codes = self._read("codes")
        self._from, self._to = np.searchsorted(codes, [low, high])
        self.codes: Columns = codes[self._from : self._to]
        self.people: Columns = self._cut("people")
        self._seconds = self._cut("seconds")
        self.set = int(self.said["set_of"][asked.hour])

    def _read(self, name: str) -> Columns:
        found: Columns = np.load(self._folder / f"{name}.npy", mmap_mode="r")
        return found

    def _cut(self, name: str) -> Columns:
        return self._read(name)[..., self._from : self._to]

    @property
    def total(self) -> float:
        return float(self.people.sum())

    @cached_property
    def seconds(self) -> Columns:
        """Until somebody is at each grid at the hour."""
        found: Columns = np.asarray(self._seconds[self.set])
        return found

    def share(self, minutes: int) -> float:
        """Of the people, reached within so many minutes at the hour."""
        return self._reached(self.seconds, minutes)

    def week(self) -> list[float]:
        """The share reached at each of the 168 hours."""
        shares = [self._reached(row, self.asked.minutes) for row in self._seconds]
        return [shares[each] for each in self.said["set_of"]]

    def hours(self) -> Iterator[tuple[object, ...]]:
        """The share reached at each hour of the week within each of the minutes."""
        shares = [[round(self._reached(row, each), 5) for each in MINUTES] for row in self._seconds]
        for hour, number in enumerate(self.said["set_of"]):
            yield hour // 24 + 1, hour % 24, *shares[number], self.said["on_duty"][hour]

    def _reached(self, seconds: Columns, minutes: int) -> float:
        return float(self.people[seconds <= minutes * 60].sum()) / (self.total or 1.0)

    def parts(self) -> list[Part]:
        """The places one level below, those with most people out of reach first."""
        missed = np.concatenate([[0.0], np.cumsum(self.people * (self.seconds > self.asked.minutes * 60))])
        all_of = np.concatenate([[0.0], np.cumsum(self.people)])
        parts = []
        for code in current_atlas().children(self.asked.place):
            first, last = np.searchsorted(self.codes, range_of(code))
            if last > first:
                people = float(all_of[last] - all_of[first])
                share = 1 - float(missed[last] - missed[first]) / (people or 1.0)
                parts.append(
                    Part(
                        code,
                        presenting.place_name(code),
                        round(people),
                        share,
                        self.asked.address(place=code),
                    )
                )
        return sorted(parts, key=lambda part: -part.people * (1 - part.share))

    def worst(self) -> list[Missed]:
        """The grids with most people that are not reached in time at the hour, and what would help there."""
        limit = self.asked.minutes * 60
        out = np.flatnonzero((self.seconds > limit) & (self.people > 0))
        out = out[np.argsort(-self.people[out], kind="stable")][:WORST]
        soonest, unit = self._cut("any")[out], self._cut("unit")[out]
        names = _units_named([int(each) for each in unit if each >= 0])
        sets = np.array(self.said["set_of"])
        hours = (self._seconds[:, out] <= limit)[sets].sum(axis=0)
        return [
            Missed(
                code,
                presenting.place_name(code),
                presenting.place(current_atlas().parent(code), below=self.asked.place),
                round(float(self.people[at])),
                _in_time(int(self.seconds[at])),
                _in_time(int(soon)),
                words.in_words(names.get(int(key), ("", ""))[1]),
                int(often),
                _help(int(soon) <= limit, words.in_words(names.get(int(key), ("", ""))[1])),
            )
            for code, at, soon, key, often in zip(
                map(str, self.codes[out]), out, soonest, unit, hours, strict=True
            )
        ]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """All grids of the place at the hour, as `HEADER` has them."""
        soonest, unit = self._cut("any"), self._cut("unit")
        names = _units_named({int(each) for each in np.unique(unit) if each >= 0})
        hours = np.zeros(len(self.codes), dtype=np.int64)
        for number, often in enumerate(np.bincount(self.said["set_of"], minlength=len(self._seconds))):
            hours += often * (self._seconds[number] <= self.asked.minutes * 60)
        atlas, language = current_atlas(), words.language()
        for at, code in enumerate(map(str, self.codes)):
            seconds = int(self.seconds[at])
            yield (
                code, atlas.chain(code, language), round(float(self.people[at]), 1), _known(seconds),
                *(int(seconds <= minutes * 60) for minutes in MINUTES), int(hours[at]), _known(int(soonest[at])),
                names.get(int(unit[at]), ("", ""))[0],
            )  # fmt: skip

    def on_duty(self) -> int:
        """How many units are on duty at the hour, wherever they are."""
        return int(self.said["on_duty"][self.asked.hour])

    def drawn(self) -> Columns:
        """The numbers of the units on the sheet of the place."""
        outline = current_atlas().outline(self.asked.place)
        lon, lat = self._read("where")
        shown = np.ones(len(lon), dtype=bool)
        if outline is not None:
            west, south, east, north = outline.bounds
            wide, tall = (east - west) / 10, (north - south) / 10
            shown = (
                (lon >= west - wide) & (lon <= east + wide) & (lat >= south - tall) & (lat <= north + tall)
            )
        return np.flatnonzero(shown)

    def units(self, numbers: Columns) -> Iterator[dict[str, Any]]:
        """Some units as features, by whether they are on duty at the hour."""
        lon, lat = self._read("where")
        keys, on = self._read("units")[numbers], self._read("on")[self.set][numbers]
        names = _units_named(keys.tolist())
        for at, key, ready in zip(numbers.tolist(), keys.tolist(), on.tolist(), strict=True):
            title = words.in_words(names.get(key, ("", ""))[1])
            yield {
                "type": "Feature",
                "properties": {"title": title, "colour": "leaf" if ready else "neutral"},
                "geometry": {"type": "Point", "coordinates": [float(lon[at]), float(lat[at])]},
            }


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week."""

    said: str
    share: int
    level: int
    url: str
    chosen: bool


def _context(actor: Actor, asked: Asked, found: Covered, newest: Study) -> dict[str, Any]:
    days = common.days()
    week = found.week()
    share, least = found.share(asked.minutes), min(week)
    parts, total = found.parts(), found.total
    return {
        "asked": asked,
        "found": found,
        "place_name": presenting.place_name(asked.place),
        "way": [(asked.address(place=code), name) for code, name in common.way_to(actor, asked.place)],
        "share": share,
        "people": round(total),
        "missed": round(total * (1 - share)),
        "shares": [(each, found.share(each), asked.address(minutes=each)) for each in MINUTES],
        "when": common.hour_in_words(asked.hour),
        "least": (least, common.hour_in_words(week.index(least)), asked.address(hour=week.index(least))),
        "days": [
            (name, [_cell(asked, day * 24 + hour, week) for hour in range(24)])
            for day, name in enumerate(days)
        ],
        "clock": range(24),
        "day": asked.hour // 24,
        "at": asked.hour % 24,
        "parts": parts,
        "worst": found.worst(),
        "shade": {part.code: round(1 - part.share, 3) for part in parts},
        "leads": {part.code: part.url for part in parts},
        "units_from": reverse("response:coverage-units") + asked.address(),
        "sheet": asked.address(format="csv"),
        "paces": common.paces(),
        "kinds": common.kinds(),
        "earlier": asked.address(week=asked.week - timedelta(days=7)),
        "later": asked.address(week=asked.week + timedelta(days=7)),
        "week_ends": asked.week + timedelta(days=6),
        "under_way": newest.pk != found.study.pk and state_of(newest) in (State.WAITING, State.RUNNING),
        "unknown": found.said["points"] - found.said["known"],
        "again": asked.address(),
        "everybody": asked.address(who="all"),
        "help": reverse("response:siting") + _siting(asked),
    }


def _siting(asked: Asked) -> str:
    """The question where more would help, with what is chosen here."""
    chosen = asked._asdict()
    return link(
        when=chosen.pop("hour"),
        **{name: chosen[name] for name in ("place", "minutes", "pace", "kind", "week")},
    )


def _cell(asked: Asked, hour: int, week: list[float]) -> Cell:
    share = week[hour]
    said = _("%(when)s: %(share)s") % {"when": common.hour_in_words(hour), "share": words.share(share)}
    level = sum(share >= edge for edge in (0.25, 0.5, 0.75, 0.9))
    return Cell(
        said,
        min(round(share * 100), 100 if share >= 1 else 99),
        level,
        asked.address(hour=hour),
        hour == asked.hour,
    )


def _in_time(seconds: int) -> str:
    return _("over 5 min") if seconds >= BEYOND else in_minutes(seconds)


def _known(seconds: int) -> int | str:
    return "" if seconds >= BEYOND else seconds


def _help(there: bool, unit: str) -> str:
    if there:
        return _("A shift of %(unit)s at this hour") % {"unit": unit}
    return _("One more unit near by")


def _units_named(keys: Any) -> dict[int, tuple[str, Text]]:
    rows = Organisation.objects.filter(pk__in=list(keys)).values_list("pk", "code", "name", "name_en")
    return {key: (code, {"zh": name, "en": name_en or name}) for key, code, name, name_en in rows}
