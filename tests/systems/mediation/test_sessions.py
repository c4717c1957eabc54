"""Sessions: no room and no mediator twice at once, held by the database itself."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mumian.record.models import Entry
from mumian.systems.mediation.models import MeetingRoom, Session
from mumian.systems.mediation.sessions import book, cancel
from tests.conftest import QueryBudget
from tests.systems.mediation.dispute import Mediating, allowed, codes, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


def on_site(
    here: Mediating, matter: UUID, begins: datetime = NINE, who: str = "mediator", **more: Any
) -> Any:
    given: dict[str, Any] = {
        "begins": begins,
        "ends": begins + HOUR,
        "mode": "on-site",
        "room": here.room.pk,
        **more,
    }
    return book(here.actor(who), matter, **given)


def test_a_session_is_set_by_the_mediator_and_told_on_the_record(here: Mediating) -> None:
    matter = here.mediating()
    allowed(on_site(here, matter))
    session = Session.objects.get()
    assert (session.number, session.room) == (1, here.room)
    entry = Entry.objects.get(subject=matter, action="set-session")
    assert entry.body["data"]["spot"] == "一号调解室"
    assert entry.person == here.city.people["mediator"].pk


def test_a_room_is_not_given_twice_and_nothing_is_recorded(here: Mediating) -> None:
    first, second = here.mediating(), here.mediating("second")
    allowed(on_site(here, first))
    refused = on_site(here, second, NINE + HOUR / 2, "second")
    assert [each.field for each in refused.reasons] == ["room"]
    assert not Entry.objects.filter(subject=second, action="set-session").exists()
    allowed(on_site(here, second, NINE + HOUR, "second"))  # the end is not part of it


def test_a_mediator_is_not_in_two_sessions_at_once_but_may_mediate_in_writing(here: Mediating) -> None:
    first, second = here.mediating(), here.mediating()
    allowed(on_site(here, first))
    other = MeetingRoom.objects.create(body=here.room.body, name="二号调解室")
    refused = on_site(here, second, room=other.pk)
    assert [each.field for each in refused.reasons] == ["begins"]
    written: dict[str, Any] = {"mode": "written", "ends": NINE + timedelta(days=5)}
    allowed(on_site(here, second, **written))


def test_the_database_refuses_what_the_program_would_let_through(here: Mediating) -> None:
    taken = DateTimeTZRange(NINE, NINE + HOUR)
    here.mediating()
    common = {"mediator": here.mediators["mediator"], "mode": "on-site", "during": taken}
    Session.objects.create(matter=small_id(1), number=1, room=here.room, **common)
    with pytest.raises(IntegrityError, match="one_session_a_"), transaction.atomic():
        Session.objects.create(matter=small_id(2), number=1, room=here.room, **common)
    with pytest.raises(IntegrityError, match="one_session_a_mediator"), transaction.atomic():
        Session.objects.create(matter=small_id(3), number=1, room=None, **common)


def test_a_session_that_is_called_off_frees_room_and_mediator(here: Mediating) -> None:
    matter = here.mediating()
    allowed(on_site(here, matter))
    assert not cancel(here.actor("second"), Session.objects.get().pk)
    assert cancel(here.actor("mediator"), Session.objects.get().pk)
    allowed(on_site(here, matter))


def test_what_is_wrong_with_a_session_is_said(here: Mediating) -> None:
    matter = here.mediating()
    assert codes(on_site(here, matter, ends=NINE)) == ["ends"]
    assert codes(on_site(here, matter, room=None)) == ["room"]
    assert codes(on_site(here, matter, mode="video", link="http://meet.example")) == ["link"]
    assert codes(on_site(here, matter, mode="balloon")) == ["mode"]
    assert codes(on_site(here, matter, who="second")) == ["not-yours"]
    assert not Session.objects.exists()
    allowed(on_site(here, matter, mode="video", link="https://meet.example/room"))


def test_the_calendar_of_rooms_shows_who_meets_where_and_not_about_what(
    here: Mediating, visit: Visit, query_budget: QueryBudget
) -> None:
    matter = here.mediating()
    allowed(on_site(here, matter))
    week = f"/mediation/rooms?from={NINE.date().isoformat()}"
    for who in ("mediator", "organiser"):
        visitor = visit(who)
        visitor.get(week)
        with query_budget("mediation rooms"):
            page = visitor.get(week).content.decode()
        assert "一号调解室" in page
        assert "09:00–10:00" in page
        assert "王调解" in page
        assert "房东不退押金" not in page
        assert "09:00–10:00" not in visitor.get("/mediation/rooms?from=2026-11-01").content.decode()
        assert visitor.get("/mediation/rooms?from=soon").status_code == 200
    for other in ("resident", "clerk"):
        assert visit(other).get(week).status_code == 403
    session = Session.objects.get()
    cancel(here.actor("mediator"), session.pk)
    assert "09:00–10:00" not in visit("mediator").get(week).content.decode()


def small_id(number: int) -> Any:
    from uuid import UUID

    return UUID(int=number)
