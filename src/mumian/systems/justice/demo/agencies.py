"""The agencies of the demo city that work on criminal cases, an account for each role, and the roster of lawyers."""

from random import Random

from django.contrib.auth.hashers import make_password

from mumian.demo import naming
from mumian.demo.accounts import PASSWORD
from mumian.demo.plan import CODE
from mumian.engine.perform import keyed_id
from mumian.people.actor import Actor
from mumian.people.importing import set_lineages
from mumian.people.models import Organisation, Person, Post
from mumian.systems.justice.models import Counsel

AGENCIES: tuple[tuple[str, str, str], ...] = (
    ("police", "木棉市公安局", "Mumian Police"),
    ("procuratorate", "木棉市人民检察院", "Mumian Procuratorate"),
    ("procuratorate-above", "南岭省人民检察院", "Nanling Procuratorate"),
    ("court", "木棉市人民法院", "Mumian Court"),
    ("court-above", "南岭省高级人民法院", "Nanling High Court"),
    ("prison", "木棉监狱", "Mumian Prison"),
    ("legal-aid", "木棉市法律援助中心", "Mumian Legal Aid"),
)
"""Code and name in both languages; the court is there already where mediation has one."""
POSTS: tuple[tuple[str, str, str], ...] = (
    ("police", "police-officer", "police"),
    ("prosecutor", "prosecutor", "procuratorate"),
    ("upper-prosecutor", "prosecutor", "procuratorate-above"),
    ("judge", "judge", "court"),
    ("upper-judge", "judge", "court-above"),
    ("warden", "executing-officer", "prison"),
    ("aid", "legal-aid-officer", "legal-aid"),
    ("monitor", "case-supervisor", "procuratorate"),
    ("keeper", "record-keeper", "procuratorate"),
    ("lawyer", "lawyer", "legal-aid"),
)
"""Account, role and agency."""
ACCOUNTS = tuple(name for name, _role, _unit in POSTS)
LAWYERS = 9


def found() -> None:
    """Stores the agencies and people, in the caller's transaction."""
    rng, password = Random("justice"), make_password(PASSWORD)
    top = Organisation.objects.exclude(kind="emergency-unit").get(parent=None)
    units = {}
    for code, name, name_en in AGENCIES:
        given = {"name": name, "name_en": name_en, "kind": "justice", "place": CODE, "parent": top}
        units[code], _made = Organisation.objects.get_or_create(code=code, defaults=given)
    set_lineages()
    for username, role, code in POSTS:
        person = Person.objects.create(
            id=keyed_id("demo person", f"justice/{username}"), username=username, password=password,
            name=naming.person(rng),
        )  # fmt: skip
        Post.objects.create(person=person, role_id=role, organisation=units[code], place=CODE)
    for number in range(LAWYERS):
        if number == 0:
            person = Person.objects.get(username="lawyer")
        else:
            person = Person.objects.create(
                id=keyed_id("demo person", f"justice/lawyer/{number}"), name=naming.person(rng), password="!"
            )
            Post.objects.create(person=person, role_id="lawyer", organisation=units["legal-aid"], place=CODE)
        Counsel.objects.create(
            person=person, code=f"1440120261{number:06}", firm=rng.choice(["石溪律师事务所", "木棉律师事务所", "南风律师事务所"]),
            fields=rng.choice([[], ["04"], ["03", "04"], ["01"], ["05"]]), place=CODE, aid=True,
            languages=rng.choice([["zh"], ["zh", "yue"], ["zh", "yue", "en"]]), capacity=rng.randint(2, 6),
        )  # fmt: skip


def people_of_justice() -> dict[str, Actor]:
    """Those who have an account, each in his or her post."""
    posts = Post.objects.select_related("role", "organisation", "person").filter(
        organisation__code__in=[*(code for code, *_ in AGENCIES), "detention"], person__username__isnull=False
    )
    return {str(post.person and post.person.username): post.as_actor() for post in posts}
