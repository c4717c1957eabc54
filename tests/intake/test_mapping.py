"""Mappings from a city's columns to ours: what they can say, what is refused, and real files read by them."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.intake.mapping import MappingError, load_mapping, require_columns
from mumian.intake.problems import Fault, Problem, Rejection
from mumian.intake.reading import RawRow, survey
from mumian.intake.report import End, Report, compile_mapping
from mumian.intake.times import time_parser

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MAPPINGS = Path(__file__).parents[1] / "mappings"

TOP = """
mapping = "town"
procedure = "grid-event"
source = "town-2026"
key = ["id"]
zone = "Asia/Shanghai"
what = "text"
"""
LEAST = f"""{TOP}
place = {{names = ["town"]}}
times = {{reported = "at"}}
"""
ROW = {"id": "7", "text": "路面破损", "town": "红花街道", "at": "2026-05-01 08:00"}

Read = Callable[[str, dict[str, str]], Report | Rejection]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A row read by a mapping, which is written down as a file first."""

    def read(mapping: str, row: dict[str, str]) -> Report | Rejection:
        path = tmp_path / "town.toml"
        path.write_text(mapping, "utf-8")
        return compile_mapping(load_mapping(path), now=NOW)(RawRow(5, row))

    return read


def report(result: Report | Rejection) -> Report:
    assert isinstance(result, Report), result
    return result


def faults(result: Report | Rejection) -> list[tuple[str, str]]:
    assert isinstance(result, Rejection), result
    return [(each.fault.value, each.column) for each in result.problems]


# ── what a mapping can say ──────────────────────────────────────────────────────────────────────────────────


def test_the_least_mapping_gives_a_report(read: Read) -> None:
    got = report(read(LEAST, ROW))
    assert (got.line, got.key, got.what) == (5, "7", "路面破损")
    assert got.place_names == ("红花街道",)
    assert got.reported_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert (got.kind, got.unit_name, got.channel, got.due_at, got.closed_at, got.end) == (None,) * 6
    assert got.notes == ()


def test_a_key_of_several_columns_cannot_be_mistaken_for_another(read: Read) -> None:
    mapping = LEAST.replace('["id"]', '["id", "town"]')
    assert report(read(mapping, ROW | {"id": "a", "town": "b"})).key == '["a", "b"]'
    assert report(read(mapping, ROW | {"id": 'a", "b', "town": "c"})).key != '["a", "b", "c"]'


@pytest.mark.parametrize(
    ("spec", "row", "what"),
    [
        ('"text"', {"text": "  井盖 "}, "井盖"),
        ('{first = ["a", "text"]}', {"a": " - ", "text": "井盖"}, "井盖"),
        ('{parts = ["a", "b", "text"], between = "："}', {"a": "市", "b": "", "text": "井"}, "市：井"),
        ('{join = "{a} ({b})"}', {"a": "1", "b": "2"}, "1 (2)"),
        ('{constant = "巡查"}', {}, "巡查"),
        ('{column = "a", table = {x = "甲"}}', {"a": "x"}, "甲"),
        ('{column = "a", table = {x = "甲"}, otherwise = "其他"}', {"a": "y"}, "其他"),
    ],
)  # fmt: skip
def test_a_text_has_its_source(read: Read, spec: str, row: dict[str, str], what: str) -> None:
    assert report(read(LEAST.replace('what = "text"', f"what = {spec}"), ROW | row)).what == what


def test_a_code_table_may_stand_in_a_file_beside_the_mapping(read: Read, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("id,name,code\n1,水务局,water\n2,城管局,urban\n", "utf-8")
    mapping = LEAST + 'unit.code = {column = "unit", table = {file = "units.csv", from = "id", to = "code"}}'
    assert report(read(mapping, ROW | {"unit": "2"})).unit_code == "urban"
    assert faults(read(mapping, ROW | {"unit": "3"})) == [("unknown-word", "unit")]


def test_a_place_may_be_given_by_code_names_and_point(read: Read) -> None:
    mapping = f"""{TOP}
        times.reported = "at"
        [place]
        within = "440310"
        code = "code"
        names = ["town", "village"]
        ids = ["town id", "village id"]
        point = {{lon = "x", lat = "y", system = "gcj02", bounds = [113.0, 22.0, 115.0, 24.0]}}
    """
    ids = {"town id": "3", "village id": "14"}
    full = ROW | ids | {"code": "440310001", "village": "老坑", "x": "114.3", "y": "22.7"}
    got = report(read(mapping, full))
    assert (got.place_code, got.lon, got.lat) == ("440310001", 114.3, 22.7)
    assert (got.place_names, got.place_ids) == (("红花街道", "老坑"), ("3", "14"))
    assert report(read(mapping, full | {"village": "-"})).place_names == ("红花街道", "")
    assert report(read(mapping, full | {"x": "0.0", "y": "0"})).lon is None
    assert faults(read(mapping, full | {"x": "22.7", "y": "114.3"})) == [("bad-degrees", "x, y")]
    assert faults(read(mapping, full | {"x": "22.7", "y": "80"})) == [("outside", "x, y")]
    assert faults(read(mapping, full | {"x": "114.3", "y": ""})) == [("half-a-point", "x, y")]
    assert faults(read(mapping, full | {"x": "nan", "y": "22.7"})) == [("bad-degrees", "x, y")]
    assert faults(read(mapping, full | {"x": "东经", "y": "22.7"})) == [("bad-number", "x, y")]


def test_a_report_without_a_place_goes_in_with_a_note_unless_one_is_required(read: Read) -> None:
    nowhere = ROW | {"town": "-"}
    assert [note.fault for note in report(read(LEAST, nowhere)).notes] == [Fault.NO_PLACE]
    required = LEAST.replace('["town"]', '["town"], required = true')
    assert faults(read(required, nowhere)) == [("no-place", "town")]


def test_values_kept_beside_have_their_types(read: Read) -> None:
    mapping = f"""{LEAST}
        [extra]
        address = "where"
        visits = {{column = "n", type = "integer"}}
        cost = {{column = "cost", type = "decimal"}}
        urgent = {{column = "urgent", type = "boolean"}}
        seen = {{column = "seen", type = "time", formats = ["%d.%m.%Y"]}}
    """
    row = ROW | {"where": "一号", "n": "1,200", "cost": "3.50", "urgent": "是", "seen": "02.05.2026"}
    assert report(read(mapping, row)).extra == {
        "address": "一号",
        "visits": 1200,
        "cost": Decimal("3.50"),
        "urgent": True,
        "seen": datetime(2026, 5, 1, 16, tzinfo=UTC),
    }
    assert (
        report(read(mapping, row | dict.fromkeys(["where", "n", "cost", "urgent", "seen"], ""))).extra == {}
    )
    wrong = read(mapping, row | {"n": "1.5", "cost": "a lot", "urgent": "maybe", "seen": "31.02.2026"})
    assert faults(wrong) == [
        ("bad-number", "n"),
        ("bad-number", "cost"),
        ("unknown-word", "urgent"),
        ("bad-time", "seen"),
    ]


def test_a_text_too_long_is_cut_and_says_so(read: Read) -> None:
    got = report(read(LEAST.replace('"text"', '{column = "text", max = 3}'), ROW))
    assert got.what == "路面破"
    assert [note.fault for note in got.notes] == [Fault.CUT]


# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("form", "text", "utc"),
    [
        ("%m/%d/%Y %I:%M:%S %p", "03/31/2023 11:44:52 PM", "2023-03-31 15:44:52"),
        ("%m/%d/%Y %I:%M:%S %p", "3/1/2023 12:05:00 am", "2023-02-28 16:05:00"),
        ("%Y年%m月%d日 %p%I时", "2023年3月31日 下午3时", "2023-03-31 07:00:00"),
        ("%d-%b-%Y", "31-Mar-2023", "2023-03-30 16:00:00"),
        ("%d.%m.%Y", "2023-03-31T08:00:00Z", "2023-03-31 08:00:00"),
        ("%d.%m.%Y", "2023-03-31 08:00:00.25+0530", "2023-03-31 02:30:00.250000"),
        ("%d.%m.%Y", "2023-03-31", "2023-03-30 16:00:00"),
    ],
)
def test_times_are_read_by_their_format_or_as_iso_and_kept_in_utc(form: str, text: str, utc: str) -> None:
    assert str(time_parser([form], SHANGHAI)(text)) == f"{utc}+00:00"


@pytest.mark.parametrize(
    "text", ["", "2023-02-30", "20230331", "2023-W13-5", "13/01/2023", "0001-01-01", "soon"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        time_parser(["%m/%d/%Y"], SHANGHAI)(text)


def test_a_date_alone_is_that_day_at_the_hour_the_mapping_says() -> None:
    assert time_parser([], SHANGHAI, time(23, 59))("2023-03-31") == datetime(2023, 3, 31, 15, 59, tzinfo=UTC)
    assert time_parser(["%Y%m%d"], SHANGHAI, time(9))("20230331") == datetime(2023, 3, 31, 1, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_the_first_and_the_one_left_out_is_counted_on() -> None:
    parse = time_parser([], NEW_YORK)
    assert parse("2023-11-05 01:56:00") == datetime(2023, 11, 5, 5, 56, tzinfo=UTC)
    assert parse("2023-03-12 02:30:00") == datetime(2023, 3, 12, 7, 30, tzinfo=UTC)


@given(
    moment=st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)),  # noqa: DTZ001
    form=st.sampled_from(
        ["%Y/%m/%d %H:%M:%S", "%d.%m.%Y %I:%M:%S %p", "%m-%d-%Y %H:%M", "%Y%m%d", "%d %b %Y"]
    ),
)
def test_every_format_reads_what_it_writes(moment: datetime, form: str) -> None:
    text = moment.strftime(form)
    expected = datetime.strptime(text, form).replace(tzinfo=UTC)
    assert time_parser([form], ZoneInfo("UTC"))(text) == expected


# ── how far it came ─────────────────────────────────────────────────────────────────────────────────────────

ENDED = f"""{TOP}
place = {{names = ["town"]}}
times = {{reported = "at", due = "due", closed = "closed"}}
[end]
column = "status"
words."办结" = {{scenario = "fixed", outcome = "fixed"}}
words."处理中" = {{actions = ["report", "assign", "start"]}}
closed = {{scenario = "fixed", outcome = "fixed"}}
on_time = {{column = "in time", true = ["按期"], false = ["逾期"]}}
"""
OPEN = ROW | {"due": "2026-05-03", "closed": "", "status": "处理中", "in time": ""}
CLOSED = OPEN | {"closed": "2026-05-02", "status": "办结"}


def test_a_status_word_is_a_path_through_the_procedure(read: Read) -> None:
    assert report(read(ENDED, OPEN)).end == End(None, ("report", "assign", "start"), None, None)
    assert report(read(ENDED, CLOSED)).end == End("fixed", (), "fixed", None)
    assert faults(read(ENDED, OPEN | {"status": "搁置"})) == [("unknown-word", "status")]


def test_without_a_status_the_close_time_says_whether_it_was_closed(read: Read) -> None:
    assert report(read(ENDED, CLOSED | {"status": ""})).end == End("fixed", (), "fixed", None)
    assert report(read(ENDED, OPEN | {"status": ""})).end is None


def test_a_word_says_whether_it_was_in_time_where_no_close_time_does(read: Read) -> None:
    for word, on_time in (("按期", True), ("逾期", False)):
        got = report(read(ENDED, CLOSED | {"closed": "", "in time": word}))
        assert got.end is not None
        assert (got.closed_at, got.end.on_time) == (None, on_time)
    assert faults(read(ENDED, CLOSED | {"closed": ""})) == [("closed-without-time", "closed")]


def test_a_word_that_contradicts_the_times_is_noted_and_the_times_count(read: Read) -> None:
    assert report(read(ENDED, CLOSED | {"in time": "按期"})).notes == ()
    got = report(read(ENDED, CLOSED | {"in time": "逾期"}))
    assert [note.fault for note in got.notes] == [Fault.ON_TIME_DIFFERS]
    assert got.closed_at is not None


def test_a_close_time_on_an_open_matter_is_refused(read: Read) -> None:
    assert faults(read(ENDED, OPEN | {"closed": "2026-05-02"})) == [("open-with-time", "status")]


# ── checks ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_mapping_lets_in_what_cannot_be(read: Read) -> None:
    assert faults(read(ENDED, CLOSED | {"closed": "2026-04-30"})) == [("out-of-order", "closed")]
    assert faults(read(ENDED, OPEN | {"at": "2026-12-01", "due": ""})) == [("too-late", "at")]
    assert faults(read(ENDED, CLOSED | {"closed": "2027-01-01"})) == [("too-late", "closed")]


def test_a_row_is_told_everything_that_is_wrong_with_it(read: Read) -> None:
    row = CLOSED | {"id": "", "text": " ", "at": "yesterday", "due": "2026-13-01", "status": "?"}
    result = read(ENDED, row)
    assert faults(result) == [
        ("bad-time", "at"),
        ("bad-time", "due"),
        ("empty", "id"),
        ("empty", "text"),
        ("unknown-word", "status"),
    ]
    assert isinstance(result, Rejection)
    assert result.line == 5
    for problem in result.problems:
        assert all(said["zh"] and said["en"] for said in (problem.reason, problem.cure))


CHECKS = f"""{ENDED}
[[checks]]
check = "range"
time = "reported"
since = 2020-01-01
until = 2026-06-01T00:00:00+08:00
[[checks]]
check = "order"
first = "reported"
then = "due"
[[checks]]
check = "words"
column = "text"
words = ["测试"]
reason = {{zh = "测试数据", en = "test data"}}
cure = {{zh = "删去", en = "Remove it"}}
[[checks]]
check = "pattern"
column = "phone"
pattern = "1\\\\d{{10}}"
note = true
"""


def test_a_mapping_has_checks_of_its_own(read: Read) -> None:
    row = OPEN | {"phone": "13800000000"}
    assert report(read(CHECKS, row)).notes == ()
    assert faults(read(CHECKS, row | {"at": "1900-01-01"})) == [("too-early", "at")]
    assert faults(read(CHECKS, row | {"at": "2026-06-02", "due": ""})) == [("too-late", "at")]
    assert faults(read(CHECKS, row | {"due": "2026-04-01"})) == [("out-of-order", "due")]


def test_a_check_may_have_its_own_words_and_may_only_note(read: Read) -> None:
    row = OPEN | {"phone": ""}
    result = read(CHECKS, row | {"text": "测试"})
    assert isinstance(result, Rejection)
    assert result.problems == (
        Problem(
            Fault.REFUSED_WORD,
            "text",
            "测试",
            {"zh": "测试数据", "en": "test data"},
            {"zh": "删去", "en": "Remove it"},
        ),
    )
    assert report(read(CHECKS, row)).notes == ()
    assert [note.fault for note in report(read(CHECKS, row | {"phone": "123"})).notes] == [Fault.NO_MATCH]


# ── mappings that are refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (("procedure", "proceedure"), "proceedure", "Write `procedure`"),
        (('key = ["id"]', ""), "key", "is missing"),
        (("Asia/Shanghai", "Asia/Shenzhen"), "zone", "not a time zone"),
        (('what = "text"', 'what = {column = "a", constant = "b"}'), "what", "exactly one of"),
        (('what = "text"', 'what = {join = "{a} {"}'), "what", "a brace"),
        (('"at"', '{column = "at", formats = ["%H:%M"]}'), "times.reported.formats.0", "needs a year"),
        (('"at"', '"at", closed = "c"'), "the mapping", "needs an `end`"),
        (('["town"]', '["town"], ids = ["a", "b"]'), "place", "as many `ids`"),
        (('["town"]', '["town"], point = {lon = "x", lat = "y", system = ""}'), "place.point.system", "bd09"),
        (('"at"}', '"at"}\nend = {column = "status"}'), "end", "`column` and `words` together"),
        (('"at"}', '"at"}\nchecks = [{check = "order", first = "due"}]'), "checks.0.order.then", "missing"),
        (('"at"}', '"at"}\nunit.code = {column = "u", table = {file = "u.csv", from = "a", to = "b"}}'),
         "unit.code.table", "u.csv"),
        (('zone = "', 'zone = '), "file", "is not TOML"),
    ],
)  # fmt: skip
def test_a_mapping_is_refused_with_file_key_reason_and_cure(
    tmp_path: Path, change: tuple[str, str], key: str, said: str
) -> None:
    path = tmp_path / "town.toml"
    path.write_text(LEAST.replace(*change), "utf-8")
    with pytest.raises(MappingError) as error:
        load_mapping(path)
    assert key in [fault[0] for fault in error.value.faults]
    assert said in str(error.value)
    assert "town.toml" in str(error.value)


def test_every_fault_of_a_mapping_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text(LEAST.replace("procedure", "proc").replace("Asia", "Azia"), "utf-8")
    with pytest.raises(MappingError) as error:
        load_mapping(path)
    assert sorted(fault[0] for fault in error.value.faults) == ["proc", "procedure", "zone"]


def test_columns_that_the_file_lacks_are_named_before_a_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text(ENDED + '[extra]\nx = {join = "{b} {c}"}\n', "utf-8")
    mapping = load_mapping(path)
    with pytest.raises(MappingError) as error:
        require_columns(mapping, ["id", "Text", "town", "at", "due", "closed", "status", "b"], "may.csv")
    assert [fault[0] for fault in error.value.faults] == ["what.column", "end.on_time.column", "extra.x.join"]
    assert "Write “Text” if that is the column meant" in str(error.value)
    assert "may.csv" in str(error.value)


# ── real files ──────────────────────────────────────────────────────────────────────────────────────────────

Results = tuple[list[Report], list[Rejection]]


@pytest.fixture
def real(shared: Path) -> Callable[[str, str], Results]:
    """The reports and rejections of a real file read by one of the mappings kept with these tests."""

    def read(mapping_name: str, file: str) -> Results:
        mapping, table = load_mapping(MAPPINGS / f"{mapping_name}.toml"), survey(shared / "data" / file)
        require_columns(mapping, table.header, table.path)
        read_row = compile_mapping(mapping, now=NOW)
        results = [read_row(row) if isinstance(row, RawRow) else row for row in table.rows()]
        return (
            [each for each in results if isinstance(each, Report)],
            [each for each in results if isinstance(each, Rejection)],
        )

    return read


def test_all_events_of_pingshan_go_in_and_the_eight_without_a_street_say_so(
    real: Callable[[str, str], Results],
) -> None:
    reports, rejections = real("pingshan", "pingshan/events.csv")
    assert (len(reports), rejections) == (7_916, [])
    assert len({each.key for each in reports}) == 7_916
    noted = [each for each in reports if each.notes]
    assert [each.line for each in noted] == [343, 571, 1012, 1198, 5476, 6188, 6253, 6494]
    assert {note.fault for each in noted for note in each.notes} == {Fault.NO_PLACE}
    assert all(len(each.place_names) == 2 for each in reports if not each.notes)
    assert len({each.kind for each in reports}) == 348
    assert all(each.kind and each.kind.count(".") == 2 and len(each.kind_titles) == 3 for each in reports)
    assert len({each.unit_code for each in reports} - {None}) == 119
    assert sum(each.unit_code is None for each in reports) == 17


def test_the_on_time_rate_of_pingshan_is_that_of_all_its_events(real: Callable[[str, str], Results]) -> None:
    reports, _ = real("pingshan", "pingshan/events.csv")
    on_time = Counter(each.end.on_time for each in reports if each.end)
    assert on_time == {True: 7_180, False: 736}
    assert round(100 * on_time[True] / len(reports), 2) == 90.70


def test_the_times_of_boston_agree_with_its_on_time_status(real: Callable[[str, str], Results]) -> None:
    """ONTIME is closed at or before the target, or without a target; OVERDUE is closed after it."""
    reports, rejections = real("boston", "311/boston.csv")
    assert (len(reports), rejections) == (4_995, [])
    for each in reports:
        assert each.end is not None
        assert each.closed_at is not None
        by_times = each.due_at is None or each.closed_at <= each.due_at
        assert each.end.on_time in (by_times, None)
        said = {True: "ONTIME", False: "OVERDUE", None: None}
        assert each.extra.get("on-time-status") == said[each.end.on_time]
    assert sum(each.due_at is None for each in reports) == 711
    assert [each.line for each in reports if each.end and each.end.on_time is None] == [4432]
    assert sum(each.lon is None for each in reports) == 32
    assert sum(bool(each.notes) for each in reports) == 30


def test_every_bad_row_of_new_york_is_named_and_every_good_one_goes_in(
    real: Callable[[str, str], Results],
) -> None:
    reports, rejections = real("nyc", "311/nyc_dirty_100.csv")
    assert [(each.line, faults(each)) for each in rejections] == [
        (2, [("out-of-order", "Closed Date")]),
        (3, [("out-of-order", "Closed Date")]),
        (4, [("out-of-order", "Closed Date")]),
        (5, [("out-of-order", "Closed Date")]),
        (7, [("out-of-order", "Closed Date")]),
    ]
    assert {each.line for each in reports} == set(range(2, 102)) - {2, 3, 4, 5, 7}
    still_open = [each.line for each in reports if each.closed_at is None]
    assert still_open == [6, 24, 39, 40, 41, 51, 75, 76]
    assert all(each.end and each.end.outcome is None for each in reports if each.closed_at is None)
    noted = [(each.line, note.column, note.value) for each in reports for note in each.notes]
    assert noted == [(16, "Incident Zip", "66666"), (48, "Incident Zip", "66666")]


def test_a_bad_row_of_new_york_says_what_is_wrong_and_what_to_do(
    real: Callable[[str, str], Results],
) -> None:
    _, [first, *_] = real("nyc", "311/nyc_dirty_100.csv")
    assert first.problems[0].value == "02/01/2023 11:44:52 PM"
    assert "before the reported time, 2023-03-31 23:44:52" in first.problems[0].reason["en"]
    assert "早于报告时间" in first.problems[0].reason["zh"]
    assert "Check both dates" in first.problems[0].cure["en"]
