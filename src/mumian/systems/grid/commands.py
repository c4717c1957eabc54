"""`mumian patrols`: which checklists are walked where."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mumian.cli.frame import console, language, prepare
from mumian.errors import MumianError

app = typer.Typer(name="patrols", help="巡查 · Patrols: which are walked where.", no_args_is_help=True)


@app.command()
def show() -> None:
    """查看清单与计划 · The checklists there are, and where they are walked."""
    prepare()
    from mumian.systems.grid.checklists import checklists
    from mumian.systems.grid.models import PatrolPlan

    word = "en" if language() == "en" else "zh"
    places: dict[str, list[str]] = {}
    for plan in PatrolPlan.objects.filter(active=True).order_by("place"):
        places.setdefault(plan.checklist, []).append(plan.place)
    table = Table("清单 · Checklist", "", "频次 · Frequency", "项 · Items", "地点 · Places")
    for name, one in checklists().items():
        where = ", ".join(places.get(name, []))
        table.add_row(name, one.title[word], one.frequency, str(len(one.items)), where)
    console.print(table)


@app.command()
def walk(checklist: str, place: Annotated[str, typer.Argument(help="地点编码 · Place code.")]) -> None:
    """按清单巡查某地各网格 · Walk a checklist in every grid of a place from now on; plans the first round at once."""
    prepare()
    from django.utils import timezone

    from mumian.place.codes import normalise
    from mumian.systems.grid.checklists import checklists
    from mumian.systems.grid.models import PatrolPlan
    from mumian.systems.grid.patrols import plan_patrols

    if checklist not in checklists():
        names = ", ".join(checklists())
        raise MumianError(
            checklist, reason="没有这个清单 · there is no such checklist", cure=f"可用 · Use: {names}"
        )
    PatrolPlan.objects.update_or_create(
        checklist=checklist, place=normalise(place), defaults={"active": True}
    )
    console.print(f"✓ {plan_patrols(timezone.now()):,}")


@app.command()
def stop(checklist: str, place: str) -> None:
    """停止巡查 · Plan no more rounds of a checklist at a place."""
    prepare()
    from mumian.place.codes import normalise
    from mumian.systems.grid.models import PatrolPlan

    stopped = PatrolPlan.objects.filter(checklist=checklist, place=normalise(place)).update(active=False)
    console.print(f"✓ {stopped}")
