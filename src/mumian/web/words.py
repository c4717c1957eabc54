"""Dates, spans, figures and texts in the reader's words: the active language and the city's zone.

Chinese reads 11月27日 18:00 and drops the current year; English reads 27 Nov 2026, 18:00 and keeps it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

Text = Mapping[str, str] | str | None
"""A text in each language, `{zh: 网格, en: Grid}`, or one that is the same in all."""

_LOCALES = {"zh": Locale("zh", script="Hans"), "en": Locale("en", "GB")}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def language() -> str:
    """The key under which texts in the active language are kept: `zh` or `en`."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def in_words(text: Text) -> str:
    """A text in the active language, else in any it has, else empty."""
    if isinstance(text, Mapping):
        return text.get(language()) or next((other for other in text.values() if other), "")
    return str(text) if text is not None else ""


def moment(value: datetime | date, *, now: datetime | None = None) -> str:
    """A time as one would say it: 今天 18:00, 明天 10:00, else its date. A plain date has no hour."""
    if not isinstance(value, datetime):
        return _near(value, now) or day(value, now=now)
    value = timezone.localtime(value)
    if near := _near(value.date(), now):
        return _("%(day)s %(time)s") % {"day": near, "time": _time(value)}
    return _("%(date)s, %(time)s") % {"date": day(value, now=now), "time": _time(value)}


def full(value: datetime | date) -> str:
    """A time with its date and year, whatever the day: for titles, documents and print."""
    if not isinstance(value, datetime):
        return _date(value, "yMMMd")
    value = timezone.localtime(value)
    return _("%(date)s, %(time)s") % {"date": _date(value, "yMMMd"), "time": _time(value)}


def day(value: datetime | date, *, now: datetime | None = None) -> str:
    """The date alone; Chinese leaves out the current year."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    short = language() == "zh" and value.year == timezone.localtime(now).year
    return _date(value, "MMMd" if short else "yMMMd")


def span(length: timedelta) -> str:
    """A length of time in whole minutes, hours or days, rounded down: what is said to be left is left."""
    length = abs(length)
    if length >= 2 * DAY:
        return ngettext("%(count)d day", "%(count)d days", length // DAY) % {"count": length // DAY}
    if length >= HOUR:
        return ngettext("%(count)d hour", "%(count)d hours", length // HOUR) % {"count": length // HOUR}
    return ngettext("%(count)d minute", "%(count)d minutes", length // MINUTE) % {"count": length // MINUTE}


def ago(value: datetime, *, now: datetime | None = None) -> str:
    """How long ago something was, or how soon it will be: 3分钟前, in 2 hours."""
    gone = (now or timezone.now()) - value
    if abs(gone) < MINUTE:
        return _("just now")
    return (_("%(span)s ago") if gone > timedelta(0) else _("in %(span)s")) % {"span": span(gone)}


def number(value: int | float | Decimal) -> str:
    """A figure with its thousands apart: 18,204."""
    if isinstance(value, int) and 0 <= value < 1000:
        return str(value)
    return format_decimal(value, locale=_LOCALES[language()])


def share(value: float | Decimal, digits: int = 0) -> str:
    """A part of one as per cent: 0.92 is 92%, and 0.907 with one digit is 90.7%."""
    pattern = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
    return format_percent(value, format=pattern, locale=_LOCALES[language()])


def money(value: Decimal | int) -> str:
    """An amount in yuan."""
    return format_currency(value, "CNY", locale=_LOCALES[language()])


def _near(value: date, now: datetime | None) -> str | None:
    distance = (value - timezone.localtime(now).date()).days
    return {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get(distance)


def _date(value: date, skeleton: str) -> str:
    return format_skeleton(skeleton, value, locale=_LOCALES[language()])


def _time(value: datetime) -> str:
    return format_time(value, "HH:mm", locale=_LOCALES[language()])
