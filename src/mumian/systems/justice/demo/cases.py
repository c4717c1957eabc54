"""Criminal cases of the demo city, each lived through act by act in the time it took, and left in every stage."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from mumian.demo import DemoCity, naming
from mumian.engine.models import Clock
from mumian.engine.perform import Act, Refused, keyed_id, perform
from mumian.engine.visible import visible
from mumian.engine.world import city as here
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation
from mumian.systems.justice.demo.agencies import AGENCIES, people_of_justice
from mumian.systems.justice.demo.files import Files
from mumian.systems.justice.jobs import note_turn, seal_records
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages.sending import on_behalf_of

OFFENCES = ("04.01", "04.01", "04.02", "03.01", "01.01", "05.01", "05.03", "05.02")
STORIES = (
    ("fast", 5), ("ordinary", 4), ("appealed", 2), ("refused", 2), ("not-prosecuted", 1), ("returned", 1), ("held", 3),
    ("requested", 1), ("custody", 3), ("extended", 2), ("review", 3), ("trial", 2), ("announced", 1), ("minor", 1),
    ("conditional", 1), ("bail", 1), ("overdue", 1), ("asks-aid", 2),
)  # fmt: skip
"""How cases went or stand, and how many of each."""
WITH_FILES = {"review": "transfer", "trial": "prosecute"}
"""Of these stories the first case is handed on with its file, by this act; the files of the others went before."""


def live_through(city: DemoCity) -> None:
    """Lives through the cases, once."""
    if visible(SYSTEM).filter(pk=keyed_id("demo case", "0")).exists():
        return
    rng, people = Random("cases"), people_of_justice()
    files = Files(people)
    units = dict(
        Organisation.objects.filter(code__in=[code for code, *_ in AGENCIES]).values_list("code", "pk")
    )
    number = 0
    with transaction.atomic():  # all of them or none, wherever it is broken off
        for story, count in STORIES:
            for nth in range(count):
                filed = WITH_FILES.get(story, "") if nth == 0 else ""
                _Case(number, city, rng, people, units, files, filed).live(story)
                number += 1


def told(story: str) -> list[UUID]:
    """The cases of a story, in their order."""
    names = [name for name, count in STORIES for _nth in range(count)]
    return [keyed_id("demo case", str(number)) for number, name in enumerate(names) if name == story]


@dataclass
class _Case:
    """One case as it goes on."""

    number: int
    city: DemoCity
    rng: Random
    people: dict[str, Actor]
    units: dict[str, int]
    files: Files
    filed: str
    at: datetime = field(init=False)
    stages: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.id = keyed_id("demo case", str(self.number))
        self.name = naming.person(self.rng)
        self.at = self.city.today

    def live(self, story: str) -> None:
        """Goes through the story, which began so long ago that it ends by today."""
        days = _LASTS.get(story, 60) + self.rng.uniform(0, 12 if _LASTS.get(story, 60) > 12 else 0.4)
        self.at = self.city.today - timedelta(days=min(days, max(12, self.city.plan.days - 1)))
        getattr(self, f"_{story.replace('-', '_')}")()

    # --- acting ---

    def do(
        self, who: str, action: str, stage: str = "investigation", after: float = 0.0, **data: Any
    ) -> None:
        """An act so many days after the one before."""
        self.at = min(self.at + timedelta(days=after), self.city.today)
        actor = SYSTEM if who == "system" else self.people[who]
        key = self.stages.get(stage, self.id)
        opens = stage if action in ("detain", "file") else None
        spec = here().procedure(stage).definition.actions[action]
        if spec.carried and action == self.filed:
            self.files.through(who, key, action, data, self.at)
        else:
            actor = on_behalf_of(actor) if spec.carried else actor
            self._perform([Act(action, actor, data, key, opens=opens, at=self.at)])
        if spec.opens:
            found = visible(SYSTEM).filter(parent=key, procedure=spec.opens.procedure)
            opened = found.order_by("-opened_at", "-pk").values_list("pk", flat=True)[0]
            self.stages[spec.opens.procedure] = opened
            if agency := TOLD_BY.get(spec.opens.procedure):
                self._give({"counsel": 0.01, "victim": 0.01}, of=opened, by=agency)

    def _perform(self, acts: list[Act]) -> None:
        for result in perform(acts, now=self.at, quiet=True):
            if isinstance(result, Refused):
                raise RuntimeError(f"a case of the demo was refused: {acts[0].action}: {result.reasons}")

    def to(self, code: str) -> list[int]:
        return [self.units[code]]

    # --- parts of stories ---

    def _detain(self, **more: Any) -> None:
        place = self.rng.choice(list(self.city.grids))
        lon, lat = self.city.point_in(place, self.rng)
        facts = {
            "name": self.name, "offence": self.rng.choice(OFFENCES), "unit": self.units["police"],
            "where": {"place": place, "lon": lon, "lat": lat}, "detained_at": self.at.isoformat(),
            "filed_as": f"木公刑〔{self.at:%Y}〕{301 + self.number}号",
        }  # fmt: skip
        self.do("police", "detain", **{**facts, **more})
        self._give({"family": 0.2, "custody-house": 0.1, "questioning": 0.1, "counsel": 0.0})

    def _give(self, rights: dict[str, float], of: UUID | None = None, by: str = "police") -> None:
        """Rights in a stage that are given one after another, each so many days after the one before."""
        rows = visible(SYSTEM).filter(parent=of or self.id, procedure="right", closed_at=None)
        due = {row.data["right"]: row.pk for row in rows}
        acts = []
        for right, after in ((each, after) for each, after in rights.items() if each in due):
            self.at = min(self.at + timedelta(days=after), self.city.today)
            data = {"done_at": self.at.isoformat(), "how": "已当面告知并记录在案"}
            acts.append(Act("give", self.people[by], data, due[right], at=self.at))
        self._perform(acts)

    def _request(self, **more: Any) -> None:
        self._detain(**more)
        self.do(
            "police",
            "request-arrest",
            after=1.5,
            to=self.to("procuratorate"),
            facts="有监控录像、证人证言和赃物。",
        )

    def _arrest(self, **more: Any) -> None:
        self._request(**more)
        self.do("prosecutor", "approve", "arrest-review", after=4, reason="有社会危险性，应当逮捕。")
        self.do("police", "execute-arrest", after=0.3, arrested_at=self.at.isoformat())
        self._give({"family": 0.2, "questioning": 0.2})

    def _hand(self, **more: Any) -> None:
        self._arrest(**more)
        self.do("police", "transfer", after=10, to=self.to("procuratorate"), facts="事实清楚，证据确实充分。")

    def _plead(self) -> None:
        self.do(
            "prosecutor", "plea", "prosecution-review", after=1, counsel_present=True, present="值班律师",
            proposal="拘役四个月",
        )  # fmt: skip

    def _prosecute(self, after: float = 3) -> None:
        self.do(
            "prosecutor",
            "prosecute",
            "prosecution-review",
            after=after,
            to=self.to("court"),
            facts="应当追究刑事责任。",
        )

    def _announce(self, months: int, after: float) -> None:
        self.do(
            "judge", "announce", "first-trial", after=after, decision="judgment", verdict="convicted",
            sentence_months=months, served_at=min(self.at + timedelta(days=after), self.city.today).isoformat(),
        )  # fmt: skip

    def _execute(self) -> None:
        run = Clock.objects.get(matter=self.stages["first-trial"], name="appeal")
        assert run.due_at is not None
        if run.due_at >= self.city.today:
            return
        self.at = max(self.at, run.due_at + timedelta(minutes=1))
        self.do("system", "take-effect", "first-trial")
        self.do("judge", "hand-over", "first-trial", after=2, to=self.to("prison"))
        self.do("warden", "deliver", "execution", after=3, manner="prison")

    # --- stories ---

    def _fast(self) -> None:
        self._hand()
        self._plead()
        self.do("prosecutor", "go-fast", "prosecution-review", over_one_year=False)
        self._prosecute()
        self.do("judge", "choose-track", "first-trial", after=0.5, track="fast", over_one_year=False)
        self._announce(4, 4)
        self._execute()

    def _ordinary(self) -> None:
        self._hand()
        self._prosecute(9)
        self._announce(30, 20)
        self._execute()

    def _appealed(self) -> None:
        self._hand()
        self._prosecute(8)
        self._announce(84, 15)
        self.do(
            "judge",
            "appeal",
            "first-trial",
            after=4,
            appellant="defendant",
            to=self.to("court-above"),
            reason="量刑过重。",
        )
        if self.id != told("appealed")[0]:  # the file of the first is brought by hand, see `handing`
            self.do("judge", "send-up", "first-trial", after=1)

    def _refused(self) -> None:
        self._request()
        self.do(
            "prosecutor",
            "refuse",
            "arrest-review",
            after=4,
            ground="no-need",
            refusal="无社会危险性，可以取保候审。",
        )
        self.do("police", "release", after=0.2, reason="不批准逮捕，立即释放。")
        self.do("police", "impose", after=0.1, measure="bail", measure_from=self.at.isoformat())

    _bail = _refused

    def _not_prosecuted(self) -> None:
        self._hand()
        self.do(
            "prosecutor",
            "not-prosecute",
            "prosecution-review",
            after=9,
            ground="discretion",
            reason="情节轻微，已赔偿。",
        )

    def _returned(self) -> None:
        self._hand()
        self.do("prosecutor", "return", "prosecution-review", after=8, wanted="查明赃物去向，补充估价。")

    def _held(self) -> None:
        self._detain()

    def _requested(self) -> None:
        self._request()

    def _custody(self) -> None:
        self._arrest()

    def _extended(self) -> None:
        self._arrest()
        self.do(
            "police",
            "ask-longer",
            after=40,
            step="first",
            to=self.to("procuratorate-above"),
            reason="案情复杂，需要跨省取证。",
        )
        self.do("upper-prosecutor", "grant", "custody-extension", after=3, reason="同意延长一个月。")

    def _review(self) -> None:
        self._hand()
        if self.rng.random() < 0.6:
            self._plead()

    def _trial(self) -> None:
        self._hand()
        self._prosecute()

    def _announced(self) -> None:
        self._hand()
        self._prosecute()
        self._announce(12, 6)

    def _minor(self) -> None:
        self._detain(minor=True)
        self._give({"adult": 0.0})
        self.do("police", "release", after=1, reason="未成年，取保候审。")
        self.do("police", "transfer", after=12, to=self.to("procuratorate"), facts="情节轻微。")
        self.do(
            "prosecutor",
            "not-prosecute",
            "prosecution-review",
            after=9,
            ground="discretion",
            reason="初犯、情节轻微。",
        )
        seal_records(self.id, now=self.at)

    def _conditional(self) -> None:
        self._detain(minor=True)
        self._give({"adult": 0.0})
        self.do("police", "release", after=1, reason="未成年，取保候审。")
        self.do("police", "transfer", after=12, to=self.to("procuratorate"), facts="可能判处一年以下。")
        self.do("prosecutor", "conditional", "prosecution-review", after=9, months=6, reason="有悔罪表现。")

    def _overdue(self) -> None:
        self._detain()

    def _asks_aid(self) -> None:
        self._detain(mandatory=True)
        right = visible(SYSTEM).get(parent=self.id, procedure="right", data__right="legal-aid")
        told = {"to": self.to("legal-aid")}
        self._perform([Act("notify-aid", self.people["police"], told, right.pk, at=self.at)])
        self.stages["legal-aid"] = visible(SYSTEM).get(parent=right.pk, procedure="legal-aid").pk
        if self.number % 2:
            counsel = Counsel.objects.select_related("person").exclude(person__username=None)[0]
            self.do(
                "aid",
                "assign",
                "legal-aid",
                after=0.2,
                lawyer=counsel.person_id.hex,
                why="专长对口，尚未轮到过",
            )
            note_turn(lawyer=counsel.person_id.hex, at=self.at.isoformat())


TOLD_BY = {"prosecution-review": "prosecutor", "first-trial": "judge"}
"""Who tells people of their rights when a case has come to a stage."""
_LASTS = {
    "held": 1, "requested": 4, "custody": 30, "extended": 60, "review": 22, "trial": 30, "announced": 32, "overdue": 6,
    "asks-aid": 1.2, "bail": 12, "returned": 34, "conditional": 40, "minor": 40, "fast": 60, "ordinary": 85, "appealed": 60,
}  # fmt: skip
"""About how many days ago a story began."""
