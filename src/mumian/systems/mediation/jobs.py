"""What mediation does by itself: talks that are over are closed, and the lines of the figures kept."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from mumian.engine.perform import Act, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM
from mumian.systems.mediation.agreement import make_final
from mumian.systems.mediation.cases import keep, keep_all
from mumian.systems.mediation.models import Counted
from mumian.systems.mediation.numbers import counted
from mumian.systems.mediation.rules import CLOSE_TALKS, KEEP_CASE, MAKE_PAPER, TALK


@app.task(name=CLOSE_TALKS)
def close_talks(*, mediation: str) -> None:
    """Closes the talks of a mediation that is over."""
    talks = visible(SYSTEM).filter(parent=UUID(mediation), procedure=TALK, closed_at=None)
    perform([Act("close", SYSTEM, {}, key) for key in talks.values_list("pk", flat=True)])


@app.task(name=MAKE_PAPER, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def make_paper(*, mediation: str) -> None:
    """Sets and seals the paper of an agreement."""
    make_final(UUID(mediation))


@app.task(name=KEEP_CASE)
def keep_case(*, mediation: str) -> None:
    """Brings the line of one mediation up to date."""
    keep([UUID(mediation)])


@app.periodic(cron="27 * * * *")
@app.task(name="mediation.count-again", queueing_lock="mediation.count-again")
def count_again(timestamp: int = 0) -> None:
    """Every hour: the figures that somebody has looked at, so that nobody waits for them."""
    for place, days in Counted.objects.values_list("place", "days"):
        counted(place, days, fresh=True)


@app.periodic(cron="40 2 * * *")
@app.task(name="mediation.keep-all", queueing_lock="mediation.keep-all")
def keep_all_cases(timestamp: int = 0) -> None:
    """Every night: all lines, whatever was missed."""
    keep_all()
