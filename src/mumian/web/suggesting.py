"""What intake suggests, as pages show it: likely kinds and units with their share and reason, and what may be the same."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from mumian.engine.compiled import Compiled
from mumian.engine.matter import Matter
from mumian.engine.models import Matter as Row
from mumian.engine.world import city
from mumian.intake import suggesting
from mumian.intake.learning import Advice, Ground
from mumian.intake.suggesting import Near
from mumian.web import presenting
from mumian.web.shown import Option

FEWEST, MOST = 0.03, 3
"""A share below which something is not worth naming, and how many are named."""


def kinds(compiled: Compiled, text: str) -> list[Option]:
    """The likeliest kinds of what is written, likeliest first."""
    if not text or compiled.kind_field is None or compiled.definition.procedure not in city().current:
        return []
    advice = suggesting.suggest_kinds(compiled.definition.procedure, text)
    catalogue = compiled.definition.catalogue
    return _options(advice, {each.code: presenting.kind(catalogue, each.code) for each in advice.suggestions})


def sure_kinds(compiled: Compiled, matters: Sequence[Matter]) -> dict[UUID, str]:
    """The kind each matter has, or is suggested surely; those without are left out."""
    if compiled.definition.procedure not in city().current:
        return {each.id: each.category for each in matters if each.category}
    advised = suggesting.suggester(compiled.definition.procedure).kind_many([each.title for each in matters])
    found = {each.id: each.category or advice.choice for each, advice in zip(matters, advised, strict=True)}
    return {key: code for key, code in found.items() if code}


def units(matters: Sequence[Matter]) -> dict[UUID, list[Option]]:
    """The likeliest units of each matter that has yet to be given one."""
    in_force = city().current
    found = suggesting.suggest_units(_row(matter) for matter in matters if matter.procedure in in_force)
    return {
        key: _options(advice, {each.code: presenting.unit(int(each.code)) for each in advice.suggestions})
        for key, advice in found.items()
        if isinstance(key, UUID)
    }


def near(procedure: str, where: Mapping[str, Any], kind: str, text: str) -> list[Near]:
    """Open matters near a place that may be the same as what is written, likeliest first."""
    if not where.get("place"):
        return []
    return suggesting.near(procedure, where.get("lon"), where.get("lat"), where["place"], kind, text)


def same_as(matter: Matter) -> list[Near]:
    """Open matters that may be the same as one that is there, likeliest first."""
    return suggesting.same_as(_row(matter))


def _row(matter: Matter) -> Row:
    """As much of a matter as suggesting looks at."""
    return Row(
        id=matter.id,
        procedure=matter.procedure,
        title=matter.title,
        category=matter.category,
        place=matter.place,
        lon=matter.lon,
        lat=matter.lat,
        channel=matter.channel,
        opened_at=matter.opened_at or timezone.now(),
    )


def _options(advice: Advice, titles: Mapping[str, Any]) -> list[Option]:
    return [
        Option(
            each.code,
            titles[each.code],
            each.reason.said if each.reason else "",
            None if each.reason and each.reason.ground is Ground.TABLE else each.share,
            surely=advice.sure and place == 0,
        )
        for place, each in enumerate(advice.suggestions[:MOST])
        if each.share >= FEWEST
    ]
