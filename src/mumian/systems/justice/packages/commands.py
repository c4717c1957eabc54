"""`mumian justice key` and `mumian justice take-in`, `check`: agencies' keys, and packages that came as files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mumian.cli.frame import console, prepare
from mumian.errors import MumianError

if TYPE_CHECKING:
    from mumian.people.models import Organisation

key = typer.Typer(name="key", help="机关签名密钥 · Keys with which agencies sign.", no_args_is_help=True)
Agency = Annotated[str, typer.Argument(help="机关代码 · The agency's code.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="日期 · A date.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="案卷包 · The package (.zip).")]


@key.command()
def make(agency: Agency, begins: Day = None, ends: Day = None) -> None:
    """生成密钥；旧密钥自新密钥生效时失效 · Make a key; the one before it ends when this one begins."""
    prepare()
    from django.utils import timezone

    from mumian.systems.justice.packages import keys

    made = keys.make(_agency(agency), begins=_aware(begins) or timezone.now(), ends=_aware(ends))
    console.print(f"✓ {agency}  {made.key}  {bytes(made.public).hex()}", soft_wrap=True)
    console.print(
        f"  {made.begins:%Y-%m-%d} – {made.ends:%Y-%m-%d}" if made.ends else f"  {made.begins:%Y-%m-%d} –"
    )


@key.command()
def trust(
    agency: Agency,
    public: Annotated[str, typer.Argument(help="公钥，十六进制 · The public key in hexadecimal.")],
    begins: Day = None,
    ends: Day = None,
) -> None:
    """登记其他机关公布的公钥 · Make another agency's published key known."""
    prepare()
    from django.utils import timezone

    from mumian.systems.justice.packages import keys

    try:
        content = bytes.fromhex(public)
    except ValueError:
        content = b""
    if len(content) != 32:
        raise MumianError(
            public[:20],
            reason="不是 32 字节的 Ed25519 公钥 · it is not an Ed25519 key of 32 bytes",
            cure="请从该机关公布的页面复制 · Copy it from the page on which the agency publishes it",
        )
    made = keys.add(_agency(agency), content, begins=_aware(begins) or timezone.now(), ends=_aware(ends))
    console.print(f"✓ {agency}  {made.key}")


@key.command()
def end(name: Annotated[str, typer.Argument(help="密钥 · The key, as the list names it.")]) -> None:
    """立即停用，例如遗失 · End a key at once, as after a loss."""
    prepare()
    from django.utils import timezone

    from mumian.systems.justice.packages import keys

    if not keys.withdraw(name, at=timezone.now()):
        raise MumianError(
            name, reason="没有使用中的这个密钥 · no such key is in use", cure="mumian justice key list"
        )
    console.print(f"✓ {name}")


@key.command(name="list")
def list_keys() -> None:
    """列出公钥 · List the public keys."""
    prepare()
    from mumian.systems.justice.packages import keys

    for row in keys.published():
        until = f"{row.ends:%Y-%m-%d}" if row.ends else ""
        console.print(f"{row.organisation.code}  {row.key}  {row.algorithm}  {row.begins:%Y-%m-%d} – {until}")


def take_in(file: File, agency: Annotated[str, typer.Option(help="接收机关 · Who takes it in.")]) -> None:
    """接收案卷包并送达 · Take a package in, for an agency that was brought one as a file."""
    prepare()
    from mumian.people.actor import Actor
    from mumian.systems.justice.packages import sending

    unit = _agency(agency)
    program = Actor(organisation=unit.pk, lineage=tuple(unit.lineage), system=True, name="command line")
    parcel = sending.take_in(file, program)
    console.print(f"✓ {parcel.case}  v{parcel.version}  {parcel.digest}", soft_wrap=True)


def check(file: File) -> None:
    """核对案卷包的签名与清单，不接收 · Check a package's signature and manifest, and take nothing in."""
    prepare()
    from django.utils import timezone

    from mumian.systems.justice.packages import bag, keys

    package = bag.opened(file, keys.find, now=timezone.now())
    made = package.manifest
    console.print(f"✓ {made.case}  v{made.version}  {made.sender} → {made.receiver}  {len(made.documents):,}  {made.digest}",
                  soft_wrap=True)  # fmt: skip


def _agency(code: str) -> Organisation:
    from mumian.people.models import Organisation

    unit = Organisation.objects.filter(code=code).first()
    if unit is None:
        raise MumianError(code, reason="没有这个机关 · there is no such agency", cure="mumian people --help")
    return unit


def _aware(day: datetime | None) -> datetime | None:
    from django.utils import timezone

    return timezone.make_aware(day) if day else None
