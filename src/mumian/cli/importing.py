"""`mumian import`: reports from CSV and XLSX files through the loop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from mumian.cli.frame import console, language, prepare

app = typer.Typer()


@app.command("import")
def import_reports(
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · The file.", exists=True, dir_okay=False)],
    mapping: Annotated[
        Path,
        typer.Option("--mapping", "-m", help="映射文件 (TOML) · From their columns to ours.", exists=True),
    ],
    dry_run: Annotated[bool, typer.Option(help="只检查，不写入 · Only look; store nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="逐行报告 · Where rejected rows are named.")] = None,
) -> None:
    """导入上报 · Import reports. An interrupted import goes on where it stopped; a second one changes nothing."""
    prepare()
    from mumian.intake.importing import run_import
    from mumian.intake.mapping import load_mapping

    spec = load_mapping(mapping)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(file.name, total=None)
        summary = run_import(
            file,
            spec,
            dry_run=dry_run,
            report=report,
            progress=lambda line, last: bar.update(task, completed=line, total=last),
        )
    zh = language() != "en"
    table = Table(show_header=False)
    for title_zh, title_en, count in (
        ("读取行数", "Rows read", summary.rows),
        ("新增事项", "Matters added", summary.added),
        ("此前已导入", "Imported before", summary.known),
        ("有备注", "With a remark", summary.noted),
        ("未能导入", "Rejected", summary.rejected),
    ):
        table.add_row(title_zh if zh else title_en, f"{count:,}")
    console.print(table)
    if summary.resumed_after:
        line = f"{summary.resumed_after:,}"
        console.print(f"接着第 {line} 行继续" if zh else f"Went on after line {line}")
    for rejection in summary.samples[:5]:
        for problem in rejection.problems:
            words = "zh" if zh else "en"
            console.print(f"  {rejection.line}: {problem.column} {problem.value!r} – {problem.reason[words]}")
    if summary.report:
        console.print(f"逐行报告：{summary.report}" if zh else f"Every such row is named in {summary.report}")
