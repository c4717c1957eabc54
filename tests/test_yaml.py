"""YAML is read by its core schema, and every part knows its line."""

from datetime import date

import pytest

from mumian.yaml import NotYaml, Tree


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("1.50", 1.5),
        ("~", None),
        ("", None),
        ("true", True),
        ("2026-11-22", date(2026, 11, 22)),
        ("'010'", "010"),
        ("1_000", "1_000"),
    ],
)
def test_values_are_those_of_the_core_schema(written, value):
    assert Tree(f"a: {written}\n").content == {"a": value}


def test_a_part_knows_its_line_and_what_is_not_there_that_of_its_parent():
    tree = Tree("# first\na:\n  b:\n    - 1\n    - c: 2\n      d: 3\n")
    assert tree.line(("a", "b", 1, "d")) == 6
    assert tree.line(("a", "missing", "deeper")) == 2
    assert tree.line(("a", "b", 7)) == 3
    assert tree.line() == 2


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "did not find expected"),
        ("街道: 1\na: 1\na: 2\n", 3, 'found duplicate key "a"'),
        ("街道: 1\nb: \x07", 2, "U+0007"),
        ("a: 1\nb: 2026-02-30", 2, "there is no day 2026-02-30"),
        ("a: !!python/object:os.system x", 1, "could not determine a constructor"),
    ],
)
def test_what_is_not_yaml_is_told_by_line(text, line, what):
    with pytest.raises(NotYaml) as caught:
        Tree(text)
    assert caught.value.line == line
    assert what in caught.value.what
