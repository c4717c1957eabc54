"""Versions of procedures: proved, published, never changed, and matters moved from one to the next."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid5

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from mumian.engine import world
from mumian.engine.definition import BrokenDefinition, Source, read, written
from mumian.engine.models import Matter, ProcedureVersion
from mumian.engine.perform import Act, Result, perform
from mumian.engine.prover import prove
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Role
from mumian.record.writing import append

_NAMESPACE = UUID("6d756d69-616e-8000-8000-70726f636564")
MOVED_AT_ONCE = 2000


def subject_of(procedure: str) -> UUID:
    """The subject under which the record keeps a procedure's own history."""
    return uuid5(_NAMESPACE, procedure)


def system_folders() -> Iterator[Path]:
    """Folders of the engine and of every installed system, each with its definitions and data."""
    for config in apps.get_app_configs():
        folder = getattr(config, "system", None)
        if isinstance(folder, Path):
            yield folder


def shipped() -> Iterator[Source]:
    """The definitions that come with the program."""
    return (_read(text, file) for text, file in _texts())


def _texts() -> Iterator[tuple[str, str]]:
    for folder in system_folders():
        for file in sorted((folder / "procedures").glob("*.yaml")):
            yield file.read_text(encoding="utf-8"), str(file)


_read = lru_cache(maxsize=None)(read)
"""What comes with the program is read once, into however many databases it goes."""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def publish(source: Source, *, actor: Actor = SYSTEM, shipped: bool = False) -> ProcedureVersion:
    """Publishes a definition as the next version of its procedure, or returns the current one if it is the same.

    Raises `BrokenDefinition` with every problem the prover finds.
    """
    roles = set(Role.objects.values_list("slug", flat=True))
    if problems := prove(source, roles=roles):
        raise BrokenDefinition(problems)
    name = source.procedure.procedure
    digest = _digest(source.text)
    with transaction.atomic():
        versions = ProcedureVersion.objects.select_for_update().filter(name=name).order_by("-version")
        last = versions.first()
        current = versions.filter(status=ProcedureVersion.Status.PUBLISHED).first()
        if current is not None and current.digest == digest:
            return current
        row = ProcedureVersion.objects.create(
            name=name,
            version=last.version + 1 if last else 1,
            status=ProcedureVersion.Status.PUBLISHED,
            text=source.text,
            content=written(source.procedure),
            digest=digest,
            published_at=timezone.now(),
            published_by=actor.person,
            shipped=shipped,
        )
        body = {"version": row.version, "sha256": digest}
        append(subject_of(name), "publish", body, person=actor.person, post=actor.post)
        world.changed()
    return row


def publish_shipped() -> None:
    """Publishes what comes with the program, unless a city has published a version of its own since."""
    last = {
        row.name: row
        for row in ProcedureVersion.objects.filter(status=ProcedureVersion.Status.PUBLISHED).order_by(
            "name", "version"
        )
    }
    there = {row.digest for row in last.values()}
    for text, file in _texts():
        if _digest(text) in there:  # reading takes longer than all the rest
            continue
        source = _read(text, file)
        current = last.get(source.procedure.procedure)
        if current is None or current.shipped:
            publish(source, shipped=True)


def keep_contents() -> None:
    """Versions published before definitions were kept as JSON are read once more, and kept so."""
    for row in ProcedureVersion.objects.filter(content=""):
        row.content = written(read(row.text, f"{row.name} version {row.version}").procedure)
        row.save(update_fields=["content"])


def move_matters(name: str, version: int) -> Iterator[Result]:
    """Moves the open matters of a procedure from earlier versions to one, each by an entry of its own."""
    rows = Matter.objects.filter(procedure=name, version__lt=version, closed_at=None).order_by("id")
    last = UUID(int=0)
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:MOVED_AT_ONCE]):
        yield from perform([Act("migrate", SYSTEM, {}, matter, version=version) for matter in ids])
        last = ids[-1]
