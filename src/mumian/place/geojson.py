"""GeoJSON files as streams of features, each with its line: the file is never held as a whole."""

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
class Feature:
    """A GeoJSON feature: the line it begins on, its properties and its geometry as they stand."""

    line: int
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


def features(path: Path) -> Iterator[Feature]:
    """The features of a FeatureCollection. Raises `FileError` where the file is none, or breaks off."""
    with _opened(path) as file:
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
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        file.seek(max(path.stat().st_size - _CHUNK, 0))
        tail = file.read()
    for part in (head, tail):
        if found := _CRS.search(part.decode(errors="replace")):
            return found["name"]
    return None


_CHUNK = 1 << 16
_LONGEST_KEY, _LONGEST_VALUE = 64, 1 << 26
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_CRS = re.compile(r'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{[^{}]*"name"\s*:\s*"(?P<name>[^"]*)"')


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(
            path, reason=error.strerror or str(error), cure=_("Give the path of a file that can be read")
        ) from error


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
        try:
            more = self._file.read(
                max(_CHUNK, len(self._text) - self._at)
            )  # doubling: a large value is tried few times
        except UnicodeDecodeError as error:
            raise self._error(_("it is not in UTF-8"), _("Export the file again")) from error
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)

    def _go_to(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _error(self, reason: object, cure: object) -> FileError:
        thing = _("%(path)s, line %(line)d") % {"path": self._path, "line": self.line}
        return FileError(thing, reason=reason, cure=cure)


_DECODER = json.JSONDecoder()
