"""The way in works in a real browser, in both languages and on a phone, for everyone."""

import pytest


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh-hans"), ("en-GB", "en")])
@pytest.mark.parametrize("width", [360, 1280])
def test_sign_in_speaks_the_readers_language_and_is_accessible(
    live_server, open_page, axe, locale: str, language: str, width: int
):
    page = open_page(locale=locale, width=width)
    page.goto(f"{live_server.url}/sign-in")
    assert page.locator("html").get_attribute("lang") == language
    assert page.get_by_role("textbox").count() >= 1
    axe(page)
