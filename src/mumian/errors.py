"""The program's own kind of error: what went wrong with which thing, why, and what to do about it.

The command line prints it without a trace and ends with code 1; pages and the API show the same three parts.
"""

from __future__ import annotations


class MumianError(Exception):
    """An error that a reader can act on.

    `thing` names what is concerned (a file and line, a port, a matter's number), `reason` says what is wrong
    with it, `cure` says what to do next. Each may be a lazy translation; none ends with a full stop.
    Rooms derive their own kinds from it, so that a caller can catch by kind.
    """

    def __init__(self, thing: object, *, reason: object, cure: object) -> None:
        super().__init__(thing, reason, cure)
        self.thing = thing
        self.reason = reason
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.thing}: {self.reason}. {self.cure}."
