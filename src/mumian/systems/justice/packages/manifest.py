"""The manifest of a package: which documents and exhibits there are, in what order, and the hash of each. Pure.

Its canonical bytes (RFC 8785) are what is hashed, signed and kept; what they do not say is not in the package.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from django.utils.translation import gettext as _

from mumian.record.canonical import canonical
from mumian.record.chain import instant
from mumian.systems.justice.packages.faults import Fault, Faulty, Sort

FORMAT = "mumian-package/1"
MOST_DOCUMENTS = 20_000
LARGEST_MANIFEST = 32 * 1024 * 1024
"""Bytes."""
LARGEST_FILE = 64 * 1024**3
"""Bytes: a recording may be long, but there is an end."""


class Kind(StrEnum):
    """What sort of document it is."""

    OPINION = "opinion"
    """What an agency asks or decides: an opinion for prosecution, an indictment, a judgment."""
    PROCEDURE = "procedure"
    """Papers of the procedure: warrants, notices, receipts."""
    STATEMENT = "statement"
    """Minutes of questioning and hearing."""
    WRITTEN = "written"
    APPRAISAL = "appraisal"
    INSPECTION = "inspection"
    RECORDING = "recording"
    """Sound, pictures and data."""
    OTHER = "other"


MEDIA = {
    "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "text/plain": "txt",
    "video/mp4": "mp4", "audio/mpeg": "mp3", "audio/wav": "wav", "application/zip": "zip",
    "application/octet-stream": "bin",
}  # fmt: skip
"""What a document may be, and how its file ends in a package."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document in its place in the dossier."""

    number: int
    """From 1, through all volumes."""
    volume: int
    title: str
    kind: Kind
    media: str
    size: int
    sha256: str
    pages: int
    """0 for what has none."""
    first: int
    """The page of the volume on which it begins, from 1; 0 for what has no pages."""

    @property
    def path(self) -> str:
        """Where it lies in a package: made from its number, never from a name somebody gave."""
        return f"{self.volume:02d}/{self.number:05d}.{MEDIA[self.media]}"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A thing that is handed over, or stays where it is kept."""

    number: int
    title: str
    amount: str
    kept: str
    """Where it lies."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a package is."""

    package: str
    """The same for every version: 32 hexadecimal digits."""
    version: int
    before: str
    """The digest of the version before this one; empty for the first."""
    case: str
    """How both agencies call the case."""
    purpose: str
    sender: str
    """The sending agency's code."""
    receiver: str
    made: str
    """An instant, as in the record."""
    documents: tuple[Document, ...]
    exhibits: tuple[Exhibit, ...] = ()
    format: str = FORMAT

    def written(self) -> bytes:
        """Its canonical bytes."""
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.written()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all documents."""
        return sum(each.size for each in self.documents)


def in_order(documents: list[Document]) -> tuple[Document, ...]:
    """The documents numbered anew: by volume and the order given, pages counted on through each volume."""
    found, next_page = [], dict[int, int]()
    for number, each in enumerate(sorted(documents, key=lambda each: each.volume), start=1):
        first = next_page.get(each.volume, 1)
        next_page[each.volume] = first + each.pages
        found.append(replace(each, number=number, first=first if each.pages else 0))
    return tuple(found)


def read(text: bytes) -> Manifest:
    """The manifest that canonical bytes say. Raises `Faulty` naming all that is wrong with it."""
    wrong = Fault(Sort.MANIFEST, "package.json")
    if len(text) > LARGEST_MANIFEST:
        raise Faulty([wrong.saying(_("it is larger than %(most)d MB") % {"most": LARGEST_MANIFEST >> 20})])
    try:
        manifest = _made(orjson.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Faulty([wrong.saying(str(error)[:200])]) from None
    if manifest.written() != text:
        raise Faulty([wrong.saying(_("it is not in its canonical form"))])
    if faults := list(_faults(manifest)):
        raise Faulty(faults)
    return manifest


def _made(said: Any) -> Manifest:
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError(_("it does not say “%(format)s”") % {"format": FORMAT})
    documents = tuple(Document(**{**each, "kind": Kind(each["kind"])}) for each in said["documents"])
    return Manifest(
        **{**said, "documents": documents, "exhibits": tuple(Exhibit(**each) for each in said["exhibits"])}
    )


_HASH, _ID = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")
_TEXTS = ("package", "before", "case", "purpose", "sender", "receiver", "made")


def _faults(manifest: Manifest) -> list[Fault]:
    """What a manifest of the right form may still say wrongly."""
    found: list[str] = []
    texts = {name: getattr(manifest, name) for name in _TEXTS}
    found += [name for name, text in texts.items() if not isinstance(text, str) or len(text) > 200]
    if not found:
        found += [] if _ID.fullmatch(manifest.package) else ["package"]
        found += [] if not manifest.before or _HASH.fullmatch(manifest.before) else ["before"]
        found += [] if _is_instant(manifest.made) else ["made"]
        found += [name for name in ("case", "sender", "receiver") if not texts[name].strip()]
    if not _whole(manifest.version, 1, 9999) or (manifest.version > 1) is not bool(manifest.before):
        found.append("version")
    if not 1 <= len(manifest.documents) <= MOST_DOCUMENTS:
        found.append("documents")
    faults = [Fault(Sort.MANIFEST, f"package.json: {name}") for name in found]
    numbered = all(_sound(each) for each in manifest.documents)
    if not numbered or in_order(list(manifest.documents)) != manifest.documents:
        faults.append(Fault(Sort.MANIFEST, "package.json: documents"))
    for number, each in enumerate(manifest.exhibits, start=1):
        if each.number != number or not all(isinstance(t, str) for t in (each.title, each.amount, each.kept)):
            faults.append(Fault(Sort.MANIFEST, f"package.json: exhibits {number}"))
    return faults


def _sound(each: Document) -> bool:
    return (
        _whole(each.number, 1, MOST_DOCUMENTS)
        and _whole(each.volume, 1, 99)
        and isinstance(each.title, str)
        and 0 < len(each.title) <= 200
        and each.media in MEDIA
        and _whole(each.size, 1, LARGEST_FILE)
        and isinstance(each.sha256, str)
        and _HASH.fullmatch(each.sha256) is not None
        and _whole(each.pages, 0, 1_000_000)
        and _whole(each.first, 0, 100_000_000)
    )


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_instant(text: str) -> bool:
    try:
        return instant(datetime.fromisoformat(text)) == text
    except (ValueError, TypeError):
        return False
