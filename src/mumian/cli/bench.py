"""`mumian bench`: how fast it is, each path beside what the machine can do in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote

import typer
from rich.table import Table

from mumian.bench.result import shown
from mumian.cli.frame import console, ready
from mumian.errors import MumianError

app = typer.Typer()

DATABASE = "mumian_bench"


@app.command()
def bench(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · Print an object.")] = False,
    quick: Annotated[bool, typer.Option(help="只看能否运行 · A small run that says little.")] = False,
    only: Annotated[str, typer.Option(help="只测一项 · One path alone.")] = "",
) -> None:
    """性能测量 · Measure each path in a database of its own; the ratio is what to keep over time."""
    ready()
    with _own_database() as url:
        command = [sys.executable, "-m", "mumian.bench", *(["--quick"] if quick else []), f"--only={only}"]
        done = subprocess.run(
            command,
            env={**os.environ, "DATABASE_URL": url},
            stdout=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        raise MumianError(
            "mumian bench", reason=f"it ended with code {done.returncode}", cure="See the lines above"
        )
    figures = json.loads(done.stdout)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    table = Table("路径 · Path", "结果 · Figure", "对照 · Against", "比值 · Ratio", "目标 · Aim", "")
    for name, figure in figures.items():
        against = (
            f"{figure['against']:,.0f}  {figure['against_what']}"
            if figure["against"] is not None
            else figure["against_what"]
        )
        table.add_row(
            name,
            f"{shown(figure['value'])} {figure['unit']}",
            against,
            "" if figure["ratio"] is None else f"{figure['ratio']:.2f}",
            figure["aim"],
            "✓" if figure["met"] else "✗",
        )
    console.print(table)


@contextmanager
def _own_database() -> Iterator[str]:
    """A fresh database beside the program's own, dropped afterwards; yields its URL."""
    from django.db import connection

    connection.ensure_connection()
    info = connection.connection.info
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    secret = f":{quote(info.password, safe='')}" if info.password else ""
    address = f"postgresql://{quote(info.user)}{secret}@/{DATABASE}?host={quote(info.host, safe='')}&port={info.port}"
    try:
        yield address
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
