"""`mumian people`: what one types and what one is told."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from mumian.cli import people
from mumian.engine.installing import install_roles
from mumian.engine.models import Installation
from mumian.errors import MumianError
from mumian.people.models import Organisation, Person, Post, Token
from mumian.place.region import Region
from mumian.place.storing import store
from mumian.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "prepare", lambda: None)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    Installation.objects.create(key=bytes(32))
    install_roles({"officer": {"title": {"zh": "经办人", "en": "Officer"}}})
    store([Region("4401", "木棉市"), Region("440103", "越秀区")])


@pytest.fixture
def run(tmp_path):
    def typed(*words, table=""):
        file = tmp_path / "table.csv"
        file.write_text(table, encoding="utf-8")
        meant = [str(file) if word == "FILE" else word for word in words]
        return CliRunner().invoke(people.app, meant, catch_exceptions=False)

    return typed


UNITS = "code,name,parent_code,place\na,水务局,,440100\nb,水务所,a,440103\nc,无上级,z,\nd,无此地点,,999999\n"
POSTS = "username,name,role,organisation_code,place\nli,李明,officer,b,440103\n"


def test_units_go_in_and_every_bad_row_is_named(run, tmp_path):
    report = tmp_path / "bad.csv"
    done = run("import-organisations", "FILE", "--report", str(report), table=UNITS)
    assert done.exit_code == 1
    assert "2 added, 0 changed, 0 as they were, 2 rejected" in done.output
    assert "line 4 parent_code “z”: there is no unit with this code" in done.output.replace("\n", " ")
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert [(row["line"], row["column"]) for row in csv.DictReader(file)] == [
            ("5", "place"),
            ("4", "parent_code"),
        ]
    assert Organisation.objects.get(code="a").place == "4401"
    assert Entry.objects.get(subject=people.SUBJECT).body["added"] == 2


def test_the_same_file_again_leaves_no_trace(run):
    good = "\n".join(UNITS.splitlines()[:3]) + "\n"
    run("import-organisations", "FILE", table=good)
    again = run("import-organisations", "FILE", table=good)
    assert again.exit_code == 0
    assert "2 as they were" in again.output
    assert Entry.objects.filter(subject=people.SUBJECT).count() == 1


def test_a_token_is_shown_once_and_ends(run):
    run("import-organisations", "FILE", table=UNITS)
    run("import-posts", "FILE", table=POSTS)
    secret = run("token", "li", "--title", "hotline", "--days", "30").stdout.strip().splitlines()[-1]
    token = Token.objects.get(hash=Token.digest(secret))
    assert token.post == Post.objects.get()
    assert token.ends
    assert token.ends - timezone.now() < timedelta(days=30)


def test_a_token_names_its_post_where_there_are_several(run):
    run("import-organisations", "FILE", table=UNITS)
    run("import-posts", "FILE", table=POSTS + "li,李明,officer,a,4401\n")
    with pytest.raises(MumianError, match="--role officer --organisation a"):
        run("token", "li", "--title", "hotline")
    assert run("token", "li", "--title", "hotline", "--organisation", "a").exit_code == 0


def test_a_password_is_set_and_a_weak_one_refused(run):
    run("import-organisations", "FILE", table=UNITS)
    run("import-posts", "FILE", table=POSTS)
    with pytest.raises(MumianError):
        CliRunner().invoke(people.app, ["password", "li"], input="short\nshort\n", catch_exceptions=False)
    typed = "a long password\n" * 2
    CliRunner().invoke(people.app, ["password", "li"], input=typed, catch_exceptions=False)
    assert Person.objects.get(username="li").check_password("a long password")


def test_one_whom_nobody_knows_is_told(run):
    with pytest.raises(MumianError, match="nobody"):
        run("token", "nobody", "--title", "x")
