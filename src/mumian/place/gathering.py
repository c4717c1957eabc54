"""What every import of places keeps while it reads: codes met so far, codes given, and rows turned away."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError
from mumian.place.atlas import Atlas
from mumian.place.codes import Level, within
from mumian.place.numbering import Numbering
from mumian.place.region import Region
from mumian.place.wording import in_each_language, worded
from mumian.rows import Rejection

Reject = Callable[[Rejection], None]


class RowError(MumianError):
    """A value in a row that cannot be used."""


class Gathering:
    """The places of one file. `scope` is the code of the place in which all of them must lie, or ''."""

    def __init__(self, atlas: Atlas, scope: str, reject: Reject | None) -> None:
        self.atlas, self.scope = atlas, scope
        self.numbering = Numbering(atlas)
        self.rejected = 0
        self._reject = reject
        self._met: dict[str, str] = {}

    def refuse(self, line: int, column: str, value: str, error: MumianError) -> None:
        """Reports a value that cannot be used."""
        reason, cure = in_each_language(error.reason), in_each_language(error.cure)
        self.pass_on(Rejection(line, column, value, reason, cure))

    def pass_on(self, rejection: Rejection) -> None:
        """Reports a row that cannot be read."""
        self.rejected += 1
        if self._reject:
            self._reject(rejection)

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
                reason=worded(_("it lies outside %(place)s"), place=self.atlas.name(self.scope)),
                cure=_("Leave the row out, or import without a place around it"),
            )
        if region.code not in self._met:
            self._met[region.code] = region.name
            return True
        if region.name not in ("", met := self._met[region.code]):
            raise RowError(
                region.code,
                reason=worded(_("the file has it already as the code of %(name)s"), name=met),
                cure=_("Give each place a code of its own"),
            )
        return False
