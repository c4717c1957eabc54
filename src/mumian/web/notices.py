"""Asking to be told what becomes of a matter, agreeing to it, ending it; and which other systems are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.api.problems import Problem
from mumian.api.rates import limit_public
from mumian.engine.looking import link_holder
from mumian.engine.world import city
from mumian.errors import MumianError
from mumian.notices import hooks as listeners
from mumian.notices import pushing, subscribing
from mumian.notices.models import Delivery, Hook, NoMail, Subscription, Way
from mumian.notices.subscribing import NotSubscribed, Owner
from mumian.people.actor import Actor
from mumian.people.models import Post
from mumian.web import errors, presenting
from mumian.web.addresses import Addresses
from mumian.web.words import Text, in_words

# --- the holder of a link ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One way somebody is told, as it is shown."""

    id: UUID
    way: str
    title: str
    waits: bool


def panel(actor: Actor, number: str, secret: str) -> dict[str, Any]:
    """What the part of a page needs on which the holder of a matter's link says how to be told: one statement."""
    if actor.bearer is None:
        return {}
    matter, party = actor.bearer
    return {
        "url": reverse("web:notices-tell", args=[number, secret]),
        "lines": _lines(subscribing.subscriptions(Owner(matter, party))),
        "key": pushing.public_key(),
        "worker": reverse("web:notices-worker"),
    }


@never_cache
@require_POST
def tell(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """The holder of a link wants to be told, or no longer."""
    holder = link_holder(secret, number=number)
    if holder is None or holder.bearer is None:
        raise Http404
    try:
        limit_public(request)
    except Problem as problem:
        return errors.too_many(request, problem)
    return _changed(request, Owner(*holder.bearer), f"{Addresses(number, secret).home}#tell")


def _changed(request: HttpRequest, owner: Owner, home: str) -> HttpResponse:
    """Adds or ends a subscription; a script is answered in JSON, with the words for the reader."""
    said, done = _change(request, owner)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"said": said}, status=200 if done else 422)
    (messages.success if done else messages.warning)(request, said)
    return redirect(home)


def _change(request: HttpRequest, owner: Owner) -> tuple[str, bool]:
    post = request.POST
    if ending := _uuid(post.get("end", "")):
        subscribing.remove(owner, ending)
        return _("Nothing more is sent there."), True
    try:
        if post.get("way") == Way.PUSH:
            subscribing.by_push(
                owner, post.get("endpoint", ""), {name: post.get(name, "") for name in ("p256dh", "auth")}
            )
            return _("This device will be told."), True
        found = subscribing.by_mail(owner, post.get("address", ""))
    except NotSubscribed as error:
        return _("%(thing)s: %(reason)s. %(cure)s.") % vars(error), False
    if found.confirmed_at is not None:
        return _("Notices go to this address already."), True
    return _("A letter is on its way to you. Open the link in it to agree, then notices come."), True


def _lines(found: Iterable[Subscription]) -> list[Line]:
    return [
        Line(
            each.pk,
            each.way,
            _veiled(each.address) if each.way == Way.MAIL else _("A device"),
            each.confirmed_at is None,
        )
        for each in found
    ]


def _veiled(address: str) -> str:
    """An address so that its owner knows it and nobody else learns it: z…@example.com."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}…@{host}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- from a letter ----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """The owner of an address agrees: by a press, for programs that look at letters open links too."""
    found = subscribing.agree(token) if request.method == "POST" else subscribing.agreeing(token)
    if found is None:
        raise Http404
    context = {"asks": "agree", "done": found.confirmed_at is not None, "address": found.address}
    return render(request, "web/notices_letter.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """Ends notices; a mail program may press for its reader (RFC 8058), so no cookie is asked for."""
    if not subscribing.can_end(token):
        raise Http404
    done = request.method == "POST" and subscribing.end(token)
    return render(request, "web/notices_letter.html", {"asks": "end", "done": done})


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows messages; it answers for nothing else."""
    return render(request, "web/notices_worker.js", content_type="text/javascript")


# --- one who is signed in ---------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What one is told of, and by what way."""
    person = request.user
    assert person.pk is not None
    owner = Owner(person=person.pk)
    if request.method == "POST":
        if (mail := request.POST.get("mail")) in ("on", "off"):
            subscribing.set_mail(person.pk, on=mail == "on")
            messages.success(request, _("Kept."))
            return redirect("web:notices")
        return _changed(request, owner, reverse("web:notices"))
    context = {
        "email": getattr(person, "email", ""),
        "mailed": not NoMail.objects.filter(pk=person.pk).exists(),
        "tell": {
            "url": reverse("web:notices"),
            "lines": _lines(subscribing.subscriptions(owner)),
            "key": pushing.public_key(),
            "worker": reverse("web:notices-worker"),
        },
        "occasions": _occasions(request.posts_held),  # type: ignore[attr-defined]
        "administers": _administers(request),
    }
    return render(request, "web/notices.html", context)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A procedure, and of what in it one is told as whom."""

    procedure: Text
    told: list[tuple[Text, str]]


def _occasions(posts: Iterable[Post]) -> list[Occasion]:
    """What the definitions say those in these posts are told of; without one, what one who reports is told of."""
    roles = {post.role_id for post in posts}
    found = []
    for name in sorted(city().current):
        definition = city().procedure(name).definition
        told = []
        for key, party in definition.parties.items():
            if party.post not in roles and not (party.person and not party.post):
                continue
            done = [
                presenting.titled(spec, act) for act, spec in definition.actions.items() if key in spec.tells
            ]
            rung = [
                _("time limit passed: %(clock)s") % {"clock": in_words(presenting.titled(clock, each))}
                for each, clock in definition.clocks.items()
                if any(key in ring.tell for ring in clock.rings)
            ]
            if done or rung:
                told.append((presenting.titled(party, key), _("; ").join([*map(in_words, done), *rung])))
        if told:
            found.append(Occasion(definition.title, told))
    return found


# --- other systems ----------------------------------------------------------------------------------


def _administers(request: HttpRequest) -> bool:
    held = request.post_held  # type: ignore[attr-defined]
    return bool(held and held.role.administers)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hooks(request: HttpRequest) -> HttpResponse:
    """Which other systems are told, how that goes, and adding or removing one: for administrators."""
    if not _administers(request):
        raise Http404
    problem, sent = "", request.POST if request.method == "POST" else {}
    if sent:
        try:
            if secret := _act_on_hook(request):
                return _hooks_page(request, secret=secret)
            return redirect("web:notices-hooks")
        except MumianError as error:
            problem = _("%(thing)s: %(reason)s. %(cure)s.") % vars(error)
    return _hooks_page(request, problem=problem, sent=sent)


def _act_on_hook(request: HttpRequest) -> str:
    """Does what was pressed; the secret of a new hook, which is shown once."""
    sent, actor = request.POST, request.actor  # type: ignore[attr-defined]
    if sent.get("do") == "add":
        actions = sent.get("actions", "").replace(",", " ").split()
        hook = listeners.add(
            sent.get("title", ""),
            sent.get("url", "").strip(),
            procedure=sent.get("procedure", ""),
            place=sent.get("place", "").strip(),
            actions=actions,
            by=actor,
        )
        return hook.secret
    number = sent.get("hook", "")
    found = Hook.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise Http404
    if sent.get("do") == "remove":
        listeners.remove(found, by=actor)
        messages.success(request, _("Removed: %(title)s") % {"title": found.title})
    elif sent.get("do") == "test":
        taken, said = listeners.trial(found)
        (messages.success if taken else messages.warning)(request, f"{found.title}: {said}")
    return ""


def _hooks_page(request: HttpRequest, **more: Any) -> HttpResponse:
    def state(which: str) -> Count:
        return Count("deliveries", filter=Q(deliveries__state=which))

    found = Hook.objects.annotate(
        waiting=state(Delivery.State.WAITING),
        done=state(Delivery.State.DONE),
        lost=state(Delivery.State.GIVEN_UP),
    ).order_by("pk")
    failing = Delivery.objects.exclude(state=Delivery.State.DONE).exclude(said="")
    context = {
        "hooks": found,
        "failing": failing.select_related("hook").order_by("-made_at")[:20],
        "procedures": [(name, city().procedure(name).definition.title) for name in sorted(city().current)],
        **more,
    }
    return render(request, "web/notices_hooks.html", context, status=422 if more.get("problem") else 200)
