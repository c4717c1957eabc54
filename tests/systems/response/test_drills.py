"""Drills: planned, told or not, run on the screens of an incident, measured by ring, and what they show put right and checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.engine.perform import Act, Refused, perform
from mumian.systems.response.models import Alert
from tests.conftest import QueryBudget
from tests.systems.response.emergency import Emergency, alert_of, called, do, found
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city)


def form(here: Emergency, *units: str, **more: Any) -> dict[str, Any]:
    """What is sent to plan a drill."""
    return {
        "what": "商场三楼着火", "category": "04.01", "gravity": "serious", "where": "",
        "where_longitude": small.SPOT[0], "where_latitude": small.SPOT[1],
        "day": (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "taking_part": [str(here.units[unit].pk) for unit in units], "told": "no", **more,
    }  # fmt: skip


def planned(here: Emergency, visit: Visit, *units: str, **more: Any) -> str:
    answer = visit("duty").post("/response/drills", form(here, *units, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Matter.objects.get(procedure="drill").number


def begun(here: Emergency, visit: Visit, *units: str) -> Matter:
    """The incident that is practised."""
    number = planned(here, visit, *units)
    answer = visit("duty").post(f"/response/drills/{number}/do/begin")
    incident = Matter.objects.get(procedure="incident")
    assert answer["Location"].endswith(incident.number)
    return incident


def test_only_those_who_take_part_are_called_and_every_screen_says_drill(
    here: Emergency, visit: Visit
) -> None:
    incident = begun(here, visit, "village", "site")
    assert called(incident.pk).keys() == {"village", "site"}
    assert "这是演练" in visit("duty").get(f"/response/incidents/{incident.number}").content.decode()
    assert "演练" in visit("at-village").get("/response/me").content.decode()


def test_where_none_are_named_those_nearest_are_called_as_in_earnest(here: Emergency, visit: Visit) -> None:
    assert called(begun(here, visit).pk).keys() == {"school", "mall", "market"}


def test_those_told_beforehand_see_it_coming_and_others_do_not(here: Emergency, visit: Visit) -> None:
    planned(here, visit, "school", told="yes")
    assert "商场三楼着火" in visit("at-school").get("/response/me").content.decode()
    assert "商场三楼着火" not in visit("at-port").get("/response/me").content.decode()
    Matter.objects.all().delete()
    planned(here, visit, "school", told="no")
    assert "商场三楼着火" not in visit("at-school").get("/response/me").content.decode()


def test_a_plan_that_is_not_whole_is_asked_for_again(here: Emergency, visit: Visit) -> None:
    answer = visit("duty").post("/response/drills", form(here, day=""))
    assert answer.status_code == 422
    assert "商场三楼着火" in answer.content.decode()
    assert not Matter.objects.filter(procedure="drill").exists()


def test_times_are_measured_by_ring_and_each_finding_is_put_right_and_checked(
    here: Emergency, visit: Visit, query_budget: QueryBudget
) -> None:
    incident = begun(here, visit, "school", "mall")
    since = Alert.objects.earliest("alerted_at").alerted_at
    for unit, answered, there in (("school", 10, 50), ("mall", 20, 400)):
        key = alert_of(incident.pk, unit)
        do("acknowledge", here.actor(unit), key, at=since + timedelta(seconds=answered))
        do("arrive", here.actor(unit), key, at=since + timedelta(seconds=there))
    desk = visit("duty")
    desk.post(f"/response/incidents/{incident.number}/do/stand-down", {"result": "演练结束"})
    drill = Matter.objects.get(procedure="drill")
    assert drill.state == "over"
    due = (timezone.localtime() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    finding = {"finding": "灭火器压力不足", "unit": str(here.units["mall"].pk), "due": due}
    assert desk.post(f"/response/drills/{drill.number}/do/find", finding).status_code == 302

    desk.get(f"/response/drills/{drill.number}")
    with query_budget("response drill"):
        page = desk.get(f"/response/drills/{drill.number}").content.decode()
    assert "0:50" in page  # the school was there after
    assert "6:40" in page  # the mall after, which is late
    assert "灭火器压力不足" in page

    closing = desk.post(f"/response/drills/{drill.number}/do/close", {"result": "总体良好"})
    assert closing.status_code == 409  # a finding is not put right yet
    key = Matter.objects.get(procedure="drill-finding").pk
    [refused] = perform([Act("mend", here.actor("school"), {"done": "已换"}, key)])
    assert isinstance(refused, Refused)  # it is not theirs
    do("mend", here.actor("mall"), key, at=timezone.now(), data={"done": "已更换灭火器"})
    do("check", here.duty, key, at=timezone.now())
    assert desk.post(f"/response/drills/{drill.number}/do/close", {"result": "总体良好"}).status_code == 302
    drill.refresh_from_db()
    assert drill.state == "closed"
    with query_budget("response drills"):
        assert drill.number in desk.get("/response/drills").content.decode()
