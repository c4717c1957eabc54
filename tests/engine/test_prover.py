"""Definitions are proved before they are published: each fault is told by line, with what is wrong and the cure."""

from pathlib import Path

import jsonschema_rs
import pytest
from django.utils.translation import override

from mumian.engine.definition import BrokenDefinition, Problem, json_schema, read
from mumian.engine.prover import prove
from mumian.engine.publishing import system_folders
from mumian.engine.rules import Rules
from mumian.web.messages import compile_catalogues
from mumian.yaml import Tree, load
from tests.engine.city import SMALL, changed, shipped


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


def test_every_fault_is_told_in_chinese_too():
    compile_catalogues()
    with override("zh-hans"):
        [problem] = problems_of(SMALL.replace("procedure: small", "procedure: small\nkolour: green", 1))
        assert problem.what == "`kolour` 不是定义语言中的词"


def line_of(text: str, fragment: str) -> int:
    """The line of the text, from 1, on which the fragment stands; it stands there once."""
    (number,) = [n for n, line in enumerate(text.splitlines(), 1) if fragment in line]
    return number


def problems_of(text: str, roles=None) -> list[Problem]:
    """Everything wrong with a definition, found in reading or in proving."""
    try:
        return prove(read(text, "small.yaml"), rules=Rules(), roles=roles)
    except BrokenDefinition as error:
        return error.problems


# --- what is shipped --------------------------------------------------------------------------------


def shipped_roles() -> set[str]:
    files = [folder / "roles.yaml" for folder in system_folders()]
    return {role for file in files if file.exists() for role in load(file)["roles"]}


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_definition_is_proved_with_the_roles_that_are_shipped(name):
    assert prove(shipped()[name], roles=shipped_roles()) == []


def test_the_smallest_definition_is_proved():
    assert problems_of(SMALL, roles={"officer"}) == []


@pytest.mark.parametrize("text", [SMALL, *(source.text for source in shipped().values())])
def test_the_json_schema_accepts_what_the_program_accepts(text):
    errors = jsonschema_rs.validator_for(json_schema()).iter_errors(Tree(text).content)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("by: asker", "buy: asker"),
        ("until: closed", "until: [5]"),
        ("final: true", "final: perhaps"),
        ("limit: 5 working days", "limit: 5"),
    ],
)
def test_the_json_schema_refuses_what_the_program_refuses(old, new):
    text = changed((old, new))
    assert not jsonschema_rs.validator_for(json_schema()).is_valid(Tree(text).content)
    with pytest.raises(BrokenDefinition):
        read(text)


# --- reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "what", "cure"),
    [
        (
            "by: asker",
            "by: asker, hue: red",
            "`actions.ask.hue` is not a word of the definition",
            "misspelling",
        ),
        (
            "type: text",
            "type: prose",
            "`form.what.type`: input should be 'text'",
            "Use one of the words named",
        ),
        ("  doer:  {", "  Doer:  {", "string should match pattern", "lower-case letters, digits and hyphens"),
        ("5 working days", "5 moons", "“5 moons” is not a limit", "as `mumian procedures schema` describes"),
        (
            "person: true",
            "person: false",
            "neither `person: true` nor `post: <role>`",
            "as `mumian procedures",
        ),
        ("\n  done: [ask, do]", " [ask, do]", "input should be a valid dictionary", "as `mumian procedures"),
        ("  ask: {", "\task: {", "is not YAML", "Look at indentation"),
        ("  closed: {", "  open: {", "found duplicate key", "Look at indentation"),
        ("en: What", "en: \x07", "control characters are not allowed: U+0007", "Look at indentation"),
    ],
)
def test_what_cannot_be_read_is_told_by_line(old, new, what, cure):
    text = changed((old, new))
    (problem,) = problems_of(text)
    assert what in problem.what
    assert cure in problem.cure
    assert problem.file == "small.yaml"
    assert problem.line == [n for n, line in enumerate(text.splitlines(), 1) if new in line][-1]


def test_what_is_missing_is_told_where_it_belongs():
    (problem,) = problems_of(changed(("keep: {default: 5 days}\n", "")))
    assert (problem.line, problem.what, problem.cure) == (1, "`keep` is missing", "Add `keep:` here")


@pytest.mark.parametrize("text", ["", "[]", "grid", "5", "- procedure: small\n", f"{SMALL}---\n{SMALL}"])
def test_what_is_no_mapping_is_no_definition(text):
    (problem,) = problems_of(text)
    assert problem.what.startswith("is not")


@pytest.mark.parametrize(
    "text", ["a: \x00", "a: \x07", "a: *nowhere", "a: &a {b: *a}", "a: {", "%", "a: !!python/none"]
)
def test_whatever_text_is_given_is_answered_with_its_problems(text):
    assert problems_of(text)


def test_every_fault_is_told_and_printed_on_a_line_of_its_own():
    text = changed(("by: asker", "buy: asker"), ("5 working days", "soon"))
    with pytest.raises(BrokenDefinition) as caught:
        read(text, "small.yaml")
    error = caught.value
    first, second, third, cure = str(error).splitlines()
    at = f"small.yaml:{line_of(text, 'buy: asker')}: "
    assert first == f"{at}`actions.ask.by` is missing. Add `by:` here."
    assert second.startswith(f"{at}`actions.ask.buy` is not a word")
    assert third.startswith(f"small.yaml:{line_of(text, 'soon')}: ")
    assert cure.startswith("Mend the lines named")
    parts = [error.thing, error.reason, error.cure]
    parts += [part for problem in error.problems for part in (problem.what, problem.cure)]
    assert not any(str(part).endswith(".") for part in parts)


# --- proving: one rule after another ----------------------------------------------------------------

BROKEN = load(Path(__file__).with_name("broken.yaml"))


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_tells_the_line_what_is_wrong_and_the_cure(rule):
    case = BROKEN[rule]
    added = [(before, f"{line}\n{before}") for before, line in case.get("add", {}).items()]
    text = changed(*case.get("change", {}).items(), *added)
    problems = problems_of(text, roles={"dispatcher", "officer"})
    told = [problem for problem in problems if case["what"] in problem.what]
    assert told, problems
    for problem in told:
        assert case["cure"] in problem.cure
        assert problem.line == line_of(text, case["on"])
    assert len(problems) <= 2  # one slip, seen from two sides at most


def test_one_slip_is_not_reported_along_every_path_it_breaks():
    text = changed(("  closed: {title: {zh: 办结, en: Closed}, final: true}\n", ""))
    assert {problem.what for problem in problems_of(text)} == {"there is no state `closed`"}


def test_problems_come_in_the_order_of_lines():
    text = changed(("by: doer", "by: nobody"), ("在办, en: Open}", "在办}"), ("until: closed", "until: shut"))
    lines = [problem.line for problem in problems_of(text)]
    assert lines == sorted(lines)
    assert len(lines) == 3


# --- who alone is shown what ------------------------------------------------------------------------

GUEST = "  guest: {title: {zh: 客人, en: Guest}, person: true, named: guest}\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("parties:\n", f"parties:\n{GUEST}")], "there is no field `guest`"),
        ([("parties:\n", f"parties:\n{GUEST}".replace("named: guest", "named: what"))], "is of type text"),
        (
            [("names: true, title", "names: true, only: [asker], title")],
            "what is not personal is in the record",
        ),
        ([("names: true, title", "personal: true, only: [nobody], title")], "there is no party `nobody`"),
        ([("by: doer, outcome", "by: doer, clears: [nothing], outcome")], "there is no field `nothing`"),
        ([("by: doer, outcome", "by: doer, clears: [unit], outcome")], "is of type unit"),
        (
            [
                ("catalogue: grid", "catalogue: grid\nconfidential: persons"),
                ("en: Asker}, person: true", "en: Asker}, post: officer"),
            ],
            "no party is known by name",
        ),
    ],
)
def test_who_alone_is_shown_what_is_proved(changes, said):
    problems = problems_of(changed(*changes))
    assert any(said in problem.what for problem in problems), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        ("with: {what: =word, more: what|$number, act: $action, said: $answers}", ""),
        ("with: {what: nothing}", "there is no field `nothing`"),
        ("with: {what: what|$nothing}", "there is no field `$nothing`"),
        ("with: {what: what}, unless: unit", "is of type unit"),
        ("with: {what: what}, unless: nothing", "there is no field `nothing`"),
        ("with: {what: what}, unless: what", "does not ask for it"),
        ("with: {what: what}, absent: what", "is of type text"),
        ("word: x", "is not a word of the definition language"),
    ],
)
def test_what_carries_an_act_is_proved(carried, said):
    text = changed(
        ("by: doer, outcome", f"by: doer, carried: {{procedure: file, action: begin, {carried}}}, outcome")
    )
    problems = problems_of(text)
    assert any(said in problem.what for problem in problems) if said else problems == []


def test_the_posts_of_units_to_choose_are_roles():
    text = changed(("{type: unit,", "{type: unit, posts: [officer, nobody],"))
    assert any(
        "there is no role `nobody`" in problem.what for problem in problems_of(text, roles={"officer"})
    )


def test_a_party_whom_a_field_names_may_act_once_it_is_asked():
    named = [
        ("parties:\n", f"parties:\n{GUEST}"),
        ("form:\n", "form:\n  guest: {type: person, title: {zh: 客人, en: Guest}}\n"),
        ("by: doer, outcome", "by: guest, outcome"),
    ]
    assert any("nobody may take `do`" in problem.what for problem in problems_of(changed(*named)))
    assert problems_of(changed(*named, ("asks: [what, unit]", "asks: [what, unit, guest]"))) == []
