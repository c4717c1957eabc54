"""The pages of response: who comes in, what they show, and that what is pressed is done."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.people.models import Post
from mumian.systems.response.alerting import go_on
from mumian.systems.response.models import Alert, Duty, Position, Responder
from mumian.systems.response.showing import in_minutes
from tests.conftest import QueryBudget
from tests.systems.response.emergency import Emergency, alert_of, do, found, raised
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(city: small.City) -> Emergency:
    return found(city)


@pytest.fixture
def number(here: Emergency) -> str:
    """An incident that has just been raised, with units called to it."""
    key = raised(at=timezone.now())
    go_on(key, timezone.now())
    return Matter.objects.get(pk=key).number


def test_the_desk_shows_what_is_happening_and_who_is_called(
    here: Emergency, number: str, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    visitor.get("/response")
    with query_budget("response desk"):
        page = visitor.get("/response").content.decode()
    assert number in page
    assert "有人倒下没有呼吸" in page
    assert "school单元" in page
    assert "6 个单元" in page or "6" in page


def test_the_page_of_an_incident_has_the_card_and_the_next_steps(
    here: Emergency, number: str, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    visitor.get(f"/response/incidents/{number}")
    with query_budget("response incident"):
        page = visitor.get(f"/response/incidents/{number}").content.decode()
    assert "胸外按压" in page
    assert "请求增援" in page
    assert "解除警报" in page


def test_the_page_says_which_was_nearer_and_why_it_was_not_called(here: Emergency, visit: Visit) -> None:
    Responder.objects.filter(unit=here.units["school"]).update(duty=Duty.OFF)
    key = raised(at=timezone.now())
    go_on(key, timezone.now())
    found = Matter.objects.get(pk=key)
    page = visit("duty").get(f"/response/incidents/{found.number}").content.decode()
    assert "更近但未呼叫：不在岗 1。" in page
    assert "直线距离乘以 1.33" in page


def test_the_map_has_rings_units_and_the_incident(
    here: Emergency, number: str, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("duty")
    visitor.get("/response/map.json")
    with query_budget("response map"):
        drawn = visitor.get("/response/map.json").json()
    states = [each["properties"].get("state") for each in drawn["features"]]
    assert [each["properties"]["what"] for each in drawn["features"]].count("ring") == 3
    assert states.count("alerted") == 3
    assert states.count("ready") == 3
    assert "real" in states


def test_anybody_can_call_for_help_without_a_name(here: Emergency, visit: Visit) -> None:
    visitor = visit()
    assert "不要靠近" not in visitor.get("/response/raise").content.decode()
    answer = visitor.post(
        "/response/raise",
        {
            "category": "05", "gravity": "serious", "what": "老人晕倒", "where": "", "key": "k" * 32,
            "where_longitude": small.SPOT[0], "where_latitude": small.SPOT[1],
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert "/report/" in answer["Location"]
    matter = Matter.objects.get(procedure="incident")
    assert Alert.objects.filter(incident=matter.pk).count() == 3


def test_what_is_left_out_is_asked_for_again(here: Emergency, visit: Visit) -> None:
    answer = visit().post(
        "/response/raise", {"category": "05", "gravity": "serious", "what": "", "where": ""}
    )
    assert answer.status_code == 422
    assert not Matter.objects.filter(procedure="incident").exists()


def test_a_responder_answers_on_the_phone_step_by_step(
    here: Emergency, number: str, visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("at-school")
    visitor.get("/response/me")
    with query_budget("response mine"):
        page = visitor.get("/response/me").content.decode()
    assert "收到，我来" in page
    assert "有人倒下没有呼吸" in page
    key = Alert.objects.get(unit=here.units["school"].pk).matter
    for action in ("acknowledge", "set-out", "arrive"):
        assert visitor.post(f"/response/alerts/{key}/do/{action}").status_code == 302
    assert Matter.objects.get(number=number).state == "attended"
    visitor.post(f"/response/alerts/{key}/do/hand-over", {"handed": "medical"})
    assert Alert.objects.get(matter=key).state == "handed-over"
    visitor.post(f"/response/alerts/{key}/do/stand-down")
    assert Alert.objects.get(matter=key).ended_at is not None


def test_one_unit_does_not_see_the_alert_of_another(here: Emergency, number: str, visit: Visit) -> None:
    key = Alert.objects.get(unit=here.units["school"].pk).matter
    assert visit("at-port").post(f"/response/alerts/{key}/do/acknowledge").status_code == 404
    assert "有人倒下" not in visit("at-port").get("/response/me").content.decode()


def test_the_desk_calls_for_more_and_ends_it(here: Emergency, number: str, visit: Visit) -> None:
    visitor = visit("duty")
    before = Alert.objects.count()
    assert visitor.post(f"/response/incidents/{number}/do/more").status_code == 302
    assert Alert.objects.count() > before
    assert visitor.post(f"/response/incidents/{number}/do/stand-down").status_code == 422
    assert (
        visitor.post(f"/response/incidents/{number}/do/stand-down", {"result": "已处置"}).status_code == 302
    )
    assert Matter.objects.get(number=number).state == "closed"
    assert not Alert.objects.filter(ended_at=None).exists()


def test_the_desk_notes_for_a_unit_that_answers_by_phone(here: Emergency, number: str, visit: Visit) -> None:
    key = Alert.objects.get(unit=here.units["mall"].pk).matter
    assert visit("duty").post(f"/response/alerts/{key}/do/acknowledge")["Location"].endswith(number)
    assert Alert.objects.get(matter=key).state == "acknowledged"


def test_a_desk_elsewhere_sees_none_of_it(here: Emergency, number: str, visit: Visit) -> None:
    Post.objects.filter(pk=here.city.posts["duty"].pk).update(place="440103002")
    visitor = visit("duty")
    assert number not in visitor.get("/response").content.decode()
    assert visitor.get(f"/response/incidents/{number}").status_code == 404


def test_a_visitor_is_led_to_where_he_or_she_belongs(here: Emergency, visit: Visit) -> None:
    assert "/sign-in" in visit().get("/response")["Location"]
    assert visit("at-school").get("/response")["Location"] == "/response/me"
    assert visit("resident").get("/response/me").status_code == 403


def test_a_position_is_kept_only_where_it_was_agreed_to_and_one_comes(
    here: Emergency, number: str, visit: Visit
) -> None:
    visitor, key = visit("at-school"), Alert.objects.get(unit=here.units["school"].pk).matter
    spot = {"lon": "113.2511", "lat": "23.1011"}
    assert visitor.post(f"/response/alerts/{key}/position", spot).status_code == 403
    visitor.post("/response/me/duty", {"shares": "yes"})
    assert visitor.post(f"/response/alerts/{key}/position", spot).status_code == 403
    visitor.post(f"/response/alerts/{key}/do/set-out")
    assert visitor.post(f"/response/alerts/{key}/position", spot).status_code == 204
    visitor.post(f"/response/alerts/{key}/do/stand-down")
    assert not Position.objects.exists()


def test_on_and_off_duty_by_phone(here: Emergency, visit: Visit) -> None:
    visitor = visit("at-school")
    visitor.post("/response/me/duty", {"duty": "off"})
    assert Responder.objects.get(unit=here.units["school"]).duty == Duty.OFF
    assert "您现在不在岗" in visitor.get("/response/me").content.decode()


def test_the_review_says_how_soon_help_was_there_and_what_was_missed(
    here: Emergency, number: str, visit: Visit, query_budget: QueryBudget
) -> None:
    key = Matter.objects.get(number=number).pk
    do("arrive", here.actor("school"), alert_of(key, "school"), at=timezone.now())
    visitor = visit("duty")
    visitor.post(f"/response/incidents/{number}/do/stand-down", {"result": "已处置"})
    with query_budget("response review"):
        page = visitor.get("/response/review").content.decode()
    assert "急病救护" in page
    assert "100%" in page
    sheet = visitor.get("/response/review?format=csv").content.decode()
    assert number in sheet
    assert "这段时间没有" in visitor.get("/response/review?what=drills").content.decode()


def test_a_drill_is_marked_on_every_screen(here: Emergency, visit: Visit) -> None:
    visitor = visit("duty")
    answer = visitor.post(
        "/response/raise?drill=1",
        {
            "category": "04", "gravity": "ordinary", "what": "模拟商场着火", "where": "",
            "where_longitude": small.SPOT[0], "where_latitude": small.SPOT[1],
        },
    )  # fmt: skip
    assert "这是演练" in visitor.get(answer["Location"]).content.decode()
    assert "演练" in visit("at-school").get("/response/me").content.decode()
    assert visit().get("/response/raise?drill=1").status_code == 404


def test_a_span_is_read_as_on_a_stopwatch() -> None:
    assert [in_minutes(each) for each in (0, 59, 61, 3600, None)] == ["0:00", "0:59", "1:01", "60:00", ""]
