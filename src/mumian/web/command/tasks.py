"""Tasks sent down: to whom they can go, sending them, and what has come back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.engine.decide import may
from mumian.engine.matter import Matter
from mumian.engine.models import Holder
from mumian.engine.perform import Act, Refused, perform
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.insight.standing import within
from mumian.people.actor import Actor
from mumian.people.models import Post
from mumian.place.loading import current_atlas
from mumian.web import presenting, words
from mumian.web.addresses import Addresses
from mumian.web.shown import Clock, Field, Group, Option, State
from mumian.web.words import Text

TASK, SEND, COMMANDER = "joint-task", "send", "commander"
MOST_SHOWN = 60
MOST_UNITS = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """One unit's part in what was sent."""

    unit: Text
    url: str
    number: str
    state: State
    clock: Clock | None
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A task as it was sent to several units at once."""

    title: str
    text: str
    at: datetime
    answers: Sequence[Answer]

    @property
    def answered(self) -> int:
        return sum(each.state.tone == "done" for each in self.answers)

    @property
    def late(self) -> int:
        return sum(
            each.state.tone not in ("done", "void") and bool(each.clock and each.clock.late)
            for each in self.answers
        )

    @property
    def count(self) -> int:
        return len(self.answers)

    @property
    def width(self) -> int:
        """Of the bar of answers, in per cent."""
        return round(100 * self.answered / max(self.count, 1))


def may_send(actor: Actor) -> bool:
    """Whether the actor may send tasks at all."""
    if TASK not in city().current:
        return False
    compiled = city().procedure(TASK)
    matter = Matter(UUID(int=0), TASK, compiled.version)
    return may(compiled, matter, SEND, actor=actor, now=timezone.now(), world=city().world) is None


# --- what was sent ------------------------------------------------------------------------------------


def sent_keys(actor: Actor, place: str) -> list[UUID]:
    """The latest tasks in the place that were sent from any command. One statement, by the commanders' own index."""
    spec = city().procedure(TASK).definition.parties[COMMANDER]
    senders = Post.objects.filter(role_id=spec.post, person__isnull=False).values("person")
    sent = Holder.objects.filter(person__in=senders, party=COMMANDER).values("matter_id")
    tasks = within(visible(actor).filter(procedure=TASK, pk__in=sent), place)
    return list(tasks.order_by("-opened_at", "pk").values_list("pk", flat=True)[:MOST_SHOWN])


def sent(matters: Sequence[Matter], now: datetime) -> list[Sent]:
    """Tasks as they were sent: those of one sending are one act of its sender, opened in the same instant."""
    together = groupby(matters, key=lambda matter: (matter.opened_at, matter.data.get("task", "")))
    return [
        Sent(found[0].title, str(text), at, [_answer(each, now) for each in found])
        for (at, text), group in together
        if at is not None and (found := list(group))
    ]


def _answer(matter: Matter, now: datetime) -> Answer:
    compiled = city().procedure(matter.procedure, matter.version)
    run = next(iter(matter.clocks.values()), None)
    return Answer(
        presenting.unit(matter.unit),
        Addresses(matter.number).home,
        matter.number,
        presenting.state_of(compiled, matter),
        presenting.clock(compiled, run, now) if run else None,
        str(matter.data.get("answer") or matter.data.get("reason") or ""),
    )


# --- sending --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sending:
    """The form of a task, as it was sent or yet to be filled in."""

    actor: Actor
    place: str
    task: str = ""
    due: str = ""
    units: list[str] = field(default_factory=list)
    key: str = field(default_factory=lambda: uuid4().hex)
    faults: dict[str, list[str]] = field(default_factory=dict)
    _found: list[Group] | None = None

    @classmethod
    def read(cls, request: HttpRequest, actor: Actor, place: str) -> "Sending":
        given = request.POST
        key = given.get("key", "")[:48]
        return cls(
            actor,
            place,
            given.get("task", "").strip(),
            given.get("due", "").strip(),
            given.getlist("units")[:MOST_UNITS],
            key if key.isalnum() else uuid4().hex,
        )

    @property
    def fields(self) -> list[Field]:
        """The fields as they are shown."""
        form = city().procedure(TASK).definition.form
        return [
            Field(
                "task",
                "text",
                form["task"].title,
                value=self.task,
                errors=self._said("task"),
                max=form["task"].max,
            ),
            Field(
                "units",
                "units",
                _("To whom"),
                value=self.units,
                errors=self._said("units"),
                help="" if self._groups() else _("Nobody here or below could answer."),
                groups=self._groups(),
            ),
            Field(
                "due",
                "datetime",
                form["due"].title,
                help=_("Left empty, it is three working days."),
                required=False,
                value=self.due,
                errors=self._said("due"),
            ),
        ]

    def _said(self, name: str) -> list[str]:
        return self.faults.get(name, [])

    def send(self, now: datetime) -> int:
        """Opens a task for every unit chosen; returns for how many. Where one is refused, `faults` say why."""
        known = {option.value for group in self._groups() for option in group.options}
        units = [city().units[int(key)] for key in dict.fromkeys(self.units) if key in known]
        due = self._due(now)
        if len(units) < len(set(self.units)):
            self.faults["units"] = [_("One of those chosen has nobody who could answer; choose again.")]
        elif not units:
            self.faults.setdefault("units", []).append(_("Choose at least one."))
        if not self.task:
            self.faults.setdefault("task", []).append(_("This is needed."))
        if self.faults:
            return 0
        acts = [
            Act(
                SEND,
                self.actor,
                {
                    "task": self.task,
                    "unit": unit.pk,
                    "where": {"place": self.place if self.place.startswith(unit.place) else unit.place},
                    **({"due": due.isoformat()} if due else {}),
                },
                opens=TASK,
                key=f"{self.key}{unit.pk}",
                channel="web",
            )
            for unit in units
        ]
        results = perform(acts, now=now)
        for result in results:
            if isinstance(result, Refused):
                for reason in result.reasons:
                    name = {"unit": "units", "where": "units"}.get(reason.field or "", reason.field or "task")
                    said = presenting.said([reason])[0]
                    if said not in self.faults.setdefault(name, []):
                        self.faults[name].append(said)
        return sum(not isinstance(result, Refused) for result in results)

    def _due(self, now: datetime) -> datetime | None:
        if not self.due:
            return None
        try:
            due = datetime.fromisoformat(self.due)
            due = timezone.make_aware(due) if timezone.is_naive(due) else due
        except (ValueError, OverflowError):
            self.faults["due"] = [_("Give a day and an hour.")]
            return None
        if due <= now:
            self.faults["due"] = [_("It must lie ahead.")]
        return due

    def _groups(self) -> list[Group]:
        """The centres of the places below, and the units of the place itself: those where somebody can answer."""
        if self._found is None:
            self._found = _recipients(self.actor, self.place)
        return self._found


def _recipients(actor: Actor, place: str) -> list[Group]:
    atlas, definition = current_atlas(), city().procedure(TASK).definition
    answering = {definition.parties[name].post for name in definition.actions["answer"].by}
    above = [code for code in atlas.path(place) if code.startswith(actor.place)]
    below = set(atlas.children(place))
    held = (
        Post.objects.filter(role_id__in=answering, person__isnull=False, organisation__active=True)
        .filter(organisation__place__in=[*above, *below])
        .exclude(organisation=actor.organisation)
        .values_list("organisation_id", "role_id", "organisation__place")
        .distinct()
    )
    rows = sorted(held)
    nearest = max((where for _unit, _role, where in rows if where not in below), key=len, default="")
    centres = {unit for unit, role, where in rows if where in below and role == "dispatcher"}
    here = {unit for unit, _role, where in rows if where == nearest}
    groups = [Group(_("Centres of the places below"), _options(centres))] if centres else []
    if here:
        called = words.in_words(presenting.place_name(nearest))
        groups.append(Group(_("Units: %(where)s") % {"where": called}, _options(here)))
    return groups


def _options(units: set[int]) -> list[Option]:
    known = [city().units[key] for key in units if key in city().units]
    ordered = sorted(known, key=lambda unit: (unit.place, unit.code))
    return [Option(str(unit.pk), presenting.unit(unit.pk)) for unit in ordered]
