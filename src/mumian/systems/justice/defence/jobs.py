"""What follows from acts of defence."""

from uuid import UUID

from procrastinate.contrib.django import app

from mumian.systems.justice.defence import counsel, meeting, orders, paper
from mumian.systems.justice.defence.rules import ENTER, FREE, MAKE_ORDER, NOTE_ORDER, STRIKE


@app.task(name=ENTER)
def enter_lawyer(*, matter: str) -> None:
    """One whose licence was verified is a lawyer here."""
    counsel.enter(UUID(matter))


@app.task(name=STRIKE)
def strike_lawyer(*, matter: str) -> None:
    """One whose licence was withdrawn is none any more."""
    counsel.strike(UUID(matter))


@app.task(name=FREE)
def free_slot(*, matter: str) -> None:
    """A meeting called off frees its slot."""
    meeting.free(UUID(matter))


@app.task(name=NOTE_ORDER)
def note_order(*, matter: str) -> None:
    """What anyone is shown of an order follows it."""
    orders.keep_in_step(UUID(matter))


@app.task(name=MAKE_ORDER, retry=3)
def make_order(*, matter: str) -> None:
    """An order that was issued is a paper too."""
    paper.make(UUID(matter))
