"""The rows of CSV and XLSX files as a stream: encoding, delimiter and header found, no row passed over.

A file is first looked over once (`survey`), then read (`Table.rows`); neither holds more than a piece of it.
"""

import codecs
import csv
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from mumian.errors import MumianError
from mumian.intake.problems import Fault, Problem, Rejection, problem


class RawRow(NamedTuple):
    """A row as it stands in the file: its first line (from 1) and the text of each column, unstripped."""

    line: int
    values: dict[str, str]


class ReadingError(MumianError):
    """A file of which no row can be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been looked over and can be read, as often as wanted."""

    path: Path
    header: tuple[str, ...]
    """The column names: trimmed, repeated ones numbered (`name`, `name (2)`)."""
    header_line: int
    last_line: int | None
    """The last line, unless a workbook does not say it: `row.line / last_line` is the progress made."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    damaged: bool = False
    """Some bytes are not of the encoding; rows that hold such are rejected."""
    nul: bool = False
    """Some rows hold NUL characters; they are rejected."""

    def rows(self, *, after: int = 0) -> Iterator[RawRow | Rejection]:
        """Every row in the order of the file, those that do not fit the header as rejections.

        `after` is the line of the last row already dealt with: reading goes on with the one that follows it.
        Rows without any content are passed over.
        """
        return _sheet_rows(self, after) if self.sheet else _text_rows(self, after)


def survey(
    path: Path | str,
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    header: int = 1,
) -> Table:
    """Looks a CSV or XLSX file over once. `header` is the line that names the columns.

    Without `encoding`, UTF-8 (with and without BOM), UTF-16 (with BOM) and GB18030 are told apart by decoding
    the whole file. Raises `ReadingError`: no such file, no row, no such sheet, not its encoding.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise ReadingError(
            path, reason=error.strerror or error, cure="Check its name and permissions"
        ) from None
    if start.startswith(_OLD_EXCEL):
        raise ReadingError(
            path, reason="it is a workbook of Excel 97–2003 (.xls)", cure="Save it as .xlsx or CSV"
        )
    if start.startswith(_ZIP):
        return _survey_sheet(path, sheet, header)
    return _survey_text(path, encoding, delimiter, header)


def read_rows(
    path: Path | str, *, encoding: str | None = None, sheet: str | None = None
) -> Iterator[RawRow | Rejection]:
    """The rows of a file: `survey` and `Table.rows` in one."""
    return survey(path, encoding=encoding, sheet=sheet).rows()


_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PIECE = 1 << 20
_DELIMITERS = ",;\t|"
_SURELY_UTF8 = 24
"""Bytes beyond ASCII, read as UTF-8 before the first that is not: no GB18030 text gets so far by chance."""


# ── text files ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Scan:
    """What decoding a whole file found."""

    encoding: str
    lines: int
    nul: bool = False
    damaged: bool = False


class _DecodingError(Exception):
    def __init__(self, encoding: str, line: int, bad: bytes, beyond_ascii: int) -> None:
        self.encoding, self.line, self.bad, self.beyond_ascii = encoding, line, bad, beyond_ascii

    def __str__(self) -> str:
        return f"not {self.encoding.upper()} at line {self.line} (bytes {self.bad.hex(' ').upper()})"


def _survey_text(path: Path, encoding: str | None, delimiter: str | None, header: int) -> Table:
    scan = _scan(path, encoding) if encoding else _detect(path)
    with _open(path, scan.encoding, damaged=scan.damaged) as file:
        top = list(islice(file, header - 1, header + 49))
    if not any(line.strip() for line in top):
        raise ReadingError(
            path, reason="it is empty", cure="Export it again, with a header and at least one row"
        )
    if "\0" in top[0]:
        raise _not_text(path)
    delimiter = delimiter or _sniff(top[0])
    reader = csv.reader(top, delimiter=delimiter)
    names = _distinct(next(reader))
    rows_seen = any(line.strip() for line in top[reader.line_num :])
    _usable(path, header, names, has_rows=rows_seen or scan.lines > header - 1 + len(top))
    return Table(
        path=path,
        header=names,
        header_line=header,
        last_line=scan.lines,
        encoding=scan.encoding,
        delimiter=delimiter,
        damaged=scan.damaged,
        nul=scan.nul,
    )


def _detect(path: Path) -> _Scan:
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _scan(path, "utf-16")
    if start.count(0) > len(start) // 8:
        raise _not_text(path)
    utf8 = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return _decode(path, utf8)
    except _DecodingError as error:
        not_utf8 = error
    if utf8 == "utf-8-sig" or not_utf8.beyond_ascii >= _SURELY_UTF8:
        return _decode(path, utf8, damaged=True)
    try:
        return _decode(path, "gb18030")
    except _DecodingError as error:
        raise ReadingError(
            path,
            reason=f"its encoding is not known: it is {not_utf8}, and {error}",
            cure="Save it as CSV in UTF-8, or name its encoding",
        ) from None


def _not_text(path: Path) -> ReadingError:
    return ReadingError(
        path,
        reason="it begins with NUL bytes, so it is no text",
        cure="Save it as CSV in UTF-8; if it is UTF-16 without a mark, name the encoding utf-16-le",
    )


def _scan(path: Path, encoding: str) -> _Scan:
    """The file decoded as the reader said."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        cure = "Use a name such as utf-8, gb18030, utf-16-le or cp1252"
        raise ReadingError(path, reason=f"no encoding is called “{encoding}”", cure=cure) from None
    if name == "utf-8":
        name = "utf-8-sig"
    try:
        return _decode(path, name)
    except _DecodingError as error:
        if name == "utf-8-sig":
            return _decode(path, name, damaged=True)
        cure = "Mend these bytes, or name another encoding, or none to have it found"
        raise ReadingError(path, reason=f"it is {error}", cure=cure) from None


def _decode(path: Path, encoding: str, *, damaged: bool = False) -> _Scan:
    """Decodes the whole file in pieces. Raises `_DecodingError`, unless it is known to be damaged."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if damaged else "strict")
    lines = beyond_ascii = 0
    nul, last = False, ""
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                good = error.object[: error.start]
                bad = error.object[error.start : max(error.end, error.start + 1)]
                read = good.decode(encoding, "replace")
                seen = beyond_ascii + len(good) - len(read)
                raise _DecodingError(encoding, lines + read.count("\n") + 1, bad, seen) from None
            if not piece:
                break
            lines += text.count("\n") or text.count("\r")
            beyond_ascii += len(piece) - len(text)
            nul = nul or "\0" in text
            last = text[-1:] or last
    return _Scan(encoding, lines + (last not in ("\n", "\r", "")), nul, damaged)


def _open(path: Path, encoding: str, *, damaged: bool) -> Any:
    return path.open(encoding=encoding, errors="surrogateescape" if damaged else "strict", newline="")


def _sniff(line: str) -> str:
    """The delimiter that the header holds most of, outside quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_DELIMITERS, key=bare.count)


def _text_rows(table: Table, after: int) -> Iterator[RawRow | Rejection]:
    names, width = table.header, len(table.header)
    plain = not (table.damaged or table.nul)
    with _open(table.path, table.encoding, damaged=table.damaged) as file:
        done = max(after, table.header_line)  # the line of a record already dealt with, which may go on below
        before = done - 1
        for _ in islice(file, before):
            pass
        source: Iterable[str] = file
        held: list[str] = []  # the lines of the record being read, to be read again if it never ends
        while True:
            reader = csv.reader(_holding(source, held), delimiter=table.delimiter, strict=True)
            line = before + 1
            try:
                for cells in reader:
                    if line <= done:
                        pass
                    elif plain and len(cells) == width and any(cells):
                        yield RawRow(line, dict(zip(names, cells, strict=True)))
                    elif row := _fitted(line, names, cells, before + reader.line_num):
                        yield row
                    line = before + reader.line_num + 1
                    held.clear()
                return
            except csv.Error as error:
                if line > done:
                    yield _broken(line, held[0], str(error))
                source, before = chain(held[1:], source), line
                held = []


def _holding(lines: Iterable[str], held: list[str]) -> Iterator[str]:
    for line in lines:
        held.append(line)
        yield line


def _fitted(line: int, names: tuple[str, ...], cells: list[str], last_line: int) -> RawRow | Rejection | None:
    """The row if it fits after all; else why not; nothing if it holds nothing."""
    width = len(names)
    if not any(cells):
        return None
    if len(cells) > width and not any(cells[width:]):
        cells = cells[:width]
    if len(cells) != width:
        return Rejection(line, (_misfit(cells, width, line, last_line),))
    text = "".join(cells)
    if "\0" not in text and (text.isascii() or _sound(text)):
        return RawRow(line, dict(zip(names, cells, strict=True)))
    return Rejection(
        line, tuple(_unsound(name, cell) for name, cell in zip(names, cells, strict=True) if not _sound(cell))
    )


def _sound(text: str) -> bool:
    return "\0" not in text and not _ESCAPED.search(text)


_ESCAPED = re.compile("[\udc80-\udcff]")


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────────────────


def _survey_sheet(path: Path, sheet: str | None, header: int) -> Table:
    with closing(_workbook(path)) as book:
        names = [page.title for page in book.worksheets]
        if sheet is not None and sheet not in names:
            raise ReadingError(
                path, reason=f"it has no sheet “{sheet}”", cure=f"Name one of its sheets: {', '.join(names)}"
            )
        page = book[sheet] if sheet is not None else book.worksheets[0]
        last_line = page.max_row
        page.reset_dimensions()  # some programs write A1 for a full sheet, and rows would be cut to it
        rows = page.iter_rows(min_row=header, values_only=True)
        top = [cell_text(value) for value in next(rows, ())]
        while top and not top[-1].strip():
            top.pop()
        columns = _distinct(top)
        _usable(path, header, columns, has_rows=any(any(value is not None for value in row) for row in rows))
    return Table(
        path=path,
        header=columns,
        header_line=header,
        last_line=last_line,
        sheet=page.title,
    )


def _sheet_rows(table: Table, after: int) -> Iterator[RawRow | Rejection]:
    names, width = table.header, len(table.header)
    first = max(after, table.header_line) + 1
    with closing(_workbook(table.path)) as book:
        page = book[table.sheet]
        page.reset_dimensions()
        for line, values in enumerate(page.iter_rows(min_row=first, values_only=True), first):
            cells = [cell_text(value) for value in values]
            cells += [""] * (width - len(cells))
            if row := _fitted(line, names, cells, line):
                yield row


def cell_text(value: Any) -> str:
    """A cell of a workbook as a CSV would have it: dates in ISO form, whole numbers without a fraction."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _workbook(path: Path) -> Any:
    import openpyxl  # twelve megabytes that a server does without
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise ReadingError(
            path,
            reason=f"it cannot be opened as a workbook ({error})",
            cure="Save it again as .xlsx, or as CSV",
        ) from None


# ── header and misfits ──────────────────────────────────────────────────────────────────────────────────────


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names trimmed; a repeated one gets a number, an empty one its position."""
    taken: set[str] = set()
    for position, name in enumerate(names, 1):
        plain = " ".join(name.strip("\ufeff").split()) or f"column {position}"
        distinct, count = plain, 1
        while distinct in taken:
            count += 1
            distinct = f"{plain} ({count})"
        taken.add(distinct)
        names[position - 1] = distinct
    return tuple(names)


def _usable(path: Path, header: int, names: tuple[str, ...], *, has_rows: bool) -> None:
    if not names:
        cure = "Say which line names the columns"
        raise ReadingError(
            path, reason=f"line {header} is empty, where the column names should be", cure=cure
        )
    if not has_rows:
        raise ReadingError(path, reason="it has a header but no row", cure="Export it again with its rows")


def _misfit(cells: list[str], width: int, line: int, last: int) -> Problem:
    fault = Fault.TOO_FEW_CELLS if len(cells) < width else Fault.TOO_MANY_CELLS
    lines = f"{line}–{last}" if last > line else line
    return problem(fault, "", " | ".join(cells), lines=lines, cells=len(cells), width=width)


def _broken(line: int, text: str, error: str) -> Rejection:
    never_ends = "unexpected end" in error or "field larger" in error
    fault = Fault.OPEN_QUOTE if never_ends else Fault.STRAY_QUOTE
    return Rejection(line, (problem(fault, "", text.rstrip("\r\n")),))


def _unsound(column: str, cell: str) -> Problem:
    if "\0" in cell:
        return problem(Fault.NUL, column, cell.replace("\0", "\u2400"))
    escaped = " ".join(f"{ord(char) - 0xDC00:02X}" for char in _ESCAPED.findall(cell))
    return problem(Fault.BAD_BYTES, column, _ESCAPED.sub("\ufffd", cell), bytes=escaped)
