"""Emergency units of the demo city: schools, malls, markets, sites, villages, with their people and rosters."""

from datetime import datetime, time, timedelta
from random import Random

import shapely
from django.db import connection

from mumian.demo import DemoCity, naming
from mumian.demo.accounts import HOME_GRID, HOME_TOWN, hashed_password
from mumian.engine.perform import keyed_id
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level, cut
from mumian.place.loading import current_atlas, forget_atlas
from mumian.systems.response.models import Beat, BeatPoint, Duty, EmergencyUnit, Responder, Shift

DUTY, RESPONDER = "duty", "responder"
"""The demo accounts: at the duty desk of the home town, and in a unit of the home grid."""
EVERY = 2
"""One grid in so many has a unit; the home town's have one each."""
MOST = 160

PREMISES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[int, int]], ...] = (
    ("school", "小学护校队", "School Guard", ("first-aid",), (), (7, 18)),
    ("mall", "商场微型消防站", "Mall Fire Post", ("fire", "first-aid", "defibrillator"), (), (9, 22)),
    ("market", "市场安保组", "Market Security", ("fire",), (), (6, 20)),
    ("site", "工地应急班", "Site Crew", ("first-aid", "fire"), ("03", "04", "05"), (7, 19)),
    ("community", "社区巡防队", "Community Patrol", ("first-aid",), (), (0, 24)),
    (
        "clinic",
        "卫生站急救组",
        "Clinic First Aid",
        ("first-aid", "defibrillator"),
        ("03", "04", "05"),
        (8, 20),
    ),
    ("property", "物业秩序队", "Property Guards", ("fire",), (), (0, 24)),
)
"""Premises, name in both languages, equipment, kinds of incident, hours of duty."""


def found() -> None:
    """Stores the units and their people, in the caller's transaction.

    A unit stands under no other: who answers in it may take on what lies on those above it, and would see it.
    """
    rng, password = Random("emergency units"), hashed_password()
    forget_atlas()
    atlas = current_atlas()
    grids = [
        each
        for number, each in enumerate(atlas.below("", Level.GRID))
        if number % EVERY == 0 or each.startswith(HOME_TOWN)
    ]
    grids = sorted(grids, key=lambda grid: not grid.startswith(HOME_TOWN))[:MOST]
    organisations, units, people, posts, responders = [], [], [], [], []
    for number, grid in enumerate(sorted(grids)):
        premises, name, name_en, equipment, kinds, hours = PREMISES[number % len(PREMISES)]
        stem = naming.stem_of(atlas.name(cut(grid, Level.COMMUNITY)))
        organisation = Organisation(
            code=f"{grid}-emergency", name=f"{stem}{name}{int(grid[-3:])}", kind="emergency-unit", place=grid,
            name_en=f"{atlas.name(cut(grid, Level.COMMUNITY), 'en')} {name_en} {int(grid[-3:])}",
        )  # fmt: skip
        lon, lat = _point(atlas.outline(grid), rng)
        unit = EmergencyUnit(
            organisation=organisation, premises=premises, lon=lon, lat=lat, kinds=list(kinds),
            equipment=list(equipment), leader=naming.person(rng), phone=f"0668-{rng.randint(2000000, 8999999)}",
        )  # fmt: skip
        organisations.append(organisation)
        units.append(unit)
        names: dict[str, None] = {}
        while len(names) < (4 if hours == (0, 24) else 2):
            names[naming.person(rng)] = None
        for nth, name_of_one in enumerate(names):
            key = f"responder/{grid}/{nth}"
            first = grid == HOME_GRID and nth == 0
            person = Person(
                id=keyed_id("demo person", key), username=RESPONDER if first else None, name=name_of_one,
                password=password if first else "!",
            )  # fmt: skip
            people.append(person)
            posts.append(Post(person=person, role_id="responder", organisation=organisation, place=grid))
            responders.append(
                Responder(
                    unit=unit, person=person, name=person.name, phone=f"1{rng.randint(3000000000, 8999999999)}",
                    skills=["first-aid"] if "first-aid" in equipment else [], duty=Duty.ON if first else Duty.ROSTER,
                )
            )  # fmt: skip
    Organisation.objects.bulk_create(organisations)
    EmergencyUnit.objects.bulk_create(units)
    for responder in responders:
        responder.unit_id = responder.unit.organisation.pk
    people.append(_duty_officer(password, posts, rng))
    Person.objects.bulk_create(people)
    Post.objects.bulk_create(posts)
    Responder.objects.bulk_create(responders)
    set_lineages()


def roster(city: DemoCity, *, before: int = 30, after: int = 14) -> None:
    """The shifts of all units, so many days before and after the city's today; once."""
    if Shift.objects.exists():
        return
    hours = {premises: span for premises, _zh, _en, _equipment, _kinds, span in PREMISES}
    today = city.calendar.local(city.today).replace(hour=0, minute=0, second=0, microsecond=0)
    people: dict[int, list[int]] = {}
    for key, unit in Responder.objects.order_by("pk").values_list("pk", "unit"):
        people.setdefault(unit, []).append(key)
    shifts = [
        (unit, *shift)
        for unit, premises in EmergencyUnit.objects.values_list("pk", "premises")
        for day in range(-before, after)
        for shift in _day(today + timedelta(days=day), day, premises, hours[premises], people[unit])
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SHIFTS, [list(column) for column in zip(*shifts, strict=True)])


_SHIFTS = """
    INSERT INTO response_shift (unit_id, responder_id, during, offered)
    SELECT unit, responder, tstzrange(begins, ends), false
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) shift (unit, responder, begins, ends)
"""


def beats() -> None:
    """The beats of the home town's patrols, which walk round the clock; once."""
    if Beat.objects.exists():
        return
    rng = Random("beats")
    units = EmergencyUnit.objects.filter(premises="community", organisation__place__startswith=HOME_TOWN)
    for number, unit in enumerate(units.select_related("organisation").order_by("pk")):
        code = f"{unit.organisation.place}-beat"
        name, starts = ("夜间巡逻", (20, 23)) if number % 2 else ("日间巡逻", (8, 15))
        beat = Beat.objects.create(
            unit=unit, code=code, name=name, weekdays=list(range(1, 8)), minutes=90,
            starts=[time(hour) for hour in starts],
        )  # fmt: skip
        BeatPoint.objects.bulk_create(
            BeatPoint(
                beat=beat, number=nth, name=spot, look=look,
                lon=round(unit.lon + rng.uniform(-0.003, 0.003), 6), lat=round(unit.lat + rng.uniform(-0.003, 0.003), 6),
            )
            for nth, (spot, look) in enumerate(rng.sample(POINTS, 6), 1)
        )  # fmt: skip


POINTS = (
    ("社区东门", "门岗在位，闸机正常"), ("小学门口", "减速带和隔离墩完好"), ("市场后巷", "没有堵塞消防通道"),
    ("河边步道", "护栏、救生圈在位"), ("停车场", "电动车没有飞线充电"), ("祠堂广场", "没有人群聚集纠纷"),
    ("公交总站", "有无遗留物品"), ("老楼天台", "天台门没有上锁"),
)  # fmt: skip
"""Points of beats, and what to look at there."""


def _day(
    day: datetime, number: int, premises: str, hours: tuple[int, int], people: list[int]
) -> list[tuple[int, datetime, datetime]]:
    """Who is on duty when on a day: in three shifts round the clock, or in two while the premises are open."""
    if premises == "school" and day.weekday() >= 5:
        return []
    first, last = hours
    parts = 3 if hours == (0, 24) else 2
    edges = [day + timedelta(hours=first + (last - first) * part / parts) for part in range(parts + 1)]
    return [(people[(number + part) % len(people)], edges[part], edges[part + 1]) for part in range(parts)]


def _duty_officer(password: str, posts: list[Post], rng: Random) -> Person:
    person = Person(
        id=keyed_id("demo person", DUTY), username=DUTY, name=naming.person(rng), password=password
    )
    centre = Organisation.objects.get(kind="centre", place=HOME_TOWN)
    posts.append(Post(person=person, role_id="duty-officer", organisation=centre, place=HOME_TOWN))
    return person


def _point(outline: shapely.Geometry | None, rng: Random) -> tuple[float, float]:
    assert outline is not None
    west, south, east, north = outline.bounds
    while True:
        lon, lat = round(rng.uniform(west, east), 6), round(rng.uniform(south, north), 6)
        if shapely.contains_xy(outline, lon, lat):
            return lon, lat
