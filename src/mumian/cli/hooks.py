"""`mumian hooks`: other systems that are told of entries as CloudEvents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from mumian.cli.frame import console, prepare
from mumian.errors import MumianError

if TYPE_CHECKING:
    from mumian.notices.models import Hook

app = typer.Typer(name="hooks", help="事件推送 · Other systems that are told.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="编号，见 mumian hooks list · Its number, as listed.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="接收地址，https · Where events are sent.")],
    title: Annotated[str, typer.Option(help="哪个系统 · Which system it is.")] = "",
    procedure: Annotated[str, typer.Option(help="只限此流程 · Only of this procedure.")] = "",
    place: Annotated[str, typer.Option(help="只限此地点编码之内 · Only at this place.")] = "",
    action: Annotated[
        list[str] | None, typer.Option(help="只限此动作，可多次 · Only this action; repeat.")
    ] = None,
) -> None:
    """添加；密钥只显示这一次 · Add one; its secret is shown this once."""
    prepare()
    from mumian.notices import hooks

    hook = hooks.add(title, url, procedure=procedure, place=place, actions=action or [])
    console.print(f"已添加 · Added: {hook.pk} {hook.title}", markup=False)
    console.print(f"密钥 · Secret: {hook.secret}", markup=False, soft_wrap=True)


@app.command(name="list")
def list_() -> None:
    """列出，含送达情况 · List them, and how it goes."""
    prepare()
    from django.db.models import Count, Q

    from mumian.notices.models import Delivery, Hook

    table = Table(
        "#", "系统 · System", "地址 · Address", "范围 · Only", "送达 · 途中 · 放弃", box=SIMPLE_HEAD
    )
    states = {
        each.name.lower(): Count("deliveries", filter=Q(deliveries__state=each)) for each in Delivery.State
    }
    for hook in Hook.objects.annotate(**states).order_by("pk"):
        only = " ".join([hook.procedure, hook.place, *hook.actions]).strip()
        counts = f"{hook.done} · {hook.waiting} · {hook.given_up}"  # type: ignore[attr-defined]
        table.add_row(str(hook.pk), hook.title, hook.url, only, counts + (" · 410" if hook.gone else ""))
    console.print(table)


@app.command()
def remove(number: Number) -> None:
    """删除，连同途中的事件 · Remove one, and what is on its way to it."""
    prepare()
    from mumian.notices import hooks

    hook = _found(number)
    hooks.remove(hook)
    console.print(f"已删除 · Removed: {hook.title}", markup=False)


@app.command()
def test(number: Number) -> None:
    """发送一个测试事件 · Send an event that says nothing happened."""
    prepare()
    from mumian.notices import hooks

    hook = _found(number)
    taken, said = hooks.trial(hook)
    if not taken:
        raise MumianError(
            hook.title,
            reason=f"没有收下 · it was not taken: {said}",
            cure="请检查地址、签名与对方日志 · Check the address, the signature and the log of the other side",
        )
    console.print(f"✓ {said}", markup=False)


def _found(number: int) -> Hook:
    from mumian.notices.models import Hook

    found = Hook.objects.filter(pk=number).first()
    if found is None:
        raise MumianError(
            f"#{number}",
            reason="没有这一项 · there is none of this number",
            cure="见 mumian hooks list · See mumian hooks list",
        )
    return found
