"""A message to a device is sealed as RFC 8291 says, and shows by RFC 8292 who sends it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mumian.notices import pushing


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


class Device:
    """A browser's side: its keys, and opening what is sealed for it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.auth = bytes(range(16))
        self.keys = {"p256dh": text(self.point), "auth": text(self.auth)}

    def open(self, body: bytes) -> Any:
        salt, sender, sealed = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), peer)

        def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
            return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

        secret = derive(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        opened = AESGCM(key).decrypt(nonce, sealed, None)
        assert opened.endswith(b"\x02")
        return json.loads(opened[:-1])


def test_the_example_of_rfc_8291_comes_out_as_it_is_printed() -> None:
    own = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sealed = pushing.seal(
        b"When I grow up, I want to be a watermelon",
        device="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth="BTBZMqHH6r4Tts7J_aSIgg",
        own=ec.derive_private_key(own, ec.SECP256R1()),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK"
        "6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_message_is_read_by_its_device_alone_and_signed_by_the_key_the_page_was_given(
    receiver: Any, settings: Any
) -> None:
    settings.PRIVATE_RECEIVERS, settings.SITE_URL = True, "https://city.example"
    device = Device()
    answer = pushing.send(f"{receiver.url}/push/1?a=b", device.keys, b'{"title": "\xe6\x9c\xa8\xe6\xa3\x89"}')
    assert answer.taken
    (got,) = receiver.got
    assert got.path == "/push/1?a=b"
    assert (got.headers["content-encoding"], got.headers["urgency"]) == ("aes128gcm", "normal")
    assert int(got.headers["ttl"]) > 0
    assert device.open(got.body) == {"title": "木棉"}
    assert b"title" not in got.body
    scheme, _, parameters = got.headers["authorization"].partition(" ")
    said = dict(each.strip().split("=", 1) for each in parameters.split(","))
    assert (scheme, said["k"]) == ("vapid", pushing.public_key())
    head, claims, signature = said["t"].split(".")
    assert json.loads(raw(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(raw(claims))["aud"] == receiver.url
    assert json.loads(raw(claims))["sub"] == "https://city.example"
    r, s = (int.from_bytes(raw(signature)[part], "big") for part in (slice(0, 32), slice(32, 64)))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(said["k"]))
    key.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    "keys",
    [{"p256dh": "", "auth": ""}, {"p256dh": "AAAA", "auth": text(bytes(16))}, {"p256dh": "%", "auth": "%"}],
)
def test_keys_that_are_none_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pushing.check_keys(keys)
