"""A package as two agencies have it, made without a database: documents in the store, a manifest, keys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mumian.systems.justice.packages import signing, store
from mumian.systems.justice.packages.bag import Package
from mumian.systems.justice.packages.manifest import Document, Exhibit, Kind, Manifest, in_order
from mumian.systems.justice.packages.signing import Ed25519Signer, Key

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICE, COURT = (Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2))
BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
KEYS = {
    key.id: key
    for key in (
        Key("police", signing.ED25519, POLICE.public, BEGINS, ENDS),
        Key("court", signing.ED25519, COURT.public, BEGINS, ENDS),
    )
}
CONTENTS = (b"an opinion for prosecution", b"minutes of a questioning\n" * 400, b"\0\xff" * 5000)


def document(content: bytes, title: str, *, volume: int = 1, pages: int = 2) -> Document:
    """A document whose content is put into the store."""
    sha256, size = store.take([content], most=len(content))
    assert sha256 == hashlib.sha256(content).hexdigest()
    return Document(1, volume, title, Kind.STATEMENT, "text/plain", size, sha256, pages, 1)


def manifest(contents: Sequence[bytes] = CONTENTS, **changes: object) -> Manifest:
    """A manifest of these contents, from the police to the procuratorate."""
    documents = [
        document(each, f"材料 {n}", volume=1 + n // 2, pages=n + 1) for n, each in enumerate(contents)
    ]
    made: dict[str, object] = {
        "package": "ab" * 16, "version": 1, "before": "", "case": "木公刑〔2026〕1号", "purpose": "prosecution",
        "sender": "police", "receiver": "procuratorate", "made": "2026-03-02T07:59:00.000000Z",
        "documents": in_order(documents), "exhibits": (Exhibit(1, "手机", "1 部", "物证室 3 号柜"),),
    }  # fmt: skip
    return Manifest(**{**made, **changes})  # type: ignore[arg-type]


def package(made: Manifest | None = None, signer: Ed25519Signer = POLICE, at: datetime = NOW) -> Package:
    """The same, signed."""
    made = made or manifest()
    return Package(made, signing.sign(made, signer, at=at))
