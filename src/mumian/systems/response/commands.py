"""`mumian response`: units, responders and shifts from tables and to tables, roads from OpenStreetMap."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mumian.cli.frame import complaints, console, language, prepare
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
    """导入排班:unit_code, name 或 phone, begins, ends · Import shifts, of name or phone; those that overlap are named."""
    prepare()
    from mumian.systems.response.importing import import_shifts

    _import(file, report, "import-shifts", import_shifts)


@app.command()
def import_beats(file: File, report: Report = None) -> None:
    """导入巡逻路线:unit_code, code, name, weekdays, starts, minutes · Import beats of patrol teams and posts."""
    prepare()
    from mumian.systems.response.importing import import_beats

    _import(file, report, "import-beats", import_beats)


@app.command()
def import_points(file: File, report: Report = None) -> None:
    """导入巡逻点:beat_code, number, name, lon, lat, look · Import points of beats; their rounds are then planned."""
    prepare()
    from django.utils import timezone

    from mumian.systems.response.importing import import_points
    from mumian.systems.response.rounds import plan_rounds

    _import(file, report, "import-points", import_points)
    console.print(f"✓ {plan_rounds(timezone.now()):,} 次巡逻已安排 · rounds planned")


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
def export(
    what: Annotated[str, typer.Argument(help="units | responders | shifts | beats | points")], out: Out = None
) -> None:
    """导出单元、队员、排班、巡逻路线或巡逻点 · Export what can be imported again."""
    prepare()
    from mumian.systems.response.importing import TABLES, export

    if what not in TABLES:
        raise MumianError(what, reason="没有这种表 · there is no such table", cure=" | ".join(TABLES))
    if out is None:
        export(what, sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        console.print(f"✓ {export(what, file):,}")


Area = Annotated[
    str, typer.Option("--place", help="地点编码，缺省为全部 · The code of a place; everything if unsaid.")
]
Within = Annotated[int, typer.Option(help="到达分钟数 1、3、5 · Minutes: 1, 3 or 5.")]
Pace = Annotated[str, typer.Option(help="hurried | walk | drive")]
Kind = Annotated[
    str, typer.Option(help="警情类别前两位 · First two digits of the kind of incident; all if unsaid.")
]
Week = Annotated[
    str,
    typer.Option(help="该周某日，缺省为本周 · A day of the week whose rosters count; this week if unsaid."),
]


@app.command()
def coverage(
    place: Area = "",
    hour: Annotated[
        int, typer.Option(help="一周第几小时 0–167，缺省为全周各小时 · An hour of the week: every grid then.")
    ] = -1,
    minutes: Within = 3,
    pace: Pace = "hurried",
    kind: Kind = "",
    week: Week = "",
    everybody: Annotated[bool, typer.Option(help="假设全部在岗 · As if every unit were on duty.")] = False,
    out: Out = None,
) -> None:
    """按排班各时段能及时到达多少人 · Who is reached in time: each hour of a week, or each grid at one hour."""
    place = _ready_for(place)
    from mumian.systems.response.models import Study
    from mumian.systems.response.studies.asking import answered_here
    from mumian.systems.response.studies.covered import Asked, Covered

    given = {"hour": str(hour), "minutes": str(minutes), "pace": pace, "kind": kind, "week": week}
    asked = Asked.of({**given, "who": "all" if everybody else "roster"}, place)
    found = Covered(answered_here(Study.Kind.COVERAGE, "", asked.question), asked)
    if hour < 0:
        _write(out, Covered.WEEK_HEADER, found.hours())
    else:
        _write(out, Covered.HEADER, found.rows())


@app.command()
def siting(
    place: Area = "",
    count: Annotated[int, typer.Option(help="增设数量 · How many more.")] = 5,
    model: Annotated[str, typer.Option(help="most | all | twice | expected | mean | worst")] = "most",
    what: Annotated[str, typer.Option(help="units | shifts")] = "units",
    sites: Annotated[str, typer.Option(help="places | premises")] = "places",
    hour: Annotated[
        int, typer.Option(help="一周第几小时，缺省为全周 · An hour of the week; all of it if unsaid.")
    ] = -1,
    busy: Annotated[int, typer.Option(help="忙碌百分比 · Per cent of the time a unit is busy.")] = 20,
    minutes: Within = 3,
    pace: Pace = "hurried",
    kind: Kind = "",
    week: Week = "",
    out: Out = None,
) -> None:
    """在哪里增设单元或班次最有效 · Where more units or shifts help most, proved best or with the gap."""
    place = _ready_for(place)
    from mumian.systems.response.models import Study
    from mumian.systems.response.studies import placed
    from mumian.systems.response.studies.asking import answered_here

    given = {
        "count": str(count), "model": model, "what": what, "sites": sites, "busy": str(busy), "minutes": str(minutes),
        "pace": pace, "kind": kind, "week": week, "when": str(hour), "span": "week" if hour < 0 else "hour",
    }  # fmt: skip
    study = answered_here(Study.Kind.SITING, place, placed.read(given))
    said = study.answer or {}
    _write(out, placed.HEADER, placed.rows(placed.sites_of(study)))
    complaints.print(
        f"#{study.pk} {said['before']:.1%} → {said['after']:.1%}, {said['status']}, gap {said['gap']:.2%}, "
        f"{said['seconds']:.1f} s",
        highlight=False,
    )


@app.command()
def simulate(
    place: Area = "",
    weeks: Annotated[int, typer.Option(help="推演周数 · Weeks that are played.")] = 4,
    seed: Annotated[int, typer.Option(help="随机种子 · The same seed, the same weeks.")] = 1,
    rate: Annotated[
        int, typer.Option(help="每周警情数，缺省按记录 · Incidents a week; as on record if unsaid.")
    ] = 0,
    fewer: Annotated[int, typer.Option(help="减少班次百分比 · Per cent of the shifts that fall away.")] = 0,
    siting: Annotated[int, typer.Option(help="选址结果编号 · The number of an answer of siting.")] = 0,
    roster: Annotated[Path | None, typer.Option(help="另一份排班 CSV · Another roster.", exists=True)] = None,
    pace: Pace = "hurried",
    week: Week = "",
    out: Out = None,
) -> None:
    """变动排班会怎样 · What a change of rosters would do: the figures before and after."""
    place = _ready_for(place)
    from datetime import date

    from mumian.systems.response.models import Study
    from mumian.systems.response.studies import played
    from mumian.systems.response.studies.asking import answered_here

    change = "siting" if siting else "roster" if roster else "fewer" if fewer else "none"
    given = {
        "weeks": str(weeks), "seed": str(seed), "rate": str(rate or ""), "fewer": str(fewer), "siting": str(siting),
        "pace": pace, "week": week, "change": change,
    }  # fmt: skip
    asked = played.read(given, place)
    if roster:
        asked["roster"] = played.read_roster(roster, date.fromisoformat(asked["week"]))
    study = answered_here(Study.Kind.SIMULATION, place, asked)
    _write(out, played.HEADER, played.figures(study.answer or {}))


def _ready_for(place: str) -> str:
    """Makes the database ready and gives the code of the place meant."""
    prepare()
    from mumian.engine.world import city

    if place and place_of(place) is None:
        raise MumianError(
            place,
            reason="没有这个地点 · there is no such place",
            cure="请查对地点编码 · Look the code of the place up again",
        )
    return place_of(place) or city().world.top


def _write(out: Path | None, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table into a file, or to standard output."""
    with out.open("w", encoding="utf-8-sig", newline="") if out else nullcontext(sys.stdout) as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


def _import(file: Path, report: Path | None, action: str, run: Callable[..., Imported]) -> None:
    from mumian.engine.perform import keyed_id

    import_recorded(file, report, action, run, subject=keyed_id("response"))
