"""The atlas of this process: loaded from the database once, and again when a place has changed."""

import threading
import time
from dataclasses import dataclass

from mumian.place.atlas import Atlas
from mumian.place.models import Place, Stamp

FRESH_FOR = 5.0
"""Seconds for which the atlas is used without asking the database whether places have changed."""


def current_atlas() -> Atlas:
    """The atlas of all places, at most `FRESH_FOR` seconds old. Costs a query only when it is older.

    Threads share it; while one loads it anew, the others go on with the old.
    """
    kept = _kept
    if kept is not None and _fresh(kept):
        return kept.atlas
    if not _lock.acquire(blocking=kept is None) and kept is not None:
        return kept.atlas
    try:
        return _refreshed().atlas
    finally:
        _lock.release()


def forget_atlas() -> None:
    """Makes the next caller load the places anew: after changing them in this process."""
    global _kept
    _kept = None


def load_atlas() -> Atlas:
    """The atlas of the places as the database has them now, in one query."""
    return Atlas(place.region() for place in Place.objects.order_by("code").iterator(chunk_size=2000))


@dataclass(frozen=True, slots=True)
class _Kept:
    atlas: Atlas
    stamp: Stamp
    asked_at: float


_lock = threading.Lock()
_kept: _Kept | None = None


def _fresh(kept: _Kept) -> bool:
    return time.monotonic() - kept.asked_at <= FRESH_FOR


def _refreshed() -> _Kept:
    global _kept
    kept = _kept
    if kept is None or not _fresh(kept):
        asked_at, stamp = (
            time.monotonic(),
            Place.objects.stamp(),
        )  # first: what changes while loading is seen later
        atlas = kept.atlas if kept and kept.stamp == stamp else load_atlas()
        kept = _kept = _Kept(atlas, stamp, asked_at)
    return kept
