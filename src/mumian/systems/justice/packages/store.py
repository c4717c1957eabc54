"""Where the documents of packages lie: byte for byte as they came, under their SHA-256, out of reach of any address."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from django.conf import settings

CHUNK = 1024 * 1024


class Longer(Exception):
    """There is more of it than was said."""


def path_of(sha256: str) -> Path:
    """Where a document lies."""
    return folder() / sha256[:2] / sha256


def folder() -> Path:
    """The room for documents in the data folder; it is made for its owner alone."""
    return _private(Path(settings.DATA) / "justice" / "documents")


def coming() -> Path:
    """The room for what is still coming in."""
    return _private(Path(settings.DATA) / "justice" / "coming")


def take(content: Iterable[bytes], *, most: int) -> tuple[str, int]:
    """Keeps what comes, piece by piece, and returns its SHA-256 and size. Raises `Longer` beyond `most` bytes."""
    fresh, sha256, size = coming() / uuid4().hex, hashlib.sha256(), 0
    try:
        with fresh.open("wb") as file:
            for piece in content:
                size += len(piece)
                if size > most:
                    raise Longer
                sha256.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        put(fresh, sha256.hexdigest())
    finally:
        fresh.unlink(missing_ok=True)
    return sha256.hexdigest(), size


def put(file: Path, sha256: str) -> None:
    """Moves a whole file to its place; one that lies there already is the same."""
    target = path_of(sha256)
    _private(target.parent)
    file.replace(target)


def pieces(file: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with file.open("rb") as opened:
        while piece := opened.read(CHUNK):
            yield piece


def _private(room: Path) -> Path:
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    return room
