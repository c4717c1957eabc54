"""Procedures: as they are in force, their versions, and a copy that is edited, proved and published."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.compiled import Compiled
from mumian.engine.definition import BrokenDefinition, Problem, Procedure, Source, read
from mumian.engine.models import ProcedureVersion
from mumian.engine.prover import prove
from mumian.engine.publishing import publish as publish_version
from mumian.engine.publishing import subject_of
from mumian.engine.scenarios import walk
from mumian.engine.world import city
from mumian.people.models import Person, Role
from mumian.web import presenting, words
from mumian.web.admin.guard import actor_of, administers
from mumian.web.admin.history import history
from mumian.web.diagram import changed_diagram, diagram
from mumian.web.words import Text

DRAFT = 0
"""The version under which the one copy of a procedure that is being edited is kept until it is published."""
LONGEST = 200_000
"""Characters of a definition."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault with the line it is about, as written."""

    line: int
    text: str
    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A path of the definition as it was walked: the titles of its actions, and where it stopped, if it did."""

    name: str
    steps: Sequence[Text]
    passed: int

    @property
    def whole(self) -> bool:
        return self.passed == len(self.steps)


@dataclass(frozen=True, slots=True)
class Proved:
    """What the prover says of a text."""

    faults: Sequence[Fault]
    source: Source | None

    @property
    def sound(self) -> bool:
        return not self.faults


@administers
@require_GET
def procedures(request: HttpRequest) -> HttpResponse:
    """All procedures with the version in force and the copy being edited."""
    rows = ProcedureVersion.objects.defer("text").order_by("name", "-version")
    people = Person.objects.in_bulk({row.published_by for row in rows if row.published_by})
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        listed = found.setdefault(row.name, {"name": row.name, "current": None, "draft": None})
        slot = "draft" if row.version == DRAFT else "current"
        listed[slot] = listed[slot] or _told(row, people)
    here = city()
    for name, listed in found.items():
        known = name in here.current
        listed["title"] = here.procedure(name).definition.title if known else name
    return render(request, "web/admin/procedures.html", {"procedures": list(found.values())})


@administers
@require_GET
def procedure(request: HttpRequest, name: str) -> HttpResponse:
    """One procedure: its picture, what the prover says, its versions and its history."""
    versions = list(ProcedureVersion.objects.filter(name=name).order_by("-version"))
    published = [row for row in versions if row.version != DRAFT]
    asked = request.GET.get("version", "")
    shown = next((row for row in published if not asked or str(row.version) == asked), None)
    if shown is None:
        if versions:
            return redirect("web:admin-edit", name)
        raise Http404
    people = Person.objects.in_bulk({row.published_by for row in versions if row.published_by})
    compiled = city().procedure(name, shown.version)
    proved = proved_by_prover(shown.text)
    context = {
        "name": name,
        "title": compiled.definition.title,
        "shown": _told(shown, people),
        "diagram": diagram(compiled),
        "faults": proved.faults,
        "scenarios": scenarios_of(compiled),
        "versions": [_told(row, people) for row in published],
        "draft": next((_told(row, people) for row in versions if row.version == DRAFT), None),
        "text": shown.text,
        "history": history(subject_of(name)),
    }
    return render(request, "web/admin/procedure.html", context)


@administers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """The copy being edited. Whatever is sent is kept before it is proved, faulty or not."""
    draft = ProcedureVersion.objects.filter(name=name, version=DRAFT).first()
    if request.method != "POST":
        text = draft.text if draft else _in_force(name)
        return _page(request, name, draft, text, proved=bool(draft))
    if "drop" in request.POST:
        ProcedureVersion.objects.filter(name=name, version=DRAFT).delete()
        messages.success(request, _("The copy is dropped; what is in force is as it was."))
        return redirect("web:admin-procedure", name)
    text = _lines(request.POST.get("text", ""))[:LONGEST]
    meanwhile = bool(draft and draft.digest != request.POST.get("digest") and draft.text != text)
    if meanwhile and "over" not in request.POST:
        return _page(request, name, draft, text, meanwhile=True)
    draft = _keep(request, name, text)
    return _page(request, name, draft, text)


@administers
@require_POST
def publish(request: HttpRequest, name: str) -> HttpResponse:
    """Publishes the copy as the next version: exactly the text that was proved."""
    draft = ProcedureVersion.objects.filter(name=name, version=DRAFT).first()
    if draft is None:
        return redirect("web:admin-procedure", name)
    proved = proved_by_prover(draft.text, name)
    if draft.digest != request.POST.get("digest") or proved.source is None or not proved.sound:
        return _page(request, name, draft, draft.text, status=422)
    row = publish_version(proved.source, actor=actor_of(request))
    draft.delete()
    messages.success(
        request,
        _("Version %(version)s is in force: new matters follow it, those there are keep theirs.")
        % {"version": row.version},
    )
    return redirect("web:admin-procedure", name)


# --- the copy ---------------------------------------------------------------------------------------


def proved_by_prover(text: str, name: str = "") -> Proved:
    """Every fault of a text; a copy of one procedure may not call itself another."""
    lines = text.splitlines()
    try:
        source = read(text, name or "<text>")
        problems = prove(source, roles=set(Role.objects.values_list("slug", flat=True)))
        if name and source.procedure.procedure != name:
            what = _("this is a copy of `%(name)s`, but calls itself `%(other)s`")
            said = what % {"name": name, "other": source.procedure.procedure}
            cure = _("Write `procedure: %(name)s`") % {"name": name}
            problems.insert(0, Problem(source.file, source.line("procedure"), said, cure))
    except BrokenDefinition as error:
        source, problems = None, error.problems
    return Proved([_fault(problem, lines) for problem in problems], source)


def scenarios_of(compiled: Compiled) -> list[Scenario]:
    """Each scenario, walked."""
    actions = compiled.definition.actions
    return [
        Scenario(
            name,
            [presenting.titled(actions.get(step), step) for step in path],
            len(walk(compiled, path).matters),
        )
        for name, path in compiled.definition.scenarios.items()
    ]


def _fault(problem: Problem, lines: Sequence[str]) -> Fault:
    written = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
    return Fault(problem.line, written[:160], problem.what, problem.cure)


def _page(
    request: HttpRequest,
    name: str,
    draft: ProcedureVersion | None,
    text: str,
    *,
    proved: bool = True,
    meanwhile: bool = False,
    status: int = 200,
) -> HttpResponse:
    said = proved_by_prover(text, name)
    here = city()
    before = here.procedure(name).definition if name in here.current else None
    readable = said.source.procedure if said.source else None
    drawn = Compiled(readable) if readable and _leads_somewhere(readable) else None
    context = {
        "name": name,
        "title": before.title if before else name,
        "version": here.current.get(name),
        "text": text,
        "digest": draft.digest if draft else "",
        "draft": _told(draft, _people(draft)) if draft else None,
        "proved": proved,
        "sound": said.sound,
        "faults": said.faults,
        "fault_lines": [fault.line for fault in said.faults],
        "meanwhile": meanwhile,
        "diagram": _drawn(drawn, before) if drawn else None,
        "changes": changes(before, readable) if before and readable else [],
        "scenarios": scenarios_of(drawn) if drawn and said.sound else [],
        "publishable": bool(draft and said.sound and not meanwhile and (readable != before)),
    }
    code = status if status != 200 else 422 if request.method == "POST" and not said.sound else 200
    return render(request, "web/admin/edit.html", context, status=code)


def _drawn(compiled: Compiled, before: Procedure | None) -> Any:
    return changed_diagram(compiled, before) if before else diagram(compiled)


def _leads_somewhere(procedure: Procedure) -> bool:
    """Whether every state an action names is there, so that it can be drawn."""
    named = {state for spec in procedure.actions.values() for state in [*(spec.from_ or []), spec.to or ""]}
    steps = {step for path in procedure.scenarios.values() for step in path}
    return named - {""} <= procedure.states.keys() and steps <= procedure.actions.keys()


def changes(before: Procedure, after: Procedure) -> list[tuple[str, str, str]]:
    """What differs: the sign, the part, and its title in words."""
    found = []
    for room, said in _ROOMS.items():
        there, here = getattr(before, room), getattr(after, room)
        for name in [*here, *(gone for gone in there if gone not in here)]:
            sign = "+" if name not in there else "-" if name not in here else "~"
            if sign != "~" or there[name] != here[name]:
                found.append((sign, str(said), _named(here.get(name) or there.get(name), name)))
    others = ("title", "basis", "catalogue", "confidential", "keep", "migrate")
    found += [("~", _("Head"), each) for each in others if getattr(before, each) != getattr(after, each)]
    return found


def _named(spec: Any, name: str) -> str:
    title = getattr(spec, "title", spec)
    said = words.in_words(title) if isinstance(title, dict) else ""
    return f"{said} ({name})" if said else name


def _in_force(name: str) -> str:
    version = city().current.get(name, DRAFT)
    text = ProcedureVersion.objects.filter(name=name, version=version).values_list("text", flat=True).first()
    if text is None:
        raise Http404
    return text


def _keep(request: HttpRequest, name: str, text: str) -> ProcedureVersion:
    row, _made = ProcedureVersion.objects.update_or_create(
        name=name,
        version=DRAFT,
        defaults={
            "status": ProcedureVersion.Status.DRAFT,
            "text": text,
            "digest": hashlib.sha256(text.encode()).hexdigest(),
            "published_at": timezone.now(),
            "published_by": actor_of(request).person,
        },
    )
    return row


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"


def _people(row: ProcedureVersion) -> dict[Any, Person]:
    return Person.objects.in_bulk([row.published_by]) if row.published_by else {}


def _told(row: ProcedureVersion, people: dict[Any, Person]) -> dict[str, Any]:
    who = people.get(row.published_by)
    return {
        "version": row.version,
        "at": row.published_at,
        "who": str(who) if who else _("The program"),
        "shipped": row.shipped,
        "digest": row.digest,
    }


_ROOMS = {
    "parties": gettext_lazy("Who takes part"),
    "form": gettext_lazy("Form"),
    "states": gettext_lazy("State"),
    "actions": gettext_lazy("Action"),
    "clocks": gettext_lazy("Time limit"),
    "outcomes": gettext_lazy("Outcome"),
    "scenarios": gettext_lazy("Scenario"),
}
