"""What the grid's definitions cannot say."""

import re
from collections.abc import Mapping

from mumian.engine.limits import Limit
from mumian.engine.matter import Matter
from mumian.engine.rules import RULES, Circumstances, Effect, Open
from mumian.systems.grid.checklists import Item, checklists

GRID_DIGITS = 15


@RULES.condition("grid-can-settle")
def grid_can_settle(around: Circumstances) -> Mapping[str, str] | None:
    """A grid settles itself only what lies in a grid; what is known of the place no closer goes up."""
    if len(around.matter.place) >= GRID_DIGITS:
        return None
    return {
        "zh": "此事项尚未定位到网格，不能由网格自行办结",
        "en": "This matter is not located to a grid yet, so a grid cannot settle it",
    }


@RULES.effect("recheck-hazard")
def recheck_hazard(around: Circumstances) -> list[Effect]:
    """A hazard that is put right is checked again later, wherever it lies in a grid."""
    matter = around.matter
    if not around.kind.get("hazard") or len(matter.place) < GRID_DIGITS:
        return []
    what = {
        "what": matter.title or matter.number or "…",
        "where": matter.data.get("where") or {"place": matter.place},
        "category": matter.category,
    }
    return [Open("hazard-recheck", "plan", what, part=False)]


@RULES.checklist("patrol-items")
def patrol_items(matter: Matter) -> list[Mapping[str, str]]:
    """What a round looks at."""
    checklist = checklists().get(str(matter.data.get("checklist")))
    return [item.title for item in checklist.items] if checklist else []


@RULES.condition("patrol-items-exist")
def patrol_items_exist(around: Circumstances) -> Mapping[str, str] | None:
    """The numbers named as failed are numbers of the checklist."""
    wrong = [number for number in _numbers(around) if not 1 <= number <= len(_items(around))]
    if not wrong:
        return None
    said = ", ".join(map(str, wrong))
    return {"zh": f"清单中没有第 {said} 项", "en": f"The checklist has no item {said}"}


@RULES.effect("report-failed-items")
def report_failed_items(around: Circumstances) -> list[Effect]:
    """Each item that failed becomes a grid event of its kind at the place of the patrol."""
    items, where = _items(around), around.matter.data["where"]
    return [
        Open(
            "grid-event",
            "report",
            {
                "what": f"巡查发现不合格：{items[number - 1].title['zh']}",
                "where": where,
                "category": items[number - 1].kind,
            },
            part=False,
        )
        for number in _numbers(around)
    ]


@RULES.limit("patrol-period")
def patrol_period(around: Circumstances) -> Limit:
    """A weekly round has a week, a monthly one a month."""
    return checklists()[around.matter.data["checklist"]].period


def _items(around: Circumstances) -> tuple[Item, ...]:
    return checklists()[around.matter.data["checklist"]].items


def _numbers(around: Circumstances) -> list[int]:
    return sorted({int(number) for number in re.findall(r"\d{1,3}", str(around.data.get("failed") or ""))})
