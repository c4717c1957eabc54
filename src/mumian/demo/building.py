"""Building the demo city once: founding it, then living through its past. A killed build goes on where it was.

How far it has come is on the record, as entries about the demo city itself.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mumian.demo.city import DemoCity
from mumian.demo.founding import found
from mumian.demo.living import live, unhurried
from mumian.demo.plan import PLANS
from mumian.demo.stories import afterwards, prepare, tell
from mumian.engine.perform import keyed_id
from mumian.errors import MumianError
from mumian.insight.days import reckon_days
from mumian.insight.hot import find_topics
from mumian.place.models import Place
from mumian.record.models import Entry
from mumian.record.writing import append

SUBJECT: UUID = keyed_id("demo city")
"""The subject under which the record keeps how the demo city came about."""


class Stage(Enum):
    """What is being done, with its title in both languages."""

    FOUNDING = {"zh": "划定地界、设立单位、安排人员", "en": "Drawing places, setting up units, giving posts"}
    LIVING = {"zh": "走过近四个月的事项", "en": "Living through the last four months"}


Progress = Callable[[Stage, float], None]


def build(
    scale: str = "small",
    *,
    matters: bool = True,
    today: datetime | None = None,
    progress: Progress = lambda stage, share: None,
) -> DemoCity:
    """The demo city, built if it is not there yet; `matters=False` leaves it without a past.

    `today` is the moment up to which its history goes, now if unsaid; with the same one it is always the same
    city. `progress` is told the stage and how much of it is done, from 0 to 1. Raises `MumianError` where
    another city is in the database.
    """
    past = _past()
    if "found" not in past:
        progress(Stage.FOUNDING, 0.0)
        _found(scale)
        progress(Stage.FOUNDING, 1.0)
        past = _past()
    elif past["found"]["scale"] != scale:
        raise _other_scale(past["found"]["scale"], scale)
    begun = "live" in past
    until = datetime.fromisoformat(past["live"]["until"]) if begun else today or timezone.now()
    city = DemoCity(PLANS[scale], until)
    if matters and "done" not in past:
        if not begun:
            _note("live", {"until": until.isoformat()})
        with unhurried():
            live(city, tell(city), again=begun, progress=lambda share: progress(Stage.LIVING, share))
            afterwards(city)
            reckon_days(until)
            find_topics(until)
        _note("done", {})
    return city


def _note(action: str, body: dict[str, str]) -> None:
    append(SUBJECT, action, body, person=None, post=None)


def _past() -> dict[str, dict[str, str]]:
    """What the record says of the demo city so far: its entries by action."""
    return dict(Entry.objects.filter(subject=SUBJECT).order_by("seq").values_list("action", "body"))


def _found(scale: str) -> None:
    if Place.objects.exists():
        raise MumianError(
            _("The database"),
            reason=_("there is a city in it already"),
            cure=_(
                "Name another folder with MUMIAN_DATA, or another database with DATABASE_URL, for the demo city"
            ),
        )
    with transaction.atomic():
        found(PLANS[scale])
        prepare()
        _note("found", {"scale": scale})


def _other_scale(there: str, wanted: str) -> MumianError:
    return MumianError(
        _("Demo city of scale %(wanted)s") % {"wanted": wanted},
        reason=_("one of scale %(there)s is built here") % {"there": there},
        cure=_("Start it with --scale %(there)s, or name another folder with MUMIAN_DATA") % {"there": there},
    )
