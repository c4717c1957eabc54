"""A report from anybody: taken once, wholly, with nothing lost that was typed, and answered with a number."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from mumian.engine.models import Attachment, Holder, Matter
from mumian.web import reporting
from tests.web import city as small
from tests.web.city import DRAINS, GRID, OUTSIDE, SPOT, TOWN, City

KEY = "0123456789abcdef0123456789abcdef"
WHAT = "路口下水道堵塞三天，污水外溢。老人容易滑倒"


def send(client: Client, **more: Any) -> Any:
    answers = {"what": WHAT, "where": "门口", "where_longitude": str(SPOT[0]), "where_latitude": str(SPOT[1])}
    return client.post("/report", {"key": KEY, **answers, **more})


def photo(name: str = "现场.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, small.picture() if content is None else content, "image/jpeg")


def test_anybody_reports_and_gets_a_number_and_a_link_of_their_own(visit: Any) -> None:
    client = visit()
    answer = send(client)
    assert answer.status_code == HTTPStatus.FOUND
    page = client.get(answer["Location"]).content.decode()
    [matter] = Matter.objects.all()
    assert matter.number in page
    assert re.search(rf"http://testserver/track/{matter.number}/[0-9A-Z]{{20}}", page)
    assert (matter.place, matter.channel, matter.title) == (GRID, "web", "路口下水道堵塞三天，污水外溢")
    assert "data-sent" in page


def test_sending_twice_is_one_report(visit: Any) -> None:
    client = visit()
    first, second = send(client), send(client)
    assert first["Location"] == second["Location"]
    assert Matter.objects.count() == 1


def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(visit: Any) -> None:
    client = visit()
    files = [photo(), photo("说明.txt", b"no picture")]
    answer = send(
        client, what="", contact="13800000000", photos=files, where_longitude="", where="不知道的路"
    )
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert page.index("请再看一下这些地方") < page.index("说明.txt：既不是能读取的照片")
    assert "什么事：请填写此项" in page
    assert 'value="13800000000"' in page
    assert 'value="不知道的路"' in page
    token = re.search(r'name="photos_kept" value="([^"]+)" checked', page)
    assert token, "the good photograph is kept"
    assert send(client, photos_kept=token[1]).status_code == HTTPStatus.FOUND
    assert Attachment.objects.count() == 1


def test_a_file_nobody_sent_cannot_be_claimed(visit: Any) -> None:
    forged = f"{'ab' * 32}:{'x' * 43}"
    assert send(visit(), photos_kept=forged).status_code == HTTPStatus.FOUND
    assert Attachment.objects.count() == 0


def test_more_files_than_are_asked_for_are_not_taken(visit: Any) -> None:
    answer = send(visit(), photos=[photo(f"{n}.jpg", small.picture((n, n, n))) for n in range(10)])
    assert "最多可附 9 个文件" in answer.content.decode()


def test_a_place_named_alike_in_two_towns_is_asked_back(visit: Any) -> None:
    client = visit()
    page = send(client, where="平安社区", where_longitude="", where_latitude="").content.decode()
    assert "可能是以下几处" in page
    codes = re.findall(r'name="where_code" value="(\d+)"', page)
    assert codes == ["440103001002", "440103002001"]
    send(client, where="平安社区", where_longitude="", where_latitude="", where_code=codes[1])
    assert Matter.objects.get().place == "440103002001"


def test_where_no_name_helps_the_town_is_enough(visit: Any) -> None:
    client = visit()
    nowhere = {"where": "第三棵大榕树下", "where_longitude": "", "where_latitude": ""}
    page = send(client, **nowhere).content.decode()
    assert "请选择所在的镇街" in page
    assert f'value="{TOWN}"' in page
    send(client, **nowhere, where_code=TOWN)
    matter = Matter.objects.get()
    assert matter.place == TOWN
    assert matter.data["where"]["address"] == "第三棵大榕树下"


def test_a_position_outside_the_city_is_said_to_be_so(visit: Any) -> None:
    client = visit()
    answer = send(client, where_longitude=str(OUTSIDE[0]), where_latitude=str(OUTSIDE[1]))
    assert "该位置不在本市任何网格内" in answer.content.decode()
    asked = {"field": "where", "where_longitude": OUTSIDE[0], "where_latitude": OUTSIDE[1]}
    assert "您现在的位置不在本市" in client.get("/places", asked).content.decode()


def test_places_are_found_by_name_and_by_position(visit: Any) -> None:
    client = visit(language="en")
    named = client.get("/places", {"field": "where", "where": "石溪社区"}).content.decode()
    assert "Yuexiu › Shixi › Shixi Community" in named
    here = {"field": "where", "where": "", "where_longitude": SPOT[0], "where_latitude": SPOT[1]}
    assert "The spot you gave" in client.get("/places", here).content.decode()


def test_what_it_looks_like_is_shown_while_it_is_written(visit: Any) -> None:
    page = visit().post("/report/suggest", {"what": WHAT}).content.decode()
    assert f'value="{DRAINS}"' in page
    assert "排水" in page


def test_a_report_nearby_is_shown_without_the_words_of_who_made_it(city: City, visit: Any) -> None:
    small.reported(city)
    where = {"where_longitude": str(SPOT[0]), "where_latitude": str(SPOT[1])}
    page = visit().post("/report/suggest", {"what": WHAT, **where}).content.decode()
    assert "附近" in page
    assert "老人" not in page
    assert "下水道堵塞，污水外溢" not in page


def test_me_too_counts_with_the_report_that_is_there(city: City, visit: Any) -> None:
    original = small.reported(city)
    client = visit()
    answer = send(client, same=original.number)
    assert "已收到，并入同一件事一起办" in client.get(answer["Location"]).content.decode()
    assert Matter.objects.get(pk=original.matter).reports == 2
    assert Matter.objects.exclude(pk=original.matter).get().merged_into == original.matter


def test_me_too_with_something_elsewhere_stays_a_report_of_its_own(city: City, visit: Any) -> None:
    other = small.reported(city, "路灯不亮", small.NEXT_SPOT)
    send(visit(), same=other.number)
    assert Matter.objects.get(pk=other.matter).reports == 1
    assert Matter.objects.filter(closed_at=None).count() == 2


def test_one_who_is_signed_in_reports_by_name(city: City, visit: Any) -> None:
    client = visit("resident")
    send(client)
    assert Holder.objects.get().person == city.people["resident"].pk
    number = Matter.objects.get().number
    assert client.get(f"/track?number={number}")["Location"] == f"/matters/{number}"
    assert WHAT in client.get(f"/matters/{number}").content.decode()


def test_the_public_form_asks_only_what_residents_know(visit: Any) -> None:
    page = visit().get("/report").content.decode()
    asked = set(re.findall(r'name="(\w+)"', page))
    assert {"what", "where", "photos", "contact"} <= asked
    assert not {"promised", "unpromised", "category"} & asked


def test_a_flood_of_reports_is_slowed_down_in_words(visit: Any, settings: Any) -> None:
    settings.PUBLIC_RATE = "2/hour"
    client = visit()
    answers = [send(client, key=f"{n:032x}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "请在" in answers[-1].content.decode()
    assert int(answers[-1]["Retry-After"]) > 0


@pytest.mark.usefixtures("city")
def test_a_key_that_could_be_guessed_is_replaced(visit: Any) -> None:
    first, second = send(visit(), key="1"), send(visit(), key="1")
    assert first["Location"] != second["Location"]


def test_a_database_that_is_away_is_said_to_be_and_nothing_is_confirmed(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(acts: Any) -> Any:
        raise OperationalError("the connection was lost")

    client = visit()
    with monkeypatch.context() as broken:
        broken.setattr(reporting, "perform", away)
        answer = send(client)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "没有收到确认的内容未保存" in answer.content.decode()
    assert send(client).status_code == HTTPStatus.FOUND
    assert Matter.objects.count() == 1


@pytest.mark.usefixtures("city")
def test_a_form_from_elsewhere_is_turned_away_in_words() -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "zh-CN"})
    answer = client.post("/report", {"what": WHAT})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "请刷新页面再试" in answer.content.decode()
