"""Who may see command, and of which place."""

from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.place.codes import Level
from mumian.place.loading import current_atlas


def widest(actor: Actor) -> str:
    """The place whose command one may see: that of a post in a district or above; empty for others."""
    if actor.post is None:
        return ""
    if actor.scope is Scope.ALL:
        return city().installation.place or next(iter(current_atlas().children()), "")
    high = actor.scope is Scope.PLACE and bool(actor.place) and len(actor.place) <= Level.DISTRICT
    return actor.place if high else ""
