"""What is due to people at each stage of a case, as `rights.yaml` has it; each opens a matter of its own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mumian.engine.matter import Data
from mumian.engine.rules import RULES, Circumstances, Effect, Open
from mumian.yaml import load

FACTS = ("case", "name", "offence", "where", "unit", "in_custody", "minor", "mandatory", "detained_at")
"""What is carried from a stage to the rights in it."""
WAIVABLE = ("family", "interpreter", "victim")
"""The law knows when these need not be given: nobody can be told, the language is understood, there is no victim."""
EACH_TIME = ("interpreter", "adult")
"""These are there each time the person is questioned, however often that is."""


@RULES.effect("open-rights")
def open_rights(around: Circumstances) -> list[Effect]:
    """Puts on the list what is due from the state that the stage has come to."""
    matter, data = around.matter, around.matter.data
    stage = _table().get(matter.procedure, {}).get(matter.state)
    if stage is None:
        return []
    facts = {name: data[name] for name in FACTS if name in data}
    facts |= {"case": data.get("case") or matter.id.hex, "phase": stage["phase"]}
    facts["since"] = data[stage["since"]] if "since" in stage else around.now.isoformat()
    return [
        Open(
            "right",
            "open",
            {**facts, "right": due["right"], "undated": due.get("undated", False)},
            part=False,
        )
        for due in stage["due"]
        if _any(due.get("if"), data, otherwise=True) and not _any(due.get("unless"), data, otherwise=False)
    ]


def _any(fields: Mapping[str, Any] | None, data: Data, *, otherwise: bool) -> bool:
    if fields is None:
        return otherwise
    return any(
        bool(data.get(name)) if value is True else data.get(name) == value for name, value in fields.items()
    )


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = load(Path(__file__).with_name("rights.yaml"))
    return found


def _only_if(name: str, rights: tuple[str, ...], zh: str, en: str, *, those: bool = True) -> None:
    """Registers a condition on which right it is: one of those, or none of them."""

    def condition(around: Circumstances) -> Mapping[str, str] | None:
        return None if (around.matter.data.get("right") in rights) is those else {"zh": zh, "en": en}

    RULES.condition(name)(condition)


_only_if("is-legal-aid", ("legal-aid",), "只适用于通知法律援助机构", "It is for telling legal aid")
_only_if(
    "not-legal-aid", ("legal-aid",), "请选择法律援助机构并发送通知", "Choose the legal aid centre and tell it", those=False
)  # fmt: skip
_only_if(
    "may-be-waived", WAIVABLE, "法律没有规定例外，应当落实", "The law knows no exception; it is to be given"
)
_only_if(
    "each-time",
    EACH_TIME,
    "只适用于每次讯问均须到场的人员",
    "It is for those who are there at each questioning",
)
