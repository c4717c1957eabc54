"""What justice does by itself. The queue finds jobs here alone, so those of packages and defence come along."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.systems.justice import figures
from mumian.systems.justice.cases import all_of
from mumian.systems.justice.defence import jobs as _defence  # noqa: F401
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import jobs as _packages  # noqa: F401
from mumian.systems.justice.rules import NOTE_TURN, SEAL_BELOW, SEAL_CASE, SEALED_UP_TO_MONTHS

UNDER_WAY = (
    "investigation", "arrest-review", "prosecution-review", "further-investigation", "conditional-non-prosecution",
    "first-trial", "second-instance", "retrial",
)  # fmt: skip
"""While one of these is open nothing of the case is sealed."""
OVER_WITH_CASE = ("right", "supervision-notice", "defence-mandate", "file-reading")
"""These are over when the case is; all else that is still open is sealed when it ends."""


@app.task(name=SEAL_CASE)
def seal_case(*, case: str) -> None:
    seal_records(UUID(case))


def seal_records(case: UUID, *, now: datetime | None = None) -> None:
    """Seals the records of a minor once nobody works on the case but to carry out five years or less (286).

    What is still open then is sealed when it ends, as that asks for it again.
    """
    rows = all_of(case)
    going_on = any(row.closed_at is None for row in rows if row.procedure in UNDER_WAY)
    months = max((int(row.data.get("sentence_months") or 0) for row in rows), default=0)
    young = any(row.data.get("minor") is True for row in rows)
    if going_on or not young or months > SEALED_UP_TO_MONTHS:
        return
    ready = [
        row for row in rows if row.state != "sealed" and (row.closed_at or row.procedure in OVER_WITH_CASE)
    ]
    perform([Act("seal", SYSTEM, {}, row.pk) for row in ready], now=now)


@app.task(name=SEAL_BELOW)
def seal_below(*, matter: str) -> None:
    """Seals what ended below something that is sealed already: a meeting or a request that was still open then."""
    own = visible(SYSTEM).filter(pk=UUID(matter))
    if visible(SYSTEM).filter(pk__in=own.values("parent"), state="sealed").exists():
        perform([Act("seal", SYSTEM, {}, UUID(matter))])


@app.task(name=NOTE_TURN)
def note_turn(*, lawyer: str, at: str) -> None:
    """A lawyer who was named for legal aid goes to the end of the turn."""
    Counsel.objects.filter(person_id=UUID(lawyer)).update(turn_at=datetime.fromisoformat(at))


@app.periodic(cron="13 * * * *")
@app.task(name="justice.figures", queueing_lock="justice.figures")
def keep_figures(timestamp: int = 0) -> None:
    """Every hour: how cases have gone, for those who supervise them."""
    figures.keep(timezone.now())
