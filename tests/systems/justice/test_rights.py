"""Rights at every stage: what is due to whom, and until when, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mumian.engine.rules import Circumstances, Open
from mumian.people.actor import SYSTEM
from mumian.systems.justice.rights import open_rights
from tests.systems.justice.stages import Stage, arrested, held, opened
from tests.systems.justice.test_terms import measured, review, second, summoned, trial

NEVER = None
"""It has no hour of its own: it is there whenever the person is questioned or heard."""
Made = Callable[[], Stage]


def row(name: str, made: Made, **due: str | None) -> object:
    return pytest.param(made, {right.replace("_", "-"): ends for right, ends in due.items()}, id=name)


def private(on: str, **more: object) -> Stage:
    stage = opened("private-prosecution", "file", on, prosecutor_name="李某", facts="侮辱", **more)
    return stage.do("accept", on)


ROWS = [
    # 34, 119: at the first questioning, so within the twelve hours of a summons, by night and on holidays
    row("summoned", summoned, counsel="2025-01-30 10:10"),
    row(
        "summoned, a minor",
        lambda: summoned(minor=True),
        counsel="2025-01-30 10:10",
        adult="2025-01-30 10:10",
    ),
    # 85, 86: full hours from the hour after; 法律援助法 36: three days, 3 to 5 March
    row(
        "detained, a minor who needs an interpreter",
        lambda: held("2026-03-02 10:20", minor=True, interpreter=True),
        custody_house="2026-03-03 11:00",
        family="2026-03-03 11:00",
        questioning="2026-03-03 11:00",
        counsel="2026-03-03 11:00",
        interpreter="2026-03-03 11:00",
        adult="2026-03-03 11:00",
        legal_aid="2026-03-05 23:59",
    ),
    row(
        "detained, telling would obstruct",
        lambda: held("2024-02-28 23:00", state_security=True),
        custody_house="2024-03-01 00:00",
        questioning="2024-03-01 00:00",
        counsel="2024-03-01 00:00",
    ),
    # 93, 94: over the end of a month
    row(
        "arrested, a minor",
        lambda: arrested("2026-02-28 23:30", minor=True),
        family="2026-03-02 00:00",
        questioning="2026-03-02 00:00",
        adult="2026-03-02 00:00",
    ),
    # 75
    row(
        "residential surveillance",
        lambda: measured("residential", "2026-03-02 10:20"),
        family="2026-03-03 11:00",
        counsel="2026-03-03 11:00",
    ),
    row("bail", lambda: measured("bail", "2026-03-02 10:20"), counsel="2026-03-03 11:00"),
    # 280
    row("review of arrest", lambda: arrest_review("2026-03-02 10:00")),
    row("review of arrest of a minor", lambda: arrest_review("2026-03-02 10:00", minor=True), adult=NEVER),
    # 34, 46: three days; the day itself is not counted
    row("review", lambda: review("2026-03-02 10:00"), counsel="2026-03-05 23:59", victim="2026-03-05 23:59"),
    row(
        "review, the third day in the Qingming holiday",  # 2, 3, 4 April; work begins again on the 7th
        lambda: review("2026-04-01 10:00"),
        counsel="2026-04-07 23:59",
        victim="2026-04-07 23:59",
    ),
    row(
        "review, the third day a moved working Sunday",
        lambda: review("2025-01-23 10:00"),
        counsel="2025-01-26 23:59",
        victim="2025-01-26 23:59",
    ),
    row(
        "review of one in custody, a minor, in a leap year",  # 28 and 29 February, 1 March
        lambda: review("2024-02-27 10:00", minor=True, in_custody=True, interpreter=True),
        counsel="2024-03-01 23:59",
        victim="2024-03-01 23:59",
        legal_aid="2024-03-01 23:59",
        interpreter=NEVER,
        adult=NEVER,
    ),
    row("trial", lambda: trial("2025-04-29 10:00"), counsel="2025-05-06 23:59"),  # 30 April, 1 and 2 May
    row(
        "trial where legal aid is mandatory",
        lambda: trial("2026-03-02 10:00", mandatory=True),
        counsel="2026-03-05 23:59",
        legal_aid="2026-03-05 23:59",
    ),
    row(
        "trial of a minor who has counsel",
        lambda: trial("2026-03-02 10:00", minor=True, counsel="0" * 32),
        counsel="2026-03-05 23:59",
        adult=NEVER,
    ),
    row("second instance", lambda: second("2026-03-02 10:00")),
    row(
        "second instance of a minor",
        lambda: second("2026-03-02 10:00", minor=True),
        legal_aid="2026-03-05 23:59",
        adult=NEVER,
    ),
    row(
        "private prosecution",
        lambda: private("2026-03-02 10:00"),
        counsel="2026-03-05 23:59",
        agent="2026-03-05 23:59",
    ),
]


def arrest_review(on: str, **more: object) -> Stage:
    return opened("arrest-review", "receive", on, facts="有录像", **more)


def rights_of(stage: Stage) -> dict[str, Stage]:
    """The rights that a stage opens when it comes to its state, each as it then is."""
    effects = open_rights(Circumstances(stage.matter, stage.matter.data, SYSTEM, stage.now))
    found = {}
    for each in effects:
        assert isinstance(each, Open)
        found[each.data["right"]] = Stage("right").do("open", f"{stage.now:%Y-%m-%d %H:%M}", **each.data)
    return found


@pytest.mark.parametrize(("made", "due"), ROWS)
def test_what_is_due_at_a_stage_and_until_when(made: Made, due: dict[str, str | None]) -> None:
    stage = made()
    found = rights_of(stage)
    runs = {name: right.matter.clocks.get("give") for name, right in found.items()}
    assert {
        name: found[name].ends("give") if run and run.due_at else None for name, run in runs.items()
    } == due


def test_every_stage_that_has_rights_opens_them() -> None:
    for stage, action in (
        (review("2026-03-02 10:00"), "receive"), (trial("2026-03-02 10:00"), "receive"), (held("2026-03-02 10:00"), "detain"),
        (private("2026-03-02 10:00"), "accept"), (measured("bail", "2026-03-02 10:20"), "impose"),
    ):  # fmt: skip
        assert "open-rights" in stage.compiled.definition.actions[action].then


def test_an_adult_is_there_at_each_questioning_and_the_law_knows_few_exceptions() -> None:
    found = rights_of(review("2026-03-02 10:00", minor=True))
    there = {"done_at": "2026-03-03T10:00+08:00", "how": "其父到场"}
    adult = found["adult"].do("give", "2026-03-03 12:00", **there).do("again", "2026-03-03 12:00", **there)
    assert adult.matter.state == "given"
    assert "no exception" in found["counsel"].reasons("waive", "2026-03-03 12:00", reason="忙")
    assert found["victim"].do("waive", "2026-03-03 12:00", reason="本案没有被害人").matter.state == "waived"
    told = found["counsel"].do("give", "2026-03-03 12:00", **there)
    assert "each questioning" in told.reasons("again", "2026-03-03 12:00", **there)
