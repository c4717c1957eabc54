"""Files of places as streams: tables (CSV) row by row and GeoJSON feature by feature, each with its line."""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext_lazy as _

from mumian.errors import MumianError


class FileError(MumianError):
    """A file that cannot be read as what it should be."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its line in the file, and its values by the names in the header."""

    line: int
    values: Mapping[str, str]
    surplus: int
    """How many values more (or, below zero, fewer) than columns it has."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A GeoJSON feature: the line it begins on, its properties and its geometry as they stand."""

    line: int
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


def encoding_of(path: Path) -> str:
    """UTF-8, with or without its mark, if all of the file is; else GB18030, which holds GBK and GB2312."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    except OSError as error:
        raise FileError(
            path, reason=error.strerror or str(error), cure=_("Give the path of a file that can be read")
        ) from error
    return "utf-8-sig"


def header_of(path: Path) -> list[str]:
    """The names of the columns of a table."""
    with _table(path) as file:
        return [name.strip() for name in next(csv.reader(file, delimiter=_delimiter(file)), [])]


def rows(path: Path) -> Iterator[Row]:
    """The rows of a table with a header, its values parted by commas, semicolons or tabs; no blank lines."""
    with _table(path) as file:
        reader = csv.reader(file, delimiter=_delimiter(file))
        header = [name.strip() for name in next(reader, [])]
        try:
            for values in reader:
                while len(values) > len(header) and not values[-1].strip():
                    values.pop()
                if any(values):
                    named = {name: value.strip() for name, value in zip(header, values, strict=False)}
                    yield Row(reader.line_num, named, surplus=len(values) - len(header))
        except (csv.Error, UnicodeDecodeError) as error:
            raise FileError(
                _("%(path)s, line %(line)d") % {"path": path, "line": reader.line_num + 1},
                reason=str(error),
                cure=_("Save the table anew as CSV in UTF-8"),
            ) from error


def features(path: Path) -> Iterator[Feature]:
    """The features of a GeoJSON FeatureCollection, read piece by piece: the file is never held as a whole."""
    with path.open(encoding=encoding_of(path)) as file:
        text = _Window(file, path)
        text.skip_past(_FEATURES)
        while True:
            text.skip_past(_BETWEEN)
            line = text.line
            if text.at_end_of_array():
                return
            value = text.decode()
            properties = value.get("properties") if isinstance(value, dict) else None
            geometry = value.get("geometry") if isinstance(value, dict) else None
            yield Feature(line, properties if isinstance(properties, dict) else {}, geometry)


def crs_of(path: Path) -> str | None:
    """What the file says in its `crs` member (GeoJSON before RFC 7946), which stands beside the features."""
    encoding = encoding_of(path)
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        file.seek(max(path.stat().st_size - _CHUNK, 0))
        tail = file.read()
    for part in (head, tail):
        if found := _CRS.search(part.decode(encoding, errors="replace")):
            return found["name"]
    return None


_CHUNK = 1 << 16
_LONGEST_KEY, _LONGEST_VALUE = 64, 1 << 26
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_CRS = re.compile(r'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{[^{}]*"name"\s*:\s*"(?P<name>[^"]*)"')


def _table(path: Path) -> TextIO:
    return path.open(encoding=encoding_of(path), newline="")


def _delimiter(file: TextIO) -> str:
    head = file.readline()
    file.seek(0)
    return max(",;\t", key=head.count)


class _Window:
    """A moving piece of a JSON text that is longer than should be held."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._text, self._at = "", 0
        self.line = 1

    def skip_past(self, pattern: re.Pattern[str]) -> None:
        """Goes on to the end of the first match."""
        while not (found := pattern.search(self._text, self._at)) or found.end() == len(self._text):
            if not found:
                self._go_to(max(self._at, len(self._text) - _LONGEST_KEY))
            if not self._read_more():
                break
        if not found:
            raise self._error(_("it has no list of features"), _("Give a GeoJSON FeatureCollection"))
        self._go_to(found.end())

    def at_end_of_array(self) -> bool:
        return self._text.startswith("]", self._at)

    def decode(self) -> Any:
        """The next value. Raises `FileError` where the text is no JSON or breaks off."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) > _LONGEST_VALUE or not self._read_more():
                    raise self._error(
                        _("it breaks off or is not JSON: %(message)s") % {"message": error.msg},
                        _("Export the file again"),
                    ) from error
            else:
                self._go_to(end)
                return value

    def _read_more(self) -> bool:
        more = self._file.read(max(_CHUNK, len(self._text)))  # doubling: a large value is tried few times
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _go_to(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _error(self, reason: object, cure: object) -> FileError:
        thing = _("%(path)s, line %(line)d") % {"path": self._path, "line": self.line}
        return FileError(thing, reason=reason, cure=cure)


_DECODER = json.JSONDecoder()
