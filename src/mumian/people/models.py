"""Organisations in a tree, persons who sign in, the posts they hold, and the tokens programs use."""

import hashlib
import secrets
from datetime import date, datetime
from typing import ClassVar

import uuid_utils.compat as uuid7s
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mumian.people.actor import Actor, Scope


class Organisation(models.Model):
    """A unit: an agency, a centre, a team, a committee. Units form a tree; `lineage` is kept with each."""

    code = models.CharField(max_length=64, unique=True, help_text=_("The city's own code for it; stable."))
    name = models.CharField(max_length=200, help_text=_("Its name in Chinese."))
    name_en = models.CharField(max_length=200, blank=True, help_text=_("Its name in English."))
    kind = models.CharField(
        max_length=40, blank=True, db_index=True, help_text=_("What it answers for, such as water or fire.")
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        help_text=_("Above it."),
    )
    lineage = ArrayField(
        models.BigIntegerField(), default=list, help_text=_("Itself and all above it, nearest first.")
    )
    place = models.CharField(
        max_length=24, blank=True, db_collation="C", db_index=True, help_text=_("The place it serves.")
    )
    active = models.BooleanField(default=True, help_text=_("Whether matters can be assigned to it."))

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Role(models.Model):
    """What a person does in a post. Systems bring their roles; a city may add its own."""

    slug = models.SlugField(max_length=40, primary_key=True, help_text=_("The word definitions use."))
    title = models.CharField(max_length=100, help_text=_("Its name in Chinese."))
    title_en = models.CharField(max_length=100, help_text=_("Its name in English."))
    scope = models.CharField(
        max_length=8,
        choices=[(scope.value, scope.value) for scope in Scope],
        default=Scope.PLACE.value,
        help_text=_("Which matters one sees in it."),
    )
    administers = models.BooleanField(
        default=False, help_text=_("Whether one may change people and procedures.")
    )

    def __str__(self) -> str:
        return self.title_en if get_language() == "en" else self.title


class PersonManager(BaseUserManager["Person"]):
    """Makes persons who can sign in."""

    def create_person(self, username: str | None, password: str | None = None, **fields: object) -> "Person":
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """A person known by name: staff, or a resident who chose to register."""

    id = models.UUIDField(primary_key=True, default=uuid7s.uuid7, editable=False)
    username = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text=_("Used to sign in.")
    )
    name = models.CharField(max_length=100, blank=True, help_text=_("As it is shown to others."))
    phone = models.CharField(max_length=32, blank=True, help_text=_("For calls; shown to those who need it."))
    email = models.EmailField(blank=True, help_text=_("For notices."))
    language = models.CharField(max_length=10, default="zh-hans", help_text=_("The language of notices."))
    is_active = models.BooleanField(default=True, help_text=_("Whether this person may sign in."))
    joined = models.DateTimeField(default=timezone.now, help_text=_("Since when."))

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name or self.username or str(_("someone"))

    def get_full_name(self) -> str:
        return str(self)


class Post(models.Model):
    """A person holding a role for an organisation at a place."""

    person = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
        help_text=_("Who holds it."),
    )
    role = models.ForeignKey(
        Role, on_delete=models.PROTECT, related_name="posts", help_text=_("What one does.")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="posts", help_text=_("For whom one does it.")
    )
    place = models.CharField(
        max_length=24, db_collation="C", db_index=True, help_text=_("Where; this place and all below it.")
    )
    begins = models.DateField(null=True, blank=True, help_text=_("First day; empty for always."))
    ends = models.DateField(null=True, blank=True, help_text=_("Last day; empty for no end."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation", "place"], name="one_post_once", nulls_distinct=True
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.role}"

    def held_on(self, day: date) -> bool:
        """Whether the post is held on a day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    def as_actor(self) -> Actor:
        """The one who acts in this post. Needs `role` and `organisation` fetched with it."""
        return Actor(
            person=self.person_id,
            post=self.pk,
            role=self.role_id,
            organisation=self.organisation_id,
            lineage=tuple(self.organisation.lineage),
            place=self.place,
            scope=Scope(self.role.scope),
            name=str(self),
        )


class Token(models.Model):
    """A key with which a program acts in a post. Only its hash is kept."""

    hash = models.BinaryField(max_length=32, unique=True, editable=False)
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="tokens", help_text=_("Acts as this post.")
    )
    title = models.CharField(max_length=100, help_text=_("Which program uses it."))
    made = models.DateTimeField(default=timezone.now)
    ends = models.DateTimeField(null=True, blank=True, help_text=_("When it stops being valid."))

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def digest(secret: str) -> bytes:
        """The SHA-256 under which a token is stored."""
        return hashlib.sha256(secret.encode()).digest()

    @classmethod
    def issue(cls, post: Post, title: str, *, ends: datetime | None = None) -> str:
        """Makes a token for a post and returns its secret, which is shown once and never stored."""
        secret = "mm_" + secrets.token_urlsafe(32)
        cls.objects.create(hash=cls.digest(secret), post=post, title=title, ends=ends)
        return secret


class Room(models.Model):
    """Where those of a place meet from afar: the link of a video conference, of whatever provider the city uses."""

    place = models.CharField(
        max_length=24, primary_key=True, db_collation="C", help_text=_("The place whose command meets here.")
    )
    url = models.URLField(max_length=500, help_text=_("Address of the conference; https only."))
    changed_at = models.DateTimeField(default=timezone.now, help_text=_("When the link was set."))

    def __str__(self) -> str:
        return self.place
