"""Importing files: true rows end where they say, bad rows are named, nothing goes in twice."""

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F

from mumian.engine.installing import install
from mumian.engine.models import Clock, Matter
from mumian.engine.world import city
from mumian.intake.acting import Acting
from mumian.intake.importing import Summary, run_import
from mumian.intake.mapping import Mapping, load_mapping
from mumian.people.models import Organisation
from mumian.place.importing import import_csv
from mumian.record.verifying import verify_all

MAPPINGS = Path(__file__).resolve().parents[1] / "mappings"
pytestmark = pytest.mark.django_db


@pytest.fixture
def installed(db: None) -> None:
    install()


def told(summary: Summary) -> list[dict[str, str]]:
    """What the report of rows says."""
    if summary.report is None:
        return []
    with summary.report.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def small_mapping(**changes: object) -> Mapping:
    content: dict[str, object] = {
        "mapping": "small",
        "procedure": "grid-event",
        "source": "small",
        "key": ["id"],
        "zone": "Asia/Shanghai",
        "what": "text",
        "place": {"within": "449801", "names": ["town"], "create": True},
        "kind": {"catalogue": "grid", "code": "kind"},
        "unit": {"name": "unit", "create": True},
        "times": {"reported": "at", "closed": "closed"},
        "end": {"closed": {"scenario": "fixed", "outcome": "fixed"}},
    }
    return Mapping.model_validate(content | changes)


def write(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "town", "kind", "unit", "at", "closed"])
        writer.writerows(rows)
    return path


def row(number: int, **changes: object) -> list[object]:
    values: dict[str, object] = {
        "id": number,
        "text": f"第 {number} 盏路灯不亮",
        "town": "石溪街道",
        "kind": "01.01",
        "unit": "市政所",
        "at": "2025-03-03 09:00",
        "closed": "2025-03-04 10:00",
    }
    return list((values | changes).values())


# --- published data ---------------------------------------------------------------------------------------


def test_pingshan_comes_out_at_its_published_on_time_rate(
    shared: Path, installed: None, tmp_path: Path
) -> None:
    import_csv(shared / "data/places/districts_5cities.csv")
    import_csv(shared / "data/places/streets_5cities.csv")
    events, mapping = shared / "data/pingshan/events.csv", load_mapping(MAPPINGS / "pingshan.toml")

    first = run_import(events, mapping, report=tmp_path / "rows.csv")
    heads = set(Matter.objects.values_list("pk", "seq", "head"))
    again = run_import(events, mapping, report=tmp_path / "rows.csv")

    assert (first.rows, first.added, first.rejected) == (7916, 7916, 0)
    assert (again.added, again.known) == (0, 7916)
    assert {
        (key, seq, bytes(head)) for key, seq, head in Matter.objects.values_list("pk", "seq", "head")
    } == {(key, seq, bytes(head)) for key, seq, head in heads}
    assert not Matter.objects.exclude(state="closed").exists()
    promises = Clock.objects.filter(name="resolve")
    on_time = promises.filter(stopped_at__lte=F("due_at")).count()
    assert promises.count() == 7916
    assert round(100 * on_time / 7916, 2) == 90.70
    assert Matter.objects.filter(late=True).count() == 736
    without_street = Matter.objects.filter(place="440310").count()
    assert without_street == 8
    assert len([line for line in told(first) if line["what"] == "noted"]) == 8
    assert Matter.objects.filter(place__regex=r"^440310\d{6}$").count() == 7908
    assert list(verify_all()) == []


def test_boston_clocks_agree_with_the_promised_times(shared: Path, installed: None, tmp_path: Path) -> None:
    source, mapping = shared / "data/311/boston.csv", load_mapping(MAPPINGS / "boston.toml")

    summary = run_import(source, mapping, report=tmp_path / "rows.csv")

    assert (summary.rows, summary.added, summary.rejected) == (4995, 4995, 0)
    acting = Acting(mapping, city())
    promises = {clock.matter_id: clock for clock in Clock.objects.filter(name="resolve")}
    late = dict(Matter.objects.values_list("pk", "late"))
    zone = ZoneInfo("America/New_York")
    with source.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            matter = acting.matter_of(line["CASE_ENQUIRY_ID"])
            if line["TARGET_DT"]:
                assert promises[matter].due_at == datetime.fromisoformat(line["TARGET_DT"]).replace(
                    tzinfo=zone
                )
            else:
                assert matter not in promises
            if line["OnTime_Status"]:
                assert late[matter] is (line["OnTime_Status"] == "OVERDUE")


def test_new_york_names_every_bad_row_and_takes_every_good_one(
    shared: Path, installed: None, tmp_path: Path
) -> None:
    source, mapping = shared / "data/311/nyc_dirty_100.csv", load_mapping(MAPPINGS / "nyc.toml")

    summary = run_import(source, mapping, report=tmp_path / "rows.csv")

    assert (summary.rows, summary.added, summary.rejected) == (100, 95, 5)
    rejected = [line for line in told(summary) if line["what"] == "rejected"]
    assert [int(line["line"]) for line in rejected] == [2, 3, 4, 5, 7]
    assert all(line["column"] == "Closed Date" and line["reason"] and line["cure"] for line in rejected)
    assert Matter.objects.count() == 95
    assert Matter.objects.filter(closed_at=None).count() == 8


# --- behaviour --------------------------------------------------------------------------------------------


def test_a_dry_run_says_the_same_and_stores_nothing(installed: None, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [row(1), row(2, at="2025-13-45")])

    summary = run_import(file, small_mapping(), dry_run=True)

    assert (summary.rows, summary.rejected) == (2, 1)
    assert not Matter.objects.exists()
    assert not Organisation.objects.exists()


def test_a_bad_row_holds_up_no_good_one_and_is_named_with_its_cure(installed: None, tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.csv", [row(1), row(2, at=""), row(3, kind="99.99"), row(4, closed="2025-03-01"), row(5)]
    )

    summary = run_import(file, small_mapping())

    assert (summary.added, summary.rejected) == (2, 3)
    lines = told(summary)
    assert [line["line"] for line in lines] == ["3", "4", "5"]
    assert all(line["reason"] and line["cure"] for line in lines)
    assert Matter.objects.filter(state="closed").count() == 2


def test_a_row_corrected_and_imported_again_goes_in_beside_those_that_are_in(
    installed: None, tmp_path: Path
) -> None:
    run_import(write(tmp_path / "a.csv", [row(1), row(2, kind="99.99")]), small_mapping())

    summary = run_import(write(tmp_path / "a.csv", [row(1), row(2)]), small_mapping())

    assert (summary.added, summary.known, summary.rejected) == (1, 1, 0)
    assert Matter.objects.count() == 2


def test_the_same_key_twice_in_a_file_is_one_matter_and_is_told(installed: None, tmp_path: Path) -> None:
    summary = run_import(write(tmp_path / "a.csv", [row(1), row(1), row(2)]), small_mapping())

    assert Matter.objects.count() == 2
    assert [line["line"] for line in told(summary)] == ["3"]


def test_an_import_goes_on_after_its_last_batch(
    installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.csv", [row(number) for number in range(10)])
    seen: list[int] = []

    def stop(line: int, last: int | None) -> None:
        seen.append(line)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(file, small_mapping(), batch=3, progress=stop)
    summary = run_import(file, small_mapping(), batch=3)

    assert summary.resumed_after == seen[-1]
    assert (summary.added, summary.known) == (4, 0)
    assert Matter.objects.count() == 10


def test_what_cannot_be_written_to_the_report_is_not_counted_as_done(
    installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the batch goes back whole, and the next start takes it again."""
    import os

    file = write(tmp_path / "a.csv", [row(1), row(2, kind="99.99"), row(3)])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            run_import(file, small_mapping())
    assert not Matter.objects.exists()

    summary = run_import(file, small_mapping())

    assert (summary.added, summary.rejected) == (2, 1)
    assert [line["line"] for line in told(summary)] == ["3"]


def test_a_matter_without_a_known_unit_is_left_to_a_dispatcher(installed: None, tmp_path: Path) -> None:
    mapping = small_mapping(unit={}, times={"reported": "at"}, end=None)

    run_import(write(tmp_path / "a.csv", [row(1)]), mapping)

    assert Matter.objects.get().state == "reported"
