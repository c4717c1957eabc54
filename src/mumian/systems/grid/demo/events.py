"""Grid events of the demo city: what people report, and how each report runs its course.

The words are in `words.yaml`; here is how a history unfolds. All that is left to chance is drawn from one
generator, in one order, so the same seed tells the same stories.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush, merge
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from mumian.demo import DemoCity, Step, Story, matter_id
from mumian.demo.accounts import HOME_GRID, HOME_TOWN
from mumian.engine.clocks import Extension, due
from mumian.engine.limits import Limit, Span
from mumian.engine.models import Kind
from mumian.people.actor import ANYONE, Actor
from mumian.place.codes import Level, cut, parents
from mumian.yaml import load

CATALOGUE = "grid"
PROCEDURE = "grid-event"
DISPATCH, CHECK = Limit(2, Span.WORKING_HOUR), Limit(1, Span.WORKING_DAY)
RESPOND, RESOLVE = Limit(4, Span.WORKING_HOUR), Limit(5, Span.WORKING_DAY)
EXTENSION, RECHECK = Limit(5, Span.WORKING_DAY), Limit(30, Span.DAY)

HOURS = (1, 1, 0.5, 0.5, 0.5, 1, 3, 6, 9, 12, 12, 9, 6, 6, 9, 10, 9, 8, 8, 9, 8, 6, 4, 2)
"""How many reports come in each hour of a day, in proportion."""
PATROLS = range(8, 18)
"""The hours in which grid workers are about."""
CHANNELS = {"mini-program": 26, "hotline": 14, "web": 9, "counter": 5}
ON_PATROL = {**CHANNELS, "grid": 46}
"""How reports come in, in proportion; the second while grid workers are about."""
STORMS = {21: 2.2, 22: 1.4, 64: 1.9}
"""How many days ago it rained hard, and how many times the usual number of reports came in."""

HOME_KINDS = ("04.01", "04.02", "04.04", "07.01")
"""Kinds that the unit of the demo officer answers for."""
SHOWN: Sequence[tuple[str, int]] = (
    ("report", 5),
    ("report assign", 5),
    ("report assign start", 5),
    ("report assign start pause", 2),
    ("report assign start join", 2),
    ("report assign start finish", 4),
    ("report assign start give-up", 2),
    ("report send-up", 2),
    ("report assign start finish accept reopen", 2),
    ("report assign start finish redo", 1),
    ("report assign start finish object", 1),
)
"""How far matters around the demo accounts have come on the last day, and how many of each."""


def events(city: DemoCity, rng: Random) -> Iterator[Story]:
    """The city's grid events, in the order in which they were reported."""
    teller = _Teller(city, rng)
    shown = sorted(teller.shown(), key=lambda story: story.steps[0].at)
    return merge(teller.past(), shown, key=lambda story: story.steps[0].at)


@dataclass(slots=True)
class _Draft:
    """A story as it is being told."""

    matter: UUID
    grid: str
    kind: Kind
    channel: str
    reporter: Actor
    slots: dict[str, str]
    now: datetime
    desk: str
    steps: list[Step] = field(default_factory=list)
    unit: int = 0
    officer: Actor = ANYONE
    late: bool = False
    reopened: bool = False

    @property
    def by_resident(self) -> bool:
        return self.channel != "grid"

    def story(self) -> Story:
        return Story(
            self.matter, PROCEDURE, self.channel, tuple(sorted(self.steps, key=lambda step: step.at))
        )


class _Teller:
    def __init__(self, city: DemoCity, rng: Random) -> None:
        self.city, self.rng, self.calendar = city, rng, city.calendar
        self.words: dict[str, Any] = load(Path(__file__).with_name("words.yaml"))
        kinds = city.kinds(CATALOGUE)
        self.kinds = {code: kinds[code] for code in self.words["kinds"] if code in kinds}
        said = [self.words["kinds"][code] for code in self.kinds]
        self.usual = list(accumulate(each["weight"] for each in said))
        self.in_grid = list(
            accumulate(
                w["weight"] * (4 if kind.in_grid else 1)
                for w, kind in zip(said, self.kinds.values(), strict=True)
            )
        )
        self.stormy = list(accumulate(each["weight"] * (6 if each.get("storm") else 1) for each in said))
        self.told = 0

    # --- what comes in ------------------------------------------------------------------------------

    def past(self) -> Iterator[Story]:
        """What was reported day by day; what several report comes again a little later."""
        again: list[tuple[datetime, UUID, Story]] = []
        for at, storm in self._openings():
            while again and again[0][0] <= at:
                yield heappop(again)[2]
            draft = self._any(at, storm)
            self._report(draft)
            self._run(draft)
            yield draft.story()
            for story in self._reported_again(draft, at):
                heappush(again, (story.steps[0].at, story.matter, story))
        while again:
            yield heappop(again)[2]

    def shown(self) -> Iterator[Story]:
        """Matters around the demo accounts, so that each has something to do today."""
        for path, times in SHOWN:
            actions = path.split()
            for number in range(times):
                pace = [timedelta(minutes=self.rng.uniform(9, 24)) for _ in actions]
                begins = self.city.today - sum(pace, timedelta())
                kind = self.kinds[self.rng.choice(HOME_KINDS)]
                grid = self._grid_in(HOME_TOWN) if number % 2 else HOME_GRID
                draft = self._draft(begins, grid, kind, "mini-program")
                draft.reporter = self.city.residents[0] if number == 0 else ANYONE
                self._report(draft)
                for action, wait in zip(actions[1:], pace, strict=False):
                    self._do(draft, action, draft.now + wait)
                yield draft.story()

    def _openings(self) -> Iterator[tuple[datetime, bool]]:
        """When reports came in, and whether it rained hard."""
        today = self.calendar.local(self.city.today).date()
        begins = self.city.today - timedelta(days=self.city.plan.days)
        for ago in range(self.city.plan.days, -1, -1):
            for at in sorted(self._times_of(today - timedelta(days=ago), STORMS.get(ago, 1.0))):
                if begins <= at < self.city.today:
                    yield at, ago in STORMS

    def _times_of(self, day: date, weather: float) -> Iterator[datetime]:
        usual = self.city.plan.reports_a_day * (1.1 if self.calendar.is_working(day) else 0.75)
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.calendar.zone)
        for hour in self.rng.choices(range(24), HOURS, k=round(usual * weather * self.rng.gauss(1, 0.09))):
            yield midnight + timedelta(hours=hour, seconds=self.rng.uniform(0, 3600))

    def _any(self, at: datetime, storm: bool) -> _Draft:
        channels = ON_PATROL if self.calendar.local(at).hour in PATROLS else CHANNELS
        channel = self.rng.choices(list(channels), list(channels.values()))[0]
        weights = self.stormy if storm else self.in_grid if channel == "grid" else self.usual
        kind = self.rng.choices(list(self.kinds.values()), cum_weights=weights)[0]
        return self._draft(at, self.city.any_grid(self.rng), kind, channel)

    def _draft(self, at: datetime, grid: str, kind: Kind, channel: str) -> _Draft:
        self.told += 1
        matter = matter_id("grid", str(self.told))
        reporter = self._reporter(grid, channel)
        return _Draft(matter, grid, kind, channel, reporter, self._slots(grid), at, cut(grid, Level.TOWN))

    def _slots(self, grid: str) -> dict[str, str]:
        """What is filled into the sentences: where it is, and for how long."""
        slots = {slot: self.rng.choice(self.words[f"{slot}s"]) for slot in ("shop", "estate", "night")}
        slots["days"] = self.rng.choice(self.words["days"])
        return {**slots, "road": self.city.road_in(grid, self.rng), "n": str(self.rng.randint(2, 18))}

    def _reporter(self, grid: str, channel: str) -> Actor:
        if channel == "grid":
            return self.city.at_post("grid-worker", grid)
        if channel == "hotline" or self.rng.random() < 0.6:
            return ANYONE
        home = grid.startswith(HOME_GRID[: Level.COMMUNITY]) and self.rng.random() < 0.5
        return self.city.residents[0] if home else self.rng.choice(self.city.residents)

    def _reported_again(self, first: _Draft, at: datetime) -> Iterator[Story]:
        """Others who report the same thing, which the dispatcher merges."""
        hot = self.words["kinds"][first.kind.code].get("hot") and self.rng.random() < 0.08
        solved = next((step.at for step in first.steps if step.action in ("finish", "give-up")), at)
        for _ in range(self.rng.choice((1, 1, 2, 2, 3, 5)) if hot else 0):
            later = at + timedelta(hours=self.rng.expovariate(0.2), minutes=3)
            channel = self.rng.choice(("mini-program", "hotline", "web"))
            draft = self._draft(later, first.grid, first.kind, channel)
            draft.slots = first.slots
            self._report(draft)
            self._do(draft, "merge", self._dispatched(draft), original=first.matter.hex)
            if draft.now < solved and later < self.city.today:
                yield draft.story()

    def _report(self, draft: _Draft) -> None:
        lon, lat = self.city.point_in(draft.grid, self.rng)
        data: dict[str, Any] = {
            "what": self._said(draft),
            "where": {"place": draft.grid, "lon": lon, "lat": lat, "address": draft.slots["road"]},
        }
        if not draft.by_resident:
            data["category"] = draft.kind.code
        elif draft.reporter is ANYONE and (draft.channel == "hotline" or self.rng.random() < 0.15):
            data["contact"] = f"100{self.rng.randrange(10**8):08d}"  # a range no telephone has
        draft.steps.append(Step(draft.now, "report", draft.reporter, data))

    def _said(self, draft: _Draft) -> str:
        """One of the sentences for the kind; what is found on patrol is said only by those who patrol."""
        says: list[str] = self.words["kinds"][draft.kind.code]["says"]
        on_patrol = [text for text in says if text.startswith(("巡查", "入户", "走访"))]
        if draft.by_resident or not on_patrol:
            text = self.rng.choice([text for text in says if text not in on_patrol])
            text = text if draft.by_resident else f"居民反映：{text}"
        else:
            text = self.rng.choice(on_patrol)
        return text.format(**draft.slots)

    def _grid_in(self, place: str) -> str:
        return self.rng.choice(self.city.atlas.below(place, Level.GRID))

    # --- how it runs its course ---------------------------------------------------------------------

    def _run(self, draft: _Draft) -> None:
        """From a report to its end, whichever of the ways it goes."""
        way = self.rng.random()
        if not draft.by_resident and draft.kind.in_grid and self.rng.random() < 0.75:
            self._do(draft, "settle", draft.now + timedelta(minutes=self.rng.uniform(4, 80)))
        elif draft.by_resident and way < 0.02:
            self._do(draft, "withdraw", draft.now + timedelta(minutes=self.rng.uniform(2, 15)))
        elif way < 0.045:
            self._do(draft, "reject", self._dispatched(draft))
        else:
            if way < 0.075:
                self._do(draft, "send-up", self._dispatched(draft))
                if way < 0.055:
                    self._do(draft, "send-down", self._dispatched(draft, left=0.4))
            self._assign_and_handle(draft)

    def _assign_and_handle(self, draft: _Draft) -> None:
        if self.rng.random() < 0.03 and len(draft.desk) == Level.TOWN:
            self._bounce(draft)
        late = self.rng.random() < 0.01
        self._do(draft, "assign", self._dispatched(draft, left=self.rng.uniform(1.05, 2.5) if late else 0.9))
        assigned, respond = draft.now, self.city.limit(draft.kind, "respond") or RESPOND
        share = self.rng.uniform(1.05, 1.8) if self.rng.random() < 0.01 else self.rng.uniform(0.05, 0.85)
        self._do(draft, "start", self._by(assigned, respond, share))
        if self.rng.random() < 0.012:
            return  # and there it has stayed
        if self.rng.random() < 0.04:
            self._do(draft, "comment", draft.now + timedelta(minutes=self.rng.uniform(2, 40)))
        self._work(draft, assigned)
        self._check(draft)
        if draft.by_resident:
            self._afterwards(draft)

    def _bounce(self, draft: _Draft) -> None:
        """The first unit it is sent to says that it is not theirs."""
        right = self.city.unit_for(draft.kind, draft.grid)
        others = ("market", "housing", "transport", "police", "urban-management", "ecology")
        wrong = self.city.unit(self.rng.choice(others), cut(draft.grid, Level.TOWN))
        if wrong is None or wrong == right:
            return
        self._do(draft, "assign", self._dispatched(draft, left=0.5), unit=wrong)
        respond = self.city.limit(draft.kind, "respond") or RESPOND
        self._do(draft, "refuse", self._by(draft.now, respond, self.rng.uniform(0.1, 0.7)))

    def _work(self, draft: _Draft, assigned: datetime) -> None:
        """From the start to the unit's answer; now and then with a pause, more time or help from others."""
        limit = self.city.limit(draft.kind, "resolve") or RESOLVE
        ends, way = due(assigned, limit, self.calendar), self.rng.random()
        if way < 0.05:
            self._do(draft, "pause", self._between(draft.now, ends, 0.1, 0.5))
            left = self.calendar.working_seconds_between(draft.now, ends)
            self._do(
                draft, "resume", self._by(draft.now, Limit(self.rng.randint(1, 4), Span.WORKING_DAY), 0.9)
            )
            ready = self.calendar.after_working_seconds(draft.now, left * self.rng.uniform(0.2, 0.7))
        elif way < 0.07 and draft.now < ends:
            self._do(draft, "extend", self._between(draft.now, ends, 0.2, 0.9))
            ready = self._between(
                draft.now, due(assigned, limit, self.calendar, [Extension(EXTENSION)]), 0.2, 0.9
            )
        elif way < 0.085 and self.calendar.working_seconds_between(draft.now, ends) > 3 * 7 * 3600:
            ready = self._between(self._joined(draft), ends, 0.2, 0.9)
        else:
            draft.late = self.rng.random() < 0.085
            share = (
                self.rng.uniform(1.03, 1.5) if draft.late else 0.08 + 0.84 * self.rng.betavariate(1.5, 1.6)
            )
            ready = self._by(assigned, limit, share)
        ready = max(ready, draft.now + timedelta(minutes=self.rng.uniform(6, 40)))
        unfixed = self.rng.random() < 0.03
        self._do(draft, "give-up" if unfixed else "finish", ready)
        again = self._by(draft.now, CHECK, self.rng.uniform(0.05, 0.4))
        if self.rng.random() < (0.2 if unfixed else 0.06) and again + timedelta(hours=26) < ends:
            self._do(draft, "redo", again)
            self._do(draft, "finish", self._between(draft.now, ends, 0.1, 0.85))

    def _joined(self, draft: _Draft) -> datetime:
        """Other units are asked to join in; each answers on a later day. Returns when all have."""
        town = cut(draft.grid, Level.TOWN)
        units = [
            self.city.unit(kind, town)
            for kind in self.rng.sample(("police", "market", "fire", "housing", "ecology"), 2)
        ]
        asked = [unit for unit in units if unit is not None and unit != draft.unit]
        self._do(draft, "join", self._by(draft.now, DISPATCH, 0.6), units=asked)
        answers = sorted((self._by(draft.now, CHECK, self.rng.uniform(1.01, 1.9)), unit) for unit in asked)
        for at, unit in answers:
            action = "answer" if self.rng.random() < 0.85 else "decline"
            reason = {action if action == "answer" else "reason": self._reason(action)}
            draft.steps.append(Step(at, action, self.rng.choice(self.city.officers(unit)), reason, part=unit))
        return answers[-1][0]

    def _check(self, draft: _Draft) -> None:
        share = self.rng.uniform(1.1, 1.6) if self.rng.random() < 0.01 else self.rng.uniform(0.03, 0.85)
        accepted = draft.steps[-1].action == "finish"
        self._do(draft, "accept" if accepted else "confirm", self._by(draft.now, CHECK, share))
        if accepted and draft.kind.hazard:
            self._check_again(draft)

    def _check_again(self, draft: _Draft) -> None:
        """A hazard is looked at again within a month; of the latest, some are back."""
        share = self.rng.uniform(1.01, 1.1) if self.rng.random() < 0.04 else self.rng.uniform(0.3, 0.97)
        at, worker = self._by(draft.now, RECHECK, share), self._who(draft, "accept")
        back = self.rng.random() < 0.3 and at > self.city.today - timedelta(days=1)
        action, remark = ("unsafe", "又出现同样的隐患") if back else ("safe", "现场复查，隐患未再出现")
        draft.steps.append(Step(at, action, worker, {"remark": remark}, part="hazard-recheck"))

    def _afterwards(self, draft: _Draft) -> None:
        """The resident's word."""
        closed, way = draft.now, self.rng.random()
        if way < 0.15:
            self._do(draft, "agree", closed + timedelta(hours=self.rng.uniform(0.1, 20)))
        elif way < 0.4:
            self._do(draft, "rate", closed + timedelta(hours=self.rng.uniform(0.1, 20)))
        elif way < 0.42 and not (draft.late or draft.kind.hazard or draft.reopened):
            draft.reopened = True
            self._do(draft, "reopen", closed + timedelta(days=self.rng.uniform(0.3, 6)))
            self._assign_and_handle(draft)

    # --- who does it and what is said ---------------------------------------------------------------

    def _do(self, draft: _Draft, action: str, at: datetime, **data: Any) -> None:
        """Adds a step: by whoever may take it, with what it asks for."""
        draft.now = at + timedelta(microseconds=self.rng.randrange(10**6))
        actor = self._who(draft, action)
        match action:
            case "assign":
                draft.unit = data.setdefault("unit", self.city.unit_for(draft.kind, draft.grid))
                draft.officer = self.rng.choice(self.city.officers(draft.unit))
                data["category"] = draft.kind.code
                if self.rng.random() < 0.12:
                    data["remark"] = self._reason("remark")
            case "settle":
                data |= {"category": draft.kind.code, "result": self._result(draft)}
            case "finish":
                data["result"] = self._result(draft)
            case "give-up":
                data["result"] = self._reason(action)
            case "join":
                data.setdefault("units", self._helpers(draft))
                data["task"] = self._reason(action)
            case "rate":
                data["mark"] = self._mark(draft)
                if self.rng.random() < 0.3:
                    data["remark"] = self.rng.choice(
                        self.words["marks"]["good" if data["mark"] > 3 else "poor"]
                    )
            case "comment":
                data["text"] = "已联系现场负责人，安排人员进场"
            case "send-up":
                draft.desk, data["reason"] = next(parents(draft.desk)), self._reason(action)
            case "send-down":
                draft.desk = cut(draft.grid, Level.TOWN)
            case "refuse" | "pause" | "extend" | "redo" | "reject" | "withdraw" | "reopen" | "object":
                data["reason"] = self._reason(action)
        draft.steps.append(Step(draft.now, action, actor, data))

    def _who(self, draft: _Draft, action: str) -> Actor:
        match action:
            case "assign" | "send-up" | "send-down" | "merge" | "reject":
                return self.city.at_post("dispatcher", draft.desk)
            case "extend":
                return self.city.at_post("supervisor", draft.desk)
            case "accept" | "confirm" | "redo" | "settle":
                return self.city.at_post("grid-worker", draft.grid)
            case "withdraw" | "reopen" | "rate" | "agree" | "object":
                return (
                    Actor(bearer=(draft.matter, "reporter")) if draft.reporter is ANYONE else draft.reporter
                )
            case _:
                return draft.officer

    def _helpers(self, draft: _Draft) -> list[int]:
        units = (self.city.unit(kind, cut(draft.grid, Level.TOWN)) for kind in ("police", "market"))
        return [unit for unit in units if unit is not None]

    def _reason(self, action: str) -> str:
        return str(self.rng.choice(self.words["reasons"][action]))

    def _result(self, draft: _Draft) -> str:
        return str(self.rng.choice(self.words["kinds"][draft.kind.code]["done"]))

    def _mark(self, draft: _Draft) -> int:
        usual, poor = (2, 2, 8, 28, 60), (18, 20, 30, 20, 12)
        return self.rng.choices(range(1, 6), poor if draft.late else usual)[0]

    # --- when ---------------------------------------------------------------------------------------

    def _dispatched(self, draft: _Draft, *, left: float = 0.9) -> datetime:
        """When the dispatcher gets to it: in working time, or within minutes where it cannot wait."""
        respond = self.city.limit(draft.kind, "respond") or RESPOND
        if left <= 1 and respond.span in (Span.MINUTE, Span.HOUR):
            return draft.now + timedelta(minutes=min(self.rng.lognormvariate(2, 0.6), 50))
        share = left if left > 1 else min(self.rng.lognormvariate(-1.6, 0.8), left)
        return self._by(draft.now, DISPATCH, share)

    def _by(self, start: datetime, limit: Limit, share: float) -> datetime:
        """When such a share of a limit is used up, of working time unless it runs by the clock."""
        ends = due(start, limit, self.calendar)
        worked = self.calendar.working_seconds_between(start, ends)
        if limit.span in (Span.MINUTE, Span.HOUR) or worked <= 0:
            return start + (ends - start) * share
        return self.calendar.after_working_seconds(start, worked * share)

    def _between(self, start: datetime, ends: datetime, low: float, high: float) -> datetime:
        """Some working moment between two; between low and high of the way."""
        share, worked = self.rng.uniform(low, high), self.calendar.working_seconds_between(start, ends)
        if worked <= 0:
            return start + max(ends - start, timedelta(minutes=5)) * share
        return self.calendar.after_working_seconds(start, worked * share)
