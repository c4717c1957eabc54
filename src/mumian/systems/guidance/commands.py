"""`mumian guidance`: the data of guidance and its figures, checked."""

from pathlib import Path
from typing import Annotated

import typer

from mumian.cli.frame import console, ready

HERE = Path(__file__).parent
app = typer.Typer(name="guidance", help="诉前指引 · Guidance before filing.", no_args_is_help=True)
parameters = typer.Typer(name="parameters", help="有日期的数据 · Dated figures.", no_args_is_help=True)
app.add_typer(parameters)


@app.command()
def check() -> None:
    """检查各类纠纷的提问与文字 · Check the questions and texts of every kind."""
    ready()
    from mumian.systems.guidance.kinds import kinds
    from mumian.systems.guidance.proving import check as prove_all

    problems = prove_all()
    for problem in problems:
        console.print(f"✗ {problem}", highlight=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    questions = sum(len(kind.questions) for kind in kinds().values())
    console.print(f"✓ {len(kinds())} 类 · kinds, {questions} 问 · questions")


@parameters.command("check")
def check_parameters(
    file: Annotated[
        Path | None, typer.Argument(help="缺省为本市文件 · The city's own files if unsaid.")
    ] = None,
) -> None:
    """检查数据文件,列出已过期与待核对的 · Check a file of figures; what has run out or is to be checked is named."""
    ready()
    from django.utils import timezone

    from mumian.cli.frame import language
    from mumian.systems.guidance.parameters import check as faults_of
    from mumian.systems.guidance.parameters import city_files, figures

    files = [file] if file else [HERE / "law.yaml", *city_files()]
    faults = [fault for each in files for fault in faults_of(each)]
    for fault in faults:
        console.print(f"✗ {fault}", highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)
    console.print(f"✓ {', '.join(each.name for each in files)}", highlight=False)
    if file:
        return
    known, today, english = figures(), timezone.localdate(), language() == "en"
    for name in sorted(known.titles):
        if not any(each.holds(today) for each in known.values.get(name, ())):
            said = "no figure for today" if english else "没有今天可用的数"
            console.print(f"⚠ {name}: {said}", highlight=False)
    for name in sorted(known.unchecked):
        console.print(f"⚠ {name}: {'to be checked' if english else '示例数据，待核对'}", highlight=False)


@parameters.command()
def template() -> None:
    """打印示例文件,供本市改写 · Print the example for a city to put its own figures in."""
    typer.echo((HERE / "local" / "guangzhou.yaml").read_text(encoding="utf-8"), nl=False)
