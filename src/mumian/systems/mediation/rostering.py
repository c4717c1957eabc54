"""The roster on pages: an organiser adds, changes and retires mediators and rooms of the organisations at the own place."""

from collections.abc import Mapping
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.people.models import Person, Post
from mumian.place.codes import range_of
from mumian.systems.mediation.cases import open_cases
from mumian.systems.mediation.entering import as_organiser
from mumian.systems.mediation.finding import LANGUAGES
from mumian.systems.mediation.models import Body, Mediator, MediatorSort, MeetingRoom, Session, Tie, TieSort
from mumian.systems.mediation.showing import short_kind
from mumian.web import presenting, words
from mumian.web.admin.forms import PlaceField, fields, problems
from mumian.web.admin.guard import record
from mumian.web.admin.history import history, subject_of
from mumian.web.entering import View

LONGEST_TIES = 4000


class _Several(forms.MultipleChoiceField):
    """Some of a list; none is a choice too, where it is not required."""

    def prepare_value(self, value: Any) -> Any:
        return list(value or ())


class BodyForm(forms.Form):
    """What the public is told of an organisation."""

    address = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=32, required=False)
    hours = forms.CharField(label=gettext_lazy("When one can come"), max_length=100, required=False)
    fee = forms.CharField(
        label=gettext_lazy("Fee"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Empty for nothing."),
    )
    fields_ = _Several(
        label=gettext_lazy("Kinds of dispute"), required=False, help_text=gettext_lazy("None for all.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer_kinds(self)


class MediatorForm(forms.Form):
    """One who mediates. Name, account and telephone of one who is there are an administrator's to change."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=64, required=False,
        help_text=gettext_lazy("Used to sign in. Of one who has an account already: that account, under the same name."),
    )  # fmt: skip
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=32, required=False)
    code = forms.CharField(
        label=gettext_lazy("Number of the licence"), max_length=64, help_text=gettext_lazy("Stable; of one person alone.")
    )  # fmt: skip
    sort = forms.ChoiceField(label=gettext_lazy("Sort"), choices=MediatorSort.choices)
    fields_ = _Several(
        label=gettext_lazy("Kinds of dispute"), required=False, help_text=gettext_lazy("None for all.")
    )
    languages = _Several(label=gettext_lazy("Languages"))
    place = PlaceField(
        label=gettext_lazy("Where one works"), max_length=100, help_text=gettext_lazy("The code of a place, or its name.")
    )  # fmt: skip
    reach = PlaceField(
        label=gettext_lazy("The place within which one goes"), max_length=100,
        help_text=gettext_lazy("The code of a place, or its name."),
    )  # fmt: skip
    capacity = forms.IntegerField(label=gettext_lazy("Open cases at most"), min_value=0, max_value=200)
    hours = forms.CharField(label=gettext_lazy("Hours"), max_length=100, required=False)
    fee = forms.CharField(
        label=gettext_lazy("Fee"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Empty for nothing."),
    )
    firm = forms.CharField(
        label=gettext_lazy("Employer or law firm"), max_length=200, required=False,
        help_text=gettext_lazy("For conflicts of interest; not shown to the public."),
    )  # fmt: skip
    since = forms.IntegerField(label=gettext_lazy("Year one began"), min_value=1950, required=False)
    profile = forms.CharField(label=gettext_lazy("A few public words"), max_length=400, required=False)
    relation = forms.CharField(
        label=gettext_lazy("Relatives and close persons"), max_length=LONGEST_TIES, required=False, widget=forms.Textarea,
        help_text=gettext_lazy("Names, one a line. Never mediates for them; shown to nobody else."),
    )  # fmt: skip
    client = forms.CharField(
        label=gettext_lazy("Clients, now and before"), max_length=LONGEST_TIES, required=False, widget=forms.Textarea,
        help_text=gettext_lazy("Names, one a line. Never mediates for them; shown to nobody else."),
    )  # fmt: skip

    def __init__(self, *args: Any, mediator: Mediator | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.mediator = mediator
        _offer_kinds(self)
        self._several("languages").choices = [
            (code, words.in_words(title)) for code, title in LANGUAGES.items()
        ]
        for name in ("place", "reach"):
            if where := presenting.place_name(self.initial.get(name, "")):
                self.fields[name].help_text = f"{words.in_words(where)} · {self.fields[name].help_text}"
        if mediator:
            for name in ("name", "username", "phone"):
                del self.fields[name]

    def _several(self, name: str) -> _Several:
        return cast(_Several, self.fields[name])

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Mediator.objects.filter(code=code).exclude(pk=self.mediator.pk if self.mediator else 0).exists():
            raise forms.ValidationError(_("Another mediator has this number."))
        return code

    def clean_since(self) -> int | None:
        year: int | None = self.cleaned_data["since"]
        if year and year > timezone.localdate().year:
            raise forms.ValidationError(_("That year lies ahead."))
        return year

    def clean(self) -> dict[str, Any]:
        said = cast(dict[str, Any], super().clean())
        for name in ("relation", "client"):
            if any(len(each) > 200 for each in _names(said.get(name, ""))):
                self.add_error(name, _("One name a line, of at most 200 characters."))
        account = Person.objects.filter(username=said["username"]).first() if said.get("username") else None
        if account and account.name != said.get("name"):
            self.add_error("username", _("Somebody else has this user name."))
        elif account and Mediator.objects.filter(person=account).exists():
            self.add_error("username", _("This person is a mediator already."))
        said["account"] = account
        return said


class RoomForm(forms.Form):
    """A room in which people meet."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=500)

    def __init__(self, *args: Any, body: Body, room: MeetingRoom | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.body, self.room = body, room

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = MeetingRoom.objects.filter(body=self.body, name=name)
        if others.exclude(pk=self.room.pk if self.room else 0).exists():
            raise forms.ValidationError(_("Another room is called so."))
        return name


def _offer_kinds(form: forms.Form) -> None:
    codes = sorted(code for code in city().kinds.get("disputes", ()) if len(code) == 2)
    cast(_Several, form.fields["fields_"]).choices = [
        (code, words.in_words(short_kind(code))) for code in codes
    ]


# --- the pages --------------------------------------------------------------------------------------


@never_cache
@require_GET
@as_organiser
def roster(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every organisation at the own place, with its mediators and rooms, those retired at the end."""
    people = Mediator.objects.select_related("person").order_by("-active", "person__name")
    rooms = MeetingRoom.objects.order_by("-active", "name")
    bodies = list(_bodies(actor).prefetch_related(Prefetch("mediators", people), Prefetch("rooms", rooms)))
    busy = open_cases([each.pk for body in bodies for each in body.mediators.all()])
    shown = [
        {
            "body": body,
            "place": presenting.place_name(body.organisation.place),
            "mediators": [(each, busy.get(each.pk, 0)) for each in body.mediators.all()],
        }
        for body in bodies
    ]
    context = {"bodies": shown, "place": presenting.place_name(actor.place)}
    return render(request, "mediation/roster.html", context)


def _bodies(actor: Actor) -> "QuerySet[Body]":
    """The organisations an organiser keeps: those of the own place and below it."""
    low, high = range_of(actor.place)
    rows = Body.objects.filter(active=True, organisation__place__gte=low, organisation__place__lt=high)
    return rows.select_related("organisation").order_by("organisation__place", "organisation__name")


def _of_own_body(view: View) -> View:
    """Gives a view the organisation in the address, if it is one the organiser keeps."""

    @wraps(view)
    @as_organiser
    def keeping(request: HttpRequest, actor: Actor, body: int, **more: Any) -> HttpResponseBase:
        return view(request, get_object_or_404(_bodies(actor), pk=body), **more)

    return keeping


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_of_own_body
def body(request: HttpRequest, body: Body) -> HttpResponse:
    """What the public is told of an organisation."""
    form = BodyForm(_sent(request), initial=_known(BodyForm, body))
    if form.is_bound and form.is_valid():
        _store(request, body, _columns(form.cleaned_data))
        return redirect("mediation:roster")
    return _edit(request, form, str(body.organisation), body)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_of_own_body
def mediator(request: HttpRequest, body: Body, key: int | None = None) -> HttpResponse:
    """A mediator of an organisation, or a new one, who gets a link to choose a password."""
    kept = get_object_or_404(body.mediators.select_related("person"), pk=key) if key else None
    fresh = {
        "capacity": 10,
        "sort": "full-time",
        "languages": ["zh"],
        "place": body.organisation.place,
        "reach": body.organisation.place,
    }
    known = _known(MediatorForm, kept) | _tied(kept) if kept else fresh
    form = MediatorForm(_sent(request), initial=known, mediator=kept)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            invited = _store_mediator(request, body, kept, form.cleaned_data)
        if invited:
            messages.success(
                request,
                _("Give this link to the mediator: a password is chosen by it, once, within three days."),
            )
            messages.info(request, _welcome(request, invited))
        return redirect("mediation:roster")
    return _edit(
        request, form, str(kept) if kept else _("A new mediator"), kept, "mediation:retire" if kept else ""
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_of_own_body
def room(request: HttpRequest, body: Body, key: int | None = None) -> HttpResponse:
    """A room of an organisation, or a new one."""
    kept = get_object_or_404(body.rooms, pk=key) if key else None
    known = _known(RoomForm, kept) if kept else {"seats": 8}
    form = RoomForm(_sent(request), initial=known, body=body, room=kept)
    if form.is_bound and form.is_valid():
        _store(request, kept or MeetingRoom(body=body), form.cleaned_data)
        return redirect("mediation:roster")
    return _edit(
        request, form, str(kept) if kept else _("A new room"), kept, "mediation:close-room" if kept else ""
    )


@require_POST
@_of_own_body
def retire(request: HttpRequest, body: Body, key: int) -> HttpResponse:
    """A mediator gets no new cases, and those that are open stay; or comes back."""
    kept = get_object_or_404(body.mediators.select_related("person"), pk=key)
    _store(request, kept, {"active": not kept.active})
    still = open_cases([kept.pk]).get(kept.pk, 0)
    ends = None if kept.active or still else timezone.localdate()
    _posts(kept).update(ends=ends)
    if still and not kept.active:
        messages.info(
            request,
            _("%(count)s open cases stay with the mediator until somebody else is appointed.")
            % {"count": still},
        )
    return redirect("mediation:roster")


@require_POST
@_of_own_body
def close_room(request: HttpRequest, body: Body, key: int) -> HttpResponse:
    """A room is given up, unless somebody is to meet there; or used again."""
    kept = get_object_or_404(body.rooms, pk=key)
    ahead = Session.objects.filter(room=kept, cancelled=False, during__endswith__gt=timezone.now()).count()
    if kept.active and ahead:
        messages.warning(
            request,
            _("%(count)s sessions are set in this room; move or call them off first.") % {"count": ahead},
        )
    else:
        _store(request, kept, {"active": not kept.active})
    return redirect("mediation:roster")


def _edit(
    request: HttpRequest, form: forms.Form, title: str, kept: Any = None, retire: str = ""
) -> HttpResponse:
    context = {
        "title": title,
        "fields": fields(form),
        "problems": problems(form),
        "kept": kept,
        "retire": reverse(retire, args=[kept.body_id, kept.pk]) if retire else "",
        "history": history(_subject(kept)) if kept else [],
    }
    return render(request, "mediation/edit.html", context, status=422 if form.is_bound else 200)


# --- storing ----------------------------------------------------------------------------------------


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _known(form: type[forms.Form], kept: Any) -> dict[str, Any]:
    """What is there already, by field of the form."""
    return {name: getattr(kept, name.rstrip("_"), None) for name in form.base_fields}


def _columns(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in said.items()}


def _store(request: HttpRequest, thing: Any, values: Mapping[str, Any]) -> None:
    """Stores what differs, and says on the record what changed: which fields, and who did it."""
    made = thing.pk is None
    differing = [name for name, value in values.items() if getattr(thing, name) != value]
    for name in differing:
        setattr(thing, name, values[name])
    if made or differing:
        thing.save()
        record(request, _subject(thing), "add" if made else "change", {"fields": differing})
    messages.success(request, _("Saved."))


def _subject(thing: Any) -> Any:
    return subject_of(f"mediation-{type(thing).__name__.lower()}", thing.pk)


def _store_mediator(
    request: HttpRequest, body: Body, kept: Mediator | None, said: dict[str, Any]
) -> Person | None:
    """Stores a mediator with ties and post; returns a person made for it, who has no password yet."""
    person, invited = kept.person if kept else said["account"], None
    if person is None:
        person = invited = Person(
            username=said["username"] or None, name=said["name"], phone=said["phone"], password="!"
        )
        person.save()
    apart = ("name", "username", "phone", "account", "relation", "client")
    thing = kept or Mediator(person=person, body=body)
    _store(request, thing, _columns({name: value for name, value in said.items() if name not in apart}))
    for sort in (TieSort.RELATION, TieSort.CLIENT):
        wanted = _names(said[sort])
        thing.ties.filter(sort=sort).exclude(name__in=wanted).delete()
        Tie.objects.bulk_create(
            [Tie(mediator=thing, sort=sort, name=name) for name in wanted], ignore_conflicts=True
        )
    if not _posts(thing).update(place=thing.reach):
        Post.objects.create(person=person, role_id="mediator", organisation_id=body.pk, place=thing.reach)
    return invited if invited and invited.username else None


def _posts(mediator: Mediator) -> "QuerySet[Post]":
    return Post.objects.filter(person=mediator.person, role="mediator", organisation=mediator.body_id)


def _tied(mediator: Mediator) -> dict[str, str]:
    rows = mediator.ties.order_by("name").values_list("sort", "name")
    return {sort: "\n".join(name for kind, name in rows if kind == sort) for sort in ("relation", "client")}


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))


def _welcome(request: HttpRequest, person: Person) -> str:
    """The link by which one who has no password yet chooses one."""
    token = default_token_generator.make_token(person)
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return request.build_absolute_uri(reverse("web:welcome", args=[uid, token]))
