"""Signing a manifest with an agency's key: Ed25519, or what a certified device does, if the city has one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mumian.record.canonical import canonical
from mumian.record.chain import instant
from mumian.systems.justice.packages.faults import Fault, Faulty, Sort
from mumian.systems.justice.packages.manifest import Manifest

NAME = "signature.json"
ED25519 = "Ed25519"
SKEW = timedelta(minutes=10)
"""By so much the clocks of two agencies may differ."""


class Signer(Protocol):
    """What holds an agency's private key: a file, or a device that never gives it out."""

    @property
    def algorithm(self) -> str:
        """By which `SCHEMES` knows how to check it."""

    @property
    def public(self) -> bytes:
        """The public key."""

    def sign(self, message: bytes) -> bytes:
        """The signature over a message."""


class Ed25519Signer:
    """A private key in the program's own memory."""

    algorithm = ED25519

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


Check = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature is right: public key, message, signature."""


def _ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


SCHEMES: dict[str, Check] = {ED25519: _ed25519}
"""How signatures are checked. A certified SM2 device adds itself under `SM2` and brings a `Signer`."""


@dataclass(frozen=True, slots=True)
class Key:
    """An agency's public key and when it may be used."""

    agency: str
    algorithm: str
    public: bytes
    begins: datetime
    ends: datetime | None = None

    @property
    def id(self) -> str:
        """By which a signature names it: the beginning of its SHA-256."""
        return key_id(self.public)

    def valid_at(self, at: datetime) -> bool:
        """Whether it may be used at a moment."""
        return self.begins <= at and (self.ends is None or at < self.ends)


def key_id(public: bytes) -> str:
    """The name of a public key: 32 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a manifest, when, and with what."""

    agency: str
    key: str
    algorithm: str
    at: str
    value: str
    """In hexadecimal."""

    def written(self) -> bytes:
        """Its canonical bytes."""
        return canonical(asdict(self))


def sign(manifest: Manifest, signer: Signer, *, at: datetime) -> Signature:
    """The sending agency's signature over a manifest and the moment of signing."""
    said = instant(at)
    value = signer.sign(_message(manifest, said))
    return Signature(manifest.sender, key_id(signer.public), signer.algorithm, said, value.hex())


def read(text: bytes) -> Signature:
    """The signature that canonical bytes say. Raises `Faulty`."""
    try:
        signature = Signature(**orjson.loads(text))
        fits = signature.written() == text and all(
            isinstance(part, str) for part in asdict(signature).values()
        )
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise Faulty([Fault(Sort.SIGNATURE, NAME)])
    return signature


def check(
    manifest: Manifest, signature: Signature, find: Callable[[str], Key | None], *, now: datetime
) -> Fault | None:
    """What is wrong with a signature; nothing if the sending agency's key made it while it was valid."""
    wrong = Fault(Sort.SIGNATURE, NAME)
    key, scheme = find(signature.key), SCHEMES.get(signature.algorithm)
    if key is None or key.agency != manifest.sender or signature.agency != manifest.sender:
        return Fault(Sort.STRANGER, NAME, f"{signature.agency} · {signature.key}"[:120])
    try:
        value, at = bytes.fromhex(signature.value), datetime.fromisoformat(signature.at)
    except ValueError:
        return wrong
    if value.hex() != signature.value:
        return wrong
    if scheme is None or key.algorithm != signature.algorithm:
        return wrong.saying(signature.algorithm[:40])
    if not scheme(key.public, _message(manifest, signature.at), value):
        return wrong
    if at.tzinfo is None or at > now + SKEW or not key.valid_at(at):
        return Fault(Sort.KEY_TIME, NAME, signature.at)
    return None


def _message(manifest: Manifest, at: str) -> bytes:
    return f"{manifest.format}\n{at}\n{manifest.digest}\n".encode()
