"""The demo city is the same every time, also where its building was cut short."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import transaction

from mumian import demo
from mumian.demo import Stage
from mumian.demo.plan import PLANS
from mumian.engine import world
from mumian.engine.installing import install
from mumian.engine.models import Matter
from mumian.errors import MumianError
from mumian.place.loading import forget_atlas
from mumian.place.models import Place
from mumian.record.verifying import verify_all

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class Killed(Exception):
    """The program ends here."""


@pytest.fixture(autouse=True)
def short_past(monkeypatch):
    """The demo city has a past of weeks only."""
    monkeypatch.setitem(PLANS, "small", replace(PLANS["small"], days=12, reports_a_day=8))
    install()
    yield
    _forget()


def _forget() -> None:
    world.forget()
    forget_atlas()


def _everything() -> list[tuple[object, ...]]:
    columns = (
        "id",
        "seq",
        "state",
        "title",
        "place",
        "lon",
        "category",
        "late",
        "closed_at",
        "due_at",
        "mark",
    )
    # The ids of parts come from the keys of units, which the database counts on after a rollback.
    return list(Matter.objects.filter(parent=None).order_by("id").values_list(*columns))


def test_a_city_built_in_pieces_is_the_very_same_and_its_record_holds(caplog):
    with transaction.atomic():
        demo.build("small", today=TODAY)
        whole = _everything()
        transaction.set_rollback(True)
    _forget()

    def kill(stage: Stage, share: float) -> None:
        if stage is Stage.LIVING and share > 0.5:
            raise Killed

    demo.build("small", today=TODAY, matters=False)
    assert not Matter.objects.exists()
    with pytest.raises(Killed):
        demo.build("small", today=TODAY, progress=kill)
    part = _everything()
    demo.build("small", today=LATER)

    assert 0 < len(part) < len(whole)
    assert _everything() == whole
    assert list(verify_all()) == []
    assert caplog.messages == []  # no act was refused


def test_it_is_not_built_into_a_database_that_has_a_city():
    Place.objects.create(code="4401", level=4, name="某市")
    with pytest.raises(MumianError, match="MUMIAN_DATA"):
        demo.build("small")
    assert Place.objects.count() == 1
