"""`mumian serve`, `mumian work` and `mumian demo`: what one starts, and stops with Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.progress import Progress, TaskID
from rich.table import Table

from mumian.cli import running
from mumian.cli.frame import console, prepare
from mumian.web.assets import collect

if TYPE_CHECKING:
    from mumian.demo import Account

app = typer.Typer()

Host = Annotated[str, typer.Option(help="监听地址 · Address to listen on.")]
Port = Annotated[int, typer.Option(help="监听端口 · Port to listen on.", min=1, max=65535)]
Workers = Annotated[int, typer.Option(help="进程数 · Processes that answer requests.", min=1, max=64)]
Jobs = Annotated[bool, typer.Option(help="同时执行后台任务 · Run the queued jobs here too.")]


class Scale(StrEnum):
    small = "small"
    city = "city"


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1, jobs: Jobs = True) -> None:
    """启动网站、接口与后台任务 · Serve the pages, the API and the queued jobs."""
    with running.alone_on(host, port) as place:
        prepare()
        collect()
        running.serve(place, workers=workers, jobs=jobs, greet=lambda: _greet(place))


@app.command()
def work() -> None:
    """只执行后台任务 · Run the queued jobs alone, beside a server started with --no-jobs."""
    prepare()
    with running.working():
        console.print("后台任务已启动,Ctrl-C 停止 · Working through the queue; Ctrl-C stops")
        running.wait_for_the_end()


@app.command()
def demo(
    scale: Annotated[Scale, typer.Option(help="城市规模 · Size of the city.")] = Scale.small,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """建成示范城市并启动 · Build the demo city if there is none, and serve it."""
    with running.alone_on(host, port) as place:
        prepare()
        running.aside(lambda: _show_accounts(_build(scale)), meanwhile=running.application)
        collect()
        running.serve(place, workers=1, jobs=True, greet=lambda: _greet(place))


def _build(scale: Scale) -> Sequence[Account]:
    """The accounts of the demo city, which stands from now on."""
    from mumian.demo import Stage, build

    with Progress(console=console, transient=True) as shown:
        tasks: dict[Stage, TaskID] = {}

        def progress(stage: Stage, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(f"{stage.value['zh']} · {stage.value['en']}", total=1.0)
            shown.update(tasks[stage], completed=share)

        return build(scale.value, progress=progress).accounts


def _show_accounts(accounts: Sequence[Account]) -> None:
    table = Table("用户名 · User name", "密码 · Password", "角色 · Role", box=SIMPLE_HEAD)
    for account in accounts:
        table.add_row(account.name, account.password, account.role)
    console.print(table)


def _greet(place: running.Place) -> None:
    console.print(f"\n木棉已启动 · Mumian is at [bold green]{place.address}[/]    Ctrl-C 停止 · stops\n")
