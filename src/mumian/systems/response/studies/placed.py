"""The page of siting: where more units or shifts help most, and what each of them adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.systems.response.entering import on_watch
from mumian.systems.response.models import Study
from mumian.systems.response.showing import in_minutes
from mumian.systems.response.studies import common
from mumian.systems.response.studies.asking import ask, state_of
from mumian.systems.response.studies.common import MINUTES, one_of, whole
from mumian.web import presenting, words
from mumian.web.words import Text

MODELS = ("most", "all", "twice", "expected", "mean", "worst")
MOST = 200
"""Units or shifts that may be asked for at once."""
LATELY = 8
LAST = 1200
HEADER = (
    "order", "code", "place", "unit", "longitude", "latitude", "from_hour", "until_hour", "units", "people_added",
    "share_before", "share_after",
)  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def siting(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is to be asked, and what was asked lately."""
    if request.method == "POST":
        place = common.place_of(actor, request.POST.get("place"))
        study = ask(Study.Kind.SITING, place, read(request.POST), again=True)
        return redirect("response:siting-of", key=study.pk)
    place = common.place_of(actor, request.GET.get("place"))
    now = timezone.localtime()
    asked = read(
        {"week": now.date().isoformat(), "when": str(now.weekday() * 24 + now.hour), **request.GET.dict()}
    )
    context = {**_form(actor, place, asked), "lately": _lately(actor)}
    return render(request, "response/siting.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def sited(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    """What was found, or how far it has come."""
    study = common.answered(request, actor, Study.Kind.SITING, key)
    if isinstance(study, HttpResponse):
        return study
    found = sites_of(study)
    if request.GET.get("format") == "csv":
        return common.sheet(f"siting-{study.pk}", HEADER, rows(found))
    return render(request, "response/sited.html", _context(actor, study, found))


def read(given: Mapping[str, str]) -> dict[str, Any]:
    """A question as it is kept, from what was chosen on the form."""
    try:
        week = date.fromisoformat(given.get("week", ""))
    except ValueError:
        week = timezone.localdate()
    what = one_of(given.get("what"), ("units", "shifts"), "units")
    when: str = (
        "week"
        if given.get("span") == "week" or what == "shifts"
        else str(whole(given.get("when"), 0, 167, 0))
    )
    if "day" in given and when != "week":
        when = str(whole(given.get("day"), 0, 6, 0) * 24 + whole(given.get("clock"), 0, 23, 0))
    return {
        "what": what,
        "model": "most" if what == "shifts" else one_of(given.get("model"), MODELS, "most"),
        "count": whole(given.get("count"), 1, MOST, 5),
        "minutes": int(one_of(given.get("minutes"), [str(each) for each in MINUTES], "3")),
        "pace": one_of(given.get("pace"), common.PACES, "hurried"),
        "kind": one_of(given.get("kind"), [code for code, _title in common.kinds()], ""),
        "week": (week - timedelta(days=week.weekday())).isoformat(),
        "when": when,
        "sites": one_of(given.get("sites"), ("places", "premises"), "places"),
        "whom": one_of(given.get("whom"), ("missed", "all"), "missed"),
        "busy": whole(given.get("busy"), 0, 90, 20) / 100,
    }


def models() -> list[tuple[str, str, str]]:
    """The questions: name, in words, and how they are called in the books."""
    return [
        ("most", _("Reach the most people"), "MCLP"),
        ("all", _("Reach everybody with the fewest"), "LSCP"),
        ("twice", _("Reach the most people twice, in case one is away"), "BACOP2"),
        ("expected", _("Reach the most people though units are busy at times"), "MEXCLP"),
        ("mean", _("Shortest way on average"), "p-median"),
        ("worst", _("Shortest longest way"), "p-center"),
    ]


def sites_of(study: Study) -> list[dict[str, Any]]:
    """What is to be added, with names of the places and units. One statement."""
    found: list[dict[str, Any]] = (study.answer or {})["sites"]
    keys = [each["unit"] for each in found if each["unit"]]
    named = {row.pk: row for row in Organisation.objects.filter(pk__in=keys)}
    lines = []
    for each in found:
        unit = named.get(each["unit"])
        name: Text = {"zh": unit.name, "en": unit.name_en or unit.name} if unit else ""
        lines.append({**each, "place": presenting.place(each["code"]), "name": name})
    return lines


def rows(found: list[dict[str, Any]]) -> list[list[object]]:
    """As `HEADER` has them."""
    return [
        [
            order, each["code"], words.in_words(each["place"]), words.in_words(each["name"]), each["lon"], each["lat"],
            each["from"], each["until"], each["units"], round(each["people"], 1), round(each["before"], 5),
            round(each["after"], 5),
        ]
        for order, each in enumerate(found, 1)
    ]  # fmt: skip


def in_question(asked: Mapping[str, Any]) -> list[str]:
    """What was asked, in words."""
    model = next(title for name, title, _called in models() if name == asked["model"])
    pace = dict(common.paces())[asked["pace"]]
    kind = words.in_words(dict(common.kinds())[asked["kind"]])
    return [
        model,
        _("within %(minutes)s minutes") % {"minutes": asked["minutes"]},
        pace,
        kind,
        _("all week") if asked["when"] == "week" else common.hour_in_words(int(asked["when"])),
    ]


def _lately(actor: Actor) -> list[dict[str, Any]]:
    top = common.top_of(actor)
    rows = Study.objects.filter(kind=Study.Kind.SITING, place__startswith=top).order_by("-pk")[:LATELY]
    return [
        {
            "key": each.pk,
            "place": presenting.place_name(each.place),
            "what": each.asked["what"],
            "count": each.asked["count"] if each.asked["model"] != "all" else None,
            "said": " · ".join(in_question(each.asked)),
            "at": each.asked_at,
            "answer": each.answer,
            "state": state_of(each).value,
        }
        for each in rows
    ]


def _form(actor: Actor, place: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    hour = 0 if asked["when"] == "week" else int(asked["when"])
    return {
        "asked": asked,
        "place": place,
        "place_name": presenting.place_name(place),
        "way": [(common.link(place=code), name) for code, name in common.way_to(actor, place)],
        "below": [(code, presenting.place_name(code)) for code in current_atlas().children(place)],
        "models": models(),
        "minutes": MINUTES,
        "paces": common.paces(),
        "kinds": common.kinds(),
        "days": common.days(),
        "clock": range(24),
        "day": hour // 24,
        "at": hour % 24,
        "busy": round(asked["busy"] * 100),
        "most": MOST,
        "units_from": reverse("response:coverage-units")
        + common.link(place=place, week=asked["week"], pace=asked["pace"]),
        "leads": {code: common.link(place=code) for code in current_atlas().children(place)},
    }


def _context(actor: Actor, study: Study, found: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = study.answer or {}
    asked = study.asked
    return {
        "study": study,
        "asked": asked,
        "said": said,
        "place": study.place,
        "place_name": presenting.place_name(study.place),
        "sites": found,
        "share": said["after"],
        "before": said["before"],
        "question": in_question(asked),
        "shifts": asked["what"] == "shifts",
        "hour": None
        if said["hour"] is None or asked["when"] != "week"
        else common.hour_in_words(said["hour"]),
        "limit": round(said.get("limit", 60)),
        "proved": said["status"] == "optimal",
        "figures": [_figure(each) for each in said["figures"]],
        "level": Level(said["level"]).titles,
        "grids": said["level"] >= Level.GRID,
        "points": {
            "type": "FeatureCollection",
            "features": [
                *(
                    _point(lon, lat, title=_("A unit there is"), colour="neutral")
                    for lon, lat in said["there"]
                ),
                *(
                    _point(each["lon"], each["lat"], title=_title(order, each), order=order)
                    for order, each in enumerate(found, 1)
                ),
            ],
        },
        "called": next(called for name, _title, called in models() if name == asked["model"]),
        "simulate": reverse("response:simulation") + common.link(place=study.place, siting=study.pk),
        "other": reverse("response:siting") + common.link(place=study.place),
        "total": sum(each["units"] for each in found),
        "people_added": round(sum(each["people"] for each in found)),
    }


def _point(lon: float, lat: float, **properties: object) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _title(order: int, site: Mapping[str, Any]) -> str:
    name = words.in_words(site["name"]) or words.in_words(site["place"])
    return _("%(order)s. %(name)s: %(share)s more") % {
        "order": order, "name": name, "share": words.share(site["after"] - site["before"], 1),
    }  # fmt: skip


def _figure(figure: Mapping[str, Any]) -> dict[str, str]:
    names = {
        "mean": _("Way on average"),
        "worst": _("Longest way"),
        "twice": _("Reached by two units"),
        "expected": _("Reached, if units are busy at times"),
    }
    show = _way if figure["name"] in ("mean", "worst") else None
    before, after = (
        show(figure[each]) if show else words.share(figure[each], 1) for each in ("before", "after")
    )
    return {"name": names[figure["name"]], "before": before, "after": after}


def _way(seconds: float) -> str:
    """A way of twenty minutes stands for every longer one."""
    return ("≥ " if seconds >= LAST else "") + in_minutes(round(seconds))
