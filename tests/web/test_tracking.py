"""How a matter stands, by its number: what anybody may know, and what the one who reported it may do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mumian.engine.definition import read
from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, perform
from mumian.engine.publishing import publish
from mumian.engine.world import city as installed
from mumian.people.actor import ANYONE
from tests.web import city as small
from tests.web.city import City

CONFIDENTIAL = """\
procedure: tip
title: {zh: 线索, en: Tip}
confidential: true
parties:
  teller: {title: {zh: 举报人, en: Teller}, person: true, anonymous: true}
  checker: {title: {zh: 核查人, en: Checker}, post: supervisor, at: town}
form:
  what: {type: text, personal: true, names: true, title: {zh: 线索内容, en: Tip}}
states:
  told:   {title: {zh: 待核查, en: Told}, tone: todo}
  closed: {title: {zh: 办结, en: Closed}, final: true}
actions:
  tell:  {title: {zh: 举报, en: Tell}, to: told, by: teller, asks: [what], tone: primary}
  close: {title: {zh: 办结, en: Close}, from: told, to: closed, by: checker, outcome: done}
outcomes:
  done: {zh: 已核查, en: Checked}
keep: {default: 5 days}
scenarios:
  done: [tell, close]
"""


def link(done: Done, action: str = "report") -> str:
    row = Matter.objects.get(pk=done.matter)
    secret = link_after(done.matter, installed().procedure(row.procedure, row.version), action)
    return f"/track/{done.number}/{secret}"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_number_alone_shows_state_and_dates_and_nothing_personal(
    city: City, visit: Any, language: str
) -> None:
    done = small.assigned(city, contact="13800000000")
    page = visit(language=language).get(f"/track?number={done.number}").content.decode()
    assert ("待受理" if language == "zh-CN" else "Assigned") in page
    assert "<time" in page
    for hidden in ("下水道", "老人", "13800000000", "石溪", "Shixi", "刘欣月"):
        assert hidden not in page


def test_a_number_is_read_as_people_write_it(city: City, visit: Any) -> None:
    done = small.reported(city)
    typed = done.number.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert done.number in visit().get("/track", {"number": typed}).content.decode()


def test_a_number_that_is_none_says_so(visit: Any) -> None:
    answer = visit().get("/track?number=ABCD")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="ABCD"' in answer.content.decode()


def test_the_link_shows_the_whole_and_what_one_may_do(city: City, visit: Any) -> None:
    done = small.reported(city)
    page = visit().get(link(done)).content.decode()
    for shown in ("老人容易滑倒", "撤回", "石溪社区", "写给经办的人"):
        assert shown in page


def test_a_wrong_secret_opens_nothing(city: City, visit: Any) -> None:
    done, other = small.reported(city), small.reported(city, "路灯不亮")
    secret = link(other).rpartition("/")[2]
    for wrong in (secret, "0" * 20, "x"):
        assert visit().get(f"/track/{done.number}/{wrong}").status_code == HTTPStatus.NOT_FOUND


def test_the_reporter_takes_it_back(city: City, visit: Any) -> None:
    done = small.reported(city)
    answer = visit().post(f"{link(done)}/do/withdraw", {"seq": 1, "key": "a", "reason": "已好"}, follow=True)
    assert "已完成：撤回" in answer.content.decode()
    assert Matter.objects.get().state == "withdrawn"


def test_the_reporter_has_the_last_word(city: City, visit: Any) -> None:
    done = small.closed(city)
    client, home = visit(), link(done)
    assert "问题没解决，重新办理" in client.get(home).content.decode()
    assert client.post(f"{home}/do/reopen", {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    client.post(f"{home}/do/reopen", {"reason": "还是堵着"})
    assert Matter.objects.get(pk=done.matter).state == "reported"
    assert "还是堵着" in visit("dispatcher").get(f"/matters/{done.number}").content.decode()


def test_the_reporter_adds_a_word_and_reads_it_but_not_what_is_said_among_those_who_work(
    city: City, visit: Any
) -> None:
    done = small.assigned(city)
    client, home = visit(), link(done)
    client.post(f"{home}/comment", {"text": "门口还有一个井盖松了", "key": "b"})
    visit("officer").post(f"/matters/{done.number}/comment", {"text": "内部说明", "key": "c"})
    page = client.get(home).content.decode()
    assert "门口还有一个井盖松了" in page
    assert "内部说明" not in page
    assert "何志强" not in page


def test_the_reporter_sees_the_photographs_behind_the_link_alone(city: City, visit: Any) -> None:
    client = visit()
    photo = SimpleUploadedFile("p.jpg", small.picture(), "image/jpeg")
    where = {"where_longitude": str(small.SPOT[0]), "where_latitude": str(small.SPOT[1])}
    client.post("/report", {"what": "积水", "photos": photo, "key": "k" * 32, **where})
    matter = Matter.objects.get()
    [sha256] = matter.data["photos"]
    home = link(Done(matter.id, matter.number, 1, matter.state))
    assert f"{home}/files/{sha256}/thumb" in client.get(home).content.decode()
    assert client.get(f"{home}/files/{sha256}")["Content-Type"] == "image/jpeg"
    assert client.get(f"/matters/{matter.number}/files/{sha256}").status_code == HTTPStatus.FOUND


def test_those_in_office_are_led_to_their_desk(city: City, visit: Any) -> None:
    done = small.reported(city)
    asked = f"/track?number={done.number}"
    assert visit("dispatcher").get(asked)["Location"] == f"/matters/{done.number}"
    assert visit("stranger").get(asked).status_code == HTTPStatus.OK


@pytest.mark.usefixtures("changed_world")
def test_a_confidential_matter_is_not_even_there_without_its_link(city: City, visit: Any) -> None:
    publish(read(CONFIDENTIAL))
    [done] = perform([Act("tell", ANYONE, {"what": "某处夜间倾倒"}, opens="tip")])
    assert isinstance(done, Done)
    answer = visit().get(f"/track?number={done.number}")
    nothing = visit().get("/track?number=0000-0000")
    assert answer.status_code == nothing.status_code == HTTPStatus.NOT_FOUND
    assert answer.content.decode().count("没有这个编号的事项") == 1
    assert "某处夜间倾倒" in visit().get(link(done, "tell")).content.decode()
