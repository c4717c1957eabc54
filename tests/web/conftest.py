"""What the tests of the pages share: the catalogue compiled, and each language in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from mumian.web import messages


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
