"""What the pages of studies share: which place, the way down to it, choices, and the page while one waits."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import get_day_names
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.place.codes import within
from mumian.place.loading import current_atlas
from mumian.systems.response.models import Study
from mumian.systems.response.rings import cards
from mumian.systems.response.studies.asking import LONGEST, State, ask, state_of
from mumian.web import presenting, words
from mumian.web.words import Text

PACES = ("hurried", "walk", "drive")
MINUTES = (1, 3, 5)
LOOK_AGAIN = 2
"""Seconds after which the page of a study that is being answered is asked for again."""


def top_of(actor: Actor) -> str:
    """The widest place one looks at."""
    return actor.place or city().world.top


def place_of(actor: Actor, asked: str | None) -> str:
    """The place asked for, else the widest; one that is not looked at is answered like one there is not."""
    place = asked or top_of(actor)
    if not within(place, top_of(actor)) or (place and place not in current_atlas()):
        raise Http404
    return place


def way_to(actor: Actor, place: str) -> list[tuple[str, Text]]:
    """The places from the widest one looks at down to this one."""
    return [
        (code, presenting.place_name(code))
        for code in current_atlas().path(place)
        if code and code.startswith(top_of(actor))
    ]


def one_of(asked: str | None, choices: Sequence[str], otherwise: str) -> str:
    """A choice, or what goes without saying."""
    return asked if asked is not None and asked in choices else otherwise


def whole(asked: str | None, least: int, most: int, otherwise: int) -> int:
    """A whole number between two, or what goes without saying."""
    try:
        number = int(asked or "")
    except ValueError:
        return otherwise
    return min(max(number, least), most)


def paces() -> list[tuple[str, str]]:
    """How one comes, in words."""
    return [
        ("hurried", _("At a run or by scooter")),
        ("walk", _("On foot")),
        ("drive", _("By car")),
    ]


def kinds() -> list[tuple[str, Text]]:
    """The kinds of incident, all first."""
    return [("", _("Any incident")), *((code, card.title) for code, card in cards().items())]


def days() -> list[str]:
    """The days of the week, Monday first."""
    spoken = Locale.parse("en_GB" if words.language() == "en" else "zh_Hans")
    names = get_day_names("abbreviated", "stand-alone", spoken)
    return [str(names[day]) for day in range(7)]


def hour_in_words(hour: int) -> str:
    """An hour of the week: Mon 03:00-04:00."""
    return f"{days()[hour // 24]} {hour % 24:02}:00–{hour % 24 + 1:02}:00"


def link(**asked: object) -> str:
    """A question as the end of an address."""
    return "?" + urlencode({name: value for name, value in asked.items() if value not in ("", None)})


def study_of(actor: Actor, kind: Study.Kind, key: int) -> Study:
    """A study of a place one looks at; any other is answered like one there is not."""
    study = Study.objects.filter(pk=key, kind=kind).first()
    if study is None or not within(study.place, top_of(actor)):
        raise Http404
    return study


def answered(request: HttpRequest, actor: Actor, kind: Study.Kind, key: int) -> Study | HttpResponse:
    """A study with its answer; else the page to be shown while there is none, or that leads to it when asked anew."""
    study = study_of(actor, kind, key)
    if request.method == "POST":
        study = ask(kind, study.place, study.asked, again=True)
        return redirect(f"response:{kind.value}-of", key=study.pk)
    if state_of(study) is not State.DONE:
        return in_the_meantime(request, study, {"again": request.path, "title": kind.label})
    return study


def in_the_meantime(request: HttpRequest, study: Study, context: Mapping[str, Any]) -> HttpResponse:
    """The page while a study is answered, which looks again by itself; or why there is no answer."""
    state = state_of(study)
    fault = (study.fault or {}).get(words.language()) if study.fault else None
    seconds = round((timezone.now() - study.asked_at).total_seconds())
    lately = timezone.now() - LONGEST
    ahead = Study.objects.filter(ended_at=None, pk__lt=study.pk, asked_at__gt=lately).count()
    page = {**context, "study": study, "failed": state is State.FAILED, "fault": fault, "seconds": seconds}
    page["ahead"] = ahead
    answer = render(request, "response/study_wait.html", page)
    if state is not State.FAILED:
        answer["Refresh"] = str(LOOK_AGAIN)
    return answer


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A table to take along."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename={slugify(name)}.csv"
    answer.write("\ufeff")
    table = csv.writer(answer)
    table.writerow(header)
    table.writerows(rows)
    return answer
