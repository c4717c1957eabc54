"""Codes for places that a file knows only by name: the code they have already, or the next one free."""

import re

from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError
from mumian.place.atlas import Atlas
from mumian.place.codes import Level
from mumian.place.names import clean, common
from mumian.place.wording import worded


class NumberingError(MumianError):
    """A place that cannot be given a code."""


class Numbering:
    """Finds or gives codes on top of what an atlas knows, and remembers those it gave."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._given: dict[tuple[str, Level, str], str] = {}
        self._taken: dict[str, set[int]] = {}

    def known(self, name: str, *, parent: str, level: Level) -> str:
        """The code of the place of this name and level in the parent; '' unless it is one alone."""
        given = self._given.get((parent, level, common(clean(name))))
        return given or self._atlas.code_of({level: name}, within=parent)

    def give(self, name: str, *, parent: str, level: Level) -> str:
        """A free code in the parent for a new place; the number in the name (012网格) where it is free.

        Towns and communities are numbered from 601 on: GB/T 10114 and the statistical codes use the numbers
        below 600. Raises `NumberingError` where none is free, and for provinces, cities and districts, whose
        codes only GB/T 2260 gives.
        """
        if level <= Level.DISTRICT or not parent or len(parent) >= level:
            raise NumberingError(
                name,
                reason=_("it has no code here, and none can be made for it"),
                cure=_("Import the codes first, or say within which place it lies"),
            )
        stem = parent.ljust(level.above or 0, "0")
        taken = self._taken.setdefault(stem, {int(code[-3:]) for code in self._atlas.below(stem, level)})
        own = _OWN_NUMBER.match(name) if level >= Level.GRID else None
        first = 1 if level >= Level.GRID else _FIRST_UNOFFICIAL
        wanted = ([int(own[0])] if own and int(own[0]) else []) + [*range(first, 1000)]
        number = next((each for each in wanted if each not in taken), None)
        if number is None:
            raise NumberingError(
                name,
                reason=worded(_("every number in %(place)s is taken"), place=self._atlas.name(parent)),
                cure=_("Divide the place above it, or give codes in the file"),
            )
        taken.add(number)
        code = f"{stem}{number:03}"
        self._given[parent, level, common(clean(name))] = code
        return code


_OWN_NUMBER = re.compile(r"\d{1,3}(?!\d)")
_FIRST_UNOFFICIAL = 601
