"""Reading through one door: the query and the rule for one matter in hand are the same rule."""

from dataclasses import replace
from math import inf
from uuid import UUID

import pytest

from mumian.engine import world
from mumian.engine.definition import read
from mumian.engine.parties import may_see
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.engine.publishing import publish
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.people.actor import ANYONE, SYSTEM, Actor, Scope
from tests.engine.city import (
    ADMINISTRATOR,
    ASSIGN,
    CITY_DISPATCHER,
    DISPATCHER,
    EVERYONE,
    FAR_GRID,
    FAR_WORKER,
    GARDENER,
    GRID,
    MONDAY,
    NEXT_GRID,
    OFFICER,
    OTHER_RESIDENT,
    PARKS,
    PLAIN_GRID,
    REPORT,
    RESIDENT,
    SECOND_OFFICER,
    TEAM_OFFICER,
    TOWN,
    WATER,
    WATER_TEAM,
    WORKER,
    changed,
)

SECRET = changed(
    ("procedure: small", "procedure: secret"),
    ("catalogue: grid\n", "catalogue: grid\nconfidential: true\n"),
    ("form:\n", "form:\n  where: {type: place, title: {zh: 哪里, en: Where}}\n"),
    ("asks: [what, unit]", "asks: [what, unit, where]"),
    ("  do:  {", "  note: {title: {zh: 记, en: Note}, from: open, by: doer}\n  do:  {"),
)

TALK = changed(
    ("procedure: small", "procedure: talk"),
    ("catalogue: grid\n", "catalogue: grid\nconfidential: persons\n"),
    ("of: unit}", "of: unit}\n  guest: {title: {zh: 客人, en: Guest}, person: true, named: guest}"),
    (
        "form:\n",
        "form:\n  guest: {type: person, title: {zh: 客人, en: Guest}}\n"
        "  where: {type: place, title: {zh: 哪里, en: Where}}\n",
    ),
    ("asks: [what, unit]", "asks: [what, unit, where, guest]"),
    (
        "  do:  {",
        "  turn: {title: {zh: 换人, en: Change guest}, from: open, by: asker, asks: [guest]}\n"
        "  note: {title: {zh: 记, en: Note}, from: open, by: guest}\n  do:  {",
    ),
)
"""What only those who take part by name may see: who asked, and the guest whom a field names."""


@pytest.fixture
def matters(city):
    """Matters of every sort: by place, by unit, with and without a reporter's name, open to all and confidential."""
    publish(read(SECRET))
    publish(read(TALK))
    made = {}

    def opened(name, *acts):
        first, *rest = acts
        (result,) = perform([first], now=MONDAY, quiet=True)
        assert isinstance(result, Done), result
        made[name] = result.matter
        for action, actor, data in rest:
            (result,) = perform([Act(action, actor, data, made[name])], now=MONDAY, quiet=True)
            assert isinstance(result, Done), result

    def report(actor, where):
        return Act("report", actor, {**REPORT, "where": where}, opens="grid-event")

    def tell(actor, where, unit):
        return Act("ask", actor, {"what": "线索", "unit": unit, "where": where}, opens="secret")

    opened("here", report(RESIDENT, GRID))
    opened("next", report(ANYONE, NEXT_GRID))
    opened("far", report(OTHER_RESIDENT, FAR_GRID))
    opened("elsewhere", report(ANYONE, PLAIN_GRID))
    opened("town", report(RESIDENT, TOWN))
    opened("assigned", report(ANYONE, GRID), ("assign", DISPATCHER, ASSIGN))
    opened("team's", report(ANYONE, GRID), ("assign", DISPATCHER, {**ASSIGN, "unit": WATER_TEAM}))
    opened("handled", report(ANYONE, GRID), ("assign", DISPATCHER, ASSIGN), ("start", OFFICER, {}))

    def talk(actor, guest):
        data = {"what": "谈话", "unit": WATER, "where": GRID, "guest": str(guest.person)}
        return Act("ask", actor, data, opens="talk")

    opened("talk", talk(OTHER_RESIDENT, DISPATCHER))
    opened("own talk", talk(RESIDENT, RESIDENT), ("turn", RESIDENT, {"guest": str(OFFICER.person)}))
    opened(
        "left talk",
        talk(OTHER_RESIDENT, RESIDENT),
        ("turn", OTHER_RESIDENT, {"guest": SECOND_OFFICER.person and SECOND_OFFICER.person.hex}),
    )
    opened("secret", tell(RESIDENT, GRID, WATER))
    opened("officer's secret", tell(OFFICER, FAR_GRID, PARKS))
    opened(
        "vacant post's secret",
        tell(OTHER_RESIDENT, GRID, PARKS),
        ("note", replace(GARDENER, person=None), {}),
    )
    return made


ACTORS = [
    *EVERYONE,
    SYSTEM,
    *(replace(actor, person=None) for actor in (DISPATCHER, OFFICER, WORKER)),  # vacant posts
    *(replace(actor, scope=Scope.PARTY) for actor in (DISPATCHER, OFFICER)),
    *(replace(actor, place="") for actor in (DISPATCHER, OFFICER)),
    *(replace(actor, organisation=None, lineage=()) for actor in (OFFICER, GARDENER)),
    *(replace(actor, scope=Scope.ALL) for actor in (OFFICER, RESIDENT)),
]


def seen(actor: Actor, matters: dict[str, UUID]) -> set[str]:
    found = set(visible(actor).values_list("pk", flat=True))
    return {name for name, pk in matters.items() if pk in found}


def test_the_query_and_the_rule_for_one_matter_agree(matters):
    loaded = load(matters.values())
    bearers = [Actor(bearer=(pk, "reporter")) for pk in matters.values()] + [
        Actor(bearer=(UUID(int=1), "reporter"))
    ]
    for actor in [*ACTORS, *bearers]:
        by_rule = {
            name
            for name, pk in matters.items()
            if may_see(world.city().procedure(loaded[pk].procedure, loaded[pk].version), loaded[pk], actor)
        }
        assert seen(actor, matters) == by_rule, actor


def test_one_in_office_sees_what_lies_at_the_place_of_the_post_and_below(matters):
    assert seen(WORKER, matters) == {"here", "assigned", "team's", "handled"}
    assert seen(DISPATCHER, matters) == seen(WORKER, matters) | {"next", "town"}
    assert seen(CITY_DISPATCHER, matters) == {"here", "next", "far", "town", "assigned", "team's", "handled"}
    assert seen(FAR_WORKER, matters) == {"far"}


def test_an_officer_sees_what_is_assigned_to_the_own_unit_or_one_above_it(matters):
    assert seen(OFFICER, matters) == seen(SECOND_OFFICER, matters) == {"assigned", "handled", "secret"}
    assert seen(TEAM_OFFICER, matters) == {"assigned", "team's", "handled", "secret"}
    assert seen(GARDENER, matters) == {"officer's secret", "vacant post's secret"}


def test_what_one_takes_part_in_beside_the_office_one_sees_as_oneself(matters):
    as_oneself = {
        name: seen(replace(actor, scope=Scope.PARTY, place=""), matters) & TALKS
        for name, actor in (("dispatcher", DISPATCHER), ("officer", OFFICER), ("second", SECOND_OFFICER))
    }
    assert as_oneself == {"dispatcher": {"talk"}, "officer": {"own talk"}, "second": {"left talk"}}


def test_a_resident_sees_what_he_or_she_takes_part_in(matters):
    assert seen(RESIDENT, matters) == {"here", "town", "secret", "own talk"}
    assert seen(OTHER_RESIDENT, matters) == {"far", "vacant post's secret", "talk", "left talk"}
    assert seen(ANYONE, matters) == set()


def test_what_is_confidential_is_seen_by_roles_that_take_part_in_it_alone(matters):
    confidential = {"secret", "officer's secret", "vacant post's secret"}
    assert not seen(CITY_DISPATCHER, matters) & confidential
    assert not seen(replace(DISPATCHER, person=None), matters) & confidential
    assert not seen(replace(DISPATCHER, person=RESIDENT.person), matters) & confidential
    assert seen(ADMINISTRATOR, matters) == set(matters) - TALKS


TALKS = {"talk", "own talk", "left talk"}


def test_what_is_for_persons_alone_is_seen_by_those_named_as_themselves_and_by_nobody_else(matters):
    for actor in (ADMINISTRATOR, CITY_DISPATCHER, replace(OFFICER, scope=Scope.ALL, person=None), ANYONE):
        assert not seen(actor, matters) & TALKS
    for actor in (DISPATCHER, OFFICER, replace(ADMINISTRATOR, person=DISPATCHER.person)):
        assert not seen(actor, matters) & TALKS
    assert seen(replace(DISPATCHER, scope=Scope.PARTY, place=""), matters) & TALKS == {"talk"}


def test_one_whom_a_field_no_longer_names_neither_sees_nor_acts(matters):
    (refused,) = perform([Act("note", RESIDENT, {}, matters["left talk"])], now=MONDAY)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["missing"]
    (done,) = perform([Act("note", SECOND_OFFICER, {}, matters["left talk"])], now=MONDAY)
    assert isinstance(done, Done)


def test_the_holder_of_a_secret_link_sees_that_matter_alone(matters):
    assert seen(Actor(bearer=(matters["next"], "reporter")), matters) == {"next"}


def test_seeing_takes_one_query(matters, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", inf)
    for actor in ACTORS:
        visible(actor)  # reads the definitions, once
        with django_assert_num_queries(0 if actor is ANYONE else 1):
            list(visible(actor))
