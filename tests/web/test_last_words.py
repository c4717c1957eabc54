"""The last words are the reporter's: to confirm, to object, to reopen, and to leave a mark."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mumian.engine.models import Matter
from tests.web import city as small
from tests.web.city import City
from tests.web.test_tracking import link

LANGUAGES = ["zh-CN", "en"]


def press(client: Any, home: str, action: str, **answers: str) -> str:
    page = client.get(home).content.decode()
    assert f"{home}/do/{action}" in page, f"{action} is not offered"
    return client.post(f"{home}/do/{action}", answers, follow=True).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_it_is_settled_is_confirmed_by_one_press_and_once(city: City, visit: Any, language: str) -> None:
    anybody, home = visit(language=language), link(small.closed(city))
    page = press(anybody, home, "agree")
    assert ("确认已解决" if language == "zh-CN" else "Confirm it is settled") in page
    assert "/do/agree" not in page
    assert "/do/reopen" in page


def test_what_was_reopened_and_settled_again_can_be_confirmed_again(city: City, visit: Any) -> None:
    done = small.closed(city)
    home = link(done)
    press(visit(), home, "agree")
    press(visit(), home, "reopen", reason="又堵了")
    small.act(city, "dispatcher", "assign", done.matter, category=small.DRAINS, unit=city.water.pk)
    small.act(city, "officer", "start", done.matter)
    small.act(city, "officer", "finish", done.matter, result="已疏通")
    small.act(city, "worker", "accept", done.matter)
    assert "/do/agree" in visit().get(home).content.decode()


def test_while_it_is_checked_the_reporter_may_object_with_a_reason(city: City, visit: Any) -> None:
    done = small.checking(city)
    home = link(done)
    page = press(visit(), home, "object")
    assert "请填写" in page or "必填" in page or 'aria-invalid="true"' in page
    press(visit(), home, "object", reason="水还在往外冒")
    assert Matter.objects.get(pk=done.matter).state == "working"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_is_one_of_five_words_and_can_be_changed(city: City, visit: Any, language: str) -> None:
    done = small.closed(city)
    anybody, home = visit(language=language), link(done)
    page = anybody.get(home).content.decode()
    words = ["很满意", "满意", "一般", "不满意", "很不满意"]
    if language == "en":
        words = ["Very good", "Good", "Fair", "Poor", "Very poor"]
    assert re.findall(r'name="mark" value="(\d)".*?</strong>([^<]+)<', page) == list(
        zip("54321", words, strict=True)
    )
    page = press(anybody, home, "rate", mark="4")
    assert 'value="4" aria-pressed="true"' in page
    assert words[1] in page
    press(anybody, home, "rate", mark="2")
    assert Matter.objects.get(pk=done.matter).mark == 2


def test_a_mark_may_come_with_a_few_words(city: City, visit: Any) -> None:
    home = link(small.closed(city))
    form = visit().get(f"{home}/do/rate").content.decode()
    assert form.count('type="radio"') == 5
    assert "处理及时" in press(
        visit(), home, "rate", mark="5", remark="处理及时，谢谢师傅们冒雨赶来。" + "。" * 100
    )
