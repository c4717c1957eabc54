"""The small city in the database: stored once for all tests of the engine, and for each as if untouched."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from mumian.engine import world
from mumian.place.loading import forget_atlas
from tests.engine.city import found

MATTERS = "engine_matter, engine_clock, engine_holder, engine_attachment, record_entry, record_personal"


@pytest.fixture(scope="session")
def test_database(django_db_setup, django_db_blocker):
    """The test database, which pytest-django makes only where some test asks for `db`."""
    if connection.settings_dict["NAME"] == connection.settings_dict["TEST"]["NAME"]:
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=0, interactive=False, aliases={"default": None}, serialized_aliases=[]
        )
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="package")
def founded(test_database, django_db_blocker):
    """The city, committed; the database is emptied again after the last test of the engine."""
    with django_db_blocker.unblock():
        found()
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)
        world.forget()
        forget_atlas()


@pytest.fixture
def city(founded, db):
    """The city within a transaction that is taken back after the test."""
    before = world.city()
    yield
    if world.city() is not before:
        world.forget()


@pytest.fixture(scope="module")
def standing(founded, django_db_blocker):
    """The city with no transaction around the tests: for threads, and for what looks at what was committed.

    What a module's tests store stays until its end; each works on matters of its own.
    """
    with django_db_blocker.unblock():
        yield
        clear_matters()


def clear_matters() -> None:
    """Takes all matters and their entries away."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {MATTERS} CASCADE")
