"""Files that come with acts: known by their content, photographs re-encoded without metadata, kept by their hash."""

import hashlib
import os
import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from mumian.engine.models import Attachment, StoredFile
from mumian.errors import MumianError

MOST_BYTES = 20 * 1024 * 1024
LONGEST_SIDE = 2560
"""Pixels; larger photographs are made smaller."""
THUMB_SIDE = 480
Image.MAX_IMAGE_PIXELS = 80_000_000


class UnfitFile(MumianError):
    """A file that is not taken in."""


def keep(upload: BinaryIO, name: str) -> StoredFile:
    """Takes a file in and stores it under the SHA-256 of what is kept. Raises `UnfitFile`.

    Pictures (JPEG, PNG, WebP, GIF, BMP, TIFF) are written anew as JPEG: upright, at most 2,560 pixels wide or
    high, with nothing of where and when they were taken. PDF files are kept as they are.
    """
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnfitFile(
            name, reason=_("it is larger than 20 MB"), cure=_("Make it smaller, or send fewer pages")
        )
    if not content:
        raise UnfitFile(name, reason=_("it is empty"), cure=_("Choose the file again"))
    if content.startswith(b"%PDF-"):
        return _store(content, name, "application/pdf")
    picture, thumb = _reencoded(content, name)
    stored = _store(picture, name, "image/jpeg")
    _write(path_of(stored.sha256, thumb=True), thumb)
    return stored


def path_of(sha256: str, *, thumb: bool = False) -> Path:
    """Where a file lies."""
    folder = Path(settings.DATA) / "files" / sha256[:2]
    return folder / (f"{sha256}.thumb.jpg" if thumb else sha256)


def attached_to(matters: Iterable[UUID]) -> dict[UUID, list[tuple[Attachment, StoredFile]]]:
    """The files of matters in the order they came, with what is known of each: two statements."""
    rows = list(Attachment.objects.filter(matter_id__in=matters).order_by("seq"))
    files = StoredFile.objects.in_bulk([row.sha256 for row in rows])
    found: dict[UUID, list[tuple[Attachment, StoredFile]]] = {}
    for row in rows:
        if row.sha256 in files:
            found.setdefault(row.matter_id, []).append((row, files[row.sha256]))
    return found


def _reencoded(content: bytes, name: str) -> tuple[bytes, bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(
                BytesIO(content), formats=["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]
            ) as opened:
                upright = ImageOps.exif_transpose(opened)
                whole = _on_white(upright)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        raise UnfitFile(
            name,
            reason=_("it is neither a photograph nor a PDF that can be read"),
            cure=_("Send a JPEG, PNG or WebP picture, or a PDF"),
        ) from None
    whole.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    large = BytesIO()
    whole.save(large, "JPEG", quality=86, optimize=True)
    whole.thumbnail((THUMB_SIDE, THUMB_SIDE))
    small = BytesIO()
    whole.save(small, "JPEG", quality=80)
    return large.getvalue(), small.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    fresh = Image.new("RGB", picture.size)
    fresh.paste(picture.convert("RGB"))
    return fresh


def _store(content: bytes, name: str, kind: str) -> StoredFile:
    sha256 = hashlib.sha256(content).hexdigest()
    _write(path_of(sha256), content)
    stored, _made = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"name": Path(name).name[:200], "type": kind, "size": len(content)}
    )
    return stored


def _write(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
