"""What a kind of dispute is: the typed schema of its questions and texts, and reading them from YAML."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mumian.engine.definition import LANGUAGES, Problem, Slug
from mumian.errors import MumianError
from mumian.systems.guidance.citing import HERE
from mumian.yaml import NotYaml, Tree, load

UNSURE = "?"
"""The answer of one who is not sure."""
TODAY = "today"
"""What stands for the day of asking among the inputs of a result."""


def _in_both(words: dict[str, str]) -> dict[str, str]:
    if missing := [language for language in LANGUAGES if not words.get(language, "").strip()]:
        raise ValueError(f"it is not said in: {', '.join(missing)}")
    if unknown := set(words) - set(LANGUAGES):
        raise ValueError(f"there is no such language: {', '.join(unknown)}")
    return words


Words = Annotated[dict[str, str], AfterValidator(_in_both)]
"""One text in each language, none left out."""
When = dict[Slug, list[str]]
"""Earlier questions of choice and the answers that count, all of which must hold."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditional(_Part):
    """What is asked, reckoned or shown only for some answers."""

    when: When = Field(default_factory=dict)


def _named(value: Any) -> Any:
    return {"way": value} if isinstance(value, str) else value


class Choice(_Part):
    """One of the answers to a question of choice."""

    value: str = Field(pattern=r"^[a-z0-9.-]+$")
    title: Words


class Question(Conditional):
    """One thing that is asked; `?`, not sure, is always an answer."""

    ask: Words
    short: Words | None = Field(default=None, description="What it is called in a list of the answers.")
    help: Words | None = None
    type: Literal["choice", "yesno", "money", "number", "percent", "date", "text"]
    choices: list[Choice] = Field(default_factory=list)
    unsure: tuple[Decimal, Decimal] | None = Field(
        default=None,
        description="Between what it is taken to lie where one is not sure; none: what needs it is left out.",
    )
    max: Decimal | None = None

    @property
    def label(self) -> Mapping[str, str]:
        """What it is called in a list of the answers."""
        return self.short or self.ask

    @property
    def values(self) -> list[str]:
        """What can be chosen."""
        return ["yes", "no"] if self.type == "yesno" else [choice.value for choice in self.choices]

    def title_of(self, value: str) -> Mapping[str, str]:
        """What a choice is called."""
        if self.type == "yesno":
            return {"yes": {"zh": "是", "en": "Yes"}, "no": {"zh": "否", "en": "No"}}[value]
        return next(choice.title for choice in self.choices if choice.value == value)


class Result(Conditional):
    """A calculation. An input is a question, `today`, a value after `=`, or two values it may lie between."""

    calculator: Slug
    inputs: dict[str, str | tuple[Decimal, Decimal]]


class Statement(Conditional):
    """What the law says, by article."""

    says: Words
    cites: list[str] = Field(min_length=1)


class Way(_Part):
    """A way to settle a dispute."""

    title: Words
    icon: str
    days: tuple[int, int] = Field(description="How long it usually takes, at least and at most.")
    time: Words
    cost: Words
    limits: Words
    result: Words = Field(description="What one has in the end.")
    cites: list[str] = Field(default_factory=list)


class Letter(_Part):
    """A letter to be filled in and sent."""

    title: Words
    body: Words


class Limit(Conditional):
    """Until when a claim can be pressed: the rule, and the question whose day it runs from."""

    rule: Literal["civil", "labour", "insurance", "life-insurance", "land", "works"]
    known: Slug


class OpenWay(Conditional):
    """A way that is open, perhaps only for some answers."""

    way: Slug


class Fee(Conditional):
    """By which rule the court's fee is reckoned, and on which question's sum: on the result, if unsaid."""

    by: Literal["property", "labour", "divorce", "personality", "other"]
    sum_of: Slug | None = None


class Kind(_Part):
    """A kind of dispute."""

    kind: Slug
    group: Slug
    catalogue: str = Field(description="Its code in the catalogue of disputes.")
    title: Words
    lead: Words
    search: list[str] = Field(description="Words it is also looked for by.")
    questions: dict[Slug, Question]
    results: list[Result] = Field(default_factory=list)
    law: list[Statement] = Field(min_length=1)
    limits: list[Limit] = Field(default_factory=list)
    ways: list[Annotated[OpenWay, BeforeValidator(_named)]] = Field(min_length=2)
    fee: list[Fee] = Field(
        default_factory=list, description="The first that fits; the fee for a sum where none does."
    )
    papers: list[Words] = Field(min_length=2)
    letters: list[Slug] = Field(min_length=1)


class Group(_Part):
    """Kinds that stand together."""

    title: Words
    icon: str


class Common(_Part):
    """What all kinds share."""

    groups: dict[Slug, Group]
    questions: dict[Slug, Question] = Field(description="Asked at the end of every kind.")
    ways: dict[Slug, Way]
    letters: dict[Slug, Letter]


class Alone(_Part):
    """A calculator as a page of its own: what it is called and what it asks for."""

    title: Words
    lead: Words
    inputs: dict[Slug, Question]


class BrokenKind(MumianError):
    """A kind that cannot be read, with every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        reason = "\n  ".join(map(str, problems))
        super().__init__(problems[0].file, reason=reason, cure=_("Mend the lines named"))


class Source:
    """A file of data with its lines, so that every problem can name its own."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        try:
            self._tree = Tree(text)
        except NotYaml as error:
            cure = _("Look at indentation, colons and brackets on this line and the one before")
            raise BrokenKind([Problem(file, error.line, _("is not YAML"), cure)]) from None
        self.content: dict[str, Any] = self._tree.content if isinstance(self._tree.content, dict) else {}

    def problem(self, path: tuple[str | int, ...], what: str, cure: str) -> Problem:
        """A problem at the part at `path`, or at its nearest parent."""
        return Problem(self.file, self._tree.line(path), what, cure)


def read(text: str, file: str) -> tuple[Kind, Source]:
    """Reads a kind with its lines. Raises `BrokenKind` naming every fault by file and line."""
    source = Source(text, file)
    try:
        return Kind.model_validate(source.content), source
    except ValidationError as error:
        raise BrokenKind([_fault(source, each) for each in error.errors(include_url=False)]) from None


def _fault(source: Source, fault: Any) -> Problem:
    where, said = ".".join(map(str, fault["loc"])), str(fault["msg"]).removeprefix("Value error, ")
    cures = {
        "missing": _("Add it here"),
        "extra_forbidden": _("Look for a misspelling, or remove it"),
        "value_error": _("Write it in Chinese and in English"),
    }
    cure = cures.get(fault["type"], _("Write it as the other kinds do"))
    return source.problem(fault["loc"], f"`{where}`: {said}", cure)


def files() -> list[Path]:
    """The files of all kinds."""
    return sorted((HERE / "kinds").glob("*.yaml"))


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name, with the questions asked at the end of all, in the order of the groups."""
    order = list(common().groups)
    found = (_read_quickly(file) for file in files())
    listed = sorted(found, key=lambda kind: (order.index(kind.group), kind.catalogue))
    return {kind.kind: with_common(kind) for kind in listed}


def with_common(kind: Kind) -> Kind:
    """The kind with the questions asked at the end of all."""
    return kind.model_copy(update={"questions": kind.questions | common().questions})


def _read_quickly(file: Path) -> Kind:
    return Kind.model_validate(load(file))


@cache
def common() -> Common:
    """What all kinds share."""
    return Common.model_validate(load(HERE / "common.yaml"))


@cache
def all_alone() -> Mapping[str, Alone]:
    """The calculators that have a page, by name."""
    calculators = load(HERE / "calculators.yaml")["calculators"]
    return {name: Alone.model_validate(one) for name, one in calculators.items()}
