"""The page of simulation: weeks of incidents over the rosters as they are, and beside them as they would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mumian.cells import Unfit
from mumian.errors import MumianError
from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.rows import Row, TableError, survey
from mumian.systems.response.entering import on_watch
from mumian.systems.response.importing import shifts
from mumian.systems.response.importing.reading import units_by_code
from mumian.systems.response.models import Study
from mumian.systems.response.rings import rings
from mumian.systems.response.showing import in_minutes
from mumian.systems.response.studies import common
from mumian.systems.response.studies.asking import ask
from mumian.systems.response.studies.common import one_of, whole
from mumian.web import presenting, words

CHANGES = ("siting", "fewer", "roster", "none")
HOURS = 168
MOST_BYTES = 4_000_000
LATELY = 8
BIN = 30
FEW = 100
"""Fewer incidents than that say little about per cents."""
HEADER = ("figure", "before", "after")


class NoRoster(MumianError):
    """A table that is no roster."""


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def simulation(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is to be played, and what was played lately."""
    given = request.POST if request.method == "POST" else request.GET
    place = common.place_of(actor, given.get("place"))
    asked = read(given, place)
    if request.method == "POST":
        try:
            asked = _with_change(actor, asked, request)
            study = ask(Study.Kind.SIMULATION, place, asked)
            return redirect("response:simulation-of", key=study.pk)
        except NoRoster as error:
            messages.error(request, f"{error.thing}: {error.reason}. {error.cure}.")
            return render(request, "response/simulation.html", _form(actor, place, asked), status=422)
    return render(request, "response/simulation.html", _form(actor, place, asked))


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def played(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """What came of it, or how far it has come."""
    study = common.answered(request, actor, Study.Kind.SIMULATION, key)
    if isinstance(study, HttpResponse):
        return study
    if request.GET.get("format") == "csv":
        return common.sheet(f"simulation-{study.pk}", HEADER, figures(study.answer or {}))
    return render(request, "response/played.html", _context(study))


def read(given: Mapping[str, str], place: str) -> dict[str, Any]:
    """A question as it is kept, from what was chosen on the form; the change is not looked at yet."""
    try:
        week = date.fromisoformat(given.get("week", ""))
    except ValueError:
        week = timezone.localdate()
    siting = whole(given.get("siting"), 0, 2**53, 0)
    return {
        "week": (week - timedelta(days=week.weekday())).isoformat(),
        "weeks": whole(given.get("weeks"), 1, 12, 4),
        "seed": whole(given.get("seed"), 0, 2**31, 1),
        "pace": one_of(given.get("pace"), common.PACES, "hurried"),
        "rate": whole(given["rate"], 1, 100_000, 100) if given.get("rate") else None,
        "on_scene": whole(given["on_scene"], 1, 600, 20) if given.get("on_scene") else None,
        "wanted": whole(given.get("wanted"), 1, 9, rings()[0].units),
        "change": one_of(given.get("change"), CHANGES, "siting" if siting else "fewer"),
        "siting": siting,
        "fewer": whole(given.get("fewer"), 1, 100, 20) / 100,
        "roster": [],
    }


def read_roster(path: Path, week: date) -> list[list[Any]]:
    """Units, hours from and until in the week, from a table like that of `mumian response export shifts`.

    Raises `NoRoster`, and takes nothing, where a line cannot be used.
    """
    start = timezone.make_aware(datetime.combine(week, datetime.min.time()))
    found: list[list[Any]] = [[], [], []]
    for one in _spans(path):
        since, until = ((one[name] - start).total_seconds() / 3600 for name in ("begins", "ends"))
        if until > 0 and since < HOURS:
            for column, value in zip(
                found, (one["unit_id"], max(0.0, since), min(float(HOURS), until)), strict=True
            ):
                column.append(value)
    if not found[0]:
        raise NoRoster(
            _("The roster"),
            reason=_("no shift of it lies in the week of %(week)s") % {"week": words.day(week)},
            cure=_("Choose the week it is for, or correct its dates"),
        )
    return found


def figures(answer: Mapping[str, Any]) -> list[list[object]]:
    """The figures of both runs side by side."""
    before, after = answer["before"], answer["after"]
    return [
        *([f"within_{minutes}_min", before["within"][minutes], after["within"][minutes]] for minutes in before["within"]),
        *(
            [f"seconds_p{name}", before["quantiles"][at], after["quantiles"][at]]
            for at, name in enumerate((50, 90, 99))
        ),
        *([name, before[name], after[name]] for name in ("mean", "lost", "queued", "busy")),
        ["unit_hours_on_duty_a_week", answer["duty_before"], answer["duty_after"]],
    ]  # fmt: skip


def _with_change(actor: Actor, asked: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """The question with what the change needs, and without what it does not."""
    asked = dict(asked)
    if asked["change"] == "roster":
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile) or not file.size or file.size > MOST_BYTES:
            raise NoRoster(
                _("The roster"),
                reason=_("no table was chosen, or it is too large"),
                cure=_("Choose a CSV up to 4 MB"),
            )
        with NamedTemporaryFile(suffix=".csv") as kept:
            kept.write(file.read())
            kept.flush()
            asked["roster"] = read_roster(Path(kept.name), date.fromisoformat(asked["week"]))
    if asked["change"] == "siting":
        common.study_of(actor, Study.Kind.SITING, asked["siting"])  # one that is not seen is not played
    else:
        asked["siting"] = 0
    asked["fewer"] = asked["fewer"] if asked["change"] == "fewer" else 0
    return asked


def _spans(path: Path) -> Iterator[Mapping[str, Any]]:
    """Who is on duty from when until when by a table."""
    try:
        table = survey(path, shifts.COLUMNS, required=shifts.REQUIRED)
    except TableError as error:
        raise NoRoster(
            _("The roster"),
            reason=_("it is no table with the columns %(columns)s") % {"columns": ", ".join(shifts.REQUIRED)},
            cure=_("Take a table like that of mumian response export shifts"),
        ) from error
    units = units_by_code()
    for row in table.rows():
        try:
            if isinstance(row, Row):
                yield shifts.span(row, units)
                continue
            wrong = row
        except Unfit as error:
            wrong = error.rejection(row.line, table)
        raise NoRoster(
            _("Line %(line)d of the roster") % {"line": wrong.line},
            reason=f"{wrong.column} {wrong.value}{_(': ')}{words.in_words(wrong.reason)}",
            cure=words.in_words(wrong.cure),
        )


def _form(actor: Actor, place: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    top = common.top_of(actor)
    sitings = [
        each
        for each in Study.objects.filter(
            kind=Study.Kind.SITING, place__startswith=top, fault__isnull=True, ended_at__isnull=False
        ).order_by("-pk")[:20]
        if each.answer and each.answer["sites"]
    ]
    lately = Study.objects.filter(kind=Study.Kind.SIMULATION, place__startswith=top).order_by("-pk")[:LATELY]
    return {
        "asked": asked,
        "place": place,
        "place_name": presenting.place_name(place),
        "way": [(common.link(place=code), name) for code, name in common.way_to(actor, place)],
        "paces": common.paces(),
        "fewer": round((asked["fewer"] or 0.2) * 100),
        "sitings": [(each.pk, _siting(each)) for each in sitings],
        "lately": [
            {
                "key": each.pk,
                "place": presenting.place_name(each.place),
                "change": _change(each.asked),
                "at": each.asked_at,
                "before": each.answer["before"]["within"]["3"] if each.answer else None,
                "after": each.answer["after"]["within"]["3"] if each.answer else None,
            }
            for each in lately
        ],
    }


def _siting(study: Study) -> str:
    said: dict[str, Any] = study.answer or {}
    count = sum(each["units"] for each in said["sites"])
    text = (
        _("%(count)d more shifts in %(place)s")
        if study.asked["what"] == "shifts"
        else _("%(count)d more units in %(place)s")
    )
    return text % {"count": count, "place": words.in_words(presenting.place_name(study.place))}


def _change(asked: Mapping[str, Any]) -> str:
    match asked["change"]:
        case "fewer":
            return _("%(share)s fewer shifts") % {"share": words.share(asked["fewer"])}
        case "siting":
            study = Study.objects.filter(pk=asked["siting"]).first()
            return _siting(study) if study and study.answer else _("More units")
        case "roster":
            return _("Another roster")
    return _("No change")


def _context(study: Study) -> dict[str, Any]:
    said: dict[str, Any] = study.answer or {}
    before, after = said["before"], said["after"]
    length = max(len(before["bars"]), len(after["bars"]))
    return {
        "study": study,
        "asked": study.asked,
        "said": said,
        "place_name": presenting.place_name(study.place),
        "change": _change(study.asked),
        "few": said["calls"] < FEW,
        "unchanged": study.asked["change"] == "none",
        "before": before["within"]["3"],
        "after": after["within"]["3"],
        "difference": next((each for each in said["differences"] if each["minutes"] == 3), None),
        "lines": _lines(said),
        "busiest": _busiest(after),
        "other": reverse("response:simulation") + common.link(place=study.place),
        "chart": {
            "labels": [in_minutes(at * BIN) for at in range(length)],
            "series": [
                {"name": name, "colour": colour, "values": _shares(each["bars"], length, said["calls"])}
                for name, colour, each in (
                    (_("As it is"), "neutral", before),
                    (_("After the change"), "leaf", after),
                )
            ],
        },
    }


def _shares(bars: list[int], length: int, calls: int) -> list[float]:
    return [round(100 * each / calls, 2) for each in bars + [0] * (length - len(bars))]


def _lines(said: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    before, after = said["before"], said["after"]

    def pair(name: str, show: Any, of: Any) -> tuple[str, str, str]:
        one, other = ("–" if (found := of(run)) is None else str(show(found)) for run in (before, after))
        return name, one, other

    def minutes(seconds: float) -> str:
        return in_minutes(round(seconds))

    return [
        *(
            pair(
                _("There within %(minutes)s minutes") % {"minutes": ring},
                lambda share: words.share(share, 1),
                lambda run, ring=ring: run["within"][ring],
            )
            for ring in before["within"]
        ),
        pair(_("First there, median"), minutes, lambda run: run["quantiles"][0]),
        pair(_("First there, nine in ten"), minutes, lambda run: run["quantiles"][1]),
        pair(_("First there, 99 in a hundred"), minutes, lambda run: run["quantiles"][2]),
        pair(_("Waited until a unit was free"), words.number, lambda run: run["queued"]),
        pair(_("Nobody came"), words.number, lambda run: run["lost"]),
        pair(_("Share of the time on duty that units are busy"), lambda share: words.share(share, 1), lambda run: run["busy"]),
    ]  # fmt: skip


def _busiest(run: Mapping[str, Any]) -> list[tuple[str, float]]:
    keys = [key for key, _share in run["busiest"] if key > 0]
    named = {
        each.pk: {"zh": each.name, "en": each.name_en or each.name}
        for each in Organisation.objects.filter(pk__in=keys)
    }
    return [
        (words.in_words(named[key]) if key in named else _("New unit %(number)d") % {"number": -key}, share)
        for key, share in run["busiest"]
    ]
