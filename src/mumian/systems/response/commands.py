"""`mumian response`: units, responders and shifts from tables and to tables, roads from OpenStreetMap."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mumian.cli.frame import console, language, prepare
from mumian.cli.tables import File, Imported, Report, import_recorded, place_of
from mumian.errors import MumianError

app = typer.Typer(
    name="response", help="最小应急单元 · Emergency units, their people and rosters.", no_args_is_help=True
)
Out = Annotated[
    Path | None, typer.Option(help="写入文件，缺省为标准输出 · The file; standard output if unsaid.")
]


@app.command()
def import_units(file: File, report: Report = None) -> None:
    """导入单元:code, name, place, lon, lat, premises, kinds, equipment, leader, phone · Import units."""
    prepare()
    from mumian.systems.response.importing import import_units, without_responders

    _import(file, report, "import-units", partial(import_units, place_of=place_of))
    if alone := without_responders():
        said = "没有队员，不会被呼叫" if language() != "en" else "without responders, never called"
        more = " …" if len(alone) > 10 else ""
        console.print(f"⚠ {len(alone):,} {said}: {', '.join(alone[:10])}{more}", highlight=False)


@app.command()
def import_responders(file: File, report: Report = None) -> None:
    """导入队员:unit_code, name, phone, username, skills · Import responders."""
    prepare()
    from mumian.systems.response.importing import import_responders

    _import(file, report, "import-responders", import_responders)


@app.command()
def import_shifts(file: File, report: Report = None) -> None:
    """导入排班:unit_code, phone, begins, ends · Import shifts; those that overlap are named."""
    prepare()
    from mumian.systems.response.importing import import_shifts

    _import(file, report, "import-shifts", import_shifts)


@app.command()
def import_roads(file: File) -> None:
    """导入路网 .osm.pbf,路程按路网计算 · Import roads from OpenStreetMap; ways are then reckoned by them."""
    prepare()
    from mumian.systems.response.nearest import roads_file
    from mumian.systems.response.network import Mode
    from mumian.systems.response.roads import import_networks

    with console.status(file.name):
        networks = import_networks(file)
        path = roads_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        for mode, network in networks.items():
            network.save(path.with_name(f"{mode.value}.npz"))
    walk = networks[Mode.WALK]
    console.print(f"✓ {walk.nodes:,} · {len(walk.cut_off()):,} cut off · 未连通")


@app.command()
def export(what: Annotated[str, typer.Argument(help="units | responders | shifts")], out: Out = None) -> None:
    """导出单元、队员或排班 · Export what can be imported again."""
    prepare()
    from mumian.systems.response.importing import export

    if what not in ("units", "responders", "shifts"):
        raise MumianError(
            what, reason="没有这种表 · there is no such table", cure="units | responders | shifts"
        )
    if out is None:
        export(what, sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        console.print(f"✓ {export(what, file):,}")


def _import(file: Path, report: Path | None, action: str, run: Callable[..., Imported]) -> None:
    from mumian.engine.perform import keyed_id

    import_recorded(file, report, action, run, subject=keyed_id("response"))
