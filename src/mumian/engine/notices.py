"""Who is told what: the persons behind the parties of a matter, and the words they get."""

from collections.abc import Iterable
from uuid import UUID

from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from mumian.engine.decide import LEVELS
from mumian.engine.definition import PartySpec
from mumian.engine.models import Holder, Matter
from mumian.engine.world import city
from mumian.people.models import Person, Post
from mumian.place.codes import cut


def send(matter: UUID, parties: Iterable[str], action: str) -> int:
    """Tells the persons behind the parties of a matter by e-mail; returns how many there were with an address."""
    row = Matter.objects.filter(pk=matter).first()
    if row is None:
        return 0
    people = {person.pk: person for name in parties for person in persons(row, name) if person.email}
    messages = [_message(row, action, person) for person in people.values()]
    if messages:
        get_connection().send_messages(messages)
    return len(messages)


def persons(matter: Matter, party: str) -> list[Person]:
    """The persons who are a party of a matter: those who have acted as it, else those whose post makes them it.

    A post that the definition ties to no place and no unit makes nobody a party who has not acted as it.
    """
    spec = city().procedure(matter.procedure, matter.version).definition.parties.get(party)
    if spec is None:
        return []
    acted = Holder.objects.filter(matter=matter, party=party, person__isnull=False).values("person")
    found = list(Person.objects.filter(pk__in=acted, is_active=True))
    if found or spec.post is None or not (spec.at or spec.of):
        return found
    today = timezone.localdate()
    held = Post.objects.filter(_posts(matter, spec), role_id=spec.post, person__is_active=True)
    held = held.filter(Q(begins=None) | Q(begins__lte=today), Q(ends=None) | Q(ends__gte=today))
    return [post.person for post in held.select_related("person") if post.person]


def _posts(matter: Matter, spec: PartySpec) -> Q:
    where = Q()
    if spec.at == "desk":
        where &= Q(place=matter.desk or matter.place)
    elif spec.at:
        where &= Q(place=cut(matter.place, LEVELS[spec.at]))
    if spec.of:
        where &= Q(organisation_id=matter.unit_id)
    return where


def _message(matter: Matter, action: str, person: Person) -> EmailMessage:
    definition = city().procedure(matter.procedure, matter.version).definition
    language = "en" if person.language.startswith("en") else "zh"
    with override("en" if language == "en" else "zh-hans"):
        spec = definition.actions.get(action)
        did = spec.title.get(language, action) if spec else _("A deadline")
        state = definition.states[matter.state].title.get(language, matter.state)
        subject = f"{matter.number} · {did}"
        body = _("%(title)s is now: %(state)s. Number: %(number)s") % {
            "title": matter.title or definition.title[language],
            "state": state,
            "number": matter.number,
        }
    return EmailMessage(subject, body, to=[person.email])
