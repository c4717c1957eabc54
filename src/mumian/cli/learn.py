"""`mumian learn`: from the city's own history to suggestions, measured on what was held out."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mumian.cli.frame import complaints, console, language, prepare

app = typer.Typer()


@app.command()
def learn(
    procedure: Annotated[str, typer.Option(help="流程 · Procedure.")] = "grid-event",
) -> None:
    """从本市已办结事项中学习 · Learn kinds and units from closed matters; tells how well on held-out ones."""
    prepare()
    from mumian.intake.learning import LearningError
    from mumian.intake.teaching import teach

    zh = language() != "en"
    names = {"kinds": ("类别", "Kinds"), "units": ("承办单位", "Units")}
    table = Table(
        "学习 · Learned",
        "事项 · Matters",
        "首选正确 · Right at first",
        "前三正确 · Within three",
        "自动选择 · Chosen by itself",
        "其中正确 · Of these right",
    )
    for what, result in teach(procedure).items():
        title = names[what][0 if zh else 1]
        if isinstance(result, LearningError):
            complaints.print(f"{title}: {result}", highlight=False)
            continue
        table.add_row(
            title,
            f"{result.rows:,}",
            f"{result.accuracy:.1%}",
            f"{result.within_three:.1%}",
            f"{result.coverage:.1%}",
            f"{result.precision:.1%}",
        )
    console.print(table)
