"""The command line answers at once, tells errors without a trace, and ends with the right code."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mumian import cli
from mumian.errors import MumianError


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mumian", *arguments],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_the_commands_without_loading_the_rooms():
    listed = CliRunner().invoke(cli.command_line(), ["--help"]).output
    assert all(command in listed for command in ("demo", "serve", "work"))
    show = "import sys; from mumian import cli; cli.command_line(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert not {"django.db.models", "psycopg", "numpy", "mumian.engine"} & set(loaded.stdout.split())


def test_an_error_of_ours_is_told_with_thing_reason_and_cure_and_no_trace(tmp_path: Path):
    ended = run("serve", MUMIAN_DATA=str(tmp_path), DATABASE_URL="mysql://db/city")
    assert ended.returncode == 1
    assert "DATABASE_URL" in ended.stderr
    assert "postgresql://" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_is_away_is_told_without_a_trace(tmp_path: Path):
    ended = run("work", MUMIAN_DATA=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/city")
    assert ended.returncode == 1
    assert "refused" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_data_folder_that_cannot_be_written_is_named():
    ended = run("serve", MUMIAN_DATA="/proc/nowhere")
    assert ended.returncode == 1
    assert "/proc/nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wrong_command_ends_with_two():
    assert run("fly").returncode == 2


def test_a_mistake_in_the_program_keeps_its_trace(monkeypatch: pytest.MonkeyPatch):
    def broken() -> typer.Typer:
        raise ValueError("a mistake")

    monkeypatch.setattr(cli, "command_line", broken)
    with pytest.raises(ValueError, match="a mistake"):
        cli.main()


def test_an_error_names_its_parts_in_one_line_too():
    error = MumianError("events.csv:7", reason="no date", cure="Give one")
    assert str(error) == "events.csv:7: no date. Give one."
