"""A real browser for the tests of pages: the system's Chromium, else one fetched, else a loud notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from mumian.engine import world
from mumian.place.loading import forget_atlas
from mumian.web import messages
from tests.conftest import NO_BROWSER
from tests.web import city as small
from tests.web.city import City

HERE = Path(__file__).parent
AXE = HERE.parents[1] / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
SYSTEM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
DEBIAN = ["chromium", "fonts-noto-cjk"]
FETCH_SECONDS = 600
PATIENCE = 15_000
"""Milliseconds a page may take before something is wrong; a busy machine is slow."""
PHONE: ViewportSize = {"width": 360, "height": 740}

expect.set_options(timeout=PATIENCE)

OpenPage: TypeAlias = Callable[..., Page]

# Playwright keeps an event loop in this thread, in which Django would otherwise refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def _found_browser(playwright: Playwright) -> Iterator[Browser | None]:
    browser = _launch(playwright)
    yield browser
    if browser:
        browser.close()


@pytest.fixture
def browser(_found_browser: Browser | None) -> Browser:
    """Chromium, kept for the whole run."""
    if _found_browser is None:
        pytest.skip(NO_BROWSER)
    return _found_browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(locale="zh-CN", width=1280, height=800, **context)` gives a page of a visitor of its own.

    A test fails where a page of it wrote an error into the console, a refused script or style among them.
    """
    contexts, complaints = [], list[str]()

    def opened(*, locale: str = "zh-CN", width: int = 1280, height: int = 800, **context: Any) -> Page:
        visitor = browser.new_context(locale=locale, viewport={"width": width, "height": height}, **context)
        visitor.set_default_timeout(PATIENCE)
        contexts.append(visitor)
        page = visitor.new_page()
        _hearing(page, complaints)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _hearing(page: Page, complaints: list[str]) -> Callable[[], None]:
    """Notes every complaint of a page from now on, until what it returns is called."""

    def failed(error: Error) -> None:
        complaints.append(str(error))

    def told(said: ConsoleMessage) -> None:
        if _is_complaint(said):
            complaints.append(said.text)

    def enough() -> None:
        page.remove_listener("pageerror", failed)
        page.remove_listener("console", told)

    page.on("pageerror", failed)
    page.on("console", told)
    return enough


def _is_complaint(said: ConsoleMessage) -> bool:
    """An error, but not that a page was answered with another status than 200, which is what a test may be about."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of a Chinese-speaking visitor at a desk."""
    return open_page()


READERS: dict[str, dict[str, Any]] = {
    "zh-CN": {"locale": "zh-CN", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "en-GB": {"locale": "en-GB", "color_scheme": "dark", "viewport": PHONE},
}


@pytest.fixture(scope="module")
def _reading(_found_browser: Browser | None) -> Iterator[Callable[[str], Page]]:
    """Opens the page of each reader once a file: styles and scripts are fetched and made ready once."""

    contexts = []

    @cache
    def opened(locale: str) -> Page:
        assert _found_browser is not None
        contexts.append(_found_browser.new_context(**READERS[locale]))
        contexts[-1].set_default_timeout(PATIENCE)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=READERS)
def reader(
    request: pytest.FixtureRequest, browser: Browser, _reading: Callable[[str], Page]
) -> Iterator[Page]:
    """The page of one who only looks, signed in as nobody: in Chinese by day at a desk, in English by night on a phone.

    A test fails where it wrote an error into the console.
    """
    page, complaints = _reading(request.param), list[str]()
    page.context.clear_cookies()
    page.goto("about:blank")
    page.set_viewport_size(READERS[request.param]["viewport"])
    enough = _hearing(page, complaints)
    yield page
    enough()
    assert not complaints, complaints


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` asserts that the page as it now stands breaks no rule of WCAG 2.2 AA known to axe-core."""

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"
            ".then(found => found.violations)",
            WCAG,
        )
        lines = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    {node['target']}  {node['html'][:160]}"
            for rule in found
            for node in rule["nodes"]
        ]
        assert not lines, f"{page.url}\n" + "\n".join(lines)

    return check


def no_wider_than_a_phone(page: Page) -> None:
    """Asserts that on a phone, once the page has settled, nothing sticks out to the side; names what does."""
    page.set_viewport_size(PHONE)
    for _moment in range(20):
        if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
            return
        page.wait_for_timeout(100)
    out: list[str] = page.evaluate(
        "width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width)"
        ".map(e => `${e.tagName}.${e.getAttribute('class')} ends at ${e.getBoundingClientRect().right}: ${e.innerText}`)",
        PHONE["width"],
    )
    pytest.fail(f"{page.url} is wider than a phone\n" + "\n".join(out[:20]), pytrace=False)


@pytest.fixture
def for_everyone(axe: Callable[[Page], None]) -> Callable[..., None]:
    """`for_everyone(page)`: all that can be unfolded is, WCAG 2.2 AA is kept as the page now stands and, unless `once`,
    on a phone too; nothing is wider than a phone, and no English but `words` is left over in a Chinese page."""

    def check(page: Page, *, words: Collection[str] = (), once: bool = False) -> None:
        for summary in page.locator("main details > summary").all():
            if summary.is_visible() and not summary.locator("xpath=..").get_attribute("open"):
                summary.click()
        axe(page)
        page.set_viewport_size(PHONE)
        if not once:
            axe(page)
        no_wider_than_a_phone(page)
        if page.locator("html").get_attribute("lang") != "en":
            found = re.findall(r"(?<![\w/:.-])[A-Za-z]{3,}(?![\w/:.-])", page.locator("main").inner_text())
            assert set(found) <= set(words), "English is left over in a Chinese page"

    return check


@dataclass(frozen=True)
class Site:
    """The small city, served."""

    url: str
    city: City

    def sign_in(self, page: Page, who: str) -> Page:
        """Gives a visitor the session of one who has signed in."""
        client = Client()
        client.force_login(self.city.people[who])
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
        return page


@pytest.fixture(scope="module")
def _site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    """The city is stored and served once for the tests of a file, and swept away after them."""
    messages.compile_catalogues()
    data = tmp_path_factory.mktemp("site")
    with django_db_blocker.unblock(), override_settings(DATA=data, PUBLIC_RATE="0"):
        world.forget()
        forget_atlas()
        server = LiveServer("127.0.0.1:0")
        try:
            yield Site(server.url, small.found())
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
            with connection.cursor() as cursor:  # Django does not count the queue's tables as its own
                cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
            connection.close()  # that of Playwright's loop, which nobody else would close
            world.forget()
            forget_atlas()


@pytest.fixture
def _django_db_helper(_site: Site) -> None:
    """In place of pytest-django's, which would keep what a test does in a transaction the server does not see."""


@pytest.fixture
def site(_site: Site, browser: Browser) -> Site:
    """The small city in a real browser; what one test reports is there for the next."""
    return _site


def _launch(playwright: Playwright) -> Browser | None:
    for find in (_of_the_system, _from_the_package_manager, _of_playwright):
        try:
            if (program := find(playwright)) is not None:
                return playwright.chromium.launch(executable_path=program, args=FLAGS)
        except (Error, OSError, subprocess.SubprocessError) as error:
            print(f"{find.__name__.strip('_')}: {error}", file=sys.stderr)
    return None


def _of_the_system(_: Playwright) -> Path | None:
    return next((Path(path) for name in SYSTEM if (path := shutil.which(name))), None)


def _from_the_package_manager(playwright: Playwright) -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *DEBIAN]):
        _fetch(["apt-get", *command], environment)
    return _of_the_system(playwright)


def _of_playwright(playwright: Playwright) -> Path | None:
    program = Path(playwright.chromium.executable_path)
    if not program.exists():
        _fetch([sys.executable, "-m", "playwright", "install", "chromium"])
    return program if program.exists() else None


def _fetch(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment,
        timeout=FETCH_SECONDS,
    )
