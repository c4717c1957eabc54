"""The chain: each entry carries the hash of its own content and of the entry before it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from mumian.record.canonical import Json, canonical, commitment

START = bytes(32)
"""What the first entry of a subject is chained to."""

_DOMAIN = b"mumian/entry/1\n"


class Entry(NamedTuple):
    """One thing that happened to one subject, as it is stored. A tuple, because many are made at once."""

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
    known = _texts.get(id(at))  # a batch names few moments very many times
    if known is not None and known[0] is at:
        return known[1]
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    text = utc.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
    if len(_texts) > _REMEMBERED:
        _texts.clear()
    _texts[id(at)] = at, text
    return text


_REMEMBERED = 4096
_texts: dict[int, tuple[datetime, str]] = {}


def link(entry: Entry, before: bytes) -> bytes:
    """The hash of an entry that follows one with hash `before`; 32 bytes."""
    return link_body(entry, canonical(entry.body), before)


def link_body(entry: Entry, body: bytes, before: bytes) -> bytes:
    """`link` for one who has the canonical form of the body in hand, to be stored as it is."""
    content = _CONTENT % (
        canonical(entry.action),
        instant(entry.at).encode(),
        body,
        canonical(entry.key) if entry.key is not None else b"null",
        b'"%s"' % entry.person.hex.encode() if entry.person else b"null",
        b"%d" % entry.post if entry.post is not None else b"null",
        entry.seq,
        entry.subject.hex.encode(),
    )
    return hashlib.sha256(_DOMAIN + before + content).digest()


_CONTENT = b'{"action":%b,"at":"%b","body":%b,"key":%b,"person":%b,"post":%b,"seq":%d,"subject":"%b"}'
"""The canonical form of an entry: its names in order."""


def verify(
    subject: UUID,
    entries: Iterable[tuple[Entry, bytes, dict[str, list[Json]] | None]],
    *,
    head: tuple[int, bytes] | None,
) -> Iterator[Fault]:
    """Walks one subject's entries in order of `seq` and yields each place where they do not hold, by `seq`.

    `entries` gives entry, stored hash, and the openings of its commitments (None or less where erased);
    `head` is the last seq and hash its owner knows, or None if it knows of none.

    - `missing`: a seq is not there, or the record ends before its head;
    - `reordered`: the content is that of an entry stored under another seq of the subject;
    - `altered`: content and hash do not agree, or an entry was rewritten with its hash, which shows at the
      one after it;
    - `surplus`: an entry after the head;
    - `personal`: a personal value is not the one committed to.
    """
    walk = _Walk(subject)
    for entry, stored, openings in entries:
        walk.on(entry, stored)
        if not _opens(entry, openings):
            walk.faults.append(Fault(subject, entry.seq, "personal"))
        if head is not None and entry.seq > head[0]:
            walk.faults.append(Fault(subject, entry.seq, "surplus"))
    if head is not None:
        walk.end(*head)
    walk.name_broken()
    yield from sorted(walk.faults, key=lambda fault: fault.seq)


def _opens(entry: Entry, openings: dict[str, list[Json]] | None) -> bool:
    """Whether every personal value there is was promised. What was tampered with may have any shape."""
    try:
        return all(
            entry.body["personal"][name] == commitment(value, bytes.fromhex(salt))
            for name, (salt, value) in (openings or {}).items()
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


SEARCHED = 32
"""Among more broken entries than these, none is looked for at other places: they are called altered."""


NAMED = 1000
"""Of a longer gap, which a number tampered with can make, so many entries are named."""


class _Walk:
    """A walk along a chain, and what was found on the way."""

    def __init__(self, subject: UUID) -> None:
        self.subject = subject
        self.faults: list[Fault] = []
        self.hashes: dict[int, bytes] = {0: START}
        self.broken: dict[int, Entry] = {}
        self.missing: list[int] = []
        self.expected = 1
        self.befores: list[bytes] = [START]
        """What the entry before hashes to: as stored, and where that is broken also as reckoned."""

    def on(self, entry: Entry, stored: bytes) -> None:
        """Goes on to the next entry there is. One after a gap can only be taken as it is."""
        self._miss(entry.seq - 1)
        reckoned = [link(entry, before) for before in self.befores]
        self.befores = [stored]
        if reckoned and stored not in reckoned:
            self.broken[entry.seq] = entry
            self.befores += reckoned
        self.hashes[entry.seq] = stored
        self.expected = entry.seq + 1

    def end(self, seq: int, stored: bytes) -> None:
        """Compares the end with the head."""
        self._miss(seq)
        if self.hashes.get(seq, stored) != stored and seq not in self.broken:
            self.faults.append(Fault(self.subject, seq, "altered"))

    def _miss(self, last: int) -> None:
        for seq in range(self.expected, min(last + 1, self.expected + NAMED)):
            self.faults.append(Fault(self.subject, seq, "missing"))
            self.missing.append(seq)
            self.befores = []
        self.expected = max(self.expected, last + 1)

    def name_broken(self) -> None:
        """Tells altered entries from moved ones, and from those that are whole and only follow a moved one."""
        if len(self.broken) > SEARCHED:
            self.faults += [Fault(self.subject, seq, "altered") for seq in self.broken]
            return
        for seq, entry in self.broken.items():
            if any(self._holds(entry, place) for place in [*self.broken, *self.missing] if place != seq):
                self.faults.append(Fault(self.subject, seq, "reordered"))
            elif not self._holds(entry, seq):
                self.faults.append(Fault(self.subject, seq, "altered"))

    def _holds(self, entry: Entry, place: int) -> bool:
        """Whether the entry's hash holds at a place, after the one before that or after a moved one."""
        befores = {self.hashes.get(place - 1, START), *(self.hashes[seq] for seq in self.broken)}
        return any(link(entry._replace(seq=place), before) == self.hashes[entry.seq] for before in befores)
