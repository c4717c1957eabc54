"""`mumian justice`: the roster of lawyers from a table and to a table; keys of agencies, packages that come as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mumian.cli.frame import console, prepare
from mumian.cli.tables import File, Report, import_recorded, place_of
from mumian.systems.justice.packages import commands as packages

app = typer.Typer(
    name="justice", help="跨部门办案与法律援助 · Criminal cases and legal aid.", no_args_is_help=True
)
app.add_typer(packages.key)
app.command(name="take-in")(packages.take_in)
app.command()(packages.check)
Out = Annotated[
    Path | None, typer.Option(help="写入文件，缺省为标准输出 · The file; standard output if unsaid.")
]


@app.callback()
def justice() -> None:
    """跨部门办案与法律援助 · Criminal cases and legal aid."""


@app.command()
def import_lawyers(file: File, report: Report = None) -> None:
    """导入律师:code, name, unit, place, firm, fields, languages, capacity, aid · Import lawyers."""
    prepare()
    from functools import partial

    from mumian.engine.perform import keyed_id
    from mumian.systems.justice import importing

    run = partial(importing.import_lawyers, place_of=place_of)
    import_recorded(file, report, "import-lawyers", run, subject=keyed_id("justice"))


@app.command()
def export_lawyers(out: Out = None) -> None:
    """导出律师 · Export lawyers, so that the file can be imported again."""
    prepare()
    from mumian.systems.justice.importing import export

    if out is None:
        export(sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        console.print(f"✓ {export(file):,}")
