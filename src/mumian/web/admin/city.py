"""What the city sets itself: its calendar by year, its catalogue of kinds, and who answers for what."""

import calendar as months
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine import world
from mumian.engine.limits import Limit
from mumian.engine.models import Calendar, CalendarDay, Catalogue, Installation, Kind, ProcedureVersion
from mumian.intake.models import Responsibility
from mumian.intake.responsible import import_responsibilities
from mumian.people.models import Organisation, Person
from mumian.web import presenting, words
from mumian.web.admin.forms import LimitField, PlaceField, YesNo, fields, problems
from mumian.web.admin.guard import administers, record
from mumian.web.admin.history import PEOPLE, history, subject_of
from mumian.web.admin.people import AT_ONCE, upload

RESPONSIBILITY = subject_of("responsibility", "table")


@administers
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where each thing is, with how much there is of it."""
    here = city_row()
    known = Calendar.objects.filter(pk=here.calendar).values_list("known", flat=True).first()
    context = {
        "procedures": ProcedureVersion.objects.filter(status="published").values("name").distinct().count(),
        "drafts": ProcedureVersion.objects.filter(status="draft").count(),
        "units": Organisation.objects.filter(active=True).count(),
        "persons": Person.objects.filter(posts__isnull=False).distinct().count(),
        "known": known,
        "kinds": Kind.objects.filter(active=True).count(),
        "lines": Responsibility.objects.count(),
        "history": history(PEOPLE),
    }
    return render(request, "web/admin/home.html", context)


def city_row() -> Installation:
    """The installation."""
    return Installation.objects.get()


# --- calendars --------------------------------------------------------------------------------------


class DayForm(forms.Form):
    """A day that differs from its weekday."""

    day = forms.DateField(label=gettext_lazy("Day"))
    working = YesNo(label=gettext_lazy("Is it a working day?"))
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, required=False,
        help_text=gettext_lazy("Which holiday: Chinese / English."),
    )  # fmt: skip


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """One year of the working calendar; days are added, changed and taken out."""
    kept = get_object_or_404(Calendar, pk=city_row().calendar)
    this = timezone.localdate().year
    said = request.GET.get("year", "")
    year = int(said) if said.isdigit() and 1990 <= int(said) <= 2100 else this
    subject = subject_of("calendar", kept.pk)
    form = DayForm(request.POST if request.method == "POST" and "remove" not in request.POST else None)
    if request.method == "POST" and "remove" in request.POST:
        gone = get_object_or_404(CalendarDay, calendar=kept, pk=request.POST["remove"])
        record(
            request,
            subject,
            "remove",
            {"day": gone.day.isoformat(), "working": gone.working, "name": gone.name},
        )
        gone.delete()
        world.changed()
        messages.success(request, _("The day is again as its weekday is."))
        return redirect(f"{request.path}?year={gone.day.year}")
    if form.is_bound and form.is_valid():
        day = form.cleaned_data
        CalendarDay.objects.update_or_create(
            calendar=kept, day=day["day"], defaults={"working": day["working"], "name": day["name"]}
        )
        record(request, subject, "add", {**day, "day": day["day"].isoformat()})
        world.changed()
        messages.success(request, _("Saved. Due times reckoned from now on follow it; those there are stay."))
        return redirect(f"{request.path}?year={day['day'].year}")
    days = list(kept.days.filter(day__year=year).order_by("day"))
    context = {
        "calendar": kept,
        "hours": [" – ".join(each) for each in kept.hours],
        "year": year,
        "years": [year - 1, year + 1],
        "months": [_month(year, month, kept, {day.day: day for day in days}) for month in range(1, 13)],
        "days": [{"day": day, "name": _of_both(day.name)} for day in days],
        "fields": fields(form),
        "problems": problems(form),
        "history": history(subject),
    }
    return render(request, "web/admin/calendar.html", context, status=422 if form.is_bound else 200)


def _month(year: int, month: int, kept: Calendar, days: dict[date, CalendarDay]) -> dict[str, Any]:
    """A month in weeks from Monday: each day with whether one works and whether that is unusual."""
    weeks = []
    for week in months.Calendar().monthdatescalendar(year, month):
        shown = []
        for day in week:
            moved = days.get(day)
            working = moved.working if moved else day.weekday() in kept.weekdays
            shown.append(
                {
                    "day": day if day.month == month else None,
                    "number": day.day,
                    "class": ("moved " if moved else "") + ("works" if working else "rests"),
                    "name": _of_both(moved.name) if moved else "",
                }
            )
        weeks.append(shown)
    return {"first": date(year, month, 1), "weeks": weeks}


def _of_both(name: str) -> str:
    """A holiday's name, kept as Chinese / English."""
    zh, _slash, en = name.partition(" / ")
    return words.in_words({"zh": zh, "en": en or zh})


# --- the catalogue ----------------------------------------------------------------------------------


class KindForm(forms.Form):
    """A kind of matter; its clocks come from the procedures that use the catalogue."""

    title = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=100)
    title_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=100, required=False)
    unit_kind = forms.CharField(
        label=gettext_lazy("Kind of unit responsible"), max_length=40, required=False,
        help_text=gettext_lazy("Such as water or fire, as units have it."),
    )  # fmt: skip
    unit_at = forms.ChoiceField(label=gettext_lazy("Level of the unit"), required=False)
    zh = forms.CharField(
        label=gettext_lazy("Keywords in Chinese"), widget=forms.Textarea, required=False, max_length=2000,
        help_text=gettext_lazy("The words residents use, between commas."),
    )  # fmt: skip
    en = forms.CharField(
        label=gettext_lazy("Keywords in English"), widget=forms.Textarea, required=False, max_length=2000
    )
    in_grid = YesNo(label=gettext_lazy("May a grid settle it itself?"))
    hazard = YesNo(label=gettext_lazy("Is it checked again later?"))
    active = YesNo(label=gettext_lazy("Can it be chosen?"))

    def __init__(self, *args: Any, clocks: dict[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["unit_at"].choices = [  # type: ignore[attr-defined]
            (level, words.in_words(title)) for level, title in _levels()
        ]
        for name, title in clocks.items():
            self.fields[f"limit_{name}"] = LimitField(
                label=_("Time limit: %(clock)s") % {"clock": title},
                max_length=40,
                required=False,
                help_text=_(
                    "Such as 4 working hours, 5 working days, 10 days; empty for that of the kind above or the procedure."
                ),
            )


@administers
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """The kinds of a catalogue, major by major."""
    catalogues = list(Catalogue.objects.order_by("pk"))
    name = request.GET.get("name") or (catalogues[0].pk if catalogues else "")
    kinds = list(Kind.objects.filter(catalogue=name).order_by("code"))
    clocks = _clocks(name)
    groups: list[dict[str, Any]] = []
    for kind in kinds:
        if "." not in kind.code:
            groups.append({"kind": kind, "minor": []})
        elif groups:
            limits = [
                f"{clocks.get(clock, clock)} {words.in_words(Limit.parse(limit).words())}"
                for clock, limit in kind.limits.items()
            ]
            groups[-1]["minor"].append({"kind": kind, "limits": limits})
    context = {
        "catalogues": catalogues,
        "name": name,
        "groups": groups,
        "history": history(subject_of("catalogue", name)),
    }
    return render(request, "web/admin/catalogue.html", context)


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: HttpRequest, catalogue: str, code: str) -> HttpResponse:
    """One kind: its names, limits, unit and words."""
    kept = get_object_or_404(Kind.objects.select_related("catalogue"), catalogue=catalogue, code=code)
    clocks = _clocks(catalogue)
    known = {name: getattr(kept, name) for name in _PLAIN} | {
        language: "，".join(kept.keywords.get(language, [])) if language == "zh" else ", ".join(kept.keywords.get(language, []))
        for language in ("zh", "en")
    } | {f"limit_{name}": kept.limits.get(name, "") for name in clocks}  # fmt: skip
    form = KindForm(request.POST if request.method == "POST" else None, initial=known, clocks=clocks)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        fresh = {name: said[name] for name in _PLAIN}
        fresh["limits"] = {**kept.limits, **{name: said[f"limit_{name}"] for name in clocks}}
        fresh["limits"] = {name: limit for name, limit in fresh["limits"].items() if limit}
        fresh["keywords"] = {language: _listed(said[language]) for language in ("zh", "en")}
        told = {name: value for name, value in fresh.items() if getattr(kept, name) != value}
        for name, value in fresh.items():
            setattr(kept, name, value)
        kept.save()
        if told:
            record(request, subject_of("catalogue", catalogue), "change", {"code": code, **told})
            world.changed()
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('web:admin-catalogue')}?name={catalogue}")
    context = {
        "title": f"{kept.code} {kept}",
        "back": f"{reverse('web:admin-catalogue')}?name={catalogue}",
        "fields": fields(form),
        "problems": problems(form),
        "history": history(subject_of("catalogue", catalogue)),
    }
    return render(request, "web/admin/form.html", context, status=422 if form.is_bound else 200)


_PLAIN = ("title", "title_en", "unit_kind", "unit_at", "in_grid", "hazard", "active")


def _levels() -> list[tuple[str, words.Text]]:
    from mumian.engine.parties import LEVELS

    return [("", "")] + [(name, level.titles) for name, level in LEVELS.items()]


def _clocks(catalogue: str) -> dict[str, str]:
    """The clocks whose limit this catalogue gives, with their titles."""
    here = world.city()
    found: dict[str, str] = {}
    for name in sorted(here.current):
        compiled = here.procedure(name)
        if compiled.catalogue == catalogue:
            for clock, spec in compiled.clocks.items():
                if spec.limit.by:
                    found.setdefault(clock, words.in_words(presenting.titled(spec, clock)))
    return found


def _listed(text: str) -> list[str]:
    said = text.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
    return list(dict.fromkeys(each.strip() for each in said if each.strip()))


# --- who answers for what ---------------------------------------------------------------------------


class LineForm(forms.Form):
    """A line of the responsibility table."""

    kind = forms.CharField(
        label=gettext_lazy("Kind"), max_length=128, required=False,
        help_text=gettext_lazy("Its code, such as 03 or 03.04; empty for all kinds."),
    )  # fmt: skip
    place = PlaceField(
        label=gettext_lazy("Place"), max_length=100, required=False,
        help_text=gettext_lazy("The code of a place, or its name; empty for everywhere."),
    )  # fmt: skip
    unit = forms.CharField(
        label=gettext_lazy("Unit"), max_length=200, help_text=gettext_lazy("Its code, or its whole name.")
    )
    basis = forms.CharField(
        label=gettext_lazy("Basis"), max_length=200, required=False,
        help_text=gettext_lazy("The document that says so."),
    )  # fmt: skip

    def __init__(self, *args: Any, line: Responsibility | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.line = line

    def clean_kind(self) -> str:
        code: str = self.cleaned_data["kind"].strip()
        if code and not any(code in kinds for kinds in world.city().kinds.values()):
            raise forms.ValidationError(_("No catalogue has this kind."))
        return code

    def clean_unit(self) -> Organisation:
        said = self.cleaned_data["unit"].strip()
        found = list(Organisation.objects.filter(Q(code=said) | Q(name=said) | Q(name_en=said))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Several units have this name; write the code.") if found else _("There is no such unit.")
            )
        return found[0]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if "kind" in said and "place" in said:
            others = Responsibility.objects.filter(kind=said["kind"], place=said["place"]).select_related(
                "unit"
            )
            if other := others.exclude(pk=self.line.pk if self.line else 0).first():
                raise forms.ValidationError(
                    _("For this kind and place %(unit)s answers already; change that line.")
                    % {"unit": other.unit}
                )
        return said


@administers
@require_GET
def responsibilities(request: HttpRequest) -> HttpResponse:
    """The responsibility table, narrowed by kind, place or unit."""
    found = Responsibility.objects.select_related("unit").order_by("pk")
    asked = {name: request.GET.get(name, "").strip() for name in ("kind", "place", "unit")}
    if asked["kind"]:
        found = found.filter(kind__startswith=asked["kind"])
    if asked["place"]:
        found = found.filter(place__startswith=asked["place"])
    if asked["unit"]:
        found = found.filter(Q(unit__name__icontains=asked["unit"]) | Q(unit__code=asked["unit"]))
    after = request.GET.get("after", "")
    rows = list(found.filter(pk__gt=int(after) if after.isdigit() else 0)[: AT_ONCE + 1])
    shown = [
        {
            "line": row,
            "kind": _kind_named(row.kind) if row.kind else _("all kinds"),
            "place": words.in_words(presenting.place(row.place)) if row.place else _("everywhere"),
        }
        for row in rows[:AT_ONCE]
    ]
    context = {
        "rows": shown,
        "asked": asked,
        "next": rows[AT_ONCE - 1].pk if len(rows) > AT_ONCE else "",
        "history": history(RESPONSIBILITY),
    }
    return render(request, "web/admin/responsibilities.html", context)


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def responsibility(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One line of the table, or a new one."""
    kept = get_object_or_404(Responsibility.objects.select_related("unit"), pk=pk) if pk else None
    known = (
        {"kind": kept.kind, "place": kept.place, "unit": kept.unit.code, "basis": kept.basis} if kept else {}
    )
    form = LineForm(request.POST if request.method == "POST" else None, initial=known, line=kept)
    if form.is_bound and form.is_valid():
        fresh = kept or Responsibility()
        for name, value in form.cleaned_data.items():
            setattr(fresh, name, value)
        fresh.save()
        told = {"kind": fresh.kind, "place": fresh.place, "unit": fresh.unit.name, "basis": fresh.basis}
        record(request, RESPONSIBILITY, "change" if kept else "add", told)
        messages.success(request, _("Saved."))
        return redirect("web:admin-responsibilities")
    context = {
        "title": _("Who answers for what"),
        "back": reverse("web:admin-responsibilities"),
        "fields": fields(form),
        "problems": problems(form),
        "remove": reverse("web:admin-responsibility-remove", args=[kept.pk]) if kept else "",
        "history": [],
    }
    return render(request, "web/admin/form.html", context, status=422 if form.is_bound else 200)


@administers
@require_POST
def remove_responsibility(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a line out of the table."""
    kept = Responsibility.objects.select_related("unit").filter(pk=pk).first()
    if kept is None:
        raise Http404
    record(
        request, RESPONSIBILITY, "remove", {"kind": kept.kind, "place": kept.place, "unit": kept.unit.name}
    )
    kept.delete()
    messages.success(request, _("The line is taken out."))
    return redirect("web:admin-responsibilities")


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def upload_responsibilities(request: HttpRequest) -> HttpResponse:
    """The responsibility table from a file."""
    return upload(
        request,
        _("Import who answers for what"),
        "kind, place, organisation_code, basis",
        "import-responsibilities",
        import_responsibilities,
        "web:admin-responsibilities",
    )


def _kind_named(code: str) -> str:
    for name, kinds in world.city().kinds.items():
        if code in kinds:
            return f"{code} {words.in_words(presenting.kind(name, code))}"
    return code
