"""What has been done on a matter, in words: its record as far as the one who looks may read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mumian.engine.definition import ActionSpec
from mumian.engine.files import attached_to
from mumian.engine.looking import Look
from mumian.engine.models import Attachment, StoredFile
from mumian.engine.visible import visible
from mumian.people.models import Person, Post
from mumian.record.models import Entry, Personal
from mumian.web import presenting, words
from mumian.web.shown import Colour, Event, File, Party
from mumian.web.words import Text

MOST = 300
"""Entries shown of one matter; the record page has all of them."""

FileAddress = Callable[[str, bool], str]
"""Where a file is, by its hash, and whether its small picture is meant."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote to those who work on a matter."""

    who: Text
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Brought:
    """Files that came together, in answer to one field."""

    title: Text
    at: datetime
    files: list[File]


@dataclass(frozen=True)
class History:
    """The record of a matter as it may be told to the one who looks: six statements."""

    look: Look
    file_address: FileAddress
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, look: Look, file_address: FileAddress) -> "History":
        rows = Entry.objects.filter(subject=look.matter.id).order_by("-seq")[:MOST]
        return cls(look, file_address, list(rows))

    @classmethod
    def of_many(cls, looks: Sequence[Look], address: Callable[[Look], FileAddress]) -> "list[History]":
        """Those of several matters at once: six statements for all of them together.

        What is looked up for one, such as names, is kept for all: each tells of it only what its own look may.
        """
        ids = [look.matter.id for look in looks]
        entries: dict[UUID, list[Entry]] = {}
        for entry in Entry.objects.filter(subject__in=ids).order_by("subject", "-seq"):
            entries.setdefault(entry.subject, []).append(entry)
        found = [cls(look, address(look), entries.get(look.matter.id, [])) for look in looks]
        posts = Post.objects.select_related("role").in_bulk(
            {entry.post for rows in entries.values() for entry in rows if entry.post}
        )
        people = Person.objects.in_bulk({person for each in found for person in each._shown})
        openings: dict[UUID, dict[int, dict[str, Any]]] = {}
        told = [look.matter.id for look in looks if look.involved]
        for subject, seq, values in Personal.objects.filter(subject__in=told).values_list(
            "subject", "seq", "openings"
        ):
            openings.setdefault(subject, {})[seq] = values
        brought = attached_to(ids)
        for each in found:
            key = each.look.matter.id
            vars(each).update(
                _posts=posts,
                _people={person: people[person] for person in each._shown if person in people},
                _openings=openings.get(key, {}),
                _attached=brought.get(key, []),
            )
        return found

    @property
    def events(self) -> list[Event]:
        """What was done, newest first; comments apart."""
        return [self._event(entry) for entry in self.entries if entry.action != "comment"]

    @property
    def comments(self) -> list[Comment]:
        """What was written, oldest first, as far as it may be read."""
        told = ((entry, self.words(entry).get("text")) for entry in reversed(self.entries))
        return [
            Comment(self._who(entry), entry.at, text)
            for entry, text in told
            if entry.action == "comment" and text
        ]

    @property
    def visited(self) -> list[str]:
        """The states the matter has been in, in their order."""
        return [entry.body["state"] for entry in reversed(self.entries) if "state" in entry.body]

    @property
    def files(self) -> list[Brought]:
        """What came with it, oldest first: before and after stand side by side."""
        form = self.look.compiled.definition.form
        at = {entry.seq: entry.at for entry in self.entries}
        return [
            Brought(presenting.titled(form.get(field), field), at[seq], files)
            for (seq, field), files in self._files.items()
            if seq in at
        ]

    @property
    def parties(self) -> list[Party]:
        """Those who have taken part, each with name and telephone as far as that may be seen."""
        specs = self.look.compiled.definition.parties
        held = [
            Party(
                presenting.titled(specs.get(holder.party), holder.party),
                presenting.unit(holder.organisation) or self._name(holder.person) or _("Name not shown"),
                self._name(holder.person) if holder.organisation else "",
                self._phone(holder.person),
            )
            for holder in self.look.matter.holders
        ]
        return [*self._unnamed(), *held]

    def said(self, action: str) -> bool:
        """Whether an action that says something and changes nothing was done since the matter came into its state."""
        if self.look.compiled.definition.actions[action].to or self.look.compiled.asks[action]:
            return False
        since = takewhile(lambda entry: "state" not in entry.body, self.entries)
        return any(entry.action == action for entry in since)

    def last(self, most: int) -> list[tuple[int, Event]]:
        """The newest entries with their numbers, what was written to others among them."""
        return [(entry.seq, self._event(entry)) for entry in self.entries[:most]]

    def since(self, seq: int) -> list[Event]:
        """What was done after an entry."""
        return [self._event(entry) for entry in self.entries if entry.seq > seq and entry.action != "comment"]

    def called(self, entry: Entry) -> Text:
        """What was done with an entry, in words."""
        spec = self.look.compiled.definition.actions.get(entry.action)
        return self._titled(spec, entry) if spec else self._of_itself(entry)

    def _titled(self, spec: ActionSpec, entry: Entry) -> Text:
        """What an action is called; of one that is done by another matter, that it was begun."""
        if "begins" not in entry.body:
            return presenting.titled(spec, entry.action)
        return {"zh": f"{spec.title.get('zh')}（待接收）", "en": f"{spec.title.get('en')}: begun"}

    # --- one entry ---

    def _event(self, entry: Entry) -> Event:
        spec = self.look.compiled.definition.actions.get(entry.action)
        if entry.action == "comment":
            return Event(entry.at, _("Comment"), self._who(entry), self.words(entry).get("text", ""))
        if spec is None:
            return Event(entry.at, self._of_itself(entry), _("The program"), colour=_colour_of(entry))
        answers = {**entry.body.get("data", {}), **self.words(entry)}
        return Event(
            entry.at,
            self._titled(spec, entry),
            self._who(entry),
            self._text(answers),
            self._facts(answers),
            (),
            "neutral" if entry.post is None and entry.person is None and "via" in entry.body else "leaf",
        )

    def _of_itself(self, entry: Entry) -> str:
        """What the program did by itself."""
        body = entry.body
        match entry.action:
            case "ring":
                name = str(body.get("clock", ""))
                clock = words.in_words(presenting.titled(self.look.compiled.clocks.get(name), name))
                if "overdue" in body:
                    return _("Time limit passed: %(clock)s") % {"clock": clock}
                return _("Time limit near: %(clock)s") % {"clock": clock}
            case "child":
                return _("A task handed to others came back")
            case "merged":
                return _("Reported by others too; now %(count)s reports") % {"count": body.get("reports", "")}
            case "comment":
                return _("Comment")
            case "migrate":
                return _("Goes on under version %(version)s of the procedure") % {
                    "version": body.get("version", "")
                }
            case _:
                return entry.action

    def _who(self, entry: Entry) -> Text:
        """By whom: those in office by their unit and role, to one another also by name."""
        if entry.body.get("via") and entry.person is None and entry.post is None:
            return _("The program")
        if post := self._posts.get(entry.post or 0):
            parts = [words.in_words(presenting.unit(post.organisation_id)), str(post.role)]
            return " · ".join([*parts, *filter(None, [self._name(entry.person)])])
        party = entry.body.get("party")
        title = presenting.titled(self.look.compiled.definition.parties.get(party or ""), party or "")
        return self._name(entry.person) or title

    def _text(self, answers: Mapping[str, Any]) -> str:
        """The words that were written, but for those the matter is called by, which stand above.

        What the program carries along sealed, such as the answers to an act to come, is no text for readers.
        """
        form, naming = self.look.compiled.definition.form, self.look.compiled.naming
        texts = [
            str(answers[name])
            for name, spec in form.items()
            if name in answers and name != naming and spec.type == "text" and (spec.max or 999) > SHORT
            if not (spec.program and spec.personal)
        ]
        return "\n".join(texts)

    def _facts(self, answers: Mapping[str, Any]) -> list[tuple[Text, Text]]:
        form, naming = self.look.compiled.definition.form, self.look.compiled.naming
        facts = []
        for name, spec in form.items():
            told = spec.type == "place" or (spec.type == "text" and (spec.max or 999) > SHORT)
            if name in answers and name != naming and not told:
                value = presenting.answer(self.look.compiled, spec, answers[name], self._numbers)
                facts.append((presenting.titled(spec, name), value))
        return facts

    # --- what else is read ---

    def words(self, entry: Entry) -> dict[str, Any]:
        """The personal values of an entry that may be told to the one who looks."""
        return {
            name: value
            for name, (_salt, value) in self._openings.get(entry.seq, {}).items()
            if self.look.shows(name, person=entry.person, post=entry.post)
        }

    @cached_property
    def _openings(self) -> dict[int, dict[str, Any]]:
        committed = [entry.seq for entry in self.entries if entry.body.get("personal")]
        if not committed or not self.look.involved:
            return {}
        rows = Personal.objects.filter(subject=self.look.matter.id, seq__in=committed)
        return dict(rows.values_list("seq", "openings"))

    @cached_property
    def _posts(self) -> dict[int, Post]:
        wanted = {entry.post for entry in self.entries if entry.post}
        return Post.objects.select_related("role").in_bulk(wanted) if wanted else {}

    @cached_property
    def _people(self) -> dict[UUID, Person]:
        """Those whose names may be shown: of those in office to those in office, of residents to those involved."""
        return Person.objects.in_bulk(self._shown) if self._shown else {}

    @cached_property
    def _shown(self) -> set[UUID]:
        acted = [(entry.person, entry.post) for entry in self.entries]
        held = [(holder.person, holder.post) for holder in self.look.matter.holders]
        in_office = self.look.actor.post is not None
        return {
            person
            for person, post in [*acted, *held]
            if person and (in_office if post else self.look.involved)
        }

    def _name(self, person: UUID | None) -> str:
        found = self._people.get(person) if person else None
        return str(found) if found else ""

    def _phone(self, person: UUID | None) -> str:
        found = self._people.get(person) if person and self.look.involved else None
        return found.phone if found else ""

    def _unnamed(self) -> list[Party]:
        """The one who opened it, if that was somebody without a name."""
        opened = self.entries[-1] if self.entries else None
        if opened is None or opened.seq > 1 or opened.person or opened.post or "via" in opened.body:
            return []
        party = opened.body.get("party", "")
        return [
            Party(
                presenting.titled(self.look.compiled.definition.parties.get(party), party),
                _("Without a name"),
            )
        ]

    @cached_property
    def _attached(self) -> Sequence[tuple[Attachment, StoredFile]]:
        return attached_to([self.look.matter.id]).get(self.look.matter.id, [])

    @cached_property
    def _files(self) -> dict[tuple[int, str], list[File]]:
        """By entry and field, in the order they came."""
        found: dict[tuple[int, str], list[File]] = {}
        if self.look.compiled.file_fields:
            for row, file in self._attached:
                small = self.file_address(row.sha256, True) if file.type.startswith("image/") else ""
                shown = File(self.file_address(row.sha256, False), file.name or _("Photo"), file.size, small)
                found.setdefault((row.seq, row.field), []).append(shown)
        return found

    @cached_property
    def _numbers(self) -> dict[UUID, str]:
        """The numbers of the matters that answers name."""
        form = self.look.compiled.definition.form
        fields = {name for name, spec in form.items() if spec.type == "matter"}
        named = {
            UUID(value)
            for entry in self.entries
            for name, value in entry.body.get("data", {}).items()
            if name in fields
        }
        if not named:
            return {}
        return dict(visible(self.look.actor).filter(pk__in=named).values_list("pk", "number"))


def told_openly(look: Look) -> tuple[list[Event], list[str]]:
    """What anyone may be told who knows the number, newest first: what was done and when; and the states gone through."""
    actions = look.compiled.definition.actions
    rows = Entry.objects.filter(subject=look.matter.id, action__in=list(actions)).order_by("-seq")[:MOST]
    told = [(at, action, body.get("state")) for at, action, body in rows.values_list("at", "action", "body")]
    events = [Event(at, presenting.titled(actions[action], action)) for at, action, state in told if state]
    return events, [state for _at, _action, state in reversed(told) if state]


SHORT = 120
"""A text field of more characters than this is a sentence; one of fewer is a fact."""


def _colour_of(entry: Entry) -> Colour:
    return "kapok" if "overdue" in entry.body else "neutral"
