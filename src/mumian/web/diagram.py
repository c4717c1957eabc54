"""A procedure as a picture: its states as boxes, its actions as lines between them, and what changed marked."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.utils.translation import gettext as _

from mumian.engine.compiled import Compiled
from mumian.engine.definition import ActionSpec, Procedure
from mumian.web import presenting, words
from mumian.web.layered import Drawing, Line, Size, draw
from mumian.web.shown import State

Mark = Literal["", "added", "changed"]

EM = 14
"""Pixels of a letter; a Chinese character is as wide as it is high."""
LINE = 20
START = "●"
"""Where matters come from: no state has this name."""
WIDEST = 12.5
"""Ems of a line of words before it is broken."""


@dataclass(frozen=True, slots=True)
class Words:
    """A title in lines, each with the height it stands at, below the first."""

    lines: Sequence[tuple[float, str]]
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its frame, its title, and what can be done in it that leads nowhere else."""

    state: State
    mark: Mark
    left: float
    top: float
    width: float
    height: float
    title: Words
    stays: Words

    @property
    def x(self) -> float:
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True)
class Way:
    """The actions that lead from one state to another: a line, its arrow, and their titles."""

    path: str
    mark: Mark
    usual: bool
    x: float
    top: float
    width: float
    height: float
    titles: Words

    @property
    def left(self) -> float:
        return self.x - self.width / 2


@dataclass(frozen=True, slots=True)
class Diagram:
    """The picture, with the same said in words."""

    width: float
    height: float
    start: tuple[float, float]
    boxes: Sequence[Box]
    ways: Sequence[Way]
    said: str

    @property
    def marked(self) -> bool:
        return any(box.mark for box in self.boxes) or any(way.mark for way in self.ways)


def diagram(compiled: Compiled) -> Diagram:
    """The picture of a procedure in force, in the reader's language."""
    return _drawn(compiled, words.language())


def changed_diagram(compiled: Compiled, before: Procedure) -> Diagram:
    """The picture of what a procedure would be, with what differs from `before` marked."""
    return _Picture(compiled, before).drawn()


@lru_cache(maxsize=64)
def _drawn(compiled: Compiled, language: str) -> Diagram:
    return _Picture(compiled, None).drawn()


class _Picture:
    def __init__(self, compiled: Compiled, before: Procedure | None) -> None:
        self.compiled, self.definition, self.before = compiled, compiled.definition, before
        self.between: dict[tuple[str, str], list[str]] = {}
        self.staying: dict[str, list[str]] = {}
        for name, spec in self.definition.actions.items():
            for state in spec.from_ if spec.from_ is not None else [START]:
                if spec.to is None or spec.to == state:
                    self.staying.setdefault(state, []).append(name)
                else:
                    self.between.setdefault((state, spec.to), []).append(name)
        self.usual = presenting.usual_way(compiled)

    def drawn(self) -> Diagram:
        boxes = {START: Size(22, 22)} | {name: self._size(name) for name in self.definition.states}
        keys = [key for key in self.between if key[1] in boxes and key[0] in boxes]
        lines = [Line(*key, self._room(self._titles(key))) for key in keys]
        drawing = draw(boxes, lines, [START, *self.usual])
        return Diagram(
            round(drawing.size.width) + 4,
            round(drawing.size.height) + 4,
            drawing.boxes[START],
            [self._box(name, boxes[name], drawing) for name in self.definition.states],
            [self._way(number, key, lines[number], drawing) for number, key in enumerate(keys)],
            self._said(),
        )

    def _box(self, name: str, size: Size, drawing: Drawing) -> Box:
        x, y = drawing.boxes[name]
        title = _broken(self._title(name))
        top = y - size.height / 2
        stays = _broken_all(f"↻ {self._action(each)}" for each in self.staying.get(name, []))
        return Box(
            presenting.state(self.compiled, name),
            self._mark("states", name),
            x - size.width / 2,
            top,
            size.width,
            size.height,
            _stacked(title, top + 8),
            _stacked(stays, top + 10 + LINE * len(title)),
        )

    def _way(self, number: int, key: tuple[str, str], line: Line, drawing: Drawing) -> Way:
        x, y = drawing.words[number]
        marks = [self._mark("actions", name) for name in self.between[key]]
        top = y - line.words.height / 2
        following = self.usual.index(key[1]) if key[1] in self.usual else 0
        usual = key[0] == START or (following > 0 and self.usual[following - 1] == key[0])
        return Way(
            _curved(drawing.paths[number]),
            max(marks, key=len, default=""),
            usual,
            x,
            top,
            line.words.width,
            line.words.height,
            _stacked(self._titles(key), top),
        )

    def _size(self, name: str) -> Size:
        title = _broken(self._title(name))
        stays = _broken_all(f"↻ {self._action(each)}" for each in self.staying.get(name, []))
        room = self._room([*title, *stays])
        return Size(max(room.width + 28, 96), room.height + 16 + (4 if stays else 0))

    def _room(self, lines: Sequence[str]) -> Size:
        return Size(max(map(_wide, lines), default=0) * EM + 10, LINE * len(lines))

    def _titles(self, key: tuple[str, str]) -> list[str]:
        return _broken_all(self._action(name) for name in self.between[key])

    def _title(self, name: str) -> str:
        return _SIGNS[self._mark("states", name)] + words.in_words(
            presenting.titled(self.definition.states[name], name)
        )

    def _action(self, name: str) -> str:
        spec = self.definition.actions[name]
        return _SIGNS[self._mark("actions", name)] + words.in_words(presenting.titled(spec, name))

    def _mark(self, room: Literal["states", "actions"], name: str) -> Mark:
        if self.before is None:
            return ""
        there, here = getattr(self.before, room), getattr(self.definition, room)
        if name not in there:
            return "added"
        return "" if there[name] == here[name] else "changed"

    def _said(self) -> str:
        """Every line in words, for those who do not see the picture."""
        parts = []
        for (start, end), actions in self.between.items():
            titles = _(", ").join(
                words.in_words(presenting.titled(self._spec(name), name)) for name in actions
            )
            said = {"from": self._called(start), "to": self._called(end), "actions": titles}
            parts.append(_("From %(from)s to %(to)s: %(actions)s.") % said)
        return " ".join(parts)

    def _spec(self, name: str) -> ActionSpec:
        return self.definition.actions[name]

    def _called(self, state: str) -> str:
        if state == START:
            return _("the beginning")
        return words.in_words(presenting.titled(self.definition.states.get(state), state))


_SIGNS: dict[Mark, str] = {"": "", "added": "＋ ", "changed": "△ "}


def _stacked(lines: Sequence[str], top: float) -> Words:
    return Words([(round(top + LINE * (number + 0.72), 1), line) for number, line in enumerate(lines)])


def _broken_all(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in _broken(text)]


def _broken(text: str) -> list[str]:
    """A text in lines of at most some ems, broken between words, or between Chinese characters."""
    lines, now = [""], 0.0
    for piece in _pieces(text):
        wide = _wide(piece)
        if now + wide > WIDEST and lines[-1] and piece not in "，。、；":
            lines.append("")
            now = 0.0
        lines[-1] += piece if lines[-1] else piece.lstrip()
        now += wide
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for letter in text:
        if pieces and letter != " " and _narrow(letter) and _narrow(pieces[-1][-1]):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _narrow(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) not in "WF" and letter != " "


def _wide(text: str) -> float:
    """Ems a text takes."""
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.56 for letter in text)


def _curved(points: Sequence[tuple[float, float]]) -> str:
    """A smooth path that leaves and arrives upright (cubic Hermite pieces)."""
    last = len(points) - 1
    leaning = [
        (0.0, 1.4 * (points[min(at + 1, last)][1] - points[max(at - 1, 0)][1]))
        if at in (0, last)
        else ((points[at + 1][0] - points[at - 1][0]) / 2, (points[at + 1][1] - points[at - 1][1]) / 2)
        for at in range(len(points))
    ]
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (dx, dy), (nx, ny), (ndx, ndy) in zip(points, leaning, points[1:], leaning[1:], strict=False):
        parts.append(
            f"C{x + dx / 3:.1f} {y + dy / 3:.1f} {nx - ndx / 3:.1f} {ny - ndy / 3:.1f} {nx:.1f} {ny:.1f}"
        )
    return "".join(parts)
