"""Bringing a notice to one who is told: a letter with a way to end it, or a message to a device."""

import json
import logging
from collections.abc import Mapping, Sequence
from smtplib import SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from mumian.engine.models import Matter
from mumian.notices import posting, pushing, subscribing
from mumian.notices.models import NoMail, Subscription, Way
from mumian.notices.wording import MOST, News, news
from mumian.people.models import Person

log = logging.getLogger(__name__)
GONE = {404, 410}
"""By these a push service says that the device wants no more (RFC 8030, 7.3)."""
LONGEST = 600
"""Characters of a message, so that it fits into what a push service takes."""
TOO_MANY, BROKEN = 429, 500


def to_person(key: UUID, of: Mapping[UUID, Sequence[int]]) -> None:
    """A letter to a person, in his or her language."""
    person = Person.objects.filter(pk=key, is_active=True).exclude(email="").first()
    if person is None or NoMail.objects.filter(pk=key).exists():
        return
    with override(person.language):
        told = news(person, of)
        _mail(person.email, told, _count(told, of), subscribing.token_to_end(person=key))


def to_subscription(key: UUID, of: Mapping[UUID, Sequence[int]]) -> None:
    """A letter or a message for a subscription that is still there."""
    found = Subscription.objects.filter(pk=key, confirmed_at__isnull=False).first()
    if found is None:
        return
    with override(found.language):
        told = news(found, of)
        if not told:
            return
        if found.way == Way.MAIL:
            _mail(found.address, told, _count(told, of), subscribing.token_to_end(subscription=key))
        else:
            _push(found, told, _count(told, of))


def _count(told: Sequence[News], of: Mapping[UUID, Sequence[int]]) -> int:
    """Of how many matters there is news: those told of, and those beyond what one notice tells."""
    return len(told) + max(0, len(of) - MOST)


def ask(key: UUID) -> None:
    """Asks the owner of an address whether notices of a matter may come there; the letter says nothing of the matter."""
    found = Subscription.objects.filter(pk=key, confirmed_at=None, matter__isnull=False).first()
    numbers = Matter.objects.filter(pk__in=[found.matter] if found else []).values_list("number", flat=True)
    if found is None or (number := numbers.first()) is None:
        return
    with override(found.language):
        url = settings.SITE_URL + reverse("web:notices-agree", args=[subscribing.token_to_agree(found)])
        said = _(
            "Somebody gave this address for notices about report %(number)s. If it was you, open this link and "
            "agree:\n\n%(url)s\n\nIf it was not you, do nothing: no more letters come."
        )
        _post(found.address, _("Notices about %(number)s: please agree") % {"number": number},
              said % {"number": number, "url": url})  # fmt: skip


def _mail(address: str, told: Sequence[News], count: int, token: str) -> None:
    if not told:
        return
    ending = settings.SITE_URL + reverse("web:notices-end", args=[token])
    subject = _headline(told, count)
    parts = [each.letter() for each in told]
    if count > len(told):
        parts.append(_("and %(count)s more") % {"count": count - len(told)})
    parts.append("-- \n" + _("To get no more of these: %(url)s") % {"url": ending})
    _post(address, subject, "\n\n".join(parts), ending)


def _headline(told: Sequence[News], count: int) -> str:
    if count > 1:
        return ngettext("News of %(count)d matter", "News of %(count)d matters", count) % {"count": count}
    return f"{told[0].number} · {told[0].state}"


def _post(address: str, subject: str, body: str, ending: str = "") -> None:
    """Sends a letter; it can be ended by one press in the reader's own program (RFC 8058)."""
    headers = {"Auto-Submitted": "auto-generated"}
    if ending:
        headers |= {"List-Unsubscribe": f"<{ending}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    try:
        EmailMessage(subject, body, to=[address], headers=headers).send()
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _said in error.recipients.values()):
            raise
        log.warning("a letter was refused for good by the mail server")


def _push(found: Subscription, told: Sequence[News], count: int) -> None:
    first = told[0]
    message = {
        "title": _headline(told, count),
        "body": "\n".join(
            [first.about, first.sentence()] if count == 1 else [each.number for each in told[:5]]
        )[:LONGEST],
        "url": settings.SITE_URL + reverse("web:board") if found.person and count > 1 else first.url,
        "tag": first.number,
        "lang": found.language,
    }
    try:
        answer = pushing.send(found.address, found.keys, json.dumps(message, ensure_ascii=False).encode())
    except (posting.NotAllowed, ValueError) as error:
        log.warning("a device cannot be reached: %s", error)
        found.delete()
        return
    if answer.status in GONE:
        found.delete()
    elif answer.status == TOO_MANY or answer.status >= BROKEN:
        raise posting.NotReached(f"{answer.status} {answer.text}")
    elif not answer.taken:
        log.warning("a push service refused a message: %s %s", answer.status, answer.text)
