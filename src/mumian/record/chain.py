"""The chain: each entry carries the hash of its own content and of the entry before it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from mumian.record.canonical import Json, canonical, commitment

START = bytes(32)
"""What the first entry of a subject is chained to."""

_DOMAIN = b"mumian/entry/1\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one subject, as it is stored."""

    subject: UUID
    seq: int
    at: datetime
    action: str
    person: UUID | None
    post: int | None
    body: dict[str, Json]
    """What was done: state, data, commitments to personal values. See `engine.decide`."""
    key: str | None = None
    """The client's own key for the act, so that the same act sent twice is one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the record does not hold."""

    subject: UUID
    seq: int
    what: str
    """altered | missing | reordered | surplus | personal: see `verify`."""


def instant(at: datetime) -> str:
    """An instant as the chain writes it: UTC, microseconds, `Z`."""
    global _last
    if at is _last[0]:  # a batch has one moment for very many entries
        return _last[1]
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    _last = at, text
    return text


_last: tuple[datetime | None, str] = (None, "")


def link(entry: Entry, before: bytes) -> bytes:
    """The hash of an entry that follows one with hash `before`; 32 bytes."""
    content = canonical(
        {
            "subject": entry.subject.hex,
            "seq": entry.seq,
            "at": instant(entry.at),
            "action": entry.action,
            "person": entry.person.hex if entry.person else None,
            "post": entry.post,
            "body": entry.body,
            "key": entry.key,
        }
    )
    return hashlib.sha256(_DOMAIN + before + content).digest()


def verify(
    subject: UUID,
    entries: Iterable[tuple[Entry, bytes, dict[str, list[Json]] | None]],
    *,
    head: tuple[int, bytes] | None,
) -> Iterator[Fault]:
    """Walks one subject's entries in order of `seq` and yields each place where they do not hold.

    `entries` gives entry, stored hash, and the openings of its commitments (None or less where erased);
    `head` is the last seq and hash its owner knows, or None if it knows of none.

    - `missing`: a seq is not there, or the record ends before its head;
    - `reordered`: the content is that of an entry stored under another seq of the subject;
    - `altered`: content and hash do not agree;
    - `surplus`: an entry after the head;
    - `personal`: a personal value is not the one committed to.
    """
    before, expected = START, 1
    seen: list[tuple[Entry, bytes]] = []
    broken: list[int] = []
    for entry, stored, openings in entries:
        while expected < entry.seq:
            yield Fault(subject, expected, "missing")
            expected += 1
            before = b""
        if before and link(entry, before) != stored:
            broken.append(len(seen))
        elif not before and head is None:
            before = stored
        yield from _personal(entry, openings)
        if head is not None and entry.seq > head[0]:
            yield Fault(subject, entry.seq, "surplus")
        seen.append((entry, stored))
        before, expected = stored, entry.seq + 1
    yield from _name_broken(subject, seen, broken)
    if head is not None:
        for seq in range(expected, head[0] + 1):
            yield Fault(subject, seq, "missing")
        if seen and seen[-1][0].seq == head[0] and seen[-1][1] != head[1]:
            yield Fault(subject, head[0], "altered")


def _personal(entry: Entry, openings: dict[str, list[Json]] | None) -> Iterator[Fault]:
    promised = entry.body.get("personal") or {}
    for name, (salt, value) in (openings or {}).items():
        if promised.get(name) != commitment(value, bytes.fromhex(salt)):
            yield Fault(entry.subject, entry.seq, "personal")


def _name_broken(subject: UUID, seen: list[tuple[Entry, bytes]], broken: list[int]) -> Iterator[Fault]:
    """Tells altered entries from swapped ones: a swapped entry's hash holds at its old place."""
    known = {stored: index for index, (_, stored) in enumerate(seen)}
    for index in broken:
        entry, stored = seen[index]
        elsewhere = _holds_elsewhere(entry, stored, seen, known)
        yield Fault(subject, entry.seq, "reordered" if elsewhere else "altered")


def _holds_elsewhere(
    entry: Entry, stored: bytes, seen: list[tuple[Entry, bytes]], known: dict[bytes, int]
) -> bool:
    befores = [START, *known]
    for seq in range(1, len(seen) + 2):
        if seq == entry.seq:
            continue
        moved = Entry(entry.subject, seq, entry.at, entry.action, entry.person, entry.post, entry.body, entry.key)
        if any(link(moved, before) == stored for before in befores):
            return True
    return False
