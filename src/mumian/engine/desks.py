"""The desk a matter lies on: the place whose posts see to it, up and down the levels."""

from mumian.engine.compiled import Reason, World
from mumian.engine.definition import ActionSpec
from mumian.engine.matter import Data, Matter
from mumian.engine.parties import LEVELS
from mumian.place.codes import Level, cut, parents, within


def move_desk(after: Matter, spec: ActionSpec, world: World, body: Data) -> None:
    before = after.desk
    if not within(after.place, after.desk):  # it was moved to another place
        after.desk = cut(after.place, Level.of(after.desk))
    after.desk = desk_after(after, spec.desk, world) if spec.desk else after.desk or after.place
    if spec.desk or (before and after.desk != before):
        body["desk"] = after.desk


def desk_after(matter: Matter, move: str, world: World) -> str:
    """The desk it comes to lie on. Up ends at the top of the installation, down at the matter's own place."""
    desk, place = matter.desk or matter.place, matter.place
    if move == "up":
        above = next(parents(desk), desk)
        return above if within(above, world.top) else desk
    if move == "down":
        below = (cut(place, level) for level in Level)
        return next((code for code in below if len(code) > len(desk)), place)
    return cut(place, LEVELS[move])


def desk_stays(matter: Matter, spec: ActionSpec, world: World) -> Reason | None:
    """An action that is there to move the desk is refused where it would not."""
    if (
        spec.to is not None
        or spec.desk not in ("up", "down")
        or desk_after(matter, spec.desk, world) != matter.desk
    ):
        return None
    if spec.desk == "up":
        return Reason("desk", "已在最高一级，不能再上报", "It lies on the highest desk already")
    return Reason("desk", "已在所在地一级，不能再下派", "It lies on the desk of its own place already")
