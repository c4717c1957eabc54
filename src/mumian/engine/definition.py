"""What a procedure is: the typed schema of a definition, and reading it from YAML with line numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from mumian.engine.limits import Limit, Span
from mumian.errors import MumianError
from mumian.yaml import NotYaml, Tree

LANGUAGES = ("zh", "en")
"""The languages every text of a definition is written in."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
Words = dict[str, str]
"""One text in each language: `{zh: 网格事件, en: Grid event}`."""

LevelName = Literal["province", "city", "district", "town", "community", "grid", "micro-grid"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Slugs = Annotated[list[Slug], BeforeValidator(_listed, json_schema_input_type=Slug | list[Slug])]
"""One word, or a list of them."""
LimitText = Annotated[
    Limit, BeforeValidator(lambda value: Limit.parse(value) if isinstance(value, str) else value)
]
Limits = Annotated[
    list[LimitText], BeforeValidator(_listed, json_schema_input_type=LimitText | list[LimitText])
]
"""One limit, or a list of them."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )


class PartySpec(_Part):
    """One who takes part, and how he or she is found."""

    title: Words = Field(default_factory=dict)
    person: bool = Field(False, description="A person by name, kept with the matter at the first act.")
    anonymous: bool = Field(False, description="May also act without a name, by the matter's secret link.")
    post: Slug | None = Field(None, description="The role whose posts act as this party.")
    at: LevelName | Literal["desk"] | None = Field(
        None, description="The post's place is the matter's place cut to this level, or the desk it lies on."
    )
    of: Slug | None = Field(None, description="The post is of the unit in this field, or of one below it.")
    named: Slug | None = Field(
        None, description="The person in this field is this party, for as long as the field names him or her."
    )
    not_: Slugs = Field(
        default_factory=list, alias="not", description="Never one who has acted as these parties."
    )

    @model_validator(mode="after")
    def _found_somehow(self) -> Self:
        if not self.person and self.post is None:
            raise ValueError("says neither `person: true` nor `post: <role>`, so nobody can be this party")
        if self.named and not self.person:
            raise ValueError("says `named:` without `person: true`, and a field names a person")
        return self


FieldType = Literal[
    "text", "integer", "decimal", "money", "date", "datetime", "yesno", "choice", "choices",
    "place", "kind", "unit", "units", "person", "files", "matter",
]  # fmt: skip


class Choice(_Part):
    """One of the values a choice field may have."""

    value: str
    title: Words


class FieldSpec(_Part):
    """One thing a form asks for."""

    type: FieldType
    title: Words = Field(default_factory=dict)
    help: Words = Field(default_factory=dict)
    required: bool = True
    personal: bool = Field(
        False, description="Kept outside the chain, which only commits to it; can be erased."
    )
    only: Slugs = Field(
        default_factory=list,
        description="Personal, and shown to nobody but these parties: what one side says.",
    )
    max: int | None = Field(None, description="Characters of a text, greatest number, or number of files.")
    min: int | None = None
    choices: list[Choice] = Field(default_factory=list)
    catalogue: Slug | None = Field(
        None, description="Which catalogue a kind is from; the procedure's own if unsaid."
    )
    program: bool = Field(
        default=False, description="Filled in by the program alone: what an import or another system knows."
    )
    past: bool = Field(False, description="A time that has been: never later than now.")
    names: bool = Field(False, description="The matter is called by the first words of this text.")
    posts: Slugs | dict[Slug, Slugs] = Field(
        default_factory=list,
        description="Of units: only those in which somebody has one of these posts, or nobody works here yet; "
        "by action where it differs.",
    )
    checklist: Slug | None = Field(
        None, description="A rule that lists what to look at; the text holds the numbers of what failed."
    )

    @model_validator(mode="after")
    def _only_of_what_is_personal(self) -> Self:
        if self.only and not self.personal:
            raise ValueError(
                "says `only:` without `personal: true`, and what is not personal is in the record"
            )
        return self


class StateSpec(_Part):
    """A condition a matter can be in."""

    title: Words = Field(default_factory=dict)
    final: bool = False
    tone: Literal["todo", "doing", "check", "done", "void"] | None = Field(
        None, description="How pages colour it and boards group it."
    )
    sealed: Slugs = Field(
        default_factory=list,
        description="From now on only these parties see it, and to all others it does not exist. "
        "A final state, entered from the ends of the matter; when it ended and how stays as it was.",
    )


class OpenSpec(_Part):
    """Opening children: one matter of another procedure for each unit named in a field, or one for the matter."""

    procedure: Slug
    action: Slug = "ask"
    for_: Slug | None = Field(None, alias="for", description="A field of type units: one child each.")
    with_: dict[str, str] = Field(
        default_factory=dict,
        alias="with",
        description="Child's field: the parent's field it is taken from; or `$number`, `$matter` and `$case`, which are "
        "the number of the parent, the parent and the first matter of the case, `$due.<clock>`, when that clock is due; "
        "in a ring `$clock` and `$due` too. `=word` is the word itself, `a|b` is b where a is empty.",
    )
    part: bool = Field(True, description="Whether the matter waits for it, or it only follows.")


class AnswerSpec(_Part):
    """What the program then does on the matter this one came from."""

    action: Slug
    with_: dict[Slug, str] = Field(
        default_factory=dict,
        alias="with",
        description="Its field: the field here it is taken from, as in `opens`.",
    )


class CarriedSpec(_Part):
    """By which other matter an action is done: whoever does it begins that one, and once it has arrived the program acts.

    Until then nothing here has changed but for the answers in the record: clocks run on. What arrives does the action
    `act` of the matter `about` with the answers it was given.
    """

    procedure: Slug
    action: Slug
    with_: dict[str, str] = Field(
        alias="with",
        description="As in `opens`; `$action` is the action that is to follow, `$answers` what was answered to it.",
    )
    unless: Slug | None = Field(
        None,
        description="A field of type text that is asked for: why it is done at once, without the other matter.",
    )
    absent: Slug | None = Field(
        None, description="A field of type units: at once only where nobody works in them here."
    )


class MoreSpec(_Part):
    """More time for a clock: always as much, or as many days as an answer says."""

    by: LimitText | None = None
    days: Slug | None = Field(None, description="A field of type integer, with `min:` and `max:`.")
    of: Slug | None = Field(None, description="A field of type choice, whose values have each a limit.")
    limits: dict[str, LimitText] = Field(default_factory=dict, description="For `of`: value, by how much.")

    @model_validator(mode="after")
    def _one_of_all(self) -> Self:
        if sum(said is not None for said in (self.by, self.days, self.of)) != 1:
            raise ValueError("says `by:`, `days:` or `of:`, one of them")
        return self

    def limit(self, data: Mapping[str, Any]) -> Limit:
        """By how much, with these answers."""
        if self.days:
            return Limit(int(data[self.days]), Span.DAY)
        found = self.limits.get(str(data.get(self.of))) if self.of else self.by
        assert found is not None
        return found


class ActionSpec(_Part):
    """Something a party may do."""

    title: Words = Field(default_factory=dict)
    from_: Slugs | None = Field(
        None, alias="from", description="States it can be done in; none for opening a matter."
    )
    to: Slug | None = Field(None, description="The state it leads to; unsaid, the state stays.")
    by: Slugs = Field(description="Parties who may do it; `system` for the program.")
    asks: list[str] = Field(
        default_factory=list, description="Fields asked for; `name?` for one that may be empty."
    )
    clears: Slugs = Field(
        default_factory=list,
        description="Fields that hold nothing any more afterwards; the record keeps what they held.",
    )
    when: Slugs = Field(default_factory=list, description="Conditions that must hold: rules by name.")
    then: Slugs = Field(default_factory=list, description="Effects that follow: rules by name.")
    within: LimitText | None = Field(None, description="Only so long after the state was entered.")
    outcome: Slug | None = None
    desk: Literal["up", "down", "community", "town", "district", "city"] | None = Field(
        None, description="Moves the desk the matter lies on: up or down a level, or to a level."
    )
    pauses: Slugs = Field(default_factory=list)
    resumes: Slugs = Field(default_factory=list)
    restarts: Slugs = Field(
        default_factory=list, description="Clocks that begin anew now; what was added to them is over."
    )
    recounts: Slugs = Field(
        default_factory=list, description="Clocks whose limit is found again, from the same beginning."
    )
    during: Slugs = Field(default_factory=list, description="Only while these clocks run and are not over.")
    sets: dict[Slug, bool | int | str] = Field(
        default_factory=dict, description="Fields that hold these values afterwards, without being asked."
    )
    counts: Slug | None = Field(
        None, description="Counts in this integer of the program how often it was done, up to its `max:`."
    )
    basis: list[str] = Field(default_factory=list, description="By which articles it is done.")
    extends: dict[
        Slug,
        Annotated[
            MoreSpec,
            BeforeValidator(
                lambda value: {"by": value} if isinstance(value, str) else value,
                json_schema_input_type=LimitText | MoreSpec,
            ),
        ],
    ] = Field(default_factory=dict, description="Clock: by how much.")
    opens: OpenSpec | None = None
    carried: CarriedSpec | None = None
    answers: AnswerSpec | None = None
    merges: Slug | None = Field(None, description="The field that names the matter this one is the same as.")
    tells: Slugs = Field(default_factory=list, description="Parties who get a notice.")
    tone: Literal["primary", "plain", "quiet", "danger"] = "plain"


class CaseSpec(_Part):
    """A limit that holds where fields have these values."""

    if_: dict[Slug, bool | str] = Field(alias="if", min_length=1)
    limit: LimitText
    basis: list[str] = Field(default_factory=list)

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether every field has its value; one of yes or no that was never answered is no."""
        return all((data.get(name) or False) == value for name, value in self.if_.items())


class LimitSpec(_Part):
    """Where a clock's limit comes from, tried in this order: `unless`, `at`, `rule`, `cases`, `by`, `default`."""

    unless: Slug | None = Field(None, description="A field of yes or no: if yes, the clock does not run.")
    at: Slug | None = Field(
        None, description="A field that holds the instant itself: a time that was promised."
    )
    rule: Slug | None = Field(None, description="A rule that computes it.")
    cases: list[CaseSpec] = Field(default_factory=list, description="The first that holds.")
    by: Slug | None = Field(None, description="The field of type kind whose catalogue gives it.")
    default: LimitText | None = None


class RingSpec(_Part):
    """What happens at or after the due time."""

    after: LimitText | None = None
    tell: Slugs = Field(default_factory=list)
    desk: Literal["up"] | None = None
    act: Slug | None = Field(None, description="The action the program then takes.")
    opens: OpenSpec | None = None


class ClockSpec(_Part):
    """A time limit: it runs from entering one state until entering another."""

    title: Words = Field(default_factory=dict)
    kind: Literal["statutory", "promise", "step"] = "step"
    basis: list[str] = Field(default_factory=list)
    from_: Slugs = Field(alias="from")
    until: Slugs
    voids: Slugs = Field(
        default_factory=list, description="States whose entering ends the clock without a result."
    )
    limit: Annotated[
        LimitSpec,
        BeforeValidator(
            lambda value: {"default": value} if isinstance(value, str) else value,
            json_schema_input_type=LimitText | LimitSpec,
        ),
    ]
    since: Slug | None = Field(
        None, description="A field that holds when it happened what the term runs from, where not now."
    )
    firm: bool | Slug = Field(
        False,
        description="Its end stays on a holiday: always, or while this field of yes or no is yes (刑诉法 105).",
    )
    lapses: bool = Field(False, description="That it runs out is no fault: a time to appeal, a probation.")
    in_time: bool = Field(False, description="An extension after its end is void (检察规则 309).")
    expired: Words = Field(default_factory=dict, description="What is to be done once it is over.")
    warn: Limits = Field(
        default_factory=list, description="How long before the due time warnings are given, the first first."
    )
    rings: list[RingSpec] = Field(default_factory=lambda: [RingSpec.model_validate({})])


class KeepSpec(_Part):
    """How long a closed matter is kept."""

    default: LimitText


class PublicSpec(_Part):
    """That matters are listed for anybody: by kind, place, state and dates; never their words, pictures or people."""

    except_: list[str] = Field(
        default_factory=list, alias="except", description="Kinds, with those below them, that are not listed."
    )

    def lists(self, kind: str) -> bool:
        """Whether matters of a kind are listed; those that have none yet are not."""
        return bool(kind) and not any(kind == each or kind.startswith(f"{each}.") for each in self.except_)


class Procedure(_Part):
    """A whole definition."""

    procedure: Slug
    title: Words
    basis: list[str] = Field(default_factory=list)
    catalogue: Slug | None = None
    confidential: bool | Literal["posts", "persons"] = Field(
        False,
        description="Seen only by roles that are a party, and by those who see everything; `posts`: not by these; "
        "`persons`: only by those who take part by name, as themselves. Every look is recorded.",
    )
    public: PublicSpec | None = Field(None, description="Whether its matters are listed for anybody.")
    counting: Words = Field(
        default_factory=dict, description="The rule by which days are counted, if not Civil Code 203."
    )
    parties: dict[Slug, PartySpec]
    form: dict[Slug, FieldSpec]
    states: dict[Slug, StateSpec]
    actions: dict[Slug, ActionSpec]
    clocks: dict[Slug, ClockSpec] = Field(default_factory=dict)
    outcomes: dict[Slug, Words]
    keep: KeepSpec
    scenarios: dict[Slug, list[Slug]]
    migrate: dict[Slug, Slug] = Field(
        default_factory=dict, description="State of an earlier version: the state that takes its place."
    )

    def closed_to(self, role: str, *, sees_all: bool) -> bool:
        """Whether those in a post of this role see none of its matters in office."""
        if not self.confidential or self.confidential == "persons":
            return bool(self.confidential)
        return role not in self._roles and not (sees_all and self.confidential is True)

    @cached_property
    def _roles(self) -> frozenset[str | None]:
        return frozenset(party.post for party in self.parties.values())

    def field_of_type(self, kind: str) -> str | None:
        """The matter's own field of a type (place, kind, unit): the prover allows one."""
        return self._typed.get(kind)

    @cached_property
    def _typed(self) -> dict[str, str]:
        return {spec.type: name for name, spec in reversed(self.form.items())}

    @cached_property
    def named(self) -> dict[str, str]:
        """The parties who are whoever a field names, with that field."""
        return {name: spec.named for name, spec in self.parties.items() if spec.named}

    @cached_property
    def naming(self) -> str | None:
        """The text field a matter is called by."""
        return next((name for name, spec in self.form.items() if spec.names), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a definition: where, what, and how to mend it. None ends with a full stop."""

    file: str
    line: int
    what: str
    cure: str

    def __str__(self) -> str:
        said = _("%(what)s. %(cure)s.") % {"what": self.what, "cure": self.cure}
        return f"{self.file}:{self.line}: {said}"


class BrokenDefinition(MumianError):
    """A definition that cannot be read, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            problems[0].file,
            reason="\n  ".join(
                _("line %(line)d: %(what)s. %(cure)s")
                % {"line": problem.line, "what": problem.what, "cure": problem.cure}
                for problem in problems
            ),
            cure=_("Mend the lines named and check again with `mumian procedures check`"),
        )

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), f"{self.cure}."])


@dataclass(frozen=True)
class Source:
    """A definition with the text it was read from, so that every problem can name its line."""

    file: str
    text: str
    procedure: Procedure
    tree: Tree

    def line(self, *path: str | int) -> int:
        """The line, from 1, on which the part at `path` begins; of its nearest parent if it has none."""
        return self.tree.line(path)


def read(text: str, file: str = "<text>") -> Source:
    """Reads a definition. Raises `BrokenDefinition` naming every fault by file and line."""
    tree = _tree(text, file)
    try:
        procedure = Procedure.model_validate(tree.content)
    except ValidationError as error:
        raise BrokenDefinition(
            [
                Problem(file, tree.line(fault["loc"]), _say(fault), _cure(fault))
                for fault in error.errors(include_url=False)
            ]
        ) from None
    return Source(file, text, procedure, tree)


def written(procedure: Procedure) -> str:
    """A definition as JSON, for `again`: without lines and comments, read in a hundredth of the time."""
    return procedure.model_dump_json(by_alias=True, exclude_unset=True)


def again(content: str) -> Procedure:
    """A definition from what `written` made of it."""
    return Procedure.model_validate_json(content)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of definitions, for editors."""
    return Procedure.model_json_schema(by_alias=True)


def _tree(text: str, file: str) -> Tree:
    try:
        tree = Tree(text)
    except NotYaml as error:
        what = _("is not YAML: %(what)s") % {"what": error.what}
        cure = _("Look at indentation, colons and brackets on this line and the one before")
        raise BrokenDefinition([Problem(file, error.line, what, cure)]) from None
    if not isinstance(tree.content, dict):
        cure = _("Begin with `procedure: <name>` and the parts below it")
        raise BrokenDefinition([Problem(file, 1, _("is not a definition"), cure)])
    return tree


def _say(fault: Any) -> str:
    where = ".".join(str(step) for step in fault["loc"]) or _("the definition")
    if fault["type"] == "extra_forbidden":
        return _("`%(where)s` is not a word of the definition language") % {"where": where}
    if fault["type"] == "missing":
        return _("`%(where)s` is missing") % {"where": where}
    message = re.sub(r"^Value error, ", "", str(fault["msg"]))
    message = f"{message[0].lower()}{message[1:]}"
    if not (get_language() or "").startswith("en"):
        expected = str(fault.get("ctx", {}).get("expected", "")).replace(" or ", "、").replace(", ", "、")
        message = _ZH.get(fault["type"], "写法不对（{message}）").format(message=message, expected=expected)
    return _("`%(where)s`: %(message)s") % {"where": where, "message": message}


_ZH = {
    "literal_error": "应为 {expected} 之一",
    "string_pattern_mismatch": "不是可用的名称",
    "string_too_long": "过长",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 `true` 或 `false`",
    "bool_parsing": "应为 `true` 或 `false`",
    "dict_type": "应为“名称: 内容”的各项",
    "model_type": "应为“名称: 内容”的各项",
    "list_type": "应为列表",
}
"""What pydantic finds, by its type."""


def _cure(fault: Any) -> str:
    name = fault["loc"][-1] if fault["loc"] else ""
    cures = {
        "extra_forbidden": _(
            "Look for a misspelling, or remove it; `mumian procedures schema` prints every word"
        ),
        "missing": _("Add `%(name)s:` here") % {"name": name},
        "string_pattern_mismatch": _("Use lower-case letters, digits and hyphens, beginning with a letter"),
        "literal_error": _("Use one of the words named"),
    }
    return cures.get(fault["type"], _("Write it as `mumian procedures schema` describes"))
