"""One matter: the page that puts the next step first, the forms of its actions, its comments, files and record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.api.problems import Problem, status_of
from mumian.api.rates import limit_public
from mumian.engine.compiled import Reason
from mumian.engine.decide import may
from mumian.engine.files import path_of
from mumian.engine.looking import Look, link_holder, look
from mumian.engine.models import Attachment, StoredFile
from mumian.engine.models import Matter as Row
from mumian.engine.numbers import read_number
from mumian.engine.perform import Act, Refused, perform, rehearse
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.intake.suggesting import Near
from mumian.people.actor import Actor
from mumian.record import chain
from mumian.record.models import Entry, Personal
from mumian.web import errors, notices, presenting, suggesting, words
from mumian.web.addresses import Addresses
from mumian.web.forms import Form, Sent, written
from mumian.web.history import History
from mumian.web.shown import Panel, Related
from mumian.web.words import Text

LONGEST_KEY = 64


@dataclass(frozen=True)
class Sight:
    """A matter as the one who asks sees it, and where its pages are for him or her."""

    request: HttpRequest
    look: Look
    addresses: Addresses

    @property
    def actor(self) -> Actor:
        return self.look.actor

    @property
    def in_office(self) -> bool:
        return self.actor.post is not None

    def history(self) -> History:
        return History.of(self.look, self.addresses.file)

    def again(self) -> "Sight | None":
        """The matter as it is by now; nothing if it is no longer seen."""
        seen = look(self.actor, self.look.matter.id)
        return replace(self, look=seen) if seen else None


View = Callable[..., HttpResponseBase]


def sighted(view: View) -> View:
    """Gives a view the matter whose number, and perhaps secret, stand in the address.

    What does not exist and what may not be seen give the same answer; one who is not known may sign in.
    """

    @wraps(view)
    def seeing(request: HttpRequest, number: str, secret: str = "", **more: Any) -> HttpResponseBase:
        actor = link_holder(secret, number=number) if secret else request.actor  # type: ignore[attr-defined]
        found = look(actor, key) if actor and (key := _key_of(actor, number)) else None
        if found is not None:
            return view(Sight(request, found, Addresses(number, secret)), **more)
        if actor and not secret and actor.person is None:
            return redirect_to_login(request.get_full_path())
        raise Http404

    return seeing


def _key_of(actor: Actor, number: str) -> UUID | None:
    if actor.bearer:
        return actor.bearer[0]
    return visible(actor).filter(number=read_number(number)).values_list("pk", flat=True).first()


# --- the page ---------------------------------------------------------------------------------------


@never_cache
@require_GET
@sighted
def matter(sight: Sight) -> HttpResponse:
    """The matter as it stands; on the page its system has for such matters, where it has one."""
    own = _own_page(sight)
    return redirect(own, sight.addresses.number) if own else page(sight)


def _own_page(sight: Sight) -> str:
    """The name of the page a system shows matters of this procedure on, to those who come by name."""
    name = sight.look.compiled.definition.procedure
    found = (getattr(config, "pages", {}).get(name, "") for config in apps.get_app_configs())
    return "" if sight.addresses.secret else next(filter(None, found), "")


def page(
    sight: Sight,
    *,
    problems: Sequence[str] = (),
    since: int | None = None,
    kept: Sequence[tuple[Text, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """The matter; with why something was not done, what happened since `since`, and words that were not sent."""
    history = sight.history()
    context = _context(sight, history) | {
        "problems": problems,
        "happened": history.since(since) if since is not None else [],
        "kept": kept,
    }
    if not sight.in_office:
        tell = notices.panel(sight.actor, sight.addresses.number, sight.addresses.secret)
        return render(sight.request, "web/track.html", context | {"tell": tell}, status=status)
    return render(sight.request, "web/matter.html", context | _at_desk(sight, history), status=status)


def _context(sight: Sight, history: History) -> dict[str, Any]:
    look, now = sight.look, timezone.now()
    matter, compiled = look.matter, look.compiled
    possible = look.possible(now)
    yours = sight.in_office and presenting.is_turn(compiled, matter, possible)
    acts = [
        presenting.act(compiled, name, sight.addresses.act(name), matter)
        for name in presenting.in_order(possible)
        if not history.said(name)
    ]
    return {
        "matter": {
            "number": matter.number,
            "procedure": compiled.definition.title,
            "title": matter.title or presenting.named_openly(compiled, matter),
            "text": _text(look),
            "state": presenting.state_of(compiled, matter),
            "place": presenting.place(matter.place),
            "address": presenting.address(compiled, matter),
            "kind": presenting.kind_of(compiled, matter),
            "reports": matter.reports,
            "unit": presenting.unit(matter.unit),
        },
        "next": {"acts": acts, "yours": yours, "said": presenting.what_next(look, now, yours=yours)},
        "steps": presenting.steps(compiled, matter, history.visited),
        "clocks": presenting.clocks(look, now, openly=not sight.in_office),
        "events": history.events,
        "files": history.files,
        "comments": history.comments,
        "comment": sight.addresses.comment if look.involved else "",
        "record": {"count": matter.seq, "url": sight.addresses.record},
        "seq": matter.seq,
        "key": uuid4().hex,
    }


def _text(look: Look) -> str:
    """The words a matter is called by, in full, where its title does not say all of them."""
    text = str(look.data.get(look.compiled.naming or "", ""))
    return text if text.strip("。.") != look.matter.title.strip("。.") else ""


def _at_desk(sight: Sight, history: History) -> dict[str, Any]:
    """What only those in office are shown: who takes part, and what belongs together."""
    matter = sight.look.matter
    others = {key for key in (matter.parent, matter.merged_into) if key}
    near = visible(sight.actor).filter(Q(parent=matter.id) | Q(pk__in=others)).order_by("opened_at", "pk")
    rows = {row.pk: row for row in near[:100]}
    panels = _panels(sight.look)
    told = frozenset[UUID]().union(*(panel.shows for panel in panels))
    children = [row for row in rows.values() if row.parent == matter.id and row.pk not in told]
    unseen = matter.children_open - sum(row.closed_at is None for row in children)
    return {
        "parties": history.parties,
        "children": [related(row) for row in children],
        "unseen": max(0, unseen),
        "parent": related(rows[matter.parent]) if matter.parent in rows else None,
        "original": related(rows[matter.merged_into]) if matter.merged_into in rows else None,
        "similar": _similar(sight) if _could_merge(sight.look) else [],
        "panels": panels,
    }


def _panels(look: Look) -> list[Panel]:
    """What systems add beside a matter."""
    makers = [getattr(config, "panels", None) for config in apps.get_app_configs()]
    return [panel for maker in makers if maker for panel in maker(look)]


def _could_merge(look: Look) -> bool:
    """Whether the reader may say that the matter is the same as another."""
    return any(spec.merges for spec in look.possible(timezone.now()).values())


def _similar(sight: Sight) -> list[Related]:
    """Matters that may be the same, as far as they are seen."""
    near = suggesting.same_as(sight.look.matter)
    seen = set(
        visible(sight.actor).filter(pk__in=[each.matter.pk for each in near]).values_list("pk", flat=True)
    )
    number = sight.look.matter.number
    return [
        replace(
            related(each.matter),
            note=_away(each),
            url=reverse("web:beside", args=[number, each.matter.number]),
        )
        for each in near
        if each.matter.pk in seen
    ]


def _away(near: Near) -> str:
    when = words.ago(near.matter.opened_at)
    if near.metres is None:
        return when
    return _("%(metres)s m away, %(ago)s") % {"metres": words.number(near.metres), "ago": when}


def related(row: Row) -> Related:
    """Another matter, as it is pointed to."""
    compiled = city().procedure(row.procedure, row.version)
    state = presenting.state(compiled, row.state, row.outcome)
    title = row.title or words.in_words(compiled.definition.title)
    return Related(Addresses(row.number).home, row.number, title, state, presenting.unit(row.unit_id))


# --- acting -----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sighted
def act(sight: Sight, action: str) -> HttpResponse:
    """The form of an action, and what becomes of it."""
    look = sight.look
    if action not in look.compiled.definition.actions:
        raise Http404
    form = Form(look.compiled, action, sight.actor, look.matter)
    if sight.request.method == "POST":
        return _limited(sight) or _do(sight, form)
    if under_way := _carrier(look, action):
        messages.info(sight.request, _("This has been begun; it is done once what you see here has arrived."))
        return redirect("web:matter", under_way)
    refusal = _forbidden(look, action)
    if refusal:
        return page(sight, problems=presenting.said([refusal]), status=status_of((refusal,)))
    return _form_page(sight, form)


def _forbidden(look: Look, action: str) -> Reason | None:
    return may(look.compiled, look.matter, action, actor=look.actor, now=timezone.now(), world=city().world)


def _carrier(look: Look, action: str) -> str | None:
    """The number of the matter by which an action is being done; nothing where none is under way."""
    carried = look.compiled.definition.actions[action].carried
    if carried is None:
        return None
    rows = visible(look.actor).filter(parent=look.matter.id, procedure=carried.procedure, closed_at=None)
    return rows.filter(data__act=action).order_by("-opened_at").values_list("number", flat=True).first()


def _limited(sight: Sight) -> HttpResponse | None:
    """The answer to one without a name who sends too much."""
    if sight.actor.person is None and not sight.in_office:
        try:
            limit_public(sight.request)
        except Problem as problem:
            return errors.too_many(sight.request, problem)
    return None


def _do(sight: Sight, form: Form) -> HttpResponse:
    if under_way := _carrier(sight.look, form.action):
        return redirect("web:matter", under_way)
    seen, sent = _seen(sight.request), form.read(sight.request)
    act = Act(
        form.action, sight.actor, sent.data, sight.look.matter.id, key=key_sent(sight.request), seen=seen
    )
    if sent.faults:
        return _form_page(sight, form, sent, would_fail(act), status=422)
    [result] = perform([act])
    if isinstance(result, Refused):
        return _not_done(sight, form, sent, result.reasons, seen)
    if result.state == sight.look.matter.state and (begun := _carrier(sight.look, form.action)):
        messages.success(sight.request, _("Begun. It is done once this has arrived and was accepted."))
        return redirect("web:matter", begun)
    return _done(sight, form.action)


def _done(sight: Sight, action: str) -> HttpResponse:
    title = words.in_words(presenting.titled(sight.look.compiled.definition.actions[action], action))
    messages.success(sight.request, _("Done: %(action)s") % {"action": title})
    if sight.in_office and _key_of(sight.actor, sight.addresses.number) is None:
        return redirect("web:board")
    return redirect(sight.addresses.home)


def _not_done(
    sight: Sight, form: Form, sent: Sent, reasons: tuple[Reason, ...], seen: int | None
) -> HttpResponse:
    """Why not; and where somebody else has acted meanwhile, what changed. What was written is kept."""
    now = sight.again()
    if now is None:
        raise Http404
    status = status_of(reasons)
    moved_on = seen is not None and now.look.matter.seq > seen
    if form.asked and _forbidden(now.look, form.action) is None:
        fresh = Form(now.look.compiled, form.action, now.actor, now.look.matter)
        happened = now.history().since(seen) if moved_on and seen is not None else []
        return _form_page(now, fresh, sent, reasons, happened=happened, status=status)
    return page(
        now,
        problems=presenting.said(reasons),
        since=seen if moved_on else None,
        kept=written(form, sent),
        status=status,
    )


def _form_page(
    sight: Sight,
    form: Form,
    sent: Sent | None = None,
    reasons: Sequence[Reason] = (),
    *,
    happened: Sequence[object] = (),
    status: int = 200,
) -> HttpResponse:
    compiled, matter = sight.look.compiled, sight.look.matter
    spec = compiled.definition.actions[form.action]
    context = {
        "action": {
            "title": presenting.titled(spec, form.action),
            "said": presenting.consequence(compiled, spec),
            "tone": spec.tone,
        },
        "matter": {"number": matter.number, "title": matter.title, "url": sight.addresses.home},
        "fields": form.fields(sent, reasons),
        "problems": form.others(reasons),
        "happened": happened,
        "seq": matter.seq,
        "key": uuid4().hex,
    }
    return render(sight.request, "web/act.html", context, status=status)


def would_fail(act: Act) -> tuple[Reason, ...]:
    """Why an act would not be done, beside what is known to be wrong with its form: so that all is said at once."""
    [result] = rehearse([act])
    return result.reasons if isinstance(result, Refused) else ()


@require_POST
@sighted
def comment(sight: Sight) -> HttpResponse:
    """Says something to those who work on it."""
    if limited := _limited(sight):
        return limited
    text = sight.request.POST.get("text", "")
    act = Act("comment", sight.actor, {"text": text}, sight.look.matter.id, key=key_sent(sight.request))
    [result] = perform([act])
    if isinstance(result, Refused):
        kept = [(_("Your comment"), text)] if text.strip() else []
        return page(sight, problems=presenting.said(result.reasons), kept=kept, status=422)
    return redirect(f"{sight.addresses.home}#comments")


def key_sent(request: HttpRequest) -> str | None:
    """The form's own key, by which sending it twice is one act."""
    key = request.POST.get("key", "")
    return key if key.isalnum() and key.isascii() and len(key) <= LONGEST_KEY else None


def _seen(request: HttpRequest) -> int | None:
    """The last entry there was when the page was drawn."""
    said = request.POST.get("seq", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


# --- files and record -------------------------------------------------------------------------------


@cache_control(private=True, max_age=365 * 24 * 3600, immutable=True)
@require_GET
@sighted
def file(sight: Sight, sha256: str, *, small: bool = False) -> FileResponse:
    """A file of the matter: pictures to be looked at, others to be kept."""
    if not Attachment.objects.filter(matter_id=sight.look.matter.id, sha256=sha256).exists():
        raise Http404
    stored = StoredFile.objects.filter(pk=sha256).first()
    path = path_of(sha256, thumb=small)
    if stored is None or not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"),
        as_attachment=not stored.type.startswith("image/"),
        filename=stored.name,
        content_type="image/jpeg" if small else stored.type,
    )


@never_cache
@require_GET
@sighted
def record(sight: Sight) -> HttpResponse:
    """The entries of the matter, each with its hash, and whether the chain holds."""
    matter = sight.look.matter
    history = sight.history()
    rows = list(Entry.objects.filter(subject=matter.id).order_by("seq"))
    openings = dict(Personal.objects.filter(subject=matter.id).values_list("seq", "openings"))
    entries = [(_as_chained(row), bytes(row.hash), openings.get(row.seq)) for row in rows]
    faults = {
        fault.seq: fault.what for fault in chain.verify(matter.id, entries, head=(matter.seq, matter.head))
    }
    listed = [
        {
            "seq": row.seq,
            "at": row.at,
            "title": history.called(row),
            "hash": bytes(row.hash).hex(),
            "fault": _FAULTS[faults[row.seq]]() if row.seq in faults else "",
        }
        for row in rows
    ]
    missing = [seq for seq, what in faults.items() if what == "missing"]
    context = {
        "matter": {"number": matter.number, "title": matter.title, "url": sight.addresses.home},
        "entries": listed,
        "missing": missing,
        "holds": not faults,
    }
    return render(sight.request, "web/record.html", context)


def _as_chained(row: Entry) -> chain.Entry:
    return chain.Entry(row.subject, row.seq, row.at, row.action, row.person, row.post, row.body, row.key)


_FAULTS: dict[str, Callable[[], str]] = {
    "altered": lambda: _("It was changed after it was written."),
    "reordered": lambda: _("It does not stand where it was written."),
    "surplus": lambda: _("It was added beside the program."),
    "personal": lambda: _("A personal value is not the one that was committed to."),
    "missing": lambda: _("It is missing."),
}
