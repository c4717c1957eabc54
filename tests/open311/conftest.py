"""The small city of the API's tests, called as programs that speak Open311 call a city."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mumian.engine import world
from mumian.engine.definition import read
from mumian.engine.publishing import publish
from tests.api.conftest import SPOT, City, _built, _no_public_rate, city
from tests.web.conftest import _catalogue_compiled

__all__ = ["_built", "_catalogue_compiled", "_no_public_rate", "city"]

DRAINS = "grid-event.03.04"

STREET_TREES = """
procedure: street-tree
title: {zh: 行道树, en: Street tree}
public: {}
parties:
  asker:  {title: {zh: 申请人, en: Asker}, person: true, anonymous: true}
  keeper: {title: {zh: 养护员, en: Keeper}, post: officer}
form:
  wish:   {type: text, max: 4000, names: true, title: {zh: 想要什么, en: What do you wish}}
  where:  {type: place, title: {zh: 在哪里, en: Where}}
  tree:
    type: choice
    title: {zh: 树种, en: Which tree}
    help: {zh: 任选一种, en: Any of these}
    choices: [{value: kapok, title: {zh: 木棉, en: Kapok}}, {value: banyan, title: {zh: 榕树, en: Banyan}}]
  why:
    type: choices
    required: false
    title: {zh: 原因, en: Why}
    choices: [{value: shade, title: {zh: 遮阴, en: Shade}}, {value: sick, title: {zh: 树病, en: Sick tree}}]
  girth:  {type: integer, min: 1, max: 900, required: false, title: {zh: 胸径, en: Girth}}
  day:    {type: date, required: false, title: {zh: 日期, en: Day}}
  seen:   {type: datetime, required: false, title: {zh: 看到的时间, en: Seen at}}
  fallen: {type: yesno, required: false, title: {zh: 是否倒伏, en: Has it fallen}}
  story:  {type: text, max: 900, required: false, title: {zh: 经过, en: Story}}
  secret: {type: text, max: 200, required: false, personal: true, title: {zh: 联系方式, en: Contact}}
states:
  asked: {title: {zh: 已申请, en: Asked}, tone: todo}
  done:  {title: {zh: 已办, en: Done}, tone: done, final: true}
actions:
  ask:
    title: {zh: 申请, en: Ask}
    to: asked
    by: asker
    asks: [wish, where, tree, "why?", "girth?", "day?", "seen?", "fallen?", "story?", "secret?"]
  plant: {title: {zh: 种树, en: Plant}, from: asked, to: done, by: keeper, outcome: planted}
clocks:
  plant: {title: {zh: 种上, en: Plant}, kind: promise, from: asked, until: done, limit: 10 days}
outcomes: {planted: {zh: 已种, en: Planted}}
keep: {default: 12 months}
scenarios: {planted: [ask, plant]}
"""
"""A procedure with a field of each type, whose description is open to all."""


class Caller:
    """A program that speaks GeoReport v2, without a key unless it gives one."""

    def __init__(self, language: str = "en") -> None:
        self.client = Client(enforce_csrf_checks=True, headers={"Accept-Language": language})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/open311/v2/{path}", query)

    def json(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        text = body(answer)
        assert answer.status_code == 200, text
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(text)

    def xml(self, path: str, **query: Any) -> ElementTree.Element:
        answer = self.get(path, **query)
        text = body(answer)
        assert answer.status_code == 200, text
        assert answer["Content-Type"] == "text/xml; charset=utf-8"
        assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
        return ElementTree.fromstring(text)

    def post(self, form: str = "json", **arguments: Any) -> Any:
        given = {"service_code": DRAINS, "lat": SPOT[1], "long": SPOT[0], "description": "下水道堵塞"}
        given = {name: value for name, value in {**given, **arguments}.items() if value is not None}
        return self.client.post(f"/open311/v2/requests.{form}", given)

    def opened(self, **arguments: Any) -> str:
        """The number of a request that must be taken."""
        answer = self.post(**arguments)
        assert answer.status_code == 201, body(answer)
        return str(answer.json()[0]["service_request_id"])


def body(answer: Any) -> str:
    """The text of an answer, streamed or not."""
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def faults(answer: Any) -> list[str]:
    """The descriptions of an error, which must have the published form with its own status in it."""
    told = json.loads(body(answer))
    assert [set(each) for each in told] == [{"code", "description"}] * len(told)
    assert {each["code"] for each in told} == {answer.status_code}
    return [each["description"] for each in told]


@pytest.fixture
def caller(city: City, settings: Any, tmp_path: Path) -> Caller:
    settings.DATA = tmp_path
    return Caller()


@pytest.fixture
def trees(caller: Caller) -> str:
    """The procedure of street trees, published beside what the city has."""
    publish(read(STREET_TREES))
    world.forget()
    return "street-tree"


@pytest.fixture
def calling(city: City) -> Callable[[str], Caller]:
    """`calling("zh-CN")` is a program whose user reads that language."""
    return Caller
