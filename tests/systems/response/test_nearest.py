"""Whom the database gives: never a unit that is busy, unfit, off duty or shut, never a farther one than one that was free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mumian.engine import world
from mumian.people.models import Organisation
from mumian.systems.response import nearest as choosing
from mumian.systems.response.alerting import reserve
from mumian.systems.response.bench import square_city
from mumian.systems.response.models import Alert, Duty, EmergencyUnit, Responder, Shift
from mumian.systems.response.nearest import Spot, nearest
from mumian.systems.response.network import Network
from tests.systems.response.emergency import NORTH, NOW, SPOT
from tests.web import city as small

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Facts:
    """A unit as it is drawn: metres east and north of the spot, and whatever may keep it from coming."""

    x: int
    y: int
    active: bool
    kinds: tuple[str, ...]
    duty: Duty
    shift: tuple[int, int] | None
    """From and until, in minutes from now."""
    called: bool
    practises: bool

    @property
    def free(self) -> bool:
        here = self.shift is not None and self.shift[0] <= 0 < self.shift[1]
        ready = self.duty == Duty.ON or (self.duty == Duty.ROSTER and here)
        return self.active and ready and not self.called and (not self.kinds or "05" in self.kinds)


FACTS = st.lists(
    st.builds(
        Facts,
        x=st.integers(-700, 700),
        y=st.integers(-700, 700),
        active=st.sampled_from([True, True, True, False]),
        kinds=st.sampled_from([(), ("05",), ("01", "05"), ("04",)]),
        duty=st.sampled_from(Duty),
        shift=st.sampled_from([None, (-60, 60), (-60, 0), (0, 60), (30, 60)]),
        called=st.sampled_from([False, False, True]),
        practises=st.booleans(),
    ),
    max_size=40,
)
WANTED = st.dictionaries(st.sampled_from([60, 180, 300, 600]), st.integers(1, 4), min_size=1)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, wanted=WANTED, drill=st.booleans(), by_road=st.booleans())
def test_those_given_are_free_and_fit_and_no_free_one_was_nearer(
    city: small.City, facts: list[Facts], wanted: dict[int, int], drill: bool, by_road: bool
) -> None:
    with transaction.atomic():
        units = [stored(number, each) for number, each in enumerate(facts)]
        _roads(by_road)
        world.changed()
        spot = Spot(*SPOT, "05.01", drill)
        seconds = dict(zip(units, _seconds(facts), strict=True))
        found = nearest(spot, NOW, wanted)

        free = {
            unit
            for unit, each in zip(units, facts, strict=True)
            if each.free and not (drill and each.practises)
        }
        taken = [each.unit for each in found]
        assert set(taken) <= free
        assert len(taken) == len(set(taken))
        for limit, count in wanted.items():
            chosen = [each.unit for each in found if each.limit == limit]
            left = {unit for unit in free - set(taken) if seconds[unit] <= limit}
            assert all(seconds[unit] <= limit for unit in chosen)
            assert len(chosen) == count or (len(chosen) < count and not left)
            assert all(seconds[unit] >= seconds[nearer] for unit in left for nearer in chosen)
        assert [each.unit for _alert, each in reserve(found, uuid4(), NOW, drill=drill)] == taken
        assert reserve(found, uuid4(), NOW, drill=drill) == []  # for another they are taken
        transaction.set_rollback(True)


def stored(number: int, each: Facts) -> int:
    """A unit in the database as it is drawn."""
    organisation = Organisation.objects.create(code=f"p{number}", name=f"单元{number}", place=small.TOWN)
    unit = EmergencyUnit.objects.create(
        organisation=organisation, lon=SPOT[0] + each.x * NORTH, lat=SPOT[1] + each.y * NORTH,
        active=each.active, kinds=list(each.kinds),
    )  # fmt: skip
    one = Responder.objects.create(unit=unit, name="队员", phone="1", duty=each.duty)
    if each.shift:
        during = DateTimeTZRange(*(NOW + timedelta(minutes=minutes) for minutes in each.shift))
        Shift.objects.create(unit=unit, responder=one, during=during)
    for drill, is_so in ((False, each.called), (True, each.practises)):
        if is_so:
            Alert.objects.create(
                matter=uuid4(), incident=uuid4(), unit=unit, ring=1, seconds=1, drill=drill,
                alerted_at=NOW, answer_by=NOW,
            )  # fmt: skip
    return unit.pk


def _roads(there: bool) -> None:
    file = choosing.roads_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    if there:
        here = square_city(40, 60.0)
        lon, lat = (SPOT[axis] - 1200 * NORTH for axis in (0, 1))
        Network(here.mode, replace(here.edges, lon=here.edges.lon + lon, lat=here.edges.lat + lat)).save(file)


def _seconds(facts: list[Facts]) -> list[float]:
    """Seconds from each unit to the spot, reckoned for all of them at once."""
    lon, lat = (np.array([SPOT[axis] + (each.x, each.y)[axis] * NORTH for each in facts]) for axis in (0, 1))
    seconds = np.full(len(facts), np.inf)
    travel = choosing._travel(lon, lat, choosing._changed(choosing.roads_file()))
    numbers, known = travel.near(*SPOT, limit=1e6)
    seconds[numbers] = known
    return list(seconds.tolist())
