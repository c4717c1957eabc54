"""Asking to be told, agreeing to it, and ending it. An address that somebody types is only believed once its owner agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mumian.engine.limits import Limit, Span
from mumian.engine.models import Matter
from mumian.engine.world import city
from mumian.errors import MumianError
from mumian.notices import posting, pushing
from mumian.notices.models import Delivery, NoMail, Subscription, Way

LONGEST_ADDRESS = 254
"""Characters (RFC 5321, 4.5.3.1.3)."""
MOST = 8
"""How many one link, or one person, may have."""
ASK_AGAIN = timedelta(minutes=30)
"""The owner of an address is not asked more often."""
WAITS = timedelta(days=3)
"""After so long without an answer a question is forgotten."""
DELIVERED_KEPT, GIVEN_UP_KEPT = timedelta(days=7), timedelta(days=90)

_agreeing, _ending = Signer(salt="mumian.notices.agree"), Signer(salt="mumian.notices.end")


class NotSubscribed(MumianError):
    """Why somebody cannot be told in the way asked for."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose subscription it is: that of the holder of a matter's link, or of a person."""

    matter: UUID | None = None
    party: str = ""
    person: UUID | None = None

    def fields(self) -> dict[str, Any]:
        return {"matter": self.matter, "party": self.party, "person": self.person}


def subscriptions(owner: Owner) -> list[Subscription]:
    """What an owner has, oldest first: one statement."""
    return list(Subscription.objects.filter(**owner.fields()).order_by("made_at")[: MOST + 1])


def by_mail(owner: Owner, address: str) -> Subscription:
    """Asks the owner of an address whether notices may come there. Raises `NotSubscribed`."""
    address = address.strip()
    try:
        validate_email(address if len(address) <= LONGEST_ADDRESS else "")
    except ValidationError:
        raise _unfit(
            address, _("this is not an e-mail address"), _("Write it like name@example.com")
        ) from None
    with transaction.atomic():
        found = _made(owner, Way.MAIL, address, {})
        now = timezone.now()
        if found.confirmed_at is None and (found.asked_at is None or found.asked_at < now - ASK_AGAIN):
            found.asked_at = now
            found.save(update_fields=["asked_at"])
            _later("notices.ask", subscription=found.pk.hex)
    return found


def by_push(owner: Owner, endpoint: str, keys: Mapping[str, str]) -> Subscription:
    """Messages to a device, which has agreed by asking. Raises `NotSubscribed`."""
    kept = {name: str(keys.get(name, ""))[:200] for name in ("p256dh", "auth")}
    try:
        pushing.check_keys(kept)
        posting.check(endpoint, named=False)
    except ValueError:
        raise _unfit(endpoint, _("the device sent no keys"), _("Try again, or choose e-mail")) from None
    except posting.NotAllowed as error:
        raise _unfit(endpoint, str(error), _("Choose e-mail")) from None
    if len(endpoint) > 1000:
        raise _unfit(endpoint[:50], _("the address is too long"), _("Choose e-mail"))
    with transaction.atomic():
        found = _made(owner, Way.PUSH, endpoint, kept)
        found.keys, found.confirmed_at = kept, timezone.now()
        found.save(update_fields=["keys", "confirmed_at"])
    return found


def agree(token: str) -> Subscription | None:
    """The subscription whose owner has agreed with this token; nothing if it is none, or forgotten by now."""
    found = agreeing(token)
    if found is not None and found.confirmed_at is None:
        found.confirmed_at = timezone.now()
        found.save(update_fields=["confirmed_at"])
    return found


def agreeing(token: str) -> Subscription | None:
    """The subscription a token to agree is for."""
    key = _read(_agreeing, token)
    return Subscription.objects.filter(pk=key, way=Way.MAIL).first() if key else None


def token_to_agree(subscription: Subscription) -> str:
    """What the letter that asks carries."""
    return _agreeing.sign(subscription.pk.hex)


def token_to_end(*, subscription: UUID | None = None, person: UUID | None = None) -> str:
    """What each notice carries, so that it can be the last: of one subscription, or of a person's e-mail."""
    return _ending.sign(f"p{person.hex}" if person else f"s{subscription.hex if subscription else ''}")


def can_end(token: str) -> bool:
    """Whether a token ends anything."""
    return _to_end(token) is not None


def end(token: str) -> bool:
    """Ends what the token is for, so that nothing more is sent; whether it was a token. Twice is no harm."""
    found = _to_end(token)
    if found is None:
        return False
    what, key = found
    if what == "p":
        set_mail(key, on=False)
    else:
        Subscription.objects.filter(pk=key).delete()
    return True


def remove(owner: Owner, key: UUID) -> None:
    """Ends one of the owner's own subscriptions."""
    Subscription.objects.filter(pk=key, **owner.fields()).delete()


def set_mail(person: UUID, *, on: bool) -> None:
    """Whether a person is told by e-mail."""
    if on:
        NoMail.objects.filter(pk=person).delete()
    else:
        NoMail.objects.get_or_create(pk=person)


def tidy(now: datetime) -> int:
    """Deletes addresses nobody may keep any longer: never agreed to, or of matters past their time."""
    gone = Subscription.objects.filter(confirmed_at=None, made_at__lt=now - WAITS).delete()[0]
    of_matters = Subscription.objects.filter(matter__isnull=False)
    matters = of_matters.values("matter").distinct()
    here = Matter.objects.filter(pk__in=matters)
    for procedure, version in here.exclude(closed_at=None).values_list("procedure", "version").distinct():
        keep = city().procedure(procedure, version).definition.keep.default
        ended = here.filter(procedure=procedure, version=version, closed_at__lt=_back(now, keep))
        gone += of_matters.filter(matter__in=ended.values("pk")).delete()[0]
    gone += of_matters.exclude(matter__in=here.values("pk")).delete()[0]
    old = Q(state=Delivery.State.DONE, made_at__lt=now - DELIVERED_KEPT) | Q(made_at__lt=now - GIVEN_UP_KEPT)
    Delivery.objects.filter(old).exclude(state=Delivery.State.WAITING).delete()
    return gone


def _back(now: datetime, keep: Limit) -> datetime:
    """So long before now. A keep period is of months or years: working days in it count as days."""
    if keep.span is Span.MONTH:
        year, month = divmod(now.year * 12 + now.month - 1 - keep.amount, 12)
        return now.replace(year=year, month=month + 1, day=min(now.day, 28))
    unit = keep.span.removeprefix("working ")
    return now - timedelta(**{f"{unit}s": keep.amount})


def _made(owner: Owner, way: Way, address: str, keys: dict[str, str]) -> Subscription:
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    if len(subscriptions(owner)) >= MOST and not _has(owner, way, address):
        raise _unfit(address, _("there are %(most)s already") % {"most": MOST}, _("End one of them first"))
    found, _new = Subscription.objects.get_or_create(
        **owner.fields(), way=way, address=address, defaults={"keys": keys, "language": language}
    )
    if found.language != language:
        found.language = language
        found.save(update_fields=["language"])
    return found


def _has(owner: Owner, way: Way, address: str) -> bool:
    return Subscription.objects.filter(**owner.fields(), way=way, address=address).exists()


def _unfit(address: str, reason: str, cure: str) -> NotSubscribed:
    return NotSubscribed(address[:60] or _("No address"), reason=reason, cure=cure)


def _to_end(token: str) -> tuple[str, UUID] | None:
    try:
        said = _ending.unsign(token)
        return said[:1], UUID(said[1:])
    except (BadSignature, ValueError):
        return None


def _read(signer: Signer, token: str) -> UUID | None:
    try:
        return UUID(signer.unsign(token))
    except (BadSignature, ValueError):
        return None


def _later(task: str, **arguments: Any) -> None:
    from procrastinate.contrib.django import app

    app.configure_task(task).defer(**arguments)
