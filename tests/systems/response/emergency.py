"""A small city with emergency units, for the tests of response: who stands where, and incidents in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from mumian.engine import world
from mumian.engine.perform import Act, Done, perform
from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Organisation, Person, Post
from mumian.systems.response.models import Alert, Duty, EmergencyUnit, Responder
from tests.web import city as small

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
SPOT = (113.2510, 23.1010)
NORTH = 1 / 111_320
"""A metre to the north, in degrees."""


@dataclass(frozen=True)
class Emergency:
    """The city, its units by name, and those who respond."""

    city: small.City
    units: dict[str, EmergencyUnit]

    def actor(self, unit: str) -> Actor:
        """The responder of a unit."""
        post = Post.objects.select_related("role", "organisation").get(organisation=self.units[unit].pk)
        return post.as_actor()

    @property
    def duty(self) -> Actor:
        return self.city.actor("duty")


UNITS = {"school": 40, "mall": 90, "market": 160, "village": 260, "site": 420, "port": 1500}
"""Metres north of the spot."""


def found(city: small.City, units: dict[str, int] | None = None) -> Emergency:
    """Gives a city units so many metres from the spot, each with one responder on duty; and a duty officer."""
    person = Person.objects.create_person("duty", small.PASSWORD, name="郑值班")
    centre = Organisation.objects.get(code="centre")
    post = Post.objects.create(person=person, role_id="duty-officer", organisation=centre, place=small.TOWN)
    city.people["duty"] = person
    city.posts["duty"] = Post.objects.select_related("role", "organisation").get(pk=post.pk)
    made = {name: unit(name, metres, city) for name, metres in (UNITS if units is None else units).items()}
    world.changed()
    return Emergency(city, made)


def unit(name: str, metres: int, city: small.City | None = None, **more: Any) -> EmergencyUnit:
    """A unit with one responder, who is on duty."""
    organisation = Organisation.objects.create(
        code=f"unit-{name}", name=f"{name}单元", name_en=name, kind="emergency-unit", place=small.TOWN
    )
    organisation.lineage = [organisation.pk]
    organisation.save()
    made = EmergencyUnit.objects.create(
        organisation=organisation, lon=SPOT[0], lat=SPOT[1] + metres * NORTH, **more
    )
    person = Person.objects.create_person(f"at-{name}", small.PASSWORD, name=f"队员{name}")
    Post.objects.create(person=person, role_id="responder", organisation=organisation, place=small.TOWN)
    if city:
        city.people[f"at-{name}"] = person
    Responder.objects.create(
        unit=made, person=person, name=person.name, phone=f"138{metres:08}", duty=Duty.ON
    )
    return made


def raised(
    *, at: datetime = NOW, gravity: str = "serious", category: str = "05.01", spot: Any = SPOT, **more: Any
) -> UUID:
    """Somebody on the spot calls for help; nobody has been called yet."""
    data = {
        "what": "有人倒下没有呼吸", "where": {"place": small.GRID, "lon": spot[0], "lat": spot[1]},
        "category": category, "gravity": gravity, **more,
    }  # fmt: skip
    return do("raise", ANYONE, opens="incident", at=at, data=data).matter


def do(
    action: str,
    actor: Actor,
    matter: UUID | None = None,
    *,
    at: datetime = NOW,
    opens: str | None = None,
    data: dict[str, Any] | None = None,
) -> Done:
    """Something that must be allowed."""
    [result] = perform([Act(action, actor, data or {}, matter, opens=opens)], now=at)
    assert isinstance(result, Done), result
    return result


def called(incident: UUID) -> dict[str, str]:
    """Who is called to an incident, and how far each has come."""
    rows = Alert.objects.filter(incident=incident).order_by("seconds")
    return {
        alert.unit.organisation.name_en: alert.state for alert in rows.select_related("unit__organisation")
    }


def alert_of(incident: UUID, unit: str) -> UUID:
    """The alert of a unit for an incident."""
    return Alert.objects.get(incident=incident, unit__organisation__name_en=unit).matter


def later(seconds: float) -> datetime:
    """So many seconds after the beginning."""
    return NOW + timedelta(seconds=seconds)
