"""Places as codes: a place within another begins with the other's code.

GB/T 2260 gives six digits (province 2, city 2, district 2) and GB/T 10114 three more for the town; three for
the community or village follow in the statistical codes, and by the same pattern three for the grid and three
for the micro-grid. What is kept is the significant prefix: `440100` is a city and is kept as `4401`.
"""

import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError
from mumian.place.wording import worded


class CodeError(MumianError):
    """A text that is not the code of a place."""


class Level(IntEnum):
    """How deep a place lies. The value is the number of digits in its code."""

    PROVINCE = 2
    CITY = 4
    DISTRICT = 6
    TOWN = 9
    COMMUNITY = 12
    GRID = 15
    MICRO_GRID = 18

    @classmethod
    def of(cls, code: str) -> "Level":
        """The level of a normal code."""
        return cls(len(code))

    @property
    def word(self) -> str:
        """The word definitions and commands use: `town`, `micro-grid`."""
        return self.name.lower().replace("_", "-")

    @property
    def above(self) -> "Level | None":
        """The next level up, if there is one."""
        return Level(_ABOVE[self]) if _ABOVE[self] else None

    @property
    def titles(self) -> dict[str, str]:
        """The level's name in both languages."""
        return _TITLES[self]


def normalise(code: str | int) -> str:
    """The significant prefix of a division code: `440100` → `4401`, `440103001000` → `440103001`.

    Spaces and full-width digits are forgiven. Raises `CodeError` for anything else that is not 2, 4, 6, 9,
    12, 15 or 18 digits with a province.
    """
    digits = "".join(unicodedata.normalize("NFKC", str(code)).split())
    if not (digits.isascii() and digits.isdigit()):
        raise CodeError(
            worded(_("Place code '%(code)s'"), code=code),
            reason=_("a code is made of digits alone"),
            cure=_("Give the division code, such as 440103 or 440103001"),
        )
    if len(digits) not in _ABOVE:
        raise CodeError(
            worded(_("Place code '%(code)s'"), code=code),
            reason=worded(
                _("it has %(digits)d digits; a code has 2, 4, 6, 9, 12, 15 or 18"), digits=len(digits)
            ),
            cure=_("Look for zeros lost or added at either end"),
        )
    normal = _significant(digits)
    if not normal:
        raise CodeError(
            worded(_("Place code '%(code)s'"), code=code),
            reason=_("it names no province"),
            cure=_("Begin with the two digits of the province, such as 44"),
        )
    return normal


def parents(code: str) -> Iterator[str]:
    """The codes of the places above, nearest first: `441900003` → `4419`, `44`.

    A level that the code leaves at zero is passed over: towns of a city without districts lie in the city.
    """
    above = code
    while above := _significant(above[: _ABOVE[len(above)]]):
        yield above


def cut(code: str, level: Level) -> str:
    """The place at `level` in which `code` lies; the nearest above where that level is left at zero."""
    return _significant(code[:level]) if len(code) > level else code


def within(code: str, prefix: str) -> bool:
    """Whether a place is the other or lies in it. Everything lies within the empty prefix."""
    return code.startswith(prefix)


def range_of(prefix: str) -> tuple[str, str]:
    """The bounds `low <= code < high` of all codes within `prefix`, for one index scan in C collation."""
    return prefix, prefix + ":"  # the character that follows '9'


_ABOVE = {length: above for above, length in pairwise([0, *map(int, Level)])}
_TITLES = {
    Level.PROVINCE: {"zh": "省", "en": "Province"},
    Level.CITY: {"zh": "市", "en": "City"},
    Level.DISTRICT: {"zh": "区县", "en": "District"},
    Level.TOWN: {"zh": "镇街", "en": "Town"},
    Level.COMMUNITY: {"zh": "村社区", "en": "Community"},
    Level.GRID: {"zh": "网格", "en": "Grid"},
    Level.MICRO_GRID: {"zh": "微网格", "en": "Micro-grid"},
}


def _significant(digits: str) -> str:
    """The code without the levels that are left at zero at its end."""
    while digits and not digits[_ABOVE[len(digits)] :].strip("0"):
        digits = digits[: _ABOVE[len(digits)]]
    return digits
