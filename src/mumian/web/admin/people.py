"""Units, the persons who work there, the posts they hold, and the tokens with which programs act."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine import world
from mumian.people.importing import import_organisations, import_posts, set_lineages
from mumian.people.models import Organisation, Person, Post, Role, Token
from mumian.rows import Rejection
from mumian.web import presenting, words
from mumian.web.admin.forms import PlaceField, YesNo, changed, fields, place_named, problems
from mumian.web.admin.guard import administers, record
from mumian.web.admin.history import PEOPLE, history, subject_of

AT_ONCE = 50
SHOWN = 200
"""Rows that did not go in which are shown."""
TOKEN_DAYS = 365
NOBODY = UUID(int=0)


class UnitForm(forms.Form):
    """A unit."""

    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=64,
        help_text=gettext_lazy("The city's own code for it; stable."),
    )
    name = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    kind = forms.CharField(
        label=gettext_lazy("Kind"), max_length=40, required=False,
        help_text=gettext_lazy("What it answers for, such as water or fire; the catalogue names units by it."),
    )  # fmt: skip
    parent = forms.CharField(
        label=gettext_lazy("Above it"), max_length=64, required=False,
        help_text=gettext_lazy("The code of the unit above it; empty for none."),
    )  # fmt: skip
    place = PlaceField(
        label=gettext_lazy("Place it serves"), max_length=100, required=False,
        help_text=gettext_lazy("The code of a place, or its name."),
    )  # fmt: skip
    active = YesNo(label=gettext_lazy("Can matters be assigned to it?"))

    def __init__(self, *args: Any, unit: Organisation | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.unit = unit

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Organisation.objects.filter(code=code).exclude(pk=self.unit.pk if self.unit else 0).exists():
            raise forms.ValidationError(_("Another unit has this code."))
        return code

    def clean_parent(self) -> Organisation | None:
        code = self.cleaned_data["parent"].strip()
        if not code:
            return None
        found = Organisation.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("No unit has this code."))
        if self.unit and self.unit.pk in found.lineage:
            raise forms.ValidationError(_("A unit cannot stand below itself."))
        return found


class PersonForm(forms.Form):
    """A person."""

    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=64, help_text=gettext_lazy("Used to sign in.")
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=32, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    is_active = YesNo(label=gettext_lazy("May this person sign in?"))

    def __init__(self, *args: Any, person: Person | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.person = person

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if (
            Person.objects.filter(username=name)
            .exclude(pk=self.person.pk if self.person else NOBODY)
            .exists()
        ):
            raise forms.ValidationError(_("Somebody else has this user name."))
        return name


class PostForm(forms.Form):
    """A post of a person."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    organisation = forms.CharField(
        label=gettext_lazy("Unit"), help_text=gettext_lazy("Its code, or its whole name.")
    )
    place = forms.CharField(
        label=gettext_lazy("Place"), required=False,
        help_text=gettext_lazy("The code of a place, or its name; empty for that of the unit."),
    )  # fmt: skip
    begins = forms.DateField(label=gettext_lazy("First day"), required=False)
    ends = forms.DateField(label=gettext_lazy("Last day"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        cast(forms.ChoiceField, self.fields["role"]).choices = [
            (role.slug, str(role)) for role in Role.objects.order_by("pk")
        ]

    def clean_organisation(self) -> Organisation:
        said = self.cleaned_data["organisation"].strip()
        found = list(Organisation.objects.filter(Q(code=said) | Q(name=said) | Q(name_en=said))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Several units have this name; write the code.") if found else _("There is no such unit.")
            )
        return found[0]

    def clean(self) -> dict[str, Any]:
        said = cast(dict[str, Any], super().clean())
        place, unit = said.get("place") or "", said.get("organisation")
        try:
            said["place"] = place_named(place) if place else unit.place if unit else ""
        except forms.ValidationError as error:
            self.add_error("place", error)
        else:
            if unit and not said["place"]:
                self.add_error("place", _("The unit has no place of its own; say where the post is."))
        if said.get("begins") and said.get("ends") and said["ends"] < said["begins"]:
            self.add_error("ends", _("It lies before the first day."))
        return said


# --- units ------------------------------------------------------------------------------------------


@administers
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """Units, found by name, code or kind."""
    text, after = request.GET.get("text", "").strip(), request.GET.get("after", "")
    found = Organisation.objects.select_related("parent").annotate(held=Count("posts")).order_by("code")
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__startswith=text) | Q(kind=text)
        )
    rows = list(found.filter(code__gt=after)[: AT_ONCE + 1])
    shown = [
        {"unit": unit, "place": presenting.place_name(unit.place), "held": unit.held}
        for unit in rows[:AT_ONCE]
    ]
    context = {"rows": shown, "text": text, "next": rows[AT_ONCE - 1].code if len(rows) > AT_ONCE else ""}
    return render(request, "web/admin/units.html", context)


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One unit: what is known of it, its posts and its history; or a new one."""
    kept = get_object_or_404(Organisation.objects.select_related("parent"), pk=pk) if pk else None
    known: dict[str, Any] = (
        {name: getattr(kept, name) for name in UnitForm.base_fields} if kept else {"active": True}
    )
    known["parent"] = kept.parent.code if kept and kept.parent else ""
    form = UnitForm(request.POST if request.method == "POST" else None, initial=known, unit=kept)
    if form.is_bound and form.is_valid():
        before = {**known, "parent": kept.parent if kept else None}
        fresh = kept or Organisation()
        for name, value in form.cleaned_data.items():
            setattr(fresh, name, value)
        fresh.save()
        set_lineages()
        world.changed()
        told = {name: str(value) for name, value in form.cleaned_data.items() if before.get(name) != value}
        record(request, subject_of("unit", fresh.pk), "change" if kept else "add", told)
        messages.success(request, _("Saved."))
        return redirect("web:admin-unit", fresh.pk)
    context = {
        "title": str(kept) if kept else _("New unit"),
        "back": reverse("web:admin-units"),
        "fields": fields(form),
        "problems": problems(form),
        "posts": [post_told(post) for post in in_full(kept.posts.all())[:AT_ONCE]] if kept else [],
        "history": history(subject_of("unit", kept.pk)) if kept else [],
    }
    return render(request, "web/admin/unit.html", context, status=422 if form.is_bound else 200)


# --- persons ----------------------------------------------------------------------------------------


@administers
@require_GET
def persons(request: HttpRequest) -> HttpResponse:
    """Persons who hold posts, found by name or user name."""
    text, after = request.GET.get("text", "").strip(), request.GET.get("after", "")
    found = Person.objects.exclude(username=None).order_by("username")
    if text:
        found = found.filter(Q(username__startswith=text) | Q(name__icontains=text) | Q(phone=text))
    else:
        found = found.filter(posts__isnull=False).distinct()
    rows = list(found.filter(username__gt=after)[: AT_ONCE + 1])
    posts: dict[Any, list[dict[str, Any]]] = {}
    for post in in_full(Post.objects.filter(person__in=rows[:AT_ONCE])):
        posts.setdefault(post.person_id, []).append(post_told(post))
    shown = [{"person": person, "posts": posts.get(person.pk, [])} for person in rows[:AT_ONCE]]
    following = rows[AT_ONCE - 1].username if len(rows) > AT_ONCE else ""
    return render(request, "web/admin/persons.html", {"rows": shown, "text": text, "next": following})


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """One person: posts held, tokens, history; or a new one, who then gets a link to choose a password."""
    kept = get_object_or_404(Person, pk=pk) if pk else None
    known = {name: getattr(kept, name) for name in PersonForm.base_fields} if kept else {"is_active": True}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=known, person=kept)
    if form.is_bound and form.is_valid():
        names = changed(form, kept) if kept else [name for name, value in form.cleaned_data.items() if value]
        fresh = kept or Person()
        for name, value in form.cleaned_data.items():
            setattr(fresh, name, value)
        if kept is None:
            fresh.set_unusable_password()
        fresh.save()
        if names:
            record(request, fresh.pk, "change" if kept else "add", {"fields": names})
        messages.success(request, _("Saved."))
        return redirect("web:admin-person", fresh.pk)
    return _person(request, kept, form=form, status=422 if form.is_bound else 200)


def _person(request: HttpRequest, kept: Person | None, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a person, with what is to be shown once."""
    form = more.pop("form", None)
    if form is None and kept is not None:
        form = PersonForm(initial={name: getattr(kept, name) for name in PersonForm.base_fields}, person=kept)
    posting = more.pop("posting", None) or PostForm()
    posts = list(in_full(kept.posts.all())) if kept else []
    context = {
        "person": kept,
        "title": str(kept) if kept else _("New person"),
        "back": reverse("web:admin-persons"),
        "fields": fields(form),
        "problems": problems(form),
        "post_fields": fields(posting),
        "post_problems": problems(posting),
        "posts": [post_told(post) for post in posts],
        "tokens": list(
            Token.objects.filter(post__in=posts).select_related("post__role", "post__organisation")
        ),
        "history": history(kept.pk, *(subject_of("post", post.pk) for post in posts)) if kept else [],
        **more,
    }
    return render(request, "web/admin/person.html", context, status=status)


@administers
@require_POST
def invite(request: HttpRequest, pk: Any) -> HttpResponse:
    """A link by which the person chooses a password, shown once; it works once, for three days."""
    kept = get_object_or_404(Person, pk=pk)
    token = default_token_generator.make_token(kept)
    uid = urlsafe_base64_encode(force_bytes(kept.pk))
    record(request, kept.pk, "invite", {})
    link = request.build_absolute_uri(reverse("web:welcome", args=[uid, token]))
    return _person(
        request,
        kept,
        once=link,
        once_said=_("Give this link to the person. It is shown only now, works once, and for three days."),
    )


@administers
@require_POST
def add_post(request: HttpRequest, pk: Any) -> HttpResponse:
    """Gives a person a post."""
    kept = get_object_or_404(Person, pk=pk)
    form = PostForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        post, made = Post.objects.update_or_create(
            person=kept,
            role_id=said["role"],
            organisation=said["organisation"],
            place=said["place"],
            defaults={"begins": said["begins"], "ends": said["ends"]},
        )
        body = {name: str(said[name] or "") for name in ("role", "organisation", "place", "begins", "ends")}
        record(request, subject_of("post", post.pk), "add" if made else "change", body)
        messages.success(request, _("Saved."))
        return redirect("web:admin-person", kept.pk)
    return _person(request, kept, posting=form, status=422)


@administers
@require_POST
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a post: yesterday was its last day. The record goes on naming it, so it is never deleted."""
    post = get_object_or_404(Post.objects.select_related("person"), pk=pk)
    post.ends = timezone.localdate() - timedelta(days=1)
    post.save(update_fields=["ends"])
    record(request, subject_of("post", post.pk), "end", {"ends": post.ends.isoformat()})
    messages.success(request, _("The post is ended."))
    return redirect("web:admin-person", post.person_id) if post.person_id else redirect("web:admin-persons")


@administers
@require_POST
def add_token(request: HttpRequest, pk: int) -> HttpResponse:
    """A token for a program that acts in this post; its secret is shown once and never stored."""
    post = get_object_or_404(Post.objects.select_related("person"), pk=pk)
    title = request.POST.get("title", "").strip()[:100] or _("Program")
    ends = timezone.now() + timedelta(days=TOKEN_DAYS)
    secret = Token.issue(post, title, ends=ends)
    record(request, subject_of("post", post.pk), "token", {"title": title, "ends": ends.isoformat()})
    said = _("Give this token to whoever runs the program. It is shown only now and is valid for a year.")
    return _person(request, post.person, once=secret, once_said=said)


@administers
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a token back."""
    token = get_object_or_404(Token.objects.select_related("post"), pk=pk)
    record(request, subject_of("post", token.post_id), "revoke", {"title": token.title})
    token.delete()
    messages.success(request, _("The token is taken back; the program can no longer act."))
    return redirect("web:admin-person", token.post.person_id)


def in_full(found: QuerySet[Post]) -> QuerySet[Post]:
    return found.select_related("role", "organisation", "person").order_by("pk")


def post_told(post: Post) -> dict[str, Any]:
    return {
        "post": post,
        "title": f"{post.organisation} · {post.role}",
        "place": words.in_words(presenting.place(post.place)),
        "held": post.held_on(timezone.localdate()),
        "who": str(post.person) if post.person else _("vacant"),
    }


# --- from tables ------------------------------------------------------------------------------------


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def upload_units(request: HttpRequest) -> HttpResponse:
    """Units from a table."""
    columns = "code, name, name_en, kind, parent_code, place"
    return upload(
        request, _("Import units"), columns, "import-organisations", import_organisations, "web:admin-units"
    )


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def upload_posts(request: HttpRequest) -> HttpResponse:
    """Persons and their posts from a table."""
    columns = "username, name, role, organisation_code, place, begins, ends, phone, email"
    return upload(request, _("Import posts"), columns, "import-posts", import_posts, "web:admin-persons")


def upload(
    request: HttpRequest, title: str, columns: str, action: str, run: Callable[..., Any], back: str
) -> HttpResponse:
    """A table that is sent: what came of it, and each row that did not go in with its reason."""
    context: dict[str, Any] = {"title": title, "columns": columns, "back": reverse(back)}
    sent = request.FILES.get("file")
    if request.method == "POST" and sent is None:
        context["problem"] = _("Choose a file.")
    if sent is not None:
        rejected: list[Rejection] = []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            with path.open("wb") as file:
                file.writelines(sent.chunks())
            done = run(path, place_of=_place_of, reject=rejected.append)
        if done.added or done.changed:
            world.changed()
            counts = {"added": done.added, "changed": done.changed, "rejected": done.rejected}
            record(request, PEOPLE, action, {"file": sent.name or "", **counts})
        context |= {"done": done, "rejected": rejected[:SHOWN], "more": done.rejected - SHOWN}
    return render(request, "web/admin/upload.html", context, status=422 if "problem" in context else 200)


def _place_of(text: str) -> str | None:
    try:
        return place_named(text) if text.isdigit() else None
    except forms.ValidationError:
        return None
