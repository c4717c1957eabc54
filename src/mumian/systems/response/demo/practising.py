"""What the demo city practises and walks: a drill of last week with its findings, one to come, and the rounds of these days."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from mumian.demo import DemoCity
from mumian.demo.accounts import HOME_TOWN
from mumian.engine.perform import Act, Done, keyed_id, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Post
from mumian.systems.response.demo.incidents import LivedThrough, responders
from mumian.systems.response.demo.units import DUTY
from mumian.systems.response.models import EmergencyUnit
from mumian.systems.response.rounds import at, beats, round_of
from mumian.systems.response.rules import INCIDENT, route_of

FINDINGS = (
    ("二楼灭火器压力不足，更换并登记", "mall", True),
    ("夜班队员不会使用除颤器，组织培训", "clinic", False),
)
"""What was found, the premises of the unit that puts it right, and whether that is done."""


def practise(city: DemoCity) -> None:
    """Drills that were planned: one lived through, one to come. Those already there are left as they are."""
    rng, duty = Random("drills"), _duty()
    today = city.calendar.local(city.today).replace(minute=0, second=0, microsecond=0)
    units = {
        each.premises: each
        for each in EmergencyUnit.objects.filter(organisation__place__startswith=HOME_TOWN).order_by("-pk")
    }
    grids = [each for each in city.grids if each.startswith(HOME_TOWN)]
    for number, (ahead, what, kind, told) in enumerate(
        ((-9, "商场三楼餐饮店着火，两人受困", "04.01", True), (5, "小学门口发现持刀人员", "01.01", True))
    ):
        day, grid = (today + timedelta(days=ahead)).replace(hour=10), grids[number]
        if city.plan.days + ahead < 5:  # before the city's past begins
            continue
        lon, lat = city.point_in(grid, rng)
        plan = {
            "what": what, "category": kind, "gravity": "serious", "day": day.isoformat(), "told": told,
            "where": {"place": grid, "lon": lon, "lat": lat, "address": city.road_in(grid, rng)},
        }  # fmt: skip
        drill = keyed_id("demo", "drill", str(number))
        planned_at = min(day, city.today) - timedelta(days=3, hours=1)
        opened = Act("plan", duty, plan, drill, opens="drill", key="demo", channel="web")
        [planned] = perform([opened], now=planned_at, quiet=True)
        if ahead < 0 and isinstance(planned, Done) and not planned.repeated:
            _run(drill, day, duty, units, rng)


def walk(city: DemoCity) -> None:
    """The rounds of yesterday and today: most are walked, some are missed, those to come are planned."""
    rng, everyone = Random("rounds"), responders()
    today = city.calendar.local(city.today).date()
    for beat in beats().filter(unit__organisation__place__startswith=HOME_TOWN).order_by("pk"):
        for begins in (at(day, clock) for day in (today - timedelta(days=1), today) for clock in beat.starts):
            act = round_of(beat, begins)
            [planned] = perform([act], now=min(begins, city.today) - timedelta(hours=3), quiet=True)
            if isinstance(planned, Done) and not planned.repeated and begins < city.today:
                walker = rng.choice(everyone[beat.unit_id])
                _walk(planned.matter, walker, act.data, begins, city.today, rng)


def _run(drill: UUID, day: datetime, duty: Actor, units: Mapping[str, EmergencyUnit], rng: Random) -> None:
    perform([Act("begin", duty, {}, drill)], now=day, quiet=True)
    incident = visible(SYSTEM).get(parent=drill, procedure=INCIDENT)
    ended = LivedThrough(duty, responders(), day, incident.pk, rng).go_through("人员全部疏散，用时四分十秒")
    everyone = responders()
    for what, premises, is_done in FINDINGS:
        if (unit := units.get(premises)) is None:
            continue
        found = {"finding": what, "unit": unit.pk, "due": (day + timedelta(days=14)).isoformat()}
        perform([Act("find", duty, found, drill)], now=ended + timedelta(hours=1), quiet=True)
        key = visible(SYSTEM).filter(parent=drill, procedure="drill-finding").latest("pk").pk
        if is_done:
            steps: tuple[tuple[int, str, Actor, dict[str, str]], ...] = (
                (2, "mend", everyone[unit.pk][0], {"done": "已更换两具，登记在册"}),
                (3, "check", duty, {}),
            )
            for after, action, actor, data in steps:
                perform([Act(action, actor, data, key)], now=ended + timedelta(days=after), quiet=True)


def _walk(
    matter: UUID, walker: Actor, data: Mapping[str, Any], begins: datetime, now: datetime, rng: Random
) -> None:
    """A round as far as it is walked by `now`."""
    luck, moment = rng.random(), begins + timedelta(minutes=rng.uniform(1, 8))
    route = route_of(dict(data))
    points: Sequence[Any] = [] if luck < 0.12 else route[:-2] if luck < 0.2 else route
    for point in points:
        if moment >= now:
            return
        perform(
            [Act("reach", walker, {"point": point.number, "seen": "well"}, matter)], now=moment, quiet=True
        )
        moment += timedelta(minutes=rng.uniform(5, 12))
    ends = datetime.fromisoformat(data["ends"])
    if len(points) < len(route) and ends < now:
        clock = "finish" if points else "begin"
        perform([Act("ring", SYSTEM, {"clock": clock}, matter)], now=ends, quiet=True)


def _duty() -> Actor:
    return Post.objects.select_related("role", "organisation").get(person__username=DUTY).as_actor()
