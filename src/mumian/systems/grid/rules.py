"""What the grid's definitions cannot say."""

from collections.abc import Mapping

from mumian.engine.rules import RULES, Circumstances


@RULES.condition("grid-can-settle")
def grid_can_settle(around: Circumstances) -> Mapping[str, str] | None:
    """A grid settles itself only what lies in a grid; what is known of the place no closer goes up."""
    if len(around.matter.place) >= 15:
        return None
    return {
        "zh": "此事项尚未定位到网格，不能由网格自行办结",
        "en": "This matter is not located to a grid yet, so a grid cannot settle it",
    }
