"""Which database is used is read from one variable, and what cannot be used is told with its cure."""

import pytest

from mumian import database
from mumian.errors import MumianError


def read(url: str) -> database.DatabaseConfig:
    return database.configuration(environ={"DATABASE_URL": url})


def test_without_a_url_the_program_uses_a_server_of_its_own():
    found = database.configuration(wanted="somewhere", environ={})
    assert found["NAME"] == "somewhere"
    assert found["EMBEDDED"]["folder"].endswith("postgres")


def test_a_url_names_host_port_account_and_database():
    found = read("postgresql://clerk:p%40ss@db.example:6432/city")
    assert {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "city",
        "USER": "clerk",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert "EMBEDDED" not in found


@pytest.mark.parametrize(
    "url", ["postgresql:///city?host=/run/postgresql", "postgres://%2Frun%2Fpostgresql/city"]
)
def test_a_url_may_name_a_unix_socket(url: str):
    assert read(url)["HOST"] == "/run/postgresql"


def test_what_else_a_url_says_is_handed_on_to_the_server():
    assert read("postgresql://db/city?sslmode=require")["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://db/city", "only PostgreSQL"),
        ("db.example/city", "only PostgreSQL"),
        ("postgresql://db.example", "names no database"),
        ("postgresql://db.example/city?colour=red", "colour"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_reason_and_cure(url: str, reason: str):
    with pytest.raises(MumianError) as refused:
        read(url)
    assert refused.value.thing == "DATABASE_URL"
    assert reason in str(refused.value.reason)
    assert database.EXAMPLE in str(refused.value.cure)
