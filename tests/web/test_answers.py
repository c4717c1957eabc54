"""Answers of every type: read from a form as the engine takes them, and shown again as they were given."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from mumian.engine.compiled import Compiled
from mumian.engine.definition import read
from mumian.engine.matter import Matter
from mumian.engine.perform import new_id
from mumian.web.forms import Form, FormForSeveral, units_to_choose
from tests.web.city import DRAINS, GRID, City

EVERYTHING = """\
procedure: everything
title: {zh: 各类字段, en: Everything}
catalogue: grid
parties:
  asker: {title: {zh: 提出人, en: Asker}, person: true}
form:
  words:  {type: text, max: 500, names: true, title: {zh: 文字, en: Words}}
  count:  {type: integer, title: {zh: 数量, en: Count}}
  share:  {type: decimal, title: {zh: 比例, en: Share}}
  cost:   {type: money, title: {zh: 费用, en: Cost}}
  day:    {type: date, title: {zh: 日期, en: Day}}
  visit:  {type: datetime, title: {zh: 上门时间, en: Visit}}
  again:  {type: yesno, title: {zh: 是否复查, en: Again}}
  cause:  {type: choice, title: {zh: 原因, en: Cause}, choices: [{value: rain, title: {zh: 暴雨, en: Rain}}]}
  tools:  {type: choices, title: {zh: 工具, en: Tools}, choices: [{value: pump, title: {zh: 水泵, en: Pump}}]}
  where:  {type: place, title: {zh: 地点, en: Where}}
  kind:   {type: kind, title: {zh: 类别, en: Kind}}
  unit:   {type: unit, title: {zh: 单位, en: Unit}}
  helpers: {type: units, title: {zh: 协办, en: Helpers}}
  who:    {type: person, title: {zh: 人员, en: Who}}
states:
  open:   {title: {zh: 在办, en: Open}, tone: todo}
  closed: {title: {zh: 办结, en: Closed}, final: true}
actions:
  ask:  {title: {zh: 提出, en: Ask}, to: open, by: asker, asks: [words]}
  fill:
    title: {zh: 填写, en: Fill}
    from: open
    to: closed
    by: asker
    asks: [words, count, share, cost, day, visit, again, cause, tools, where, kind, unit, helpers, who]
    outcome: done
outcomes:
  done: {zh: 完成, en: Done}
keep: {default: 5 days}
scenarios:
  done: [ask, fill]
"""
SENT: dict[str, Any] = {
    "words": " 三天 ",
    "count": "3",
    "share": "0.5",
    "cost": "1,200.5",
    "day": "2026-11-27",
    "visit": "2026-11-27T18:00",
    "again": "no",
    "cause": "rain",
    "tools": ["pump"],
    "where": "门口",
    "where_code": GRID,
    "kind": DRAINS,
    "helpers": ["1", "2"],
}


@pytest.fixture
def form(city: City) -> Form:
    compiled = Compiled(read(EVERYTHING).procedure)
    return Form(
        compiled, "fill", city.actor("officer"), Matter(new_id(), "everything", 1, "open", place=GRID)
    )


def sent_with(form: Form, answers: dict[str, Any]) -> Any:
    post = QueryDict(mutable=True)
    for name, value in answers.items():
        post.setlist(name, value if isinstance(value, list) else [value])
    request = RequestFactory().post("/", post.urlencode(), content_type="application/x-www-form-urlencoded")
    return form.read(request)


@pytest.mark.usefixtures("in_chinese")
def test_answers_are_read_as_the_engine_takes_them(form: Form) -> None:
    data = sent_with(form, SENT).data
    assert data == {
        "words": " 三天 ",
        "count": "3",
        "share": "0.5",
        "cost": "1,200.5",
        "day": "2026-11-27",
        "visit": "2026-11-27T18:00:00+08:00",
        "again": False,
        "cause": "rain",
        "tools": ["pump"],
        "where": {"address": "门口", "place": GRID},
        "kind": DRAINS,
        "helpers": ["1", "2"],
    }


@pytest.mark.usefixtures("in_chinese")
def test_answers_are_shown_again_as_they_were_given(form: Form) -> None:
    shown = {field.name: field for field in form.fields(sent_with(form, SENT))}
    assert shown["cost"].value == "1,200.5"
    assert shown["visit"].value == "2026-11-27T18:00"
    assert shown["again"].value is False
    assert shown["tools"].chosen == ("pump",)
    assert [option.value for option in shown["where"].suggested] == [GRID]
    assert shown["kind"].chosen == (DRAINS,)


@pytest.mark.usefixtures("in_chinese")
def test_a_time_that_is_none_is_left_for_the_engine_to_refuse(form: Form) -> None:
    assert sent_with(form, {"visit": "明天下午"}).data == {"visit": "明天下午"}


@pytest.mark.usefixtures("in_chinese")
def test_persons_are_those_of_ones_own_unit(form: Form, city: City) -> None:
    [who] = [field for field in form.fields() if field.name == "who"]
    assert {option.title for option in who.choices} == {"何志强", "张杰"}


def test_units_offered_are_those_that_serve_the_place(city: City) -> None:
    _groups, here = units_to_choose(GRID)
    assert {option.value for option in here} >= {str(city.water.pk), str(city.streets.pk)}
    assert units_to_choose("440103002001") == ([], [])


@pytest.mark.usefixtures("in_chinese")
def test_a_form_for_several_knows_only_what_is_the_same_in_all(city: City) -> None:
    compiled = Compiled(read(EVERYTHING).procedure)
    first, second = (Matter(new_id(), "everything", 1, "open", place=GRID) for _ in range(2))
    first.data, second.data = {"kind": DRAINS, "cause": "rain"}, {"kind": DRAINS, "cause": "waste"}
    form = FormForSeveral(compiled, "fill", city.actor("officer"), [first, second])
    assert form.matter is not None
    assert form.matter.data == {"kind": DRAINS}
