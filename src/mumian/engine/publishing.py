"""Versions of procedures: proved, published, never changed, and matters moved from one to the next."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid5

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from mumian.engine import world
from mumian.engine.definition import BrokenDefinition, Source, read
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
    for folder in system_folders():
        for file in sorted((folder / "procedures").glob("*.yaml")):
            yield read(file.read_text(encoding="utf-8"), str(file))


def publish(source: Source, *, actor: Actor = SYSTEM, shipped: bool = False) -> ProcedureVersion:
    """Publishes a definition as the next version of its procedure, or returns the current one if it is the same.

    Raises `BrokenDefinition` with every problem the prover finds.
    """
    roles = set(Role.objects.values_list("slug", flat=True))
    if problems := prove(source, roles=roles):
        raise BrokenDefinition(problems)
    name = source.procedure.procedure
    digest = hashlib.sha256(source.text.encode()).hexdigest()
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
    for source in shipped():
        last = (
            ProcedureVersion.objects.filter(
                name=source.procedure.procedure, status=ProcedureVersion.Status.PUBLISHED
            )
            .order_by("-version")
            .first()
        )
        if last is None or last.shipped:
            publish(source, shipped=True)


def move_matters(name: str, version: int) -> Iterator[Result]:
    """Moves the open matters of a procedure from earlier versions to one, each by an entry of its own."""
    rows = Matter.objects.filter(procedure=name, version__lt=version, closed_at=None).order_by("id")
    last = UUID(int=0)
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:MOVED_AT_ONCE]):
        yield from perform([Act("migrate", SYSTEM, {}, matter, version=version) for matter in ids])
        last = ids[-1]
