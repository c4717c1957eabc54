"""What the tests of the pages share: the catalogue compiled, each language in turn, a small city, visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import translation

from mumian.engine import world
from mumian.place import loading
from mumian.web import messages
from tests.web import city as small
from tests.web.city import City

Visit: TypeAlias = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def _catalogue_compiled() -> None:
    messages.compile_catalogues()


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """The code of the language the test runs in: once in each."""
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="package")
def _built(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city, built once for all tests of the pages and taken back after them."""
    with standing(django_db_blocker) as built:
        yield built


@contextmanager
def standing(blocker: Any) -> Iterator[City]:
    """A small city in the database for as long as tests run in it, and nothing of it afterwards."""
    _forget()
    with blocker.unblock(), transaction.atomic():
        built = small.found()
        connection.check_constraints()  # once here, else at the end of every test
        yield built
        transaction.set_rollback(True)
    _forget()


@pytest.fixture
def city(_built: City, db: None, settings: Any, tmp_path: Path) -> City:
    """The small city, with nothing reported yet; its files lie in a folder of the test's own."""
    settings.PUBLIC_RATE = "0"
    settings.DATA = tmp_path
    world.city()
    return _built


@pytest.fixture
def changed_world() -> Iterator[None]:
    """For tests that change what the installation is: afterwards it is looked at again."""
    yield
    _forget()


def _forget() -> None:
    world.forget()
    loading.forget_atlas()


@pytest.fixture
def visit(city: City) -> Visit:
    """`visit("officer")` is the browser of that person signed in, `visit()` of anybody; in Chinese unless said."""

    def visitor(who: str | None = None, *, language: str = "zh-CN") -> Client:
        client = Client(headers={"Accept-Language": language})
        if who:
            client.force_login(city.people[who])
        return client

    return visitor
