"""Webhooks: entries told to other systems as CloudEvents 1.0, signed as Standard Webhooks describes.

An event says only what anyone may know who knows the number; of confidential procedures nothing is told at all.
"""

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from mumian.engine import world
from mumian.engine.models import Installation, Matter
from mumian.engine.world import city
from mumian.errors import MumianError
from mumian.notices import posting
from mumian.notices.models import Delivery, Hook
from mumian.people.actor import SYSTEM, Actor
from mumian.record.models import Entry
from mumian.record.writing import append

TRIES = 8
"""So often an event is sent before it is given up: over about a day."""
SUBJECT = UUID("6d756d69-616e-8000-8000-686f6f6b7300")
"""Under which the record keeps who added and removed hooks."""
_GONE = 410

Event = dict[str, Any]


class NotTaken(Exception):
    """The other side did not take an event; it is sent again later."""


# --- which there are --------------------------------------------------------------------------------


def add(
    title: str,
    url: str,
    *,
    procedure: str = "",
    place: str = "",
    actions: Sequence[str] = (),
    by: Actor = SYSTEM,
) -> Hook:
    """Adds a hook. Raises `MumianError` where its address or its filter cannot be right."""
    try:
        posting.check(url, local=True)
    except posting.NotReached as error:
        raise MumianError(url, reason=str(error), cure=_("Look for a misspelling in it")) from None
    if procedure and procedure not in city().current:
        choice = ", ".join(sorted(city().current))
        raise MumianError(procedure, reason=_("no such procedure is published"), cure=choice)
    with transaction.atomic():
        title = title.strip()[:100] or str(posting.host(url))
        hook = Hook.objects.create(
            title=title, url=url, procedure=procedure, place=place, actions=list(actions), made_by=by.person
        )
        _note("add-hook", hook, by)
    return hook


def remove(hook: Hook, *, by: Actor = SYSTEM) -> None:
    """Removes a hook and all that was on its way to it."""
    with transaction.atomic():
        _note("remove-hook", hook, by)
        hook.delete()
        _listen()


def _note(action: str, hook: Hook, by: Actor) -> None:
    append(
        SUBJECT,
        action,
        {"hook": hook.pk, "title": hook.title, "host": posting.host(hook.url)},
        person=by.person,
        post=by.post,
    )
    _listen()


def _listen() -> None:
    """Acts are queued for hooks only while there are some, so that without any an act costs nothing more."""
    Installation.objects.update(listened=Hook.objects.filter(gone=False).exists())
    world.changed()


# --- what happened ----------------------------------------------------------------------------------


def publish(entries: Sequence[tuple[UUID, int]]) -> None:
    """Puts entries on their way to every hook they concern: once, however often it is called."""
    hooks = list(Hook.objects.filter(gone=False))
    wanted = (
        [(hook, event) for event in events(entries) for hook in hooks if _concerns(hook, event)]
        if hooks
        else []
    )
    with transaction.atomic():
        made = [
            Delivery(
                hook=hook,
                subject=UUID(event["id"].split(":")[0]),
                seq=int(event["id"].split(":")[1]),
                event=event,
            )
            for hook, event in wanted
        ]
        before = set(_known(made))
        fresh = [each for each in made if (each.hook_id, each.subject, each.seq) not in before]
        Delivery.objects.bulk_create(fresh)
        for delivery in fresh:
            _later(delivery)


def _known(made: Sequence[Delivery]) -> Iterator[tuple[int, UUID, int]]:
    hooks, subjects = {each.hook_id for each in made}, {each.subject for each in made}
    rows = Delivery.objects.filter(hook__in=hooks, subject__in=subjects)
    yield from rows.values_list("hook_id", "subject", "seq")


def _later(delivery: Delivery) -> None:
    """Jobs of one lock are done one after another in their order, a failed one before those after it."""
    lock = f"hook {delivery.hook_id} {delivery.subject}"
    app.configure_task("notices.deliver", lock=lock, priority=-1).defer(delivery=delivery.pk)


def events(entries: Sequence[tuple[UUID, int]]) -> list[Event]:
    """Entries as CloudEvents, in their order; those of confidential matters are left out. Two statements."""
    keys = {subject for subject, _seq in entries}
    matters = Matter.objects.in_bulk(keys)
    states: dict[tuple[UUID, int], Entry] = {}
    state_at: dict[tuple[UUID, int], str] = {}
    state = ""
    for entry in Entry.objects.filter(subject__in=keys).order_by("subject", "seq"):
        state = str(entry.body.get("state", state if entry.seq > 1 else ""))
        states[entry.subject, entry.seq], state_at[entry.subject, entry.seq] = entry, state
    return [
        _event(matters[key[0]], states[key], state_at[key])
        for key in entries
        if key in states and key[0] in matters and not _confidential(matters[key[0]])
    ]


def _confidential(matter: Matter) -> bool:
    return bool(city().procedure(matter.procedure, matter.version).definition.confidential)


def _event(matter: Matter, entry: Entry, state: str) -> Event:
    unit = city().units.get(matter.unit_id) if matter.unit_id else None
    return {
        "specversion": "1.0",
        "id": f"{entry.subject}:{entry.seq}",
        "source": settings.SITE_URL + "/",
        "type": f"mumian.{matter.procedure}.{entry.action}",
        "subject": matter.number,
        "time": _instant(entry.at),
        "datacontenttype": "application/json",
        "data": {
            "number": matter.number,
            "procedure": matter.procedure,
            "version": matter.version,
            "action": entry.action,
            "seq": entry.seq,
            "state": state,
            "outcome": entry.body.get("outcome") or None,
            "kind": matter.category or None,
            "place": matter.place or None,
            "unit": unit.code if unit else None,
            "reports": matter.reports,
            "opened_at": _instant(matter.opened_at),
            "due_at": _instant(matter.due_at),
            "url": f"{settings.SITE_URL}/track?number={matter.number}",
        },
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _concerns(hook: Hook, event: Event) -> bool:
    data = event["data"]
    if hook.procedure and hook.procedure != data["procedure"]:
        return False
    if hook.place and not (data["place"] or "").startswith(hook.place):
        return False
    return not hook.actions or data["action"] in hook.actions


# --- on its way -------------------------------------------------------------------------------------


def deliver(key: int) -> None:
    """Sends one event. Raises `NotTaken` where it is to be tried again; after `TRIES` it is given up."""
    delivery = Delivery.objects.select_related("hook").filter(pk=key, state=Delivery.State.WAITING).first()
    if delivery is None:
        return
    hook = delivery.hook
    taken, said, gone = send(hook, delivery.event) if not hook.gone else (False, _("wants no more"), True)
    delivery.tries += 1
    delivery.said, delivery.told_at = said[:200], timezone.now()
    if taken:
        delivery.state = Delivery.State.DONE
    elif gone or delivery.tries >= TRIES:
        delivery.state = Delivery.State.GIVEN_UP
    delivery.save(update_fields=["tries", "said", "told_at", "state"])
    if gone and not hook.gone:
        Hook.objects.filter(pk=hook.pk).update(gone=True)
        _listen()
    if delivery.state == Delivery.State.WAITING:
        raise NotTaken(said)


def send(hook: Hook, event: Event) -> tuple[bool, str, bool]:
    """Sends an event at once: whether it was taken, what was answered, whether the other side wants no more."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "mumian",
        **signature(hook.secret, event["id"], body, int(time.time())),
    }
    try:
        answer = posting.post(hook.url, body, headers, local=True)
    except (posting.NotReached, posting.NotAllowed) as error:
        return False, str(error), False
    return answer.taken, f"{answer.status} {answer.text}".strip(), answer.status == _GONE


def signature(secret: str, key: str, body: bytes, at: int) -> Mapping[str, str]:
    """The headers by which the other side knows that an event is ours and new (Standard Webhooks 1.0, symmetric)."""
    said = f"{key}.{at}.".encode() + body
    signed = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), said, "sha256")).decode()
    return {"webhook-id": key, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signed}"}


def trial(hook: Hook) -> tuple[bool, str]:
    """Sends an event that says nothing happened; whether it was taken, and what was answered."""
    event = {
        "specversion": "1.0",
        "id": f"test:{uuid4()}",
        "source": settings.SITE_URL + "/",
        "type": "mumian.test",
        "time": _instant(timezone.now()),
        "datacontenttype": "application/json",
        "data": {"hook": hook.title},
    }
    taken, said, _gone = send(hook, event)
    return taken, said
