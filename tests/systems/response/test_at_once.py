"""Many incidents at the same moment, looked at by several workers: none is lost, and no unit is sent to two of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from mumian.engine import world
from mumian.place.loading import forget_atlas
from mumian.record.models import Entry
from mumian.systems.response.alerting import go_on
from mumian.systems.response.models import Alert
from tests.systems.response.emergency import found, later, raised
from tests.web import city as small

UNITS, INCIDENTS, WORKERS = 40, 24, 6


def look(incident: UUID) -> None:
    """Looks as a worker of the queue does: again where two wanted the same units crosswise."""
    try:
        for _ in range(10):
            try:
                go_on(incident, later(1))
                return
            except OperationalError:
                continue
        pytest.fail("an incident was never looked at")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_incidents_at_once_share_the_units_and_none_is_sent_twice() -> None:
    world.forget()
    forget_atlas()
    found(small.found(), {f"u{number}": 30 + 12 * number for number in range(UNITS)})
    incidents = [raised() for _ in range(INCIDENTS)]

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(look, incidents * 2))  # each twice, as by a page and by the queue

    active = list(Alert.objects.filter(ended_at=None).values_list("unit", flat=True))
    assert len(active) == len(set(active)) == UNITS  # there are fewer than are wanted, so all are called
    assert Entry.objects.filter(action="alert").count() == UNITS
    widened = Entry.objects.filter(action="widen").values_list("subject", "body")
    rings = [(subject, body["data"]["ring"]) for subject, body in widened]
    assert len(rings) == len(set(rings))
    assert {subject for subject, _ring in rings} == set(incidents)
