"""What every import of places keeps while it reads: codes met so far, codes given, and rows turned away."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from mumian.errors import MumianError
from mumian.place.atlas import Atlas
from mumian.place.codes import Level, within
from mumian.place.numbering import Numbering
from mumian.place.region import Region


class RowError(MumianError):
    """A value in a row that cannot be used."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that did not go in, or not wholly: where, why, and what to do."""

    line: int
    column: str
    reason: str
    cure: str


class Gathering:
    """The places of one file. `scope` is the code of the place in which all of them must lie, or ''."""

    def __init__(self, atlas: Atlas, scope: str) -> None:
        self.atlas, self.scope = atlas, scope
        self.numbering = Numbering(atlas)
        self.rejected: list[Rejection] = []
        self._met: dict[str, str] = {}

    def reject(self, line: int, column: str, error: MumianError) -> None:
        """Notes a value that cannot be used."""
        self.rejected.append(Rejection(line, column, f"{error.thing}: {error.reason}", str(error.cure)))

    def by_name(self, name: str, *, parent: str, level: Level) -> Region:
        """The place a name stands for; its own name is kept and the file's one becomes an alias."""
        if code := self.numbering.known(name, parent=parent, level=level):
            return Region(code, "", aliases=(name,))
        return Region(self.numbering.give(name, parent=parent, level=level), name)

    def is_new(self, region: Region) -> bool:
        """Whether the place is met for the first time in this file.

        Raises `RowError` where it lies outside the scope, or where the file gives its code to two places.
        """
        if not within(region.code, self.scope):
            raise RowError(
                region.code,
                reason=_("it lies outside %(place)s") % {"place": self.atlas.name(self.scope)},
                cure=_("Leave the row out, or import without a place around it"),
            )
        if region.code not in self._met:
            self._met[region.code] = region.name
            return True
        if region.name not in ("", met := self._met[region.code]):
            raise RowError(
                region.code,
                reason=_("the file has it already as the code of %(name)s") % {"name": met},
                cure=_("Give each place a code of its own"),
            )
        return False
