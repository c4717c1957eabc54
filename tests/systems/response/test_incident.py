"""An incident from the call for help until everybody is stood down: who is called when, once, and what is on the record."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.jobs import ring_all
from mumian.engine.looking import look
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Refused, perform
from mumian.errors import MumianError
from mumian.people.actor import ANYONE, SYSTEM
from mumian.record.models import Entry
from mumian.systems.response.acting import look_again
from mumian.systems.response.alerting import go_on, spot_of
from mumian.systems.response.jobs import watch_all
from mumian.systems.response.models import Alert, Duty, Position, Responder
from mumian.systems.response.rings import answer_within, card, cards, rings
from mumian.systems.response.rules import GO_ON
from tests.systems.response.emergency import Emergency, alert_of, called, do, found, later, raised, unit
from tests.web import city as small

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city)


def state(matter: UUID) -> str:
    return Matter.objects.get(pk=matter).state


def step(here: Emergency, incident: UUID, who: str, action: str, at: datetime, **data: object) -> None:
    """A responder does something, and the incident is looked at."""
    do(action, here.actor(who), alert_of(incident, who), at=at, data=data)
    go_on(incident, at)


def test_the_whole_way_from_the_call_until_all_are_free(here: Emergency) -> None:
    incident = raised()
    go_on(incident, later(0))
    assert called(incident) == {"school": "alerted", "mall": "alerted", "market": "alerted"}

    step(here, incident, "school", "acknowledge", later(5))
    step(here, incident, "school", "set-out", later(9))
    step(here, incident, "school", "arrive", later(40))
    assert state(incident) == "attended"
    step(here, incident, "school", "hand-over", later(300), handed="medical")
    do("stand-down", here.duty, incident, at=later(400), data={"result": "已送医"})
    go_on(incident, later(401))

    assert state(incident) == "closed"
    assert not Alert.objects.filter(ended_at=None).exists()
    alert = Alert.objects.get(matter=alert_of(incident, "school"))
    times = [
        alert.alerted_at,
        alert.acknowledged_at,
        alert.under_way_at,
        alert.on_scene_at,
        alert.handed_over_at,
    ]
    assert [*times, alert.ended_at] == [later(each) for each in (0, 5, 9, 40, 300, 401)]


def test_each_step_of_a_unit_is_on_the_record_by_the_one_who_took_it(here: Emergency) -> None:
    incident = raised()
    go_on(incident, later(0))
    for action, at in [("acknowledge", 5), ("arrive", 50)]:
        step(here, incident, "school", action, later(at))
    do("stand-down", here.actor("school"), alert_of(incident, "school"), at=later(600))

    entries = Entry.objects.filter(subject=alert_of(incident, "school")).order_by("seq")
    assert [entry.action for entry in entries] == ["alert", "acknowledge", "arrive", "stand-down"]
    person = here.actor("school").person
    assert [entry.person for entry in entries] == [None, person, person, person]


def test_who_does_not_answer_in_time_is_let_go_and_the_next_is_called(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    assert called(incident) == {"school": "alerted"}

    go_on(incident, later(answer_within() - 1))
    assert called(incident) == {"school": "alerted"}
    go_on(incident, later(answer_within()))

    assert called(incident)["school"] == "missed"
    assert called(incident)["mall"] == "alerted"


def test_the_round_of_the_clocks_alone_lets_go_too_and_leads_to_a_look(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    ProcrastinateJob.objects.all().delete()

    ring_all(later(60))

    assert state(alert_of(incident, "school")) == "missed"
    assert ProcrastinateJob.objects.filter(task_name=GO_ON, status="todo").exists()


def test_one_who_declines_is_replaced(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))

    step(here, incident, "school", "decline", later(10), reason="正在处置另一件事")

    assert called(incident) == {"school": "declined", "mall": "alerted", "market": "alerted"}


def test_rings_open_by_time_until_somebody_is_there(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    step(here, incident, "school", "acknowledge", later(5))

    go_on(incident, later(61))
    assert Matter.objects.get(pk=incident).data["ring"] == 2
    step(here, incident, "school", "arrive", later(100))
    go_on(incident, later(1000))

    assert Matter.objects.get(pk=incident).data["ring"] == 2


def test_a_call_for_more_from_the_scene_opens_the_next_ring_at_once(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    step(here, incident, "school", "arrive", later(30))

    step(here, incident, "school", "call-more", later(35), remark="人手不够")

    assert called(incident) == {"school": "on-scene", "mall": "alerted", "market": "alerted"}
    actions = Entry.objects.filter(subject=incident).order_by("seq").values_list("action", flat=True)
    assert [*actions][-2:] == ["more", "widen"]


def test_a_ring_without_anybody_opens_the_next_at_once(city: small.City) -> None:
    found(city, {"far": 1500})
    incident = raised(gravity="ordinary")

    go_on(incident, later(0))

    assert called(incident) == {"far": "alerted"}
    assert Entry.objects.filter(subject=incident, action="widen").count() == 4


def test_where_there_is_nobody_at_all_the_incident_stands_open_and_says_so(city: small.City) -> None:
    found(city, {})
    incident = raised()

    go_on(incident, later(0))

    assert called(incident) == {}
    assert Matter.objects.get(pk=incident).data["ring"] == len(rings())


def test_nobody_is_called_who_is_off_duty_unfit_or_busy(here: Emergency) -> None:
    Responder.objects.filter(unit=here.units["school"]).update(duty=Duty.OFF)
    here.units["mall"].kinds = ["04"]
    here.units["mall"].save()
    busy = raised(gravity="ordinary")
    go_on(busy, later(0))
    assert called(busy) == {"market": "alerted", "village": "alerted"}

    second = raised(gravity="ordinary")
    go_on(second, later(1))

    assert called(second) == {"site": "alerted"}


def test_the_database_holds_that_a_unit_is_called_to_one_incident_at_a_time(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    alert = Alert.objects.get()
    alert.matter = UUID(int=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        alert.save(force_insert=True)


def test_a_unit_is_free_again_once_it_stands_down(here: Emergency) -> None:
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    step(here, incident, "school", "arrive", later(30))
    step(here, incident, "school", "stand-down", later(60))

    second = raised(gravity="ordinary", at=later(61))
    go_on(second, later(61))

    assert called(second) == {"school": "alerted"}


def test_looking_again_calls_nobody_twice(here: Emergency) -> None:
    incident = raised()
    for _ in range(3):
        go_on(incident, later(1))
    assert len(called(incident)) == 3
    assert Entry.objects.filter(action="alert").count() == 3
    assert Entry.objects.filter(subject=incident, action="widen").count() == 2


def test_a_job_looks_again_at_the_very_second_an_answer_is_due(here: Emergency) -> None:
    incident = raised(gravity="ordinary")

    wake = go_on(incident, later(0))
    go_on(incident, later(0))

    assert wake == later(answer_within())
    jobs = ProcrastinateJob.objects.filter(task_name=GO_ON, scheduled_at=wake)
    assert jobs.count() == 1


def test_raising_through_any_door_queues_the_first_look_with_it(here: Emergency) -> None:
    incident = raised()
    job = ProcrastinateJob.objects.get(task_name=GO_ON)
    assert job.args == {"incident": incident.hex}


def test_after_a_restart_what_fell_due_meanwhile_is_done_once(
    here: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = raised(gravity="ordinary")
    ProcrastinateJob.objects.all().delete()  # the server was killed before it looked even once
    monkeypatch.setattr("mumian.systems.response.jobs.timezone.now", lambda: later(30))

    watch_all()
    watch_all()

    assert called(incident) == {"school": "alerted"}
    ProcrastinateJob.objects.all().delete()  # and once more while it waited for an answer
    monkeypatch.setattr("mumian.systems.response.jobs.timezone.now", lambda: later(200))
    watch_all()
    watch_all()
    assert called(incident)["school"] == "missed"
    assert Entry.objects.filter(action="alert").count() == len(called(incident))


def test_one_incident_that_cannot_be_looked_at_keeps_back_no_other(
    here: Emergency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere, incident = raised(), raised()

    def spot(matter: Any) -> tuple[float, float]:
        if matter.id == nowhere:
            raise MumianError("incident", reason="its place has no point", cure="Give it one")
        return spot_of(matter)

    monkeypatch.setattr("mumian.systems.response.alerting.spot_of", spot)
    monkeypatch.setattr("mumian.systems.response.jobs.timezone.now", lambda: later(1))
    watch_all()
    look_again(nowhere)
    assert called(incident)
    assert not called(nowhere)
    assert nowhere.hex in caplog.text.replace("-", "")


def test_help_is_called_though_the_roads_cannot_be_read(
    here: Emergency, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATA = tmp_path
    (tmp_path / "roads").mkdir()
    (tmp_path / "roads" / "walk.npz").write_bytes(b"no network")
    incident = raised()
    go_on(incident, later(0))
    assert len(called(incident)) == 3
    assert "Import the roads again" in caplog.text


def test_a_place_that_is_not_there_is_refused_with_its_reason(here: Emergency) -> None:
    data = {"what": "有人倒下", "where": {"place": "440199"}, "category": "05.01"}
    [result] = perform([Act("raise", ANYONE, data, opens="incident")])
    assert isinstance(result, Refused)
    assert [reason.zh for reason in result.reasons] == ["在哪里：没有编码为 440199 的地点"]
    assert not Matter.objects.filter(procedure="incident").exists()


def test_a_look_that_dies_half_way_leaves_nothing_half_done(
    here: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = raised()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mumian.systems.response.alerting._Incident.look_again", dies)
    with pytest.raises(KeyboardInterrupt):
        go_on(incident, later(0))
    assert not Alert.objects.exists()
    assert not Matter.objects.filter(procedure="unit-alert").exists()

    monkeypatch.undo()
    go_on(incident, later(2))
    assert len(called(incident)) == 3


def test_a_responder_acts_for_the_own_unit_alone(here: Emergency) -> None:
    incident = raised()
    go_on(incident, later(0))

    [refused] = perform(
        [Act("acknowledge", here.actor("mall"), {}, alert_of(incident, "school"))], now=later(5)
    )

    assert isinstance(refused, Refused)
    assert look(here.actor("mall"), alert_of(incident, "school")) is None
    assert look(here.actor("mall"), alert_of(incident, "mall")) is not None


def test_a_desk_answers_for_units_called_within_its_place_alone(here: Emergency) -> None:
    incident = raised()
    go_on(incident, later(0))
    elsewhere = replace(here.duty, place="440103002")

    [refused, done] = perform(
        [
            Act("acknowledge", elsewhere, {}, alert_of(incident, "school")),
            Act("acknowledge", here.duty, {}, alert_of(incident, "school")),
        ],
        now=later(5),
    )

    assert isinstance(refused, Refused)
    assert not isinstance(done, Refused)


def test_a_drill_takes_nobody_from_what_is_real(here: Emergency) -> None:
    where = {"place": Matter.objects.get(pk=raised()).place}
    data = {"what": "演练", "where": where, "category": "04.01", "gravity": "ordinary", "drill": True}
    drill = do("begin-drill", here.duty, opens="incident", data=data).matter
    go_on(drill, later(0))
    trained = called(drill)

    incident = raised(gravity="ordinary")
    go_on(incident, later(1))

    assert len(trained) == 1
    assert "school" in called(incident)
    assert Alert.objects.filter(drill=True).count() == 1


def test_a_position_is_gone_when_the_alert_ends(here: Emergency) -> None:
    incident = raised()
    go_on(incident, later(0))
    Position.objects.create(alert_id=alert_of(incident, "school"), lon=113.0, lat=23.0, at=later(1))

    do("false-alarm", here.duty, incident, at=later(10), data={"reason": "看错了"})
    go_on(incident, later(10))

    assert not Position.objects.exists()
    assert set(called(incident).values()) == {"stood-down"}


def test_many_incidents_at_once_share_the_units_and_none_is_sent_twice(city: small.City) -> None:
    found(city, {f"u{number}": 30 + 15 * number for number in range(12)})
    incidents = [raised(gravity="grave") for _ in range(4)]
    for incident in incidents:
        go_on(incident, later(0))

    units = [*Alert.objects.values_list("unit", flat=True)]
    assert len(units) == len(set(units)) == 12


def test_there_is_a_card_for_every_kind_and_that_for_violence_begins_with_keeping_away() -> None:
    assert set(cards()) == {"01", "02", "03", "04", "05", "06"}
    violence = card("01.01")
    assert violence is not None
    assert "不要靠近" in violence.first["zh"]
    assert "do not go near" in violence.first["en"].casefold()
    every = [each for one in cards().values() for each in (one.title, one.first, *one.do, *one.never)]
    assert all(set(words) == {"zh", "en"} and all(words.values()) for words in every)


def test_another_system_can_open_an_incident_as_a_child(here: Emergency) -> None:
    data = {
        "what": "巡查发现冒烟",
        "where": {"place": "440103001001001"},
        "category": "04.01",
        "gravity": "grave",
    }
    incident = do("raise", SYSTEM, opens="incident", data=data).matter

    go_on(incident, later(0))

    assert len(called(incident)) == 5


def test_a_new_unit_is_called_where_the_first_ones_do_not_answer(city: small.City) -> None:
    found(city, {})
    incident = raised(gravity="ordinary")
    go_on(incident, later(0))
    unit("late", 50)
    from mumian.engine import world

    world.changed()

    go_on(incident, later(20))

    assert called(incident) == {"late": "alerted"}
