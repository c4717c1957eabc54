"""Web push: a message sealed for one device (RFC 8291), sent as a sender who shows who it is (RFC 8292)."""

import json
import os
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from mumian.folders import kept_secret
from mumian.notices.posting import Answer, post

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points of the curve P-256 (FIPS 186-5)."""
RECORD = 4096
KEEP_SECONDS = 3 * 24 * 3600
"""How long a push service keeps a message for a device that is off."""
TOKEN_SECONDS = 12 * 3600


def send(endpoint: str, keys: dict[str, str], message: bytes) -> Answer:
    """Sends a message of at most 3,993 bytes to a device. Raises `NotAllowed`, `NotReached`, `ValueError` for bad keys."""
    body = seal(message, device=keys["p256dh"], auth=keys["auth"])
    return post(
        endpoint,
        body,
        {
            "Authorization": f"vapid t={_token(endpoint)}, k={public_key()}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEEP_SECONDS),
            "Urgency": "normal",
        },
    )


def check_keys(keys: dict[str, str]) -> None:
    """Raises `ValueError` where a device's keys are none."""
    _device(keys["p256dh"])
    if len(_bytes(keys["auth"])) != 16:
        raise ValueError("auth is not 16 bytes")


def seal(
    message: bytes,
    *,
    device: str,
    auth: str,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """A message as only the device can read it: content coding aes128gcm (RFC 8188) with the keys of RFC 8291, 3.4."""
    own, salt = own or ec.generate_private_key(_CURVE), salt or secrets.token_bytes(16)
    receiver = _device(device)
    theirs, ours = _point(receiver), _point(own.public_key())
    shared = own.exchange(ec.ECDH(), receiver)
    secret = _derive(shared, salt=_bytes(auth), info=b"WebPush: info\0" + theirs + ours, length=32)
    key = _derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _derive(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours + sealed


def public_key() -> str:
    """The key by which devices know this sender: what a page gives as `applicationServerKey`."""
    return _text(_point(_own().public_key()))


@cache
def _own() -> ec.EllipticCurvePrivateKey:
    """The sender's key, made from a secret that is kept like all others: the same from start to start."""
    secret = os.environ.get("MUMIAN_PUSH_SECRET") or kept_secret("push")
    drawn = _derive(secret.encode(), salt=None, info=b"mumian web push sender", length=48)
    return ec.derive_private_key(int.from_bytes(drawn, "big") % (_ORDER - 1) + 1, _CURVE)


def _token(endpoint: str) -> str:
    """A JSON Web Token, signed with ES256 (RFC 7515, RFC 8292 section 2)."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": _contact(),
    }
    said = f"{_text(_json({'typ': 'JWT', 'alg': 'ES256'}))}.{_text(_json(claims))}"
    r, s = decode_dss_signature(_own().sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{said}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _contact() -> str:
    """Where those who run a push service can reach us."""
    site = settings.SITE_URL
    return site if site.startswith("https://") else f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"


def _device(key: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _bytes(key))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret: bytes, *, salt: bytes | None, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
