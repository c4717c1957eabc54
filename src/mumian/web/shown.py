"""What pages show: the values templates are given, each with the words, shape and colour that follow from it.

Colour speaks the same everywhere: leaf for what is well, amber for what is near its limit or needs
judgement, kapok for what is late, river for what is under way, neutral for the rest. A word or a shape is
always beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.web import words
from mumian.web.words import Text

Colour = Literal["leaf", "amber", "kapok", "river", "neutral"]
Tone = Literal["todo", "doing", "check", "done", "void"]

NEAR = 0.75
"""The part of a clock's time after which it counts as near its limit."""
SURE = 0.8
"""The share from which a suggestion needs no second look."""
SHORT = 7
"""So many choices are shown at once; more of them get a box to search in."""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a matter: its name, and its tone as the procedure gives it."""

    title: Text
    tone: Tone = "doing"

    @property
    def colour(self) -> Colour:
        colours: dict[Tone, Colour] = {
            "todo": "amber",
            "doing": "river",
            "check": "river",
            "done": "leaf",
            "void": "neutral",
        }
        return colours[self.tone]


class Running(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of how a due time or a suggestion came about, and the article it rests on."""

    text: Text
    article: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a system adds beside a matter: a template and what it shows; `shows` are children told of there."""

    template: str
    data: object
    shows: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit on a matter. `spent` is the part of its time used up; it may pass one."""

    title: Text
    due: datetime | date | None
    spent: float = 0.0
    state: Running = Running.RUNNING
    why: Sequence[Reason] = ()

    @property
    def late(self) -> bool:
        return self.state is Running.MISSED or (self.state is Running.RUNNING and self.spent >= 1)

    @property
    def colour(self) -> Colour:
        if self.state in (Running.PAUSED, Running.VOID):
            return "neutral"
        if self.late:
            return "kapok"
        return "amber" if self.state is Running.RUNNING and self.spent >= NEAR else "leaf"

    @property
    def said(self) -> str:
        """What there is to say beside the date: late by how much, what is left when near, done, paused."""
        if self.state is not Running.RUNNING:
            return {
                Running.PAUSED: _("Paused"),
                Running.MET: _("In time"),
                Running.MISSED: _("Too late"),
                Running.VOID: _("Dropped"),
            }[self.state]
        if not isinstance(self.due, datetime) or self.colour == "leaf":
            return _("Overdue") if self.late else ""
        span = words.span(timezone.now() - self.due)
        return (_("%(span)s late") if self.late else _("%(span)s left")) % {"span": span}

    @property
    def width(self) -> int:
        """The bar's length in per cent."""
        return round(100 * min(max(self.spent, 0.0), 1.0))


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen; as a suggestion also how sure it is, 0 to 1, and why."""

    value: str
    title: Text
    note: Text = ""
    share: float | None = None
    surely: bool | None = None
    """Whether whoever suggests it is sure; unsaid, its share tells."""

    @property
    def sure(self) -> bool:
        return self.share is not None and self.share >= SURE if self.surely is None else self.surely


@dataclass(frozen=True, slots=True)
class Group:
    """Options under a heading."""

    title: Text
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: what the definition asks, what was answered, what was wrong with it.

    The form sends back one value under `name` (`yes` or `no` for yesno), several for choices, units and
    files. A place sends its words under `name` and, where known, `name_code`, `name_longitude` and
    `name_latitude`.
    """

    name: str
    type: str
    title: Text
    help: Text = ""
    required: bool = True
    value: object = None
    errors: Sequence[str] = ()
    min: int | None = None
    max: int | None = None
    choices: Sequence[Option] = ()
    groups: Sequence[Group] = ()
    suggested: Sequence[Option] = ()
    lookup: str = ""
    """For a place: where candidates for what is typed are asked for."""

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def template(self) -> str:
        return f"web/field/{_FIELDS.get(self.type, 'pick' if self.choices else 'line')}.html"

    @property
    def long(self) -> bool:
        """Whether a text is worth more than one line."""
        return self.type == "longtext" or (self.type == "text" and (self.max is None or self.max > 120))

    @property
    def input(self) -> str:
        """The kind of `<input>` for a field of one line."""
        return {"date": "date", "datetime": "datetime-local"}.get(self.type, "text")

    @property
    def keyboard(self) -> str:
        return {"integer": "numeric", "decimal": "decimal", "number": "decimal", "money": "decimal"}.get(
            self.type, ""
        )

    @property
    def chosen(self) -> tuple[str, ...]:
        """The values chosen, whether one or several."""
        if self.value is None or self.value == "":
            return ()
        if isinstance(self.value, str) or not isinstance(self.value, Sequence):
            return (str(self.value),)
        return tuple(map(str, self.value))

    @property
    def several(self) -> bool:
        return self.type in ("choices", "units")

    @property
    def unsure(self) -> bool:
        """Whether the suggestions are only candidates, none sure enough to act on."""
        return not any(option.sure for option in self.suggested)

    @property
    def others(self) -> list[Option]:
        """The choices that are not already shown as suggestions."""
        return self._unsuggested(self.choices)

    @property
    def other_groups(self) -> list[Group]:
        """The groups without what is already shown as a suggestion."""
        rest = (Group(group.title, self._unsuggested(group.options)) for group in self.groups)
        return [group for group in rest if group.options]

    def _unsuggested(self, options: Sequence[Option]) -> list[Option]:
        shown = {option.value for option in self.suggested}
        return [option for option in options if option.value not in shown]

    @property
    def searched(self) -> bool:
        """Whether there is so much to choose from that a search box helps."""
        return len(self.choices) + sum(len(group.options) for group in self.groups) > SHORT


_FIELDS = {
    "place": "place",
    "files": "files",
    "photos": "files",
    "yesno": "yesno",
    "choice": "pick",
    "choices": "pick",
    "kind": "pick",
    "unit": "pick",
    "units": "pick",
    "person": "pick",
}


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What was answered to a field of type place: words, a place, a point in WGS-84, or any of them."""

    text: str = ""
    code: str = ""
    chain: Text = ""
    longitude: float | str | None = None
    latitude: float | str | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that came with an earlier try of a form and is kept for the next; `token` brings it back."""

    token: str
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Act:
    """Something the reader may do now. One that asks for nothing is done at once, the others have a form."""

    title: Text
    url: str
    tone: Literal["primary", "plain", "quiet", "danger"] = "plain"
    asks: bool = False
    scale: Sequence[Option] = ()
    """The marks one may give at once, where that is all it must be told."""
    scaled: str = ""
    """The field a mark answers."""
    given: str = ""
    """The mark given already."""

    @property
    def variant(self) -> str:
        """How a button of this tone stands out."""
        return {"primary": "primary", "quiet": "tertiary"}.get(self.tone, "secondary")


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on a matter's way, for the line that shows how far it has come."""

    title: Text
    status: Literal["done", "now", "ahead"]


@dataclass(frozen=True, slots=True)
class File:
    """A photograph or a document kept with a matter."""

    url: str
    name: str
    bytes: int
    thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the record in words: what was done, when, by whom and with what."""

    at: datetime
    title: Text
    who: Text = ""
    text: Text = ""
    facts: Sequence[tuple[Text, Text]] = ()
    files: Sequence[File] = ()
    colour: Colour = "leaf"


@dataclass(frozen=True, slots=True)
class Party:
    """One who takes part: in what part, who it is, and how to reach them where that may be seen."""

    title: Text
    name: Text
    note: Text = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another matter: a child, the parent, a possible duplicate."""

    url: str
    number: str
    title: str
    state: State
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count on top of the board, which is also the filter that shows what was counted."""

    title: Text
    count: int
    url: str
    current: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something a list was narrowed to, and the address of the list without it."""

    title: Text
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One matter on the board."""

    id: str
    url: str
    number: str
    title: str
    kind: Text
    place: Text
    address: str
    state: State
    clock: Clock | None = None
    unit: Text = ""
    suggested: Sequence[Option] = ()
    reports: int = 1
    seq: int = 0
    """Its last entry, so that two who act at once are told."""

    @property
    def likeliest(self) -> Option | None:
        """The unit suggested, if the suggestion is sure enough to act on."""
        return self.suggested[0] if self.suggested and self.suggested[0].sure else None


@dataclass(frozen=True, slots=True)
class Outline:
    """A place on the map: an SVG path in the map's units."""

    path: str
    name: Text
    url: str = ""
    chosen: bool = False
    label: tuple[float, float] | None = None
    """Where its name is written, if there is room for it."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A matter, or several close together, on the map."""

    x: float
    y: float
    title: str
    url: str
    colour: Colour = "leaf"
    count: int = 1

    @property
    def at(self) -> str:
        return f"{self.x:g} {self.y:g}"


@dataclass(frozen=True, slots=True)
class Map:
    """A drawn map of `width` by `height` units."""

    width: float
    height: float
    outlines: Sequence[Outline]
    dots: Sequence[Dot] = ()
