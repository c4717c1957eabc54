"""Rooms to meet in from afar: the link of a video conference for each place, set by those who command there."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.engine.perform import keyed_id
from mumian.people.actor import Actor
from mumian.people.models import Post, Room
from mumian.place.codes import within
from mumian.record.writing import append
from mumian.web import presenting
from mumian.web.words import Text

COMMANDER = "commander"
LONGEST = 500
_valid = URLValidator(schemes=["https"])


@dataclass(frozen=True, slots=True)
class Door:
    """The way into a room."""

    code: str
    place: Text
    url: str
    host: str
    """Whose service it is, so that one sees where one goes."""


def may_set(actor: Actor, post: Post | None, place: str) -> bool:
    """Whether the actor may set the link of a place's room: a commander there or above, or an administrator."""
    if post is None:
        return False
    return post.role.administers or (actor.role == COMMANDER and within(place, actor.place))


def doors(places: Sequence[str]) -> list[Door]:
    """The rooms of the places that have one, in the order given. One statement."""
    urls = dict(Room.objects.filter(place__in=places).values_list("place", "url"))
    return [
        Door(place, presenting.place_name(place), urls[place], urlsplit(urls[place]).hostname or "")
        for place in places
        if place in urls
    ]


def fault(url: str) -> str:
    """What is wrong with a link; empty if nothing is."""
    try:
        _valid(url)
        parts = urlsplit(url)
    except (ValidationError, ValueError):
        return _("Give the whole link, beginning with https://")
    if parts.username or parts.password:
        return _("The link must not hold a user name or password.")
    if len(url) > LONGEST:
        return _("The link is too long.")
    return ""


def put(actor: Actor, place: str, url: str) -> None:
    """Sets the link, or takes it away if it is empty; who did it is on the record."""
    if url:
        Room.objects.update_or_create(place=place, defaults={"url": url, "changed_at": timezone.now()})
    else:
        Room.objects.filter(place=place).delete()
    append(
        keyed_id("room", place), "room", {"place": place, "url": url}, person=actor.person, post=actor.post
    )
