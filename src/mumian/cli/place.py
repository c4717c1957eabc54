"""`mumian place`: import places, find them, divide one into grids."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from mumian.cli.frame import complaints, console, language, prepare
from mumian.cli.tables import Report, import_table
from mumian.errors import MumianError

app = typer.Typer(name="place", help="地点 · Places: import, locate, divide.", no_args_is_help=True)

Within = Annotated[str, typer.Option(help="所在地点编码 · The place in which all lie.")]


@app.command("import")
def import_places(
    file: Annotated[Path, typer.Argument(help="CSV 或 GeoJSON", exists=True, dir_okay=False)],
    within: Within = "",
    level: Annotated[str, typer.Option(help="层级 · Level: district, town, community, grid …")] = "",
    crs: Annotated[str, typer.Option(help="坐标系 · wgs84, gcj02 or bd09; found by itself if unsaid.")] = "",
    report: Report = None,
) -> None:
    """导入地点 · Import places from a table of codes or from GeoJSON. The same file again changes nothing."""
    prepare()
    from mumian.engine import world
    from mumian.place.codes import Level
    from mumian.place.coordinates import CoordinateSystem
    from mumian.place.importing import import_csv, import_geojson

    if file.suffix.lower() in (".json", ".geojson"):
        run = partial(
            import_geojson,
            within=within,
            level=_one_of(level, {one.word: one for one in Level}, "--level") if level else None,
            system=_one_of(crs, {one.value: one for one in CoordinateSystem}, "--crs") if crs else None,
        )
    else:
        run = partial(import_csv, within=within)
    done = import_table(file, report, run, lambda done: world.changed())
    for note in getattr(done, "notes", ()):
        console.print(note, highlight=False)
    if done.rejected:
        raise typer.Exit(1)


@app.command()
def locate(
    lon: Annotated[float, typer.Argument(help="经度 (WGS-84)")],
    lat: Annotated[float, typer.Argument(help="纬度 (WGS-84)")],
) -> None:
    """查找坐标所在地点 · The deepest place in which a point lies."""
    prepare()
    from mumian.place.loading import current_atlas

    atlas = current_atlas()
    code = atlas.locate_one(lon, lat)
    if not code:
        complaints.print("此点不在任何已知地点内 · This point lies in no place known here")
        raise typer.Exit(1)
    console.print(f"{code}  {atlas.chain(code, 'en' if language() == 'en' else 'zh')}")


@app.command()
def divide(
    code: Annotated[str, typer.Argument(help="要划分的地点编码 · The place to be divided.")],
    points: Annotated[Path, typer.Argument(help="CSV: lon,lat,weight", exists=True, dir_okay=False)],
    parts: Annotated[int, typer.Argument(help="份数 · Into how many grids.", min=2)],
    out: Annotated[Path, typer.Option(help="结果 (GeoJSON) · Where the result goes.")] = Path(
        "grids.geojson"
    ),
) -> None:
    """划分网格 · Divide a place into connected, compact grids of equal weight; writes GeoJSON to look at and import."""
    prepare()
    import numpy as np
    import shapely

    from mumian.place.codes import normalise
    from mumian.place.grids import divide_polygon
    from mumian.place.loading import current_atlas

    outline = current_atlas().outline(normalise(code))
    if outline is None:
        raise MumianError(
            code, reason="它没有边界 · it has no outline", cure="先导入边界 · Import its outline first"
        )
    weighted = np.array(_points(points))
    grids = divide_polygon(outline, weighted[:, :2], weighted[:, 2], parts)
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"{number:03}网格"},
            "geometry": json.loads(shapely.to_geojson(grid)),
        }
        for number, grid in enumerate(grids, 1)
    ]
    content = {"type": "FeatureCollection", "features": features}
    out.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    console.print(
        f"✓ {len(grids)} → {out}    mumian place import {out} --within {code} --level grid --crs wgs84"
    )


def _points(file: Path) -> list[tuple[float, float, float]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        try:
            return [
                (float(r["lon"]), float(r["lat"]), float(r.get("weight") or 1))
                for r in csv.DictReader(opened)
            ]
        except (KeyError, ValueError) as error:
            raise MumianError(
                file,
                reason=f"有一行无法读取 · a row cannot be read: {error}",
                cure="列名应为 lon,lat,weight，均为数字 · The columns are lon,lat,weight, all numbers",
            ) from error


def _one_of(text: str, known: dict[str, Any], option: str) -> Any:
    found = known.get(text.lower())
    if found is None:
        raise MumianError(f"{option} {text}", reason="不认识 · it is not known", cure=" · ".join(known))
    return found
