"""What holds of every decision, whoever asks for whatever."""

from copy import deepcopy
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.engine.compiled import Decision, Refusal
from mumian.engine.decide import decide, may
from mumian.engine.parties import is_party, may_see
from mumian.engine.scenarios import sample
from mumian.people.actor import ANYONE, SYSTEM, Actor
from tests.engine.city import (
    EVERYONE,
    GRID,
    PARKS,
    WATER,
    Course,
    assigned,
    checking,
    reported,
    task,
    working,
)

# --- what always holds ------------------------------------------------------------------------------

COURSES = [Course(), reported(), reported(ANYONE), assigned(), working(), checking(), task()]
actors = st.sampled_from([*EVERYONE, SYSTEM, Actor(bearer=(UUID(int=1), "reporter"))])
minutes = st.integers(0, 60 * 24 * 30).map(lambda count: timedelta(minutes=count))


@st.composite
def attempts(draw):
    """Somebody tries something on some matter, with answers that mostly fit."""
    course = draw(st.sampled_from(COURSES))
    definition = course.compiled.definition
    action = draw(
        st.sampled_from([*definition.actions, "comment", "ring", "child", "merged", "migrate", "none"])
    )
    spec = definition.actions.get(action)
    names = [name.removesuffix("?") for name in spec.asks] if spec else ["clock", "text", "matter"]
    known = {
        "clock": "dispatch",
        "text": "请尽快",
        "matter": UUID(int=9).hex,
        "unit": WATER,
        "units": [PARKS],
        "where": GRID,
    }
    given = draw(
        st.sets(st.sampled_from(names)) if spec and names and draw(st.booleans()) else st.just(names)
    )
    data = {name: known.get(name) or sample(definition.form[name]) for name in given}
    return course, action, draw(actors), data, course.now + draw(minutes)


@settings(max_examples=300)
@given(attempts())
def test_deciding_changes_nothing_it_is_given(attempt):
    course, action, actor, data, now = attempt
    before, answers = deepcopy(course.matter), deepcopy(data)
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    assert course.matter == before
    assert data == answers
    if isinstance(decision, Decision):
        assert decision.matter is not course.matter
        assert (decision.matter.seq, decision.matter.head) == (before.seq, before.head)


@settings(max_examples=300)
@given(attempts())
def test_what_follows_is_always_in_order(attempt):
    course, action, actor, data, now = attempt
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    if isinstance(decision, Refusal):
        assert decision.reasons
        assert all(reason.code and reason.zh.strip() and reason.en.strip() for reason in decision.reasons)
        return
    after, states = decision.matter, course.compiled.states
    assert after.state in states
    assert (after.closed_at is not None) is states[after.state].final
    dues = [run.due_at for run in after.clocks.values() if run.running and run.due_at]
    assert after.due_at == min(dues, default=None)
    for run in after.clocks.values():
        assert run.ring_at is None or (run.running and run.ring_at >= run.started_at)
        assert not (states[after.state].final and run.running)


@settings(max_examples=300)
@given(attempts())
def test_what_is_done_could_have_been_offered_and_was_the_actors_to_do(attempt):
    course, action, actor, data, now = attempt
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    spec = course.compiled.definition.actions.get(action)
    if isinstance(decision, Refusal) or spec is None:
        return
    assert may(course.compiled, course.matter, action, actor=actor, now=now, world=course.world) is None
    party = decision.body["party"]
    assert party in spec.by
    assert actor.system or not course.matter.state or is_party(course.compiled, course.matter, party, actor)


@settings(max_examples=300)
@given(attempts())
def test_one_who_neither_sees_a_matter_nor_is_a_party_of_it_always_gets_the_same_answer(attempt):
    course, action, actor, data, now = attempt
    parties = course.compiled.definition.parties
    if not course.matter.state or may_see(course.compiled, course.matter, actor):
        return
    if any(is_party(course.compiled, course.matter, party, actor) for party in parties):
        return
    decision = decide(
        course.compiled, course.matter, action, actor=actor, data=data, now=now, world=course.world
    )
    assert isinstance(decision, Refusal)
    programs = action in ("ring", "child", "merged", "migrate")
    assert [reason.code for reason in decision.reasons] == ["system" if programs else "missing"]
