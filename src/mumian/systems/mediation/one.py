"""One mediation: as each who takes part sees it, and what each may do there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.api.problems import status_of
from mumian.engine.decide import may
from mumian.engine.looking import Look, link_holder, look
from mumian.engine.perform import Act, Refused, Result, perform
from mumian.engine.world import city
from mumian.people.actor import Actor
from mumian.systems.mediation import appointing, sessions, showing, talks
from mumian.systems.mediation.agreement import unfit_signature
from mumian.systems.mediation.cases import keep
from mumian.systems.mediation.entering import of_a_mediation
from mumian.systems.mediation.models import MeetingRoom
from mumian.systems.mediation.rules import MEDIATIONS, SIDES
from mumian.web import presenting, words
from mumian.web.addresses import Addresses
from mumian.web.forms import Form, Sent
from mumian.web.history import History
from mumian.web.matters import key_sent, would_fail


@never_cache
@require_GET
@of_a_mediation
def one(request: HttpRequest, seen: Look) -> HttpResponse:
    """The mediation as it stands."""
    return page(request, seen)


def page(request: HttpRequest, seen: Look, problems: Sequence[str] = (), status: int = 200) -> HttpResponse:
    """The mediation, with why something was not done."""
    context = showing.context_of(seen) | {"problems": problems, "send_key": uuid4().hex}
    if seen.matter.state == "choosing" and context["role"] in SIDES:
        context |= _to_choose(seen, context["role"])
    return render(request, "mediation/one.html", context, status=status)


def _to_choose(seen: Look, side: str) -> dict[str, Any]:
    other = "respondent" if side == "requester" else "requester"
    data = seen.matter.data
    return {
        "candidates": [
            {
                "mediator": each.mediator,
                "chips": showing.chips(each.cost, each.load, each.agreed, each.failed),
                "own": data.get(f"choice_{side}") == each.mediator.person_id.hex,
                "theirs": data.get(f"choice_{other}") == each.mediator.person_id.hex,
            }
            for each in appointing.candidates(seen.matter)
        ],
        "other_leaves": bool(data.get(f"leave_{other}")),
    }


# --- acting -----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_mediation
def act(request: HttpRequest, seen: Look, action: str) -> HttpResponse:
    """The form of an action, and what becomes of it."""
    if action not in seen.compiled.definition.actions:
        raise Http404
    known = showing.known_answers(seen, action)
    form = Form(seen.compiled, action, seen.actor, seen.matter, without=known)
    if request.method != "POST":
        refusal = may(
            seen.compiled, seen.matter, action, actor=seen.actor, now=timezone.now(), world=city().world
        )
        if refusal:
            return page(request, seen, presenting.said([refusal]), status_of((refusal,)))
        proposed = showing.proposed_answers(seen, action)
        return _form(request, seen, form, Sent(shown=proposed) if proposed else None)
    sent = form.read(request)
    wanted = Act(action, seen.actor, {**sent.data, **known}, seen.matter.id, key=key_sent(request))
    if sent.faults:
        return _form(request, seen, form, sent, would_fail(wanted), 422)
    signing = "signature" in form.asked
    if signing and (unfit := unfit_signature(seen, sent.data.get("signature", []))):
        return _form(request, seen, form, sent, (unfit,), 422)
    [result] = perform([wanted])
    if isinstance(result, Refused):
        if form.asked:
            return _form(request, seen, form, sent, result.reasons, status_of(result.reasons))
        return page(request, seen, presenting.said(result.reasons), status_of(result.reasons))
    keep([seen.matter.id])
    title = words.in_words(presenting.titled(seen.compiled.definition.actions[action], action))
    messages.success(request, _("Done: %(action)s") % {"action": title})
    return home_or_desk(seen)


def home_or_desk(seen: Look) -> HttpResponse:
    """Back to the mediation; where one sees it no more, to one's own."""
    if look(seen.actor, seen.matter.id) is None:
        return redirect("mediation:mine")
    return redirect("mediation:one", seen.matter.number)


def _form(
    request: HttpRequest,
    seen: Look,
    form: Form,
    sent: Sent | None = None,
    reasons: Any = (),
    status: int = 200,
) -> HttpResponse:
    spec, matter = seen.compiled.definition.actions[form.action], seen.matter
    context = {
        "action": {
            "title": presenting.titled(spec, form.action),
            "said": presenting.consequence(seen.compiled, spec),
            "tone": spec.tone,
        },
        "matter": {
            "number": matter.number, "title": matter.title, "url": reverse("mediation:one", args=[matter.number]),
        },
        "fields": form.fields(sent, reasons),
        "problems": form.others(reasons),
        "seq": matter.seq,
        "key": uuid4().hex,
    }  # fmt: skip
    return render(request, "mediation/act.html", context, status=status)


@require_POST
@of_a_mediation
def choose(request: HttpRequest, seen: Look) -> HttpResponse:
    """A side says whom it wants."""
    return _answered(
        request, seen, appointing.choose(seen.actor, seen.matter.id, _whole(request, "mediator"))
    )


def _answered(request: HttpRequest, seen: Look, result: Result) -> HttpResponse:
    if isinstance(result, Refused):
        return page(request, seen, presenting.said(result.reasons), status_of(result.reasons))
    messages.success(request, _("Done."))
    return redirect("mediation:one", seen.matter.number)


def _whole(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0


# --- sessions ---------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_mediation
def session(request: HttpRequest, seen: Look) -> HttpResponse:
    """The form for a session, with what is taken that day; and the session set."""
    if showing.role_in(seen) != "mediator":
        raise Http404
    values = {name: str(value) for name, value in request.POST.items()}
    problems, status = list[str](), 200
    if request.method == "POST":
        begins = _local(f"{values.get('day', '')}T{values.get('from', '')}")
        ends = _local(f"{values.get('until_day') or values.get('day', '')}T{values.get('until', '')}")
        if begins is None or ends is None:
            problems, status = [_("Give the day, and from when until when.")], 422
        else:
            result = sessions.book(
                seen.actor, seen.matter.id, begins=begins, ends=ends, mode=values.get("mode", ""),
                room=_whole(request, "room"), link=values.get("link", "").strip(),
            )  # fmt: skip
            if not isinstance(result, Refused):
                messages.success(request, _("The session is set, and both sides are told."))
                return redirect("mediation:one", seen.matter.number)
            problems, status = presenting.said(result.reasons), status_of(result.reasons)
    mediator = showing.mediator_of(seen)
    rooms = MeetingRoom.objects.filter(body=mediator.body_id, active=True) if mediator else []
    today = timezone.localtime() + timedelta(days=1)
    context = {"matter": seen.matter, "rooms": rooms, "values": values, "problems": problems,
               "modes": [(name, showing.mode(name)) for name in showing.MODES],
               "tomorrow": today.date().isoformat(), "meet": f"https://meet.jit.si/mumian-{uuid4().hex[:16]}"}  # fmt: skip
    return render(request, "mediation/session.html", context, status=status)


@require_POST
@of_a_mediation
def call_off(request: HttpRequest, seen: Look, session: int) -> HttpResponse:
    """A session is called off by its mediator."""
    if not sessions.cancel(seen.actor, session):
        raise Http404
    messages.success(request, _("The session is called off."))
    return redirect("mediation:one", seen.matter.number)


def _local(text: str) -> datetime | None:
    """A time of the city's wall clock."""
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        return None


# --- talks ------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_mediation
def talk(request: HttpRequest, seen: Look, sort: str) -> HttpResponse:
    """A talk: what was said so far, and a place to say more."""
    found = talks.talk_in(seen, sort)
    if found is None:
        raise Http404
    problems, written, status = list[str](), "", 200
    if "interpreter" in request.POST:
        if talks.interpret(seen, sort, admitted=request.POST["interpreter"] == "admit") is None:
            raise Http404
        return redirect("mediation:talk", seen.matter.number, sort)
    if request.method == "POST":
        action = "propose" if "propose" in request.POST else "say"
        field, written = ("offer" if action == "propose" else "words"), request.POST.get("words", "")
        [result] = perform(
            [Act(action, seen.actor, {field: written}, found.matter.id, key=key_sent(request))]
        )
        if not isinstance(result, Refused):
            return redirect(f"{reverse('mediation:talk', args=[seen.matter.number, sort])}#last")
        problems, status = presenting.said(result.reasons), status_of(result.reasons)
    context = {
        "matter": seen.matter, "sort": sort, "talk": found.matter, "said": _said(found), "problems": problems,
        "written": written, "send_key": uuid4().hex, "open": found.matter.closed_at is None,
        "alone": words.in_words(seen.compiled.definition.parties[sort].title) if sort != talks.TOGETHER else "",
        "role": showing.role_in(seen), "interpreter": _interpreter(seen, found, sort),
    }  # fmt: skip
    return render(request, "mediation/talk.html", context, status=status)


def _interpreter(seen: Look, talk: Look, sort: str) -> dict[str, Any] | None:
    """Who interprets, and whether it is for the reader to say if he or she hears what is said here alone."""
    there, who = talks.interpreter_of(seen.matter), talk.matter.data.get(talks.INTERPRETER)
    if sort == talks.TOGETHER or not (there or who):
        return None
    [name] = showing.called([UUID(who) if who else there]).values() or [""]
    return {
        "name": name,
        "admitted": bool(who),
        "mine": showing.role_in(seen) == sort,
    }


def _said(seen: Look) -> list[dict[str, Any]]:
    """What was said, oldest first: by whom, when, and whether it was an offer."""
    history = History.of(seen, Addresses(seen.matter.number).file)
    names = showing.called(holder.person for holder in seen.matter.holders)
    mediator = seen.matter.data.get("mediator")
    found = []
    for entry in reversed(history.entries):
        spoken = history.words(entry)
        if text := spoken.get("words") or spoken.get("offer"):
            found.append(
                {
                    "who": names.get(entry.person, "") if entry.person else "",
                    "at": entry.at,
                    "text": text,
                    "offer": "offer" in spoken,
                    "own": entry.person == seen.actor.person,
                    "mediator": bool(entry.person and entry.person.hex == mediator),
                }
            )
    return found


# --- coming in by a link ----------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """What one is asked to, by the link one was given; signed in, one takes part from here on by name."""
    bearer = link_holder(secret, number=number)
    seen = look(bearer, bearer.bearer[0]) if bearer and bearer.bearer else None
    if seen is None or bearer is None or bearer.bearer is None or seen.matter.procedure not in MEDIATIONS:
        raise Http404
    actor: Actor = request.actor  # type: ignore[attr-defined]
    problems = list[str]()
    if request.method == "POST":
        if actor.person is None:
            return redirect_to_login(request.get_full_path())
        named = Actor(person=actor.person, bearer=bearer.bearer, name=actor.name)
        [result] = perform([Act("join", named, {}, seen.matter.id)])
        if not isinstance(result, Refused):
            return redirect("mediation:one", seen.matter.number)
        problems = presenting.said(result.reasons)
    party = seen.compiled.definition.parties[bearer.bearer[1]].title
    context = {
        "matter": seen.matter, "party": party, "what": seen.data.get("what", ""), "problems": problems,
        "kind": showing.short_kind(seen.matter.category), "known": actor.person is not None,
        "from": seen.data.get("requester_name", ""), "claim": seen.data.get("claim"),
        "sign_in": f"{reverse('web:sign-in')}?next={request.get_full_path()}",
        "without": reverse("web:link-matter", args=[seen.matter.number, secret]),
        "clocks": presenting.clocks(seen, timezone.now(), openly=True),
    }  # fmt: skip
    return render(request, "mediation/invited.html", context, status=409 if problems else 200)
