"""Fields made from a definition: every type, its answer kept, its faults linked and said."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from mumian.web.shown import Field, Group, Option, PlaceAnswer
from mumian.web.templatetags.mumian import field as draw
from tests.web import samples

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize("field", samples.fields(), ids=lambda field: field.name)
def test_every_type_of_field_has_its_name_and_a_label(field: Field) -> None:
    html = str(draw(field))
    assert f'name="{field.name}' in html
    assert "<label" in html or "<legend" in html
    for target in re.findall(r'for="([^"]+)"', html):
        assert f'id="{target}"' in html


@pytest.mark.parametrize("field", samples.fields(), ids=lambda field: field.name)
def test_a_field_that_may_be_empty_says_so(field: Field) -> None:
    assert ("(optional)" in draw(field)) is not field.required


def test_what_was_typed_is_shown_again_and_escaped() -> None:
    html = draw(Field("what", "text", "What", value="<b>smoke</b> & 'noise'"))
    assert "&lt;b&gt;smoke&lt;/b&gt; &amp; &#x27;noise&#x27;" in html


def test_a_long_text_counts_what_is_left() -> None:
    assert 'data-limit="2000"' in draw(Field("what", "text", "What", max=2000))
    assert "<textarea" not in draw(Field("who", "text", "Who", max=60))


def test_a_suggestion_stands_first_with_its_share_and_is_not_repeated() -> None:
    drains, lamps = Option("drain", "Drains", "Words: sewage", 0.91), Option("lamp", "Lamps")
    field = Field("kind", "kind", "Kind", groups=[Group("Works", [drains, lamps])], suggested=[drains])
    html = draw(field)
    assert html.index("91%") < html.index("Lamps")
    assert html.count('value="drain"') == 1
    assert "Words: sewage" in html
    assert "Needs judgement" not in html


def test_unsure_suggestions_ask_for_judgement() -> None:
    assert "Needs judgement" in draw(Field("unit", "unit", "Unit", suggested=[samples.FIRE, samples.ESTATE]))


def test_many_options_can_be_searched() -> None:
    few = [Option(str(n), f"Kind {n}") for n in range(5)]
    many = [Option(str(n), f"Kind {n}") for n in range(47)]
    assert "data-search" not in draw(Field("kind", "choice", "Kind", choices=few))
    assert "data-search" in draw(Field("kind", "choice", "Kind", choices=many))


def test_the_group_of_the_chosen_option_is_open() -> None:
    groups = [Group("Works", [Option("drain", "Drains")]), Group("Air", [Option("smoke", "Smoke")])]
    html = draw(Field("kind", "kind", "Kind", groups=groups, value="smoke"))
    assert html.count("<details open>") == 1
    assert re.search(r'value="smoke"\s+checked', html)


def test_several_can_be_chosen_where_several_are_asked() -> None:
    html = draw(Field("units", "units", "Units", choices=samples.UNITS, value=["water", "fire"]))
    assert html.count(" checked>") == 2
    assert 'type="radio"' not in html


def test_a_place_keeps_its_words_its_code_and_its_point() -> None:
    answer = PlaceAnswer("284 Gongye Road", "440105017003012", "Shixi, grid 012", 113.2671, 23.0741)
    chosen = Option("440105017003012", "Shixi, grid 012")
    html = draw(Field("where", "place", "Where", value=answer, suggested=[chosen], lookup="/places"))
    for kept in ("284 Gongye Road", 'value="440105017003012"', 'value="113.2671"', 'value="23.0741"'):
        assert kept in html


def test_an_unanswered_place_is_empty_and_needs_no_script() -> None:
    html = draw(Field("where", "place", "Where"))
    assert html.count('value=""') == 3
    assert "hx-get" not in html


def test_each_fault_is_listed_first_and_leads_to_its_field() -> None:
    fields = samples.fields(with_errors=True)
    summary = render_to_string("web/part/errors.html", {"fields": fields, "problems": ["Too late for this."]})
    page = "".join(str(draw(field)) for field in fields)
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_result", "id_unit"]
    assert all(f'id="{target}"' in page for target in targets)
    assert "Too late for this." in summary


def test_a_form_without_faults_has_no_summary() -> None:
    assert not render_to_string("web/part/errors.html", {"fields": samples.fields()}).strip()
