"""Persons in posts: who acts, in which capacity, on which days; and the tokens with which programs act."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from mumian.people.actor import ANYONE, SYSTEM, Actor, Scope
from mumian.people.models import Organisation, Person, Post, Role, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    """An officer of a team of the water company."""
    water = Organisation.objects.create(code="water", name="水务所", name_en="Water company", lineage=[1])
    team = Organisation.objects.create(
        code="team", name="抢修队", parent=water, lineage=[2, water.pk], place="440103001"
    )
    role = Role.objects.create(slug="officer", title="经办人", title_en="Officer", scope=Scope.UNIT)
    person = Person.objects.create_person("li", "a long password", name="李明")
    return Post.objects.create(person=person, role=role, organisation=team, place="440103001")


def test_one_acts_as_the_person_in_the_post(post, django_assert_num_queries):
    with django_assert_num_queries(1):
        actor = Post.objects.select_related("role", "organisation").get(pk=post.pk).as_actor()
    assert actor == Actor(
        person=post.person.pk,
        post=post.pk,
        role="officer",
        organisation=post.organisation.pk,
        lineage=tuple(post.organisation.lineage),
        place="440103001",
        scope=Scope.UNIT,
        name="抢修队 · 经办人",
    )
    assert not actor.system
    assert actor.bearer is None


def test_the_name_of_a_post_is_in_the_readers_language(post):
    with override("en"):
        assert str(post) == "抢修队 · Officer"  # a name without an English one stays
        assert str(post.organisation.parent) == "Water company"
    with override("zh-hans"):
        assert str(post.organisation.parent) == "水务所"


@pytest.mark.parametrize(
    ("begins", "ends", "held"),
    [
        (None, None, True),
        (date(2026, 3, 2), None, True),
        (date(2026, 3, 3), None, False),
        (None, date(2026, 3, 2), True),
        (None, date(2026, 3, 1), False),
        (date(2026, 3, 2), date(2026, 3, 2), True),
        (date(2026, 3, 1), date(2026, 3, 3), True),
    ],
)
def test_a_post_is_held_from_its_first_day_to_its_last(begins, ends, held):
    assert Post(begins=begins, ends=ends).held_on(date(2026, 3, 2)) is held


def test_a_post_outlives_the_person_who_held_it(post):
    post.person.delete()
    vacant = Post.objects.select_related("role", "organisation").get(pk=post.pk)
    assert vacant.as_actor().person is None
    assert vacant.as_actor().post == post.pk


def test_one_person_holds_the_same_post_once_and_vacant_ones_may_be_many(post):
    same = {"role": post.role, "organisation": post.organisation, "place": post.place}
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(person=post.person, **same)
    for _ in range(2):
        Post.objects.create(**same)
    assert Post.objects.count() == 3


def test_passwords_are_kept_as_digests_alone(post):
    assert "a long password" not in post.person.password
    assert post.person.check_password("a long password")
    assert not Person.objects.create_person("wang").has_usable_password()


def test_ids_of_persons_follow_one_another_in_time():
    first, second = Person.objects.create(name="甲"), Person.objects.create(name="乙")
    assert first.pk.version == second.pk.version == 7
    assert first.pk < second.pk


def test_persons_who_do_not_sign_in_have_no_username():
    Person.objects.create(name="甲")
    assert str(Person.objects.create(phone="138")) == "某人"
    assert Person.objects.filter(username=None).count() == 2


# --- tokens -----------------------------------------------------------------------------------------


def test_of_a_token_only_its_hash_is_kept(post):
    secret = Token.issue(post, "热线平台", ends=datetime(2027, 1, 1, tzinfo=UTC))
    (row,) = Token.objects.values()
    assert secret.startswith("mm_")
    assert len(secret) > 40
    assert not any(secret in str(value) or secret[3:] in str(value) for value in row.values())
    found = Token.objects.get(hash=Token.digest(secret))
    assert (found.post, found.title, found.ends) == (post, "热线平台", datetime(2027, 1, 1, tzinfo=UTC))


def test_no_two_tokens_are_the_same_and_another_secret_finds_none(post):
    first, second = Token.issue(post, "一"), Token.issue(post, "二")
    assert first != second
    assert not Token.objects.filter(hash=Token.digest(first + "x")).exists()


def test_tokens_end_with_their_post(post):
    Token.issue(post, "热线平台")
    post.delete()
    assert not Token.objects.exists()


# --- actors -----------------------------------------------------------------------------------------


def test_an_actor_cannot_be_changed():
    actor = Actor(person=UUID(int=1))
    with pytest.raises(FrozenInstanceError):
        actor.system = True  # type: ignore[misc]


def test_the_program_and_one_without_a_name_are_nobody_in_particular():
    assert (SYSTEM.person, SYSTEM.post, SYSTEM.system, SYSTEM.scope) == (None, None, True, Scope.ALL)
    assert (ANYONE.person, ANYONE.post, ANYONE.system, ANYONE.scope) == (None, None, False, Scope.PARTY)
    assert ANYONE.bearer is None
