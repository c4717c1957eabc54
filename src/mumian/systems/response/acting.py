"""Acts from a page: done at once, and the incident looked at in the same breath; the queue does it where that fails."""

import logging
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from mumian.errors import MumianError
from mumian.systems.response.alerting import Overtaken, go_on

log = logging.getLogger(__name__)


def look_again(incident: UUID | None) -> None:
    """Does what is due now, so that nobody waits for the queue, in which the same is waiting anyway."""
    if incident is None:
        return
    try:
        go_on(incident, timezone.now())
    except (OperationalError, Overtaken) as error:  # two looks wanted the same: the queue tries again
        log.info("an incident was not looked at at once: %s", error)
    except MumianError:  # what was sent is stored all the same, and its page says that nobody comes yet
        log.exception("an incident cannot be looked at: %s", incident)
