"""The page of a matter and the forms of its actions: for those who may, as the definition says, once, and together."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from mumian.engine.files import keep
from mumian.engine.models import Attachment, Matter
from mumian.people.models import Post
from tests.web import city as small
from tests.web.city import DRAINS, City


def hidden(page: str, name: str) -> str:
    """The value of a hidden field as the page has it."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def click(client: Client, number: str, action: str, **answers: Any) -> Any:
    """What a browser sends from the page or form of the action as it now is."""
    page = client.get(f"/matters/{number}").content.decode()
    if f"/do/{action}" not in page:
        pytest.fail(f"{action} is not offered")
    if f'href="/matters/{number}/do/{action}"' in page:
        page = client.get(f"/matters/{number}/do/{action}").content.decode()
    sent = {"seq": hidden(page, "seq"), "key": hidden(page, "key"), **answers}
    return client.post(f"/matters/{number}/do/{action}", sent, follow=True)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_four_people_see_a_report_through(city: City, visit: Any, language: str) -> None:
    number = small.reported(city).number
    dispatcher, officer, worker = (
        visit(who, language=language) for who in ("dispatcher", "officer", "worker")
    )
    said = "已完成" if language == "zh-CN" else "Done"
    assert said in click(dispatcher, number, "assign", category=DRAINS, unit=city.water.pk).content.decode()
    assert said in click(officer, number, "start").content.decode()
    assert said in click(officer, number, "finish", result="已疏通").content.decode()
    page = click(worker, number, "accept").content.decode()
    assert said in page
    assert ("已解决" if language == "zh-CN" else "Fixed") in page
    assert Matter.objects.get(number=number).outcome == "fixed"


def test_the_next_step_stands_first_for_the_one_whose_turn_it_is(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    officer = visit("officer").get(f"/matters/{number}").content.decode()
    assert officer.index("下一步由您办理") < officer.index("经过")
    assert officer.count('data-variant="primary"') == 1
    dispatcher = visit("dispatcher").get(f"/matters/{number}").content.decode()
    assert "现由他人办理，您可以" in dispatcher
    assert "现由经办人（石溪水务所）处理" in dispatcher
    worker = visit("worker").get(f"/matters/{number}").content.decode()
    assert "现在没有要您办的" in worker


def test_what_one_may_not_see_is_as_what_does_not_exist(city: City, visit: Any) -> None:
    number = small.reported(city).number
    client = visit("stranger")
    unseen, missing = client.get(f"/matters/{number}"), client.get("/matters/0000-0000")
    assert unseen.status_code == missing.status_code == HTTPStatus.NOT_FOUND
    told = [page.content.decode().partition("<main")[2] for page in (unseen, missing)]
    assert told[0] == told[1]
    assert visit().get(f"/matters/{number}")["Location"] == f"/sign-in?next=/matters/{number}"


def test_of_two_who_act_at_once_one_is_told_what_changed(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    seen = hidden(visit("colleague").get(f"/matters/{number}").content.decode(), "seq")
    click(visit("officer"), number, "start")
    answer = visit("colleague").post(f"/matters/{number}/do/start", {"seq": seen, "key": "other"})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "此事项刚被他人办理" in page
    assert re.search(r"在此期间.*开始办理.*何志强", page, re.DOTALL)
    assert "办理完毕" in page


def test_what_was_written_for_an_action_that_came_too_late_is_not_lost(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    client = visit("colleague")
    form = client.get(f"/matters/{number}/do/refuse").content.decode()
    click(visit("officer"), number, "start")
    sent = {"seq": hidden(form, "seq"), "key": hidden(form, "key"), "reason": "属燃气公司管线"}
    answer = client.post(f"/matters/{number}/do/refuse", sent)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "属燃气公司管线" in answer.content.decode()


def test_a_form_that_came_late_but_is_still_possible_keeps_its_answers(city: City, visit: Any) -> None:
    done = small.assigned(city)
    small.act(city, "officer", "start", done.matter)
    client = visit("colleague")
    form = client.get(f"/matters/{done.number}/do/finish").content.decode()
    small.act(city, "supervisor", "extend", done.matter, reason="管网复杂")
    sent = {"seq": hidden(form, "seq"), "key": hidden(form, "key"), "result": "已清淤"}
    answer = client.post(f"/matters/{done.number}/do/finish", sent)
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "已清淤" in page
    assert "准予延期" in page
    sent["seq"] = hidden(page, "seq")
    client.post(f"/matters/{done.number}/do/finish", sent)
    assert Matter.objects.get(pk=done.matter).state == "checking"


def test_a_double_click_is_one_act(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    client = visit("officer")
    page = client.get(f"/matters/{number}").content.decode()
    sent = {"seq": hidden(page, "seq"), "key": hidden(page, "key")}
    first, second = (client.post(f"/matters/{number}/do/start", sent) for _ in range(2))
    assert first["Location"] == second["Location"] == f"/matters/{number}"
    assert Matter.objects.get(number=number).seq == 3


def test_an_action_not_ones_own_says_whose_it_is(city: City, visit: Any) -> None:
    number = small.reported(city).number
    answer = visit("worker").get(f"/matters/{number}/do/assign")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "只能由调度员进行" in answer.content.decode()
    sent = {"seq": 1, "key": "k", "category": DRAINS, "unit": city.water.pk}
    assert visit("worker").post(f"/matters/{number}/do/assign", sent).status_code == HTTPStatus.FORBIDDEN
    assert Matter.objects.get(number=number).state == "reported"


def test_wrong_answers_come_back_with_what_was_right(city: City, visit: Any) -> None:
    number = small.reported(city).number
    answer = visit("dispatcher").post(f"/matters/{number}/do/assign", {"category": DRAINS, "remark": "尽快"})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "承办单位：请填写此项" in page
    assert re.search(rf'value="{re.escape(DRAINS)}"\s+checked', page)
    assert "尽快</textarea>" in page


def test_the_form_suggests_kind_and_unit_with_their_ground(city: City, visit: Any) -> None:
    number = small.reported(city).number
    page = visit("dispatcher").get(f"/matters/{number}/do/assign").content.decode()
    assert re.search(rf'name="category" value="{re.escape(DRAINS)}"\s+checked', page)
    assert re.search(rf'name="unit" value="{city.water.pk}"\s+checked', page)
    assert "含关键词" in page
    assert "依职责表" in page


def test_a_matter_is_merged_by_the_number_of_another_that_one_sees(city: City, visit: Any) -> None:
    original, again = small.reported(city), small.reported(city)
    client = visit("dispatcher")
    assert original.number in client.get(f"/matters/{again.number}").content.decode()
    for wrong in ("0000-0000", again.number):
        answer = client.post(f"/matters/{again.number}/do/merge", {"original": wrong})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    click(client, again.number, "merge", original=original.number.lower())
    assert Matter.objects.get(pk=original.matter).reports == 2
    assert "已并入" in client.get(f"/matters/{again.number}").content.decode()


def test_each_due_time_says_how_it_came_about(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    page = visit("officer", language="en").get(f"/matters/{number}").content.decode()
    assert "So it is due on" in page
    assert "Civil Code" in page or "working" in page


def test_what_is_personal_stays_with_those_involved(city: City, visit: Any) -> None:
    number = small.reported(city, contact="13800000000").number
    assert "13800000000" in visit("dispatcher").get(f"/matters/{number}").content.decode()
    Post.objects.filter(pk=city.posts["supervisor"].pk).update(role="commander")
    page = visit("supervisor").get(f"/matters/{number}").content.decode()
    assert number in page
    assert "13800000000" not in page
    assert "写给经办的人" not in page


def test_units_that_join_in_are_shown_as_far_as_they_are_seen(city: City, visit: Any) -> None:
    done = small.assigned(city)
    small.act(city, "officer", "join", done.matter, units=[city.streets.pk], task="清理占道杂物")
    child = Matter.objects.get(parent=done.matter)
    assert f"/matters/{child.number}" in visit("dispatcher").get(f"/matters/{done.number}").content.decode()
    page = visit("officer").get(f"/matters/{done.number}").content.decode()
    assert child.number not in page
    assert "另有 1 项任务由其他单位办理中" in page


def test_a_comment_is_said_to_those_involved(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    client = visit("officer")
    answer = client.post(f"/matters/{number}/comment", {"text": "已联系养护队。", "key": "c"}, follow=True)
    assert "已联系养护队。" in answer.content.decode()
    client.post(f"/matters/{number}/comment", {"text": "已联系养护队。", "key": "c"})
    assert Matter.objects.get(number=number).seq == 3
    empty = client.post(f"/matters/{number}/comment", {"text": " "})
    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_files_are_for_those_alone_who_see_the_matter(city: City, visit: Any, tmp_path: Any) -> None:
    sha256 = keep(SimpleUploadedFile("现场.jpg", small.picture()), "现场.jpg").sha256  # type: ignore[arg-type]
    paper = keep(SimpleUploadedFile("a.pdf", b"%PDF-1.4 x"), "说明.pdf").sha256  # type: ignore[arg-type]
    number = small.reported(city, photos=[sha256, paper]).number
    client = visit("dispatcher")
    assert f"/files/{sha256}/thumb" in client.get(f"/matters/{number}").content.decode()
    picture = client.get(f"/matters/{number}/files/{sha256}")
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["Content-Disposition"].startswith("inline")
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "private" in picture["Cache-Control"]
    assert len(b"".join(client.get(f"/matters/{number}/files/{sha256}/thumb"))) > 500
    assert client.get(f"/matters/{number}/files/{paper}")["Content-Disposition"].startswith("attachment")
    for who in ("stranger", "officer"):
        assert visit(who).get(f"/matters/{number}/files/{sha256}").status_code == HTTPStatus.NOT_FOUND
    other = small.reported(city, "路灯不亮").number
    assert client.get(f"/matters/{other}/files/{sha256}").status_code == HTTPStatus.NOT_FOUND
    assert Attachment.objects.count() == 2


def test_the_record_is_verified_before_the_readers_eyes(city: City, visit: Any) -> None:
    done = small.closed(city)
    page = visit("worker").get(f"/matters/{done.number}/record").content.decode()
    assert "记录完好" in page
    assert len(re.findall(r"<code[^>]*>[0-9a-f]{64}</code>", page)) == done.seq


def test_an_entry_that_was_altered_is_named(city: City, visit: Any) -> None:
    done = small.closed(city)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE record_entry DISABLE TRIGGER ALL")
        cursor.execute(
            "UPDATE record_entry SET body = jsonb_set(body, '{state}', '\"closed\"') WHERE subject = %s AND seq = 3",
            [done.matter],
        )
        cursor.execute("ALTER TABLE record_entry ENABLE TRIGGER ALL")
    page = visit("worker", language="en").get(f"/matters/{done.number}/record").content.decode()
    assert "The chain does not hold" in page
    assert page.count("It was changed after it was written.") == 1
