"""The review: how soon help was there, by ring, place, kind and hour; and what was missed and why."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian.engine.visible import visible
from mumian.people.actor import Actor
from mumian.place.codes import Level, cut
from mumian.systems.response.entering import on_watch
from mumian.systems.response.rings import rings
from mumian.systems.response.rules import INCIDENT
from mumian.systems.response.showing import Shown, in_minutes, shown
from mumian.web import presenting, words
from mumian.web.words import Text

SPANS = (7, 30, 90)
MOST = 2000
HIGH, WIDE = 60, 20
"""Of the picture of the day: the highest column, and the room of each."""
LATE = 3 * 60
"""Seconds after which the first on the scene is late: the second ring's promise."""


@dataclass(frozen=True, slots=True)
class Line:
    """How soon help was there in one group of incidents."""

    title: Text
    count: int
    middle: str
    """Median time from the call until the first was there."""
    in_three: float | None
    """Share with somebody there within three minutes."""
    nobody: int
    """Incidents to which nobody came."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The incidents of an hour of the day as a column of the picture: how many, and how high in its units."""

    hour: int
    left: int
    count: int
    late_high: float
    in_time_high: float

    @property
    def middle(self) -> float:
        """Where what was in time begins, under what was late."""
        return HIGH - self.in_time_high

    @property
    def top(self) -> float:
        return self.middle - self.late_high


@never_cache
@require_GET
@on_watch
def review(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The incidents that ended within some days, or the drills."""
    days = next((span for span in SPANS if str(span) == request.GET.get("days")), 30)
    drills = request.GET.get("what") == "drills"
    since = timezone.now() - timedelta(days=days)
    rows = visible(actor).filter(procedure=INCIDENT, closed_at__gte=since).order_by("-closed_at")
    matters = [each for each in rows[:MOST] if bool(each.data.get("drill")) is drills]
    found = shown(matters)
    places = {each.number: cut(matter.place, Level.TOWN) for each, matter in zip(found, matters, strict=True)}
    if request.GET.get("format") == "csv":
        return _as_csv(found)
    context = {
        "days": days,
        "spans": SPANS,
        "drills": drills,
        "count": len(found),
        "whole": _line(_("All"), found),
        "rings": by_ring(found),
        "groups": [
            (
                _("By place"),
                _grouped(found, lambda each: words.in_words(presenting.place_name(places[each.number]))),
            ),
            (_("By kind"), _grouped(found, lambda each: words.in_words(each.kind) or _("Not said"))),
        ],
        "hours": _by_hour(found),
        "by_hour": _grouped(found, lambda each: f"{timezone.localtime(each.raised):%H}:00", by_count=False),
        "width": 24 * WIDE,
        "high": HIGH,
        "missed": [_missed(each) for each in found if (first := first_there(each)) is None or first > LATE][
            :50
        ],
    }
    return render(request, "response/review.html", context)


def _grouped(found: Sequence[Shown], key: Callable[[Shown], str], *, by_count: bool = True) -> list[Line]:
    groups: dict[str, list[Shown]] = defaultdict(list)
    for each in found:
        groups[key(each)].append(each)
    lines = [_line(title, those) for title, those in sorted(groups.items())]
    return sorted(lines, key=lambda line: -line.count) if by_count else lines


def _by_hour(found: Sequence[Shown]) -> list[Hour]:
    late: list[list[bool]] = [[] for _hour in range(24)]
    for each in found:
        first = first_there(each)
        late[timezone.localtime(each.raised).hour].append(first is None or first > LATE)
    scale = HIGH / max(1, *map(len, late))
    return [
        Hour(hour, hour * WIDE, len(each), sum(each) * scale, (len(each) - sum(each)) * scale)
        for hour, each in enumerate(late)
    ]


def _line(title: Text, those: Sequence[Shown]) -> Line:
    times = [first_there(each) for each in those]
    there = [time for time in times if time is not None]
    return Line(
        title,
        len(those),
        in_minutes(round(median(there))) if there else "–",
        sum(time <= LATE for time in there) / len(those) if those else None,
        len(times) - len(there),
    )


def first_there(each: Shown) -> int | None:
    """Seconds from the call for help until the first was there."""
    waited = [round((one.there - each.raised).total_seconds()) for one in each.called if one.there]
    return min(waited, default=None)


def by_ring(found: Sequence[Shown]) -> list[dict[str, Any]]:
    """Of each ring: how many units were called, how many answered, and how soon those who came were there."""
    lines = []
    for ring in rings():
        called = [one for each in found for one in each.called if one.ring == ring.number]
        came = [one.took for one in called if one.took is not None]
        answers = [one.answered for one in called if one.answered is not None]
        lines.append(
            {
                "title": ring.title,
                "minutes": ring.minutes,
                "called": len(called),
                "answered": sum(one.answered is not None for one in called),
                "missed": sum(one.state == "missed" for one in called),
                "declined": sum(one.state == "declined" for one in called),
                "answer": in_minutes(round(median(answers))) if answers else "–",
                "middle": in_minutes(round(median(came))) if came else "–",
                "in_time": sum(took <= ring.minutes * 60 for took in came) / len(called) if called else None,
            }
        )
    return lines


def _missed(each: Shown) -> dict[str, Any]:
    """Why help was late or did not come."""
    late = [one for one in each.called if one.state == "missed"]
    declined = [one for one in each.called if one.state == "declined"]
    if not each.called:
        why = _("Nobody ready and fit was within reach.")
    elif first_there(each) is None:
        why = _("Nobody came: %(missed)s did not answer, %(declined)s could not come.") % {
            "missed": len(late), "declined": len(declined),
        }  # fmt: skip
    elif late:
        why = _("%(units)s did not answer in time.") % {"units": _("; ").join(one.name for one in late[:3])}
    else:
        nearest = min(each.called, key=lambda one: one.seconds)
        why = _("The nearest unit that was ready was %(time)s away.") % {"time": in_minutes(nearest.seconds)}
    return {"incident": each, "first": in_minutes(first_there(each)) or "–", "why": why}


def _as_csv(found: Sequence[Shown]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = "attachment; filename=response.csv"
    answer.write("\ufeff")
    table = csv.writer(answer)
    table.writerow(
        ["number", "kind", "place", "raised", "gravity", "drill", "called", "answered", "first_seconds"]
    )
    for each in found:
        answered = sum(one.answered is not None for one in each.called)
        table.writerow(
            [
                each.number, words.in_words(each.kind), words.in_words(each.place), each.raised.isoformat(timespec="seconds"),
                each.gravity, int(each.drill), len(each.called), answered, first_there(each),
            ]
        )  # fmt: skip
    return answer
