"""What can be wrong with a package: each fault names its file, says why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.translation import gettext as _

from mumian.errors import MumianError


class Sort(StrEnum):
    """The sorts of faults."""

    ALTERED = "altered"
    SIZE = "size"
    MISSING = "missing"
    EXTRA = "extra"
    PAGES = "pages"
    UNREADABLE = "unreadable"
    MANIFEST = "manifest"
    SIGNATURE = "signature"
    STRANGER = "stranger"
    KEY_TIME = "key-time"
    NOT_FOR_US = "not-for-us"
    VERSION = "version"
    NO_PACKAGE = "no-package"
    NO_RECEIPT = "no-receipt"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    sort: Sort
    thing: str
    """The file, or the part of it."""
    detail: str = ""

    def saying(self, detail: str) -> Fault:
        """The same with more to say."""
        return replace(self, detail=detail)

    @property
    def reason(self) -> str:
        """Why, in the active language; no full stop."""
        said = _reasons()[self.sort]
        return _("%(reason)s (%(detail)s)") % {"reason": said, "detail": self.detail} if self.detail else said

    @property
    def cure(self) -> str:
        """What to do, in the active language; no full stop."""
        return _cures()[self.sort]

    def __str__(self) -> str:
        return f"{self.thing}: {self.reason}. {self.cure}."


class Faulty(MumianError):
    """A package that is not taken in, with all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        first = faults[0]
        super().__init__(first.thing, reason=first.reason, cure=first.cure)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def _reasons() -> dict[Sort, str]:
    return {
        Sort.ALTERED: _("its content is not what the sender signed"),
        Sort.SIZE: _("it is longer or shorter than the manifest says"),
        Sort.MISSING: _("the manifest names it, but it is not there"),
        Sort.EXTRA: _("it is there, but the manifest does not name it"),
        Sort.PAGES: _("it has more or fewer pages than the manifest says"),
        Sort.UNREADABLE: _("it cannot be read"),
        Sort.MANIFEST: _("the manifest does not hold together"),
        Sort.SIGNATURE: _("the signature does not fit the manifest"),
        Sort.STRANGER: _("it is signed with a key that is not the sending agency's"),
        Sort.KEY_TIME: _("the key was not valid when it was signed"),
        Sort.NOT_FOR_US: _("it is addressed to another agency"),
        Sort.VERSION: _("the version before it is another than the one here"),
        Sort.NO_PACKAGE: _("this is no package"),
        Sort.NO_RECEIPT: _("this is no receipt"),
    }


def _cures() -> dict[Sort, str]:
    again = _("Ask the sender to export it again and compare the digest by telephone")
    return {
        Sort.ALTERED: again,
        Sort.SIZE: again,
        Sort.MISSING: _("Ask the sender for a new version with this document"),
        Sort.EXTRA: _("Ask the sender; what the manifest does not name is not handed over"),
        Sort.PAGES: _("Ask the sender to scan it again and send a new version"),
        Sort.UNREADABLE: _("Ask the sender to save it again and send a new version"),
        Sort.MANIFEST: again,
        Sort.SIGNATURE: again,
        Sort.STRANGER: _("Compare the key with the one the agency publishes; add it if it is right"),
        Sort.KEY_TIME: _("Ask the sender to sign with the key it uses now"),
        Sort.NOT_FOR_US: _("Give it to the agency named in it"),
        Sort.VERSION: _("Take the versions in one after another, beginning with the oldest"),
        Sort.NO_PACKAGE: _("Choose the file with .zip at its end that the sender exported"),
        Sort.NO_RECEIPT: _("Choose the file with .json at its end that the receiver saved"),
    }
