"""The rows of a table in a text file, as a stream: encoding, delimiter and columns found, each row with its line."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mumian.errors import MumianError

Words = Mapping[str, str]
"""One text in each language: `{zh: …, en: …}`."""


class TableError(MumianError):
    """A file of which no row can be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins on, from 1, and its values by our own names for the columns, trimmed."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that did not go in: where, what stood there, why not, and what to do."""

    line: int
    column: str
    """As the file calls it; empty where the row as a whole is concerned."""
    value: str
    reason: Words
    cure: Words


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been looked over and can be read, as often as wanted."""

    path: Path
    encoding: str
    delimiter: str
    columns: Mapping[str, str]
    """From our names to those in the file, of the columns that are there."""

    def rows(self) -> Iterator[Row | Rejection]:
        """Every row that holds something, in the order of the file; what does not fit the header is rejected."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            records = _records(file, self.delimiter)
            _, header = next(records)
            names = [name.strip() for name in header or ()]
            places = {ours: names.index(theirs) for ours, theirs in self.columns.items()}
            for line, cells in records:
                if cells is None:
                    yield _unquoted(line)
                elif any(cell.strip() for cell in cells):
                    yield _row(line, cells, len(names), places)


def survey(path: Path, known: Mapping[str, Collection[str]], *, required: Collection[str]) -> Table:
    """Looks a file over: UTF-8 with or without its mark, or GB18030; commas, semicolons or tabs.

    `known` gives for each of our columns the names by which a file may call it. Raises `TableError` where the
    file cannot be read, or a required column is missing.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
    delimiter = max(",;\t", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    found = {_plain(name): name for name in reversed(header)}
    columns = {
        ours: found[name]
        for ours, names in known.items()
        for name in map(_plain, [*reversed([*names]), ours])
        if name in found
    }
    if lacking := [name for name in required if name not in columns]:
        raise TableError(
            path,
            reason=f"缺少列 {'、'.join(lacking)};有 {'、'.join(header) or '无'} · "
            f"it has no column {', '.join(lacking)}; it has {', '.join(header) or 'none'}",
            cure="在第一行写明列名 · Name the columns in the first line",
        )
    return Table(path, encoding, delimiter, columns)


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def _encoding(path: Path) -> str:
    try:
        with path.open("rb") as file:
            marked = file.read(3) == codecs.BOM_UTF8
    except OSError as error:
        raise TableError(
            path, reason=error.strerror or error, cure="检查文件名与权限 · Check its name and rights"
        ) from None
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise TableError(
        path,
        reason="既不是 UTF-8 也不是 GB18030 · it is neither UTF-8 nor GB18030",
        cure="另存为 UTF-8 编码的 CSV · Save it as CSV in UTF-8",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Records with the line each begins on; after one that cannot be read, reading goes on with the next line."""
    source, before = _Lines(lines), 0
    while True:
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        line = before + 1
        try:
            for cells in reader:
                yield line, cells
                line = before + reader.line_num + 1
                source.taken.clear()
            return
        except csv.Error:
            yield line, None
            before = line
            source.give_back_but_one()


class _Lines:
    """Lines that can be given back: those taken since the last record that was read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_but_one(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken.clear()


def _unquoted(line: int) -> Rejection:
    reason = {"zh": "引号没有成对", "en": "its quotation marks do not pair"}
    cure = {
        "zh": "整格文字用引号括起，文字中的引号写两次",
        "en": "Put the whole text in quotes; write a quotation mark within it twice",
    }
    return Rejection(line, "", "", reason, cure)


def _row(line: int, cells: list[str], width: int, places: Mapping[str, int]) -> Row | Rejection:
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) == width:
        return Row(line, {name: cells[place].replace("\0", "").strip() for name, place in places.items()})
    reason = {
        "zh": f"此行有 {len(cells)} 格，表头有 {width} 列",
        "en": f"the row has {len(cells)} cells, the header {width}",
    }
    cure = {"zh": "含分隔符的文字须加引号", "en": "Put a text that holds the delimiter in quotes"}
    return Rejection(line, "", "", reason, cure)
