"""Sealing PDF with the installation's certificate, and looking at the signatures of one, with pyHanko."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from mumian.folders import data_folder
from mumian.papers.reading import Unreadable

YEARS = 20
"""How long a certificate that the installation makes for itself is valid: as long as papers are kept."""


def sealed(pdf: bytes, *, reason: str, owner: str, place: str = "") -> bytes:
    """See `asking.seal`."""
    file, password = _certificate(owner)
    signer = signers.SimpleSigner.load_pkcs12(str(file), passphrase=password)
    if signer is None:
        raise SystemExit(f"{file}: neither certificate nor key can be read with the password given")
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        taken = len(writer.prev.embedded_signatures)
    except (PdfError, ValueError) as error:
        raise Unreadable from error
    what = signers.PdfSignatureMetadata(
        field_name=f"Seal{taken + 1}",
        reason=reason,
        location=place or None,
        name=owner,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    out = BytesIO()
    signers.sign_pdf(writer, what, signer=signer, output=out)
    return out.getvalue()


def found(pdf: bytes) -> list[dict[str, Any]]:
    """See `asking.signatures`."""
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
    except (PdfError, ValueError) as error:
        raise Unreadable from error
    ours = _our_own()
    trusted = ValidationContext(trust_roots=ours, allow_fetching=False)
    seen = []
    for each in signatures:
        status = validate_pdf_signature(each, signer_validation_context=trusted)
        certificate = each.signer_cert
        seen.append(
            {
                "name": certificate.subject.native.get("common_name", certificate.subject.human_friendly),
                "issuer": certificate.issuer.human_friendly,
                "at": each.self_reported_timestamp.isoformat() if each.self_reported_timestamp else None,
                "intact": bool(status.intact and status.valid),
                "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE or bool(status.docmdp_ok),
                "ours": any(certificate.sha256 == own.sha256 for own in ours),
            }
        )
    return seen


def _certificate(owner: str) -> tuple[Path, bytes]:
    """Where the certificate and its key lie, and the password."""
    if given := os.environ.get("MUMIAN_SEAL"):
        return Path(given), os.environ.get("MUMIAN_SEAL_PASSWORD", "").encode()
    file = data_folder() / "secrets" / "seal.p12"
    if not file.exists():
        _make(file, owner)
    return file, b""


def _our_own() -> list[Any]:
    """Our certificate, if there is one yet."""
    given = os.environ.get("MUMIAN_SEAL")
    file = Path(given) if given else data_folder() / "secrets" / "seal.p12"
    if not file.exists():
        return []
    password = os.environ.get("MUMIAN_SEAL_PASSWORD", "").encode() if given else None
    certificate = pkcs12.load_pkcs12(file.read_bytes(), password).cert
    if certificate is None:
        return []
    return list(load_certs_from_pemder_data(certificate.certificate.public_bytes(serialization.Encoding.DER)))


def _make(file: Path, owner: str) -> None:
    """A certificate that says who it is of and nothing more; of several made at once, the first one's stays."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner[:64] or "Mumian")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=366 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    bundle = pkcs12.serialize_key_and_certificates(
        b"mumian", key, certificate, None, serialization.NoEncryption()
    )
    fresh.write_bytes(bundle)
    with suppress(FileExistsError):
        os.link(fresh, file)
    fresh.unlink()
