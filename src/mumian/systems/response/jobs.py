"""What response does by itself: an incident is looked at when something is due, and all of them every minute."""

import logging
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from mumian.engine.jobs import EVERY_MINUTE
from mumian.systems.response.alerting import Overtaken, go_on, open_incidents, unsettled
from mumian.systems.response.rounds import plan_rounds
from mumian.systems.response.rules import GO_ON
from mumian.systems.response.studies.asking import ANSWER, answer_apart

log = logging.getLogger(__name__)
SOON = RetryStrategy(max_attempts=6, linear_wait=1)


@app.task(name=GO_ON, retry=SOON, priority=10)
def go_on_with(*, incident: str) -> None:
    """Does what is due at one incident."""
    go_on(UUID(incident), timezone.now())


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="response.watch", queueing_lock="response.watch", priority=10)
def watch(timestamp: int = 0) -> None:
    """Every minute, and when the server is back: what fell due while nobody looked."""
    watch_all()


def watch_all() -> None:
    """Looks at every incident that is not over, or at which somebody is still called."""
    for incident in {*open_incidents(), *unsettled()}:
        try:
            go_on(incident, timezone.now())
        except (OperationalError, Overtaken) as error:
            log.warning("an incident was not looked at, and will be in a minute: %s", error)
        except Exception:  # whatever is wrong with one, the others do not wait for it
            log.exception("an incident cannot be looked at: %s", incident)


@app.periodic(cron="30 20 * * *")
@app.task(name="response.plan-rounds", queueing_lock="response.plan-rounds")
def plan_the_rounds(timestamp: int = 0) -> None:
    """Every day at 20:30 UTC, which is 04:30 in China: the rounds of patrols that begin until the evening after."""
    plan_rounds(timezone.now())


@app.task(name=ANSWER, priority=-5)
def study(*, study: int) -> None:
    """Has a long question answered, one after another."""
    if not answer_apart(study):
        app.configure_task(ANSWER, priority=-5, schedule_in={"seconds": 2}).defer(study=study)
