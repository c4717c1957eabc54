"""`mumian procedures`: check, show and publish definitions, and move matters to a new version."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.syntax import Syntax
from rich.table import Table

from mumian.cli.frame import complaints, console, language, prepare, ready

app = typer.Typer(name="procedures", help="流程 · Procedures: check, show, publish.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="定义文件 (YAML) · The definition.", exists=True, dir_okay=False)]


@app.command()
def check(files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]) -> None:
    """检查定义 · Prove definitions; every fault is named with file, line and cure."""
    ready()
    from mumian.engine.definition import BrokenDefinition, read
    from mumian.engine.prover import prove

    faults = 0
    for file in files:
        try:
            source = read(file.read_text(encoding="utf-8"), str(file))
            problems = prove(source)
        except BrokenDefinition as error:
            problems = error.problems
        for problem in problems:
            complaints.print(str(problem), style="red", markup=False, highlight=False)
        if not problems:
            console.print(f"✓ {file}", style="green")
        faults += len(problems)
    raise typer.Exit(1 if faults else 0)


@app.command()
def show(name: Annotated[str, typer.Argument(help="流程名 · Name; all if left out.")] = "") -> None:
    """查看流程 · List procedures, or show one as it is published."""
    prepare()
    from mumian.engine.models import ProcedureVersion

    rows = ProcedureVersion.objects.order_by("name", "-version")
    if name:
        found = rows.filter(name=name).first()
        if found is None:
            complaints.print(f"没有流程 {name} · There is no procedure {name}")
            raise typer.Exit(1)
        console.print(Syntax(found.text, "yaml", word_wrap=True))
        return
    table = Table("流程 · Procedure", "版本 · Version", "状态 · Status", "发布 · Published")
    for row in rows:
        when = f"{row.published_at:%Y-%m-%d %H:%M}" if row.published_at else ""
        table.add_row(row.name, str(row.version), str(row.get_status_display()), when)
    console.print(table)


@app.command()
def publish(file: File) -> None:
    """发布定义 · Prove a definition and publish it as the next version."""
    prepare()
    from mumian.engine.definition import read
    from mumian.engine.publishing import publish as publish_version

    row = publish_version(read(file.read_text(encoding="utf-8"), str(file)))
    console.print(f"✓ {row.name} {row.version}", style="green")


@app.command()
def migrate(name: str, version: int) -> None:
    """迁移在办事项 · Move the open matters of a procedure to a version, each by an entry of its own."""
    prepare()
    from mumian.engine.perform import Refused
    from mumian.engine.publishing import move_matters

    word = "zh" if language() != "en" else "en"
    refused: Counter[str] = Counter()
    moved = 0
    for result in move_matters(name, version):
        if isinstance(result, Refused):
            refused[getattr(result.reasons[0], word)] += 1
        else:
            moved += 1
    console.print(f"✓ {moved:,}")
    for reason, count in refused.most_common():
        complaints.print(f"✗ {count:,}: {reason}")


@app.command()
def schema() -> None:
    """定义语言的 JSON Schema · The JSON Schema of definitions, for editors."""
    ready()
    from mumian.engine.definition import json_schema

    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
