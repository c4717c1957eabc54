"""Where the next page begins: an opaque mark of the last row shown, so that a page costs the same at any depth."""

import base64
from datetime import datetime
from uuid import UUID

from mumian.api.problems import unfit
from mumian.engine.compiled import Reason


def mark(at: datetime, last: UUID) -> str:
    """The mark after a row with this time and id."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{last.hex}".encode()).decode().rstrip("=")


def read_mark(text: str) -> tuple[datetime, UUID]:
    """Time and id of the row a page begins after. Raises a `Problem` (422) for what is no mark of ours."""
    try:
        at, _, last = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        moment = datetime.fromisoformat(at)
        if moment.utcoffset() is None or not 1900 < moment.year < 3000:
            raise ValueError(text)
        return moment, UUID(last)
    except ValueError:
        zh, en = "不是上一页给出的 next", "It is not the `next` of a page"
        raise unfit([Reason("unfit", zh, en, "after")]) from None
