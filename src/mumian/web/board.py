"""A desk's work: how much of what there is, which of it comes first, where it lies, and what can be done at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mumian.engine.compiled import Compiled
from mumian.engine.decide import may
from mumian.engine.matter import Matter
from mumian.engine.numbers import read_number
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.engine.storing import load
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.people.actor import Actor, Scope
from mumian.place.loading import current_atlas
from mumian.web import errors, listing, maps, presenting, suggesting, words
from mumian.web.addresses import Addresses
from mumian.web.forms import FormForSeveral, Sent
from mumian.web.listing import Asked
from mumian.web.shown import Act as Button
from mumian.web.shown import Chosen, Figure, Map, Option, Row
from mumian.web.words import Text

MOST_AT_ONCE = 200
MOST_BUTTONS = 3


def in_office(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets in only those who act in a post."""

    @wraps(view)
    def entering(request: HttpRequest, **parts: Any) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, actor, **parts) if actor.post is not None else errors.no_post(request)

    return entering


@never_cache
@require_GET
@in_office
def board(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The matters of one's post: figures, filters, rows, map."""
    asked, now = Asked.of(request), timezone.now()
    if (number := read_number(asked.text)) and visible(actor).filter(number=number).exists():
        return redirect("web:matter", number)
    if not (asked.group or asked.state or asked.text):
        asked = replace(asked, group=listing.first_group(actor))
    page = listing.page(actor, asked, now)
    place = asked.place or actor.place
    rows = _rows(page.matters, place, now)
    context = {
        "title": _title(actor),
        "figures": _figures(actor, asked, now),
        "filters": _filters(asked),
        "chosen": _chosen(asked, actor),
        "rows": rows,
        "bulk": _bulk(page.matters, actor, now),
        "bulk_url": reverse("web:bulk"),
        "back": request.get_full_path(),
        "key": uuid4().hex,
        "next_page": asked.address(after=page.next) if page.next else "",
        "first_page": asked.address() if asked.after else "",
        "map": _map(place, page.matters, rows, asked),
    }
    return render(request, "web/board.html", context)


def _title(actor: Actor) -> str:
    of_unit = presenting.unit(actor.organisation) if actor.scope is Scope.UNIT else ""
    where = words.in_words(of_unit or presenting.place_name(actor.place))
    return _("Board: %(where)s") % {"where": where} if where else _("Board")


_FIGURES: dict[str, Callable[[], str]] = {
    "yours": lambda: _("Your turn"),
    "todo": lambda: _("To do"),
    "doing": lambda: _("In hand"),
    "check": lambda: _("To check"),
    "open": lambda: _("All open"),
    "late": lambda: _("Overdue"),
    "closed": lambda: _("Settled today"),
}


def _figures(actor: Actor, asked: Asked, now: datetime) -> list[Figure]:
    """The counts, each of which is also the way to what was counted."""
    here = Asked(place=asked.place, unit=asked.unit)
    return [
        Figure(
            _FIGURES[group](),
            count,
            here.address(group=group),
            current=asked.group == group,
            late=group == "late",
        )
        for group, count in listing.counts(actor, asked, now).items()
    ]


def _filters(asked: Asked) -> dict[str, Any]:
    """What is searched by, and what of the address a search keeps."""
    kept = [(name, value) for name, value in asked.pairs() if name not in ("text", "kind", "after", "mine")]
    return {"text": asked.text, "kind": asked.kind, "mine": asked.mine, "kept": kept, "kinds": _kinds()}


def _kinds() -> list[Option]:
    """The kinds no other stands above."""
    here = city()
    catalogues = {here.procedure(name).definition.catalogue or "" for name in here.current} - {""}
    return [
        Option(code, presenting.kind(catalogue, code))
        for catalogue in sorted(catalogues)
        for code in sorted(here.kinds.get(catalogue, ()))
        if "." not in code
    ]


def _chosen(asked: Asked, actor: Actor) -> list[Chosen]:
    """What the list was narrowed to by place, unit and state, each with the address that widens it again."""
    found = []
    if asked.place and asked.place != actor.place:
        above = current_atlas().parent(asked.place)
        wider = above if above.startswith(actor.place) and above != actor.place else ""
        found.append(Chosen(presenting.place(asked.place, below=actor.place), asked.address(place=wider)))
    if asked.unit is not None:
        found.append(Chosen(presenting.unit(asked.unit), asked.address(unit=None)))
    if asked.state:
        found.append(Chosen(_state_title(asked.state), asked.address(state="")))
    return found


def _state_title(name: str) -> Text:
    compiled = (city().procedure(procedure) for procedure in sorted(city().current))
    return next(
        (presenting.titled(each.states[name], name) for each in compiled if name in each.states), name
    )


# --- rows and map -----------------------------------------------------------------------------------


def _rows(matters: Sequence[Matter], place: str, now: datetime) -> list[Row]:
    """The matters as rows; for those that have yet to be given a unit it is suggested."""
    here = city()
    open_ = [
        each for each in matters if presenting.undecided(here.procedure(each.procedure, each.version), each)
    ]
    suggested = suggesting.units(open_) if open_ else {}
    return [_row(matter, place, now, suggested.get(matter.id)) for matter in matters]


def _row(matter: Matter, place: str, now: datetime, suggested: Sequence[Option] | None) -> Row:
    """One matter as a row; `suggested` units where it has yet to be given one."""
    compiled = city().procedure(matter.procedure, matter.version)
    run = presenting.nearest(matter)
    return Row(
        matter.id.hex,
        Addresses(matter.number).home,
        matter.number,
        matter.title or words.in_words(compiled.definition.title),
        presenting.kind_of(compiled, matter),
        presenting.place(matter.place, below=place),
        presenting.address(compiled, matter),
        presenting.state_of(compiled, matter),
        presenting.clock(compiled, run, now) if run else None,
        (presenting.unit(matter.unit) or presenting.whose_turn(compiled, matter))
        if suggested is None
        else "",
        suggested or (),
        matter.reports,
        matter.seq,
    )


def _map(place: str, matters: Sequence[Matter], rows: Sequence[Row], asked: Asked) -> Map | None:
    if not place:
        return None
    marks = [
        maps.Mark(
            matter.place,
            matter.lon,
            matter.lat,
            f"{row.number} {row.title}",
            row.url,
            row.clock.colour if row.clock else "neutral",
        )
        for matter, row in zip(matters, rows, strict=True)
    ]
    return maps.draw(place, marks, lambda code: asked.address(place=code))


# --- many at once -----------------------------------------------------------------------------------


def _bulk(matters: Sequence[Matter], actor: Actor, now: datetime) -> list[Button]:
    """What can be done with several matters of the page at once, the likeliest first."""
    possible: dict[str, tuple[int, Compiled]] = {}
    for matter in matters:
        compiled = city().procedure(matter.procedure, matter.version)
        for action, spec in compiled.definition.actions.items():
            if matter.state in (spec.from_ or ()) and _may(compiled, matter, action, actor, now):
                possible[action] = (possible.get(action, (0, compiled))[0] + 1, compiled)
    several = {name: each for name, (count, each) in possible.items() if count > 1}
    ordered = presenting.in_order({name: each.definition.actions[name] for name, each in several.items()})
    buttons = [presenting.act(several[name], name, name) for name in ordered[:MOST_BUTTONS]]
    return [*buttons[:1], *(replace(each, tone="plain") for each in buttons[1:])]


def _may(compiled: Compiled, matter: Matter, action: str, actor: Actor, now: datetime) -> bool:
    return may(compiled, matter, action, actor=actor, now=now, world=city().world) is None


@never_cache
@require_POST
@in_office
def bulk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Does one action on all matters chosen, after its form, if it has one, was filled in once for all of them."""
    action = request.POST.get("action", "")
    chosen, left_out = _chosen_for(action, _ticked(request, actor))
    if not chosen:
        messages.warning(request, _("Nothing was selected that this could be done with."))
        return redirect(_back(request))
    if left_out:
        _tell_left_out(request, left_out)
    compiled = city().procedure(chosen[0].procedure, chosen[0].version)
    form = FormForSeveral(compiled, action, actor, chosen)
    if form.asked and "filled" not in request.POST:
        return _form_page(request, form, chosen)
    sent = form.read(request)
    if sent.faults:
        return _form_page(request, form, chosen, sent)
    return _do(request, actor, form, chosen, sent)


def _ticked(request: HttpRequest, actor: Actor) -> list[Matter]:
    """The matters ticked, in their order, as far as the actor sees them."""
    keys: dict[UUID, None] = {}
    for text in request.POST.getlist("matter")[:MOST_AT_ONCE]:
        try:
            keys[UUID(text)] = None
        except ValueError:
            continue
    loaded = load(set(visible(actor).filter(pk__in=list(keys)).values_list("pk", flat=True)))
    return [loaded[key] for key in keys if key in loaded]


def _chosen_for(action: str, ticked: Sequence[Matter]) -> tuple[list[Matter], int]:
    """Those whose procedure, that of the first one, has the action; and how many others there are."""
    asked = [
        each for each in ticked if action in city().procedure(each.procedure, each.version).definition.actions
    ]
    chosen = [
        each for each in asked if (each.procedure, each.version) == (asked[0].procedure, asked[0].version)
    ]
    return chosen, len(ticked) - len(chosen)


def _tell_left_out(request: HttpRequest, count: int) -> None:
    text = ngettext(
        "%(count)d matter goes another way and was left out.",
        "%(count)d matters go another way and were left out.",
        count,
    )
    messages.info(request, text % {"count": count})


def _do(
    request: HttpRequest, actor: Actor, form: FormForSeveral, chosen: Sequence[Matter], sent: Sent
) -> HttpResponse:
    seen, key = _seen(request), request.POST.get("key", "")[:48]
    acts = [
        Act(
            form.action,
            actor,
            form.answers(sent, matter),
            matter.id,
            key=f"{key}{matter.id.hex}"[:80] if key.isalnum() else None,
            seen=seen.get(matter.id, matter.seq),
        )
        for matter in chosen
    ]
    results = perform(acts)
    done = sum(isinstance(result, Done) for result in results)
    refused = {
        matter.number: presenting.said(result.reasons)
        for matter, result in zip(chosen, results, strict=True)
        if isinstance(result, Refused)
    }
    unfit = [
        reason
        for result in results
        if isinstance(result, Refused)
        for reason in result.reasons
        if reason.field
    ]
    if not done and unfit:
        return _form_page(request, form, chosen, sent, list(dict.fromkeys(unfit)))
    title = words.in_words(presenting.titled(form.compiled.definition.actions[form.action], form.action))
    if done:
        text = ngettext(
            "%(action)s: done for %(count)d matter", "%(action)s: done for %(count)d matters", done
        )
        messages.success(request, text % {"action": title, "count": done})
    for number, reasons in list(refused.items())[:5]:
        why = {"number": number, "reasons": _("; ").join(reasons)}
        messages.warning(request, _("%(number)s: %(reasons)s") % why)
    return redirect(_back(request))


def _seen(request: HttpRequest) -> dict[UUID, int]:
    """The last entry of each matter when the board was drawn."""
    found = {}
    for text in request.POST.getlist("seen"):
        matter, _, seq = text.partition(":")
        if seq.isascii() and seq.isdigit():
            try:
                found[UUID(matter)] = int(seq[:9])
            except ValueError:
                continue
    return found


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if safe else reverse("web:board")


def _form_page(
    request: HttpRequest,
    form: FormForSeveral,
    chosen: Sequence[Matter],
    sent: Sent | None = None,
    reasons: Any = (),
) -> HttpResponse:
    compiled = form.compiled
    spec = compiled.definition.actions[form.action]
    context = {
        "action": {
            "title": presenting.titled(spec, form.action),
            "said": presenting.consequence(compiled, spec),
            "tone": spec.tone,
        },
        "several": [
            {"id": each.id.hex, "seq": each.seq, "number": each.number, "title": each.title}
            for each in chosen
        ],
        "name": form.action,
        "back": _back(request),
        "fields": form.fields(sent, reasons),
        "problems": form.others(reasons),
        "key": request.POST.get("key") or uuid4().hex,
    }
    return render(request, "web/act.html", context, status=422 if sent else 200)
