"""`mumian people`: units and posts from tables, passwords, and the tokens with which programs act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from mumian.cli.frame import complaints, console, language, prepare
from mumian.errors import MumianError

if TYPE_CHECKING:
    from mumian.people.importing import Imported
    from mumian.people.models import Post
    from mumian.rows import Rejection

app = typer.Typer(name="people", help="人员与单位 · Units, persons, posts.", no_args_is_help=True)

SUBJECT = UUID("6d756d69-616e-8000-8000-70656f706c65")
"""Under which the record keeps what was done to people and units as a whole."""
SHOWN = 100
"""Rejected rows that are shown; all of them go into the report."""

File = Annotated[Path, typer.Argument(help="CSV 文件 · The file.", exists=True, dir_okay=False)]
Report = Annotated[Path | None, typer.Option(help="逐行报告 · Where rejected rows are named, as CSV.")]


@app.command()
def import_organisations(file: File, report: Report = None) -> None:
    """导入单位:code, name, name_en, kind, parent_code, place · Import units; again changes nothing."""
    prepare()
    from mumian.people.importing import import_organisations

    _import(file, report, "import-organisations", import_organisations)


@app.command()
def import_posts(file: File, report: Report = None) -> None:
    """导入岗位:username, name, role, organisation_code, place, begins, ends, phone, email · Import posts."""
    prepare()
    from mumian.people.importing import import_posts

    _import(file, report, "import-posts", import_posts)


@app.command()
def password(username: Annotated[str, typer.Argument(help="用户名 · User name.")]) -> None:
    """设置密码 · Set the password of a person."""
    prepare()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from mumian.people.models import Person
    from mumian.record.writing import append

    person = Person.objects.filter(username=username).first()
    if person is None:
        raise _nobody(username)
    chosen = typer.prompt("密码 · Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(chosen, person)
    except ValidationError as error:
        cure = "换一个密码 · Choose another"
        raise MumianError("密码 · Password", reason=" ".join(error.messages), cure=cure) from None
    person.set_password(chosen)
    person.save(update_fields=["password"])
    append(person.pk, "password", {}, person=None, post=None)
    console.print(f"✓ {username}")


@app.command()
def token(
    username: Annotated[str, typer.Argument(help="在其岗位上行事 · In whose post the program acts.")],
    title: Annotated[str, typer.Option(help="哪个程序使用 · Which program uses it.")],
    role: Annotated[str, typer.Option(help="岗位的角色 · Role of the post.")] = "",
    organisation: Annotated[str, typer.Option(help="岗位的单位代码 · Code of its unit.")] = "",
    days: Annotated[int, typer.Option(help="有效天数 · Valid for so many days.", min=1, max=3660)] = 365,
) -> None:
    """签发令牌,只显示一次 · Issue a token for the API; its secret is shown once."""
    prepare()
    from django.utils import timezone

    from mumian.people.models import Token
    from mumian.record.writing import append

    post = _one_post(username, role, organisation)
    ends = timezone.now() + timedelta(days=days)
    secret = Token.issue(post, title, ends=ends)
    append(
        SUBJECT, "token", {"post": post.pk, "title": title, "ends": ends.isoformat()}, person=None, post=None
    )
    complaints.print(f"{post} · {post.place} → {timezone.localtime(ends):%Y-%m-%d}")
    console.print(secret, highlight=False, soft_wrap=True)


def _import(file: Path, report: Path | None, action: str, run: Callable[..., Imported]) -> None:
    from mumian.engine import world
    from mumian.record.writing import append

    rejections = _Rejections(report)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with rejections, Progress(*columns, console=complaints) as bar:
        task = bar.add_task(file.name, total=_lines(file))
        done = run(
            file,
            place_of=_place_of,
            reject=rejections.add,
            progress=lambda line: bar.update(task, completed=line),
        )
        bar.update(task, completed=_lines(file))
    if done.added or done.changed:
        world.changed()
        counts = {"added": done.added, "changed": done.changed, "rejected": done.rejected}
        append(SUBJECT, action, {"file": file.name, **counts}, person=None, post=None)
    _tell(done, rejections)


class _Rejections:
    """Bad rows: the first of them are kept to be shown, all are written into the report."""

    def __init__(self, report: Path | None) -> None:
        self.report, self.shown = report, list[Any]()

    def __enter__(self) -> None:
        import csv

        self._file = self.report.open("w", encoding="utf-8-sig", newline="") if self.report else None
        self._writer = csv.writer(self._file) if self._file else None
        if self._writer:
            self._writer.writerow(["line", "column", "value", "原因", "办法", "reason", "cure"])

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, row: Rejection) -> None:
        if len(self.shown) < SHOWN:
            self.shown.append(row)
        if self._writer:
            said = (words[each] for each in ("zh", "en") for words in (row.reason, row.cure))
            self._writer.writerow([row.line, row.column, row.value, *said])


def _tell(done: Imported, rejections: _Rejections) -> None:
    zh = language() != "en"
    words = "zh" if zh else "en"
    for row in rejections.shown:
        where = (f"第 {row.line} 行" if zh else f"line {row.line}") + (f" {row.column}" if row.column else "")
        value = f" “{row.value}”" if row.value else ""
        complaints.print(f"✗ {where}{value}: {row.reason[words]} → {row.cure[words]}", highlight=False)
    if done.rejected > len(rejections.shown):
        more = done.rejected - len(rejections.shown)
        complaints.print(f"… 另有 {more:,} 行" if zh else f"… and {more:,} more", highlight=False)
    console.print(
        f"新增 {done.added:,}，更改 {done.changed:,}，未变 {done.unchanged:,}，未导入 {done.rejected:,}"
        if zh
        else f"{done.added:,} added, {done.changed:,} changed, {done.unchanged:,} as they were, "
        f"{done.rejected:,} rejected",
        highlight=False,
    )
    if done.rejected:
        raise typer.Exit(1)


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(piece.count(b"\n") for piece in iter(lambda: content.read(1 << 20), b""))


def _place_of(text: str) -> str | None:
    from mumian.place.codes import CodeError, normalise
    from mumian.place.loading import current_atlas

    try:
        code = normalise(text)
    except CodeError:
        return None
    return code if code in current_atlas() else None


def _one_post(username: str, role: str, organisation: str) -> Post:
    from django.utils import timezone

    from mumian.people.models import Person, Post

    if not Person.objects.filter(username=username).exists():
        raise _nobody(username)
    posts = Post.objects.filter(person__username=username).select_related("role", "organisation", "person")
    if role:
        posts = posts.filter(role=role)
    if organisation:
        posts = posts.filter(organisation__code=organisation)
    held = [post for post in posts.order_by("pk") if post.held_on(timezone.localdate())]
    if len(held) == 1:
        return held[0]
    listed = "; ".join(f"--role {post.role_id} --organisation {post.organisation.code}" for post in held)
    raise MumianError(
        username,
        reason=f"有 {len(held)} 个这样的岗位 · holds {len(held)} such posts",
        cure=f"用选项指明一个 · Name one by its options: {listed}"
        if held
        else "先导入岗位 · Import the post first",
    )


def _nobody(username: str) -> MumianError:
    return MumianError(
        username,
        reason="没有这个用户名 · there is nobody with this user name",
        cure="检查拼写,或先用 import-posts 导入 · Check its spelling, or import posts first",
    )
