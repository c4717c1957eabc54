"""What the tests of systems share: the small city of the pages, built once a module, and visitors of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mumian.engine import world
from tests.web.city import City
from tests.web.conftest import _catalogue_compiled, standing, visit

__all__ = ["_catalogue_compiled", "visit"]


@pytest.fixture(autouse=True)
def _papers(papers_at_hand: None) -> None:
    """Papers are made in the test's own process."""


@pytest.fixture(scope="module")
def _city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    with standing(django_db_blocker) as built:
        yield built


@pytest.fixture
def city(_city: City, db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """The small city, with nothing reported yet; its files lie in a folder of the test's own."""
    monkeypatch.setattr(
        world, "LOOK_AGAIN_SECONDS", 3600.0
    )  # so that the number of queries does not depend on time
    settings.PUBLIC_RATE = "0"
    settings.DATA = tmp_path
    world.city()
    return _city
