"""`mumian mediation`: organisations, mediators and ties from tables and to tables; many disputes matched at once."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mumian.cli.frame import console, prepare
from mumian.cli.tables import File, Report, import_recorded, place_of
from mumian.errors import MumianError

app = typer.Typer(
    name="mediation", help="调解组织与调解员 · Organisations and mediators.", no_args_is_help=True
)
Out = Annotated[
    Path | None, typer.Option(help="写入文件，缺省为标准输出 · The file; standard output if unsaid.")
]


@app.command()
def import_bodies(file: File, report: Report = None) -> None:
    """导入调解组织:code, name, sort, fields, place, address, lon, lat, phone, hours, fee · Import organisations."""
    _import(file, report, "bodies")


@app.command()
def import_mediators(file: File, report: Report = None) -> None:
    """导入调解员:code, name, body_code, sort, fields, languages, place, reach, capacity · Import mediators."""
    _import(file, report, "mediators")


@app.command()
def import_ties(file: File, report: Report = None) -> None:
    """导入利害关系:mediator_code, sort, name · Import ties: for these a mediator never mediates."""
    _import(file, report, "ties")


@app.command()
def export(what: Annotated[str, typer.Argument(help="bodies | mediators | ties")], out: Out = None) -> None:
    """导出 · Export what can be imported again."""
    prepare()
    from mumian.systems.mediation.importing import export

    if what not in ("bodies", "mediators", "ties"):
        raise MumianError(
            what, reason="没有这种表 · there is no such table", cure="bodies | mediators | ties"
        )
    if out is None:
        export(what, sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        console.print(f"✓ {export(what, file):,}")


def _import(file: Path, report: Path | None, what: str) -> None:
    prepare()
    from mumian.engine.perform import keyed_id
    from mumian.systems.mediation import importing

    run = getattr(importing, f"import_{what}")
    if what != "ties":
        run = partial(run, place_of=place_of)
    import_recorded(file, report, f"import-{what}", run, subject=keyed_id("mediation"))
