"""The one who acts: a person in one post, the system itself, or the holder of a secret link."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """Which matters a role looks at."""

    PLACE = "place"
    """Those at the post's place and below."""
    UNIT = "unit"
    """Those assigned to the post's organisation or to one above it, whose work it may take on."""
    PARTY = "party"
    """Those the person takes part in by name."""
    ALL = "all"
    """All of them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as he or she acts now. One acts in one post at a time; the record says in which."""

    person: UUID | None = None
    post: int | None = None
    role: str = ""
    organisation: int | None = None
    lineage: tuple[int, ...] = ()
    """The organisation and all above it, nearest first."""
    place: str = ""
    scope: Scope = Scope.PARTY
    system: bool = False
    bearer: tuple[UUID, str] | None = None
    """A matter and the party of it whose secret link the actor holds."""
    name: str = ""


SYSTEM = Actor(system=True, role="system", scope=Scope.ALL, name="system")
"""The program itself: clocks that ring, children that report, imports that replay."""

ANYONE = Actor()
"""Someone who has not said who they are."""
