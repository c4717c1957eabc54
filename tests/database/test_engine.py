"""Django reaches the database through our engine, and a server that is away is told as it is."""

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.db.utils import ConnectionHandler

from mumian import database
from mumian.database.base import DatabaseFeatures, DatabaseWrapper


@pytest.mark.django_db
def test_the_database_answers_and_is_new_enough():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        assert cursor.fetchone()[0] >= DatabaseFeatures.minimum_database_version[0]


@pytest.mark.django_db
def test_a_pool_that_waits_in_vain_says_why():
    config = database.configuration(environ={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/city"})
    config["OPTIONS"]["pool"]["timeout"] = 0.1
    away = ConnectionHandler({"default": config})["default"]
    assert isinstance(away, DatabaseWrapper)
    try:
        with pytest.raises(OperationalError, match="refused"):
            away.ensure_connection()
    finally:
        away.close_pool()


def test_a_database_that_is_away_is_told_with_its_reason_and_cure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/city")
    told = database.unreachable(psycopg.OperationalError("connection refused"))
    assert "refused" in str(told.reason)
    assert "DATABASE_URL" in str(told.cure)
    assert "数据库" in str(told.thing)


def test_there_is_one_database():
    assert list(connections) == ["default"]
