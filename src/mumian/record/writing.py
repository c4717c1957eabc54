"""Entries about what is not a matter: procedures published, posts given, files erased, secrets looked at."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from mumian.record.canonical import Json
from mumian.record.chain import START, Entry, link
from mumian.record.models import Entry as Row


def append(
    subject: UUID,
    action: str,
    body: Mapping[str, Json],
    *,
    person: UUID | None,
    post: int | None,
    at: datetime | None = None,
) -> int:
    """Appends an entry to a subject's chain and returns its seq. Writers of one subject wait for each other.

    `person` and `post` say by whom and in which capacity; both are empty for the program itself.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(subject.bytes[8:], signed=True)]
            )
        last = Row.objects.filter(subject=subject).order_by("-seq").values_list("seq", "hash").first()
        seq, before = (last[0] + 1, bytes(last[1])) if last else (1, START)
        entry = Entry(subject, seq, at or timezone.now(), action, person, post, dict(body))
        Row.objects.create(
            subject=subject,
            seq=seq,
            at=entry.at,
            action=action,
            person=entry.person,
            post=entry.post,
            body=entry.body,
            hash=link(entry, before),
        )
    return seq
