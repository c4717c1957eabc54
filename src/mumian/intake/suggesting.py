"""What intake suggests for a report: its kind from the text, its unit from the table and from history, and why."""

from collections.abc import Sequence

from mumian.intake.acting import Settled
from mumian.intake.placing import Where
from mumian.intake.report import Report


class Suggester:
    """Suggests kinds and units for one procedure."""

    def __init__(self, procedure: str) -> None:
        self.procedure = procedure

    def settle(
        self,
        reports: Sequence[Report],
        wheres: Sequence[Where | None],
        kinds: Sequence[str | None],
        units: Sequence[int | None],
    ) -> list[Settled]:
        return [Settled(*one) for one in zip(wheres, kinds, units, strict=True)]
