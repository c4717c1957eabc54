"""A procedure drawn: nothing stands over anything else, every way is there, and all of it is said in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mumian.engine.compiled import Compiled
from mumian.engine.definition import Source
from mumian.engine.publishing import shipped
from mumian.web.diagram import changed_diagram, diagram
from mumian.web.layered import Line, Size, draw

NAMES = "abcdefg"


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=14, unique=True))
def test_boxes_and_words_never_stand_over_one_another(pairs: list[tuple[str, str]]) -> None:
    boxes = dict.fromkeys(NAMES, Size(100, 40))
    lines = [Line(start, end, Size(60, 20)) for start, end in pairs if start != end]
    drawing = draw(boxes, lines, NAMES)
    placed = [(*drawing.boxes[name], 100.0, 40.0) for name in NAMES]
    placed += [(x, y, 60.0, 20.0) for x, y in drawing.words]
    for at, (x, y, width, height) in enumerate(placed):
        for ox, oy, other_width, other_height in placed[at + 1 :]:
            apart = (
                abs(x - ox) >= (width + other_width) / 2 - 0.1 or abs(y - oy) >= (height + other_height) / 2
            )
            assert apart
    assert len(drawing.paths) == len(lines)


@pytest.mark.parametrize("source", list(shipped()), ids=lambda source: source.procedure.procedure)
def test_every_action_of_a_procedure_is_drawn(source: Source, in_english: None) -> None:
    drawn = diagram(Compiled(source.procedure))
    told = " ".join(line for way in drawn.ways for _y, line in way.titles.lines)
    told += " ".join(line for box in drawn.boxes for _y, line in box.stays.lines)
    words = set(re.findall(r"\w+", told))
    for spec in source.procedure.actions.values():
        assert set(re.findall(r"\w+", spec.title["en"])) <= words
    assert len(drawn.boxes) == len(source.procedure.states)
    assert not drawn.marked


def test_what_differs_is_marked(in_english: None) -> None:
    source = next(each for each in shipped() if each.procedure.procedure == "grid-event")
    actions = {name: spec for name, spec in source.procedure.actions.items() if name != "rate"}
    actions["reopen"] = actions["reopen"].model_copy(update={"within": None})
    before = source.procedure.model_copy(update={"actions": actions})
    drawn = changed_diagram(Compiled(source.procedure), before)
    assert [way.mark for way in drawn.ways if way.mark] == ["changed"]
    assert any(line.startswith("↻ ＋") for box in drawn.boxes for _y, line in box.stays.lines)
