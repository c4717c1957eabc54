"""The shapes of what goes in and out: typed, checked, and described by OpenAPI."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mumian.engine.definition import (
    ActionSpec,
    ClockSpec,
    FieldSpec,
    PartySpec,
    Procedure,
    StateSpec,
    Words,
)
from mumian.engine.world import city
from mumian.place.loading import current_atlas

MOST_ACTS = 1000
MOST_ROWS = 200

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=64)]
PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,18}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=128)]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]*$", max_length=200)]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


# --- in ---------------------------------------------------------------------------------------------


_AT = Field(
    None,
    description="When it was done, for work done offline: not ahead, not before the matter's last act, and not "
    "longer ago than seven days; a clock that differs by two minutes is put right.",
)


class Opening(_In):
    """A matter to be opened."""

    procedure: Slug
    action: Slug = Field(description="The action that opens it, such as `report`.")
    data: dict[str, Any] = Field({}, description="Answers by field; see the form of the action.")
    key: Key | None = Field(
        None,
        description="The caller's own key: the same key twice is one matter. From one without a name it must be "
        "random and at least 20 characters long, such as a UUID.",
    )
    channel: Slug = Field("api", max_length=40, description="How it came in.")
    at: AwareDatetime | None = _AT


class Doing(_In):
    """An action on a matter."""

    data: dict[str, Any] = Field({}, description="Answers by field; see the form of the action.")
    seen: int | None = Field(
        None, ge=1, le=2**31 - 1, description="The `seq` the caller saw; refused if the matter has moved on."
    )
    key: Key | None = Field(None, description="The caller's own key: the same key twice is one act.")
    at: AwareDatetime | None = _AT


class BatchAct(Doing):
    """One act of a batch: on a `matter`, or opening one of a `procedure`."""

    action: Slug
    matter: UUID | None = None
    procedure: Slug | None = None
    channel: Slug = Field("api", max_length=40)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.matter is None) == (self.procedure is None):
            raise ValueError("give either `matter` or `procedure`")
        return self


class Batch(_In):
    """Acts done in one transaction, each allowed or refused by itself; those on one matter in this order."""

    acts: list[BatchAct] = Field(min_length=1, max_length=MOST_ACTS)


class MatterFilter(BaseModel):
    """Which matters are listed."""

    model_config = ConfigDict(extra="forbid")

    procedure: Slug | None = None
    state: Slug | None = None
    place: PlaceCode | None = Field(None, description="This place and all in it.")
    unit: int | None = Field(None, ge=1, le=2**63 - 1, description="Assigned to this unit (its id).")
    category: Code | None = Field(None, description="This kind and those below it.")
    closed: bool | None = Field(None, description="Only closed, or only open ones.")
    late: bool | None = Field(
        None, description="Only those that have gone beyond a due time, or only those that have not."
    )
    number: Line | None = Field(None, description="The number people quote.")
    after: Line | None = Field(None, description="`next` of the page before.")
    limit: Limit = 50


class PlaceSearch(BaseModel):
    """What a place is looked for by: a name or a text, or a point; by neither, the widest places are given."""

    model_config = ConfigDict(extra="forbid")

    q: Line | None = Field(None, description="A name, or a text that speaks of a place.")
    lon: float | None = Field(None, ge=-180, le=180, description="Degrees east.")
    lat: float | None = Field(None, ge=-90, le=90, description="Degrees north.")
    system: str = Field("wgs84", pattern="^(wgs84|gcj02|bd09)$", description="What the degrees mean.")
    within: PlaceCode | None = Field(None, description="Only in this place; for a name.")
    limit: Limit = 5


class UnitFilter(BaseModel):
    """Which units are listed."""

    model_config = ConfigDict(extra="forbid")

    kind: Slug | None = None
    place: PlaceCode | None = Field(None, description="Serving this place or one in it.")
    parent: int | None = Field(None, ge=1, description="Directly below this unit.")
    after: int | None = Field(None, ge=0, description="`next` of the page before.")
    limit: int = Field(200, ge=1, le=1000)


# --- out --------------------------------------------------------------------------------------------


class ReasonGiven(_Out):
    """Why something is not done."""

    code: str
    zh: str
    en: str
    field: str | None


class ProblemGiven(_Out):
    """What did not work: the thing, the reason and the cure in the reader's language, and every single reason."""

    status: int
    thing: str
    reason: str
    cure: str
    reasons: list[ReasonGiven]


class Receipt(_Out):
    """An act that is stored."""

    id: UUID
    number: str = Field(description="The number people quote.")
    seq: int = Field(description="The number of its entry in the matter's record.")
    state: str
    repeated: bool = Field(False, description="Whether it had been done before under the same key.")
    link: str | None = Field(
        None, description="For one without a name: the secret that opens this matter again, sent as X-Link."
    )


class Outcome(_Out):
    """What became of one act of a batch."""

    status: int = Field(
        description="What the act alone would have been answered with: 200, 201, 403, 404, 409, 422."
    )
    done: Receipt | None = None
    reasons: list[ReasonGiven] = []


class Outcomes(_Out):
    """What became of each act, in their order."""

    outcomes: list[Outcome]


class FileGiven(_Out):
    """A file that is stored and can be named in an answer."""

    sha256: str = Field(description="SHA-256 of what is kept: photographs are written anew.")
    type: str
    size: int


class UnitGiven(_Out):
    """A unit."""

    id: int
    code: str
    title: Words
    kind: str
    place: str
    parent: int | None


class MatterGiven(_Out):
    """A matter in a list."""

    id: UUID
    number: str
    procedure: str
    version: int
    state: str
    state_title: Words
    seq: int
    title: str
    place: str
    place_title: Words
    lon: float | None
    lat: float | None
    category: str
    unit: UnitGiven | None
    channel: str
    opened_at: datetime
    entered_at: datetime = Field(description="When it came into its state.")
    closed_at: datetime | None
    outcome: str
    due_at: datetime | None = Field(description="The nearest due time of its running clocks.")
    late: bool = Field(description="Whether it has gone beyond a due time.")
    reports: int = Field(description="How many have reported it.")


class Matters(_Out):
    """A page of matters, newest first."""

    matters: list[MatterGiven]
    next: str | None = Field(description="Send it as `after` for the page that follows; none after the last.")


class PartyGiven(_Out):
    """Somebody who has acted as a party of the matter."""

    party: str
    title: Words
    name: str | None = Field(description="Of one in office; of a resident only for those involved.")
    unit: UnitGiven | None


class StepGiven(_Out):
    """One line of an explanation."""

    zh: str
    en: str


class ClockGiven(_Out):
    """A time limit of the matter and how its due time came about."""

    name: str
    title: Words
    kind: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None
    late: bool
    why: list[StepGiven]


class PossibleAct(_Out):
    """An action the caller may do now."""

    action: str
    title: Words
    tone: str
    asks: list[str] = Field(description="Fields; `name?` may be left empty.")


class MatterWhole(MatterGiven):
    """A matter with all that the caller may see of it."""

    desk: str
    data: dict[str, Any]
    parent: UUID | None
    children_open: int
    merged_into: UUID | None
    mark: int | None
    parties: list[PartyGiven]
    clocks: list[ClockGiven]
    may: list[PossibleAct] = Field(description="What the caller may do next.")


class EntryGiven(_Out):
    """One thing that happened to the matter."""

    seq: int
    at: datetime
    action: str
    title: Words
    party: str | None
    name: str | None
    unit: UnitGiven | None
    body: dict[str, Any] = Field(description="What the hash covers; of personal values only commitments.")
    personal: dict[str, Any] = Field(
        description="Personal values by name; null where erased or not for the caller."
    )
    hash: str


class Entries(_Out):
    """Entries in their order."""

    entries: list[EntryGiven]
    next: int | None = Field(description="Send it as `after` for those that follow; none after the last.")


class ProcedureGiven(_Out):
    """A procedure in a list."""

    name: str
    version: int
    title: Words
    may: list[PossibleAct] = Field(description="The actions with which the caller may open a matter.")


class Procedures(_Out):
    """The procedures in force."""

    procedures: list[ProcedureGiven]


class VersionGiven(_Out):
    """A version of a procedure."""

    version: int
    status: str
    digest: str = Field(description="SHA-256 of its text.")
    published_at: datetime | None


class ProcedureWhole(_Out):
    """A procedure: its definition in one version, and the versions there are."""

    name: str
    version: int
    definition: Procedure
    versions: list[VersionGiven]


class KindGiven(_Out):
    """A kind of matter."""

    code: str
    title: Words
    unit_kind: str
    unit_at: str
    limits: dict[str, str]
    in_grid: bool
    hazard: bool
    basis: list[str]


class CatalogueGiven(_Out):
    """A list of kinds of matter; a kind's code begins with that of the kind above it."""

    name: str
    kinds: list[KindGiven]


class PlaceGiven(_Out):
    """A place."""

    code: str
    level: str
    title: Words
    chain: Words = Field(description="The names from the district down to it.")
    score: float | None = Field(None, description="From 0 to 1, how surely the name meant it.")
    why: Words | None = None


class Places(_Out):
    """Places, likeliest first."""

    places: list[PlaceGiven]


class PlaceWhole(PlaceGiven):
    """A place with those above and directly below it."""

    aliases: list[str]
    centre: tuple[float, float] | None = Field(description="Degrees east and north in WGS-84.")
    population: int | None
    above: list[PlaceGiven]
    below: list[PlaceGiven]


class Units(_Out):
    """Units in order of id."""

    units: list[UnitGiven]
    next: int | None


def titled(spec: ActionSpec | ClockSpec | FieldSpec | PartySpec | StateSpec | None, name: str) -> Words:
    """The title of a part of a definition in both languages, its name where it has none."""
    title = spec.title if spec else {}
    return {"zh": title.get("zh") or name, "en": title.get("en") or name}


def possible(acts: Mapping[str, ActionSpec]) -> list[PossibleAct]:
    """Actions as they are given."""
    return [
        PossibleAct(action=name, title=titled(spec, name), tone=spec.tone, asks=spec.asks)
        for name, spec in acts.items()
    ]


def unit_given(unit: int | None) -> UnitGiven | None:
    """A unit by its id; nothing where there is none."""
    found = city().units.get(unit) if unit is not None else None
    if found is None:
        return None
    return UnitGiven(
        id=found.pk,
        code=found.code,
        title={"zh": found.name, "en": found.name_en or found.name},
        kind=found.kind,
        place=found.place,
        parent=found.parent_id,
    )


def chain(place: str) -> Words:
    """The names from the district down to a place."""
    atlas = current_atlas()
    return {"zh": atlas.chain(place, "zh"), "en": atlas.chain(place, "en")} if place else {"zh": "", "en": ""}
