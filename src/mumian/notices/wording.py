"""What is said: what was done, how it stands, until when, and what the reader can do now; in the reader's language.

Nothing anybody wrote is said, for a letter or a screen may be read by others: the words are behind the link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel import Locale
from babel.dates import format_skeleton, format_time
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mumian.engine.compiled import Compiled
from mumian.engine.looking import Look, look
from mumian.engine.matter import Matter
from mumian.engine.numbers import link_secret
from mumian.engine.parties import may_see
from mumian.engine.world import city
from mumian.notices.models import Subscription
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Person, Post
from mumian.record.models import Entry

MOST = 30
"""Matters told of in one notice; of more it says how many."""
MOST_ACTS = 5
_TONES = ("primary", "plain", "quiet", "danger")
_LOCALES = {"zh": Locale("zh", script="Hans"), "en": Locale("en", "GB")}


@dataclass(frozen=True, slots=True)
class News:
    """What there is to say about one matter."""

    number: str
    about: str
    done: Sequence[str]
    state: str
    due: str
    can: Sequence[str]
    url: str

    def sentence(self) -> str:
        """All of it in one line."""
        parts = [
            self.state,
            self.due,
            _("You can: %(can)s") % {"can": _("; ").join(self.can)} if self.can else "",
        ]
        return _(". ").join(part for part in parts if part)

    def letter(self) -> str:
        """All of it, a line each."""
        lines = [
            f"{self.number} {self.about}".strip(),
            _("What was done: %(done)s") % {"done": _("; ").join(self.done)} if self.done else "",
            _("How it stands: %(state)s") % {"state": self.state} if self.state else "",
            self.due,
            _("What you can do now: %(can)s") % {"can": _("; ").join(self.can)} if self.can else "",
            self.url,
        ]
        return "\n".join(line for line in lines if line)


def news(who: Person | Subscription, of: Mapping[UUID, Sequence[int]]) -> list[News]:
    """What one who is told may know of matters and their entries, in the language that is active.

    What was sealed meanwhile, or is confidential and lies elsewhere, is left out.
    """
    wanted = dict(list(of.items())[:MOST])
    rows = Entry.objects.filter(subject__in=wanted).values_list("subject", "seq", "action", "body")
    entries = {(subject, seq): (action, body) for subject, seq, action, body in rows}
    reader = _Reader.of(who)
    found = []
    for matter, seqs in wanted.items():
        seen = look(SYSTEM, matter)
        if seen is not None and reader.sees(seen):
            done = [entries[matter, seq] for seq in sorted(seqs) if (matter, seq) in entries]
            found.append(reader.tell(seen, done))
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """One who is told: as whom he or she may act."""

    actors: Sequence[Actor]
    bearer: tuple[UUID, str] | None = None

    @classmethod
    def of(cls, who: Person | Subscription) -> "_Reader":
        if isinstance(who, Subscription) and who.matter is not None:
            bearer = (who.matter, who.party)
            return cls([Actor(bearer=bearer)], bearer)
        person = who.pk if isinstance(who, Person) else who.person
        today = timezone.localdate()
        posts = Post.objects.filter(person=person).select_related("role", "organisation")
        held = [post.as_actor() for post in posts if post.held_on(today)]
        return cls([*held, Actor(person=person)])

    def sees(self, seen: Look) -> bool:
        """Whether there is anything to tell: of what is confidential or sealed, not even the number to others."""
        if self.bearer is not None:
            return seen.matter.state not in seen.compiled.sealed
        if not seen.compiled.definition.confidential:
            return True
        return any(may_see(seen.compiled, seen.matter, actor) for actor in self.actors)

    def tell(self, seen: Look, done: Sequence[tuple[str, Mapping[str, object]]]) -> News:
        matter, compiled = seen.matter, seen.compiled
        own = self.bearer is None or self.bearer[0] == matter.id
        url = settings.SITE_URL + self._where(matter, own=own)
        if compiled.definition.confidential:
            return News(matter.number, "", [], _("There is news of it."), "", [], url)
        possible = self._possible(seen) if own else []
        said = [_called(compiled, action, body) for action, body in done]
        return News(
            matter.number,
            _about(compiled, matter),
            list(dict.fromkeys(said)),
            _standing(compiled, matter),
            _due(compiled, matter),
            possible,
            url,
        )

    def _possible(self, seen: Look) -> list[str]:
        now = timezone.now()
        possible = {
            name: spec
            for actor in self.actors
            for name, spec in Look(actor, seen.matter, seen.compiled).possible(now).items()
        }
        likeliest = sorted(possible, key=lambda name: _TONES.index(possible[name].tone))
        return [words(possible[name].title, name) for name in likeliest[:MOST_ACTS]]

    def _where(self, matter: Matter, *, own: bool) -> str:
        if self.bearer is None:
            return reverse("web:matter", args=[matter.number])
        if not own:
            return f"{reverse('web:track')}?number={matter.number}"
        return reverse("web:link-matter", args=[matter.number, link_secret(*self.bearer, city().key)])


def words(title: Mapping[str, str], otherwise: str = "") -> str:
    """A text of a definition in the language that is active."""
    return title.get(_language()) or otherwise


def moment(value: datetime) -> str:
    """A time in the city's zone: 11月27日 18:00, 27 Nov, 18:00."""
    value, locale = timezone.localtime(value), _LOCALES[_language()]
    day = format_skeleton("MMMd", value, locale=locale)
    return _("%(date)s, %(time)s") % {"date": day, "time": format_time(value, "HH:mm", locale=locale)}


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _called(compiled: Compiled, action: str, body: Mapping[str, object]) -> str:
    if spec := compiled.definition.actions.get(action):
        return words(spec.title, action)
    if action == "ring":
        name = str(body.get("clock", ""))
        clock = words(compiled.clocks[name].title, name) if name in compiled.clocks else name
        said = _("Time limit passed: %(clock)s") if "overdue" in body else _("Time limit near: %(clock)s")
        return said % {"clock": clock}
    return _("Something was noted")


def _about(compiled: Compiled, matter: Matter) -> str:
    kind = city().kinds.get(compiled.catalogue, {}).get(matter.category)
    if kind is None:
        return words(compiled.definition.title)
    return words({"zh": kind.title, "en": kind.title_en or kind.title})


def _standing(compiled: Compiled, matter: Matter) -> str:
    state = (
        words(compiled.states[matter.state].title, matter.state) if matter.state in compiled.states else ""
    )
    if ending := compiled.definition.outcomes.get(matter.outcome):
        return _("%(state)s: %(outcome)s") % {"state": state, "outcome": words(ending)}
    return state


def _due(compiled: Compiled, matter: Matter) -> str:
    """What is due first, and when."""
    running = [run for run in matter.clocks.values() if run.running and run.due_at]
    if not running:
        return ""
    run = min(running, key=lambda each: each.due_at or timezone.now())
    spec = compiled.clocks.get(run.name)
    assert run.due_at is not None
    parts = {"clock": words(spec.title, run.name) if spec else run.name, "when": moment(run.due_at)}
    return _("%(clock)s: %(when)s at the latest") % parts
