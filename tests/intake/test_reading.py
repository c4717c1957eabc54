"""Files as cities export them: what is found out by itself, what is refused, and that no row gets lost."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.intake.problems import Fault, Rejection
from mumian.intake.reading import RawRow, ReadingError, Table, read_rows, survey

Write = Callable[..., Path]

PLAIN = "id,what\n1,路面破损\n2,路灯不亮\n"
CHINESE = "".join(f"{n},路面破损请尽快修补\n" for n in range(20))


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "reports.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def rows(path: Path, encoding: str | None = None) -> list[dict[str, str]]:
    return [row.values for row in read_rows(path, encoding=encoding) if isinstance(row, RawRow)]


def faults(path: Path) -> list[tuple[int, str, str]]:
    return [
        (row.line, each.fault.value, each.column)
        for row in read_rows(path)
        if isinstance(row, Rejection)
        for each in row.problems
    ]


# ── encodings ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_and_a_byte_order_mark_is_no_part_of_the_header(
    file: Write, encoding: str
) -> None:
    path = file(PLAIN, encoding)
    assert survey(path).header == ("id", "what")
    assert rows(path) == [{"id": "1", "what": "路面破损"}, {"id": "2", "what": "路灯不亮"}]


def test_the_encoding_is_decided_by_the_whole_file_not_by_its_beginning(file: Write) -> None:
    path = file("id,what\n" + "1,plain ascii text\n" * 100_000 + "2,井盖\n", "gb18030")
    table = survey(path)
    assert table.encoding == "gb18030"
    assert list(table.rows(after=100_000)) == [
        RawRow(100_001, {"id": "1", "what": "plain ascii text"}),
        RawRow(100_002, {"id": "2", "what": "井盖"}),
    ]


def test_a_file_in_an_unknown_encoding_is_refused_with_the_line_and_the_bytes(file: Write) -> None:
    with pytest.raises(ReadingError) as error:
        survey(file("id,what\n1,a\n2,café,\n", "latin-1"))
    assert "line 3" in str(error.value)
    assert "E9" in str(error.value)
    assert "Save it as CSV in UTF-8" in str(error.value)


def test_an_encoding_can_be_named(file: Write) -> None:
    assert rows(file("id,what\n1,café\n", "cp1252"), encoding="cp1252") == [{"id": "1", "what": "café"}]
    with pytest.raises(ReadingError, match="no encoding is called"):
        survey(file(PLAIN), encoding="utf-9")
    with pytest.raises(ReadingError, match="not ASCII at line 2"):
        survey(file(PLAIN), encoding="ascii")


def test_broken_bytes_in_utf8_cost_only_their_own_row(file: Write) -> None:
    content = f"id,what\n{CHINESE}".encode() + b"20,\xe8\xb7\n21,ok\n"
    path = file(content)
    assert faults(path) == [(22, Fault.BAD_BYTES, "what")]
    assert [row["id"] for row in rows(path)] == [*map(str, range(20)), "21"]
    [rejection] = [row for row in read_rows(path) if isinstance(row, Rejection)]
    assert "E8 B7" in rejection.problems[0].reason["en"]
    assert "E8 B7" in rejection.problems[0].reason["zh"]


def test_a_nul_character_costs_only_its_own_row(file: Write) -> None:
    path = file("id,what\n1,a\x00b\n2,c\n")
    assert faults(path) == [(2, Fault.NUL, "what")]
    assert rows(path) == [{"id": "2", "what": "c"}]


def test_utf16_without_a_mark_is_refused_with_the_cure(file: Write) -> None:
    path = file(PLAIN, "utf-16-le")
    with pytest.raises(ReadingError, match="utf-16-le"):
        survey(path)
    assert len(rows(path, encoding="utf-16-le")) == 2


# ── headers and delimiters ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(file: Write, delimiter: str) -> None:
    path = file(delimiter.join(["id", '"what, where; when"', "at"]) + "\n" + delimiter.join("123") + "\n")
    assert rows(path) == [{"id": "1", "what, where; when": "2", "at": "3"}]


def test_column_names_are_trimmed_and_repeated_ones_numbered(file: Write) -> None:
    path = file(' name ,"na\nme",name,name (2),,name\n1,2,3,4,5,6\n')
    assert survey(path).header == ("name", "na me", "name (2)", "name (2) (2)", "column 5", "name (3)")


def test_the_header_may_stand_below_a_title(file: Write) -> None:
    path = file("Reports of May,\n,\nid,what\n1,a\n")
    [row] = survey(path, header=3).rows()
    assert row == RawRow(4, {"id": "1", "what": "a"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("\nid,what\n1,a\n", "where the column names should be"),
        ("id,what\n", "a header but no row"),
        ("id,what\n\n\n", "a header but no row"),
        ("\x00\x01\x02\n1\n", "NUL bytes"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_refused(file: Write, content: str, reason: str) -> None:
    with pytest.raises(ReadingError, match=reason):
        survey(file(content))


def test_a_missing_file_and_an_old_workbook_are_refused(tmp_path: Path, file: Write) -> None:
    with pytest.raises(ReadingError, match="No such file"):
        survey(tmp_path / "absent.csv")
    with pytest.raises(ReadingError, match=r"Save it as \.xlsx"):
        survey(file(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100))


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_known_by_its_first_physical_line(file: Write) -> None:
    path = file('id,what\n1,"first\nsecond\r\nthird"\n\n2,a\r\n3,b')
    assert [(row.line, row.values["id"]) for row in read_rows(path) if isinstance(row, RawRow)] == [
        (2, "1"),
        (6, "2"),
        (7, "3"),
    ]


def test_short_and_long_rows_are_rejected_and_their_neighbours_are_not(file: Write) -> None:
    path = file("id,what,where\n1,a\n2,a,b\n3,a,b,c\n4,a,b,,\n,,\n5,a,b\n")
    assert faults(path) == [(2, Fault.TOO_FEW_CELLS, ""), (4, Fault.TOO_MANY_CELLS, "")]
    assert [row["id"] for row in rows(path)] == ["2", "4", "5"]


def test_a_quote_that_never_closes_costs_only_its_own_row(file: Write) -> None:
    path = file('id,what\n1,a\n2,"never closed\n3,b\n4,"two\nlines"\n5,c\n')
    assert [fault for _, fault, _ in faults(path)] == [Fault.STRAY_QUOTE]
    assert [(row.line, row.values["id"]) for row in read_rows(path) if isinstance(row, RawRow)] == [
        (2, "1"),
        (4, "3"),
        (5, "4"),
        (7, "5"),
    ]


def test_a_quote_that_stays_open_to_the_end_of_the_file_swallows_no_row(file: Write) -> None:
    path = file('id,what\n1,a\n2,"never closed\n3,b\n4,c\n')
    assert faults(path) == [(3, Fault.OPEN_QUOTE, "")]
    assert [row["id"] for row in rows(path)] == ["1", "3", "4"]


def test_a_quote_that_stays_open_in_a_long_file_swallows_no_row(file: Write) -> None:
    path = file('id,what\n1,"never closed\n' + "2,a text of some length\n" * 20_000)
    assert faults(path) == [(2, Fault.OPEN_QUOTE, "")]
    assert len(rows(path)) == 20_000


@given(
    table=st.lists(
        st.tuples(
            st.integers(0, 9999).map(str),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
        ),
        min_size=1,
        max_size=20,
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_is_read_and_can_be_resumed_at_any_row(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], encoding: str, line_end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "what"), *table])
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    path.write_bytes(text.getvalue().encode(encoding))

    looked_over = survey(path, encoding=encoding)
    read = list(looked_over.rows())
    assert [tuple(row.values.values()) for row in read if isinstance(row, RawRow)] == table
    for position, row in enumerate(read):
        assert list(looked_over.rows(after=row.line)) == read[position + 1 :]


def test_reading_goes_on_after_a_rejected_row_too(file: Write) -> None:
    table = survey(file('id,what\n1,a\n2,"open\n3\n4,"b\nc"\n5,d\n'))
    read = list(table.rows())
    assert sum(isinstance(row, Rejection) for row in read) == 2
    for position, row in enumerate(read):
        assert list(table.rows(after=row.line)) == read[position + 1 :]


def test_progress_ends_at_the_last_line(file: Write) -> None:
    table = survey(file(PLAIN))
    assert [row.line / (table.last_line or 1) for row in table.rows()] == [2 / 3, 1]


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────────────────


def workbook(path: Path, *lines: list[object], title: str = "事项") -> Table:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for line in lines:
        book.active.append(line)
    book.save(path)
    return survey(path)


def test_cells_of_a_workbook_come_as_text_with_dates_in_iso_form(tmp_path: Path) -> None:
    table = workbook(
        tmp_path / "a.xlsx",
        ["id", "day", "time", "number", "whole", "flag", "text", None],
        [1, date(2026, 5, 1), datetime(2026, 5, 1, 8, 30), 1.5, 2124.0, True, "井盖"],  # noqa: DTZ001
    )
    assert list(table.rows()) == [
        RawRow(
            2,
            {
                "id": "1",
                "day": "2026-05-01",
                "time": "2026-05-01 08:30:00",
                "number": "1.5",
                "whole": "2124",
                "flag": "TRUE",
                "text": "井盖",
            },
        )
    ]


def test_empty_rows_of_a_workbook_are_passed_over_and_empty_cells_are_no_fault(tmp_path: Path) -> None:
    table = workbook(tmp_path / "a.xlsx", ["id", "what"], [1], [None, None], [3, "c"], [4, "d", "beyond"])
    read = list(table.rows())
    assert read[:2] == [RawRow(2, {"id": "1", "what": ""}), RawRow(4, {"id": "3", "what": "c"})]
    assert isinstance(read[2], Rejection)
    assert read[2].problems[0].fault is Fault.TOO_MANY_CELLS
    assert list(table.rows(after=2)) == read[1:]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, ["id"], [1], title="五月")
    assert survey(path, sheet="五月").sheet == "五月"
    with pytest.raises(ReadingError, match="五月"):
        survey(path, sheet="六月")


def test_a_workbook_without_rows_and_one_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="a header but no row"):
        workbook(tmp_path / "a.xlsx", ["id", "what"])
    with pytest.raises(ReadingError, match="column names should be"):
        workbook(tmp_path / "b.xlsx")
    broken = tmp_path / "c.xlsx"
    broken.write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(ReadingError, match="cannot be opened as a workbook"):
        survey(broken)


# ── real files ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "encoding", "columns", "count"),
    [
        ("pingshan/events.csv", "utf-8", 22, 7_916),
        ("311/boston.csv", "utf-8", 35, 4_995),
        ("311/nyc_dirty_100.csv", "utf-8", 46, 100),
        ("messages/labelled_494.csv", None, 5, 494),
        ("messages/unlabelled_4326.csv", None, None, 4_326),
    ],
)
def test_real_files_are_read_whole(
    shared: Path, name: str, encoding: str | None, columns: int | None, count: int
) -> None:
    table = survey(shared / "data" / name)
    read = list(table.rows())
    assert len(read) == count
    assert all(isinstance(row, RawRow) for row in read)
    assert encoding in (None, table.encoding)
    assert columns in (None, len(table.header))


def test_the_repeated_columns_of_boston_are_told_apart(shared: Path) -> None:
    header = survey(shared / "data" / "311" / "boston.csv").header
    assert header[-5:] == (
        "resolution_hours",
        "resolution_days",
        "resolution_hours (2)",
        "resolution_days (2)",
        "resolution_days_log",
    )
