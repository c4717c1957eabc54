"""Random people do random things to several matters while the clock moves on; what must always hold, holds after each.

The machine keeps its own small account of who may do what, written anew from the definitions, and a replay of
the record, so that the engine is held against something other than itself.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mumian.engine import world
from mumian.engine.compiled import Compiled
from mumian.engine.decide import may
from mumian.engine.definition import Procedure
from mumian.engine.jobs import ring_all
from mumian.engine.matter import Matter as Loaded
from mumian.engine.models import Clock, Matter
from mumian.engine.perform import Act, Done, Refused, Result, perform
from mumian.engine.rules import PART
from mumian.engine.scenarios import sample
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.people.actor import ANYONE, SYSTEM, Actor
from mumian.place.codes import Level, cut
from mumian.record.models import Entry
from mumian.record.verifying import verify_all
from tests.engine.city import (
    DISPATCHER,
    FAR_GRID,
    GRID,
    MONDAY,
    NEXT_GRID,
    OFFICER,
    PARKS,
    PLAIN_GRID,
    RESIDENT,
    STAFF,
    TEAM_OFFICER,
    WATER,
    WATER_TEAM,
    WORKER,
)
from tests.engine.conftest import clear_matters

pytestmark = pytest.mark.database

NOBODYS = UUID(int=0)
BUILT_IN = {"comment", "ring", "child", "merged", "migrate"}
PEOPLE = [*STAFF, RESIDENT, ANYONE]
LIKELY = [DISPATCHER, OFFICER, TEAM_OFFICER, WORKER, RESIDENT, SYSTEM]
AGENTS = {"dispatcher": "dispatcher", "supervisor": "supervisor", "grid-worker": "grid-worker", "checker": "grid-worker",
          "handler": "officer", "answerer": "officer", "asker": "dispatcher"}  # fmt: skip


ENDS = {"settle", "withdraw", "reject", "merge", "rate", "reopen", "decline", "recall"}
"""Done less often, so that matters go further."""
chances = st.randoms(use_true_random=True)


class City(RuleBasedStateMachine):
    """Several grid events and the joint tasks they lead to."""

    def __init__(self) -> None:
        super().__init__()
        clear_matters()
        self.now: datetime = MONDAY
        self.results: list[tuple[Act, Loaded | None, Result]] = []
        self.keys = self.turn = 0

    # --- what people do -----------------------------------------------------------------------------

    @initialize()
    def one_is_reported(self) -> None:
        self.report(RESIDENT, GRID)

    @rule(
        reporter=st.sampled_from([RESIDENT, ANYONE, WORKER]),
        where=st.sampled_from([GRID, NEXT_GRID, FAR_GRID, PLAIN_GRID]),
    )
    def somebody_reports(self, reporter: Actor, where: str) -> None:
        self.report(reporter, where)

    @rule(chance=chances, steps=st.integers(6, 14))
    def those_whose_turn_it_is_do_something(self, chance: Random, steps: int) -> None:
        for _ in range(steps):
            matter = self.matter(chance)
            options = self.options(matter)
            if options:
                action, who = chance.choices(options, [1 if action in ENDS else 5 for action, _ in options])[
                    0
                ]
                self.do(Act(action, who, self.answers(chance, matter.procedure, action), matter.id))
                self.now += timedelta(minutes=chance.choice([0, 10, 60, 300]))

    @rule(chance=chances, who=st.sampled_from(PEOPLE))
    def somebody_tries_anything(self, chance: Random, who: Actor) -> None:
        matter = self.matter(chance)
        actions = world.city().procedure(matter.procedure).definition.actions
        action = chance.choice([*actions, *sorted(BUILT_IN), "fly"])
        answers = (
            self.answers(chance, matter.procedure, action)
            if action in actions
            else {"clock": "resolve", "text": "看看"}
        )
        self.do(Act(action, who, answers, matter.id))

    @rule(chance=chances, key=st.booleans(), seen=st.booleans())
    def the_same_is_sent_twice(self, chance: Random, key: bool, seen: bool) -> None:
        matter = self.matter(chance)
        self.keys += 1
        say = Act("comment", SYSTEM, {"text": "记"}, matter.id)
        say = say._replace(key=f"k{self.keys}" if key else None, seen=matter.seq if seen else None)
        self.do(say, say)
        first, second = self.results[-2][2], self.results[-1][2]
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert second.repeated is key
        assert second.seq == first.seq + (not key)
        self.do(say)
        assert isinstance(self.results[-1][2], Refused) is (seen and not key)

    @rule(hours=st.integers(1, 24 * 6))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()  # without a precondition, which would make what is drawn depend on ids that no run repeats
    def clocks_ring(self) -> None:
        silent = not Clock.objects.filter(ring_at__lte=self.now).exists()
        assert (ring_all(self.now) == 0) is silent
        assert ring_all(self.now) == 0

    # --- how it is done -----------------------------------------------------------------------------

    def matter(self, chance: Random) -> Loaded:
        matter = chance.choice(
            list(Matter.objects.order_by("opened_at", "number").values_list("pk", flat=True))
        )
        return load([matter])[matter]

    def options(self, matter: Loaded) -> list[tuple[str, Actor]]:
        """What somebody may do now, each action by the first who may."""
        compiled, people = (
            world.city().procedure(matter.procedure),
            [*PEOPLE, Actor(bearer=(matter.id, "reporter"))],
        )
        able = {
            action: [who for who in people if self.may(compiled, matter, action, who)]
            for action, spec in compiled.definition.actions.items()
            if matter.state in (spec.from_ or [])
        }
        return [(action, who) for action, those in able.items() for who in those[:2]]

    def may(self, compiled: Compiled, matter: Loaded, action: str, who: Actor) -> bool:
        return may(compiled, matter, action, actor=who, now=self.now, world=world.city().world) is None

    def answers(self, chance: Random, procedure: str, action: str) -> dict[str, Any]:
        definition = world.city().procedure(procedure).definition
        others = list(Matter.objects.filter(procedure="grid-event").order_by("opened_at", "pk")[:5])
        known = {
            "where": GRID,
            "category": chance.choice(["01.01", "02.05"]),
            "unit": chance.choice([WATER, WATER_TEAM, PARKS]),
            "units": [PARKS, WATER_TEAM],
            "original": chance.choice(others).pk.hex,
        }
        asked = {
            ask.removesuffix("?"): definition.form[ask.removesuffix("?")]
            for ask in definition.actions[action].asks
        }
        return {
            name: known.get(name, sample(spec))
            for name, spec in asked.items()
            if spec.type not in ("files", "datetime")
        }

    def report(self, reporter: Actor, where: str) -> None:
        what = {"what": "下水道堵塞", "where": where}
        self.do(Act("report", reporter, what, opens="grid-event"))

    def do(self, *acts: Act) -> None:
        before = load([act.matter for act in acts if act.matter])
        results = perform(acts, now=self.now, quiet=True)
        for act, result in zip(acts, results, strict=True):
            note(
                f"{self.now:%d %H:%M} {act.actor.name or act.actor.bearer}: {act.action} {act.data} → {result}"
            )
            self.results.append((act, before.get(act.matter or NOBODYS), result))

    # --- what always holds --------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        matters = load(Matter.objects.values_list("pk", flat=True))
        entries: dict[UUID, list[Entry]] = {matter: [] for matter in matters}
        for entry in Entry.objects.order_by("subject", "seq"):
            entries[entry.subject].append(entry)
        assert list(verify_all()) == []
        for matter in matters.values():
            definition = world.city().procedure(matter.procedure).definition
            self.is_what_its_entries_say(matter, entries[matter.id])
            self.went_by_declared_actions(definition, matter, entries[matter.id])
            self.has_its_clocks_in_order(definition, matter)
            self.knows_its_parts(matter, matters)
        self.nobody_acted_beyond_the_post(entries)
        self.nobody_sees_beyond_the_post(matters)

    def is_what_its_entries_say(self, matter: Loaded, entries: list[Entry]) -> None:
        assert [entry.seq for entry in entries] == list(range(1, matter.seq + 1))
        assert bytes(entries[-1].hash) == matter.head
        assert {name: getattr(matter, name) for name in REPLAYED} == replay(entries)

    def went_by_declared_actions(self, definition: Procedure, matter: Loaded, entries: list[Entry]) -> None:
        state = ""
        for entry in entries:
            if entry.action in BUILT_IN:
                assert "state" not in entry.body
                continue
            spec = definition.actions[entry.action]
            assert state in spec.from_ if spec.from_ else not state
            assert entry.body["party"] in spec.by
            state = spec.to or state
        assert state == matter.state

    def has_its_clocks_in_order(self, definition: Procedure, matter: Loaded) -> None:
        final = definition.states[matter.state].final
        assert (matter.closed_at is not None) is bool(matter.outcome) is final
        dues = [run.due_at for run in matter.clocks.values() if run.running and run.due_at]
        assert matter.due_at == min(dues, default=None)
        for run in matter.clocks.values():
            assert run.stopped_at or not final
            assert run.due_at is None or run.due_at >= run.started_at
            assert run.ring_at is None or (run.running and run.ring_at >= run.started_at)

    def knows_its_parts(self, matter: Loaded, matters: dict[UUID, Loaded]) -> None:
        parts = [part for part in matters.values() if part.parent == matter.id and part.channel == PART]
        assert matter.children_open == sum(part.closed_at is None for part in parts)
        if matter.merged_into:
            assert matter.outcome == "duplicate"
            assert matters[matter.merged_into].merged_into is None

    def nobody_acted_beyond_the_post(self, entries: dict[UUID, list[Entry]]) -> None:
        for act, before, result in self.results:
            if isinstance(result, Done) and not act.actor.system and not result.repeated:
                entry = entries[result.matter][result.seq - 1]
                assert (entry.person, entry.post) == (act.actor.person, act.actor.post)
                self.was_in_the_right_post(act.actor, entry, before)
        self.results.clear()

    def was_in_the_right_post(self, actor: Actor, entry: Entry, matter: Loaded | None) -> None:
        party = entry.body.get("party")
        if matter is None or party is None or party == "reporter":
            return
        assert actor.role == AGENTS[party]
        if party in ("handler", "answerer"):
            assert matter.unit in actor.lineage
        elif party in ("checker", "grid-worker"):
            assert actor.place == cut(matter.place, Level.GRID)
        else:
            assert actor.place == matter.desk
        if party == "checker":
            assert actor.person not in {
                holder.person for holder in matter.holders if holder.party == "handler"
            }

    def nobody_sees_beyond_the_post(self, matters: dict[UUID, Loaded]) -> None:
        self.turn += 1
        for actor in PEOPLE[self.turn % 6 :: 6]:
            for matter in map(matters.__getitem__, visible(actor).values_list("pk", flat=True)):
                if actor.role == "officer":
                    assert matter.unit in actor.lineage
                elif actor.role:
                    assert actor.role == "administrator" or matter.place.startswith(actor.place)
                else:
                    assert actor.person in {holder.person for holder in matter.holders}


REPLAYED = ("state", "outcome", "place", "category", "unit", "reports", "mark")


def replay(entries: list[Entry]) -> dict[str, Any]:
    """What a matter is, from its entries alone."""
    now: dict[str, Any] = dict.fromkeys(REPLAYED, "") | {"unit": None, "reports": 1, "mark": None}
    for entry in entries:
        body = entry.body
        said = body.get("data", {})
        if "state" in body:
            now |= {"state": body["state"], "outcome": body.get("outcome", "")}
        if "where" in said:
            now["place"] = said["where"]["place"]
        now |= {name: said[name] for name in ("category", "unit", "mark") if name in said}
        now["reports"] = body.get("reports", now["reports"])
    return now


@pytest.mark.usefixtures("standing")
def test_whatever_people_do_the_engine_keeps_its_word():
    often = settings(
        max_examples=15,
        stateful_step_count=20,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),  # a failure tells its story; to shorten it would take minutes
    )
    run_state_machine_as_test(City, settings=often)
