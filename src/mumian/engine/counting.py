"""The running count of matters, from which their numbers are made; shared by all processes."""

import os
import threading
from collections.abc import Callable, Iterator

from django.db import connection

from mumian.engine.numbers import number_of

BLOCK = 256
"""Numbers are fetched from the database by the block; what a process leaves over is never used."""

_numbers: tuple[int, Iterator[int]] = (0, iter(()))
_numbers_lock = threading.Lock()


def next_number(key: bytes, *, ready: Callable[[], None] | None = None) -> str:
    """A number nobody has had; `ready` is called before the database is asked for more."""
    global _numbers
    with _numbers_lock:
        owner, left = _numbers
        count = next(left, None) if owner == os.getpid() else None
        if count is None:
            if ready:
                ready()
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('engine_number_block')")
                (block,) = cursor.fetchone()
            left = iter(range(block * BLOCK, (block + 1) * BLOCK))
            _numbers = (os.getpid(), left)
            count = next(left)
        return number_of(count, key)
