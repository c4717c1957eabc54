"""What the pages of response show: incidents, who is called to them and how far each has come, in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from mumian.engine.models import Matter
from mumian.engine.world import city
from mumian.place.loading import current_atlas
from mumian.systems.response.alerting import gravity_of
from mumian.systems.response.models import Alert
from mumian.systems.response.rings import Card, card, rings
from mumian.systems.response.rules import ALERT, INCIDENT
from mumian.web import presenting
from mumian.web.shown import Colour, State
from mumian.web.words import Text

COMING = {"acknowledged", "under-way"}
THERE = {"on-scene", "handed-over"}
GONE = {"missed", "declined", "stood-down"}


@dataclass(frozen=True, slots=True)
class Called:
    """A unit called to an incident."""

    key: UUID
    unit: int
    name: str
    leader: str
    phone: str
    ring: int
    seconds: int
    """The way there, as estimated."""
    took: int | None
    """Seconds from the call until it was there."""
    answered: int | None
    """Seconds from the call until it answered."""
    state: str
    title: Text
    colour: Colour
    at: datetime
    """When it came into its state."""
    answer_by: datetime
    there: datetime | None
    """When it was on the scene."""

    @property
    def waits(self) -> bool:
        return self.state == "alerted"


@dataclass(frozen=True, slots=True)
class Shown:
    """One incident with those called to it."""

    key: UUID
    number: str
    url: str
    title: str
    kind: Text
    place: Text
    gravity: str
    gravity_title: Text
    state: State
    drill: bool
    over: bool
    raised: datetime
    ring: int
    called: Sequence[Called]
    card: Card | None

    @property
    def coming(self) -> int:
        return sum(each.state in COMING for each in self.called)

    @property
    def there(self) -> int:
        return sum(each.state in THERE for each in self.called)

    @property
    def waiting(self) -> int:
        return sum(each.waits for each in self.called)

    @property
    def answering(self) -> list[Called]:
        """Those who may still come, or are there."""
        return [each for each in self.called if each.state not in GONE]

    @property
    def gone(self) -> int:
        """How many did not answer, could not come, or are free again."""
        return sum(each.state in GONE for each in self.called)

    @property
    def alone(self) -> bool:
        """Whether nobody is called who still may come."""
        return not self.over and not any(each.state not in GONE for each in self.called)


def shown(matters: Iterable[Matter]) -> list[Shown]:
    """Incidents as they are shown, in the order given. One statement."""
    matters = list(matters)
    rows = Alert.objects.filter(incident__in=[matter.pk for matter in matters])
    by_incident: dict[UUID, list[Called]] = {}
    for alert in rows.select_related("unit__organisation").order_by("ring", "seconds"):
        by_incident.setdefault(alert.incident, []).append(_called(alert))
    return [_shown(matter, by_incident.get(matter.pk, [])) for matter in matters]


def ring_titles() -> Mapping[int, Text]:
    """What each ring is called."""
    return {ring.number: ring.title for ring in rings()}


def gravity_title(gravity: str) -> Text:
    """How grave, in words."""
    choices = city().procedure(INCIDENT).definition.form["gravity"].choices
    return next((choice.title for choice in choices if choice.value == gravity), "")


def _shown(matter: Matter, called: Sequence[Called]) -> Shown:
    compiled = city().procedure(matter.procedure, matter.version)
    gravity = gravity_of(matter)
    return Shown(
        matter.pk,
        matter.number,
        reverse("response:incident", args=[matter.number]),
        matter.title or _("Incident"),
        presenting.kind("incident", matter.category) if matter.category else "",
        presenting.place(matter.place),
        gravity,
        gravity_title(gravity),
        presenting.state_of(compiled, matter),
        bool(matter.data.get("drill")),
        matter.closed_at is not None,
        matter.opened_at,
        int(matter.data.get("ring") or 0),
        called,
        card(matter.category),
    )


_COLOURS: Mapping[str, Colour] = {
    "alerted": "amber", "acknowledged": "river", "under-way": "river", "on-scene": "leaf", "handed-over": "leaf",
    "stood-down": "neutral", "missed": "kapok", "declined": "kapok",
}  # fmt: skip


def _called(alert: Alert) -> Called:
    spec = city().procedure(ALERT).states[alert.state]
    unit, since = alert.unit, alert.alerted_at
    answered = alert.acknowledged_at or alert.under_way_at or alert.on_scene_at
    at = {
        "alerted": since, "acknowledged": alert.acknowledged_at, "under-way": alert.under_way_at,
        "on-scene": alert.on_scene_at, "handed-over": alert.handed_over_at,
    }.get(alert.state, alert.ended_at)  # fmt: skip
    return Called(
        alert.matter,
        alert.unit_id,
        str(unit.organisation),
        unit.leader,
        unit.phone,
        alert.ring,
        alert.seconds,
        _seconds(since, alert.on_scene_at),
        _seconds(since, answered),
        alert.state,
        spec.title,
        _COLOURS.get(alert.state, "neutral"),
        at or since,
        alert.answer_by,
        alert.on_scene_at,
    )


def _seconds(since: datetime, until: datetime | None) -> int | None:
    return round((until - since).total_seconds()) if until else None


def in_minutes(seconds: int | None) -> str:
    """A span as mm:ss, as on a stopwatch; empty where there is none."""
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def point_of(matter: Matter) -> tuple[float, float] | None:
    """Where it is, in degrees: its point, else the middle of its place."""
    if matter.lon is not None and matter.lat is not None:
        return matter.lon, matter.lat
    atlas = current_atlas()
    return atlas[matter.place].centre if matter.place in atlas else None
