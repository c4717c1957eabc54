"""Sending a package, taking it in, opening it and answering it: each a signed step that both sides' records hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian import papers
from mumian.engine.compiled import Reason
from mumian.engine.decide import may
from mumian.engine.looking import Look, look
from mumian.engine.perform import Act, Done, Refused, keyed_id, perform
from mumian.engine.rules import FOLLOWING
from mumian.engine.world import city
from mumian.errors import MumianError
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation
from mumian.record.canonical import canonical
from mumian.record.chain import instant
from mumian.systems.justice.packages import bag, checking, keys, manifest, signing, store
from mumian.systems.justice.packages.bag import Package
from mumian.systems.justice.packages.faults import Fault, Faulty, Sort
from mumian.systems.justice.packages.manifest import Document, Exhibit, Kind, Manifest, in_order
from mumian.systems.justice.packages.models import Answer, Paper, Parcel, Receipt, Thing
from mumian.systems.justice.packages.rules import HANDOVER, RECEIVED, RECEIVES
from mumian.systems.justice.packages.signing import Signature

OPENED, ACCEPTED, RETURNED = "opened", "accepted", "returned"
WHYS = ("missing-page", "unreadable", "unsigned", "wrong", "other")
SENDERS = ("police-officer", "prosecutor", "judge", "executing-officer")
RECEIPT = "mumian-receipt/1"
WORDS = 500
LARGEST_RECEIPT = 16 * 1024 * 1024


class NotDone(MumianError):
    """A step that was not taken, with the engine's reasons."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__(
            _("hand-over"),
            reason="; ".join(each.en for each in reasons),
            cure=_("Look at how it stands and try again"),
        )


@dataclass(frozen=True, slots=True)
class Back:
    """Why a document is sent back."""

    number: int
    why: str
    words: str = ""


# --- sending ----------------------------------------------------------------------------------------


def prepare(
    actor: Actor,
    *,
    receiver: int,
    case: str,
    purpose: str,
    about: UUID | None = None,
    now: datetime | None = None,
    key: str | None = None,
) -> Done:
    """Begins a hand-over of the actor's own agency; with the same `key` the same one. Raises `NotDone`."""
    if actor.role not in SENDERS or actor.organisation is None:
        raise NotDone(NOT_YOURS)
    if (posts := RECEIVES.get(purpose)) and not city().world.known.takes(receiver, posts):
        raise NotDone((_NOT_FOR_THEM,))
    data: dict[str, Any] = {
        "unit": actor.organisation, "receiver": [receiver], "case": case, "purpose": purpose,
    }  # fmt: skip
    if about is not None:
        data["about"] = about.hex
    with _whole():
        [done] = _done(
            [
                Act(
                    "prepare",
                    on_behalf_of(actor),
                    data,
                    opens=HANDOVER,
                    channel=FOLLOWING,
                    parent=about,
                    key=key,
                )
            ],
            now or timezone.now(),
        )
    return done


def parcels_of(seen: Look) -> list[Parcel]:
    """The versions of the package that one who looks may see, the newest first."""
    if not _of_the_unit(seen):
        return []
    own = {"sent": seen.matter.id} if seen.matter.procedure == HANDOVER else {"received": seen.matter.id}
    return list(Parcel.objects.filter(**own).select_related("sender", "receiver").order_by("-version"))


def send(seen: Look, *, by_file: bool = False, now: datetime | None = None) -> Parcel:
    """Seals what was put together as the next version and delivers it, or readies it to be exported as a file.

    Raises `Faulty` where a document is not what it was, `keys.NoKey`, or `NotDone`.
    """
    now = now or timezone.now()
    matter, data = seen.matter, seen.matter.data
    if not _of_the_unit(seen) or matter.procedure != HANDOVER:
        raise NotDone(NOT_YOURS)
    sender = Organisation.objects.get(pk=matter.unit or 0)
    receiver = Organisation.objects.get(pk=data["receiver"][0])
    if not by_file and not city().world.known.works(receiver.pk):
        raise NotDone((_NOBODY_THERE,))
    last = Parcel.objects.filter(sent=matter.id).order_by("-version").first()
    made = Manifest(
        package=matter.id.hex, version=last.version + 1 if last else 1, before=last.digest if last else "",
        case=data["case"], purpose=data["purpose"], sender=sender.code, receiver=receiver.code,
        made=instant(now), documents=_documents(matter.id), exhibits=_exhibits(matter.id),
    )  # fmt: skip
    manifest.read(made.written())
    if faults := checking.check(made, where):
        raise Faulty(faults)
    package = Package(made, signing.sign(made, keys.signer_of(sender, at=now), at=now))
    actor = on_behalf_of(seen.actor)
    if by_file:
        acts = [Act("export", actor, facts(package), matter.id)]
    else:
        acts = [
            Act("send", actor, {**facts(package), "delivered_at": now.isoformat()}, matter.id),
            _delivery(package, sender=sender, receiver=receiver, sent=matter.id, again=last is not None),
        ]
    received = None if by_file else acts[1].matter
    with _whole():
        parcel = _kept(package, sender, receiver, sent=matter.id, received=received)
        _done(acts, now)
    return parcel


def facts(package: Package) -> dict[str, Any]:
    """What the record says of a package."""
    made = package.manifest
    return {
        "version": made.version, "digest": made.digest, "key": package.signature.key,
        "documents": len(made.documents), "pages": sum(each.pages for each in made.documents), "bytes": made.size,
        "exhibits": len(made.exhibits),
    }  # fmt: skip


def package_of(parcel: Parcel) -> Package:
    """A package as it was sent."""
    return Package(manifest.read(bytes(parcel.manifest)), signing.read(bytes(parcel.signature)))


def where(document: Document) -> Path:
    """Where a document lies in the store."""
    return store.path_of(document.sha256)


def _documents(matter: UUID) -> tuple[Document, ...]:
    rows = list(Paper.objects.filter(matter=matter))
    coming = [
        Fault(Sort.MISSING, each.title, _("not all of it has come yet")) for each in rows if not each.sha256
    ]
    if coming:
        raise Faulty(coming)
    if not rows:
        raise Faulty([Fault(Sort.MISSING, _("documents"))])
    _count_pages(rows)
    return in_order(
        [
            Document(0, each.volume, each.title, Kind(each.kind), each.media, each.size, each.sha256, each.pages, 0)
            for each in rows
        ]
    )  # fmt: skip


def _count_pages(rows: list[Paper]) -> None:
    """Counts the pages of the PDF documents that have not been counted. Raises `Faulty` naming what cannot be read.

    What goes on from one agency to the next was counted when it was first sent.
    """
    wanted = [each for each in rows if each.media == checking.PDF and not each.pages]
    counted = Paper.objects.filter(sha256__in={each.sha256 for each in wanted}, pages__gt=0)
    known = dict(counted.values_list("sha256", "pages"))
    for each in wanted:
        each.pages = known.get(each.sha256, 0)
    uncounted = [each for each in wanted if not each.pages]
    found = papers.pages([store.path_of(each.sha256) for each in uncounted])
    for each, pages in zip(uncounted, found, strict=True):
        each.pages = pages or 0
    if broken := [Fault(Sort.UNREADABLE, each.title) for each in uncounted if not each.pages]:
        raise Faulty(broken)
    Paper.objects.bulk_update(wanted, ["pages"], batch_size=500)


def _exhibits(matter: UUID) -> tuple[Exhibit, ...]:
    rows = Thing.objects.filter(matter=matter)
    return tuple(Exhibit(n, each.title, each.amount, each.kept) for n, each in enumerate(rows, start=1))


def _delivery(
    package: Package, *, sender: Organisation, receiver: Organisation, sent: UUID | None, again: bool
) -> Act:
    """What opens the receiver's matter, or brings a new version to it."""
    made = package.manifest
    key = keyed_id(RECEIVED, made.package)
    if again:
        return Act("deliver-again", SYSTEM, facts(package), key)
    cover: dict[str, Any] = {
        "unit": receiver.pk, "sender": [sender.pk], "case": made.case, "purpose": made.purpose,
    }  # fmt: skip
    if sent is not None:
        cover["sent"] = sent.hex
    return Act(
        "deliver", SYSTEM, {**cover, **facts(package)}, key, opens=RECEIVED, channel=FOLLOWING, parent=sent
    )


def _kept(
    package: Package,
    sender: Organisation,
    receiver: Organisation,
    *,
    sent: UUID | None,
    received: UUID | None,
) -> Parcel:
    made = package.manifest
    return Parcel.objects.create(
        package=UUID(made.package), version=made.version, sent=sent, received=received, sender=sender,
        receiver=receiver, case=made.case, purpose=made.purpose, manifest=made.written(),
        signature=package.signature.written(), digest=made.digest, made_at=datetime.fromisoformat(made.made),
    )  # fmt: skip


# --- by file ----------------------------------------------------------------------------------------


def take_in(
    file: Path | IO[bytes],
    actor: Actor,
    *,
    now: datetime | None = None,
    passed: Callable[[Document], None] = lambda document: None,
) -> Parcel:
    """Takes in a package that came as a file, for the agency of the one who brings it; twice is once.

    Raises `Faulty` with all that is wrong, each with its file and cure.
    """
    now = now or timezone.now()
    receiver = Organisation.objects.filter(pk__in=actor.lineage[:1]).first()
    if receiver is None:
        raise NotDone(NOT_YOURS)
    package = bag.taken(file, keys.find, now=now, receiver=receiver.code, passed=passed)
    made = package.manifest
    if faults := list(checking.check_pages(made, where)):
        raise Faulty(faults)
    if there := Parcel.objects.filter(digest=made.digest).first():
        return there
    before = (
        Parcel.objects.filter(package=UUID(made.package), sender__code=made.sender)
        .order_by("-version")
        .first()
    )
    if (before.digest if before else "") != made.before:
        raise Faulty([Fault(Sort.VERSION, bag.MANIFEST, f"{made.version}")])
    sender = Organisation.objects.get(code=made.sender)
    act = _delivery(package, sender=sender, receiver=receiver, sent=None, again=before is not None)
    with _whole():
        parcel = _kept(package, sender, receiver, sent=None, received=act.matter)
        _done([act._replace(actor=on_behalf_of(actor))], now)
    return parcel


# --- answering --------------------------------------------------------------------------------------


def open_it(seen: Look, *, now: datetime | None = None) -> Parcel:
    """Opens what has come: from here on its documents are read, and the sender knows it."""
    return _answer(seen, "open", OPENED, {}, (), now)


def accept(seen: Look, *, now: datetime | None = None) -> Parcel:
    """Accepts the version there is now; what it was sent for is done with it, and the next stage begins here."""
    try:
        return _answer(seen, "accept", ACCEPTED, {}, (), now)
    except NotDone:
        here = may(
            seen.compiled, seen.matter, "accept", actor=SYSTEM, now=now or timezone.now(), world=city().world
        )
        if here is None:  # so it is the sender's stage that has moved on; how, is not told here
            raise NotDone((_MOVED_ON,)) from None
        raise


def send_back(seen: Look, backs: list[Back], reason: str = "", *, now: datetime | None = None) -> Parcel:
    """Sends the version there is now back, with why for each document concerned."""
    parcel = _latest(seen)
    count = len(package_of(parcel).manifest.documents)
    if not backs and not reason.strip():
        raise NotDone(
            (Reason("reason", "请写明退回理由，或指出有问题的文件", "Say why, or which documents"),)
        )
    if len({each.number for each in backs}) < len(backs) or any(
        not 1 <= each.number <= count or each.why not in WHYS for each in backs
    ):
        raise NotDone((Reason("documents", "所指文件不在清单中", "The manifest has no such documents"),))
    said: dict[str, Any] = {"sent_back": len(backs)}
    if reason.strip():
        said["reason"] = reason.strip()
    return _answer(
        seen, "return", RETURNED, said, tuple(replace(b, words=b.words.strip()[:WORDS]) for b in backs), now
    )


def _answer(
    seen: Look,
    action: str,
    state: str,
    said: Mapping[str, Any],
    backs: tuple[Back, ...],
    now: datetime | None,
) -> Parcel:
    now = now or timezone.now()
    parcel = _latest(seen)
    text, signature = _receipt(parcel, state, said, backs, now)
    data: dict[str, Any] = {"version": parcel.version, "receipt": hashlib.sha256(text).hexdigest(), **said}
    with _whole():
        Answer.objects.bulk_create(Answer(parcel=parcel, **asdict(each)) for each in backs)
        Receipt.objects.create(parcel=parcel, state=state, text=text, signature=signature.written())
        _done([Act(action, on_behalf_of(seen.actor), data, seen.matter.id)], now)
    return parcel


def _latest(seen: Look) -> Parcel:
    found = parcels_of(seen) if seen.matter.procedure == RECEIVED else []
    if not found:
        raise NotDone(NOT_YOURS)
    return found[0]


def _receipt(
    parcel: Parcel, state: str, said: Mapping[str, Any], backs: tuple[Back, ...], now: datetime
) -> tuple[bytes, Signature]:
    """What the receiver says, and its signature over that."""
    signer, at = keys.signer_of(parcel.receiver, at=now), instant(now)
    text = canonical(
        {
            "format": RECEIPT, "package": parcel.package.hex, "version": parcel.version, "digest": parcel.digest,
            "state": state, "at": at, "by": parcel.receiver.code, "documents": [asdict(each) for each in backs],
            "reason": said.get("reason", ""),
        }
    )  # fmt: skip
    value = signer.sign(text).hex()
    return text, Signature(parcel.receiver.code, signing.key_id(signer.public), signer.algorithm, at, value)


# --- receipts that come as files --------------------------------------------------------------------


def receipt_file(receipt: Receipt) -> bytes:
    """A receipt with its signature, to be brought to the sender."""
    return b'{"receipt":' + bytes(receipt.text) + b',"signature":' + bytes(receipt.signature) + b"}"


def take_receipt(seen: Look, content: bytes, *, now: datetime | None = None) -> Parcel:
    """Takes in what the receiver says of a package it was brought as a file; twice is once. Raises `Faulty`, `NotDone`.

    It counts if the receiver's key signed it, and it is of a version that was sent.
    """
    now = now or timezone.now()
    if not _of_the_unit(seen) or seen.matter.procedure != HANDOVER:
        raise NotDone(NOT_YOURS)
    said, text, signature = _read_receipt(content)
    parcel = next((each for each in parcels_of(seen) if each.digest == said["digest"]), None)
    if parcel is None:
        raise Faulty([Fault(Sort.NOT_FOR_US, "receipt", said["digest"][:16])])
    key = keys.find(signature.key)
    if key is None or key.agency != parcel.receiver.code:
        raise Faulty([Fault(Sort.STRANGER, "receipt", signature.agency)])
    check = signing.SCHEMES.get(signature.algorithm)
    if check is None or not check(key.public, text, bytes.fromhex(signature.value)):
        raise Faulty([Fault(Sort.SIGNATURE, "receipt")])
    if not key.valid_at(datetime.fromisoformat(said["at"])):
        raise Faulty([Fault(Sort.KEY_TIME, "receipt", said["at"])])
    if Receipt.objects.filter(parcel=parcel, state=said["state"]).exists():
        return parcel
    data = {"version": parcel.version, "receipt": hashlib.sha256(text).hexdigest()}
    backs = [Back(**each) for each in said["documents"]]
    if said["state"] == RETURNED:
        data["sent_back"] = len(backs)
        if said["reason"]:
            data["reason"] = said["reason"]
    with _whole():
        Answer.objects.bulk_create(Answer(parcel=parcel, **asdict(each)) for each in backs)
        Receipt.objects.create(parcel=parcel, state=said["state"], text=text, signature=signature.written())
        _done([Act(f"note-{said['state']}", on_behalf_of(seen.actor), data, seen.matter.id)], now)
    return parcel


def _read_receipt(content: bytes) -> tuple[dict[str, Any], bytes, Signature]:
    wrong = Faulty([Fault(Sort.NO_RECEIPT, "receipt")])
    try:
        whole = orjson.loads(content)
        said, signature = whole["receipt"], Signature(**whole["signature"])
        text = canonical(said)
        fits = said["format"] == RECEIPT and said["state"] in (OPENED, ACCEPTED, RETURNED)
        fits = fits and isinstance(said["digest"], str) and isinstance(said["reason"], str)
        fits = (
            fits
            and datetime.fromisoformat(said["at"]).tzinfo is not None
            and bool(bytes.fromhex(signature.value))
        )
        fits = fits and all(
            each.keys() == {"number", "why", "words"} and each["why"] in WHYS for each in said["documents"]
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise wrong from None
    if not fits:
        raise wrong
    return said, text, signature


# --- what all stand on ------------------------------------------------------------------------------


def seen_by(actor: Actor, matter: UUID) -> Look | None:
    """A hand-over or a received file as somebody of its agency sees it."""
    seen = look(actor, matter)
    return seen if seen is not None and seen.matter.procedure in (HANDOVER, RECEIVED) else None


def on_behalf_of(actor: Actor) -> Actor:
    """The program, doing something for somebody, who stands on the record with it."""
    return Actor(
        actor.person, actor.post, actor.role, actor.organisation, actor.lineage, actor.place, actor.scope,
        system=True, name="justice",
    )  # fmt: skip


def _of_the_unit(seen: Look) -> bool:
    """Whether one who looks takes part for the agency whose matter it is."""
    return seen.involved and (seen.actor.system or seen.matter.unit in seen.actor.lineage)


class _NotStored(Exception):
    """What was stored with an act that is refused is taken back."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused


@contextmanager
def _whole() -> Iterator[None]:
    """All of it is stored, or nothing."""
    try:
        with transaction.atomic():
            yield
    except _NotStored as error:
        raise NotDone(error.refused.reasons) from None


def _done(acts: list[Act], now: datetime) -> list[Done]:
    done = []
    for result in perform(acts, now=now):
        if isinstance(result, Refused):
            raise _NotStored(result)
        done.append(result)
    return done


_NOT_FOR_THEM = Reason(
    "receiver",
    "该机关无人办理这一事项，请另选接收机关或移送事由",
    "Nobody there handles this; choose another agency, or another purpose",
    "receiver",
)
_NOBODY_THERE = Reason(
    "off-network",
    "接收机关未接入本系统，无人可以接收；请签名导出后送交，或撤下后写明理由办理",
    "Nobody there is on the network to receive it; sign and save it as a file, or give it up and act with a reason",
)
_MOVED_ON = Reason(
    "moved-on",
    "移送机关的案件状态已变化，不能按原事由接收；请退回并写明理由",
    "The sender's case has moved on, so it cannot be accepted for this any more; send it back and say so",
)
NOT_YOURS = (
    Reason("not-yours", "只能由本机关办案人员办理", "Only those who work on it for the agency may do this"),
)
