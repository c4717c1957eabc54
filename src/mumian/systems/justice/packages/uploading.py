"""Documents coming in piece by piece: each piece says where it goes on, so a broken sending goes on where it broke."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from mumian.engine.looking import Look
from mumian.errors import MumianError
from mumian.systems.justice.packages import checking, store
from mumian.systems.justice.packages.manifest import LARGEST_FILE, MEDIA, MOST_DOCUMENTS, Kind
from mumian.systems.justice.packages.models import Arrival, Paper, Thing
from mumian.systems.justice.packages.rules import HANDOVER

LARGEST_PIECE = 32 * 1024 * 1024


class Unfit(MumianError):
    """A document, or a piece of one, that is not taken in."""


class Elsewhere(MumianError):
    """A piece that does not go on where the last one ended; `there` says how many bytes there are."""

    def __init__(self, paper: Paper | Arrival, there: int) -> None:
        self.there = there
        super().__init__(
            paper.title,
            reason=_("%(there)d bytes of it are here") % {"there": there},
            cure=_("Go on from there"),
        )


def may_change(seen: Look) -> bool:
    """Whether one may put something into the package: its own agency, until it is sent."""
    matter = seen.matter
    own = seen.involved and matter.unit in seen.actor.lineage
    return own and matter.procedure == HANDOVER and matter.state in ("prepared", "returned")


def announce(
    seen: Look, *, title: str, kind: str, media: str, size: int, volume: int = 1, sha256: str = ""
) -> Paper:
    """Says that a document will come. The same again while it is coming goes on with it. Raises `Unfit`."""
    title = " ".join(title.split())[:200]
    if not may_change(seen):
        raise _unfit(title, _("nothing can be added to it now"), _("Prepare a new hand-over"))
    if not title or kind not in set(Kind) or media not in MEDIA or not 1 <= volume <= 99:
        raise _unfit(title, _("it has no title, kind, or form that can be taken"), ", ".join(sorted(MEDIA)))
    if not 1 <= size <= LARGEST_FILE:
        raise _unfit(title, _("it is empty or larger than 64 GB"), _("Choose the file again"))
    own = Paper.objects.filter(matter=seen.matter.id)
    said = sha256.lower() if len(sha256) == 64 else ""
    if said and (there := own.filter(volume=volume, title=title, size=size, said=said).first()):
        return there
    if own.count() >= MOST_DOCUMENTS:
        raise _unfit(
            title, _("there are %(most)d already") % {"most": MOST_DOCUMENTS}, _("Send them as two packages")
        )
    last = own.filter(volume=volume).aggregate(last=Max("place"))["last"] or 0
    return Paper.objects.create(
        matter=seen.matter.id, volume=volume, place=last + 1, title=title, kind=kind, media=media, size=size, said=said,
    )  # fmt: skip


def has_come(paper: Paper | Arrival) -> int:
    """How many bytes of a document, or of a whole package, are here."""
    if _whole(paper):
        return paper.size
    try:
        return coming(paper).stat().st_size
    except FileNotFoundError:
        return 0


def append(paper: Paper | Arrival, offset: int, content: Iterable[bytes], *, sha256: str = "") -> int:
    """Adds a piece that begins at `offset` and returns how many bytes there are then.

    `sha256` is that of the piece, if its sender says it: a piece damaged on the way is taken back. Once all is there it
    is held against what was announced. Raises `Elsewhere` or `Unfit`; what was there before a piece stays.
    """
    if _whole(paper):
        if offset == paper.size:
            return paper.size
        raise Elsewhere(paper, paper.size)
    file = coming(paper)
    with file.open("ab") as opened:
        _alone(opened, paper)
        there = opened.seek(0, os.SEEK_END)
        if there != offset:
            raise Elsewhere(paper, there)
        try:
            size = _written(opened, content, paper, there, sha256)
            opened.flush()
            os.fsync(opened.fileno())
        except BaseException:
            opened.truncate(there)
            raise
        if size == paper.size and isinstance(paper, Paper):
            _complete(paper, file)
    return size


def remove(seen: Look, paper: int) -> bool:
    """Takes a document out of a package that is yet to be sent; whether there was one."""
    with transaction.atomic():
        found = may_change(seen) and Paper.objects.filter(matter=seen.matter.id, pk=paper).first()
        if not found:
            return False
        found.delete()
    coming(found).unlink(missing_ok=True)
    return True


def move(seen: Look, paper: int, *, volume: int, place: int) -> bool:
    """Puts a document at another place of the dossier; whether there was one."""
    if not may_change(seen) or not 1 <= volume <= 99:
        return False
    with transaction.atomic():
        own = list(Paper.objects.select_for_update().filter(matter=seen.matter.id))
        moved = next((each for each in own if each.pk == paper), None)
        if moved is None:
            return False
        moved.volume = volume
        others = [each for each in own if each.volume == volume and each is not moved]
        others.insert(max(0, place - 1), moved)
        for number, each in enumerate(others, start=1):
            each.place = number
        Paper.objects.bulk_update(others, ["volume", "place"])
    return True


def list_exhibit(seen: Look, *, title: str, amount: str, kept: str) -> Thing:
    """Lists a thing that goes along or stays where it is. Raises `Unfit`."""
    said: dict[str, Any] = {
        "title": title.strip()[:200],
        "amount": amount.strip()[:100],
        "kept": kept.strip()[:200],
    }
    if not may_change(seen) or not all(said.values()):
        raise _unfit(title, _("it needs a name, how much, and where it is kept"), _("Fill these in"))
    return Thing.objects.create(matter=seen.matter.id, **said)


def strike_exhibit(seen: Look, thing: int) -> bool:
    """Takes a thing off the list; whether there was one."""
    return may_change(seen) and bool(Thing.objects.filter(matter=seen.matter.id, pk=thing).delete()[0])


def coming(paper: Paper | Arrival) -> Path:
    """Where what has come so far lies."""
    return store.coming() / f"{type(paper).__name__.lower()}-{paper.pk}"


def _whole(paper: Paper | Arrival) -> bool:
    return bool(paper.sha256) if isinstance(paper, Paper) else paper.state != Arrival.COMING


def _alone(opened: Any, paper: Paper | Arrival) -> None:
    """Two pieces of one document at once: the second is told to look again."""
    import fcntl

    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Elsewhere(paper, has_come(paper)) from None


def _written(opened: Any, content: Iterable[bytes], paper: Paper | Arrival, there: int, sha256: str) -> int:
    found, size = hashlib.sha256(), there
    for piece in content:
        size += len(piece)
        if size > paper.size or size - there > LARGEST_PIECE:
            raise _unfit(
                paper.title, _("more comes than was announced"), _("Announce it again with its whole size")
            )
        found.update(piece)
        opened.write(piece)
    if sha256 and found.hexdigest() != sha256.lower():
        raise _unfit(paper.title, _("a piece was damaged on the way"), _("Send this piece again"))
    return size


def _complete(paper: Paper, file: Path) -> None:
    sha256 = checking.hash_of(file)
    if paper.said and sha256 != paper.said:
        file.unlink()
        raise _unfit(paper.title, _("it is not what was announced"), _("Send it again from the beginning"))
    if paper.media == checking.PDF and not _begins(file, b"%PDF-"):
        file.unlink()
        raise _unfit(paper.title, _("it is no PDF"), _("Save it as PDF, or choose what it is"))
    if paper.media.startswith("image/"):
        paper.pages = 1
    store.put(file, sha256)
    paper.sha256 = sha256
    paper.save(update_fields=["sha256", "pages"])


def _begins(file: Path, mark: bytes) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(mark)) == mark


def _unfit(title: str, reason: str, cure: str) -> Unfit:
    return Unfit(title or _("document"), reason=reason, cure=cure)
