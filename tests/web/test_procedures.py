"""How matters are handled, open to all: what the definition says, in words, in both languages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "zh-CN",
            ["网格事件", "不得与经办人为同一人", "填写：类别、承办单位、说明", "5 个工作日", "到此结束"],
        ),
        (
            "en",
            [
                "Grid event",
                "never the same person as: Handler",
                "Asks for: Kind; Unit; Remark",
                "5 working days",
            ],
        ),
    ],
)
def test_a_procedure_is_told_in_words(visit: Any, language: str, told: list[str]) -> None:
    client = visit(language=language)
    assert told[0] in client.get("/procedures").content.decode()
    page = client.get("/procedures/grid-event").content.decode()
    for words in told:
        assert words in page


@pytest.mark.usefixtures("city")
def test_every_procedure_that_is_shipped_can_be_read(visit: Any, query_budget: Any) -> None:
    client = visit()
    for name in ("grid-event", "joint-task", "patrol", "hazard-recheck"):
        client.get(f"/procedures/{name}")
        with query_budget("web: GET /procedures/{name}"):
            assert client.get(f"/procedures/{name}").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("city")
def test_a_procedure_there_is_not_is_not_found(visit: Any) -> None:
    assert visit().get("/procedures/nothing").status_code == HTTPStatus.NOT_FOUND
