"""From a city's columns to ours: what a mapping file in TOML can say, and reading one, every fault named."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from mumian.engine.definition import Slug, Words
from mumian.errors import MumianError
from mumian.intake.reading import RawRow, ReadingError, read_rows
from mumian.place.coordinates import CoordinateSystem


class MappingError(MumianError):
    """A mapping that cannot be used, with every fault found."""

    def __init__(self, file: str, faults: Sequence[tuple[str, str, str]]) -> None:
        self.faults = tuple(faults)
        """Key, reason, cure."""
        super().__init__(
            thing=file,
            reason=".\n".join(f"`{key}` {reason}. {cure}" for key, reason, cure in faults),
            cure="Mend the keys named and import again",
        )


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a time zone; write one such as Asia/Shanghai") from None
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return text


def _dated(form: str) -> str:
    if not all(re.search(f"%[{letters}]", form) for letters in ("Yy", "mbB", "d")):
        raise ValueError(f"has “{form}”; a format needs a year %Y, a month %m and a day %d")
    return form


def _table(value: Any, info: ValidationInfo) -> Any:
    """A code table as given, or as it stands in the CSV beside the mapping that `{file, from, to}` names."""
    if not (isinstance(value, dict) and set(value) == {"file", "from", "to"}):
        return value
    path = Path((info.context or {}).get("folder", "."), str(value["file"]))
    try:
        return {
            row.values[value["from"]].strip(): row.values[value["to"]].strip()
            for row in read_rows(path)
            if isinstance(row, RawRow)
        }
    except ReadingError as error:
        raise ValueError(f"names {error.thing}: {error.reason}") from None
    except KeyError as error:
        raise ValueError(f"names column {error}, which {path.name} does not have") from None


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_known_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Format = Annotated[str, AfterValidator(_dated)]
Table = Annotated[dict[str, str], BeforeValidator(_table)]
TimeName = Literal["reported", "due", "closed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ValueSpec(_Part):
    """Where a text comes from: one of five sources, then a code table if any. `"X"` is `{column = "X"}`."""

    column: str | None = None
    first: list[str] | None = Field(
        default=None, description="The first of these columns that holds something."
    )
    parts: list[str] | None = Field(
        default=None, description="Those of these columns that hold something, strung together."
    )
    between: str = Field(default=" ", description="What stands between the parts.")
    join: str | None = Field(
        default=None, description="A text with `{column}` in it; nothing if one of them holds nothing."
    )
    constant: str | None = None
    table: Table | None = Field(
        default=None, description="What each word becomes; or `{file, from, to}` of a CSV."
    )
    otherwise: str | None = Field(
        default=None, description="What a word becomes that the table lacks; else it is a fault."
    )
    required: bool = False
    max: int | None = Field(default=None, description="Characters; a longer text is cut and the row says so.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [
            name
            for name in ("column", "first", "parts", "join", "constant")
            if getattr(self, name) is not None
        ]
        if len(given) != 1:
            raise ValueError("needs exactly one of `column`, `first`, `parts`, `join` and `constant`")
        if self.join is not None and set("{}") & set(_BRACED.sub("", self.join)):
            raise ValueError("has a brace in `join` that is not around the name of a column")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns it reads, in order."""
        if self.column is not None:
            return [self.column]
        return self.first or self.parts or _BRACED.findall(self.join or "")


class TimeSpec(ValueSpec):
    """A column that holds a date or a time. ISO 8601 is always understood, besides the formats given."""

    formats: list[Format] = Field(default_factory=list, description="As in strptime: `%m/%d/%Y %I:%M:%S %p`.")
    zone: Zone | None = Field(
        default=None, description="Of times that do not say it; the mapping's own if unsaid."
    )
    at: time = Field(default=time.min, description="The time of day where only a date is given.")


class ExtraSpec(TimeSpec):
    """A value kept with the report as it is."""

    type: Literal["text", "integer", "decimal", "boolean", "time"] = "text"
    true: list[str] = ["true", "yes", "y", "1", "是", "有"]
    false: list[str] = ["false", "no", "n", "0", "否", "无"]


class PointSpec(_Part):
    """Two columns of degrees. A point at 0, 0 is none."""

    lon: str
    lat: str
    system: CoordinateSystem = CoordinateSystem.WGS84
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="West, south, east, north: a point outside is a fault."
    )


class PlaceSpec(_Part):
    """Where it is: by code, by point, by names, or by several of them: the first that is given counts."""

    within: str = Field(default="", description="The code of the place in which all lie.")
    code: Annotated[ValueSpec, BeforeValidator(_column)] | None = None
    names: list[str] = Field(default_factory=list, description="Columns of names, the highest level first.")
    ids: list[str] = Field(
        default_factory=list, description="Columns of the city's own ids of the same places."
    )
    point: PointSpec | None = None
    required: bool = Field(
        default=False, description="A row that says no place at all is rejected; else noted."
    )
    create: bool = Field(
        default=False, description="Places that the city does not know by name yet are added."
    )

    @model_validator(mode="after")
    def _as_many_ids(self) -> Self:
        if self.ids and len(self.ids) != len(self.names):
            raise ValueError("needs as many `ids` as `names`")
        return self


class KindSpec(_Part):
    """What kind of matter it is; without a code, the text is classified."""

    catalogue: Slug | None = None
    code: Annotated[ValueSpec, BeforeValidator(_column)]
    titles: list[str] = Field(
        default_factory=list, description="Columns with the titles of the levels of the code."
    )


class UnitSpec(_Part):
    """Who is responsible, as the file says it."""

    code: Annotated[ValueSpec, BeforeValidator(_column)] | None = None
    name: Annotated[ValueSpec, BeforeValidator(_column)] | None = None
    create: bool = Field(default=False, description="Units that the city does not know yet are added.")


class TimesSpec(_Part):
    """When it was reported, promised and closed."""

    reported: Annotated[TimeSpec, BeforeValidator(_column)]
    due: Annotated[TimeSpec, BeforeValidator(_column)] | None = None
    closed: Annotated[TimeSpec, BeforeValidator(_column)] | None = None


class PathSpec(_Part):
    """A path through the procedure: a scenario or the actions themselves; with an outcome, it ends there."""

    scenario: Slug | None = None
    actions: list[Slug] = Field(default_factory=list)
    outcome: Slug | None = None

    @model_validator(mode="after")
    def _one_path(self) -> Self:
        if (self.scenario is None) == (not self.actions):
            raise ValueError("needs either `scenario` or `actions`")
        return self


class OnTimeSpec(_Part):
    """A column whose words say whether a matter was closed in time."""

    column: str
    true: list[str]
    false: list[str]


class EndSpec(_Part):
    """How far it came, by a status word; without one, by whether a close time is given."""

    column: str | None = None
    words: dict[str, PathSpec] = Field(default_factory=dict)
    closed: PathSpec | None = Field(
        default=None, description="Where no status is given, but a close time is."
    )
    open: PathSpec | None = Field(
        default=None, description="Where neither is given; else the matter is just reported."
    )
    on_time: OnTimeSpec | None = None

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if (self.column is None) != (not self.words):
            raise ValueError("needs `column` and `words` together")
        if self.column is None and self.closed is None:
            raise ValueError("needs `column` and `words`, or `closed`")
        return self


class _CheckSpec(_Part):
    note: bool = Field(default=False, description="The row goes in and only says so.")
    reason: Words | None = None
    cure: Words | None = None


class OrderCheck(_CheckSpec):
    """One time must not lie before another."""

    check: Literal["order"]
    first: TimeName
    then: TimeName


class RangeCheck(_CheckSpec):
    """A time must lie within bounds: a date, a time, or `now`."""

    check: Literal["range"]
    time: TimeName
    since: datetime | date | None = None
    until: datetime | date | Literal["now"] | None = None


class WordsCheck(_CheckSpec):
    """A column must not hold one of these words."""

    check: Literal["words"]
    column: str
    words: list[str]


class PatternCheck(_CheckSpec):
    """A column that holds something must match the whole pattern."""

    check: Literal["pattern"]
    column: str
    pattern: Pattern


AnyCheck = OrderCheck | RangeCheck | WordsCheck | PatternCheck

ALWAYS: tuple[AnyCheck, ...] = (
    OrderCheck(check="order", first="reported", then="closed"),
    RangeCheck(check="range", time="reported", until="now"),
    RangeCheck(check="range", time="closed", until="now"),
)
"""What no report can be: closed before it was made, or made or closed in the future."""


class FileSpec(_Part):
    """How the file is to be read, where that is not found by itself."""

    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    sheet: str | None = None
    header: int = Field(default=1, ge=1, description="The line that names the columns.")


class Mapping(_Part):
    """A whole mapping file."""

    mapping: Slug
    title: Words = Field(default_factory=dict)
    procedure: Slug
    source: Slug = Field(description="Where the rows come from: with its key, a row is known again.")
    key: list[str] = Field(min_length=1, description="Columns that together name a row of this source.")
    zone: Zone
    absent: list[str] = Field(default_factory=lambda: ["-"], description="Words for nothing, besides blanks.")
    file: FileSpec = Field(default_factory=FileSpec)
    what: Annotated[ValueSpec, BeforeValidator(_column)]
    channel: Annotated[ValueSpec, BeforeValidator(_column)] | None = None
    place: PlaceSpec
    kind: KindSpec | None = None
    unit: UnitSpec = Field(default_factory=UnitSpec)
    times: TimesSpec
    end: EndSpec | None = None
    extra: dict[Slug, Annotated[ExtraSpec, BeforeValidator(_column)]] = Field(default_factory=dict)
    checks: list[Annotated[AnyCheck, Field(discriminator="check")]] = Field(
        default_factory=list, description="Besides those made always."
    )

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.times.closed and not self.end:
            raise ValueError("has `times.closed`, so it needs an `end` that says what closing means")
        return self

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every column the mapping reads, with the key that names it."""
        return _columns(self, "")


def load_mapping(path: Path | str) -> Mapping:
    """Reads a mapping file and the code tables beside it. Raises `MappingError` naming every fault."""
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MappingError(
            str(path), [("file", f"{error.strerror}", "Check its name and permissions")]
        ) from None
    except UnicodeDecodeError:
        raise MappingError(str(path), [("file", "is not UTF-8", "Save it in UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise MappingError(str(path), [("file", f"is not TOML: {error}", "Mend the line named")]) from None
    try:
        return Mapping.model_validate(content, context={"folder": path.parent})
    except ValidationError as error:
        raise MappingError(str(path), [_fault(each) for each in error.errors(include_url=False)]) from None


def require_columns(mapping: Mapping, header: Sequence[str], file: Path | str) -> None:
    """Raises `MappingError` for every column that the mapping reads and the file does not have."""
    missing = [(key, name) for key, name in mapping.columns() if name not in header]
    if missing:
        raise MappingError(
            f"mapping {mapping.mapping} for {file}",
            [
                (key, f"names the column “{name}”, which the file lacks", _nearest(name, header))
                for key, name in missing
            ],
        )


_SINGLE, _SEVERAL = {"column", "lon", "lat"}, {"key", "first", "parts", "names", "ids", "titles"}
_BRACED = re.compile(r"\{([^{}]+)\}")


def _columns(part: BaseModel, path: str) -> Iterator[tuple[str, str]]:
    for name, value in part:
        key = f"{path}{name}"
        if isinstance(value, BaseModel):
            yield from _columns(value, f"{key}.")
        elif name in _SINGLE and isinstance(value, str):
            yield key, value
        elif name == "join" and value is not None:
            yield from ((key, column) for column in _BRACED.findall(value))
        elif name in _SEVERAL and value:
            yield from ((key, column) for column in value)
        elif name in ("extra", "checks"):
            each = value.items() if isinstance(value, dict) else enumerate(value)
            for step, below in each:
                yield from _columns(below, f"{key}.{step}.")


def _fault(error: Any) -> tuple[str, str, str]:
    """Key, reason and cure of what pydantic found."""
    key = ".".join(str(step) for step in error["loc"]) or "the mapping"
    last = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing":
            return key, "is missing", f"Add `{last} = …`"
        case "extra_forbidden":
            near = difflib.get_close_matches(last, _KEYS, n=1)
            return key, "is not a key of mappings here", f"Write `{near[0]}`" if near else "Remove it"
        case "value_error":
            return key, str(error["ctx"]["error"]), "Correct it"
        case _:
            return key, f"has {shown(error['input'])}: {error['msg']}", "Write what is asked for"


def shown(value: object) -> str:
    """A value of a mapping as a message shows it."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _nearest(name: str, header: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, header, n=1, cutoff=0.5)
    if near:
        return f"Write “{near[0]}” if that is the column meant"
    return f"Name one of its columns: {', '.join(header)}"


_KEYS = sorted({key for part in _Part.__subclasses__() for key in part.model_fields})
