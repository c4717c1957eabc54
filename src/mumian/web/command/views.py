"""The pages of command: the picture of a place, a hot topic, and what is sent from there."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.insight import hot
from mumian.insight.standing import standing
from mumian.people.actor import Actor
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.web import presenting, words
from mumian.web.command import picture, rooms, tasks
from mumian.web.command.picture import Measure
from mumian.web.command.places import address, in_command, parts_of, way
from mumian.web.command.tasks import Sending
from mumian.web.shown import Chosen

MOST_MEMBERS = 50


@never_cache
@require_GET
@in_command
def command(request: HttpRequest, actor: Actor, place: str) -> HttpResponse:
    """How a place stands, now."""
    return _page(request, actor, place)


@never_cache
@require_POST
@in_command
def send(request: HttpRequest, actor: Actor, place: str) -> HttpResponse:
    """Sends a task down to the units chosen."""
    if not tasks.may_send(actor):
        raise Http404
    sending = Sending.read(request, actor, place)
    done = sending.send(timezone.now())
    if sending.faults:
        return _page(request, actor, place, sending=sending)
    text = ngettext("The task was sent to %(count)d unit.", "The task was sent to %(count)d units.", done)
    messages.success(request, text % {"count": done})
    return redirect(address(place) + "#tasks")


@never_cache
@require_POST
@in_command
def room(request: HttpRequest, actor: Actor, place: str) -> HttpResponse:
    """Sets the link of the place's video conference."""
    if not rooms.may_set(actor, request.post_held, place):  # type: ignore[attr-defined]
        raise Http404
    url = request.POST.get("url", "").strip()
    if url and (fault := rooms.fault(url)):
        return _page(request, actor, place, room_fault=fault, room_url=url)
    with transaction.atomic():
        rooms.put(actor, place, url)
    messages.success(
        request, _("The link of the room is set.") if url else _("The room has no link any more.")
    )
    return redirect(address(place))


@never_cache
@require_GET
@in_command
def topic(request: HttpRequest, actor: Actor, place: str, key: int) -> HttpResponse:
    """A hot topic: how it grew, and those of its matters that one may see."""
    now = timezone.now()
    found = hot.hot_topic(key, place, now)
    if found is None:
        raise Http404
    keys = list(
        visible(actor).filter(pk__in=found.members).order_by("-opened_at").values_list("pk", flat=True)
    )
    loaded = load(keys[:MOST_MEMBERS])
    context = {
        "topic": picture.topic(found, place),
        "since": found.since,
        "rows": picture.late([loaded[each] for each in keys[:MOST_MEMBERS] if each in loaded], place, now),
        "more": max(len(keys) - MOST_MEMBERS, 0),
        "crumbs": _crumbs(actor, place, ""),
        "days": [
            {"ago": ago, "count": count}
            for ago, count in zip(range(len(found.days) - 1, -1, -1), found.days, strict=True)
        ],
    }
    return render(request, "web/command/topic.html", context)


def _page(
    request: HttpRequest,
    actor: Actor,
    place: str,
    *,
    sending: Sending | None = None,
    room_fault: str = "",
    room_url: str = "",
) -> HttpResponse:
    now, show = timezone.now(), request.GET.get("show", "")
    measure, below = Measure.of(show), parts_of(place)
    stands = standing(actor, place, below, now)
    found = hot.hot_topics(place, now)
    parts = picture.parts(stands, hot.shared_out(found, below), measure, show)
    context = {
        "title": _("Command: %(where)s") % {"where": words.in_words(presenting.place_name(place))},
        "place": place,
        "name": presenting.place_name(place),
        "level": Level.of(place).titles,
        "crumbs": _crumbs(actor, place, show),
        "now": now,
        "about": picture.about(stands),
        "figures": picture.figures(stands),
        "measures": [_measure(each, measure, place) for each in Measure],
        "parts": parts,
        "legend": picture.legend(parts, measure),
        "map": picture.sheet(place, parts, show),
        "shades": range(1, picture.SHADES + 1),
        "days": picture.days(stands),
        "kinds": picture.kinds(stands),
        "charts": picture.chart_data(stands),
        "topics": picture.topics(found, place),
        "topics_at": hot.found_at(),
        **_matters(actor, place),
        **_tasks(actor, place, sending),
        **_rooms(request, actor, place, room_fault, room_url),
    }
    return render(request, "web/command/command.html", context, status=422 if sending or room_fault else 200)


def _crumbs(actor: Actor, place: str, show: str) -> list[Chosen]:
    return [Chosen(presenting.place_name(code), address(code, show)) for code in way(actor, place)]


def _measure(each: Measure, current: Measure, place: str) -> dict[str, Any]:
    return {"title": each.called, "url": address(place, each), "current": each is current, "name": each.value}


def _matters(actor: Actor, place: str) -> dict[str, Any]:
    """What became late, and what was sent down: read together."""
    now = timezone.now()
    late, sent = picture.newly_late(actor, place, now), tasks.sent_keys(actor, place)
    loaded = load([*late, *sent])
    return {
        "late": picture.late([loaded[key] for key in late if key in loaded], place, now),
        "sent": tasks.sent([loaded[key] for key in sent if key in loaded], now),
    }


def _tasks(actor: Actor, place: str, sending: Sending | None) -> dict[str, Any]:
    if not tasks.may_send(actor):
        return {"sending": None}
    form = sending or Sending(actor, place)
    return {"sending": form, "fields": form.fields, "faulty": sending is not None}


def _rooms(request: HttpRequest, actor: Actor, place: str, fault: str, url: str) -> dict[str, Any]:
    """The rooms of the place and of those above it, the nearest first."""
    doors = rooms.doors(list(reversed(current_atlas().path(place))))
    own = next((door.url for door in doors if door.code == place), "")
    return {
        "doors": doors,
        "may_set_room": rooms.may_set(actor, request.post_held, place),  # type: ignore[attr-defined]
        "room_fault": fault,
        "room_url": url or own,
    }
