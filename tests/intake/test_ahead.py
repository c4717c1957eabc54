"""An import that several processes prepare means the same as one by one process, whatever befalls the others."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from mumian.engine.installing import install
from mumian.engine.models import Matter
from mumian.intake import ahead
from mumian.intake.importing import Summary, run_import
from mumian.intake.mapping import Mapping
from mumian.record.verifying import verify_all

BATCH = 10
ROWS = 200
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def installed(transactional_db: None) -> None:
    install()


@pytest.fixture(autouse=True)
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine of two cores, whatever this one has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def mapping(source: str) -> Mapping:
    return Mapping.model_validate(
        {
            "mapping": source,
            "procedure": "grid-event",
            "source": source,
            "key": ["id"],
            "zone": "Asia/Shanghai",
            "what": "text",
            "place": {"within": "449801", "names": ["town"], "create": True},
            "kind": {"catalogue": "grid", "code": "kind"},
            "unit": {"name": "unit", "create": True},
            "times": {"reported": "at", "closed": "closed"},
            "end": {"closed": {"scenario": "fixed", "outcome": "fixed"}},
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Reports with new towns and units throughout, bad rows, and keys that come again near and far."""
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "town", "kind", "unit", "at", "closed"])
        for number in range(ROWS):
            key = number - 3 if number % 25 == 12 else number // 2 if number == 150 else number
            town, unit = f"{'甲乙丙丁戊'[number // 41]}街道", f"{number // 60} 所"
            kind = "99.99" if number % 30 == 7 else "01.01"
            closed = "2025-03-04 10:00" if number % 40 else ""
            writer.writerow([key, f"第 {number} 件", town, kind, unit, "2025-03-03 09:00", closed])
    return path


def outcome(summary: Summary, source: str) -> object:
    rows = summary.report.read_text(encoding="utf-8-sig") if summary.report else ""
    ends = Matter.objects.filter(unit__code__startswith=source).values_list(
        "title", "state", "seq", "place", "unit__name", "category"
    )
    return (summary.rows, summary.added, summary.known, summary.rejected, summary.noted), rows, Counter(ends)


def test_helpers_change_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helped = outcome(run_import(file, mapping("helped"), batch=BATCH), "helped")
    monkeypatch.setattr(ahead, "_helpers", lambda *_: 0)
    alone = outcome(run_import(file, mapping("alone"), batch=BATCH), "alone")

    assert helped == alone
    assert list(verify_all()) == []


def test_helpers_do_make_batches_ready(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[bool] = []
    taken = ahead._taken

    def watched(*given: object) -> object:
        batch, one = taken(*given)  # type: ignore[arg-type]
        ready.append(one is not None)
        return batch, one

    monkeypatch.setattr(ahead, "_taken", watched)
    run_import(file, mapping("first"), batch=BATCH)
    ready.clear()
    run_import(file, mapping("second"), batch=BATCH)  # its towns are there, its units are its own

    assert len(ready) == ROWS // BATCH
    assert any(ready)


@pytest.mark.parametrize("befalls", ["fails", "is killed"])
def test_what_befalls_a_helper_holds_up_no_row(
    file: Path, monkeypatch: pytest.MonkeyPatch, befalls: str
) -> None:
    def struck(_: object) -> None:
        if befalls == "fails":
            raise OSError("no memory")
        os._exit(9)

    monkeypatch.setattr(ahead, "_make_ready", struck)
    summary = run_import(file, mapping("struck"), batch=BATCH)

    assert summary.rows == ROWS
    assert summary.added + summary.known + summary.rejected == ROWS
    assert Matter.objects.count() == summary.added
