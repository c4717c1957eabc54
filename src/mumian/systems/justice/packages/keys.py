"""Keys of agencies: private ones in files for their owner alone, or in a device; public ones in the database."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mumian.errors import MumianError
from mumian.people.models import Organisation
from mumian.systems.justice.packages.models import AgencyKey
from mumian.systems.justice.packages.signing import ED25519, Ed25519Signer, Key, Signer, key_id

VALID = timedelta(days=730)
"""For so long a new key is valid if nothing else is said."""


class NoKey(MumianError):
    """An agency that cannot sign."""


def make(agency: Organisation, *, begins: datetime, ends: datetime | None = None) -> AgencyKey:
    """A new key for an agency. The one before it no longer counts from when this one begins."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    file = _file(key_id(public))
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return add(agency, public, begins=begins, ends=ends or begins + VALID)


def add(
    agency: Organisation,
    public: bytes,
    *,
    begins: datetime,
    ends: datetime | None = None,
    algorithm: str = ED25519,
) -> AgencyKey:
    """Makes a public key known: of an agency here, or of one that sends files. Ends the one before it."""
    with transaction.atomic():
        before = AgencyKey.objects.filter(organisation=agency, begins__lt=begins)
        before.filter(Q(ends=None) | Q(ends__gt=begins)).update(ends=begins)
        key, _made = AgencyKey.objects.get_or_create(
            key=key_id(public),
            defaults={
                "organisation": agency, "algorithm": algorithm, "public": public, "begins": begins, "ends": ends,
            },
        )  # fmt: skip
    if key.organisation_id != agency.pk:
        raise NoKey(
            key.key,
            reason=_("this key belongs to %(agency)s already") % {"agency": key.organisation},
            cure=_("Every agency has keys of its own; make another"),
        )
    return key


def withdraw(key: str, *, at: datetime) -> bool:
    """A key counts no longer from a moment on, as after a loss; whether there was one."""
    return bool(AgencyKey.objects.filter(key=key).filter(Q(ends=None) | Q(ends__gt=at)).update(ends=at))


def signer_of(agency: Organisation, *, at: datetime) -> Signer:
    """What signs for an agency now. Raises `NoKey`."""
    for key in _valid(at).filter(organisation=agency).order_by("-begins"):
        if (signer := _device(key) or _from_file(key)) is not None:
            return signer
    raise NoKey(
        agency,
        reason=_("it has no valid key here to sign with"),
        cure=_("An administrator makes one: mumian justice key make %(code)s") % {"code": agency.code},
    )


def find(key: str) -> Key | None:
    """A public key by its name."""
    row = AgencyKey.objects.filter(key=key).select_related("organisation").first()
    if row is None:
        return None
    return Key(row.organisation.code, row.algorithm, bytes(row.public), row.begins, row.ends)


def published() -> QuerySet[AgencyKey]:
    """All public keys, those used now first."""
    return AgencyKey.objects.select_related("organisation").order_by("organisation__code", "-begins")


def _valid(at: datetime) -> QuerySet[AgencyKey]:
    return AgencyKey.objects.filter(Q(ends=None) | Q(ends__gt=at), begins__lte=at)


def _file(key: str) -> Path:
    room = os.environ.get("MUMIAN_AGENCY_KEYS")
    return (Path(room) if room else Path(settings.DATA) / "secrets" / "agencies") / f"{key}.pem"


def _from_file(key: AgencyKey) -> Signer | None:
    file = _file(key.key)
    if key.algorithm != ED25519 or not file.exists():
        return None
    private = serialization.load_pem_private_key(file.read_bytes(), None)
    return Ed25519Signer(private) if isinstance(private, Ed25519PrivateKey) else None


def _device(key: AgencyKey) -> Signer | None:
    """What the city's device does: `MUMIAN_SIGNING_DEVICE=module:function`, asked with the key's name."""
    if not (named := os.environ.get("MUMIAN_SIGNING_DEVICE")):
        return None
    module, _colon, function = named.partition(":")
    signer: Signer | None = getattr(import_module(module), function)(key.key)
    return signer
