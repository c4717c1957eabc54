"""What the tests of guidance share: the small city of the pages with a procedure to carry answers into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from mumian.engine import world
from mumian.place import loading
from tests.web import city as small
from tests.web.city import City
from tests.web.conftest import _catalogue_compiled, visit

__all__ = ["_catalogue_compiled", "visit"]


@pytest.fixture(scope="package")
def _city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    _forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield small.found()
        transaction.set_rollback(True)
    _forget()


@pytest.fixture
def city(_city: City, db: None, settings: Any, tmp_path: Path) -> City:
    """The small city; its files lie in a folder of the test's own."""
    settings.PUBLIC_RATE = "0"
    settings.DATA = tmp_path
    world.city()
    return _city


def _forget() -> None:
    world.forget()
    loading.forget_atlas()
