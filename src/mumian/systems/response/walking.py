"""The pages of rounds: who walks what on a day and how far each has come; on the phone the round point by point."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.models import Matter
from mumian.engine.perform import Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.people.models import Organisation
from mumian.place.codes import range_of
from mumian.record.models import Entry
from mumian.systems.response.doing import FIRST_SHOWN, Again, do, doings, seen
from mumian.systems.response.entering import on_watch, responder_post, watches
from mumian.systems.response.models import Beat
from mumian.systems.response.rounds import at, beats, city_zone, round_of
from mumian.systems.response.rules import DUTY, ROUND, Point, route_of
from mumian.web import errors, presenting
from mumian.web.shown import State

MOST = 300
"""Rounds of a day that are shown."""


@dataclass(frozen=True, slots=True)
class Station:
    """A point of a round as it is shown."""

    point: Point
    state: str
    """`well`, `matter`, `urgent` for what was seen; else `open`, or `missed` where the round is over."""
    reached: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Round:
    """A round with its points."""

    number: str
    title: str
    unit: str
    begins: datetime
    ends: datetime
    state: State
    over: bool
    stations: list[Station]

    @property
    def reached(self) -> int:
        return sum(each.reached is not None for each in self.stations)

    @property
    def next(self) -> Station | None:
        """The point to go to, while the round is walked."""
        return None if self.over else next((each for each in self.stations if each.reached is None), None)


@never_cache
@require_http_methods(["GET", "POST"])
@on_watch
def rounds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The rounds of a day within the place, and the form to plan one more."""
    if request.method == "POST":
        return _plan(request, actor)
    today = timezone.now().astimezone(city_zone()).date()
    day = _day(request.GET.get("day", ""), today)
    found = visible(actor).filter(
        procedure=ROUND, opened_at__gte=at(day, time()) - timedelta(days=3), data__day=day.isoformat()
    )
    counts = Counter(
        {each["state"]: each["count"] for each in found.values("state").annotate(count=Count("pk"))}
    )
    listed = list(found.order_by("data__begins", "pk")[:MOST])
    context = {
        "rounds": shown(listed),
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "counts": {
            "all": counts.total(), "walked": counts["walked"], "in_part": counts["in-part"],
            "missed": counts["missed"], "now": counts["walking"],
        },
        "more": counts.total() - len(listed),
        "beats": _beats(actor.place) if actor.role == DUTY else [],
        "clock": timezone.localtime() + timedelta(minutes=5),
        "now": timezone.now(),
    }  # fmt: skip
    return render(request, "response/rounds.html", context)


@never_cache
@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """A round: for the patrol its next point, for the desk how far it has come."""
    if request.actor.person is None:  # type: ignore[attr-defined]
        return redirect_to_login(request.get_full_path())
    actor = _reader(request)
    return _page(request, actor, number) if actor else errors.no_post(request)


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """What the patrol says at a point, or stops with; the desk may drop a round."""
    actor = _reader(request)
    if actor is None:
        return errors.no_post(request)
    done = do(request, actor, ROUND, number, action, _page)
    return done if isinstance(done, HttpResponse) else redirect("response:round", number)


def due(unit: int, actor: Actor, now: datetime) -> list[Round]:
    """The rounds of a unit that can be walked now or still today."""
    rows = visible(actor).filter(procedure=ROUND, unit=unit, closed_at=None).order_by("due_at")[:10]
    soon = now + timedelta(hours=12)
    return [each for each in shown(list(rows)) if each.begins <= soon]


def shown(matters: Sequence[Matter]) -> list[Round]:
    """Rounds as they are shown. One statement."""
    said: dict[UUID, dict[int, tuple[datetime, str, str]]] = {each.pk: {} for each in matters}
    entries = Entry.objects.filter(subject__in=said, action="reach").order_by("seq")
    for subject, when, body in entries.values_list("subject", "at", "body"):
        data = body.get("data", {})
        said[subject][int(data["point"])] = (when, str(data["seen"]), str(data.get("note") or ""))
    units = city().units
    return [_round(each, said[each.pk], units.get(each.unit_id or 0)) for each in matters]


def _round(matter: Matter, said: dict[int, tuple[datetime, str, str]], unit: Organisation | None) -> Round:
    over = matter.closed_at is not None
    stations = []
    for point in route_of(matter.data):
        when, state, note = said.get(point.number, (None, "missed" if over else "open", ""))
        stations.append(Station(point, state, when, note))
    return Round(
        matter.number,
        matter.title,
        str(unit) if unit else "",
        datetime.fromisoformat(matter.data["begins"]),
        datetime.fromisoformat(matter.data["ends"]),
        presenting.state_of(city().procedure(ROUND, matter.version), matter),
        over,
        stations,
    )


def _page(request: HttpRequest, actor: Actor, number: str, again: Again = FIRST_SHOWN) -> HttpResponse:
    found = seen(actor, ROUND, number)
    [this] = shown([visible(actor).get(pk=found.matter.id)])
    listed = doings(found, again.failed)
    context = {
        "round": this,
        "reach": next((each for each in listed if each.name == "reach"), None),
        "doings": [each for each in listed if each.name != "reach"],
        "walks": not watches(actor),
        "here": reverse("response:round", args=[number]),
        "problem": again.problem,
        "key": uuid4().hex,
        "now": timezone.now(),
    }
    return render(request, "response/round.html", context, status=again.status)


def _reader(request: HttpRequest) -> Actor | None:
    """The reader at the desk, or in the post of a responder."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if watches(actor):
        return actor
    post = responder_post(request)
    return post.as_actor() if post else None


def _plan(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Plans a round beside those of the days of its beat."""
    beat = beats().filter(pk=request.POST.get("beat") or 0).first() if actor.role == DUTY else None
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
        begins = at(day, time.fromisoformat(request.POST.get("begins", "")))
    except ValueError:
        begins = None
    if beat is None or begins is None or begins + timedelta(minutes=beat.minutes) <= timezone.now():
        messages.error(request, _("Choose a beat and a time that is still to come."))
        return redirect("response:rounds")
    [result] = perform([round_of(beat, begins, actor)])
    if isinstance(result, Refused):
        messages.error(request, " ".join(presenting.said(result.reasons)))
        return redirect("response:rounds")
    messages.success(request, _("The round is planned."))
    return redirect(f"{reverse('response:rounds')}?day={begins:%Y-%m-%d}")


def _beats(place: str) -> list[Beat]:
    low, high = range_of(place) if place else ("", ":")
    within = beats().filter(unit__organisation__place__gte=low, unit__organisation__place__lt=high)
    return list(within.order_by("unit__organisation__name", "name")[:MOST])


def _day(said: str, today: date) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return today
