"""Reading YAML 1.2 as the core schema has it (chapter 10.3 of the standard), each part with its line.

PyYAML reads by YAML 1.1, where `no` is false, `12:30` is 750 and `010` is 8; and of two equal keys it takes the last.
Here they are words, and a fault. Days may be written as such: `2026-11-22`.
"""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.error import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(ValueError):
    """A text that is not YAML: on which line, from 1, and why."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line, self.what = line, what


class Tree:
    """What a text says, and on which line each part of it stands. Raises `NotYaml`."""

    def __init__(self, text: str) -> None:
        loader = _Core(text)
        try:
            self._root: Node | None = loader.get_single_node()
            self.content: Any = loader.construct_document(self._root) if self._root else None
        except YAMLError as error:
            raise NotYaml(*_told(error, text)) from None
        finally:
            loader.dispose()

    def line(self, path: Iterable[str | int] = ()) -> int:
        """The line, from 1, on which the part at `path` begins; of its nearest parent if there is none."""
        found = node = self._root
        for step in path:
            if isinstance(node, MappingNode):
                key, node = next(
                    ((key, part) for key, part in node.value if key.value == str(step)), (None, None)
                )
                found = key or found
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node = node.value[step]
            else:
                break
        return found.start_mark.line + 1 if found else 1


def load(file: Path) -> Any:
    """What a file says. Raises `NotYaml`."""
    return Tree(file.read_text(encoding="utf-8")).content


class _Core(_Loader):  # type: ignore[misc]
    """PyYAML's quick loader, by the core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _part in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    what = f'found duplicate key "{key.value}"'
                    raise ConstructorError(None, None, what, key.start_mark)
                seen.add(key.value)
        said: dict[Any, Any] = super().construct_mapping(node, deep)
        return said

    def construct_whole(self, node: ScalarNode) -> int:
        return int(node.value, {"0o": 8, "0x": 16}.get(node.value[:2], 10))

    def construct_day(self, node: ScalarNode) -> date:
        try:
            return date.fromisoformat(node.value)
        except ValueError:
            raise ConstructorError(None, None, f"there is no day {node.value}", node.start_mark) from None


for _tag, _written, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_written})$"), _first)
_Core.add_constructor("tag:yaml.org,2002:int", _Core.construct_whole)
_Core.add_constructor("tag:yaml.org,2002:timestamp", _Core.construct_day)


def _told(error: YAMLError, text: str) -> tuple[int, str]:
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 1), str(error.problem or error.context)
    if isinstance(error, ReaderError):
        line = text.encode()[: error.position].count(b"\n") + 1
        return line, f"{error.reason}: U+{int(error.character):04X}"
    return 1, str(error)
