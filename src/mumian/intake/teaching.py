"""Learning from the city's own closed matters: which kind a text is, which unit a matter goes to."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from mumian.engine import world
from mumian.intake.classify import learn_text
from mumian.intake.learning import LearningError, Measurement, Past
from mumian.intake.models import Learned
from mumian.intake.routing import learn_routing
from mumian.intake.suggesting import KINDS, UNITS, history, learned_name


def teach(procedure: str) -> dict[str, Measurement | LearningError]:
    """Learns kinds and units of a procedure anew and keeps the models with how well they did.

    Returns for `kinds` and `units` the measurement on held-out matters, or why nothing could be learned.
    """
    results: dict[str, Measurement | LearningError] = {}
    text: Measurement | LearningError
    try:
        kinds, measured = learn_text(_texts(procedure))
        _keep(learned_name(KINDS, procedure), kinds.dumps(), measured)
        text = measured
    except LearningError as error:
        text = error
    results[KINDS] = text
    try:
        units, measured = learn_routing(_routes(procedure))
        _keep(learned_name(UNITS, procedure), units.dumps(), measured)
        results[UNITS] = measured
    except LearningError as error:
        results[UNITS] = error
    return results


def _texts(procedure: str) -> Iterator[Past]:
    naming = world.city().procedure(procedure).naming
    for matter in history(procedure):
        text = str(matter.data.get(naming, "")) if naming else matter.title
        if text and matter.category:
            yield Past(text=text, label=matter.category)


def _routes(procedure: str) -> Iterator[Past]:
    for matter in history(procedure):
        if matter.unit_id is not None:
            features = {"kind": matter.category, "place": matter.place, "channel": matter.channel}
            yield Past(features=features, on=timezone.localdate(matter.opened_at), label=str(matter.unit_id))


@transaction.atomic
def _keep(name: str, model: bytes, measured: Measurement) -> None:
    Learned.objects.update_or_create(name=name, defaults={"model": model, "measured": measured.as_dict()})
    world.changed()
