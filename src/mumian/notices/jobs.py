"""What is done after the act: to find who is told, to tell each of them, to let other systems know, to forget addresses."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from mumian.notices import hooks, sending, subscribing
from mumian.notices.telling import told

AGAIN = RetryStrategy(max_attempts=7, exponential_wait=5)
"""After 5 seconds, 25, 2 minutes, 10, an hour, 4 hours, a day."""
_FOR_OTHERS = -1
"""What waits for others comes after what does not."""


@app.task(name="notices.tell", retry=5)
def tell(*, notices: list[dict[str, Any]]) -> None:
    """Finds who is told of notices; each is then told alone, so that one failure holds up nobody else."""
    jobs = [each.arguments() for each in told(notices)]
    if jobs:
        with transaction.atomic():
            send.configure(priority=_FOR_OTHERS).batch_defer(*jobs)


@app.task(name="notices.send", retry=AGAIN)
def send(*, person: str | None, subscription: str | None, of: dict[str, list[int]]) -> None:
    """Tells one of all that happened at once."""
    entries = {UUID(matter): seqs for matter, seqs in of.items()}
    if person:
        sending.to_person(UUID(person), entries)
    elif subscription:
        sending.to_subscription(UUID(subscription), entries)


@app.task(name="notices.ask", retry=AGAIN)
def ask(*, subscription: str) -> None:
    """Asks the owner of an address."""
    sending.ask(UUID(subscription))


@app.task(name="notices.publish", retry=AGAIN, lock="notices.publish")
def publish(*, entries: list[tuple[str, int]]) -> None:
    """Puts entries on their way to hooks, one batch after another in the order in which they were stored."""
    hooks.publish([(UUID(subject), seq) for subject, seq in entries])


@app.task(name="notices.deliver", retry=RetryStrategy(exponential_wait=5))
def deliver(*, delivery: int) -> None:
    """Sends one event, again and again until it is taken or given up."""
    hooks.deliver(delivery)


@app.periodic(cron="20 3 * * *")
@app.task(name="notices.tidy", queueing_lock="notices.tidy")
def tidy(timestamp: int = 0) -> None:
    """Every night: deletes addresses nobody may keep any longer."""
    subscribing.tidy(timezone.now())
