"""`mumian people`: units and posts from tables, passwords, and the tokens with which programs act."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from mumian.cli.frame import complaints, console, prepare
from mumian.cli.tables import File, Report, import_recorded, place_of
from mumian.errors import MumianError

if TYPE_CHECKING:
    from mumian.people.models import Post

app = typer.Typer(name="people", help="人员与单位 · Units, persons, posts.", no_args_is_help=True)

SUBJECT = UUID("6d756d69-616e-8000-8000-70656f706c65")
"""Under which the record keeps what was done to people and units as a whole."""


@app.command()
def import_organisations(file: File, report: Report = None) -> None:
    """导入单位:code, name, name_en, kind, parent_code, place · Import units; again changes nothing."""
    prepare()
    from mumian.people.importing import import_organisations

    run = partial(import_organisations, place_of=place_of)
    import_recorded(file, report, "import-organisations", run, subject=SUBJECT)


@app.command()
def import_posts(file: File, report: Report = None) -> None:
    """导入岗位:username, name, role, organisation_code, place, begins, ends, phone, email · Import posts."""
    prepare()
    from mumian.people.importing import import_posts

    run = partial(import_posts, place_of=place_of)
    import_recorded(file, report, "import-posts", run, subject=SUBJECT)


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
