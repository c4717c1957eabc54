"""Organisations that mediate in the demo city, their mediators, rooms, and the accounts of a visitor."""

from random import Random

from mumian.demo import naming
from mumian.demo.accounts import HOME_TOWN, hashed_password
from mumian.demo.plan import CODE
from mumian.engine.perform import keyed_id
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level
from mumian.place.loading import current_atlas, forget_atlas
from mumian.systems.mediation.models import Body, Mediator, MeetingRoom, Tie

ORGANISER, MEDIATOR, NEIGHBOUR, CLERK = "organiser", "mediator", "neighbour", "court"
"""The demo accounts: who organises in the home town, mediates there, is the other side, and files at court."""

TRADES: tuple[tuple[str, str, str, str, list[str]], ...] = (
    ("medical", "医疗纠纷调解委员会", "Medical Disputes Committee", "industry", ["08"]),
    ("property", "物业与住房调解中心", "Housing Disputes Centre", "industry", ["06", "07"]),
    ("finance", "金融消费纠纷调解中心", "Financial Disputes Centre", "industry", ["02", "09"]),
    ("school", "校园纠纷调解委员会", "School Disputes Committee", "industry", ["13"]),
    ("labour", "劳动争议调解中心", "Labour Disputes Centre", "centre", ["01"]),
    ("lawyers", "木棉律师调解工作室", "Kapok Lawyers' Mediation", "firm", []),
    ("at-court", "诉调对接中心", "Mediation Centre at the Court", "court", []),
)
"""Code, name in both languages, sort, kinds of dispute, of the organisations for the whole city."""

PROFILES = (
    "退休法官，擅长把账算清楚。",
    "社区工作二十年，街坊都认识。",
    "先听完，再说话。",
    "执业律师，讲理也讲情。",
    "",
)


def found() -> None:
    """Stores organisations, people and rooms, in the caller's transaction."""
    rng, password = Random("mediation"), hashed_password()
    forget_atlas()
    atlas = current_atlas()
    towns = list(atlas.below("", Level.TOWN))
    wanted: list[tuple[str, str, str, str, list[str], str]] = [
        (f"{town}-people-mediation", f"{atlas.name(town)}人民调解委员会", f"{atlas.name(town, 'en')} Mediation Committee",
         "committee", [], town) for town in towns
    ] + [(f"mediation-{code}", name, en, sort, fields, CODE) for code, name, en, sort, fields in TRADES]  # fmt: skip
    units = [
        Organisation(code=code, name=name, name_en=en, kind="mediation-body", place=place)
        for code, name, en, _sort, _fields, place in wanted
    ]
    top = Organisation.objects.exclude(kind="emergency-unit").get(parent=None)
    for unit in units:
        unit.parent = top
    there = {unit.place: unit for unit in Organisation.objects.filter(kind="mediation")}
    units = [there.get(unit.place, unit) for unit in units]  # the town's committee, where there is one
    Organisation.objects.bulk_create([unit for unit in units if unit.pk is None])
    bodies = []
    for unit, (_code, _name, _en, sort, fields, place) in zip(units, wanted, strict=True):
        outline = atlas.outline(place if place != CODE else rng.choice(towns))
        spot = outline.representative_point() if outline is not None else None
        fee = "每件 300 元起" if sort == "firm" else ""
        bodies.append(
            Body(
                organisation=unit, sort=sort, fields=fields, lon=spot.x if spot else None, lat=spot.y if spot else None,
                address=f"{naming.stem_of(atlas.name(place))}路{rng.randint(1, 199)}号", fee=fee,
                phone=f"0668-{rng.randint(2000000, 8999999)}", hours="周一至周五 9:00–12:00，14:00–18:00",
            )
        )  # fmt: skip
    Body.objects.bulk_create(bodies)
    people, posts, mediators = [], [], []
    for body in bodies:
        unit = body.organisation
        for nth in range(3 if body.sort == "committee" else 5):
            first = unit.place == HOME_TOWN and nth == 0
            key = f"mediator/{unit.code}/{nth}"
            person = Person(
                id=keyed_id("demo person", key), username=MEDIATOR if first else None, name=naming.person(rng),
                password=password if first else "!",
            )  # fmt: skip
            sort = {"firm": "lawyer", "court": "invited"}.get(
                body.sort, "full-time" if nth == 0 else "part-time"
            )
            community = rng.choice(list(atlas.below(unit.place, Level.COMMUNITY)) or [unit.place])
            people.append(person)
            posts.append(Post(person=person, role_id="mediator", organisation=unit, place=unit.place))
            mediators.append(
                Mediator(
                    person=person, body=body, code=f"{unit.code}-{nth + 1}", sort=sort, place=community,
                    reach=unit.place[: Level.DISTRICT], capacity=rng.randint(8, 14), since=rng.randint(2004, 2023),
                    fields=[] if first else body.fields or rng.choice([[], ["06"], ["01", "05"], ["02", "06"], ["04"]]),
                    languages=["zh", "yue"] if rng.random() < 0.7 else ["zh", rng.choice(["hak", "nan", "en"])],
                    firm=unit.name if body.sort == "firm" else "", fee=body.fee, profile=rng.choice(PROFILES),
                )
            )  # fmt: skip
    home = next(body for body in bodies if body.organisation.place == HOME_TOWN)
    court = Organisation.objects.create(
        code="court", name="木棉市人民法院", name_en="Mumian Court", kind="court", place=CODE, parent=top
    )
    visitors: tuple[tuple[str, str, Organisation | None, str], ...] = (
        (ORGANISER, "mediation-organiser", home.organisation, HOME_TOWN),
        (CLERK, "court-clerk", court, CODE),
        (NEIGHBOUR, "", None, ""),
    )
    for username, role, held_for, place in visitors:
        person = Person(
            id=keyed_id("demo person", username),
            username=username,
            name=naming.person(rng),
            password=password,
        )
        people.append(person)
        if held_for is not None:
            posts.append(Post(person=person, role_id=role, organisation=held_for, place=place))
    Person.objects.bulk_create(people)
    Post.objects.bulk_create(posts)
    Mediator.objects.bulk_create(mediators)
    MeetingRoom.objects.bulk_create(
        [MeetingRoom(body=body, name=name) for body in bodies for name in ("一号调解室", "二号调解室")]
    )
    Tie.objects.bulk_create(
        [
            Tie(mediator=mediators[n], sort="relation", name=naming.person(rng))
            for n in range(0, len(mediators), 9)
        ]
    )
    set_lineages()
