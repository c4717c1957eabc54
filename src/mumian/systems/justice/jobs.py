"""What justice does by itself. The queue finds jobs here alone, so those of packages and defence come along."""

from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.systems.justice.cases import matters_of
from mumian.systems.justice.defence import jobs as _defence  # noqa: F401
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import jobs as _packages  # noqa: F401
from mumian.systems.justice.rules import NOTE_TURN, SEAL_CASE


@app.task(name=SEAL_CASE)
def seal_case(*, case: str) -> None:
    """Seals what is closed of a case; what is still open is sealed when it ends, as that asks for it again."""
    closed = visible(SYSTEM).filter(pk__in=matters_of(UUID(case)), closed_at__isnull=False)
    perform(
        [Act("seal", SYSTEM, {}, key) for key in closed.exclude(state="sealed").values_list("pk", flat=True)]
    )


@app.task(name=NOTE_TURN)
def note_turn(*, lawyer: str, at: str) -> None:
    """A lawyer who was named for legal aid goes to the end of the turn."""
    Counsel.objects.filter(person_id=UUID(lawyer)).update(turn_at=datetime.fromisoformat(at))
