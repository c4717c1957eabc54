"""Every page draws in both languages from the context it documents, with nothing a strict policy forbids."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from mumian.web import errors
from tests.web import samples

MISSING = "(a value the page was not given)"


def drawn(name: str, **more: object) -> str:
    request = RequestFactory().get("/")
    request.resolver_match = None
    return render_to_string(f"web/{name.split()[0]}", samples.PAGES[name]() | more, request)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_needs_no_more_than_the_context_it_documents(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        engines["django"].engine,  # type: ignore[attr-defined]
        "string_if_invalid",
        MISSING,
    )
    assert MISSING not in drawn(name)


@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_says_its_language_and_has_one_heading(name: str, language: str) -> None:
    page = drawn(name)
    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert re.search(r"<title>\S", page)


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.parametrize("name", samples.PAGES)
def test_a_page_has_no_inline_script_or_style(name: str) -> None:
    page = drawn(name)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert "<style" not in page


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("name", samples.PAGES)
def test_no_id_stands_twice_on_a_page(name: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', drawn(name))
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.usefixtures("language")
def test_one_step_stands_out_on_a_matter() -> None:
    assert drawn("matter.html").count('data-variant="primary"') == 1


@pytest.mark.usefixtures("in_english")
def test_a_matter_with_nothing_to_do_says_so() -> None:
    page = drawn("matter.html", next={"acts": [], "said": "The water office starts by today 16:20."})
    assert "Nothing for you to do now" in page
    assert 'data-variant="primary"' not in page


@pytest.mark.usefixtures("in_chinese")
def test_an_empty_board_says_what_to_do() -> None:
    assert "请换一个状态" in drawn("board.html", rows=[])


@pytest.mark.usefixtures("in_chinese")
def test_what_is_late_says_so_in_words() -> None:
    page = drawn("board.html")
    assert "逾期 2 小时" in page
    assert "待人工判断" in page


def test_the_language_follows_the_reader_and_can_be_changed(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    assert "说一声，管到底。" in client.get("/").content.decode()
    client.post("/language", {"language": "en", "next": "/"})
    assert "Say it once." in client.get("/").content.decode()


def test_dark_is_kept_on_the_device(client: Client) -> None:
    assert 'data-color-scheme="auto"' in client.get("/").content.decode()
    answer = client.post("/scheme", {"scheme": "dark", "next": "/track"})
    assert answer.headers["Location"] == "/track"
    assert 'data-color-scheme="dark"' in client.get("/").content.decode()


def test_a_change_of_look_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/scheme", {"scheme": "dark", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert client.post("/scheme", {"scheme": "<b>"}).status_code == HTTPStatus.BAD_REQUEST


def test_sign_in_asks_for_name_and_password(client: Client) -> None:
    page = client.get("/sign-in").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    ("view", "status"),
    [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404), (errors.server_error, 500)],
)
def test_an_error_says_what_to_do_and_shows_no_trace(view: object, status: int) -> None:
    request = RequestFactory().get("/nowhere")
    request.resolver_match = None
    answer = view(request)  # type: ignore[operator]
    assert answer.status_code == status
    assert answer.content.decode().count("<p>") >= 2
    assert "Traceback" not in answer.content.decode()
