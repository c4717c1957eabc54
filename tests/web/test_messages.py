"""Every text stands in both languages, and none is written where it cannot be translated."""

from __future__ import annotations

import re

from mumian.web import messages

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def test_every_text_of_the_program_has_its_chinese() -> None:
    missing = list(messages.untranslated())
    cure = "Run python -m mumian.web.messages and fill in the Chinese."
    assert not missing, "\n".join([cure, *missing])


def test_no_translation_is_kept_for_a_text_that_is_gone() -> None:
    used = {(message.id, message.context) for message in messages.texts()}
    assert [m.id for m in messages.catalogue() if m.id and (m.id, m.context) not in used] == []


def test_a_translation_keeps_the_places_to_fill() -> None:
    hole = re.compile(r"%\(\w+\)s|%\(\w+\)d|%%\w")
    for message in messages.catalogue():
        ours = message.string[0] if isinstance(message.string, tuple) else str(message.string)
        theirs = message.id[-1] if isinstance(message.id, tuple) else str(message.id)
        assert sorted(hole.findall(ours)) == sorted(hole.findall(theirs)), message.id


def test_no_chinese_stands_in_a_template() -> None:
    found = [
        f"{file.relative_to(messages.PACKAGE)}:{number}: {line.strip()}"
        for file in messages.PACKAGE.rglob("templates/**/*.html")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if CHINESE.search(line)
    ]
    assert found == []
