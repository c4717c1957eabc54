"""`mumian record`: is the record whole?"""

from __future__ import annotations

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from mumian.cli.frame import complaints, console, language, ready

app = typer.Typer(name="record", help="存证 · The record.", no_args_is_help=True)

WORDS = {
    "altered": ("内容被改动", "has been altered"),
    "missing": ("缺失", "is missing"),
    "reordered": ("次序被调换", "has been moved from another place"),
    "surplus": ("多出来的记录", "stands after the last entry its matter knows of"),
    "personal": ("个人信息与承诺不符", "has a personal value that is not the one committed to"),
}
MOST = 200


@app.callback()
def _group() -> None:
    pass


@app.command()
def verify() -> None:
    """核验全部记录 · Verify every entry; names each that is altered, missing or out of order."""
    ready()
    from mumian.record.verifying import verify_all

    zh = language() != "en"
    seen = faults = 0
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("")

        def progress(entries: int) -> None:
            nonlocal seen
            seen += entries
            if seen % 5000 < entries:
                bar.update(task, description=f"{seen:,} 条" if zh else f"{seen:,} entries")

        for fault in verify_all(progress):
            faults += 1
            if faults <= MOST:
                said = WORDS[fault.what][0 if zh else 1]
                complaints.print(
                    f"✗ {fault.subject} 第 {fault.seq} 条：{said}"
                    if zh
                    else f"✗ entry {fault.seq} of {fault.subject} {said}",
                    highlight=False,
                )
    if faults:
        complaints.print(
            f"共 {faults:,} 处不符" if zh else f"{faults:,} faults in {seen:,} entries", style="bold red"
        )
        raise typer.Exit(1)
    console.print(f"✓ {seen:,} 条记录全部完好" if zh else f"✓ all {seen:,} entries hold", style="green")
