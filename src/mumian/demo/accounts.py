"""The accounts by which a visitor enters the demo city: one a role, all at home in the same town."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password

from mumian.demo.plan import CODE
from mumian.demo.stories import account_names
from mumian.people.models import Person, Post

PASSWORD = "mumian-demo"  # noqa: S105  (printed at the start; this city has no secrets)
RESIDENT = "resident"
HOME_TOWN = f"{CODE}01001"
HOME_GRID = f"{HOME_TOWN}001001"

DEMO_POSTS: Mapping[tuple[str, str, str], str] = {
    ("grid-worker", HOME_GRID, "community"): "grid",
    ("dispatcher", HOME_TOWN, "centre"): "dispatcher",
    ("officer", HOME_TOWN, "urban-management"): "officer",
    ("supervisor", HOME_TOWN, "centre"): "supervisor",
    ("commander", CODE, "centre"): "commander",
    ("administrator", CODE, "centre"): "admin",
}
"""Role, place and kind of organisation of a post: the user name of the one who holds it."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as the command prints it."""

    name: str
    """To sign in with."""
    password: str
    role: str
    """The role's title in both languages."""
    post: str
    """Who it is, and for whom he or she works."""


@cache
def hashed_password() -> str:
    """The password of all accounts as it is stored; hashing is slow by design, and they share it."""
    return make_password(PASSWORD)


def accounts() -> tuple[Account, ...]:
    """The accounts as they are in the database, in the order of the loop; two statements."""
    order = [RESIDENT, *DEMO_POSTS.values(), *account_names()]
    people = {person.username: person for person in Person.objects.filter(username__in=order)}
    posts = (
        Post.objects.filter(person__in=people.values()).select_related("role", "organisation").order_by("-pk")
    )
    held = {post.person_id: post for post in posts}
    return tuple(_account(people[name], held.get(people[name].pk)) for name in order if name in people)


def _account(person: Person, post: Post | None) -> Account:
    name = person.username or ""
    if post is None:
        return Account(name, PASSWORD, "居民 · Resident", person.name)
    unit = post.organisation
    return Account(
        name,
        PASSWORD,
        f"{post.role.title} · {post.role.title_en}",
        f"{person.name} · {unit.name} · {unit.name_en}",
    )
